"""What somebody has typed and not yet saved: a private working copy for each page of the editor that is open."""

from __future__ import annotations

import hashlib
import json
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
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Model, db, utcnow
from blog.models.base import sweep, upsert, user_reference
from blog.models.carried_on import EMPTY, FORMS, CarriedOn, Taken
from blog.models.content import Content
from blog.models.media import MediaUse

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User

SETTLED_KEPT = timedelta(days=7)  # a page that was saved may come back that long
MOST = 100  # of one person for one post; each was typed by hand


class TooManyCopiesError(Exception):
    """There is no room for one more. The text is for the person."""


class WorkingCopy(CarriedOn, Model):
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
    handed_seq: Mapped[int | None]  # and how far the page had counted then
    handed_forms: Mapped[list[str]] = mapped_column(JSON, default=list)  # digests of all the forms it has handed in
    version: Mapped[int] = mapped_column(default=1)  # goes up with every change, for pages that take the text over
    handed_version: Mapped[int] = mapped_column(default=0)  # from which on the text holds what was handed in
    # Another page's copy whose text this page began with, and what that was:
    after_id: Mapped[UUID | None]
    after_version: Mapped[int | None]
    began: Mapped[Content | None] = mapped_column(JSON)
    is_merged: Mapped[bool] = mapped_column(default=False)  # together with what others had saved

    post: Mapped[Post] = relationship()

    # Questions

    @classmethod
    def of(cls, copy_id: UUID | None, post: Post, by: User, *, lock: bool = False) -> WorkingCopy | None:
        """The copy of this page, if it is this person's and of this post."""
        found = select(cls).where(cls.id == copy_id, cls.post_id == post.id, cls.by_id == by.id)
        found = found.with_for_update() if lock else found
        return db.session.scalar(found.execution_options(populate_existing=True))

    @classmethod
    def unsaved(cls, by: User) -> Select[WorkingCopy]:
        """What this person has typed and not saved, the newest first."""
        return select(cls).where(cls.by_id == by.id, cls.is_unsaved).order_by(cls.saved_at.desc(), cls.id)

    @classmethod
    def left(cls, post: Post, by: User) -> list[WorkingCopy]:
        return list(db.session.scalars(cls.unsaved(by).where(cls.post_id == post.id)))

    def goes_on_from(self, base: int | None) -> bool:
        """Whether a text that began from this base was saved by the page since, so that it goes on from there."""
        return self.handed_as is not None and (base is None or base < self.handed_as)

    def is_past(self, seq: int, typed: dict[str, str], deed: str) -> bool:
        """Whether what the page sent comes late, or again: it has saved something newer since.

        A page with scripts counts; of one without, a form that is the same to the letter as one handed in before the
        last is taken for that one, on its way for long.
        """
        late = self.handed_seq is not None and seq < self.handed_seq
        return late or (seq == self.handed_seq and digest_of(typed, deed) in self.handed_forms[:-1])

    def has_saved(self, typed: dict[str, str]) -> bool:
        """Whether just this is what the page has saved last."""
        return self.handed_seq is not None and not self.is_unsaved and self.typed == typed

    # Verbs

    @classmethod
    def keep(
        cls,
        copy_id: UUID,
        post: Post,
        by: User,
        *,
        base: int,
        seq: int,
        typed: dict[str, str],
        after: Taken | None = None,
        pressed: bool = False,
        is_same: bool = False,
    ) -> int:
        """Keep what is typed, unless something newer of this page is kept already. Returns the number that is kept.

        Where it is just what the page has saved, or `is_same` as its base, nothing is unsaved. What came with a button
        `pressed` has the number of the last autosave, or none on a page that cannot count, and takes its place. What
        took over the text of the copy `after` goes on from what that one saved. One statement, so that two requests of
        one page cannot come between each other. Raises TooManyCopiesError.
        """
        known = cls.of(copy_id, post, by)
        if (known is None or not known.is_unsaved) and cls._others(copy_id, post, by) >= MOST:
            raise TooManyCopiesError(f"You have {MOST} unsaved versions of this text. Discard some of them first.")
        is_saved = known is not None and known.has_saved(typed)
        row = {"base": base, "seq": seq, "typed": typed, "is_unsaved": not (is_saved or is_same)}
        began = None if known else cls.begun_as(None, after, post, by)
        if began and began.goes_on_from(base):
            row |= {"handed_in": began.handed_in, "handed_as": began.handed_as}
        if known and not pressed and known.typed == typed and known.base == base:
            row = {"seq": seq, "is_unsaved": row["is_unsaved"]}  # for the pages that took it over it is the same
        newer = cls.seq <= seq if pressed else cls.seq < seq
        kept = cls._put(copy_id, post, by, row, where=newer)
        MediaUse.note(post.id, typed.get("body", ""), typed.get("cover", ""))
        return seq if kept else db.session.scalar(select(cls.seq).where(cls.id == copy_id)) or 0

    @classmethod
    def hand_in(
        cls,
        copy_id: UUID,
        post: Post,
        by: User,
        *,
        seq: int,
        content: Content,
        typed: dict[str, str],
        deed: str = "",
    ) -> None:
        """The page has saved this as the newest revision. Nothing is unsaved, unless more was typed meanwhile."""
        sweep(cls.id, and_(~cls.is_unsaved, cls.saved_at < utcnow() - SETTLED_KEPT))
        known = cls.of(copy_id, post, by, lock=True)
        form, forms = digest_of(typed, deed), known.handed_forms if known else []
        if known and known.handed_seq == seq and forms[-1:] == [form]:
            return  # it came twice; what was typed between is as it was
        version = known.version + 1 if known else 1
        row: dict[str, Any] = {"handed_in": content, "handed_as": post.revision, "handed_seq": seq}
        row |= {"version": version, "handed_version": version}
        row["handed_forms"] = [*(one for one in forms[-FORMS:] if one != form), form]
        if known is None or known.seq <= seq or known.typed == typed:
            counted = max(seq, known.seq) if known else seq
            row |= {"base": post.revision, "typed": typed, "is_unsaved": False, "seq": counted}
        if known is None:
            cls._put(copy_id, post, by, row, where=cls.seq <= seq)
            return
        for name, value in row.items():
            setattr(known, name, value)
        cls.tell(known, post, by)

    @classmethod
    def settle(cls, taken: Taken, post: Post, by: User, *, content: Content | None = None) -> None:
        """Another page has taken the text over: nothing is unsaved here, unless something was typed since.

        Once that page has saved it, with more or not, this `content` is what any other page with the same text, in a
        second tab, goes on from.
        """
        copy = cls.of(taken[0], post, by, lock=True)
        if copy is None or copy.version != taken[1]:
            return
        copy.is_unsaved = False
        if content is not None:
            copy.handed_in, copy.handed_as, copy.handed_version = content, post.revision, copy.version
            copy.handed_forms = [*copy.handed_forms, ""]  # by no form of its own
            cls.tell(copy, post, by)

    @classmethod
    def drop(cls, copy_id: UUID, post: Post, by: User) -> None:
        """Throw away what was typed, and the memory of pages that only began with it."""
        mine = delete(cls).where(cls.post_id == post.id, cls.by_id == by.id)
        only_began = and_(cls.after_id == copy_id, cls.seq == 0, ~cls.is_unsaved, cls.handed_seq.is_(None))
        db.session.execute(mine.where(or_(cls.id == copy_id, only_began)))

    @classmethod
    def _others(cls, copy_id: UUID, post: Post, by: User) -> int:
        others = select(func.count()).where(cls.post_id == post.id, cls.by_id == by.id, cls.is_unsaved)
        return db.session.scalar(others.where(cls.id != copy_id)) or 0

    @classmethod
    def _put(
        cls,
        copy_id: UUID,
        post: Post,
        by: User,
        row: dict[str, Any],
        *,
        where: ColumnElement[bool],
    ) -> bool:
        """Make or change the row of a copy, where it is this person's and of this post. Whether it was done."""
        row = row | {"saved_at": utcnow()}
        of_whom = {"id": copy_id, "post_id": post.id, "by_id": by.id}
        made = upsert(cls.__table__).values(EMPTY | row | of_whom)  # type: ignore[arg-type]
        mine = and_(cls.post_id == post.id, cls.by_id == by.id, where)
        row = ({"version": cls.version + 1} if "typed" in row else {}) | row
        changed = made.on_conflict_do_update(index_elements=["id"], set_=row, where=mine)
        return db.session.execute(changed.returning(cls.id)).first() is not None


def digest_of(typed: dict[str, str], deed: str) -> str:
    """One short name for all that a form says."""
    return hashlib.sha256(json.dumps([deed, typed], sort_keys=True).encode()).hexdigest()[:32]
