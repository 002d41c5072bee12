"""What keeps a person in: sessions. Only digests are stored, never the secrets themselves."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, String, and_, case, delete, literal, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from blog.database import Model, UTCDateTime, database_now, db, utcnow
from blog.models.base import Digest, Id, sweep, user_reference
from blog.models.rights import STAYS

if TYPE_CHECKING:
    from blog.models.user import User

USE_IS_NOTED = timedelta(minutes=5)  # at most so often
PROOF_LASTS = timedelta(minutes=30)  # so long after somebody showed who they are, the dangerous acts are theirs


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class LoginSession(Model):
    """One sign-in on one device. The cookie names this row; to delete it is to sign out."""

    __tablename__ = "login_sessions"

    id: Mapped[Id]
    digest: Mapped[Digest]
    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    used_at: Mapped[datetime]
    proved_at: Mapped[datetime]  # when the person last showed who they are
    expires_at: Mapped[datetime] = mapped_column(index=True)
    agent: Mapped[str] = mapped_column(String(200), default="")
    origin: Mapped[str] = mapped_column(String(60), default="")
    by_link: Mapped[bool] = mapped_column(default=False)  # whoever came so may choose a password without the old one
    has_factor: Mapped[bool] = mapped_column(default=False)  # a code or a passkey was asked for, and given

    user: Mapped[User] = relationship()

    @classmethod
    def start(
        cls, user: User, *, agent: str = "", origin: str = "", by_link: bool = False, has_factor: bool = False
    ) -> str:
        """A new session for this person. Returns the secret for the cookie, which is stored nowhere else."""
        secret, now = secrets.token_urlsafe(32), utcnow()
        sweep(cls.id, cls.expires_at < now)
        db.session.add(
            cls(
                digest=digest_of(secret),
                user=user,
                created_at=now,
                used_at=now,
                proved_at=now,
                expires_at=now + STAYS[user.role].longest,
                agent=agent[:200],
                origin=origin[:60],
                by_link=by_link,
                has_factor=has_factor,
            )
        )
        return secret

    @classmethod
    def of(cls, secret: str) -> LoginSession | None:
        """The living session this secret opens, with its person, in one query."""
        found = select(cls).join(cls.user).where(cls.digest == digest_of(secret), cls._is_living())
        return db.session.scalar(found.options(contains_eager(cls.user)))

    @classmethod
    def living_of(cls, user: User) -> Select[LoginSession]:
        """Where the person is signed in, the last used first."""
        theirs = select(cls).join(cls.user).where(cls.user_id == user.id, cls._is_living())
        return theirs.order_by(cls.used_at.desc(), cls.id.desc())

    @classmethod
    def _is_living(cls) -> ColumnElement[bool]:
        """Within both limits of the role that the person has now: a role that rises shortens them at once."""
        role, now = cls.user.property.mapper.columns["role"], utcnow()  # of User, whose module imports this one
        idle = {role: literal(now - stay.idle, UTCDateTime()) for role, stay in STAYS.items()}
        longest = {role: literal(now - stay.longest, UTCDateTime()) for role, stay in STAYS.items()}
        in_use, young = cls.used_at > case(idle, value=role), cls.created_at > case(longest, value=role)
        return and_(cls.expires_at > now, in_use, young)

    @property
    def is_proved(self) -> bool:
        """Whether the person showed who they are only lately."""
        return self.proved_at > utcnow() - PROOF_LASTS

    @property
    def use_is_news(self) -> bool:
        """Whether it is a while since its use was written down."""
        return self.used_at <= utcnow() - USE_IS_NOTED

    @classmethod
    def note_use(cls, login_id: int) -> None:
        now = utcnow()
        seldom = update(cls).where(cls.id == login_id, cls.used_at <= now - USE_IS_NOTED)
        db.session.execute(seldom.values(used_at=now))

    @classmethod
    def renew(cls, secret: str) -> str | None:
        """The person has proved anew who they are: a new secret, and the old one opens nothing. None if it is over."""
        fresh = secrets.token_urlsafe(32)
        proved = update(cls).where(cls.digest == digest_of(secret)).values(digest=digest_of(fresh), proved_at=utcnow())
        return fresh if db.session.execute(proved.returning(cls.id)).first() else None

    @classmethod
    def end(cls, secret: str) -> None:
        """Sign out whoever holds this secret. Nothing happens if it opens nothing any more."""
        db.session.execute(delete(cls).where(cls.digest == digest_of(secret)))

    @classmethod
    def end_all(cls, user: User, *, but: LoginSession | None = None) -> None:
        ended = delete(cls).where(cls.user_id == user.id)
        db.session.execute(ended.where(cls.id != but.id) if but else ended)
