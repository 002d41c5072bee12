"""Small rules about words that every part of an import shares."""

import html
import re

# Control characters break feeds and databases, lone surrogates every encoder; the two noncharacters mark code
# that was put aside (see `aside`).
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufdd0\ufdd1\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_TAGS = re.compile(r"<!--.{0,2000}?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_LINKED = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\n]*\)|\[[^\[\]]*\])")
_EMPHASIS = re.compile(r"(?<!\w)([*_]{1,3}|~~)(?=\S)([^*_~\n]+)(?<=\S)\1(?!\w)")
_MARKS_AHEAD = re.compile(r"^[ \t]*(?:#{1,6}|>|[-*+])[ \t]+", re.MULTILINE)


def cleaned(text: str) -> str:
    """The text with nothing in it that a database or a feed would choke on."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _UNWANTED.sub("", text))


def one_line(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """Markdown or HTML as one line of plain text."""
    text = _LINKED.sub(r"\1", _TAGS.sub(" ", text))
    text = _EMPHASIS.sub(r"\2", _MARKS_AHEAD.sub("", text))
    text = html.unescape(text.replace("`", ""))
    return re.sub(r" ([.,;:!?])", r"\1", one_line(text))


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, cut between words."""
    if len(text) <= longest:
        return text
    head, _, tail = text[:longest].rpartition(" ")
    return (head if len(head) > longest // 2 else (head + tail)[: longest - 1]).rstrip(" ,;:.-") + "…"


def is_true(value: object) -> bool:
    return str(value).strip().lower() in ("true", "yes", "on", "1", "y")


def is_false(value: object) -> bool:
    return str(value).strip().lower() in ("false", "no", "off", "0", "n")


def texts(value: object) -> list[str]:
    """Every text in a value that may be one text, a list, a list of lists, or entries that carry a name."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    if isinstance(value, dict):
        named = next((value[key] for key in ("name", "title", "label", "slug") if value.get(key)), None)
        return texts(named)
    return []


def unique(values: list[str]) -> list[str]:
    """In the order given; the first spelling wins."""
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(value.casefold(), value)
    return list(found.values())
