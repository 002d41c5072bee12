"""What somebody has typed and not yet saved: a private working copy for each page of the editor that is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    and_,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Model, db, utcnow
from blog.models.base import sweep, upsert, user_reference
from blog.models.content import Content

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User

SETTLED_KEPT = timedelta(days=7)  # a page that was saved may come back that long
MOST = 100  # of one person for one post; each was typed by hand


class TooManyCopiesError(Exception):
    """There is no room for one more. The text is for the person."""


class WorkingCopy(Model):
    """The text of one page of the editor, as typed: perhaps not fit to be saved. Nobody but its writer sees it.

    Each page that opens the editor has a copy of its own, so that two tabs cannot overwrite each other. A page counts
    its saves in `seq`; one that comes late, after a newer one, changes nothing.
    """

    __tablename__ = "working_copies"
    __table_args__ = (
        Index(None, "post_id", "by_id", "saved_at"),
        Index(None, "by_id", "saved_at"),
        CheckConstraint("seq >= 0", name="has_seq"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    by_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"))
    base: Mapped[int]  # the revision the text began from
    seq: Mapped[int] = mapped_column(default=0)
    is_unsaved: Mapped[bool]
    typed: Mapped[dict[str, str]] = mapped_column(JSON)  # field by field, as the form sent it
    saved_at: Mapped[datetime]
    handed_in: Mapped[Content | None] = mapped_column(JSON)  # what this page last saved as a revision, and which:
    handed_as: Mapped[int | None]  # what it types next begins from there

    post: Mapped[Post] = relationship()

    # Questions

    @classmethod
    def of(cls, copy_id: UUID | None, post: Post, by: User) -> WorkingCopy | None:
        """The copy of this page, if it is this person's and of this post."""
        return db.session.scalar(select(cls).where(cls.id == copy_id, cls.post_id == post.id, cls.by_id == by.id))

    @classmethod
    def unsaved(cls, by: User) -> Select[WorkingCopy]:
        """What this person has typed and not saved, the newest first."""
        return select(cls).where(cls.by_id == by.id, cls.is_unsaved).order_by(cls.saved_at.desc(), cls.id)

    @classmethod
    def left(cls, post: Post, by: User) -> list[WorkingCopy]:
        return list(db.session.scalars(cls.unsaved(by).where(cls.post_id == post.id)))

    # Verbs

    @classmethod
    def keep(cls, copy_id: UUID, post: Post, by: User, *, base: int, seq: int, typed: dict[str, str]) -> int:
        """Keep what is typed, unless something newer of this page is kept already. Returns the number that is kept.

        One statement, so that two requests of one page cannot come between each other. Raises TooManyCopiesError.
        """
        if seq <= 1 and cls._number(post, by) >= MOST:
            raise TooManyCopiesError(f"You have {MOST} unsaved versions of this text. Discard some of them first.")
        row = {"base": base, "seq": seq, "typed": typed, "is_unsaved": True}
        kept = cls._put(copy_id, post, by, row, where=cls.seq < seq)
        return seq if kept else db.session.scalar(select(cls.seq).where(cls.id == copy_id)) or 0

    @classmethod
    def hand_in(cls, copy_id: UUID, post: Post, by: User, *, seq: int, content: Content) -> None:
        """The page has saved this as the newest revision: nothing is unsaved, and late autosaves change nothing."""
        number = post.revision
        sweep(cls.id, and_(~cls.is_unsaved, cls.saved_at < utcnow() - SETTLED_KEPT))
        row = {"base": number, "seq": seq + 1, "typed": {}, "is_unsaved": False}
        cls._put(copy_id, post, by, row | {"handed_in": content, "handed_as": number}, where=cls.seq <= seq + 1)

    @classmethod
    def settle(cls, copy_id: UUID, post: Post, by: User, *, seq: int) -> None:
        """Another page has taken the text over: nothing is unsaved here, unless something was typed since."""
        mine = update(cls).where(cls.id == copy_id, cls.post_id == post.id, cls.by_id == by.id, cls.seq == seq)
        db.session.execute(mine.values(is_unsaved=False, typed={}))

    @classmethod
    def drop(cls, copy_id: UUID, post: Post, by: User) -> None:
        """Throw away what was typed."""
        db.session.execute(delete(cls).where(cls.id == copy_id, cls.post_id == post.id, cls.by_id == by.id))

    @classmethod
    def _number(cls, post: Post, by: User) -> int:
        return db.session.scalar(select(func.count()).where(cls.post_id == post.id, cls.by_id == by.id)) or 0

    @classmethod
    def _put(cls, copy_id: UUID, post: Post, by: User, row: dict[str, Any], *, where: ColumnElement[bool]) -> bool:
        """Make or change the row of a copy, where it is this person's and of this post. Whether it was done."""
        row = row | {"saved_at": utcnow()}
        made = upsert(cls.__table__).values(row | {"id": copy_id, "post_id": post.id, "by_id": by.id})  # type: ignore[arg-type]
        mine = and_(cls.post_id == post.id, cls.by_id == by.id, where)
        changed = made.on_conflict_do_update(
            index_elements=["id"], set_={name: made.excluded[name] for name in row}, where=mine
        )
        return db.session.execute(changed.returning(cls.id)).first() is not None
