"""The list of people: found, sorted, changed several at a time, and taken away as a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select

from blog.access import me, requires
from blog.admin import bp
from blog.admin.people_forms import ACTS, SeveralForm
from blog.database import db
from blog.models import Can, LastAdminError, LoginSession, User, UserRole, record
from blog.models.directory import (
    MANY_IN_A_LIST,
    ORDERS,
    Standing,
    having,
    in_order,
    last_seen,
    numbers_of_posts,
    people,
)
from blog.paging import batches, beyond, page_by
from blog.tables import csv_answer

PEOPLE_SIZE = 50
NEAR = 2_000  # people among whom words are looked for first
BATCH = 2_000
NAMED = 5  # of many, in a message
HEAD = ("Name", "Email", "Role", "State", "Handle", "Since", "Address confirmed")
COLUMNS = (User.id, User.name, User.email, User.role, User.is_active, User.left_at, User.handle, User.created_at,
           User.confirmed_at)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What of the list is asked for. What does not exist is a 404."""

    words: str
    role: UserRole | None
    standing: Standing | None
    order: str

    @classmethod
    def asked(cls) -> "Filter":
        words, role, state, order = (
            request.values.get(name, "").strip()[:200] for name in ("q", "role", "state", "sort")
        )
        try:
            chosen = UserRole(role) if role else None, Standing(state) if state else None
        except ValueError:
            abort(404)
        return cls(words, *chosen, order if order in ORDERS else abort(404) if order else "name")

    @property
    def people(self) -> Select[User]:
        return people(self.words, self.role, self.standing)

    def next(self, here: list[Any] | None, falling: bool, limit: int) -> Sequence[User]:
        """So many of these people, from a position on.

        Words are looked for near the position first, where an index gives the people in their order. Where too few have
        them, they are rare: then everybody is looked through, and the few sorted.
        """
        key, _ = ORDERS[self.order]
        everybody = people("", self.role, self.standing)
        if not self.words:
            return db.session.scalars(beyond(everybody, key, here, falling=falling).limit(limit)).all()
        columns: list[Any] = [User.haystack, *key]
        near = beyond(everybody.with_only_columns(*columns), key, here, falling=falling).limit(NEAR)
        with_words = having(near.subquery(), self.words, key, falling=falling).limit(limit)
        some = beyond(select(User).where(User.id.in_(with_words)), key, None, falling=falling)
        found = db.session.scalars(some).all()
        if len(found) == limit:
            return found
        return db.session.scalars(beyond(self.people, key, here, falling=falling, searched=True).limit(limit)).all()

    @property
    def address(self) -> dict[str, Any]:
        """The filter as a query string tells it."""
        said = {"q": self.words, "role": self.role, "state": self.standing, "sort": self.order}
        return {name: str(value) for name, value in said.items() if value and value != "name"}


@bp.get("/users")
@requires(Can.ADMINISTER)
def users() -> ResponseReturnValue:
    asked = Filter.asked()
    key, falls = ORDERS[asked.order]
    page = page_by(asked.next, key, size=PEOPLE_SIZE, args=request.args, descending=falls)
    ids = [person.id for person in page]
    return render_template(
        "admin/users.html",
        page=page,
        asked=asked,
        acts=ACTS,
        posts=numbers_of_posts(ids),
        many=MANY_IN_A_LIST,
        seen=last_seen(ids),
        standing=Standing.of,
    )


@bp.post("/users/changes")
@requires(Can.ADMINISTER, recent=True)
def change_users() -> ResponseReturnValue:
    """The same for several people, in one transaction. Whom it cannot be done to is named, and the rest is done."""
    form, back = SeveralForm(), redirect(url_for(".users", **Filter.asked().address))
    if not form.validate():
        flash(next(iter(form.errors.values()))[0], "bad")
        return back
    chosen = in_charge(in_order(form.id.data or [], and_me=me().id))
    deed, done, refusals = deed_of(form.act.data), [], []
    for person in chosen:
        try:
            if deed(person):
                done.append(person.name)
        except LastAdminError as refusal:
            refusals.append(str(refusal))
    db.session.commit()
    flash(f"{ACTS[form.act.data]}: {and_others(done)}." if done else "There was nothing to change.")
    for reason in refusals:
        flash(reason, "bad")
    return back


@bp.post("/users/export")
@requires(Can.ADMINISTER, recent=True)
def export_users() -> ResponseReturnValue:
    asked = Filter.asked()
    record("exported the list of people", by=me(), filter=asked.address)
    db.session.commit()
    key, falls = ORDERS[asked.order]

    def find(here: list[Any] | None, falling: bool, limit: int) -> Sequence[Any]:
        rows = beyond(asked.people, key, here, falling=falling, searched=bool(asked.words))
        return db.session.execute(rows.with_only_columns(*COLUMNS).limit(limit)).all()

    found = batches(find, key, size=BATCH, most=10**9, descending=falls)
    return csv_answer("people", HEAD, told(found))


def told(rows: Iterable[Any]) -> Iterable[Sequence[Any]]:
    for row in rows:
        state = Standing.left if row.left_at else Standing.active if row.is_active else Standing.deactivated
        yield row.name, row.email, row.role, state, row.handle, row.created_at, row.confirmed_at


def in_charge(chosen: list[User]) -> list[User]:
    """The same people, if whoever asks is an admin still: another may have been quicker to lock the rows."""
    if not me().can(Can.ADMINISTER):
        abort(403)
    return chosen


def deed_of(act: str) -> Callable[[User], bool]:
    """What is done to each person. It says whether that changed anything; those who are gone are left alone."""

    def change_role(person: User) -> bool:
        before = person.role
        person.change_role(UserRole(act), by=me())
        return person.role != before

    def deactivate(person: User) -> bool:
        before = person.is_active
        person.deactivate(by=me())
        return before

    def reactivate(person: User) -> bool:
        before = person.is_active
        person.reactivate(by=me())
        return not before

    deeds = {"deactivate": deactivate, "reactivate": reactivate, "sessions": end_sessions}
    deed = deeds.get(act, change_role)
    return lambda person: person.left_at is None and deed(person)


def end_sessions(person: User) -> bool:
    """All of them, but the one this is asked for in."""
    LoginSession.end_all(person, but=g.login if person.id == me().id else None)
    record("ended the sessions of", by=me(), about=person)
    return True


def and_others(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
