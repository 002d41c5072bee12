"""The edition: a number that the database raises whenever anything changes that readers may see."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model
from blog.models.base import Id


class Edition(Model):
    """One row, always the same one. Finished pages are kept for one edition of the site: see `blog.page_cache`."""

    __tablename__ = "edition"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[Id] = mapped_column(default=1, autoincrement=False)
    number: Mapped[int] = mapped_column(default=1)
