"""Addresses somebody asked for in vain, so that an admin can mend them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Select, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now, db
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

    @classmethod
    def newest(cls) -> Select[Missing]:
        return select(cls).order_by(cls.last_at.desc(), cls.id.desc())

    @classmethod
    def forget(cls, path: str) -> None:
        """Take this address off the list: it is mended, or nobody's business."""
        db.session.execute(delete(cls).where(cls.path == path))
