"""A folder of posts, as Jekyll, Hugo, Zola, Eleventy or Gatsby keep it, read into records file by file."""

import re
from datetime import tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from blog.transfer import addresses, bylines, fields, frontmatter, language
from blog.transfer.dialects import rewritten
from blog.transfer.embeds import cover
from blog.transfer.from_html import TooMuch, to_markdown
from blog.transfer.frontmatter import BrokenFrontMatter, FrontMatter
from blog.transfer.records import PostRecord, Refusal
from blog.transfer.source import PICTURES, POSTS, Source, forget_names, is_inside, source_name, walked
from blog.transfer.wording import cleaned, texts

LARGEST_FILE = 2 * 1024 * 1024
LONGEST_BODY = 1_000_000

_TEMPLATE_FOLDERS = {"_includes", "_layouts", "_data", "_sass", "_plugins", "_site", "node_modules"}
_PAPERS = re.compile(
    r"readme|licen[cs]e|copying|change-?log|changes|contributing|code[_-]of[_-]conduct|security|authors|notice|404",
    re.IGNORECASE,
)
_REFRESH = re.compile(r"<meta\b(?=[^<>]*http-equiv=[\"']?refresh)[^<>]*?url\s*=\s*[\"']?([^\s\"'<>]+)", re.IGNORECASE)
_LISTS = re.compile(r"\{%-?\s*for\s[^%{}]*(?:site\.posts|paginator|collections\.)")
_FROM_EXTRA = {"author", "authors", "image", "cover", "banner", "thumbnail", "hero", "featured_image", "feature_image",
               "image_alt", "lang", "description", "summary", "subtitle"}  # fmt: skip


class NotAPost(Exception):
    """The text is the reason, one sentence."""


def files_in(folder: Path) -> list[Path]:
    """Every file to be accounted for, in order. Hidden ones, and links that lead out of the folder, are left out."""
    forget_names()
    return walked(folder)


def read_file(path: Path, *, folder: Path, zone: ZoneInfo) -> PostRecord | Refusal | None:
    """The post in a file, or why there is none. None: a picture, which comes in with the post that shows it."""
    name = source_name(path, folder)
    try:
        if _is_picture(path, folder):
            return None
        return _read(path, folder, zone)
    except (NotAPost, TooMuch) as reason:
        return Refusal(name, str(reason))
    except BrokenFrontMatter as error:
        return Refusal(name, f"Its front matter is broken: {error}.")
    except RecursionError:
        return Refusal(name, "It is nested too deeply to be read.")
    except (OSError, ValueError) as error:
        return Refusal(name, f"It could not be read ({cleaned(str(error))[:200]}).")


def _is_picture(path: Path, folder: Path) -> bool:
    return path.suffix.lower() in PICTURES and is_inside(path, folder) and path.is_file()


def _read(path: Path, folder: Path, zone: tzinfo) -> PostRecord:
    _check_place(path, folder)
    text = _text(path)
    is_html = path.suffix.lower() in (".html", ".htm")
    _check_redirect(text if is_html else "")
    matter = frontmatter.split(text)
    source = Source(path, folder, _with_extra(matter.values), is_html, changes=list(matter.changes))
    _check_kind(source, matter)
    post = _record(source, matter, zone)
    post.digest = sha256(path.read_bytes()).hexdigest()
    return post


