"""Who has a post open in the editor, and since when. It informs; nobody is kept out by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, case, exists, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from blog.database import Model, db, utcnow
from blog.models.base import upsert, user_reference
from blog.models.post import Post
from blog.models.user import User

if TYPE_CHECKING:
    from collections.abc import Sequence

OPENED_LASTS = timedelta(minutes=20)  # a page without JavaScript says nothing after it was opened
BEAT_LASTS = timedelta(minutes=2)  # one with it says every 45 seconds that it is still there
AWAY = timedelta(minutes=2)  # whoever only loads the page anew was there all the time


class Presence(Model):
    """One person at one post, in however many tabs. Rows that have run out stay, until the person comes again."""

    __tablename__ = "presence"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), primary_key=True, index=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires: Mapped[datetime]

    user: Mapped[User] = relationship()

    # Questions

    @classmethod
    def others(cls, post_id: int, *, but: User) -> Sequence[Presence]:
        """Who else has the post open, the first to come first, in one query."""
        here = select(cls).where(cls.post_id == post_id, cls.user_id != but.id, cls.expires > utcnow())
        people = here.join(cls.user).where(User.is_active).options(joinedload(cls.user, innerjoin=True))
        return db.session.scalars(people.order_by(cls.since, cls.user_id)).all()

    # Verbs

    @classmethod
    def note(cls, post_id: int, user_id: int, *, lasts: timedelta = OPENED_LASTS) -> bool:
        """The person is at the post. False where it cannot be said just now, since somebody is saving the post.

        On PostgreSQL the post is locked first, as whoever saves does, so that the two never wait for each other.
        """
        is_here = exists().where(User.id == user_id, User.is_active)  # and was not deleted while they saved
        here = select(Post.id).where(Post.id == post_id, is_here)
        here = here.with_for_update(of=Post, read=True, key_share=True, skip_locked=True)
        if db.session.scalar(here) is None:
            return False
        now = utcnow()
        row = {"post_id": post_id, "user_id": user_id, "since": now, "seen_at": now, "expires": now + lasts}
        came = upsert(cls.__table__).values(row)  # type: ignore[arg-type]
        fresh = {name: came.excluded[name] for name in ("seen_at", "expires")}
        since = case((cls.expires <= now - AWAY, came.excluded.since), else_=cls.since)  # whoever was away comes anew
        stays = came.on_conflict_do_update(index_elements=["post_id", "user_id"], set_=fresh | {"since": since})
        db.session.execute(stays)
        return True

    @classmethod
    def end(cls, post_id: int, user_id: int) -> None:
        """The person has left."""
        now = utcnow()
        here = update(cls).where(cls.post_id == post_id, cls.user_id == user_id, cls.expires > now)
        db.session.execute(here.values(expires=now))
