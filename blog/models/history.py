"""What a post was before: its saved texts and its earlier addresses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, defer, joinedload, mapped_column, relationship

from blog.database import Model, database_now, db
from blog.models.base import Id, user_reference
from blog.models.content import CONTENT, Content
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
    featured: Mapped[bool] = mapped_column(default=False)
    search_title: Mapped[str] = mapped_column(String(200), default="")
    search_description: Mapped[str] = mapped_column(String(300), default="")
    canonical_url: Mapped[str] = mapped_column(String(500), default="")
    published_at: Mapped[datetime | None]
    is_binned: Mapped[bool] = mapped_column(default=False)

    by: Mapped[User | None] = relationship()

    @classmethod
    def of(cls, post: Post, number: int | None) -> Revision | None:
        """The post as it was at that number."""
        return db.session.scalar(select(cls).where(cls.post_id == post.id, cls.number == number))

    @classmethod
    def since(cls, post: Post, number: int) -> list[Revision]:
        """What has been saved after that number, the newest first, without the texts."""
        later = select(cls).where(cls.post_id == post.id, cls.number > number).order_by(cls.number.desc())
        return list(db.session.scalars(later.limit(20).options(defer(cls.body), joinedload(cls.by))))

    @classmethod
    def take(cls, post: Post, content: Content, what: str, by: User | None) -> None:
        """Keep this as the newest revision of the post."""
        then = cls(post_id=post.id, number=post.revision, what=what, by_id=by.id if by else None, **content)
        then.published_at, then.is_binned = post.published_at, post.binned_at is not None
        db.session.add(then)
        MediaUse.note(post.id, content["body"], content["cover"])

    @property
    def content(self) -> Content:
        return {name: getattr(self, name) for name in CONTENT}


class OldSlug(Model):
    """An address a post had while it was out."""

    __tablename__ = "old_slugs"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)

    post: Mapped[Post] = relationship(back_populates="old_slugs")
