"""HTML bodies turned into Markdown, in which no tag is live any more."""

import re
from typing import Any, Protocol

import nh3
from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from blog.transfer.aside import fence_for

LONGEST = 2_000_000  # characters, markup included
DEEPEST = 150

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_NEED_NO_END = {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "colgroup", "br", "hr",
                "img", "input", "col", "meta", "link", "source", "wbr", "area", "embed", "param", "base"}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel", "post"}
_ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "pre": {"class", "lang"},
    "code": {"class"},
    "div": {"class"},
}
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|brush:|highlight-source|highlight)[-: ]?([\w+#.-]+)", re.IGNORECASE)
_FENCED = re.compile(r"(^[ \t>]*(`{3,})[^\n]*\n[\s\S]*?^[ \t>]*\2[ \t]*$)", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_SIGNS = ("highlight", "highlighter-rouge", "code", "chroma", "source", "prettyprint", "linenums")


class Place(Protocol):
    """Where the HTML was found, which says where its links lead."""

    def target(self, written: str) -> str: ...


class TooMuch(Exception):
    """The text says what there is too much of."""


class _Converter(MarkdownConverter):
    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Code is what its author typed, whatever colours a highlighter put around the letters."""
        for line in el.find_all("br"):
            line.replace_with("\n")
        code = el.get_text()
        code = code[1:] if code.startswith("\n") else code
        fence = fence_for(code)
        return f"\n\n{fence}{_language(el)}\n{code.removesuffix(chr(10))}\n{fence}\n\n"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A picture stays one in tables and headings too, where the converter would leave only its alt text."""
        parent: Any = super()
        return str(parent.convert_img(el, text, parent_tags - {"_inline"}))

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        address = str(el.get("href") or "")
        if address == el.get_text() and address.startswith(("http://", "https://")):
            return f"<{address}>"
        parent: Any = super()
        return str(parent.convert_a(el, text, parent_tags))


def to_markdown(html: str, source: Place) -> str:
    """Raises TooMuch where the text is longer, or its elements nested deeper, than any post."""
    if _depth(html) > DEEPEST:
        raise TooMuch("Its HTML is nested too deeply.")
    clean = nh3.clean(html, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    if len(clean) > LONGEST:
        raise TooMuch(f"Its HTML is longer than {LONGEST:,} characters.")
    soup = BeautifulSoup(clean, "html.parser")
    for tag, attribute in (("img", "src"), ("a", "href")):
        for element in soup.find_all(tag):
            if written := str(element.get(attribute) or ""):
                element[attribute] = source.target(written)
    options: dict[str, Any] = {"heading_style": ATX, "bullets": "-", "escape_misc": True, "table_infer_header": True}
    text = str(_Converter(**options).convert_soup(soup))
    return _tidied(text)


def _depth(html: str) -> int:
    """How deep elements stand in one another, counted in one pass: a parser would take minutes over 100,000."""
    deepest = depth = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() not in _NEED_NO_END:
            depth = max(0, depth - 1) if tag[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _language(element: Tag) -> str:
    code = element.find("code")
    nearby = [element, code, element.parent, element.parent.parent if element.parent else None]
    for tag in (tag for tag in nearby if isinstance(tag, Tag)):
        classes = " ".join(tag.get("class") or [])
        found = _LANGUAGE.search(classes)
        if found and found[1].lower() not in _SIGNS:
            return found[1]
    return str(element.get("lang") or "")


def _tidied(text: str) -> str:
    """No rows of empty lines, except in code."""
    pieces = _FENCED.split(text)
    # The split gives prose, a whole fence, and the fence's backticks, over and over.
    pieces[::3] = [_EMPTY_LINES.sub("\n\n", prose) for prose in pieces[::3]]
    del pieces[2::3]
    return "".join(pieces).strip("\n") + "\n"
