"""The reading list: what somebody has put by."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Select, delete, exists, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from blog.database import Model, database_now, db, utcnow
from blog.models.base import upsert, user_reference
from blog.models.post import Post

if TYPE_CHECKING:
    from blog.models.user import Anonymous, User

LIMIT = 1_000


class FullListError(Exception):
    """There is no room for one more. The text is for the person."""


class Kept(Model):
    """A post on somebody's reading list, since when."""

    __tablename__ = "reading_list"
    __table_args__ = (Index(None, "user_id", "kept_at", "post_id"),)

    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True)
    kept_at: Mapped[datetime] = mapped_column(server_default=database_now())

    post: Mapped[Post] = relationship()

    # Questions

    @classmethod
    def of(cls, person: User) -> Select[Kept]:
        """What this person has kept, last kept first, with all a list shows of it. Some may be out no longer."""
        the_post = joinedload(cls.post, innerjoin=True)
        return (
            select(cls)
            .where(cls.user_id == person.id)
            .order_by(cls.kept_at.desc(), cls.post_id.desc())
            .options(
                the_post.joinedload(Post.author, innerjoin=True),
                the_post.selectinload(Post.co_authors),
                the_post.selectinload(Post.tags),
            )
        )

    @classmethod
    def has(cls, post: Post, *, by: User | Anonymous) -> bool:
        """Whether the post is on this person's list. Costs nothing where nobody is signed in."""
        if by.id is None:
            return False
        mine = exists().where(cls.user_id == by.id, cls.post_id == post.id)
        return bool(db.session.scalar(select(mine)))

    # Verbs

    @classmethod
    def keep(cls, post: Post, *, by: User) -> None:
        """Put the post on this person's list, once. Raises FullListError where there is no room.

        Two requests at once may each take the last place, which harms nobody, so nobody waits for a lock.
        """
        if cls.has(post, by=by):
            return
        some = select(cls.post_id).where(cls.user_id == by.id).limit(LIMIT).subquery()
        if (db.session.scalar(select(func.count()).select_from(some)) or 0) >= LIMIT:
            raise FullListError(f"Your reading list holds {LIMIT:,} posts, which is all it can. Drop some first.")
        row = upsert(cls.__table__).values(user_id=by.id, post_id=post.id, kept_at=utcnow())  # type: ignore[arg-type]
        db.session.execute(row.on_conflict_do_nothing())

    @classmethod
    def drop(cls, post_id: int, *, by: User) -> None:
        """Take the post off this person's list. Nothing happens where it is not on it."""
        db.session.execute(delete(cls).where(cls.user_id == by.id, cls.post_id == post_id))
