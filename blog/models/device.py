"""Devices that a person has signed in from: an attack on the account does not shut them out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now
from blog.models.base import Digest, Id, user_reference


class KnownDevice(Model):
    __tablename__ = "known_devices"

    id: Mapped[Id]
    digest: Mapped[Digest]
    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
