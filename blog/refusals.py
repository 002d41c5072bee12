"""Whom the site turned away, in its log: for want of a right, or with a form that no page of ours sent.

Only of people who are signed in, so that there is somebody to ask; and of each only so often, so that nobody floods it.
"""

from typing import Any

from flask import request

from blog.access import viewer
from blog.database import db
from blog.models import User, record
from blog.models.throttle import REFUSAL_OF_ACCOUNT
from blog.passing import write_in_passing

WITHOUT_RIGHT, FORGED = "was refused", "sent a foreign form to"


def note(action: str, **detail: Any) -> None:
    """Write it down in passing, where the person is known and there is room. Call it last."""
    whose, where = viewer().id, subject()
    if whose is not None:
        write_in_passing(lambda: _record(action, int(whose), where, detail))


def _record(action: str, whose: int, where: str, detail: dict[str, Any]) -> None:
    person = db.session.get(User, whose)
    if person is not None and REFUSAL_OF_ACCOUNT.hit(str(whose)) is None:
        record(action, by=person, subject=where, **detail)


def subject() -> str:
    """What was asked for. A secret that stands in an address is for no log."""
    rule = request.url_rule.rule if request.url_rule else ""
    return f"{request.method} {rule if 'secret' in (request.view_args or {}) else request.path}"
