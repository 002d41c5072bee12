"""A change of address, confirmed at both ends: the new one lets it happen, the old one takes it back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select

from blog.database import db, utcnow
from blog.models.audit import AuditEntry, record
from blog.models.credentials import LoginSession, digest_of
from blog.models.device import KnownDevice
from blog.models.factors import CODES_MADE, Authenticator, RecoveryCode, has_factor
from blog.models.passkey import Passkey
from blog.models.token import Purpose, Token
from blog.models.user import NO_PASSWORD, User

TO_CONFIRM = timedelta(hours=24)
TO_TAKE_BACK = timedelta(days=7)


def ask_to_move(person: User, email: str) -> tuple[str, str]:
    """The secrets of two links: one for the new address, which makes the change, and one for the old, against it.

    An earlier wish ends. The links that take earlier changes back stay, each to the address it was sent to.
    """
    forget_wish(person)
    to, back = secrets.token_hex(32), secrets.token_hex(32)
    for secret, purpose, where, lasts in (
        (to, Purpose.new_address, email, TO_CONFIRM),
        (back, Purpose.old_address, person.email, TO_TAKE_BACK),
    ):
        expires = utcnow() + lasts
        token = Token(digest=digest_of(secret), purpose=purpose, user_id=person.id, email=where, expires_at=expires)
        token.detail = {"to": email}
        db.session.add(token)
    record("asked for another address", by=person, after=email)
    return to, back


def wish_of(person: User) -> Token | None:
    """The change of address that waits to be confirmed."""
    waiting = Token.user_id == person.id, Token.purpose == Purpose.new_address, Token.expires_at > utcnow()
    return db.session.scalar(select(Token).where(*waiting).limit(1))


def forget_wish(person: User) -> None:
    db.session.execute(delete(Token).where(Token.user_id == person.id, Token.purpose == Purpose.new_address))


def take_back(person: User, link: Token) -> None:
    """The address as it was, and nobody in: whoever asked for the other one was somebody else, and knew the password.

    What they may have added since to get in by goes too, recovery codes among it. Raises AddressTakenError where
    somebody has the address now.
    """
    since = link.created_at
    if person.email != link.email:
        person.move_to(link.email, by=person, confirmed=True)
    person.password_hash = NO_PASSWORD
    LoginSession.end_all(person)
    db.session.execute(delete(Token).where(Token.user_id == person.id))
    db.session.execute(delete(KnownDevice).where(KnownDevice.user_id == person.id))
    db.session.execute(delete(Passkey).where(Passkey.user_id == person.id, Passkey.created_at >= since))
    fresh = Authenticator.user_id == person.id, Authenticator.confirmed_at >= since
    db.session.execute(delete(Authenticator).where(*fresh))
    if not has_factor(person) or _codes_made_since(person, since):
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == person.id))
    record("took a change of address back", by=person, asked=link.detail.get("to", ""))


def _codes_made_since(person: User, since: datetime) -> bool:
    """The rows do not say when they were made, but the log does: codes are made ten at a time, and only so."""
    made = AuditEntry.actor_id == person.id, AuditEntry.action == CODES_MADE, AuditEntry.at >= since
    return bool(db.session.scalar(select(exists().where(*made))))
