"""Feeds: posts for machines, in full, as Atom, RSS and JSON Feed; of the site, of a tag, of an author."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from flask import Response, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import undefer

from blog.access import public
from blog.database import db, utcnow
from blog.models import Anonymous, Post, Tag, User
from blog.models.tag import post_tags
from blog.page_cache import kept
from blog.paging import Page, page_of
from blog.posts import bp
from blog.web import absolute, absolute_links, xml

FEED_SIZE = 20
KINDS = "any(atom, rss, json)"
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
STRANGER = Anonymous()  # a feed is fetched without a person: it shows what a stranger may read, whoever asks
UNFINISHED = timedelta(seconds=2)  # a second that may see another change yet


@dataclass(frozen=True)
class Feed:
    """What all three formats say."""

    title: str
    description: str
    home: str  # the page that lists the same posts
    page: Page[Post]
    changed_at: datetime

    def address(self, **cursor: str) -> str:
        assert request.endpoint is not None  # noqa: S101 - only its view makes a feed
        return absolute(url_for(request.endpoint, **(request.view_args or {}) | cursor))

    @property
    def itself(self) -> str:
        """The address of this page of it, without what else may stand in the query."""
        way = next((way for way in ("before", "after") if way in request.args), None)
        return self.address(**{way: request.args[way]} if way else {})

    @property
    def updated_at(self) -> datetime:
        moments = [moment for post in self.page for moment in (post.edited_at, post.published_at) if moment]
        return max(moments, default=self.changed_at)

    @staticmethod
    def summary(post: Post) -> str:
        return post.standfirst(STRANGER) or ("" if STRANGER.can_read(post) else "This post is for members.")

    @staticmethod
    def html(post: Post) -> str:
        return absolute_links(post.html, post) if STRANGER.can_read(post) else ""


@bp.get(f"/feed.<{KINDS}:kind>")
@public
@kept("before", "after")
def feed(kind: str) -> ResponseReturnValue:
    return answer(kind, Post.live(), title=g.site.title, home="/")


@bp.get(f"/tags/<slug>/feed.<{KINDS}:kind>")
@public
@kept("before", "after")
def tag_feed(slug: str, kind: str) -> ResponseReturnValue:
    tag = db.first_or_404(select(Tag).where(Tag.slug == slug))
    posts = Post.live().join(post_tags).where(post_tags.c.tag_id == tag.id)
    home = url_for("posts.tag", slug=slug)
    return answer(kind, posts, title=f"{tag.name} – {g.site.title}", home=home, of=tag)


@bp.get(f"/authors/<handle>/feed.<{KINDS}:kind>")
@public
@kept("before", "after")
def author_feed(handle: str, kind: str) -> ResponseReturnValue:
    person = db.first_or_404(select(User).where(User.handle == handle))
    posts = Post.live().where(Post.of(person.id))
    home = url_for("posts.author", handle=handle)
    return answer(kind, posts, title=f"{person.name} – {g.site.title}", home=home, of=person)


def answer(
    kind: str, posts: Select[Post], *, title: str, home: str, of: Tag | User | None = None
) -> ResponseReturnValue:
    """The page of this feed that is asked for, unless the asker has it."""
    posts = Post.for_a_list(posts).options(undefer(Post.html))
    page = page_of(posts, (Post.published_at, Post.id), size=FEED_SIZE, args=request.args)
    if of is not None and not page.items:
        abort(404)  # a tag of drafts only is nobody's business, nor who has published nothing
    changed_at = last_change(page, of)
    feed = Feed(title, g.site.description or g.site.tagline or title, absolute(home), page, changed_at)
    response = Response(as_json(feed) if kind == "json" else render_template(f"feeds/{kind}.xml", feed=feed))
    response.content_type = f"{TYPES[kind]}; charset=utf-8"
    response.add_etag()
    if changed_at < utcnow() - UNFINISHED:
        response.last_modified = changed_at
    return response.make_conditional(request)


def last_change(page: Page[Post], of: Tag | User | None) -> datetime:
    """When anything in the feed last changed, or left it: what has been out and was taken back changed then."""
    known = select(Post.updated_at).where(Post.first_published_at.is_not(None)).order_by(Post.updated_at.desc())
    moments = [db.session.scalar(known.limit(1)), g.site.updated_at, of and of.updated_at]
    for post in page:
        moments += [post.published_at, post.updated_at]
        moments += [person.updated_at for person in post.byline] + [tag.updated_at for tag in post.tags]
    return max((moment for moment in moments if moment), default=datetime.fromtimestamp(0, UTC))


def as_json(feed: Feed) -> str:
    """JSON Feed 1.1, without what is empty."""
    older = feed.page.older
    return json.dumps(
        _filled(
            version="https://jsonfeed.org/version/1.1",
            title=xml(feed.title),
            description=xml(feed.description),
            home_page_url=feed.home,
            feed_url=feed.itself,
            next_url=feed.address(before=older) if older else None,
            icon=absolute("/icon-512.png"),
            favicon=absolute("/favicon.ico"),
            language=g.site.language,
        )
        | {"items": [json_item(feed, post) for post in feed.page]},
        ensure_ascii=False,
    )


def json_item(feed: Feed, post: Post) -> dict[str, Any]:
    picture = (post.cover or post.picture) if STRANGER.can_read(post) else ""
    return _filled(
        id=f"urn:uuid:{post.uid}",
        url=absolute(post.path),
        title=xml(post.headline),
        content_html=xml(feed.html(post)),
        content_text="" if feed.html(post) else xml(feed.summary(post) or post.headline),
        summary=xml(feed.summary(post)),
        image=absolute(picture) if picture else None,
        date_published=stamp(post.published_at),
        date_modified=stamp(post.edited_at, post.published_at),
        authors=[
            {"name": xml(person.name), "url": absolute(url_for("posts.author", handle=person.handle))}
            | ({"avatar": absolute(person.picture)} if person.portrait else {})
            for person in post.byline
        ],
        tags=[xml(tag.name) for tag in post.tags],
        language=post.language,
    )


def stamp(*moments: datetime | None) -> str:
    """The latest of these, as RFC 3339 writes it."""
    return max(moment for moment in moments if moment).isoformat(timespec="seconds")


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


@bp.app_template_filter()
def rfc822(moment: datetime) -> str:
    return format_datetime(moment)


bp.add_app_template_filter(stamp)
