"""What a person has besides a password: an authenticator app, recovery codes, passkeys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now
from blog.models.base import Digest, Id, user_reference


class Authenticator(Model):
    """The app of one person that makes codes of six digits. It counts once its first code has been typed."""

    __tablename__ = "authenticators"

    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(300))  # its secret; see blog.sealing
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # of the last code taken: each counts once
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """One way in when the app is lost. The row goes when it is used."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    digest: Mapped[Digest]


class Passkey(Model):
    """A key on a device of a person, which proves who they are by itself."""

    __tablename__ = "passkeys"
    __table_args__ = (CheckConstraint("name <> ''", name="has_name"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    digest: Mapped[Digest]  # of its id, which may be longer than an index takes
    credential: Mapped[str] = mapped_column(Text)  # its id, as base64 for addresses
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(80))
    transports: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    used_at: Mapped[datetime | None]
