"""Passkeys: keys on the devices of people, each of which proves who its person is by itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now, db, utcnow
from blog.models.audit import record
from blog.models.base import Digest, Id, user_reference
from blog.models.credentials import digest_of

if TYPE_CHECKING:
    from blog.models.user import User


class TakenPasskeyError(Exception):
    """The passkey is somebody's already. The text is for the person."""


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

    @classmethod
    def of(cls, credential: str) -> Passkey | None:
        return db.session.scalar(select(cls).where(cls.digest == digest_of(credential)))

    @classmethod
    def add(cls, person: User, *, credential: str, name: str, **key: Any) -> Passkey:
        """Raises TakenPasskeyError, also where it is this person's own."""
        if cls.of(credential):
            raise TakenPasskeyError("This passkey is registered here already.")
        made = cls(user_id=person.id, digest=digest_of(credential), credential=credential, name=name, **key)
        db.session.add(made)
        record("added a passkey", by=person, subject=name)
        return made

    def rename(self, name: str, *, by: User) -> None:
        record("renamed a passkey", by=by, subject=name, before=self.name)
        self.name = name

    def count(self, sign_count: int) -> bool:
        """Note that it was used. False where its counter has not gone on since: then there are two of it."""
        goes_on = or_(Passkey.sign_count < sign_count, (Passkey.sign_count == 0) & (sign_count == 0))
        used = update(Passkey).where(Passkey.id == self.id, goes_on)
        used = used.values(sign_count=sign_count, used_at=utcnow()).returning(Passkey.id)
        return db.session.execute(used).first() is not None
