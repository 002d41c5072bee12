"""What becomes of whoever tries too often: an answer that says how long to wait. The limits are in models/throttle."""

from datetime import timedelta
from math import ceil

from flask import request
from werkzeug.exceptions import TooManyRequests

from blog.database import db
from blog.models import Anonymous, User
from blog.models.throttle import (
    MINUTE,
    SEARCH_BY_ACCOUNT,
    SEARCH_FROM_ADDRESS,
    SEARCH_OVERALL,
    UPLOAD_BY_ACCOUNT,
    UPLOAD_FROM_ADDRESS,
    UPLOAD_OVERALL,
    Limit,
    wait_for,
)
from blog.passing import write_in_passing


def minutes(*waits: timedelta | None) -> int:
    """The longest of these waits in whole minutes, or 0 where there is none."""
    return ceil(max((wait for wait in waits if wait), default=timedelta(0)) / MINUTE)


def refuse(*waits: timedelta | None) -> None:
    """Raises TooManyRequests, of which `errors` makes a page, where there is any wait."""
    if wait := minutes(*waits):
        raise TooManyRequests(retry_after=wait * 60)


def retry_after(wait: int) -> dict[str, str]:
    """The header that tells programs the same, of a wait in minutes."""
    return {"Retry-After": str(wait * 60)}


def of_uploads(person: User, number: int = 1) -> None:
    """Count so many pictures that this person sends, and refuse what is too much.

    Commits, so that nobody waits while they are decoded.
    """
    waits = [
        UPLOAD_BY_ACCOUNT.hit(str(person.id), times=number),
        UPLOAD_FROM_ADDRESS.hit(request.remote_addr or "", times=number),
        UPLOAD_OVERALL.hit(times=number),
    ]
    db.session.commit()
    refuse(*waits)


Tries = list[tuple[Limit, str]]


def of_searches(person: User | Anonymous) -> Tries:
    """Refuse to search for whoever has searched too much. Else what `count` counts once the answer is made."""
    own = (SEARCH_BY_ACCOUNT, str(person.id)) if person.id else (SEARCH_FROM_ADDRESS, request.remote_addr or "")
    tries = [own, (SEARCH_OVERALL, "")]
    refuse(wait_for(*tries))
    return tries


def count(tries: Tries) -> None:
    """Count these in passing: a search is read from a database that nobody has to wait for."""
    write_in_passing(lambda: [limit.hit(whose) for limit, whose in tries])
