"""Posts that change hands."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload, undefer

from blog.database import db
from blog.models.audit import record
from blog.models.post import Post
from blog.models.rights import Can
from blog.models.user import User

AT_ONCE = 100  # posts that are read, and written, together


class HandOverError(LookupError):
    """A post cannot go to that person. The text names the missing or unfit one."""


def hand_over(post_id: int, to_id: int, *, by: User | None) -> Post:
    """Give a post to another author, wholly or, with a HandOverError, not at all.

    The savepoint leaves whatever else the transaction has done as it is. The caller commits.
    """
    with db.session.begin_nested():
        post = db.session.get(Post, post_id, with_for_update={"of": Post})
        if post is None:
            raise HandOverError(f"There is no post {post_id}.")
        to = db.session.get(User, to_id)
        if to is None:
            raise HandOverError(f"There is no user {to_id}.")
        _give(post, to, by=by)
    return post


def hand_over_all(whose: User, to: User, *, by: User) -> int:
    """Give all posts of one person to another, all or none. Returns how many they were."""
    ids = db.session.scalars(select(Post.id).where(Post.author_id == whose.id).order_by(Post.id)).all()
    with db.session.begin_nested():
        for start in range(0, len(ids), AT_ONCE):
            with db.session.no_autoflush:
                for post in _read(ids[start : start + AT_ONCE]):
                    _give(post, to, by=by, at_once=False)
            db.session.flush()  # a few statements for them all
    return len(ids)


def _give(post: Post, to: User, *, by: User | None, at_once: bool = True) -> None:
    if not to.can(Can.WRITE):
        raise HandOverError(f"{to.name} may not write posts.")
    before = post.author
    if post.revise(base=post.revision, by=by, what="handed over", waits=True, at_once=at_once, author=to):
        told = {"post": post.id, "before": before.name, "after": to.name}
        # Whom it was taken from, or else, whom it was given to.
        about = to if by is not None and by.id == before.id else before
        record("handed over", by=by, about=about, subject=post.headline, **told)


def _read(ids: Sequence[int]) -> Sequence[Post]:
    """Posts, locked, with all that a revision of them is made of: a few questions for many, not several for each."""
    along = undefer(Post.body), selectinload(Post.tags), selectinload(Post.co_authors)
    found = select(Post).where(Post.id.in_(ids)).order_by(Post.id).options(*along).with_for_update(of=Post)
    return db.session.scalars(found.execution_options(populate_existing=True)).all()
