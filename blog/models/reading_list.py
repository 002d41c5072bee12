"""The reading list: what somebody has put by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, delete, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from blog.database import Model, database_now, db, utcnow
from blog.models.base import upsert, user_reference
from blog.models.post import Post
from blog.models.user import User

LIST_LIMIT = 1000


class FullListError(Exception):
    """No more fits on the list. The text is for the person."""


class Kept(Model):
    """A post on somebody's reading list, since when."""

    __tablename__ = "reading_list"
    __table_args__ = (Index(None, "user_id", "kept_at", "post_id"),)

    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True)
    kept_at: Mapped[datetime] = mapped_column(server_default=database_now())

    post: Mapped[Post] = relationship()

    @classmethod
    def of(cls, user: User) -> Select[Kept]:
        """This person's list, newest first, each with its post, whether that is still out or not."""
        post = joinedload(cls.post, innerjoin=True)
        byline = (post.joinedload(Post.author, innerjoin=True), post.selectinload(Post.co_authors))
        mine = select(cls).where(cls.user_id == user.id).order_by(cls.kept_at.desc(), cls.post_id.desc())
        return mine.options(*byline)

    @classmethod
    def holds(cls, post: Post, *, user: User) -> bool:
        return db.session.get(cls, (user.id, post.id)) is not None

    # Verbs

    @classmethod
    def keep(cls, post: Post, *, by: User) -> None:
        """Put it on the list, or leave it where it is there already. Raises FullListError."""
        db.session.execute(select(User.id).where(User.id == by.id).with_for_update())  # one after the other
        others = select(func.count()).select_from(cls).where(cls.user_id == by.id, cls.post_id != post.id)
        if (db.session.scalar(others) or 0) >= LIST_LIMIT:
            raise FullListError(f"Your reading list holds {LIST_LIMIT:,} posts, and no more. Drop some first.")
        new = upsert(cls.__table__).values(user_id=by.id, post_id=post.id, kept_at=utcnow())  # type: ignore[arg-type]
        db.session.execute(new.on_conflict_do_nothing())

    @classmethod
    def drop(cls, post_id: int, *, by: User) -> None:
        db.session.execute(delete(cls).where(cls.user_id == by.id, cls.post_id == post_id))
