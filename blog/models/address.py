"""Where a post stands: its address, those it had before, and which are still free."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import or_, select

from blog import text
from blog.database import db
from blog.models.history import OldSlug
from blog.models.publication import PostKind

if TYPE_CHECKING:
    from blog.models.post import Post

SLUG_LIMIT = 120


class Addressed:
    """What a post knows of addresses. Posts and pages share one set of them, so that one may become the other."""

    @property
    def path(self: Post) -> str:  # type: ignore[misc]
        """Its address on this site."""
        return self.path_of(self.slug, self.kind)

    @staticmethod
    def path_of(slug: str, kind: PostKind) -> str:
        return f"/{slug}" if kind is PostKind.page else f"/posts/{slug}"

    @classmethod
    def at(cls: type[Post], path: str) -> Post | None:  # type: ignore[misc]
        """What has this path of the site as its address or had it once, whether it is out or not; also its `.md`."""
        found = re.fullmatch(r"(/posts)?/([^/]+?)(?:\.md)?", path)
        if not found or len(found[2]) > SLUG_LIMIT:
            return None
        once = select(OldSlug.post_id).where(OldSlug.slug == found[2])
        post = db.session.scalar(
            select(cls)
            .where(or_(cls.slug == found[2], cls.id.in_(once)))
            .order_by((cls.slug == found[2]).desc())
            .limit(1)
        )
        return post if post and (found[1] or post.is_page) else None

    @classmethod
    def renamed_from(cls: type[Post], slug: str) -> Post | None:  # type: ignore[misc]
        """What is out now and once had this address."""
        return db.session.scalar(cls.out().join(OldSlug).where(OldSlug.slug == slug))

    @classmethod
    def slug_is_taken(cls: type[Post], slug: str, *, but: int | None = None) -> bool:  # type: ignore[misc]
        """Whether another post has, or once had, this address."""
        now = select(cls.id).where(cls.slug == slug, cls.id.is_distinct_from(but))
        once = select(OldSlug.post_id).where(OldSlug.slug == slug, OldSlug.post_id.is_distinct_from(but))
        with db.session.no_autoflush:
            return db.session.scalar(now.union_all(once).limit(1)) is not None

    @classmethod
    def free_slug(  # type: ignore[misc]
        cls: type[Post], wanted: str, *, but: int | None = None, kind: PostKind = PostKind.post
    ) -> str:
        slug = text.slugify(wanted) or text.slugify(text.UNTITLED)
        taken = reserved_slugs() if kind is PostKind.page else frozenset()
        return text.first_free(slug, taken=lambda attempt: attempt in taken or cls.slug_is_taken(attempt, but=but))

    def _leave_address(self: Post, new: str) -> None:  # type: ignore[misc]
        """Remember the address readers knew, and forget the new one if it was this post's before."""
        self.old_slugs = [old for old in self.old_slugs if old.slug != new]
        if self.first_published_at:
            self.old_slugs.append(OldSlug(slug=self.slug))


def reserved_slugs() -> frozenset[str]:
    """What the addresses of the application itself begin with. A page there would never be seen."""
    first = re.compile(r"/([^/.<]+)(?:[/.]|$)")
    found = (first.match(rule.rule) for rule in current_app.url_map.iter_rules())
    return frozenset(match[1] for match in found if match)
