"""What to look at before publishing. It informs, and never stands in the way."""

import re
from urllib.parse import unquote, urlsplit

from flask.globals import request_ctx
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from blog.database import db
from blog.markdown import render
from blog.models import Media, OldSlug, Post, PostKind
from blog.posts.forms import PostForm
from blog.text import storable

_PICTURE = re.compile(r"<img\b[^>]*>")
_LINK = re.compile(r'<a href="(/[^"]*|#[^"]*)"')
_ID = re.compile(r'\bid="([^"]+)"')
MOST_LINKS = 200


def checklist(post: Post, form: PostForm) -> list[str]:
    """Sentences about the text in the form, each of something readers may miss."""
    html = render(form.body.data or "").html
    found = []
    if not form.summary.data and not form.is_page:
        found.append("There is no summary: lists and search engines show the first words instead.")
    if pictures := sum('alt=""' in tag or "alt=" not in tag for tag in _PICTURE.findall(html)):
        found.append(
            f"{counted(pictures, 'picture says', 'pictures say')} nothing to those who cannot see: no alt text."
        )
    if form.cover.data and not form.cover_alt.data:
        found.append("The cover has no words for those who cannot see it.")
    broken = broken_links(html)
    if broken:
        found.append(
            f"{counted(len(broken), 'link leads', 'links lead')} nowhere on this site: {', '.join(broken[:5])}"
        )
    if "tags" in form and not form.tags.data:
        found.append("It has no tags, so no topic will list it.")
    return found


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def broken_links(html: str) -> list[str]:
    """Links of this site that lead to no page and no picture, or to no place in this text."""
    places = set(_ID.findall(html))
    links = list(dict.fromkeys(_LINK.findall(html)))[:MOST_LINKS]
    within = [link for link in links if link.startswith("#") and unquote(link[1:]) not in places]
    paths = {
        link: storable(unquote(urlsplit(link).path))
        for link in links
        if link.startswith("/") and not link.startswith("//")
    }
    posts = {path[7:].removesuffix(".md") for path in paths.values() if path.startswith("/posts/")}
    known = posts_known(posts)
    return within + [link for link, path in paths.items() if not leads_somewhere(path, known)]


def posts_known(slugs: set[str]) -> set[str]:
    """Those of these addresses that posts which are out have or had, or will have at their time."""
    if not slugs:
        return set()
    dated = (Post.published_at.is_not(None), Post.binned_at.is_(None))
    now = select(Post.slug).where(Post.slug.in_(slugs), *dated)
    once = select(OldSlug.slug).join(Post, Post.id == OldSlug.post_id).where(OldSlug.slug.in_(slugs), *dated)
    return set(db.session.scalars(now.union_all(once)))


def leads_somewhere(path: str, known: set[str]) -> bool:
    if path.startswith("/posts/"):
        return path[7:].removesuffix(".md") in known
    if path.startswith("/media/"):
        return db.session.scalar(select(Media.id).where(Media.name == path[7:])) is not None
    try:
        endpoint, values = request_ctx.url_adapter.match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return False
    if endpoint == "posts.page":
        return db.session.scalar(Post.out().where(Post.slug == values["slug"], Post.kind == PostKind.page)) is not None
    return True
