"""Pictures, videos and other foreign things that shortcodes and tags put on a page."""

import re
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urlsplit

from blog.transfer.source import Source
from blog.transfer.wording import one_line, plain

_ARGUMENT = re.compile(
    r"(?:(?P<name>[A-Za-z_][\w-]*)\s*=\s*)?"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|“(?P<curly>[^”]*)”|(?P<bare>[^\s\"',()=]+))"
)
_PICTURES = ("figure", "img", "image", "picture", "photo", "responsive-image", "responsive_image")
_COVERS = (
    "image",
    "cover",
    "banner",
    "featured_image",
    "hero",
    "thumbnail",
    "cover_image",
    "featuredimage",
    "feature_image",
    "heroimage",
    "hero_image",
    "cover_picture",
    "header_image",
    "post_image",
)
_ADDRESSES = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "gist": "https://gist.github.com/{}",
    "tweet": "https://twitter.com/i/status/{}",
    "instagram": "https://www.instagram.com/p/{}/",
}
_SAME = {"twitter": "tweet", "x": "tweet", "youtubeplayer": "youtube", "yt": "youtube"}
_IDENTITY = re.compile(r"[\w-]+(?:/[\w-]+)?")
_FRAME = re.compile(
    r"<(?:iframe|embed)\b[^<>]*?\ssrc\s*=\s*[\"']?((?:https?:)?//[^\s\"'<>]+)[^<>]*>(?:\s*</(?:iframe|embed)\s*>)?",
    re.IGNORECASE,
)
_GIST_SCRIPT = re.compile(
    r"<script\b[^<>]*?\ssrc\s*=\s*[\"']?(https://gist\.github\.com/[\w/-]+)\.js[^<>]*>\s*</script\s*>", re.IGNORECASE
)
_EMBED_PATHS = re.compile(r"youtube(?:-nocookie)?\.com/embed/([\w-]+)|player\.vimeo\.com/video/(\d+)")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a shortcode was given: `named` by key, the rest by place."""

    named: dict[str, str]
    placed: list[str]

    @classmethod
    def read(cls, text: str) -> "Arguments":
        named: dict[str, str] = {}
        placed: list[str] = []
        for found in _ARGUMENT.finditer(text):
            value = next(found[group] for group in ("double", "single", "curly", "bare") if found[group] is not None)
            if found["name"]:
                named[found["name"].lower()] = value
            else:
                placed.append(value)
        return cls(named, placed)

    def first(self, *names: str) -> str:
        return next((self.named[name] for name in names if self.named.get(name)), "")


def embedded(name: str, arguments: Arguments, source: Source) -> str | None:
    """What the shortcode shows, in plain words of the body's own markup; None for one we do not know."""
    name = name.lower().rpartition("/")[2].split(".")[0]
    kind = _SAME.get(name, name)
    if kind in _PICTURES or kind.startswith("image"):
        return _figure(arguments, source)
    known = next((known for known in _ADDRESSES if kind.startswith(known)), None)
    return _elsewhere(known, arguments, source) if known else None


def image(alt: str, target: str, source: Source) -> str:
    if source.is_html:
        return f'<img src="{escape(target)}" alt="{escape(plain(alt))}">'
    return f"![{_escaped(alt)}]({_bracketed(target)})"


def link(address: str, source: Source) -> str:
    return f'<a href="{escape(address)}">{escape(address)}</a>' if source.is_html else f"<{address}>"


def frames_as_links(text: str, source: Source) -> str:
    """A frame shows a foreign page inside ours, which no reader's browser would let it do."""

    def linked(found: re.Match[str]) -> str:
        address = unescape(found[1])
        address = f"https:{address}" if address.startswith("//") else address
        source.note("an embedded page became a link to it")
        return link(_watched(address), source)

    return _GIST_SCRIPT.sub(linked, _FRAME.sub(linked, text))


def _watched(address: str) -> str:
    video = _EMBED_PATHS.search(address)
    if not video:
        return address
    return _ADDRESSES["youtube"].format(video[1]) if video[1] else _ADDRESSES["vimeo"].format(video[2])


def _figure(arguments: Arguments, source: Source) -> str | None:
    target = arguments.first("src", "url", "path", "image_path", "file", "name") or "".join(arguments.placed[:1])
    caption = arguments.first("caption", "title")
    alt = arguments.first("alt") or max(arguments.placed[1:], key=len, default="") or caption
    if not target or re.match(r"(?i)(?:javascript|data|vbscript):", target):
        return None
    if "/" in target and not target.startswith(("/", ".")) and not source.find(target) and not urlsplit(target).scheme:
        target = f"/{target}"  # tags of static sites count from the root
    shown = image(alt, target, source)
    if not caption:
        return shown
    caption = one_line(caption)
    if source.is_html:
        return f"{shown}<br><em>{escape(caption)}</em>"
    return f"{shown}\n" + (caption if "*" in caption else f"*{caption}*")


def _elsewhere(kind: str, arguments: Arguments, source: Source) -> str | None:
    identity = arguments.first("id", "video", "video_id", "url", "src", "slug") or _last(arguments)
    user = arguments.first("user", "username")
    if identity.startswith(("https://", "http://")):
        return link(_watched(identity), source)
    if kind == "gist":
        identity = "/".join(part for part in (user, identity) if part) if user else "/".join(arguments.placed[:2])
    if kind == "youtube" and not identity:
        identity = _assigned(source)
    if not _IDENTITY.fullmatch(identity):
        return None
    return link(_ADDRESSES[kind].format(identity), source)


def _last(arguments: Arguments) -> str:
    return arguments.placed[-1] if arguments.placed else ""


def _assigned(source: Source) -> str:
    """Some blogs set variables first and include a template that reads them."""
    names = [name for name in source.variables if name.endswith(("slug", "id")) and source.variables[name]]
    return source.variables[names[-1]] if names else ""


def _escaped(alt: str) -> str:
    return re.sub(r"([\[\]\\])", r"\\\1", plain(alt))


def _bracketed(target: str) -> str:
    return f"<{target}>" if re.search(r"[\s()]", target) else target


def cover(source: Source, body: str) -> tuple[str, str]:
    """The picture its front matter names, as a token, and what it shows; nothing where the body shows it already."""
    values = source.values
    for key in _COVERS:
        target, alt = _cover_entry(values.get(key))
        if not target or target.lower() in ("true", "false"):
            continue
        token = source.picture(target)
        if not token or re.search(rf"{token}(?!\d)", body):
            return "", ""
        alt = alt or next((text for end in ("_alt", "alt") if isinstance(text := values.get(key + end), str)), "")
        return token, plain(alt)
    return "", ""


def _cover_entry(value: object) -> tuple[str, str]:
    """Its address and its alt text."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        target = next((value[key] for key in ("image", "src", "url", "path", "feature") if value.get(key)), "")
        alt = value.get("alt")
        return str(target).strip(), alt if isinstance(alt, str) else ""
    return (value.strip() if isinstance(value, str) else ""), ""
