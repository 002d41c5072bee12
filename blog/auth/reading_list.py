"""What somebody has put by to read later."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog.access import me, requires, viewer
from blog.auth import bp
from blog.database import db
from blog.models import Can, Post, User
from blog.models.reading_list import FullListError, Kept
from blog.paging import page_of
from blog.web import safe_next

LIST_SIZE = 25


@bp.get("/auth/account/reading-list")
@requires(Can.KEEP_ACCOUNT)
def reading_list() -> ResponseReturnValue:
    page = page_of(Kept.of(me()), (Kept.kept_at, Kept.post_id), size=LIST_SIZE, args=request.args)
    return render_template("auth/reading_list.html", page=page)


@bp.post("/auth/account/reading-list/<int:post_id>")
@requires(Can.KEEP_ACCOUNT)
def keep(post_id: int) -> ResponseReturnValue:
    post: Post = db.first_or_404(Post.live().where(Post.id == post_id))
    back = post.path
    try:
        Kept.keep(post, by=me())
    except FullListError as full:
        db.session.rollback()
        flash(str(full), "bad")
        return redirect(back)
    db.session.commit()
    flash("It is on your reading list.")
    return redirect(back)


@bp.post("/auth/account/reading-list/<int:post_id>/removal")
@requires(Can.KEEP_ACCOUNT)
def drop(post_id: int) -> ResponseReturnValue:
    Kept.drop(post_id, by=me())
    db.session.commit()
    flash("It is off your reading list.")
    return redirect(safe_next(request.form.get("next"), otherwise=url_for(".reading_list")))


def is_kept(post: Post) -> bool:
    """Whether the post is on the list of whoever looks at it. Asks nothing for strangers."""
    reader = viewer()
    return isinstance(reader, User) and Kept.holds(post, user=reader)


@bp.app_context_processor
def words_for_templates() -> dict[str, Any]:
    return {"is_kept": is_kept}
