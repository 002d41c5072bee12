"""Addresses somebody asked for in vain, so that an admin can mend them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Select, String, case, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now, db
from blog.models.base import Id, sweep, upsert

KEPT = 1000  # the newest; older ones are swept out


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

    @classmethod
    def count(cls, path: str, times: int, referrer: str, last_at: datetime) -> None:
        """Note that it was asked for so many times more."""
        new = upsert(cls.__table__)  # type: ignore[arg-type]  # a declared class's __table__ is a Table
        new = new.values(path=path, times=times, referrer=referrer, first_at=last_at, last_at=last_at)
        told = new.excluded
        changes = {
            "times": cls.times + told.times,
            "referrer": case((told.referrer != "", told.referrer), else_=cls.referrer),
            "last_at": told.last_at,
        }
        db.session.execute(new.on_conflict_do_update(index_elements=["path"], set_=changes))

    @classmethod
    def sweep(cls) -> None:
        last_one_out = select(cls.last_at).order_by(cls.last_at.desc()).offset(KEPT).limit(1).scalar_subquery()
        sweep(cls.id, cls.last_at <= last_one_out)