def _check_place(path: Path, folder: Path) -> None:
    if not is_inside(path, folder):
        raise NotAPost("It lies outside the folder.")
    if not path.is_file():
        raise NotAPost("It is not a file.")
    if path.suffix.lower() == ".svg":
        raise NotAPost("SVG pictures are not taken, because they can carry scripts.")
    if path.suffix.lower() not in POSTS:
        raise NotAPost("It is not a Markdown or HTML file.")
    between = path.resolve().relative_to(folder.resolve()).parts[:-1]
    if template := next((name for name in between if name in _TEMPLATE_FOLDERS), None):
        raise NotAPost(f"It is a part of the old site's templates ({template}), not a post.")
    if path.stem.split(".")[0] == "_index":
        raise NotAPost("It is a section page, not a post.")


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST_FILE:
        raise NotAPost(f"It is larger than {LARGEST_FILE // 1024 // 1024} MB.")
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotAPost(f"It is not UTF-8 text: byte {error.start + 1} cannot be read.") from None
    if "\0" in text:
        raise NotAPost("It is not text: it holds NUL bytes.")
    if not text.strip():
        raise NotAPost("It is empty.")
    return cleaned(text.replace("\r\n", "\n").replace("\r", "\n"))


def _check_redirect(html: str) -> None:
    refresh = _REFRESH.search(html)
    if refresh:
        raise NotAPost(f"It is only a redirect to {refresh[1][:200]}.")


def _check_kind(source: Source, matter: FrontMatter) -> None:
    values, stem = source.values, source.path.stem
    elsewhere = values.get("redirect_to") or values.get("redirect")
    if elsewhere or str(values.get("layout")).lower() in ("redirect", "redirected"):
        address = next(iter(texts(elsewhere or values.get("url"))), "another address")
        raise NotAPost(f"It is only a redirect to {address[:200]}.")
    if source.is_html and not matter.kind:
        raise NotAPost("It is an HTML file without front matter, so it is a page or a template and not a post.")
    if _PAPERS.fullmatch(stem) and not values.get("title"):
        raise NotAPost("It is a paper about the project or a page of the site, not a post.")
    if stem == "index" and _LISTS.search(matter.body):
        raise NotAPost("It is a page that lists posts, not a post.")
    if not matter.body.strip():
        raise NotAPost("It has no text beneath its front matter.")


def _record(source: Source, matter: FrontMatter, zone: tzinfo) -> PostRecord:
    stem, lang = _stem_and_language(source)
    title = fields.title(source, matter.body, stem)
    source.values = {**source.values, "title": title}
    body = _body(source, matter.body, title)
    slug = addresses.slug(source, stem)
    post = PostRecord(
        source=source.name,
        title=title,
        slug=f"{slug}-{lang.lower()}" if lang else slug,
        body=body,
        summary=fields.summary(source.values),
        tags=fields.tags(source, matter.kind),
        authors=bylines.authors(source),
        updated_at=fields.updated_at(source, zone),
        language=lang or language.of_values(source),
        members_only=fields.is_for_members(source.values),
        is_page=fields.is_page(source.values),
        old_paths=addresses.old_paths(source, slug),
    )
    post.cover, post.cover_alt = cover(source, body)
    fields.note_expiry(source, zone)
    if not fields.is_draft(source):
        post.published_at = fields.published_at(source, zone)
    post.pictures, post.links, post.changes = source.pictures, source.links, source.changes
    return post


def _stem_and_language(source: Source) -> tuple[str, str | None]:
    """The name the file suggests, and the language that its place or its name tells."""
    stem, lang = language.of_name(source.path.stem)
    return cleaned(addresses.bare_name(source, stem)), lang or language.of_folders(source.folders)


def _body(source: Source, text: str, title: str) -> str:
    body = rewritten(text, source)
    if source.is_html:
        body = to_markdown(body, source)
    body = fields.without_heading(body, title).strip("\n")
    if not body.strip():
        raise NotAPost("It has no text besides template tags.")
    if len(body) > LONGEST_BODY:
        raise NotAPost(f"Its text is longer than {LONGEST_BODY:,} characters.")
    return body + "\n"


def _with_extra(values: dict[str, Any]) -> dict[str, Any]:
    """Zola and Hugo keep a theme's own facts one level down."""
    for place in ("extra", "params"):
        inner = values.get(place)
        if isinstance(inner, dict):
            values = {**{key: inner[key] for key in inner.keys() & _FROM_EXTRA}, **values}
    return values
