"""The months of a clock on the wall, as stretches of time. Pure functions.

A zone's clock may jump over midnight, and it may fall back across the first of a month: then it is October again for
an hour.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

Month = tuple[int, int]
FARTHEST = timedelta(hours=26)  # from midnight in Greenwich to midnight anywhere, and the hours around it


def month_of(moment: datetime, zone: tzinfo) -> Month:
    local = moment.astimezone(zone)
    return local.year, local.month


def after(month: Month) -> Month:
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def stretches(first: Month, until: Month, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """When the clock shows the first month or one before `until`. Empty for months that no calendar has."""
    try:
        points = sorted(_turns(first, zone) | _turns(until, zone))
    except (ValueError, OverflowError):
        return []
    return [(start, end) for start, end in pairwise(points) if first <= month_of(start, zone) < until]


def _turns(month: Month, zone: tzinfo) -> set[datetime]:
    """The moments at which the clock may turn to this month, or back."""
    midnight = datetime(*month, 1)  # noqa: DTZ001 - a time on the wall; its zone comes with the next line
    turns = {midnight.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    there = midnight.replace(tzinfo=UTC)
    return turns | _changes(there - FARTHEST, there + FARTHEST, zone)


def _changes(early: datetime, late: datetime, zone: tzinfo) -> set[datetime]:
    """The moment between these at which the clock is put forward or back, if there is one."""
    before = early.astimezone(zone).utcoffset()
    if late.astimezone(zone).utcoffset() == before:
        return set()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return {late}
