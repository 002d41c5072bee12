"""What readers see."""

from flask import abort, current_app, g, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, exists, select, text
from sqlalchemy.orm import undefer

from blog.access import public
from blog.database import db
from blog.models import Post, Tag, User
from blog.models.tag import post_tags
from blog.page_cache import kept
from blog.paging import Page, cursor, page_of
from blog.posts import bp
from blog.storage import MEDIA_TYPES

SIDE_TAGS = 30
DIRECTORY = 100
NEWEST_FIRST = (Post.published_at, Post.id)


@bp.get("/")
@public
@kept("before", "after")
def index() -> ResponseReturnValue:
    lead = db.session.scalar(Post.for_a_list(featured_first()).limit(1))
    rest = Post.live().where(Post.id != lead.id) if lead else Post.live()
    tags = db.session.scalars(tags_in_use().limit(SIDE_TAGS)).all()
    return render_template("posts/index.html", lead=lead, page=listed(rest), tags=tags)


@bp.get("/posts/<slug>")
@public
@kept()
def show(slug: str) -> ResponseReturnValue:
    post = db.session.scalar(Post.for_a_list(Post.live().where(Post.slug == slug)).options(undefer(Post.html)))
    if post is None:
        elsewhere = Post.elsewhere(slug)
        return redirect(elsewhere.path, 301) if elsewhere else abort(404)
    newer, older = neighbours(post)
    return render_template("posts/show.html", post=post, newer=newer, older=older)


@bp.get("/tags")
@public
@kept("before", "after")
def tags() -> ResponseReturnValue:
    page = page_of(tags_in_use(), (Tag.name, Tag.id), size=DIRECTORY, args=request.args, descending=False)
    return render_template("posts/tags.html", page=page)


@bp.get("/tags/<slug>")
@public
@kept("before", "after")
def tag(slug: str) -> ResponseReturnValue:
    found = db.first_or_404(select(Tag).where(Tag.slug == slug))
    page = listed(Post.live().join(post_tags).where(post_tags.c.tag_id == found.id))
    if not page.items:
        abort(404)  # a tag of drafts only is nobody's business
    return render_template("posts/tag.html", tag=found, page=page)


@bp.get("/authors")
@public
@kept("before", "after")
def authors() -> ResponseReturnValue:
    wrote = select(User).where(exists(Post.live().where(Post.of(User.id)).with_only_columns(Post.id).order_by(None)))
    page = page_of(wrote, (User.name, User.id), size=DIRECTORY, args=request.args, descending=False)
    return render_template("posts/authors.html", page=page)


@bp.get("/authors/<handle>")
@public
@kept("before", "after")
def author(handle: str) -> ResponseReturnValue:
    person = db.first_or_404(select(User).where(User.handle == handle))
    page = listed(Post.live().where(Post.of(person.id)))
    if not page.items:
        abort(404)  # who has published nothing has no public page
    return render_template("posts/author.html", person=person, page=page)


@bp.get("/media/<path:name>")
@public
def media(name: str) -> ResponseReturnValue:
    """A picture. Its name is made of its content, so it never changes and may be kept for good."""
    path = current_app.extensions["storage"].path(name)
    if path is None:
        abort(404)
    response = send_file(path, mimetype=MEDIA_TYPES[path.suffix[1:]], etag=name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    return "ok", {"Content-Type": "text/plain"}


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    db.session.execute(text("SELECT 1"))
    return "ok", {"Content-Type": "text/plain"}


def featured_first() -> Select[Post]:
    return Post.live().order_by(None).order_by(Post.featured.desc(), Post.published_at.desc(), Post.id.desc())


def listed(posts: Select[Post]) -> Page[Post]:
    return page_of(Post.for_a_list(posts), NEWEST_FIRST, size=g.site.posts_per_page, args=request.args)


def tags_in_use() -> Select[Tag]:
    used = Post.live().join(post_tags).where(post_tags.c.tag_id == Tag.id).with_only_columns(Post.id).order_by(None)
    return select(Tag).where(exists(used)).order_by(Tag.name, Tag.id)


def neighbours(post: Post) -> tuple[Post | None, Post | None]:
    """The posts that came out after and before this one."""
    here = cursor(post, NEWEST_FIRST)
    newer, older = (page_of(Post.live(), NEWEST_FIRST, size=1, args={way: here}) for way in ("after", "before"))
    return next(iter(newer), None), next(iter(older), None)
