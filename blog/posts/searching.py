"""The search page, and how browsers learn of it."""

from dataclasses import dataclass

from flask import Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from blog import limits
from blog.access import public, viewer
from blog.database import db
from blog.folding import text_of
from blog.models import Post, Tag, User
from blog.page_cache import kept
from blog.paging import Page
from blog.posts import bp
from blog.search import index as index  # importing it hung the index on the tables
from blog.search.matching import RANKED, matching, readable
from blog.search.query import Query, parse
from blog.search.snippets import marked, snippet
from blog.search.suggesting import suggestion

LOOKED_THROUGH = 200_000  # characters of a page in which a snippet is sought


@dataclass(frozen=True)
class Result:
    """A post that was found, as the page shows it."""

    post: Post
    title: Markup
    passage: Markup


@bp.get("/search")
@public
@kept("q", "tag", "author", "before", "after")
def search() -> ResponseReturnValue:
    query = parse(request.args.get("q", ""))
    tag, author = (request.args.get(name, "")[:120] for name in ("tag", "author"))
    asked = {
        "query": query,
        "tag": tag,
        "topic": name_of(Tag.name, Tag.slug, tag),
        "author": author,
        "person": name_of(User.name, User.handle, author),
    }
    posts = readable(tag=tag, author=author)
    if not query and (query.typed or not (tag or author)):
        return render_template("posts/search.html", **asked, page=None, nearest=None)
    tries = limits.of_searches(viewer())
    page = ranked(matching(posts, query, viewer()) if query else posts, query)
    nearest = suggestion(posts, query, viewer()) if query and not page.items else None
    if not page.items:  # whether there is one of that name is nobody's business where nothing can be read
        asked |= {"topic": tag, "person": author}
    drawn = render_template("posts/search.html", **asked, page=page, nearest=nearest)
    limits.count(tries)
    return drawn


def name_of(name: InstrumentedAttribute[str], key: InstrumentedAttribute[str], value: str) -> str:
    """What people call the tag or the author of this address; the address itself where there is none."""
    return (value and db.session.scalar(select(name).where(key == value))) or value


@bp.get("/opensearch.xml")
@public
@kept()
def opensearch() -> ResponseReturnValue:
    return Response(render_template("posts/opensearch.xml"), content_type="application/opensearchdescription+xml")


def ranked(posts: Select[Post], query: Query) -> Page[Result]:
    """One page of the list. A position in it is a number, as an order by rank has no other; it ends at RANKED."""
    size = g.site.posts_per_page
    start = position("before") if "before" in request.args else max(0, position("after") - size)
    page = func.substr(Post.html, 1, LOOKED_THROUGH)
    rows = db.session.execute(Post.for_a_list(posts).add_columns(page).offset(start).limit(size + 1)).unique().all()
    if start and not rows:
        abort(404)
    return Page(
        items=[result(post, html, query) for post, html in rows[:size]],
        newer=str(start) if start else None,
        older=str(start + size) if len(rows) > size and start + size < RANKED else None,
    )


def position(name: str) -> int:
    """A place in the list from the query string; NotFound for one we did not make."""
    asked = request.args.get(name, "0")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 5 and int(asked) < RANKED + 100):
        abort(404)
    return int(asked)


def result(post: Post, html: str, query: Query) -> Result:
    """The title and the best passage of what this reader may read."""
    text = text_of(html) if viewer().can_read(post) else ""
    passage = snippet(text, query) or marked(post.standfirst(viewer()), query)
    return Result(post, marked(post.headline, query), passage)
