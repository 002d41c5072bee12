"""What crawlers ask for: the sitemap, what they may fetch, and whom to tell of a weakness."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Response, abort, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import load_only

from blog.access import public
from blog.database import db, utcnow
from blog.models import Post, Tag, User
from blog.models.tag import post_tags
from blog.page_cache import kept
from blog.posts import bp
from blog.web import absolute

MOST = 10_000  # addresses in one file
LISTS = ("posts.index", "posts.tags", "posts.authors", "posts.archive")
SHOWN = (Post.slug, Post.kind, Post.published_at, Post.edited_at)
KINDS = "any(posts, tags, authors)"
ROBOTS = """User-agent: *
Disallow: /admin$
Disallow: /admin/
Disallow: /auth/
Disallow: /setup/
Disallow: /write$
Disallow: /write/

Sitemap: {}
"""


class Entry(NamedTuple):
    path: str
    changed_at: datetime | None = None


@bp.get("/sitemap.xml")
@public
@kept()
def sitemap() -> ResponseReturnValue:
    """All addresses; beyond what one file may hold, where the parts are."""
    posts, key = rows_of("posts")
    if db.session.scalar(posts.order_by(key).offset(MOST).limit(1)):  # before any is read
        return xml("sitemap_index", parts=parts())
    entries = lists()
    for kind in ("posts", "tags", "authors"):
        entries += entries_of(kind, limit=MOST + 1 - len(entries))
        if len(entries) > MOST:
            return xml("sitemap_index", parts=parts())
    return xml("sitemap", entries=entries)


@bp.get(f"/sitemap-<{KINDS}:rows>-<int:number>.xml")
@public
@kept()
def sitemap_part(rows: str, number: int) -> ResponseReturnValue:
    """The rows whose numbers are within one stretch: as quick to find at the end as at the beginning."""
    if not 0 < number < 10**9:
        abort(404)
    entries = entries_of(rows, after=(number - 1) * MOST, upto=number * MOST)
    if (rows, number) == ("posts", 1):
        entries += lists()
    return xml("sitemap", entries=entries) if entries else abort(404)


@bp.get("/robots.txt")
@public
@kept()
def robots() -> ResponseReturnValue:
    return Response(ROBOTS.format(absolute("/sitemap.xml")), content_type="text/plain; charset=utf-8")


@bp.get("/.well-known/security.txt")
@public
@kept()
def security() -> ResponseReturnValue:
    """RFC 9116. Half a year ahead of whenever it is asked for, so that it never runs out while the site is up. Its
    policy is a page called “security”, where there is one; addresses of the web must be of https there."""
    contact = current_app.config["SECURITY_CONTACT"]
    if not contact:
        abort(404)
    expires = (utcnow() + timedelta(days=182)).strftime("%Y-%m-%dT00:00:00Z")
    languages = ", ".join(dict.fromkeys((g.site.language, "en")))
    lines = [f"Contact: {contact}", f"Expires: {expires}", f"Preferred-Languages: {languages}"]
    policy = Post.at("/security")
    addresses = {"Canonical": absolute(request.path)}
    if policy and policy.is_live:
        addresses["Policy"] = absolute(policy.path)
    lines += [f"{name}: {address}" for name, address in addresses.items() if address.startswith("https://")]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def lists() -> list[Entry]:
    changed_at = db.session.scalar(Post.live().with_only_columns(Post.published_at).limit(1))
    return [Entry(url_for(endpoint), changed_at) for endpoint in LISTS]


def rows_of(kind: str) -> tuple[Select[Any], Any]:
    """The ids of what has a page of its own, and the column they are in. Nothing here is counted or sorted."""
    live = Post.live().order_by(None).with_only_columns(Post.id)
    if kind == "tags":
        return select(Tag.id).where(exists(live.join(post_tags).where(post_tags.c.tag_id == Tag.id))), Tag.id
    if kind == "authors":
        return select(User.id).where(exists(live.where(Post.of(User.id)))), User.id
    return Post.out().where(Post.canonical_url == "").order_by(None).with_only_columns(Post.id), Post.id


def entries_of(kind: str, *, after: int = 0, upto: int | None = None, limit: int = MOST) -> list[Entry]:
    rows, key = rows_of(kind)
    rows = rows.where(key > after).order_by(key).limit(limit)
    rows = rows if upto is None else rows.where(key <= upto)
    if kind == "tags":
        return [Entry(url_for("posts.tag", slug=slug)) for slug in scalars(rows, Tag.slug)]
    if kind == "authors":
        return [Entry(url_for("posts.author", handle=handle)) for handle in scalars(rows, User.handle)]
    found = db.session.scalars(rows.with_only_columns(Post).options(load_only(*SHOWN)))
    return [Entry(post.path, max(post.edited_at, post.published_at or post.edited_at)) for post in found]


def scalars(rows: Select[Any], column: Any) -> Sequence[str]:
    return db.session.scalars(rows.with_only_columns(column)).all()


def parts() -> list[str]:
    """The addresses of all parts that hold anything. Each costs one step in an index, however many rows there are."""
    found = [("posts", 1)]
    for kind in ("posts", "tags", "authors"):
        rows, key = rows_of(kind)
        first = select(rows.with_only_columns(func.min(key)).scalar_subquery().label("id")).cte(
            "stretch", recursive=True
        )
        beyond = ((first.c.id - 1) // MOST + 1) * MOST
        following = rows.with_only_columns(func.min(key)).where(key > beyond).correlate(first).scalar_subquery()
        stretches = first.union_all(select(following).where(first.c.id.is_not(None)))
        ids = db.session.scalars(select(stretches.c.id).where(stretches.c.id.is_not(None)))
        found += [(kind, (one - 1) // MOST + 1) for one in ids]
    return [url_for("posts.sitemap_part", rows=kind, number=number) for kind, number in dict.fromkeys(found)]


def xml(template: str, **words: Any) -> ResponseReturnValue:
    response = Response(render_template(f"feeds/{template}.xml", **words))
    response.content_type = "application/xml; charset=utf-8"
    response.add_etag()
    return response.make_conditional(request)
