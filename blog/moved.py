"""Where an address leads at which no view found anything: on to what moved, or to a notice that it is gone."""

import re
from typing import Any
from urllib.parse import quote, unquote

from flask import current_app
from sqlalchemy import exists, select
from werkzeug.exceptions import Gone, HTTPException

from blog.database import db
from blog.models import Post, Redirect, Tag, User
from blog.models.redirect import PATH_LIMIT
from blog.text import plain_path

PRIVATE = (
    "/auth",
    "/preview",
    "/setup",
)  # secrets stand in addresses below these: nothing is looked up there, or sent elsewhere
FILES = ("/static", "/media")  # what has one spelling only
SPELLED = "/:@!$&'()*+,;=~"  # browsers skip a bare tab, and /<tab>/ is a host
TARGETED = SPELLED + "?#%"
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd\ud800-\udfff\\]|/\.\.(/|$)")  # no address of ours has these


def is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def onward(asked: str) -> str | None:
    """The path, ready for a Location header, at which there may be what was asked for in vain at this one.

    Raises Gone where readers could once find something that has been taken back since.
    """
    path = plain_path(asked)
    if len(path) > PATH_LIMIT or UNFIT.search(path):
        return None
    if is_below(path, PRIVATE):
        return path if path != asked and is_view(path) else None
    if path != asked and is_page(path):  # pages win over redirects, in every spelling
        return quote(address_now(path), safe=SPELLED)
    if end := moved_to(path):
        return quote(end, safe=TARGETED)
    return quote(path, safe=SPELLED) if path != asked and not is_below(asked.lower(), FILES) else None


def moved_to(path: str) -> str | None:
    post = Post.at(path)
    if post and post.is_live:  # what it was once called leads to it, whatever else was set up there
        now = address_now(path)
        return now if now != path else None
    moved = Redirect.of(path)
    if moved and moved.post is None:
        end = end_of(moved.target, path)
        return None if end and is_of_drafts(end) else end
    post = moved.post if moved else post
    if post and post.was_taken_back:
        raise Gone
    if post and post.is_live:
        return post.path
    became = Post.at(f"/posts{path}")  # a page that became a post
    return became.path if became and became.is_live else moved_feed(path)


def moved_feed(path: str) -> str | None:
    """Where the feed of a tag is now that has got another name, or has become a part of another."""
    parts = re.fullmatch(r"(/tags/[^/]+)(/feed\.[a-z]+)", path)
    tag = moved_to(parts[1]) if parts else None
    return tag + parts[2] if parts and tag and tag.startswith("/tags/") else None


def address_now(path: str) -> str:
    """The path at which the post of this path is now, its Markdown too; where there is none, the path itself."""
    post = Post.at(path)
    if post is None:
        return path
    return f"{post.path}.md" if path.endswith(".md") else post.path


def end_of(target: str, start: str) -> str | None:
    """Where a reader ends up who goes from `start` to this target, through all other redirects; None in a circle."""
    been = {start}
    while is_ours(target):
        place, rest = re.fullmatch(r"([^?#]*)(.*)", target, re.DOTALL).groups()  # type: ignore[union-attr]
        plain = plain_path(unquote(place))
        if plain in been:
            return None
        been.add(plain)
        moved = Redirect.of(plain)
        post = Post.at(plain)
        if post and post.is_live:
            return post.path + rest
        if is_page(plain):
            return plain + rest
        if moved is None or moved.leads_to is None:
            return target
        target = moved.leads_to
    return target


def is_of_drafts(path: str) -> bool:
    """Whether this is the address of a tag that no reader knows of, and that is therefore nobody's business."""
    slug = path.removeprefix("/tags/")
    hidden = exists().where(Tag.slug == slug) & ~exists(Tag.in_use().where(Tag.slug == slug).with_only_columns(Tag.id))
    return slug != path and has(hidden)


def is_ours(target: str) -> bool:
    return target.startswith("/") and not target.startswith("//")


def is_page(path: str) -> bool:
    """Whether readers find something at this plain path, or at where its post is now, without any redirect of ours."""
    asked = matched(path)
    if asked is None:
        return False
    if path.startswith("/tags/"):
        return has(exists().where(Tag.slug == asked.get("slug", "")))
    if path.startswith("/authors/"):
        return has(exists().where(User.handle == asked.get("handle", "")))
    if asked.keys() & {"slug", "name", "filename"}:  # a view for whatever is there
        post = Post.at(path)
        return post is not None and post.is_live
    return True


def is_view(path: str) -> bool:
    """Whether there is a view of this very path, whatever it may ask of the reader."""
    return matched(path) == {}


def matched(path: str) -> dict[str, Any] | None:
    """What the view at this path is asked with; None where there is no view."""
    try:
        return dict(current_app.url_map.bind("").match(path, method="GET")[1])
    except HTTPException:
        return None


def has(question: object) -> bool:
    return bool(db.session.scalar(select(question)))  # type: ignore[call-overload]
