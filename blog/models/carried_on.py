"""One text carried on in several pages: what each began with, so that what one saves the others go on from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, select

from blog.database import db, utcnow
from blog.models.base import upsert
from blog.models.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blog.models.post import Post
    from blog.models.user import User
    from blog.models.working_copy import WorkingCopy

EMPTY = {"base": 0, "typed": {}, "is_unsaved": False}  # what a row that is made must say at least
FORMS = 50  # of one page, by which it is known that one has come again
LONGEST_LINE = 50  # of pages that began with each other's texts
MOST_BEGUN = 20  # pages of one person that began so and in which nothing was typed

Taken = tuple[UUID, int]  # a copy whose text another page began with, and the version it had then


class CarriedOn:
    """What a working copy knows of the page whose text it began with, and of those that began with its own."""

    @classmethod
    def begun_as(  # type: ignore[misc]
        cls: type[WorkingCopy], copy_id: UUID | None, taken: Taken | None, post: Post, by: User
    ) -> WorkingCopy | None:
        """The copy of this page, if it has saved before; or the one whose text it took over, if that one had.

        A page that took a text over which has since been saved elsewhere, with more, goes on from what it took over.
        """
        copy = cls.of(copy_id, post, by)
        if copy is not None and copy.handed_in is not None:
            return copy
        began = cls.of(taken[0], post, by) if taken else None
        if began and taken and began.handed_in is not None and began.handed_version <= taken[1]:
            return began
        return (cls._gone_on(copy, post, by) if copy else None) or copy

    @classmethod
    def _gone_on(  # type: ignore[misc]
        cls: type[WorkingCopy], copy: WorkingCopy, post: Post, by: User
    ) -> WorkingCopy | None:
        """The page that a text was taken over from and that has saved it, or what it was then, if it has saved more."""
        for child, parent in cls._line(copy, post, by):
            if parent.handed_in is not None:
                if parent.handed_version <= (child.after_version or 0):
                    return parent
                return cls(id=copy.id, handed_in=child.began, handed_as=parent.handed_as)
        return None

    @classmethod
    def _line(  # type: ignore[misc]
        cls: type[WorkingCopy], copy: WorkingCopy, post: Post, by: User, *, lock: bool = False
    ) -> Iterator[tuple[WorkingCopy, ...]]:
        """Each page with the one whose text it began with, and so on."""
        for _ in range(LONGEST_LINE):
            parent = cls.of(copy.after_id, post, by, lock=lock) if copy.after_id else None
            if parent is None:
                return
            yield copy, parent
            copy = parent

    @classmethod
    def begin(  # type: ignore[misc]
        cls: type[WorkingCopy],
        copy_id: UUID,
        of: tuple[int, int],
        after: Taken,
        *,
        base: int,
        typed: dict[str, str],
        content: Content,
    ) -> None:
        """A page of this post and person begins with the text of another: remember what that was.

        By the time the page is saved that other one may have gone on, or have been saved with more.
        """
        post_id, by_id = of
        idle = (cls.post_id == post_id, cls.by_id == by_id, ~cls.is_unsaved, cls.handed_seq.is_(None), cls.seq == 0)
        begun = select(cls.id).where(*idle, cls.after_id.is_not(None)).order_by(cls.saved_at.desc())
        old = begun.offset(MOST_BEGUN).limit(MOST_BEGUN)
        db.session.execute(delete(cls).where(cls.id.in_(old)), execution_options={"synchronize_session": False})
        row = EMPTY | {"id": copy_id, "post_id": post_id, "by_id": by_id, "base": base, "typed": typed}
        row |= {"saved_at": utcnow(), "after_id": after[0], "after_version": after[1], "began": content}
        made = upsert(cls.__table__).values(row)  # type: ignore[arg-type]
        db.session.execute(made.on_conflict_do_nothing())

    @classmethod
    def tell(  # type: ignore[misc]
        cls: type[WorkingCopy], copy: WorkingCopy, post: Post, by: User
    ) -> None:
        """The pages whose texts this one began with go on from there: it is saved with what this page has saved."""
        for child, parent in cls._line(copy, post, by, lock=True):
            version = child.after_version or 0
            if parent.handed_version > version:
                return  # it has saved more since, and so told the others
            parent.handed_in, parent.handed_as, parent.handed_version = child.began, post.revision, version
            parent.handed_forms = [*parent.handed_forms[-FORMS:], ""]  # by no form of its own
