"""Co-authors: named by the owner or an admin, removed by them, and free to leave."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from blog.access import me, requires
from blog.database import db
from blog.models import Can, CoAuthorError, User, name_co_author, remove_co_author
from blog.models.user import lowered
from blog.posts import bp
from blog.posts.company_forms import CoAuthorForm
from blog.posts.loading import editable
from blog.posts.publishing import owned
from blog.posts.saving import lists
from blog.posts.writing import newest_text


@bp.post("/write/posts/<int:post_id>/co-authors")
@requires(Can.WRITE)
def add_co_author(post_id: int) -> ResponseReturnValue:
    post = owned(post_id)
    if post.is_page:
        abort(404)  # a page speaks for the site
    form = CoAuthorForm()
    person = User.writer_at(form.email.data or "")
    try:
        if not form.validate() or person is None:
            raise CoAuthorError(f"Nobody who writes here has the address “{lowered(form.email.data or '')}”.")
        done = name_co_author(post, person, by=me())
    except CoAuthorError as refusal:
        if not form.errors:
            form.refuse("email", str(refusal))
        return newest_text(post, co_author_form=form), 422
    db.session.commit()
    flash(f"{person.name} writes this post with you." if done else f"{person.name} is a co-author already.")
    return redirect(url_for(".edit", post_id=post_id, _anchor="people"))


@bp.post("/write/posts/<int:post_id>/co-authors/<int:user_id>/removal")
@requires(Can.WRITE)
def drop_co_author(post_id: int, user_id: int) -> ResponseReturnValue:
    """By the owner or an admin; or by the person, who leaves."""
    post = editable(post_id, lock=True) if user_id == me().id else owned(post_id)
    person = db.session.get(User, user_id)
    done = person is not None and remove_co_author(post, person, by=me())
    db.session.commit()
    if person and done:
        flash("You no longer write this post." if person.id == me().id else f"{person.name} no longer writes it.")
    may_stay = me().can_edit(post)
    return redirect(url_for(".edit", post_id=post_id, _anchor="people") if may_stay else lists(post))
