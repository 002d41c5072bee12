"""Where two sequences differ: the changes that make one of the other. Pure functions, in bounded time.

What occurs once on both sides is lined up first, the rest by the shortest way (Myers, O(ND)), as long as the effort
lasts; where it does not, a stretch counts as changed in one piece.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DEPTH = 12  # how often what is left between things that occur once is looked at for more of them
LARGEST = 100_000  # things on both sides, of which some are looked at one by one: a text of 300,000 words
STEPS = 100_000  # of the shortest way, for all stretches together: some 400 edits in one, or very many small ones


class Change(NamedTuple):
    """A stretch, and what stands in its place on the other side. Either may be empty."""

    start: int
    end: int
    new_start: int
    new_end: int


class Match(NamedTuple):
    start: int
    new_start: int
    size: int


def changes(before: Sequence[str], after: Sequence[str], effort: "Effort | None" = None) -> list[Change]:
    """In order, with at least one thing in common between any two of them."""
    found: list[Change] = []
    effort = effort or Effort()
    waiting = [(Change(0, len(before), 0, len(after)), DEPTH)]
    while waiting:
        span, depth = waiting.pop()
        span = _trimmed(before, after, span)
        if not 2 < _size(span) <= LARGEST:  # nothing more to be found, or too much
            found += _gaps(span, [])
        elif matches := _once_on_both_sides(before, after, span) if depth else []:
            waiting += [(gap, depth - 1) for gap in reversed(list(_gaps(span, matches)))]
        else:
            found += _gaps(span, _shortest(before, after, span, effort))
    return _late(before, after, found)


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """How many leading things are the same. Compares halves, as slices are compared far faster than single things."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_end(one: Sequence[str], other: Sequence[str]) -> int:
    """How many trailing things are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _trimmed(before: Sequence[str], after: Sequence[str], span: Change) -> Change:
    old, new = before[span.start : span.end], after[span.new_start : span.new_end]
    head = common_start(old, new)
    tail = common_end(old[head:], new[head:])
    return Change(span.start + head, span.end - tail, span.new_start + head, span.new_end - tail)


def _size(span: Change) -> int:
    return span.end - span.start + span.new_end - span.new_start


def _gaps(span: Change, matches: list[Match]) -> Iterator[Change]:
    """What lies between the matches."""
    start, new_start = span.start, span.new_start
    for match in [*matches, Match(span.end, span.new_end, 0)]:
        if match.start > start or match.new_start > new_start:
            yield Change(start, match.start, new_start, match.new_start)
        start, new_start = match.start + match.size, match.new_start + match.size


def _once_on_both_sides(before: Sequence[str], after: Sequence[str], span: Change) -> list[Match]:
    """The longest row, in the same order on both sides, of things that each side has once."""
    old, new = before[span.start : span.end], after[span.new_start : span.new_end]
    if not old or not new:
        return []
    times, new_times = Counter(old), Counter(new)
    places = {thing: place for place, thing in enumerate(new, span.new_start) if new_times[thing] == 1}
    pairs = [
        (place, places[thing])
        for place, thing in enumerate(old, span.start)
        if times[thing] == 1 and thing in places
    ]  # fmt: skip
    return [Match(*pairs[number], 1) for number in longest_rise([new_place for _, new_place in pairs])]


def longest_rise(values: list[int]) -> list[int]:
    """Which of the values make the longest rising row."""
    lowest: list[int] = []  # the lowest value in which a row of each length can end
    ends: list[int] = []  # and where that value stands
    previous: list[int] = []
    for number, value in enumerate(values):
        length = bisect_left(lowest, value)
        lowest[length : length + 1] = [value]
        ends[length : length + 1] = [number]
        previous.append(ends[length - 1] if length else -1)
    row = []
    number = ends[-1] if ends else -1
    while number >= 0:
        row.append(number)
        number = previous[number]
    return row[::-1]


def _shortest(before: Sequence[str], after: Sequence[str], span: Change, effort: "Effort") -> list[Match]:
    """What matches on the shortest way; nothing if it is too long. What one side lacks can match nothing."""
    shared = set(before[span.start : span.end]) & set(after[span.new_start : span.new_end])
    old = [place for place in range(span.start, span.end) if before[place] in shared]
    new = [place for place in range(span.new_start, span.new_end) if after[place] in shared]
    runs = effort.shortest([before[place] for place in old], [after[place] for place in new])
    return [Match(old[run.start + n], new[run.new_start + n], 1) for run in runs for n in range(run.size)]


class Effort:
    """How many more steps may be taken in search of shortest ways."""

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def shortest(self, old: list[str], new: list[str]) -> list[Match]:
        """The runs of a longest common subsequence, or none once the effort is spent."""
        reach = {1: 0}  # how far along `old` each diagonal has come
        history: list[dict[int, int]] = []
        for edits in range(len(old) + len(new) + 1):
            history.append(reach.copy())
            for diagonal in range(-edits, edits + 1, 2):
                x, _ = _step(reach, diagonal, edits)
                reach[diagonal] = x = x + self._run(old, new, x, x - diagonal)
                if x >= len(old) and x - diagonal >= len(new):
                    return _way_back(history, diagonal, x)
            if self.left <= 0:
                break
        return []

    def _run(self, old: list[str], new: list[str], x: int, y: int) -> int:
        """How many are the same from here on, looking at ever longer stretches."""
        self.left -= 1
        begin, size = x, 1
        limit = min(len(old) - x, len(new) - y) + x
        while x + size <= limit and old[x : x + size] == new[y : y + size]:
            x, y, size = x + size, y + size, size * 2
        self.left -= (x - begin) // 100
        return x - begin + (common_start(old[x : min(x + size, limit)], new[y : y + size]) if x < limit else 0)


def _step(reach: dict[int, int], diagonal: int, edits: int) -> tuple[int, int]:
    """How far one more edit leads on a diagonal, and from which diagonal it comes."""
    if diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1]):
        return reach[diagonal + 1], diagonal + 1
    return reach[diagonal - 1] + 1, diagonal - 1


def _way_back(history: list[dict[int, int]], diagonal: int, x: int) -> list[Match]:
    """The runs on the way that led here."""
    runs = []
    for edits in range(len(history) - 1, -1, -1):
        begin, origin = _step(history[edits], diagonal, edits)
        if x > begin:
            runs.append(Match(begin, begin - diagonal, x - begin))
        diagonal, x = origin, history[edits][origin]
    return runs[::-1]


def _late(before: Sequence[str], after: Sequence[str], found: list[Change]) -> list[Change]:
    """The same changes, each as late as it can stand: one edit among things that repeat has one place only."""
    settled: list[Change] = []
    limit = len(before)
    for change in reversed(found):
        change = _slid(before, after, change, limit)
        if settled and change.end == limit:
            last = settled.pop()
            change = Change(change.start, last.end, change.new_start, last.new_end)
        settled.append(change)
        limit = change.start
    return settled[::-1]


def _slid(before: Sequence[str], after: Sequence[str], change: Change, limit: int) -> Change:
    start, end, new_start, new_end = change
    if start < end and new_start < new_end:
        return change
    moving, first, last = (before, start, end) if start < end else (after, new_start, new_end)
    by = 0
    while end + by < limit and moving[first + by] == moving[last + by]:
        by += 1
    return Change(start + by, end + by, new_start + by, new_end + by)
