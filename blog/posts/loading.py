"""What a page of the desk is about: the post, its form, and the form that was sent before."""

from uuid import UUID, uuid4

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import undefer

from blog.access import me
from blog.database import db
from blog.markdown import BODY_LIMIT, render
from blog.models import Can, Post, PostKind
from blog.posts import covers
from blog.posts.forms import PostForm

KINDS = {kind.value for kind in PostKind}


def editable(post_id: int, *, lock: bool = False, shared: bool = False, whole: bool = True) -> Post:
    """The post, if the person may change it: 404 where it is a secret, 403 where everybody knows of it.

    With `lock` it is this request's alone; with `shared` it only waits for whoever has it so, before it writes what
    hangs on the post. Without `whole` its texts stay in the database until they are asked for.
    """
    if lock:
        render(request.form.get("body", "")[:BODY_LIMIT])  # ahead: it is kept, and others need not wait for it
        covers.sent()
    found = select(Post).where(Post.id == post_id)
    found = found.options(undefer(Post.body), undefer(Post.html)) if whole else found
    if lock or shared:
        found = found.with_for_update(of=Post, read=shared, key_share=shared)
    post: Post = db.first_or_404(found)
    if not me().can_edit(post):
        abort(403 if post.is_live else 404)
    return post


def post_form(post: Post | None, *, sent: bool = True, typed: dict[str, str] | None = None) -> PostForm:
    kind = post.kind if post else kind_asked_for()
    return PostForm(post, kind=kind, may_feature=me().can(Can.ADMINISTER), sent=sent, typed=typed)


def kind_asked_for() -> PostKind:
    """Whether a new post or a new page is wanted: the address says so, and then the form. Pages are for admins."""
    kind = request.values.get("kind", PostKind.post.value)
    if kind not in KINDS:
        abort(404)
    if kind == PostKind.page and not me().can(Can.EDIT_ANY):
        abort(403)
    return PostKind(kind)


def uid_sent() -> UUID | None:
    try:
        return UUID(request.form.get("uid", ""))
    except ValueError:
        return None


def started_before() -> Post | None:
    """The post that this very form, sent once already, has made: twice the same submit is one post."""
    mine = select(Post).where(Post.uid == uid_sent(), Post.author_id == me().id)
    made = db.session.scalar(mine.options(undefer(Post.body)).with_for_update(of=Post)) if uid_sent() else None
    return made if made and me().can_edit(made) else None  # whoever lost a right has lost it here too


def fresh_uid() -> UUID:
    """What the form says. One that is mine already is no fresh one, but the same form sent twice: it must not pass."""
    sent = uid_sent()
    anothers = sent and db.session.scalar(select(Post.id).where(Post.uid == sent, Post.author_id != me().id))
    return uuid4() if sent is None or anothers else sent
