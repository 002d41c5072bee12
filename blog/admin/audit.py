"""The log: who did what, when and from where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from blog.access import me, requires
from blog.admin import bp
from blog.database import db
from blog.models import AuditEntry, Can, User, record
from blog.models.audit_log import LOOKED_THROUGH, TOPICS, Asked
from blog.models.site import ClockGapError
from blog.models.user import lowered
from blog.paging import Page, batches, cursor, page_by, read
from blog.tables import csv_answer

LOG_SIZE = 50
BATCH, MOST = 2_000, 100_000
KEY = (AuditEntry.id,)
HEAD = ("When", "Who", "What", "Whom or what", "From", "Details")
COLUMNS = (AuditEntry.id, AuditEntry.at, AuditEntry.actor_name, AuditEntry.action, AuditEntry.subject,
           AuditEntry.origin, AuditEntry.detail)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What was typed above the log, what it means, and what of it means nothing."""

    typed: Mapping[str, str]
    asked: Asked
    faults: Mapping[str, str]

    @classmethod
    def read(cls) -> "Filter":
        names = ("who", "topic", "origin", "since", "until", "q")
        typed = {name: request.values.get(name, "").strip()[:320] for name in names}
        if typed["topic"] and typed["topic"] not in TOPICS:
            abort(404)
        faults: dict[str, str] = {}
        person = person_called(typed["who"])
        if typed["who"] and person is None:
            faults["who"] = "Nobody here has this address, handle or name."
        since, until = (day_of(typed, name, faults) for name in ("since", "until"))
        asked = Asked(person, typed["topic"], typed["origin"], start_of(since), start_of(until, after=True))
        return cls(typed, asked, faults)

    @property
    def words(self) -> str:
        return self.typed["q"][:200]

    @property
    def address(self) -> dict[str, Any]:
        return {name: value for name, value in self.typed.items() if value}


@bp.get("/audit")
@requires(Can.ADMINISTER)
def audit() -> ResponseReturnValue:
    filter = Filter.read()
    page = page_of_words(filter) if filter.words else page_of_lines(filter)
    return render_template("admin/audit.html", page=page, filter=filter, topics=list(TOPICS), looked=LOOKED_THROUGH)


@bp.post("/audit/export")
@requires(Can.ADMINISTER, recent=True)
def export_log() -> ResponseReturnValue:
    """The newest lines that fit, as a table."""
    filter = Filter.read()
    if filter.words or filter.faults:
        flash("Take away a table by person, kind, place and days; words are for looking on this page.", "bad")
        return redirect(url_for(".audit", **filter.address))
    record("exported the log", by=me(), filter=filter.address)
    db.session.commit()

    def find(here: list[Any] | None, falling: bool, limit: int) -> Sequence[Any]:
        lines = filter.asked.lines(here[0] if here else None, falling=falling, limit=limit)
        return db.session.execute(lines.with_only_columns(*COLUMNS)).all()

    return csv_answer("log", HEAD, told(batches(find, KEY, size=BATCH, most=MOST)))


def told(rows: Iterable[Any]) -> Iterable[Sequence[Any]]:
    for row in rows:
        yield row.at, row.actor_name, row.action, row.subject, row.origin, row.detail or ""


def page_of_lines(filter: Filter) -> Page[AuditEntry]:
    def find(here: list[Any] | None, falling: bool, limit: int) -> Sequence[AuditEntry]:
        if filter.faults:
            return []
        return db.session.scalars(filter.asked.lines(here[0] if here else None, falling=falling, limit=limit)).all()

    return page_by(find, KEY, size=LOG_SIZE, args=request.args)


def page_of_words(filter: Filter) -> Page[AuditEntry]:
    """Only some of the log is looked through for words at a time; from there one can look on."""
    before = request.args.get("before")
    here = read(before, KEY)[0] if before is not None else None
    if filter.faults:
        return Page([], None, None)
    lines, on = filter.asked.with_words(filter.words, here, limit=LOG_SIZE)
    return Page(lines, None, cursor(AuditEntry(id=on), KEY) if on is not None else None)


def person_called(words: str) -> int | None:
    """The number of the person with this number, address, handle or name; the first of those who share a name."""
    if not words:
        return None
    if words.isascii() and words.isdigit() and len(words) < 10:
        return db.session.scalar(select(User.id).where(User.id == int(words)))
    known = select(User.id).where(or_(User.email == lowered(words), User.handle == words.lower()))
    named = select(User.id).where(User.name == words).order_by(User.name, User.id).limit(1)
    return db.session.scalar(known) or db.session.scalar(named)


def day_of(typed: Mapping[str, str], name: str, faults: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(typed[name]) if typed[name] else None
    except ValueError:
        day = None
    if typed[name] and (day is None or not 1970 <= day.year < 9000):
        faults[name] = "Write a day as 2026-11-26."
        return None
    return day


def start_of(day: date | None, *, after: bool = False) -> datetime | None:
    """The moment at which this day begins on the site's clock, or ends."""
    if day is None:
        return None
    midnight = datetime.combine(day + timedelta(days=after), time())
    try:
        return g.site.moment(midnight)  # type: ignore[no-any-return]
    except ClockGapError:  # in some zones the clocks go forward at midnight, and the day begins at one
        return g.site.moment(midnight + timedelta(hours=1))  # type: ignore[no-any-return]
