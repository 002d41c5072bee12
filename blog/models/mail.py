"""Mail on its way: written in the same transaction as the act it tells of, and sent later."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    CursorResult,
    Index,
    Select,
    String,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, defer, mapped_column

from blog.database import Model, database_now, db, utcnow
from blog.models.audit import record
from blog.models.base import Id, only, sweep

if TYPE_CHECKING:
    from blog.models.user import User

WAITING = "sent_at IS NULL AND gave_up_at IS NULL"
MINUTES = (1, 5, 15, 60, 240, 480, 720, 720, 720, 720, 720)  # from one try to the next: three days, then enough
LEASE = timedelta(minutes=5)  # much longer than one sending may take; see blog.postman
LATE = timedelta(hours=1)
KEPT = timedelta(days=30)


class MailState(StrEnum):
    waiting = "waiting"
    sending = "being sent"
    sent = "sent"
    given_up = "given up"


class MailBusyError(Exception):
    """The letter is being sent at this moment, or has been: it cannot be stopped. The text is for the person."""


class Mail(Model):
    """One letter to one person. Its words hold links that open accounts: they are sealed, and gone once it is sent."""

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR gave_up_at IS NULL", name="ends_once"),
        CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name="has_whole_lease"),
        CheckConstraint("lease IS NULL OR (sent_at IS NULL AND gave_up_at IS NULL)", name="is_leased_while_waiting"),
        CheckConstraint("sent_at IS NULL OR sealed = ''", name="is_wordless_once_sent"),
        Index("ix_mails_waiting", "due_at", "id", **only(WAITING)),
        Index("ix_mails_given_up", "id", **only("gave_up_at IS NOT NULL")),
        Index("ix_mails_sent_at", "sent_at", **only("sent_at IS NOT NULL")),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    to: Mapped[str] = mapped_column("recipient", String(320))
    subject: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[str] = mapped_column(Text)  # the words, as text and as HTML; see blog.sealing
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    lease: Mapped[UUID | None]  # of whoever is sending it just now
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(300), default="")

    @property
    def state(self) -> MailState:
        if self.sent_at or self.gave_up_at:
            return MailState.sent if self.sent_at else MailState.given_up
        return MailState.sending if self.leased_until and self.leased_until > utcnow() else MailState.waiting

    @classmethod
    def in_state(cls, state: MailState | None) -> Select[Mail]:
        """Letters without their words, those in one state or all of them."""
        is_leased = and_(cls.leased_until.is_not(None), cls.leased_until > utcnow())
        states: dict[MailState | None, ColumnElement[bool]] = {
            MailState.waiting: and_(_waits(), ~is_leased),
            MailState.sending: and_(_waits(), is_leased),
            MailState.sent: cls.sent_at.is_not(None),
            MailState.given_up: cls.gave_up_at.is_not(None),
        }
        letters = select(cls).options(defer(cls.sealed, raiseload=True))
        return letters if state is None else letters.where(states[state])

    @classmethod
    def due(cls) -> Select[int]:
        """The numbers of those that should be sent now, and that nobody is sending."""
        now = utcnow()
        free = or_(cls.leased_until.is_(None), cls.leased_until <= now)
        return select(cls.id).where(_waits(), cls.due_at <= now, free)

    @classmethod
    def take(cls) -> Taken | None:
        """Lease the letter that has been due for longest. The caller commits before it sends."""
        first = cls.due().order_by(cls.due_at, cls.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
        take = (
            update(cls).where(cls.id == first).values(lease=uuid4(), leased_until=utcnow() + LEASE, tries=cls.tries + 1)
        )
        names = (cls.id, cls.uid, cls.lease, cls.to, cls.subject, cls.sealed, cls.created_at, cls.tries)
        row = db.session.execute(take.returning(*names), execution_options={"synchronize_session": False}).first()
        return Taken(*cast("tuple[Any, ...]", row)) if row else None

    # What an admin may do with a letter that has not been sent. It is locked meanwhile: see `locked`.

    @classmethod
    def locked(cls, mail_id: int) -> Select[Mail]:
        return cls.in_state(None).where(cls.id == mail_id).with_for_update()

    def try_again(self, *, by: User) -> None:
        """Send it now, and begin to count the tries anew. Raises MailBusyError."""
        self._free()
        self.due_at, self.tries, self.gave_up_at = utcnow(), 0, None
        record("asked to send again the letter to", by=by, subject=self.to, kind=self.kind)

    def give_up(self, *, by: User) -> None:
        """Send it no more, unless an admin asks for it. Raises MailBusyError."""
        self._free()
        self.gave_up_at = self.gave_up_at or utcnow()
        record("gave up the letter to", by=by, subject=self.to, kind=self.kind)

    def remove(self, *, by: User) -> None:
        """Raises MailBusyError."""
        self._free()
        db.session.delete(self)
        record("deleted the letter to", by=by, subject=self.to, kind=self.kind)

    def _free(self) -> None:
        if self.state is MailState.sending:
            raise MailBusyError("This letter is being sent just now. Look again in a minute.")
        if self.state is MailState.sent:
            raise MailBusyError("This letter has been sent already.")
        self.lease = self.leased_until = None


@dataclass(frozen=True)
class Taken:
    """A letter that is ours to send, and nobody else's until the lease runs out."""

    id: int
    uid: UUID
    lease: UUID
    to: str
    subject: str
    sealed: str
    created_at: datetime
    tries: int  # with this one

    def was_sent(self) -> bool:
        """Its words are not needed any more. Says whether the letter was still ours."""
        return self._set(sent_at=utcnow(), sealed="", fault="")

    def failed(self, fault: str, *, for_good: bool) -> bool:
        """Try again later, or never. Says whether the letter was still ours."""
        now, fault = utcnow(), fault[:300]
        if for_good or self.is_last_try:
            return self._set(gave_up_at=now, fault=fault)
        wait = MINUTES[self.tries - 1] * random.uniform(0.9, 1.1)  # noqa: S311 - no secret: it keeps tries from bunching
        return self._set(due_at=now + timedelta(minutes=wait), fault=fault)

    @property
    def is_last_try(self) -> bool:
        return self.tries > len(MINUTES)

    def _set(self, **values: Any) -> bool:
        change = update(Mail).where(Mail.id == self.id, Mail.lease == self.lease)
        change = change.values(lease=None, leased_until=None, **values)
        done = db.session.execute(change, execution_options={"synchronize_session": False})
        return cast("CursorResult[Any]", done).rowcount > 0


def mails_in_trouble() -> int:
    """How many letters were given up, or wait for over an hour."""
    late = and_(_waits(), Mail.created_at < utcnow() - LATE)
    given_up = select(Mail.id).where(Mail.gave_up_at.is_not(None))
    both = given_up.union_all(select(Mail.id).where(late)).subquery()
    return db.session.scalar(select(func.count()).select_from(both)) or 0


def mails_are_there() -> bool:
    return bool(db.session.scalar(select(exists(select(Mail.id)))))


def stale_mails() -> ColumnElement[bool]:
    before = utcnow() - KEPT
    return or_(
        and_(Mail.sent_at.is_not(None), Mail.sent_at < before),
        and_(Mail.gave_up_at.is_not(None), Mail.gave_up_at < before),
    )


def sweep_mails() -> None:
    """Delete some that came to their end long ago; the caller commits."""
    sweep(Mail.id, stale_mails())


def _waits() -> ColumnElement[bool]:
    return and_(Mail.sent_at.is_(None), Mail.gave_up_at.is_(None))
