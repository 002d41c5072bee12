"""One-time links. Only the digest of a secret is stored; the secret itself is in the link, and nowhere else."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Index, String, and_, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Model, database_now, db, utcnow
from blog.models.base import Digest, Id, only, sweep, user_reference
from blog.models.credentials import digest_of
from blog.models.rights import UserRole

if TYPE_CHECKING:
    from blog.models.user import User

KEPT = timedelta(days=30)  # how long a link that has run out is still there to be told of


class Purpose(StrEnum):
    """What a one-time link opens."""

    setup = "setup"
    sign_in = "sign-in"
    second_step = "second-step"  # the password was right, and a factor is asked for
    challenge = "challenge"  # of a passkey
    invitation = "invitation"
    confirmation = "confirmation"  # of the address of whoever registers
    request = "request"  # to come in, for an admin to decide: no link of it is ever sent
    reset = "reset"  # of a password
    new_address = "new-address"
    old_address = "old-address"  # takes a change of address back


LASTS = {
    Purpose.setup: timedelta(hours=24),
    Purpose.sign_in: timedelta(hours=24),
    Purpose.second_step: timedelta(minutes=10),
    Purpose.challenge: timedelta(minutes=5),
    Purpose.invitation: timedelta(days=7),
    Purpose.confirmation: timedelta(hours=24),
    Purpose.request: timedelta(days=30),
    Purpose.reset: timedelta(hours=1),
    Purpose.new_address: timedelta(hours=24),
    Purpose.old_address: timedelta(days=7),
}


class Token(Model):
    """A one-time link: the row goes when it is used."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index(None, "purpose", "email"),
        Index("ix_tokens_invited", "email", unique=True, **only("purpose = 'invitation'")),
    )

    id: Mapped[Id]
    digest: Mapped[Digest]
    purpose: Mapped[Purpose]
    user_id: Mapped[int | None] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"), index=True)  # who asked for it
    email: Mapped[str] = mapped_column(String(320), default="", server_default="")  # the address it was sent to
    role: Mapped[UserRole | None]  # that an invitation gives
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    expires_at: Mapped[datetime] = mapped_column(index=True)

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])

    @classmethod
    def issue(
        cls,
        purpose: Purpose,
        *,
        user: User | None = None,
        by: User | None = None,
        email: str = "",
        role: UserRole | None = None,
        detail: dict[str, Any] | None = None,
        lasts: timedelta | None = None,
        beside: bool = False,
    ) -> str:
        """A new secret for this purpose. One from before for the same person, or address, ends, if not `beside`."""
        user_id = user.id if user else None
        sweep(cls.id, cls.expires_at < utcnow() - KEPT)
        if not beside:
            theirs = cls.user_id == user_id if user else and_(cls.user_id.is_(None), cls.email == email)
            db.session.execute(delete(cls).where(cls.purpose == purpose, theirs))
        return cls.add(purpose, user_id=user_id, by=by, email=email, role=role, detail=detail, lasts=lasts)

    @classmethod
    def add(
        cls,
        purpose: Purpose,
        *,
        user_id: int | None = None,
        by: User | None = None,
        email: str = "",
        role: UserRole | None = None,
        detail: dict[str, Any] | None = None,
        lasts: timedelta | None = None,
    ) -> str:
        """A new secret, and nothing else: of a thousand at once each would sweep and look for one from before."""
        secret = secrets.token_hex(32)  # no sign in it that a mail program takes for the end of the address
        db.session.add(
            cls(
                digest=digest_of(secret),
                purpose=purpose,
                user_id=user_id,
                by_id=by.id if by else None,
                email=email,
                role=role,
                detail=detail or {},
                expires_at=utcnow() + (LASTS[purpose] if lasts is None else lasts),
            )
        )
        return secret

    @classmethod
    def of(cls, purpose: Purpose, secret: str) -> Token | None:
        return db.session.scalar(
            select(cls).where(cls.digest == digest_of(secret), cls.purpose == purpose, cls.expires_at > utcnow())
        )

    @classmethod
    def revoke_all(cls, user: User) -> None:
        """End all links of this person, but those that take a change of their address back: they are no way in, but
        the way to drive an intruder out, who would otherwise change one thing more and be rid of them."""
        db.session.execute(delete(cls).where(cls.user_id == user.id, cls.purpose != Purpose.old_address))

    @classmethod
    def revoke_to(cls, email: str) -> None:
        """End what would let a new person with this address in: somebody has come in with it."""
        coming_in = cls.purpose.in_((Purpose.invitation, Purpose.confirmation, Purpose.request))
        db.session.execute(delete(cls).where(coming_in, cls.email == email))

    def spend(self) -> bool:
        """Use it up. False if another request was quicker."""
        gone = db.session.execute(delete(Token).where(Token.id == self.id).returning(Token.id))
        return gone.first() is not None
