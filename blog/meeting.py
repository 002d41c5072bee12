"""Which changes of two people meet, and what those come to that do. Pure functions.

Texts are lists of sentences here, with the space between them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from blog.aligning import changes, common_end, common_start
from blog.splitting import words

MOST = 5_000  # sentences and spaces of a place that are looked at so closely
NEAR = 40  # sentences and spaces; further apart, the same may be said twice
FEW = 12  # a word that more sentences have tells nothing about one of them
LEAST = 3  # words that a sentence has by which it is known again
LOOK = 1_000  # characters of a sentence that are looked at
Words = tuple[str, ...]


class Edit(NamedTuple):
    """One change by one of the two: a range of the base, and what stands there now."""

    start: int
    end: int
    is_mine: bool
    new: list[str]
    is_even: bool  # puts no more sentences there than it takes away, so that what stands beside it stays beside it


@dataclass
class Place:
    """Edits that meet, or one alone, and what they come to unless they clash."""

    start: int
    end: int
    edits: list[Edit]
    settled: list[str] | None = None

    def take(self, edits: list[Edit]) -> None:
        self.edits += edits
        self.end = max(self.end, *(edit.end for edit in edits))


def places(base: list[str], theirs: list[str], mine: list[str]) -> list[Place]:
    """All that either has changed, in order; where nothing settles a place, both have changed it."""
    edits = [*_edits(base, theirs, is_mine=False), *_edits(base, mine, is_mine=True)]
    found = _without_doubles(
        _gathered(sorted(edits, key=lambda edit: (edit.start, edit.end))), _taken_away(base, edits)
    )
    for place in found:
        place.settled = _settled(base, place)
    return _with_neighbours(base, found)


def _edits(base: list[str], text: list[str], *, is_mine: bool) -> Iterator[Edit]:
    for start, end, new_start, new_end in changes(base, text):
        new = text[new_start:new_end]
        yield Edit(start, end, is_mine, new, 0 < count(new) <= count(base[start:end]))


def _gathered(edits: list[Edit]) -> list[Place]:
    """Edits that meet are in one place. The next can meet none but the last one of the other side."""
    found: list[Place] = []
    last: dict[bool, Edit] = {}
    for edit in edits:
        other = last.get(not edit.is_mine)
        if other and _meet(other, edit):
            found[-1].take([edit])
        else:
            found.append(Place(edit.start, edit.end, [edit]))
        last[edit.is_mine] = edit
    return found


def _meet(first: Edit, second: Edit) -> bool:
    """Whether two edits touch the same text, or stand side by side and it is not plain in which order."""
    if second.start != first.end:
        return second.start < first.end
    if first.start < first.end and second.start < second.end:
        return False
    return not (first.is_even or second.is_even)


def _without_doubles(places: list[Place], moved: dict[str, list[Words]]) -> list[Place]:
    """The places, in which those are one between which both add the same sentence: it must not be there twice.

    One that both have taken from where it was is the same sentence though either has put words in, or taken some out.
    """
    found: list[tuple[int, Place]] = []
    seen: dict[tuple[bool, str | Words], tuple[int, int]] = {}
    for number, place in enumerate(places):
        first = number
        for is_mine, sentence in (added := _added(place, moved)):
            twin, end = seen.get((not is_mine, sentence), (number, place.start))
            if place.start - end <= NEAR:
                first = min(first, twin)
        seen |= dict.fromkeys(added, (number, place.end))
        found.append((number, place))
        while found[-1][0] > first:
            _, later = found.pop()
            found[-1][1].take(later.edits)
    return [place for _, place in found]


def _added(place: Place, moved: dict[str, list[Words]]) -> list[tuple[bool, str | Words]]:
    """Who adds which sentences there. A line of dashes or a bracket may well be wanted twice."""
    new = [(edit.is_mine, text) for edit in place.edits for text in edit.new if _says_something(text)]
    return [*new, *((is_mine, old) for is_mine, text in new for old in _made_of(text, moved))]


def _says_something(text: str) -> bool:
    return len(text) > 2 and any(map(str.isalnum, text))


def _taken_away(base: list[str], edits: list[Edit]) -> dict[str, list[Words]]:
    """The sentences that both have taken from where they were, by each of their words that few of them have."""
    gone: dict[bool, set[str]] = {True: set(), False: set()}
    for edit in edits:
        gone[edit.is_mine].update(text for text in base[edit.start : edit.end] if _says_something(text))
    having: dict[str, list[Words]] = defaultdict(list)
    for text in gone[True] & gone[False]:
        for word in set(said := _said(text)):
            having[word].append(said)
    return {word: texts for word, texts in having.items() if len(texts) <= FEW}


def _made_of(text: str, moved: dict[str, list[Words]]) -> set[Words]:
    """Which of these sentences it is, with some words more, or with some fewer."""
    said = _said(text)
    near = {old for word in said for old in moved.get(word, ())} if moved else set()
    return {
        old for old in near if min(len(old), len(said)) >= LEAST and (_is_within(old, said) or _is_within(said, old))
    }


def _said(text: str) -> Words:
    return tuple(word for word in words(text[:LOOK]) if word.isalnum())


def _is_within(few: Words, many: Words) -> bool:
    rest = iter(many)
    return len(few) <= len(many) and all(word in rest for word in few)


def _settled(base: list[str], place: Place) -> list[str] | None:
    """What a place comes to, if there is no question about it."""
    before, theirs, mine = versions(base, place)
    if theirs == mine or not any(edit.is_mine for edit in place.edits):
        return theirs
    if all(edit.is_mine for edit in place.edits):
        return mine
    if not any(edit.new for edit in place.edits):  # both took away, and in part the same
        return [] if _parts_nothing(base, place) else None
    return _one_within_the_other(before, theirs, mine)


def versions(base: list[str], place: Place) -> tuple[list[str], list[str], list[str]]:
    """What stands at a place in the text both began from, in theirs and in mine."""
    return base[place.start : place.end], _version(base, place, is_mine=False), _version(base, place, is_mine=True)


def _version(base: list[str], place: Place, *, is_mine: bool) -> list[str]:
    version: list[str] = []
    done = place.start
    for edit in place.edits:
        if edit.is_mine is is_mine:
            version += base[done : edit.start] + edit.new
            done = edit.end
    return version + base[done : place.end]


def _parts_nothing(base: list[str], place: Place) -> bool:
    """Whether a place can be left empty without two sentences running into one another."""
    around = base[max(place.start - 1, 0) : place.start] + base[place.end : place.end + 1]
    return count(around) < 2


def _one_within_the_other(before: list[str], theirs: list[str], mine: list[str]) -> list[str] | None:
    """The longer of two versions, where one has everything that was written in the other and more.

    So it is when somebody's earlier save arrived without their knowing, and they wrote on.
    """
    head, tail = shared_ends(theirs, mine)
    ends = [side[head : len(side) - tail] for side in (theirs, mine)]
    if before in ends and head + tail:  # one has only put around it what the other has there too
        return theirs if ends[1] == before else mine
    if len(before) + len(theirs) + len(mine) > MOST:
        return None
    has_mine, has_theirs = _has_all(before, theirs, mine), _has_all(before, mine, theirs)
    if has_mine == has_theirs:
        return None
    return theirs if has_mine else mine


def _has_all(before: list[str], text: list[str], other: list[str]) -> bool:
    """Whether a text has all that another added, in order, and lacks what that took away, if that is little.

    Where sentences are repeated nobody can tell, nor where line breaks differ in a way that they do not here.
    """
    old, new, here = ([part for part in side if not _is_blank(part)] for side in (before, other, text))
    added, gone = set(new) - set(old), set(old) - set(new)
    if not added or not added <= set(here) or len(gone) > 1 or gone & set(here):
        return False
    if any(len(set(side)) < len(side) for side in (old, new, here)):
        return False
    breaks, new_breaks, breaks_here = (_breaks(side) for side in (before, other, text))
    if (new_breaks - breaks) - (breaks_here - breaks) or (breaks - new_breaks) - (breaks - breaks_here):
        return False
    kept, rest = set(new) & set(here), iter(here)
    return all(sentence in rest for sentence in new if sentence in kept)


def _breaks(texts: list[str]) -> Counter[str]:
    return Counter(text for text in texts if "\n" in text and _is_blank(text))


def shared_ends(theirs: list[str], mine: list[str]) -> tuple[int, int]:
    head = common_start(theirs, mine)
    return head, common_end(theirs[head:], mine[head:])


def _with_neighbours(base: list[str], places: list[Place]) -> list[Place]:
    """The places, in which clashes that only space keeps apart are one."""
    found: list[Place] = []
    for place in places:
        near = _near_clash(base, found, place) if place.settled is None else None
        if near is None:
            found.append(place)
            continue
        for other in [*found[near + 1 :], place]:
            found[near].take(other.edits)
        del found[near + 1 :]
    return found


def _near_clash(base: list[str], found: list[Place], place: Place) -> int | None:
    """Where the clash stands that nothing but space keeps apart from a place."""
    start = place.start
    for number in range(len(found) - 1, -1, -1):
        other = found[number]
        if not all(_is_blank(base[index]) for index in range(other.end, start)):
            return None
        if other.settled is None:
            return number
        if count(other.settled):
            return None
        start = other.start
    return None


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def count(texts: list[str]) -> int:
    """How many of them are sentences and not the space between."""
    return sum(not _is_blank(text) for text in texts)
