"""Two people's changes to one text, brought together sentence by sentence. Pure functions.

What both have done is compared with the text both began from. Changes in different places are joined; where they meet
there is a clash, which only a person can settle. In doubt it is a clash: no edit is lost, doubled or moved.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import TypeVar

from blog.aligning import common_end, common_start
from blog.meeting import Place, count, places, shared_ends, versions
from blog.splitting import UNSPACED, sentences

Value = TypeVar("Value")

_FENCE_OR_HEADING = re.compile(
    r"^ {0,3}(?:(?P<fence>```|~~~)|#{1,6}[ \t]++(?P<words>[^\n]++)"
    r"|(?P<underlined>[^\s>*+|\-`~#][^\n]*+)\n {0,3}(?:=++|--++)[ \t]*+$)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Joined:
    """Text about which there is no question."""

    text: str


@dataclass(frozen=True)
class Clash:
    """A place that both have changed: how it was, how each has it, and the heading above it, if any."""

    before: str
    theirs: str
    mine: str
    under: str = ""


Piece = Joined | Clash


def merge_text(base: str, theirs: str, mine: str) -> list[Piece]:
    """The merged text in order; joining it, with any side of each clash, gives the whole text."""
    if theirs in (base, mine):
        return _tidy([Joined(mine)])
    if mine == base:
        return _tidy([Joined(theirs)])
    head, tail = _untouched(base, theirs, mine)
    middles = [sentences(text[head : len(text) - tail]) for text in (base, theirs, mine)]
    end = base[len(base) - tail :]
    pieces = [Joined(base[:head]), *_pieces(*middles), Joined(end)]
    return _under_headings(_tidy(_parted(pieces)))


def merge_value(base: Value, theirs: Value, mine: Value) -> tuple[Value, bool]:
    """The value that was changed, and whether both changed it; then it is mine."""
    if mine == base:
        return theirs, False
    return mine, theirs not in (base, mine)


def merge_names(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> list[str]:
    """The names with what either added and without what either took away. Capitals make no other name.

    The order and spelling are those of whoever changed them, theirs if both did.
    """
    merged, is_clash = merge_value(list(base), list(theirs), list(mine))
    if not is_clash:
        return merged
    old, other, own = ({name.casefold(): name for name in reversed(names)} for names in (base, theirs, mine))
    kept = {key for key in {**other, **own} if (key in other and key in own) or key not in old}
    first, second = (theirs, mine) if _is_in_order(old, mine) or not _is_in_order(old, theirs) else (mine, theirs)
    keys = dict.fromkeys(name.casefold() for name in (*first, *second))
    return [_spelling(key, old, other, own) for key in keys if key in kept]


def _is_in_order(old: dict[str, str], names: Sequence[str]) -> bool:
    places = {key: place for place, key in enumerate(reversed(old))}  # `old` was filled from the end
    found = [places[name.casefold()] for name in names if name.casefold() in places]
    return found == sorted(found)


def _spelling(key: str, old: dict[str, str], other: dict[str, str], own: dict[str, str]) -> str:
    theirs, mine = other.get(key, own.get(key, "")), own.get(key, other.get(key, ""))
    return mine if theirs == old.get(key) else theirs


def _untouched(base: str, theirs: str, mine: str) -> tuple[int, int]:
    """How much at the start and at the end is the same in all three, in whole lines."""
    head = min(common_start(base, theirs), common_start(base, mine))
    head = base.rfind("\n", 0, head) + 1
    rest = [text[head:] for text in (base, theirs, mine)]
    tail = min(common_end(rest[0], rest[1]), common_end(rest[0], rest[2]))
    line = base.find("\n", len(base) - tail) + 1 if tail else 0
    return head, len(base) - line if line else 0


def _pieces(base: list[str], theirs: list[str], mine: list[str]) -> Iterator[Piece]:
    done = 0
    for place in places(base, theirs, mine):
        yield _joined(base[done : place.start])
        yield from _clashing(base, place) if place.settled is None else [_joined(place.settled)]
        done = place.end
    yield _joined(base[done:])


def _clashing(base: list[str], place: Place) -> Iterator[Piece]:
    """The clash of a place, without the sentences that both have added alike."""
    before, theirs, mine = versions(base, place)
    head, tail = (0, 0) if before else shared_ends(theirs, mine)
    head = head if count(theirs[:head]) else 0
    tail = tail if count(theirs[len(theirs) - tail :]) else 0
    yield _joined(theirs[:head])
    yield Clash("".join(before), *("".join(side[head : len(side) - tail]) for side in (theirs, mine)))
    yield _joined(theirs[len(theirs) - tail :])


def _joined(texts: list[str]) -> Joined:
    return Joined("".join(texts))


def _parted(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces, with a space where the end of one text has come to stand before a sentence of another."""
    parted: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Joined) and not piece.text:
            continue
        before = parted[-1] if parted else None
        starts = [piece.text] if isinstance(piece, Joined) else [piece.theirs, piece.mine]
        if isinstance(before, Joined) and any(_is_glued(before.text, start) for start in starts):
            parted[-1] = Joined(before.text + " ")
        elif isinstance(before, Clash) and isinstance(piece, Joined):
            ends = (end + " " * _is_glued(end, piece.text) for end in (before.theirs, before.mine))
            parted[-1] = Clash(before.before, *ends)
        parted.append(piece)
    return parted


def _is_glued(before: str, after: str) -> bool:
    """Whether two sentences would run into one another. In some scripts they stand without a space between."""
    met = before[-1:] + after[:1]
    return len(met) == 2 and not any(char.isspace() or UNSPACED.match(char) for char in met)


def _tidy(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces in as few parts as can be."""
    tidy: list[Piece] = []
    for is_joined, run in groupby(pieces, key=lambda piece: isinstance(piece, Joined)):
        if is_joined:
            text = "".join(piece.text for piece in run if isinstance(piece, Joined))
            tidy += [Joined(text)] if text else []
        else:
            tidy += run
    return tidy


def _under_headings(pieces: list[Piece]) -> list[Piece]:
    """The pieces, each clash with the heading above it."""
    if all(isinstance(piece, Joined) for piece in pieces):
        return pieces
    texts = [piece.text if isinstance(piece, Joined) else piece.mine for piece in pieces]
    headings = _headings("".join(texts))
    starts = [0, *accumulate(len(text) for text in texts)]
    return [
        piece if isinstance(piece, Joined) else replace(piece, under=_heading_above(start, headings))
        for piece, start in zip(pieces, starts, strict=False)
    ]


def _headings(text: str) -> list[tuple[int, str]]:
    """Where each heading stands, and its words. What looks like one in a block of code is none."""
    found = []
    fence = ""
    for line in _FENCE_OR_HEADING.finditer(text):
        if line["fence"]:
            fence = "" if fence == line["fence"] else fence or line["fence"]
        elif not fence:
            found.append((line.start(), (line["words"] or line["underlined"]).strip().rstrip("#").rstrip()))
    return found


def _heading_above(start: int, headings: list[tuple[int, str]]) -> str:
    number = bisect_left(headings, start, key=lambda heading: heading[0])
    return headings[number - 1][1] if number else ""
