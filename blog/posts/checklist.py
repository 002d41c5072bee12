"""What to look at before publishing. It informs, and never stands in the way."""

import re
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

from flask import current_app, request
from sqlalchemy import or_, select

from blog.database import db
from blog.markdown import render
from blog.models import Media, OldSlug, Post, Redirect
from blog.moved import is_page
from blog.posts.forms import PostForm
from blog.text import plain_path, storable
from blog.web import absolute

_PICTURE = re.compile(r"<img\b[^>]*>")
_LINK = re.compile(r'<a(?:\s+[a-z-]+="[^"]*")*?\s+href="([^"]*)"')
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
    broken = broken_links(html, absolute(post.path))
    if broken:
        found.append(
            f"{counted(len(broken), 'link leads', 'links lead')} nowhere on this site: {', '.join(broken[:5])}"
        )
    if "tags" in form and not form.tags.data:
        found.append("It has no tags, so no topic will list it.")
    return found


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def broken_links(html: str, here: str) -> list[str]:
    """Links of this site that lead to no page and no picture, or to no place in this text, whose address is `here`."""
    places = set(_ID.findall(html))
    links = list(dict.fromkeys(unescape(link) for link in _LINK.findall(html)))[:MOST_LINKS]
    within = [link for link in links if link.startswith("#") and unquote(link[1:]) not in places]
    paths = {link: path for link in links if not link.startswith("#") and (path := path_here(link, here))}
    known = posts_known({slug_in(path) for path in paths.values() if path.startswith("/posts/")})
    moved = paths_moved({plain_path(path) for path in paths.values()})
    gone = [link for link, path in paths.items() if plain_path(path) not in moved and not leads_somewhere(path, known)]
    return within + gone


def path_here(link: str, here: str) -> str:
    """The path to which a link leads that stands on the page `here`; empty where that is on another site."""
    try:
        whole = urlsplit(urljoin(here, link))
    except ValueError:
        return ""
    ours = {request.host, urlsplit(current_app.config["SITE_URL"]).netloc, urlsplit(here).netloc}
    is_ours = whole.scheme in ("http", "https") and whole.netloc in ours
    return storable(unquote(whole.path)) or "/" if is_ours else ""


def slug_in(path: str) -> str:
    return path.removeprefix("/posts/").removesuffix(".md")


def posts_known(slugs: set[str]) -> set[str]:
    """Those of these addresses that posts which are out have or had, or will have at their time."""
    if not slugs:
        return set()
    dated = (Post.published_at.is_not(None), Post.binned_at.is_(None))
    now = select(Post.slug).where(Post.slug.in_(slugs), *dated)
    once = select(OldSlug.slug).join(Post, Post.id == OldSlug.post_id).where(OldSlug.slug.in_(slugs), *dated)
    return set(db.session.scalars(now.union_all(once)))


def paths_moved(paths: set[str]) -> set[str]:
    """Those of these that redirect, such as the addresses of an imported blog."""
    if not paths:
        return set()
    out = Post.published_at.is_not(None) & Post.binned_at.is_(None)
    moved = select(Redirect.path).outerjoin(Post, Post.id == Redirect.post_id)
    return set(db.session.scalars(moved.where(Redirect.path.in_(paths), or_(Redirect.post_id.is_(None), out))))


def leads_somewhere(path: str, known: set[str]) -> bool:
    if path.startswith("/posts/"):
        return slug_in(path) in known
    if path.startswith("/media/"):
        return db.session.scalar(select(Media.id).where(Media.name == path[7:])) is not None
    return is_page(plain_path(path))
