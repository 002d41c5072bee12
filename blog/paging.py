"""Lists by position: a page costs the same at the first row and at the millionth, and nothing is counted."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.exceptions import NotFound

from blog.database import db
from blog.text import storable

T = TypeVar("T")
Key = Sequence[InstrumentedAttribute[Any]]
Find = Callable[[list[Any] | None, bool, int], Sequence[T]]  # from where, whether down, and how many


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursors of the pages on either side (None at an end)."""

    items: Sequence[T]
    newer: str | None
    older: str | None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


def page_of(
    rows: Select[T],
    key: Key,
    *,
    size: int,
    args: Mapping[str, str],
    descending: bool = True,
) -> Page[T]:
    """The page that `before` or `after` in the query string asks for; the first one without.

    `key` must be unique together and name columns of the row; the order of `rows` is set by it. "Older" is further
    down the list. Raises NotFound for a cursor we did not make.
    """

    def find(here: list[Any] | None, falling: bool, limit: int) -> Sequence[T]:
        return db.session.scalars(beyond(rows, key, here, falling=falling).limit(limit)).all()

    return page_by(find, key, size=size, args=args, descending=descending)


def page_by(find: Find[T], key: Key, *, size: int, args: Mapping[str, str], descending: bool = True) -> Page[T]:
    """As `page_of`, of rows that are found by other means: those beyond a position, in one direction."""
    before, after = args.get("before"), args.get("after")
    upwards = after is not None and before is None
    asked = after if upwards else before
    found = list(find(None if asked is None else read(asked, key), descending != upwards, size + 1))
    more, found = len(found) > size, found[:size]
    if upwards:
        found.reverse()
    newer = more if upwards else asked is not None
    older = True if upwards else more
    return Page(
        items=found,
        newer=cursor(found[0], key) if newer and found else None,
        older=cursor(found[-1], key) if older and found else None,
    )


def beyond(
    rows: Select[T], key: Key, here: Sequence[Any] | None, *, falling: bool, searched: bool = False
) -> Select[T]:
    """The rows in the order of the key, from a position on.

    `searched` rows are looked through from end to end, and those that come first are picked out: to walk them in their
    order would take far longer where few are found.
    """
    # What stands within a function is in no index.
    terms = [func.coalesce(column, column) for column in key] if searched else list(key)
    rows = rows.order_by(None).order_by(*(term.desc() if falling else term.asc() for term in terms))
    if here is not None:
        position = tuple_(*terms)
        there = tuple_(*(literal(value, column.type) for value, column in zip(here, key, strict=True)))
        rows = rows.where(position < there if falling else position > there)
        # The position goes first: of two ends, it and the present, SQLite begins at the one it reads first.
        *others, last = rows._where_criteria
        rows._where_criteria = (last, *others)
    return rows


def batches(find: Find[T], key: Key, *, size: int, most: int, descending: bool = True) -> Iterator[T]:
    """All the rows, or the first so many of them, fetched some at a time: nobody waits for whoever reads slowly."""
    here, given = None, 0
    while given < most:
        found = find(here, descending, min(size, most - given))
        if found:
            here = [getattr(found[-1], column.key) for column in key]
        db.session.rollback()
        yield from found
        given += len(found)
        if len(found) < size:
            return


def cursor(row: object, key: Key) -> str:
    """The position of a row in a list ordered by this key."""
    values = (getattr(row, column.key) for column in key)
    words = json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in values])
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


def read(cursor: str, key: Key) -> list[Any]:
    """The values in a cursor, each of its column's type, or NotFound."""
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(key):
            raise ValueError(cursor)
        return [_typed(value, column.type.python_type) for value, column in zip(values, key, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError):
        raise NotFound from None


def _typed(value: Any, kind: type[Any]) -> Any:
    if kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)  # overflows here, not in the query, at the edge of time
    too_large = isinstance(value, int) and abs(value) >= 2**63
    if type(value) is not kind or too_large or (isinstance(value, str) and storable(value) != value):
        raise ValueError(value)
    return value
