"""Where a post used to live, and the name its address should end in."""

import posixpath
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from blog.transfer.source import DATED_NAME, Source
from blog.transfer.wording import texts

LONGEST_PATH = 1000

_OLD_URL = re.compile(r"(?:tumblr|wordpress|blogger|posterous|medium|original|old|legacy|previous)_(?:url|permalink)s?")
_JEKYLL_STYLES = {"date", "pretty", "ordinal", "weekdate", "none"}
_PLACEHOLDER = re.compile(r":(?:[a-z_]+)|:\{[^{}]*\}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\\ufffd]")
_PAGE_ENDINGS = re.compile(r"\.(?:html?|php|aspx?|md)$", re.IGNORECASE)


def old_paths(source: Source, slug: str) -> list[str]:
    """Site-absolute and clean, each once; addresses that end in a slash or an index page also without it."""
    values = source.values
    found: dict[str, None] = {}
    for key in ("permalink", "path", "url", "aliases", "alias", "redirect_from"):
        for written in texts(values.get(key)):
            found |= dict.fromkeys(_paths(written, source, slug))
    for key in (key for key in values if _OLD_URL.fullmatch(key)):
        for written in (text for text in texts(values[key]) if urlsplit_safely(text)[0]):
            found |= dict.fromkeys(_paths(written, source, slug))
    return list(found)


def slug(source: Source, stem: str) -> str:
    """As the front matter wishes it, else after the address the post had, else after the file."""
    for key in ("slug", "basename"):
        if wished := _last_part(_text(source.values, key)):
            return wished
    for key in ("permalink", "path", "url"):
        written = _text(source.values, key)
        last = _PAGE_ENDINGS.sub("", _last_part(urlsplit_safely(written)[1]))
        if last and last != "index" and written not in _JEKYLL_STYLES and not _PLACEHOLDER.search(last):
            return last
    return stem


def bare_name(source: Source, stem: str) -> str:
    """The file's name without its date; for the index of a folder bundle, the folder's."""
    if stem.lower() in ("index", "readme") and source.folders:
        stem = source.folders[-1]
    dated = DATED_NAME.fullmatch(stem)
    return (dated[4] if dated else None) or stem


def urlsplit_safely(written: str) -> tuple[str, str]:
    """The host and the path."""
    try:
        parts = urlsplit(written.strip())
    except ValueError:
        return "", ""
    return parts.netloc, parts.path


def _paths(written: str, source: Source, slug: str) -> list[str]:
    path = unquote(urlsplit_safely(_expanded(written, source, slug))[1])
    if not path or path in _JEKYLL_STYLES:
        return []
    if _UNFIT.search(path) or len(path) > LONGEST_PATH:
        source.note("an old address that no browser could ask for was dropped")
        return []
    clean = posixpath.normpath("/" + path.lstrip("/"))
    as_written = clean + "/" if path.endswith("/") and clean != "/" else clean
    without_index = re.sub(r"/index\.html?$", "", clean)
    return [path for path in dict.fromkeys((as_written, clean, without_index)) if path not in ("", "/")]


def _expanded(written: str, source: Source, slug: str) -> str:
    """Jekyll's templates, as far as what they ask for is known."""
    if not re.search(r"/:[a-z]|^:[a-z]", written):
        return written
    names = {":title": slug, ":slug": slug, ":name": slug, ":categories": "", ":output_ext": ".html"}
    dated = DATED_NAME.fullmatch(source.path.stem)
    if dated:
        names |= {":year": dated[1], ":month": dated[2].zfill(2), ":day": dated[3].zfill(2)}
        names |= {":i_month": str(int(dated[2])), ":i_day": str(int(dated[3]))}
    path = _PLACEHOLDER.sub(lambda found: names.get(found[0], found[0]), written)
    if _PLACEHOLDER.search(path):
        source.note(f"the address pattern '{written[:100]}' could not be filled in")
        return ""
    return re.sub("/{2,}", "/", path)  # two slashes in front would make the next part a host


def _text(values: dict[str, Any], key: str) -> str:
    return values[key].strip() if isinstance(values.get(key), str) else ""


def _last_part(path: str) -> str:
    return unquote(path.strip("/ ").rpartition("/")[2])
