"""The list of pages."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from blog.access import requires
from blog.admin import bp
from blog.models import Can, Post, PostKind
from blog.paging import page_of

PAGES_SIZE = 50


@bp.get("/pages")
@requires(Can.ADMINISTER)
def pages() -> ResponseReturnValue:
    """All of them, those in the bin too: a site has few."""
    found = select(Post).where(Post.kind == PostKind.page)
    page = page_of(found, (Post.title, Post.id), size=PAGES_SIZE, args=request.args, descending=False)
    return render_template("admin/pages.html", page=page)
