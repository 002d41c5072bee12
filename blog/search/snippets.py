"""The passage of a text that answers a query best, with the hits marked. Works on the text as it was written."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import islice

from markupsafe import Markup, escape

from blog import folding
from blog.folding import SEPARATORS, UNPARTED
from blog.search.query import Query, Term

LENGTH = 200
HITS_CONSIDERED = 500
_START, _END = f"(?<![^{SEPARATORS}\\s{UNPARTED}])", f"(?![^{SEPARATORS}\\s{UNPARTED}])"
_IGNORED = "[\u00ad\u0640\u064b-\u0655]*"  # marks that folding drops

Span = tuple[int, int, int]  # from, to, and which term


def marked(text: str, query: Query) -> Markup:
    """The whole text, escaped, with the hits marked."""
    text = unicodedata.normalize("NFC", text)
    return _dressed(text, _hits(text, query), 0, len(text))


def snippet(text: str, query: Query) -> Markup | None:
    """About two hundred characters round the best passage; None where the text holds no hit."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    hits = _hits(text, query)
    if not hits:
        return None
    best = _best(hits)
    start = max(0, best - LENGTH // 4)
    if start:
        start = _at_a_word(text, start, limit=best)
    end = min(len(text), start + LENGTH)
    if end < len(text):
        last = max(to for at, to, _ in hits if at == best)
        end = max(text.rfind(" ", start, end), last, start + LENGTH // 2)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return Markup("{}{}{}").format(before, _dressed(text, hits, start, end), after)


def _at_a_word(text: str, start: int, *, limit: int) -> int:
    space = text.find(" ", start, limit)
    return start if space < 0 else space + 1


def _hits(text: str, query: Query) -> list[Span]:
    plain = folding.aligned(text)
    each = HITS_CONSIDERED // max(1, len(query.wanted))
    hits = [
        (*hit.span(), number)
        for number, term in enumerate(query.wanted)
        for hit in islice(_pattern(term).finditer(plain), each)
    ]
    return sorted(hits)


def _pattern(term: Term) -> re.Pattern[str]:
    parts = [_word(word) for word in folding.words(term.typed)]
    return re.compile(f"[{SEPARATORS}\\s]+".join(parts))


def _word(word: str) -> str:
    letters = _IGNORED.join(re.escape(letter) for letter in word)
    for plain, written in (("ss", "ß"), ("ae", "æ"), ("oe", "œ"), ("th", "þ")):
        letters = letters.replace(_IGNORED.join(plain), f"(?:{_IGNORED.join(plain)}|{written})")
    start = "" if folding.is_unparted(word[0]) else _START
    return start + letters + _IGNORED + ("" if folding.is_unparted(word[-1]) else _END)


def _best(hits: Sequence[Span]) -> int:
    """Where the passage with most terms, and then most hits, begins."""
    best, score = hits[0][0], (0, 0)
    for n, (start, _, _) in enumerate(hits):
        near = [hit for hit in hits[n : n + 20] if hit[1] <= start + LENGTH * 3 // 4]
        here = (len({hit[2] for hit in near}), len(near))
        if here > score:
            best, score = start, here
    return best


def _dressed(text: str, hits: Sequence[Span], start: int, end: int) -> Markup:
    parts, at = [], start
    for begin, stop, _ in hits:
        if begin >= at and stop <= end:
            parts += [escape(text[at:begin]), Markup("<mark>{}</mark>").format(text[begin:stop])]
            at = stop
    return Markup("").join([*parts, escape(text[at:end])])
