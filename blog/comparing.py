"""Two versions of a text side by side: which paragraphs belong together, and which words changed. Pure functions.

Joining the words of all left sides gives the text before, of all right sides the text after, to the letter.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from blog import text
from blog.aligning import Change, Effort, changes
from blog.pairing import pairs
from blog.splitting import paragraphs, sentences, words

MOST_WORDS = 1_000  # of both sides; what is longer is compared by sentences first
MOST_CHARACTERS = 20 * MOST_WORDS
MOST_PARAGRAPHS = 5_000  # changed in one stretch; of more, nobody asks which belongs to which
STEPS = 200_000  # of shortest ways, for all paragraphs together
STEPS_A_PARAGRAPH = 10


class Run(NamedTuple):
    """Words that are all changed, or all the same, with the space between them."""

    words: str
    is_changed: bool


class Row(NamedTuple):
    """A paragraph before and after, each with the line breaks behind it; a side that has none is empty."""

    left: list[Run]
    right: list[Run]
    is_same: bool


Sides = tuple[list[Run], list[Run]]


def side_by_side(before: str, after: str) -> list[Row]:
    """All paragraphs in order. Where only the space after a paragraph differs, it counts as the same."""
    left, right = paragraphs(before), paragraphs(after)
    effort = Effort(STEPS)
    rows: list[Row] = []
    done = new_done = 0
    for start, end, new_start, new_end in changes([part.rstrip() for part in left], [part.rstrip() for part in right]):
        rows += _same(left[done:start], right[new_done:new_start])
        rows += _changed(left[start:end], right[new_start:new_end], effort)
        done, new_done = end, new_end
    return rows + _same(left[done:], right[new_done:])


def compared_line(before: str, after: str) -> Sides:
    """A title or a summary, before and after, compared by words."""
    return _compared(before, after, Effort())


def counted(rows: list[Row]) -> tuple[int, int]:
    """How many words were added, and how many taken away."""
    added = sum(text.count_words(run.words) for row in rows for run in row.right if run.is_changed)
    removed = sum(text.count_words(run.words) for row in rows for run in row.left if run.is_changed)
    return added, removed


def _same(left: list[str], right: list[str]) -> list[Row]:
    return [Row([Run(old, False)], [Run(new, False)], True) for old, new in zip(left, right, strict=True)]


def _changed(left: list[str], right: list[str], effort: Effort) -> Iterator[Row]:
    """Paragraphs that are alike beside one another, and those between that stand alone."""
    number = len(left) + len(right)
    together = pairs(left, right) if number <= MOST_PARAGRAPHS and effort.left > 0 else []
    effort.left -= number * STEPS_A_PARAGRAPH
    done = new_done = 0
    for place, new_place in [*together, (len(left), len(right))]:
        for old in left[done:place]:
            yield Row([Run(old, True)], [], False)
        for new in right[new_done:new_place]:
            yield Row([], [Run(new, True)], False)
        if place < len(left):
            yield Row(*_compared(left[place], right[new_place], effort), False)
        done, new_done = place + 1, new_place + 1


def _compared(before: str, after: str, effort: Effort) -> Sides:
    """By words; long ones by sentences first, of which those that changed are compared by words where they can be."""
    if (closely := _by_words(before, after, effort)) is not None:
        return closely

    def closer(before: str, after: str) -> Sides:
        return _by_words(before, after, effort) or _plain(before, after)

    old, new = sentences(before), sentences(after)
    return _sides(old, new, changes(old, new, effort), closer)


def _by_words(before: str, after: str, effort: Effort) -> Sides | None:
    if len(before) + len(after) > MOST_CHARACTERS:
        return None
    old, new = words(before), words(after)
    if len(old) + len(new) > MOST_WORDS:
        return None
    return _sides(old, new, changes(old, new, effort), _plain)


def _plain(before: str, after: str) -> Sides:
    return _runs(before, True), _runs(after, True)


def _runs(words: str, is_changed: bool) -> list[Run]:
    return [Run(words, is_changed)] if words else []


def _sides(old: list[str], new: list[str], found: list[Change], compare: Callable[[str, str], Sides]) -> Sides:
    """Both sides in runs; what changed is compared again, if there is a closer way."""
    left: list[Run] = []
    right: list[Run] = []
    done = new_done = 0
    for start, end, new_start, new_end in [*found, Change(len(old), len(old), len(new), len(new))]:
        left += _runs("".join(old[done:start]), False)
        right += _runs("".join(new[new_done:new_start]), False)
        before, after = compare("".join(old[start:end]), "".join(new[new_start:new_end]))
        left += before
        right += after
        done, new_done = end, new_end
    return _smooth(left), _smooth(right)


def _smooth(runs: list[Run]) -> list[Run]:
    """No two runs of a kind in a row, and between changed words the space is changed as well."""
    smooth: list[Run] = []
    for number, run in enumerate(runs):
        between = 0 < number < len(runs) - 1 and run.words.isspace() and "\n" not in run.words
        if between and runs[number - 1].is_changed and runs[number + 1].is_changed:
            run = Run(run.words, True)
        if smooth and smooth[-1].is_changed == run.is_changed:
            run = Run(smooth.pop().words + run.words, run.is_changed)
        smooth.append(run)
    return smooth
