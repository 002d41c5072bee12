"""Addresses somebody asked for in vain, so that an admin can mend them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now
from blog.models.base import Id


class Missing(Model):
    """One address without a page. `path` is as `text.plain_path` writes it."""

    __tablename__ = "missing"
    __table_args__ = (Index(None, "last_at", "id"),)

    id: Mapped[Id]
    path: Mapped[str] = mapped_column(String(500), unique=True)
    times: Mapped[int] = mapped_column(default=1, server_default="1")
    referrer: Mapped[str] = mapped_column(String(500), default="", server_default="")  # where the last one came from
    first_at: Mapped[datetime] = mapped_column(server_default=database_now())
    last_at: Mapped[datetime] = mapped_column(server_default=database_now())
