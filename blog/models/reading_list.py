"""The reading list: what somebody has put by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Model, database_now
from blog.models.base import user_reference
from blog.models.post import Post


class Kept(Model):
    """A post on somebody's reading list, since when."""

    __tablename__ = "reading_list"
    __table_args__ = (Index(None, "user_id", "kept_at", "post_id"),)

    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True)
    kept_at: Mapped[datetime] = mapped_column(server_default=database_now())

    post: Mapped[Post] = relationship()
