"""Pages, such as About: the first word of an address that is nothing else here."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import undefer

from blog import text
from blog.access import public
from blog.database import db
from blog.models import Post, PostKind
from blog.models.address import SLUG_LIMIT
from blog.page_cache import kept
from blog.posts import bp


@bp.get("/<slug>")
@public
@kept()
def page(slug: str) -> ResponseReturnValue:
    """Every fixed address comes before this one, so a page can hide none of them."""
    if slug != text.slugify(slug, limit=SLUG_LIMIT):
        abort(404)  # no page is called that, and machines ask for much that never was
    found = Post.out().where(Post.slug == slug, Post.kind == PostKind.page).options(undefer(Post.html))
    post = db.session.scalar(found)
    if post is None:
        abort(404)
    return render_template("posts/page.html", post=post)
