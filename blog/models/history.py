"""What a post was before: its saved texts and its earlier addresses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Model, database_now, db
from blog.models.base import Id, user_reference
from blog.models.media import MediaUse

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User


class Revision(Model):
    """A post as it was after one save. Never changed, so that nothing anybody saved is lost."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("post_id", "number"),)  # of two saves from one base, one fails

    id: Mapped[Id]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    number: Mapped[int]
    what: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    title: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(35))
    visibility: Mapped[str] = mapped_column(String(20))
    cover: Mapped[str] = mapped_column(String(200), default="")
    cover_alt: Mapped[str] = mapped_column(String(500), default="")
    published_at: Mapped[datetime | None]

    by: Mapped[User | None] = relationship()

    @classmethod
    def of(cls, post: Post, number: int | None) -> Revision | None:
        """The post as it was at that number."""
        return db.session.scalar(select(cls).where(cls.post_id == post.id, cls.number == number))

    @classmethod
    def take(cls, post: Post, what: str, by: User | None) -> None:
        """Keep the post as it is now."""
        db.session.flush()
        db.session.add(
            cls(
                post_id=post.id,
                number=post.revision,
                what=what,
                by_id=by.id if by else None,
                title=post.title,
                slug=post.slug,
                summary=post.summary,
                body=post.body,
                tags=[tag.name for tag in post.tags],
                language=post.language,
                visibility=post.visibility.value,
                cover=post.cover,
                cover_alt=post.cover_alt,
                published_at=post.published_at,
            )
        )
        MediaUse.note(post.id, post.body, post.cover)


class OldSlug(Model):
    """An address a post had while it was out."""

    __tablename__ = "old_slugs"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)

    post: Mapped[Post] = relationship(back_populates="old_slugs")
