"""Lists by position: a page costs the same at the first row and at the millionth, and nothing is counted."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.exceptions import NotFound

from blog.database import db
from blog.text import storable

T = TypeVar("T")
Key = Sequence[InstrumentedAttribute[Any]]


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursors of the pages on either side (None at an end)."""

    items: Sequence[T]
    newer: str | None
    older: str | None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


def page_of(rows: Select[T], key: Key, *, size: int, args: Mapping[str, str], descending: bool = True) -> Page[T]:
    """The page that `before` or `after` in the query string asks for; the first one without.

    `key` must be unique together and name columns of the row; the order of `rows` is set by it. "Older" is further
    down the list. Raises NotFound for a cursor we did not make.
    """
    before, after = args.get("before"), args.get("after")
    upwards = after is not None and before is None
    asked = after if upwards else before
    falling = descending != upwards
    rows = rows.order_by(None).order_by(*(column.desc() if falling else column.asc() for column in key))
    if asked is not None:
        here = tuple_(*key)
        there = tuple_(*(literal(value, column.type) for value, column in zip(_read(asked, key), key, strict=True)))
        rows = rows.where(here < there if falling else here > there)
        # The position goes first: of two ends, it and the present, SQLite begins at the one it reads first.
        *others, position = rows._where_criteria
        rows._where_criteria = (position, *others)
    found = list(db.session.scalars(rows.limit(size + 1)))
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


def cursor(row: object, key: Key) -> str:
    """The position of a row in a list ordered by this key."""
    values = (getattr(row, column.key) for column in key)
    words = json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in values])
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


def _read(cursor: str, key: Key) -> list[Any]:
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
