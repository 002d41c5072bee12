"""HTML that may stand on a page: what is left of anybody's HTML when nothing in it can act. Pure functions."""

import re
from html import escape, unescape
from itertools import pairwise
from typing import Any

import nh3
from pygments.token import STANDARD_TYPES

from blog.picture_names import name_in
from blog.picture_tags import picture, plain

HTML_LIMIT = 8_000_000  # characters; only a text made for it swells so
MOST_WIDTHS = 200  # pictures of a text that come in all their widths, each of which is a line of addresses
DEEPEST = 200  # open tags within one another: the sanitiser's time grows with the square of it

_CLASSES = {
    "a": {"anchor"},
    "figure": {"code"},
    "div": {"scroll"},
    "ul": {"tasks"},
    "section": {"footnotes"},
    "th": {"num", "middle"},
    "td": {"num", "middle"},
    "span": {name for name in STANDARD_TYPES.values() if name},
}
_TAGS = frozenset(
    """
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q rp rt ruby s samp section
    small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    """.split()  # noqa: SIM905 - a list of words is easier to read than one of strings
)
_ATTRIBUTES = {
    "*": {"dir", "id", "lang", "title"},
    "a": {"href", "aria-label"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "details": {"open"},
    "div": {"aria-label"},
    "img": {"src", "alt"},
    "input": {"checked"},
    "ins": {"datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "section": {"aria-label"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
}
_ADDRESSES = {"href", "src", "cite"}
# Old names of what we have, and the first level, which is the page's.
_RENAMED = re.compile(r"<(/?)(h1|center|tt|strike)\b", re.IGNORECASE)
_NEW_NAMES = {"h1": "h2", "center": "div", "tt": "code", "strike": "s"}
_LINK_OR_IMG = re.compile(r'(?P<link></a>|<a(?: [a-z-]+="[^"]*")*>)|<img(?P<attributes>(?: [a-z-]+="[^"]*")*)>')
_NAMELESS_BOX = re.compile(r'<input(?! [^>]*aria-label=)(?: [a-z-]+="[^"]*")*>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_SCRIPT = re.compile(r"<(/?)(script|style)\b[^<>]*>", re.IGNORECASE)
# What is no tag of ours is words: "the <title> element", "List<T>". A browser would swallow what follows.
_FOREIGN = re.compile(r"</?([a-zA-Z][^\s/<>]*)")
_KNOWN = _TAGS | _NEW_NAMES.keys()
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def sanitised(html: str) -> str:
    """Only what the prose style sheet knows: no script, no style, no form, nothing loaded from elsewhere."""
    if len(html) > HTML_LIMIT or _nests_too_deep(html):
        return f"<pre>{escape(html[:HTML_LIMIT])}</pre>"
    seen: set[str] = set()

    def keep(tag: str, name: str, value: str) -> str | None:
        if name in _ADDRESSES and _hides_its_beginning(value):
            return None
        if name != "id":
            return value
        if value in seen or value.startswith("site-"):  # the page's own ids begin so
            return None
        seen.add(value)
        return value

    html = _FOREIGN.sub(lambda tag: tag[0] if tag[1].lower() in _KNOWN else f"&lt;{tag[0][1:]}", _without_scripts(html))
    html = _RENAMED.sub(lambda tag: f"<{tag[1]}{_NEW_NAMES[tag[2].lower()]}", html)
    return _with_pictures(_NAMELESS_BOX.sub("", _cleaner(keep).clean(html)))  # a box that says nothing to a listener


def _hides_its_beginning(address: str) -> bool:
    """Whether it begins with what nobody sees, behind which a scheme may stand. Browsers take that for a part of a path
    today; nothing honest is lost with it."""
    return not address.lstrip(" \t\r\n")[:1].isprintable()


def _without_scripts(html: str) -> str:
    """The HTML without scripts and style sheets that have an end. One that has none is only a word to be shown."""
    kept, end = [], 0
    marks = list(_SCRIPT.finditer(html))
    for opening, closing in pairwise(marks):
        if opening.start() >= end and not opening[1] and closing[1] and opening[2].lower() == closing[2].lower():
            kept.append(html[end : opening.start()])
            end = closing.end()
    return "".join(kept) + html[end:]


def _cleaner(keep: Any) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        allowed_classes=_CLASSES,
        tag_attribute_values={
            "div": {"role": {"region"}, "tabindex": {"0"}},
            "pre": {"tabindex": {"0"}},
            "input": {"aria-label": {"Done", "To do"}},
        },
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    )


def _nests_too_deep(html: str) -> bool:
    depth = 0
    for closing, name in _TAG.findall(html):
        if name.lower() not in _VOID:
            depth += -1 if closing and depth else 1 - bool(closing)
            if depth > DEEPEST:
                return True
    return False


def _with_pictures(html: str) -> str:
    """Our own pictures, with their size so that nothing shifts; those of other sites as a link to them."""
    in_link = False
    seen = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal in_link, seen
        if found["link"]:
            in_link = found["link"] != "</a>"
            return found[0]
        seen += 1
        return _picture(found["attributes"], linked=in_link, frugal=seen > MOST_WIDTHS)

    return _LINK_OR_IMG.sub(replaced, html)


def _picture(written: str, *, linked: bool, frugal: bool) -> str:
    attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(written)}
    source, alt = attributes.get("src", ""), attributes.get("alt", "")
    if name_in(source):
        return plain(source, alt) if frugal else picture(source, alt)
    words = "Picture: " + escape(alt.strip() or source.rpartition("/")[2] or "without a name")
    return words if linked or not source else f'<a href="{escape(source)}" rel="noopener">{words}</a>'
