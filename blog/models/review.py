"""Reviews: a colleague is asked to look at one revision, comments beside its words, and approves or returns it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Select, String, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from blog.database import Model, database_now, db, utcnow
from blog.models.audit import record
from blog.models.base import Id, only, user_reference
from blog.models.history import Revision
from blog.models.post import Post
from blog.models.publication import PostKind
from blog.models.rights import Can
from blog.models.user import User

WORDS_LIMIT = 2000


class ReviewError(ValueError):
    """What was asked of a review cannot be. The text is for the person."""


class Verdict(StrEnum):
    approved = "approved"
    returned = "returned"


class Review(Model):
    """One person's look at one revision, until it is closed. A verdict belongs to that revision, and outlives it."""

    __tablename__ = "reviews"
    __table_args__ = (
        ForeignKeyConstraint(["post_id", "number"], ["revisions.post_id", "revisions.number"], ondelete="CASCADE"),
        CheckConstraint("asked_by_id <> reviewer_id", name="of_another"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided_once"),
        # Asked twice at once, one is asked.
        Index("ix_reviews_open", "post_id", "number", "reviewer_id", unique=True, **only("ended_at IS NULL")),
        Index(None, "post_id", "number"),
        Index(None, "reviewer_id", "id"),
        Index(None, "asked_by_id", "id"),
    )

    id: Mapped[Id]
    post_id: Mapped[int]
    number: Mapped[int]  # of the revision
    asked_by_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"))
    reviewer_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(String(WORDS_LIMIT), default="")
    asked_at: Mapped[datetime] = mapped_column(server_default=database_now())
    verdict: Mapped[Verdict | None]
    words: Mapped[str] = mapped_column(String(WORDS_LIMIT), default="")  # that came with the verdict
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id])
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewer_id])
    revision: Mapped[Revision] = relationship(viewonly=True)
    post: Mapped[Post] = relationship(
        primaryjoin=lambda: Review.post_id == Post.id, foreign_keys=lambda: [Review.post_id], viewonly=True
    )

    # Questions

    @classmethod
    def dressed(cls) -> Select[Review]:
        """Reviews with their people and posts, in one query."""
        with_all = (joinedload(cls.asked_by), joinedload(cls.reviewer), joinedload(cls.post))
        return select(cls).options(*with_all)

    @classmethod
    def of_post(cls, post: Post) -> Select[Review]:
        return cls.dressed().where(cls.post_id == post.id).order_by(cls.id.desc())

    @classmethod
    def asked_of(cls, person: User) -> Select[Review]:
        """Those this person is asked for and may still read."""
        kept = cls.dressed().join(Post, cls.post_id == Post.id).where(Post.binned_at.is_(None))
        return kept.where(cls.reviewer_id == person.id, cls.ended_at.is_(None))

    @classmethod
    def number_waiting_for(cls, person: User) -> int:
        """How many this person has yet to answer."""
        open_ones = cls.asked_of(person).where(cls.verdict.is_(None)).with_only_columns(cls.id)
        return db.session.scalar(select(func.count()).select_from(open_ones.subquery())) or 0

    @classmethod
    def wanted_by(cls, person: User) -> Select[Review]:
        """Those this person has asked for, of posts that they may still edit."""
        mine = cls.dressed().join(Post, cls.post_id == Post.id).where(cls.asked_by_id == person.id)
        return mine if person.can(Can.EDIT_ANY) else mine.where(Post.of(person.id), Post.kind == PostKind.post)

    @classmethod
    def approvals(cls, post: Post) -> dict[int, list[str]]:
        """Who has approved which revision of the post: names, by number."""
        rows = (
            select(cls.number, User.name)
            .outerjoin(User, cls.reviewer_id == User.id)
            .where(cls.post_id == post.id, cls.verdict == Verdict.approved)
            .order_by(cls.number, cls.decided_at)
        )
        found: dict[int, list[str]] = {}
        for number, name in db.session.execute(rows):
            found.setdefault(number, []).append(name or "somebody")
        return {number: list(dict.fromkeys(names)) for number, names in found.items()}

    @property
    def state(self) -> str:
        if self.verdict:
            return self.verdict.value
        return "withdrawn" if self.ended_at else "asked"

    def is_of(self, user: User) -> bool:
        """Whether this person is the one who was asked, and may still look."""
        may_look = self.ended_at is None and self.post.binned_at is None
        return may_look and self.reviewer_id == user.id and user.can(Can.WRITE)

    def is_open_to(self, user: User) -> bool:
        """Whether this person may read it: the reviewer while it lasts, and those who may edit the post."""
        return self.is_of(user) or user.can_edit(self.post)

    # Verbs

    @classmethod
    def ask(cls, post: Post, reviewer: User, *, by: User, note: str = "") -> Review | None:
        """Ask for a review of the newest revision; None where that is asked already. Raises ReviewError.

        Load the post with a lock, so that no save comes between the look and the asking.
        """
        if reviewer.id == by.id:
            raise ReviewError("You cannot review for yourself. Ask somebody else.")
        if not reviewer.can(Can.WRITE):
            raise ReviewError(f"{reviewer.name} is no editor or admin here, and so cannot review.")
        if post.binned_at is not None:
            raise ReviewError("It is in the bin. Restore it first.")
        same = select(cls.id).where(cls.post_id == post.id, cls.number == post.revision, cls.ended_at.is_(None))
        if db.session.scalar(same.where(cls.reviewer_id == reviewer.id)):
            return None
        review = cls(post_id=post.id, number=post.revision, asked_by=by, reviewer=reviewer, note=note)
        db.session.add(review)
        db.session.flush()
        asked = {"post": post.id, "revision": post.revision, "of": reviewer.name}
        record("asked for a review of", by=by, about=reviewer, subject=post.headline, **asked)
        return review

    def decide(self, verdict: Verdict, words: str, *, by: User) -> bool:
        """Approve or return the revision. False where that is what it says already. Raises ReviewError."""
        if not self.is_of(by):
            raise ReviewError("Only the one who was asked can approve or return, while the review lasts.")
        if (self.verdict, self.words) == (verdict, words):
            return False
        self.verdict, self.words, self.decided_at = verdict, words, utcnow()
        told = {"post": self.post_id, "revision": self.number}
        record(verdict.value, by=by, about=self.asked_by, subject=self.post.headline, **told)
        return True

    def end(self, *, by: User) -> bool:
        """Withdraw it, or close it after its verdict: the reviewer can no longer read it. False where it is ended."""
        if self.ended_at is not None:
            return False
        self.ended_at = utcnow()
        other = self.reviewer if by.id == self.asked_by_id else self.asked_by
        done = "closed the review of" if self.verdict else "withdrew the review of"
        record(done, by=by, about=other, subject=self.post.headline, post=self.post_id, revision=self.number)
        return True
