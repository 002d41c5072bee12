"""Addresses that show a post to people without an account, before it is out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from blog.database import Model, database_now, db, utcnow
from blog.models.audit import record
from blog.models.base import Digest, Id, sweep, user_reference
from blog.models.credentials import digest_of
from blog.models.post import Post
from blog.models.user import User

LONGEST = 90  # days
KEPT = timedelta(days=90)  # how long a link that has run out is still listed


class Shows(StrEnum):
    """What a link shows."""

    saved = "saved"  # the newest revision, whichever that is by then
    revision = "revision"  # one revision, for good
    copy = "copy"  # what its maker has typed last, saved or not


class PreviewLink(Model):
    """One address. Only the digest of its secret is stored; a guest's every visit is counted and logged."""

    __tablename__ = "preview_links"
    __table_args__ = (
        CheckConstraint("(shows = 'revision') = (number IS NOT NULL)", name="names_revision"),
        CheckConstraint("uses >= 0", name="has_uses"),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)  # of the form it was made with, which so makes one link
    digest: Mapped[Digest]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    shows: Mapped[Shows]
    number: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    uses: Mapped[int] = mapped_column(default=0, server_default="0")
    used_at: Mapped[datetime | None]

    by: Mapped[User] = relationship()
    post: Mapped[Post] = relationship()

    # Questions

    @classmethod
    def of(cls, secret: str) -> PreviewLink | None:
        """The link that this secret opens, if it opens anything."""
        link = db.session.scalar(select(cls).where(cls.digest == digest_of(secret)).options(joinedload(cls.by)))
        return link if link and link.is_good else None

    @classmethod
    def to(cls, post: Post) -> Select[PreviewLink]:
        """All links to the post, the newest first."""
        return select(cls).where(cls.post_id == post.id).options(joinedload(cls.by)).order_by(cls.id.desc())

    @property
    def is_good(self) -> bool:
        """Whether it opens the post. Whoever made it must still be one of those who may edit it."""
        in_time = self.revoked_at is None and self.expires_at > utcnow()
        return in_time and self.post.binned_at is None and self.by.can_edit(self.post)

    # Verbs

    @classmethod
    def make(cls, post: Post, shows: Shows, *, days: int, by: User, uid: UUID, number: int | None = None) -> str:
        """A new link. Returns its secret, which is stored nowhere; an empty one where this form has made it already."""
        if db.session.scalar(select(cls.id).where(cls.uid == uid)):
            return ""
        sweep(cls.id, cls.expires_at < utcnow() - KEPT)
        secret = secrets.token_hex(24)  # small letters and digits: the same in every spelling of an address
        expires = utcnow() + timedelta(days=days)
        link = cls(uid=uid, digest=digest_of(secret), shows=shows, number=number, expires_at=expires, by=by)
        link.post_id = post.id
        db.session.add(link)
        record("made a preview link to", by=by, subject=post.headline, post=post.id, shows=shows, days=days)
        return secret

    def revoke(self, *, by: User) -> None:
        if self.revoked_at is None:
            self.revoked_at = utcnow()
            record("revoked a preview link to", by=by, subject=self.post.headline, post=self.post_id, link=self.id)

    @classmethod
    def use(cls, link_id: int, *, origin: str) -> None:
        """Count one visit, and log it."""
        now = utcnow()
        db.session.execute(update(cls).where(cls.id == link_id).values(uses=cls.uses + 1, used_at=now))
        db.session.add(PreviewUse(link_id=link_id, at=now, origin=origin[:60]))


class PreviewUse(Model):
    """One visit by a preview link: when, and from which address of the network."""

    __tablename__ = "preview_uses"

    id: Mapped[Id]
    link_id: Mapped[int] = mapped_column(ForeignKey("preview_links.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(String(60))

    @classmethod
    def newest(cls, post: Post, limit: int = 50) -> list[PreviewUse]:
        links = select(PreviewLink.id).where(PreviewLink.post_id == post.id)
        found = select(cls).where(cls.link_id.in_(links)).order_by(cls.id.desc()).limit(limit)
        return list(db.session.scalars(found))
