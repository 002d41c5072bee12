"""Addresses that have moved."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from blog.database import Model, db
from blog.models.audit import record
from blog.models.base import Id, Timestamped
from blog.models.post import Post
from blog.models.user import User

PATH_LIMIT = 500


class Redirect(Timestamped, Model):
    """An address of old, and where it leads now: to a post, wherever that has got to, or to a fixed target.

    `path` is as `text.plain_path` writes it.
    """

    __tablename__ = "redirects"
    __table_args__ = (
        CheckConstraint("path <> target", name="leads_elsewhere"),
        CheckConstraint("(post_id IS NULL) = (target <> '')", name="leads_to_one"),
    )

    id: Mapped[Id]
    path: Mapped[str] = mapped_column(String(PATH_LIMIT), unique=True)
    target: Mapped[str] = mapped_column(String(PATH_LIMIT), default="")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)

    post: Mapped[Post | None] = relationship()

    @classmethod
    def of(cls, path: str) -> Redirect | None:
        return db.session.scalar(select(cls).where(cls.path == path).options(joinedload(cls.post)))

    @classmethod
    def matching(cls, words: str) -> Select[Redirect]:
        """Those in whose path or target these words are, each with its post."""
        found = or_(*(field.icontains(words, autoescape=True) for field in (cls.path, cls.target, Post.slug)))
        redirects = select(cls).options(joinedload(cls.post))
        return redirects.outerjoin(Post, Post.id == cls.post_id).where(found) if words else redirects

    @property
    def leads_to(self) -> str | None:
        """The address in one hop; None while the post it leads to is not out, for that is nobody's business."""
        if self.post is None:
            return self.target
        return self.post.path if self.post.is_live else None

    @property
    def goal(self) -> str:
        """Where it is meant to lead, whether readers may go there or not."""
        return self.post.path if self.post else self.target

    # Verbs

    @classmethod
    def add(cls, path: str, *, to: Post | str, by: User) -> Redirect:
        made = cls(path=path)
        made._lead(to)
        db.session.add(made)
        record("redirected", by=by, subject=f"{path} to {made.goal}")
        return made

    @classmethod
    def move(cls, path: str, *, to: str) -> None:
        """What stood at this path stands at another from now on: whatever led to the one leads to the other."""
        db.session.execute(delete(cls).where(cls.path.in_([path, to])))
        db.session.execute(update(cls).where(cls.target == path).values(target=to))
        db.session.add(cls(path=path, target=to))

    @classmethod
    def forget_all_to(cls, target: str) -> None:
        """There is nothing at this address any more that could be led to."""
        db.session.execute(delete(cls).where(cls.target == target))

    def change(self, path: str, *, to: Post | str, by: User) -> None:
        before = f"{self.path} to {self.goal}"
        self.path = path
        self._lead(to)
        after = f"{self.path} to {self.goal}"
        if after != before:
            record("changed the redirect of", by=by, subject=path, before=before, after=after)

    def remove(self, *, by: User) -> None:
        record("removed the redirect of", by=by, subject=self.path, to=self.goal)
        db.session.delete(self)

    def _lead(self, to: Post | str) -> None:
        self.post, self.target = (None, to) if isinstance(to, str) else (to, "")
