"""The many ways blogs write a moment down, read into aware UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

EARLIEST_YEAR, LATEST_YEAR = 1000, 9998  # the ends of the calendar break arithmetic with zones

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOURS_AHEAD = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
                "mdt": -6, "pst": -8, "pdt": -7, "cet": 1, "cest": 2}  # fmt: skip
_NUMBERS = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_RUN = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_WEEKDAY = r"(?:[a-z]{3,9},?\s+)?"
_MONTH_FIRST = re.compile(
    _WEEKDAY + r"(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?!\d)", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    _WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?P<month>[a-z]{3,9})\.?,?\s+(?P<year>\d{4})(?!\d)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:T|,?\s*(?:at\s+)?)(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?)"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>[a-z]{1,4}|[+-]\d{1,2}(?::?\d{2})?)?(?:\s*\([a-z]{1,5}\))?",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
_EPOCH = re.compile(r"\d{9,10}|\d{13}")


def read(text: object, zone: tzinfo) -> datetime | None:
    """The moment this text names, or None where that is not sure. Without a zone of its own it is in `zone`."""
    words = str(text).strip()
    if len(words) > 80:
        return None
    try:
        if _EPOCH.fullmatch(words):
            return datetime.fromtimestamp(int(words[:10]), UTC)
        return _moment(words, zone)
    except (ValueError, OverflowError):  # a 31st of February, a 25th hour, a year the calendar does not reach
        return None


def is_date(text: str) -> bool:
    return read(text, UTC) is not None


def joined(values: Mapping[str, Any], key: str, zone: tzinfo) -> datetime | None:
    """The moment under `key`, with the hour from `time` where the date itself has none."""
    written = values.get(key)
    hour = values.get("time")
    if isinstance(hour, str) and isinstance(written, str) and ":" not in written:
        moment = read(f"{written.strip()} {hour.strip()}", zone)
        if moment:
            return moment
    return read(written, zone) if isinstance(written, str) else None


def on_day(year: int, month: int, day: int, zone: tzinfo) -> datetime | None:
    """Midnight in `zone`."""
    try:
        return _in_utc(datetime(year, month, day, tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def file_date(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def _moment(words: str, zone: tzinfo) -> datetime | None:
    day, end = _day(words)
    if day is None:
        return None
    rest = words[end:].strip()
    if not rest:
        return _in_utc(datetime(day.year, day.month, day.day, tzinfo=zone))
    clock = _CLOCK.fullmatch(rest)
    if not clock:
        return None
    hour = _hour(int(clock["hour"]), clock["half"])
    second = min(int(clock["second"] or 0), 59)  # a leap second has no datetime
    there = _offset(clock["zone"]) or zone
    return _in_utc(datetime(day.year, day.month, day.day, hour, int(clock["minute"]), second, tzinfo=there))


def _day(words: str) -> tuple[date | None, int]:
    for pattern in (_NUMBERS, _RUN, _MONTH_FIRST, _DAY_FIRST):
        found = pattern.match(words)
        if found and (month := _month(found["month"])):
            return date(int(found["year"]), month, int(found["day"])), found.end()
    found = _YEAR_LAST.match(words)
    if not found:
        return None, 0
    first, second, year = (int(part) for part in found.groups())
    if first <= 12 and second <= 12 and first != second:  # 03/04/2019: nobody can tell
        return None, 0
    month, day = (second, first) if first > 12 else (first, second)
    return date(year, month, day), found.end()


def _month(word: str) -> int:
    if word.isdigit():
        return int(word)
    return _MONTHS.index(word[:3].lower()) + 1 if word[:3].lower() in _MONTHS else 0


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _offset(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written.lower() in _HOURS_AHEAD:
        return timezone(timedelta(hours=_HOURS_AHEAD[written.lower()]))
    signed = _SIGNED.fullmatch(written)
    if not signed:
        raise ValueError("an unknown zone")
    ahead = timedelta(hours=int(signed[2]), minutes=int(signed[3] or 0))
    return timezone(-ahead if signed[1] == "-" else ahead)


def _in_utc(moment: datetime) -> datetime:
    # An hour that a change of clocks skips still converts: the zone's earlier offset is used.
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ValueError("a year no blog was written in")
    return moment.astimezone(UTC)
