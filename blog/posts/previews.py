"""Pictures that are drawn: the card of a post, and the icons of the site."""

from flask import Response, abort, current_app, g, redirect, request, send_file
from flask.typing import ResponseReturnValue

from blog import cards, head, icons
from blog.access import public
from blog.database import db
from blog.models import Post
from blog.page_cache import kept
from blog.posts import bp

ELSEWHERE = "cross-origin"  # those who show previews and icons are other sites


@bp.get("/posts/<slug>/card-<version>.png")
@public
def card(slug: str, version: str) -> ResponseReturnValue:
    """The card of what is out, as it is now. Addresses of earlier ones lead to it."""
    post = db.session.scalar(Post.for_a_list(Post.out().where(Post.slug == slug))) or Post.renamed_from(slug)
    if post is None:
        abort(404)
    wanted = head.card_of(post)
    if (slug, version) != (post.slug, wanted.version):
        return redirect(head.card_address(post))
    path = cards.kept(current_app.config["INSTANCE_PATH"] / "cards", str(post.uid), wanted)
    response = send_file(path, mimetype="image/png", etag=version)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = ELSEWHERE
    return response


@bp.get("/icon.svg")
@public
@kept()
def icon_svg() -> ResponseReturnValue:
    return _icon(icons.svg(letter(), g.site.hue, g.site.chroma).encode(), "image/svg+xml")


@bp.get("/favicon.ico")
@public
@kept()
def favicon() -> ResponseReturnValue:
    return _icon(icons.ico(letter(), g.site.hue, g.site.chroma), "image/x-icon")


@bp.get("/apple-touch-icon.png")
@public
@kept()
def touch_icon() -> ResponseReturnValue:
    return _icon(icons.png(letter(), g.site.hue, g.site.chroma, 180), "image/png")


@bp.get("/icon-512.png")
@public
@kept()
def large_icon() -> ResponseReturnValue:
    return _icon(icons.png(letter(), g.site.hue, g.site.chroma, 512), "image/png")


def letter() -> str:
    return icons.letter_of(g.site.title)


def _icon(content: bytes, media_type: str) -> ResponseReturnValue:
    response = Response(content, mimetype=media_type)
    response.headers["Cross-Origin-Resource-Policy"] = ELSEWHERE
    response.add_etag()
    return response.make_conditional(request)
