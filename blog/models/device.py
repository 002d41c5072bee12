"""Devices that a person has signed in from: an attack on the account does not shut them out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now, db, utcnow
from blog.models.base import Digest, Id, sweep, user_reference
from blog.models.credentials import digest_of

if TYPE_CHECKING:
    from blog.models.user import User

LASTS = timedelta(days=180)
MOST = 50  # of one person: a program that signs in without a cookie is a new device each time


class KnownDevice(Model):
    """One browser that one person has signed in with. Its cookie holds the secret; it opens nothing by itself."""

    __tablename__ = "known_devices"

    id: Mapped[Id]
    digest: Mapped[Digest]
    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def find(cls, known: Sequence[str], user_id: int) -> str:
        """The digest of that of these secrets which this person is known by, or nothing. One query in any case."""
        theirs = select(cls.digest).where(cls.user_id == user_id, cls.expires_at > utcnow())
        return db.session.scalar(theirs.where(cls.digest.in_([digest_of(secret) for secret in known]))) or ""

    @classmethod
    def remember(cls, user: User, known: Sequence[str]) -> str:
        """Know the device by one of its secrets, or by a new one, which is returned.

        Secrets that are not this person's stay strangers': somebody may have planted them.
        """
        now = utcnow()
        sweep(cls.id, cls.expires_at <= now)
        if digest := cls.find(known, user.id):
            db.session.execute(update(cls).where(cls.digest == digest).values(expires_at=now + LASTS))
            return ""
        fresh = secrets.token_urlsafe(32)
        newest = select(cls.id).where(cls.user_id == user.id).order_by(cls.id.desc()).limit(MOST - 1)
        db.session.execute(delete(cls).where(cls.user_id == user.id, cls.id.not_in(newest)))
        db.session.add(cls(digest=digest_of(fresh), user_id=user.id, expires_at=now + LASTS))
        return fresh

    @classmethod
    def forget_all(cls, user: User, *, but: str = "") -> None:
        """From here on the person signs in as from strange devices, but for the one of this digest."""
        db.session.execute(delete(cls).where(cls.user_id == user.id, cls.digest != but))
