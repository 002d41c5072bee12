"""One's own reading list: posts put by for later."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog.access import me, requires
from blog.auth import bp
from blog.database import db
from blog.models import Can, Kept, Post
from blog.models.reading_list import FullListError
from blog.paging import page_of
from blog.web import safe_next

PAGE = 20
LAST_KEPT_FIRST = (Kept.kept_at, Kept.post_id)


@bp.get("/auth/account/reading-list")
@requires(Can.KEEP_ACCOUNT)
def reading_list() -> ResponseReturnValue:
    page = page_of(Kept.of(me()), LAST_KEPT_FIRST, size=PAGE, args=request.args)
    if not page.items and request.args.keys() & {"before", "after"}:
        return redirect(url_for(".reading_list"))  # the last of this page was dropped, not of the list
    return render_template("auth/reading_list.html", page=page)


@bp.post("/auth/account/reading-list/<int:post_id>")
@requires(Can.KEEP_ACCOUNT)
def keep(post_id: int) -> ResponseReturnValue:
    """Keep what anybody may find: whether a draft is there is nobody's business."""
    post = db.first_or_404(Post.live().where(Post.id == post_id))
    try:
        Kept.keep(post, by=me())
    except FullListError as full:
        flash(str(full), "bad")
        return redirect(url_for(".reading_list"))
    db.session.commit()
    flash("It is on your reading list.")
    return redirect(post.path)


@bp.post("/auth/account/reading-list/<int:post_id>/removal")
@requires(Can.KEEP_ACCOUNT)
def drop(post_id: int) -> ResponseReturnValue:
    """Drop it, out or not, and go back to where the button was."""
    Kept.drop(post_id, by=me())
    db.session.commit()
    flash("It is off your reading list.")
    return redirect(safe_next(request.form.get("next"), otherwise=url_for(".reading_list")))
