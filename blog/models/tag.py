"""Tags: what posts are about."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Select, String, Table, func, select
from sqlalchemy.orm import Mapped, mapped_column, query_expression, with_expression

from blog import text
from blog.database import Base, Model, db, utcnow
from blog.models.base import Id, Timestamped, upsert

NAME_LIMIT = 60

post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "tag_id", "post_id"),
)


def address_of(name: str) -> str:
    """The address of a tag. Signs that make a name are spelled out: C, C++ and C# are three things."""
    for sign, words in (("+", " plus "), ("#", " sharp "), (".net", " dot net ")):
        name = name.lower().replace(sign, words)
    return text.slugify(name)


class Tag(Timestamped, Model):
    __tablename__ = "tags"
    __table_args__ = (CheckConstraint("name <> '' AND slug <> ''", name="has_name"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    dated_posts: Mapped[int] = mapped_column(default=0, server_default="0")  # live and scheduled; kept by triggers
    live_posts: Mapped[int] = query_expression()  # as `in_use` finds them

    @property
    def path(self) -> str:
        return f"/tags/{self.slug}"

    @classmethod
    def named(cls, names: Iterable[str]) -> list[Tag]:
        """The tags of these names, made where they are new. Names that make the same address are one tag."""
        wanted = {address_of(name): name for name in reversed(list(names))}
        wanted.pop("", None)
        if not wanted:
            return []
        rows = [{"name": name, "slug": slug} for slug, name in sorted(wanted.items())]
        # Two writers may think of the same new tag at once; whoever is second takes the first one's.
        db.session.execute(upsert(cls.__table__).values(rows).on_conflict_do_nothing(index_elements=["slug"]))  # type: ignore[arg-type]
        return list(db.session.scalars(select(cls).where(cls.slug.in_(wanted)).order_by(cls.name)))

    @classmethod
    def spelled(cls, names: Iterable[str]) -> list[str]:
        """These names, each once, as the tags that are here already spell them. Makes none."""
        wanted = {address_of(name): name for name in reversed(list(names))}
        wanted.pop("", None)
        known = db.session.execute(select(cls.slug, cls.name).where(cls.slug.in_(wanted))).all() if wanted else []
        return list((wanted | {row.slug: row.name for row in known}).values())

    @classmethod
    def in_use(cls) -> Select[Tag]:
        """The tags that readers may see, each with its `live_posts`. Nothing is counted but the few yet to come."""
        posts = Base.metadata.tables["posts"]
        to_come = (posts.c.published_at > utcnow()) & posts.c.binned_at.is_(None) & (posts.c.kind == "post")
        scheduled = (
            select(post_tags.c.tag_id, func.count().label("number"))
            .where(post_tags.c.post_id.in_(select(posts.c.id).where(to_come)))  # from the few to their tags
            .group_by(post_tags.c.tag_id)
            .subquery("scheduled")
        )
        live = cls.dated_posts - func.coalesce(scheduled.c.number, 0)
        found = select(cls).outerjoin(scheduled, scheduled.c.tag_id == cls.id).where(cls.dated_posts > 0, live > 0)
        return found.options(with_expression(cls.live_posts, live)).execution_options(populate_existing=True)
