"""What the editor page asks while somebody writes. None of it changes anything; the page works without."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, case, or_, select

from blog.access import me, requires
from blog.database import db, utcnow
from blog.markdown import BODY_LIMIT, render
from blog.models import Can, Post, PostKind, Tag
from blog.models.tag import post_tags
from blog.posts import bp
from blog.text import unix_lines
from blog.transfer.from_html import TooMuch, to_markdown

OFFERED = 8
WORDS_LIMIT, WORDS_TRIED = 100, 6
_TAG = re.compile(r"""<[a-zA-Z](?:[^"<>]|"[^"]*")*>""")
_NAMES = re.compile(r'(\s(?:id="|headers="|href="#))(?=[^"])')


class Pasted:
    """Where a pasted text comes from: links stay as they are, but for those to this very site, which need no host."""

    def target(self, written: str) -> str:
        try:
            parts = urlsplit(written)
        except ValueError:
            return written
        if parts.scheme not in ("http", "https") or parts.netloc != request.host:
            return written
        return parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()


@bp.post("/write/preview")
@requires(Can.WRITE)
def preview_text() -> ResponseReturnValue:
    """The text as readers would see it. Asks the database nothing, so that no writer waits for a long one."""
    body = unix_lines(request.form.get("body"))
    if len(body) > BODY_LIMIT:
        return plain(f"At most {BODY_LIMIT:,} characters; this has {len(body):,}."), 422
    return apart(render(body).html)


@bp.post("/write/markdown")
@requires(Can.WRITE)
def pasted_text() -> ResponseReturnValue:
    html = request.form.get("html", "")
    if len(html) > BODY_LIMIT:
        return plain(f"At most {BODY_LIMIT:,} characters at once; this has {len(html):,}."), 413
    try:
        return plain(to_markdown(html, Pasted()).strip("\n"))
    except TooMuch as refusal:
        return plain(str(refusal)), 422


@bp.get("/write/suggestions")
@requires(Can.WRITE)
def suggestions() -> ResponseReturnValue:
    if "tags" in request.args:
        return jsonify([tag.name for tag in tags_like(request.args["tags"])])
    found = posts_like(request.args.get("links", ""))
    return jsonify([{"title": post.headline, "address": post.path, "state": post.status} for post in found])


def posts_like(words: str) -> list[Post]:
    """The newest that this person may see and whose title has all these words, in whatever order."""
    out = Post.published_at <= utcnow()
    seen = select(Post).where(Post.binned_at.is_(None))
    if not me().can(Can.EDIT_ANY):
        seen = seen.where(or_(out, and_(Post.of(me().id), Post.kind == PostKind.post)))  # pages: see can_edit
    for word in words[:WORDS_LIMIT].split()[:WORDS_TRIED]:
        seen = seen.where(Post.title.icontains(word, autoescape=True))
    return list(db.session.scalars(seen.order_by(Post.id.desc()).limit(OFFERED)))


def tags_like(words: str) -> list[Tag]:
    """Of the tags that readers see or that stand on one's own posts, those that begin so, then those that hold it."""
    words = " ".join(words[:WORDS_LIMIT].split())
    begins: ColumnElement[Any] = case((Tag.name.istartswith(words, autoescape=True), 0), else_=1)
    known = or_(
        Tag.id.in_(Tag.in_use().with_only_columns(Tag.id)),
        Tag.id.in_(select(post_tags.c.tag_id).join(Post, Post.id == post_tags.c.post_id).where(Post.of(me().id))),
    )
    found = select(Tag).where(known, Tag.name.icontains(words, autoescape=True))
    return list(db.session.scalars(found.order_by(begins, Tag.name).limit(OFFERED)))


def apart(html: str) -> str:
    """The HTML for a place on a page with names of its own: a heading “Title” must not take the title field's."""
    return _TAG.sub(lambda tag: _NAMES.sub(r"\1preview-", tag[0]), html)


def plain(words: str) -> Response:
    return Response(words, content_type="text/plain; charset=utf-8")
