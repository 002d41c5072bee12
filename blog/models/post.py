"""Posts: what is written, who may see it, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    Text,
    TextClause,
    and_,
    case,
    or_,
    select,
)
from sqlalchemy import text as sql_text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    validates,
)
from sqlalchemy.sql.elements import ColumnElement

from blog import text
from blog.database import Base, Model, db, utcnow
from blog.markdown import RENDERER_VERSION, render
from blog.models.address import SLUG_LIMIT, Addressed
from blog.models.base import Id, Timestamped, only, user_reference
from blog.models.history import OldSlug
from blog.models.pictured import Pictured
from blog.models.publication import PostKind, PostStatus, Visibility
from blog.models.revising import Revisable
from blog.models.tag import Tag, post_tags
from blog.models.user import Anonymous, User

TITLE_LIMIT = 200
SUMMARY_LIMIT = 300
COUNTED = "kind = 'post' AND binned_at IS NULL"  # an index holds the dates of these, so that they are quickly counted
BIN_KEEPS = timedelta(days=30)

co_authors = Table(
    "post_co_authors",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "user_id", "post_id"),
)


class Post(Addressed, Pictured, Revisable, Timestamped, Model):
    """A post. Change it through `revise` and the verbs that use it: they keep the history."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("slug <> ''", name="has_slug"),
        CheckConstraint("revision > 0", name="has_revision"),
        CheckConstraint("out_revision BETWEEN 1 AND revision", name="has_out_revision"),
        CheckConstraint(
            "out_revision = revision OR (published_at IS NOT NULL AND binned_at IS NULL)", name="only_dated_waits"
        ),
        CheckConstraint("published_at IS NULL OR title <> ''", name="published_has_title"),
        Index(None, "published_at", "id"),
        Index(None, "author_id", "published_at", "id"),
        Index(  # the desk asks for nothing that is not in it until it knows which posts it shows
            "ix_posts_of_the_desk",
            *(
                "updated_at",
                "id",
                "kind",
                "binned_at",
                "published_at",
                "author_id",
                "revision",
                "out_revision",
                "title",
            ),
        ),
        Index(None, "featured", "published_at"),
        # Of few rows each: an index of all would look to SQLite like a short way to everything that is not in the bin.
        Index(None, "binned_at", **only("binned_at IS NOT NULL")),
        Index("ix_posts_counted", "published_at", **only(COUNTED)),
        Index("ix_posts_waiting", "id", **only("out_revision <> revision")),
        Index("ix_posts_known_updated_at", "updated_at", **only("first_published_at IS NOT NULL")),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)  # its name in feeds, also after a move
    kind: Mapped[PostKind] = mapped_column(default=PostKind.post)
    slug: Mapped[str] = mapped_column(String(SLUG_LIMIT), unique=True)
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT), default="")
    summary: Mapped[str] = mapped_column(String(SUMMARY_LIMIT), default="")
    body: Mapped[str] = mapped_column(Text, default="", deferred=True, sort_order=8)  # long ones last: SQLite
    html: Mapped[str] = mapped_column(Text, default="", deferred=True, sort_order=9)  # walks past them to the rest
    terms: Mapped[str] = mapped_column(Text, default="", deferred=True, sort_order=10)  # what search is to know of it
    excerpt: Mapped[str] = mapped_column(String(SUMMARY_LIMIT), default="")
    cover: Mapped[str] = mapped_column(String(200), default="")  # the address of a picture of ours
    cover_alt: Mapped[str] = mapped_column(String(500), default="")
    search_title: Mapped[str] = mapped_column(String(TITLE_LIMIT), default="")  # in place of the title, for machines
    search_description: Mapped[str] = mapped_column(String(SUMMARY_LIMIT), default="")
    canonical_url: Mapped[str] = mapped_column(String(500), default="")  # where it first came out, if elsewhere
    picture: Mapped[str] = mapped_column(String(200), default="")  # the first of the body that is ours
    picture_alt: Mapped[str] = mapped_column(String(500), default="")
    words: Mapped[int] = mapped_column(default=0)
    renderer: Mapped[int] = mapped_column(default=RENDERER_VERSION)
    language: Mapped[str] = mapped_column(String(35), default="")  # BCP 47; empty: the site's
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.public)
    featured: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int] = mapped_column(user_reference(ondelete="RESTRICT"))
    published_at: Mapped[datetime | None]  # None: a draft. In the future: scheduled. In the past: live.
    first_published_at: Mapped[datetime | None]  # since when readers may know its address, also after it was taken back
    binned_at: Mapped[datetime | None]
    edited_at: Mapped[datetime] = mapped_column(default=utcnow)  # when the words last changed
    revision: Mapped[int] = mapped_column(default=1)  # the newest
    out_revision: Mapped[int] = mapped_column(default=1)  # the one that these columns hold: readers', where it is out
    source: Mapped[str | None] = mapped_column(String(500), unique=True)  # the file it was imported from
    source_digest: Mapped[str | None] = mapped_column(String(64), index=True)  # and what that file held

    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False}  # an UPDATE names what it read

    author: Mapped[User] = relationship(back_populates="posts", foreign_keys=[author_id])
    co_authors: Mapped[list[User]] = relationship(secondary=co_authors, order_by=User.name)
    tags: Mapped[list[Tag]] = relationship(secondary=post_tags, order_by=Tag.name)
    old_slugs: Mapped[list[OldSlug]] = relationship(
        back_populates="post", cascade="all, delete-orphan", passive_deletes=True
    )

    def __init__(self, **columns: Any) -> None:
        columns.setdefault("body", "")
        if "slug" not in columns:
            columns["slug"] = self.free_slug(columns.get("title", ""), kind=columns.get("kind", PostKind.post))
        super().__init__(**columns)

    # Questions: whose, and since when

    @hybrid_property
    def status(self) -> PostStatus:
        if self.binned_at is not None:
            return PostStatus.binned
        if self.published_at is None:
            return PostStatus.draft
        return PostStatus.scheduled if self.published_at > utcnow() else PostStatus.published

    @status.inplace.expression
    @classmethod
    def _status(cls) -> ColumnElement[PostStatus]:
        return case(
            (cls.binned_at.is_not(None), PostStatus.binned.value),
            (cls.published_at.is_(None), PostStatus.draft.value),
            (cls.published_at > utcnow(), PostStatus.scheduled.value),
            else_=PostStatus.published.value,
        )

    @property
    def is_live(self) -> bool:
        return self.status is PostStatus.published

    @property
    def was_taken_back(self) -> bool:
        """Whether readers could once find it, and now cannot."""
        return self.first_published_at is not None and not self.is_live

    @property
    def is_page(self) -> bool:
        return self.kind is PostKind.page

    @property
    def is_for_members(self) -> bool:
        return self.visibility is Visibility.members

    @property
    def headline(self) -> str:
        return self.title or text.UNTITLED

    @property
    def byline(self) -> list[User]:
        """Everybody who wrote it, its owner first."""
        return [self.author, *(user for user in self.co_authors if user.id != self.author_id)]

    @property
    def direction(self) -> str:
        return text.direction(self.language)

    @property
    def edited_later(self) -> bool:
        """Whether the words changed so long after publication that readers should know."""
        return self.published_at is not None and self.edited_at > self.published_at + timedelta(days=1)

    @property
    def reading_minutes(self) -> int:
        return text.reading_minutes(self.words)

    @property
    def gone_at(self) -> datetime | None:
        """When the bin may be emptied of it."""
        return self.binned_at + BIN_KEEPS if self.binned_at else None

    def is_by(self, user: User) -> bool:
        return user.id == self.author_id or any(user.id == writer.id for writer in self.co_authors)

    def standfirst(self, reader: User | Anonymous) -> str:
        """What stands under the title: the summary, or the first words where the reader may read on."""
        return self.summary or (self.excerpt if reader.can_read(self) else "")

    # Questions: which

    @classmethod
    def out(cls) -> Select[Post]:
        """Everything that is out, pages too, newest first. All that strangers see starts here."""
        out = and_(cls.published_at <= utcnow(), cls.binned_at.is_(None))
        return select(cls).where(out).order_by(cls.published_at.desc(), cls.id.desc())

    @classmethod
    def live(cls) -> Select[Post]:
        """Every post that is out, newest first. All lists and feeds start here."""
        return cls.out().where(cls.kind == PostKind.post)

    @classmethod
    def forgotten(cls) -> Select[Post]:
        """What has been in the bin for so long that it may go for good, in the order of its numbers."""
        return select(cls).where(cls.binned_at <= utcnow() - BIN_KEEPS).order_by(cls.id)

    @classmethod
    def counted(cls) -> TextClause:
        """The condition of being a post, and not in the bin, in the very words of the index that is read for it."""
        return sql_text(f"({COUNTED})")

    @classmethod
    def published(cls, limit: int = 20, offset: int = 0) -> Sequence[Post]:
        """The posts that are out, newest first, each with its author. For pages, use a cursor: see `paging`."""
        newest = cls.live().join(cls.author).options(joinedload(cls.author, innerjoin=True))
        return db.session.scalars(newest.limit(limit).offset(offset)).all()

    @classmethod
    def of(cls, user_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """Written by this person (or, in a query over people, by each of them), alone or with others."""
        # Said aloud, because two levels down SQLAlchemy would take the people anew: all of them for each.
        with_others = select(co_authors.c.post_id).where(co_authors.c.user_id == user_id).correlate(User)
        return or_(cls.author_id == user_id, cls.id.in_(with_others))

    @classmethod
    def for_a_list(cls, posts: Select[Post]) -> Select[Post]:
        """The same posts with their bylines and tags, in a constant number of queries."""
        return posts.options(
            joinedload(cls.author, innerjoin=True), selectinload(cls.co_authors), selectinload(cls.tags)
        )

    # How

    @validates("body")
    def _render(self, _key: str, body: str) -> str:
        for name, value in render(body).columns().items():
            setattr(self, name, value)
        return body
