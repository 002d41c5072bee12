"""What an editor looks back on: the post as readers will see it, as it was, and what has changed."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from blog.access import me, requires
from blog.database import db
from blog.models import Can, Post, PublishError, Review, Revision, StaleError, WorkingCopy
from blog.models.revising import Saved
from blog.paging import page_of
from blog.posts import bp
from blog.posts.comparison import Side, compared, side_of, typed_content
from blog.posts.forms import as_uuid
from blog.posts.loading import editable, post_form
from blog.posts.merge_page import merge_page
from blog.posts.previewing import page_of_content
from blog.posts.saving import after_rollback, editor, keep_typed

HISTORY_SIZE = 25
CHOICES = 200  # revisions that the page of a comparison offers


@bp.get("/write/posts/<int:post_id>/preview")
@requires(Can.WRITE)
def preview(post_id: int) -> ResponseReturnValue:
    """The page readers will see: of the newest revision, or of a working copy of mine."""
    post = editable(post_id)
    copy = WorkingCopy.of(as_uuid(request.args.get("copy", "")), post, me())
    if copy is None or not copy.is_unsaved:
        return page_of_content(post, post.newest)
    return page_of_content(post, post.newest | typed_content(post, copy))


@bp.post("/write/posts/<int:post_id>/preview")
@requires(Can.WRITE)
def preview_typed(post_id: int) -> ResponseReturnValue:
    """The same of what is in the form, which is kept as a working copy meanwhile."""
    post = editable(post_id, lock=True)
    form = post_form(post)
    taken = keep_typed(post, form)
    if not taken and form.typed():
        form.refuse("body", "You have too many unsaved versions of this text. Save or discard some of them first.")
        return editor(post, form), 409
    return redirect(url_for(".preview", post_id=post.id, copy=taken.partition(":")[0] or None))


@bp.get("/write/posts/<int:post_id>/revisions")
@requires(Can.WRITE)
def revisions(post_id: int) -> ResponseReturnValue:
    post = editable(post_id)
    page = page_of(history_of(post), (Revision.number,), size=HISTORY_SIZE, args=request.args)
    return render_template("posts/revisions.html", post=post, page=page, approvals=Review.approvals(post))


@bp.get("/write/posts/<int:post_id>/revisions/<int:number>")
@requires(Can.WRITE)
def revision(post_id: int, number: int) -> ResponseReturnValue:
    post = editable(post_id)
    then = Revision.of(post, number) or abort(404)
    return render_template("posts/revision.html", post=post, then=then)


@bp.post("/write/posts/<int:post_id>/revisions/<int:number>/restoration")
@requires(Can.WRITE)
def bring_back(post_id: int, number: int) -> ResponseReturnValue:
    """An earlier revision becomes the newest one. Readers see it once it is published."""
    post = editable(post_id, lock=True)
    then = Revision.of(post, number) or abort(404)
    form = post_form(post, sent=False)
    try:
        done = post.bring_back(then, base=form.base_number, by=me())
        db.session.commit()
    except PublishError as error:
        db.session.rollback()
        flash(str(error), "bad")
        return redirect(url_for(".revision", post_id=post_id, number=number))
    except StaleError as stale:
        post = after_rollback(post) or abort(404)
        then = Revision.of(post, number) or abort(404)
        return merge_page(post, form, stale.found, taken="", deed="bring_back", mine=then.content)
    flash(told_of_bringing_back(post, number, done))
    return redirect(url_for(".edit", post_id=post.id))


def told_of_bringing_back(post: Post, number: int, done: Saved) -> str:
    if not done:
        return "It is the newest already."
    joined = ", joined with what others have saved meanwhile" if done.found and done.found.theirs else ""
    return f"Revision {number} is the newest again, as revision {post.revision}{joined}."


@bp.get("/write/posts/<int:post_id>/comparison")
@requires(Can.WRITE)
def comparison(post_id: int) -> ResponseReturnValue:
    """Any two states of the post side by side: revisions by number, `live`, or a working copy of mine.

    Unless the address says which, the last two.
    """
    post = editable(post_id)
    before = side_of(post, request.args.get("from", str(max(post.revision - 1, 1)))) or abort(404)
    after = side_of(post, request.args.get("to", str(post.revision))) or abort(404)
    return render_template(
        "posts/comparison.html",
        post_id=post.id,
        title=post.headline,
        revision=post.revision,
        before=before,
        after=after,
        found=compared(before.content, after.content),
        choices=choices(post, before, after),
        approvals={str(number): names for number, names in Review.approvals(post).items()},
    )


def choices(post: Post, *chosen: Side) -> list[tuple[str, str]]:
    """What the page offers to compare: the two that are shown, and the newest revisions."""
    newest = db.session.scalars(history_of(post).order_by(Revision.number.desc()).limit(CHOICES))
    sides = [*chosen, *(Side.of_revision(then) for then in newest)]
    return list({side.key: side.label for side in sides}.items())


def history_of(post: Post) -> Select[Revision]:
    return select(Revision).where(Revision.post_id == post.id).options(joinedload(Revision.by), defer(Revision.body))
