"""The desk: where editors find their posts."""

from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, func, or_, select

from blog.access import me, requires
from blog.database import db, utcnow, walked
from blog.models import Can, Post, PostKind, PostStatus, User, WorkingCopy
from blog.models.post import co_authors
from blog.paging import Page, beyond, page_by
from blog.posts import bp

DESK_SIZE = 25
KEY = (Post.updated_at, Post.id)
STATES = {status.value for status in PostStatus}
CHANGED = "changed"


@bp.get("/write")
@requires(Can.WRITE)
def desk() -> ResponseReturnValue:
    state, words = request.args.get("state", ""), request.args.get("q", "").strip()[:200]
    whose = request.args.get("whose", "") if me().can(Can.EDIT_ANY) else ""
    everyone = whose == "everyone"
    writer = db.first_or_404(select(User).where(User.handle == whose)) if whose and not everyone else me()
    posts = select(Post).where(Post.kind == PostKind.post)  # pages have a list of their own, for admins
    if not everyone:
        posts = posts.where(written_by(writer))
    if state == CHANGED:
        posts = posts.where(Post.out_revision != Post.revision)
    elif state and state not in STATES:
        abort(404)
    else:
        posts = posts.where(*in_state(PostStatus(state)) if state else [Post.binned_at.is_(None)])
    if words:
        posts = posts.where(func.lower(Post.title).contains(words.lower(), autoescape=True))
    page = page_of_the_desk(posts)
    return render_template(
        "posts/desk.html",
        page=page,
        state_asked=state,
        words=words,
        whose=whose,
        writer=writer,
        unsaved=unsaved(page.items),
    )


def in_state(state: PostStatus) -> list[ColumnElement[bool]]:
    """As `Post.status`, in words that an index answers."""
    if state is PostStatus.binned:
        return [Post.binned_at.is_not(None)]
    dated = {
        PostStatus.draft: Post.published_at.is_(None),
        PostStatus.scheduled: Post.published_at > utcnow(),
        PostStatus.published: Post.published_at <= utcnow(),
    }
    return [Post.binned_at.is_(None), dated[state]]


def page_of_the_desk(posts: Select[Post]) -> Page[Post]:
    """First only which posts: an index holds all that is asked for. PostgreSQL would read each whole post besides."""

    def find(here: list[Any] | None, falling: bool, limit: int) -> Sequence[Post]:
        which = beyond(posts.with_only_columns(Post.id), KEY, here, falling=falling).limit(limit)
        found = Post.for_a_list(select(Post).where(Post.id.in_(which)))
        return db.session.scalars(beyond(found, KEY, None, falling=falling)).all()

    return page_by(find, KEY, size=DESK_SIZE, args=request.args)


def written_by(writer: User) -> ColumnElement[bool]:
    """As `Post.of`, for a list in the order of the last change: who has written most of it would else wait longest."""
    with_others = select(co_authors.c.post_id).where(co_authors.c.user_id == writer.id)
    return or_(walked(Post.author_id) == writer.id, walked(Post.id).in_(with_others))


def unsaved(posts: Sequence[Post]) -> dict[int, WorkingCopy]:
    """For each of these posts on which I have typed something that is not saved, the newest of it."""
    copies = WorkingCopy.unsaved(me()).where(WorkingCopy.post_id.in_([post.id for post in posts]))
    return {copy.post_id: copy for copy in reversed(db.session.scalars(copies).all())}
