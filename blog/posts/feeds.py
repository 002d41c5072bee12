"""Feeds: the newest posts for machines, in full."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import undefer

from blog.access import public
from blog.database import db
from blog.models import Anonymous, Post
from blog.page_cache import kept
from blog.posts import bp

FEED_SIZE = 20


@bp.get("/feed.atom")
@public
@kept("before", "after")
def atom() -> ResponseReturnValue:
    posts = db.session.scalars(Post.for_a_list(Post.live()).options(undefer(Post.html)).limit(FEED_SIZE)).all()
    # A feed is fetched without a person: it shows what a stranger may read, whoever asks.
    response = Response(render_template("feeds/atom.xml", posts=posts, stranger=Anonymous()))
    response.content_type = "application/atom+xml; charset=utf-8"
    response.add_etag()
    return response.make_conditional(request)
