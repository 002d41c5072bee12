"""What is said beside the words of a revision that is reviewed."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from blog.database import Model, database_now, db, utcnow
from blog.models.base import Id, user_reference
from blog.models.review import WORDS_LIMIT, Review, ReviewError
from blog.models.user import User

QUOTE_LIMIT = 500
MOST = 500  # of one review: each was typed by hand
_MARKS = re.compile(r"\]\([^)]*\)|[*_`~\[\]\\]|^\s*(?:[#>]+|[-+]|\d+[.)])\s", re.MULTILINE)


class ReviewComment(Model):
    """A remark on the whole text, or beside a paragraph, or a passage in one."""

    __tablename__ = "review_comments"
    __table_args__ = (
        Index(None, "review_id", "id"),
        CheckConstraint("words <> ''", name="has_words"),
        CheckConstraint("paragraph > 0", name="has_paragraph"),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)  # of the form it came in, which so makes one comment
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=database_now())
    paragraph: Mapped[int | None]  # as `paragraphs` numbers them
    quote: Mapped[str] = mapped_column(String(QUOTE_LIMIT), default="")
    words: Mapped[str] = mapped_column(String(WORDS_LIMIT))
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"))

    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    resolved_by: Mapped[User | None] = relationship(foreign_keys=[resolved_by_id])

    @classmethod
    def of(cls, review: Review) -> list[ReviewComment]:
        """All of a review, in the order they were made."""
        said = select(cls).where(cls.review_id == review.id).order_by(cls.id)
        return list(db.session.scalars(said.options(joinedload(cls.by), joinedload(cls.resolved_by))))

    @classmethod
    def add(
        cls, review: Review, words: str, *, by: User, uid: UUID, paragraph: int | None = None, quote: str = ""
    ) -> ReviewComment | None:
        """Say something; None where this form has said it already. Raises ReviewError where there is no such place."""
        if db.session.scalar(select(cls.id).where(cls.uid == uid)):
            return None
        if review.ended_at is not None:
            raise ReviewError("This review has ended. Ask for another to go on.")
        if len(cls.of(review)) >= MOST:
            raise ReviewError(f"A review holds {MOST} comments. Ask for another to go on.")
        place = place_of(review.revision.body, paragraph, quote)
        said = cls(uid=uid, review_id=review.id, by=by, paragraph=place, quote=quote, words=words)
        db.session.add(said)
        return said

    def resolve(self, *, by: User) -> None:
        if self.resolved_at is None:
            self.resolved_at, self.resolved_by = utcnow(), by

    def reopen(self) -> None:
        self.resolved_at = self.resolved_by = None


def paragraphs(body: str) -> list[str]:
    """A Markdown text cut at its empty lines."""
    return [part.strip("\n") for part in re.split(r"\n(?:[ \t]*\n)+", body) if part.strip()]


def place_of(body: str, paragraph: int | None, quote: str) -> int | None:
    """The number of the paragraph that is meant. Raises ReviewError where the text has no such place."""
    parts = paragraphs(body)
    if paragraph is not None and not 1 <= paragraph <= len(parts):
        raise ReviewError(f"The text has {len(parts):,} paragraphs.")
    if not quote:
        return paragraph
    wanted = plain(quote)
    found = [number for number, part in enumerate(parts, 1) if wanted and wanted in plain(part)]
    if not found:
        raise ReviewError("These words do not stand in the text. Copy them from it, from within one paragraph.")
    return paragraph if paragraph in found else found[0]


def plain(words: str) -> str:
    """Words without the marks of Markdown and with single spaces: as they are copied from a page."""
    return " ".join(_MARKS.sub("", words).split()).casefold()
