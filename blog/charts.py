"""Charts: numbers over time, as what a template needs to draw them. Pure functions.

Time is cut on the clock of the site: a day is from midnight to midnight there, on days of 23 and 25 hours too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

WIDTH, HEIGHT = 360, 190
LEFT, TOP, FOOT = 44, 14, 160  # where the bars begin, and between which lines they stand
FILL = 0.72  # of the room of one bar, so much is drawn
MOST_LINES = 4  # above the one at nought
FORMS = {"days": "d MMMM", "weeks": "d MMMM", "months": "MMMM y"}
SHORT = {"days": "d MMM", "weeks": "d MMM", "months": "MMM"}
ONE = {"days": "Today, so far", "weeks": "This week, so far", "months": "This month, so far"}
RANGES = {"30-days": (30, "days"), "12-weeks": (12, "weeks"), "12-months": (12, "months")}


@dataclass(frozen=True)
class Span:
    """A day, a week or a month: from a moment, to before another; and how it is called."""

    begins: datetime
    ends: datetime
    name: str
    short: str


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    words: str
    is_now: bool


@dataclass(frozen=True)
class Mark:
    """A line across, or a word below: where, and what it says."""

    at: float
    words: str
    anchor: str = "end"


@dataclass(frozen=True)
class Chart:
    """One row of bars. `rows` are the same numbers for a table, newest first."""

    sentence: str
    bars: list[Bar]
    lines: list[Mark]
    labels: list[Mark]
    rows: list[tuple[str, int]]
    total: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    foot: int = FOOT


def spans(range_name: str, now: datetime, zone: ZoneInfo) -> list[Span]:
    """The spans of a range, oldest first; the last one holds this moment, and ends with it."""
    number, unit = RANGES[range_name]
    first = beginning_of(unit, now.astimezone(zone).date())
    days = [back(first, unit, steps) for steps in range(number - 1, -1, -1)]
    begins = [midnight(day, zone) for day in days]
    ends = [*begins[1:], now + timedelta(microseconds=1)]
    return [
        Span(
            begins=begin,
            ends=end,
            name=ONE[unit] if day == first else ("Week of " if unit == "weeks" else "") + said(day, FORMS[unit]),
            short={"days": "today", "weeks": "this week", "months": "this month"}[unit]
            if day == first
            else said(day, SHORT[unit]),
        )
        for day, begin, end in zip(days, begins, ends, strict=True)
    ]


def beginning_of(unit: str, day: date) -> date:
    if unit == "weeks":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "months" else day


def back(day: date, unit: str, steps: int) -> date:
    if unit == "months":
        years, month = divmod(day.year * 12 + day.month - 1 - steps, 12)
        return date(years, month + 1, 1)
    return day - timedelta(days=steps * (7 if unit == "weeks" else 1))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def said(day: date, form: str) -> str:
    return str(format_date(day, form, locale="en"))


def drawn(numbers: Sequence[int], over: Sequence[Span], *, one: str, many: str) -> Chart:
    """The chart of these numbers, one for each span. `one` and `many` are what is counted: post, posts."""
    step = step_for(max(numbers, default=0))
    top = step * max(1, -(-max(numbers, default=0) // step))
    room = (WIDTH - LEFT) / len(over)

    def height(number: int) -> float:
        return round((FOOT - TOP) * number / top, 1)

    def counted(number: int) -> str:
        return f"{number:,} {one if number == 1 else many}"

    bars = [
        Bar(
            x=round(LEFT + room * (n + (1 - FILL) / 2), 1),
            y=round(FOOT - height(number), 1),
            width=round(room * FILL, 1),
            height=height(number),
            words=f"{span.name}: {counted(number)}",
            is_now=n == len(over) - 1,
        )
        for n, (number, span) in enumerate(zip(numbers, over, strict=True))
    ]
    lines = [Mark(at=round(FOOT - height(value), 1), words=brief(value)) for value in range(0, top + 1, step)]
    middle = len(over) // 2
    labels = [
        Mark(LEFT, over[0].short, "start"),
        Mark(round(LEFT + room * (middle + 0.5), 1), over[middle].short, "middle"),
        Mark(WIDTH, over[-1].short, "end"),
    ]
    most = max(range(len(numbers)), key=lambda n: numbers[n])
    sentence = f"{counted(sum(numbers))} since {over[0].name}."
    if numbers[most]:
        sentence = f"{sentence[:-1]}; the most, {numbers[most]:,}: {over[most].name}."
    rows = [(span.name, number) for number, span in zip(numbers, over, strict=True)][::-1]
    return Chart(sentence, bars, lines, labels, rows, sum(numbers))


def step_for(most: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50, … of which few enough reach the greatest number."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if most <= step * MOST_LINES:
                return step
        power *= 10


def brief(number: int) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= 10 * size:
            return f"{number / size:g}{letter}"
    return f"{number:,}"
