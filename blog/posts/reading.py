"""What readers see: the front page, a post, topics and authors."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select, text
from sqlalchemy.orm import undefer

from blog.access import public, viewer
from blog.contents import contents
from blog.database import db
from blog.models import Kept, Media, Post, Tag, User
from blog.models.tag import post_tags
from blog.page_cache import kept
from blog.paging import page_of
from blog.posts import bp
from blog.posts.lists import dressed, leading, listed, neighbours, related

SIDE_TAGS = 30
DIRECTORY = 100


@bp.get("/")
@public
@kept("before", "after")
def index() -> ResponseReturnValue:
    first = leading()
    page = listed(Post.live().where(Post.id.not_in([post.id for post in first])), dress=False)
    dressed([*first, *page])
    tags = db.session.scalars(Tag.in_use().order_by(Tag.dated_posts.desc(), Tag.name).limit(SIDE_TAGS + 1)).all()
    return render_template(
        "posts/index.html",
        first=first,
        focus=Media.focus_at(first[0].face[0]) if first else "",
        page=page,
        tags=tags[:SIDE_TAGS],
        more_tags=len(tags) > SIDE_TAGS,
    )


@bp.get("/posts/<slug>")
@public
@kept()
def show(slug: str) -> ResponseReturnValue:
    post = db.session.scalar(Post.for_a_list(Post.live().where(Post.slug == slug)).options(undefer(Post.html)))
    if post is None:
        abort(404)
    newer, older = neighbours(post)
    return page_of_post(post, newer=newer, older=older, related=related(post))


def page_of_post(
    post: Post,
    *,
    newer: Post | None = None,
    older: Post | None = None,
    related: list[Post] | None = None,
    is_preview: bool = False,
    is_guest: bool = False,
) -> str:
    """The page of a post or of what will be one, for whoever asks."""
    return render_template(
        "posts/show.html",
        post=post,
        # Headings are words of the body: they are kept from whom it is kept from.
        contents=contents(post.html) if is_guest or viewer().can_read(post) else [],
        newer=newer,
        older=older,
        related=related or [],
        is_preview=is_preview,
        is_guest=is_guest,
        is_kept=not is_preview and Kept.has(post, by=viewer()),
    )


@bp.get("/tags")
@public
@kept("before", "after")
def tags() -> ResponseReturnValue:
    page = page_of(Tag.in_use(), (Tag.name, Tag.id), size=DIRECTORY, args=request.args, descending=False)
    return render_template("posts/tags.html", page=page)


@bp.get("/tags/<slug>")
@public
@kept("before", "after")
def tag(slug: str) -> ResponseReturnValue:
    # A tag of drafts only is nobody's business.
    found = db.first_or_404(Tag.in_use().where(Tag.slug == slug))
    page = listed(Post.live().join(post_tags).where(post_tags.c.tag_id == found.id))
    if not page.items:
        abort(404)
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


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    return "ok", {"Content-Type": "text/plain"}


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    db.session.execute(text("SELECT 1"))
    return "ok", {"Content-Type": "text/plain"}
