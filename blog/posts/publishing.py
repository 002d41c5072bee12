"""Out, and back: publish, schedule, unpublish, bin, restore, hand over, and a second post made of the first."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from blog import models
from blog.access import me, requires
from blog.database import db
from blog.models import Can, HandOverError, Post, User
from blog.models.user import lowered
from blog.posts import bp
from blog.posts.forms import HandOverForm
from blog.posts.loading import editable, fresh_uid, started_before
from blog.posts.saving import lists, publish, put_in_bin, restore, saved, unpublish
from blog.posts.writing import newest_text


@bp.post("/write/posts/new/publication")
@requires(Can.WRITE)
def create_and_publish() -> ResponseReturnValue:
    return saved(None, publish, "")


@bp.post("/write/posts/<int:post_id>/publication")
@requires(Can.WRITE)
def publish_post(post_id: int) -> ResponseReturnValue:
    return saved(editable(post_id, lock=True), publish, "")


@bp.post("/write/posts/<int:post_id>/withdrawal")
@requires(Can.WRITE)
def unpublish_post(post_id: int) -> ResponseReturnValue:
    words = "Unpublished. It is a draft again, and readers no longer see it."
    return saved(editable(post_id, lock=True), unpublish, words)


@bp.post("/write/posts/<int:post_id>/bin")
@requires(Can.WRITE)
def bin_post(post_id: int) -> ResponseReturnValue:
    words = "Moved to the bin. It can be restored from there for 30 days."
    return saved(editable(post_id, lock=True), put_in_bin, words)


@bp.post("/write/posts/<int:post_id>/restoration")
@requires(Can.WRITE)
def restore_post(post_id: int) -> ResponseReturnValue:
    return saved(editable(post_id, lock=True), restore, "Restored as a draft.")


@bp.post("/write/posts/<int:post_id>/author")
@requires(Can.WRITE)
def hand_over(post_id: int) -> ResponseReturnValue:
    post = owned(post_id)
    form = HandOverForm()
    to = User.writer_at(form.email.data or "")
    try:
        if not form.validate() or to is None:
            raise HandOverError(f"Nobody who writes here has the address “{lowered(form.email.data or '')}”.")
        models.hand_over(post.id, to.id, by=me())
    except HandOverError as refusal:
        form.refuse("email", str(refusal))
        return newest_text(post, hand_over_form=form), 422
    db.session.commit()
    flash(f"“{post.headline}” now belongs to {to.name}.")
    return redirect(lists(post))


def owned(post_id: int) -> Post:
    """The post, locked, for whoever may give it away: its owner or an admin. Co-authors may only write it."""
    post = editable(post_id, lock=True)
    if post.author_id != me().id and not me().can(Can.EDIT_ANY):
        abort(403)
    return post


@bp.post("/write/posts/<int:post_id>/copies")
@requires(Can.WRITE)
def duplicate(post_id: int) -> ResponseReturnValue:
    """A draft of one's own with the same content, as it was last saved."""
    post = editable(post_id)
    twin = started_before()  # by this very button
    if twin is None:
        twin = post.duplicate(by=me(), uid=fresh_uid())
        db.session.commit()
        flash(f"This is a copy of “{post.headline}”. It is a draft of your own.")
    return redirect(url_for(".edit", post_id=twin.id))
