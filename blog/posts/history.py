"""What an editor looks back on: the post as readers will see it, and as it was."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from blog.access import requires
from blog.models import Can, Revision
from blog.paging import page_of
from blog.posts import bp
from blog.posts.loading import editable
from blog.posts.reading import page_of_post

HISTORY_SIZE = 25


@bp.get("/write/posts/<int:post_id>/preview")
@requires(Can.WRITE)
def preview(post_id: int) -> ResponseReturnValue:
    post = editable(post_id)
    if post.is_page:
        return render_template("posts/page.html", post=post, is_preview=True)
    return page_of_post(post, is_preview=True)


@bp.get("/write/posts/<int:post_id>/revisions")
@requires(Can.WRITE)
def revisions(post_id: int) -> ResponseReturnValue:
    post = editable(post_id)
    rows = select(Revision).where(Revision.post_id == post.id).options(joinedload(Revision.by), defer(Revision.body))
    page = page_of(rows, (Revision.number,), size=HISTORY_SIZE, args=request.args)
    return render_template("posts/revisions.html", post=post, page=page)


@bp.get("/write/posts/<int:post_id>/revisions/<int:number>")
@requires(Can.WRITE)
def revision(post_id: int, number: int) -> ResponseReturnValue:
    post = editable(post_id)
    then = Revision.of(post, number) or abort(404)
    return render_template("posts/revision.html", post=post, then=then)
