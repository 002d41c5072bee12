"""Builders for saved rows. Each takes only what the test is about and fills in the rest."""

from datetime import timedelta
from itertools import count

from blog.database import db, utcnow
from blog.models import Media, Post, PostKind, Site, User, UserRole, Visibility

PASSWORD = "seven swans a-swimming"
_next = count(1).__next__


def a_user(role: UserRole = UserRole.viewer, *, password: str | None = None, **fields) -> User:
    n = _next()
    user = User(**{"name": f"Person {n}", "email": f"person{n}@example.com", "role": role} | fields)
    if password:
        user.set_password(password)
    return _saved(user)


def an_editor(**fields) -> User:
    return a_user(UserRole.editor, **fields)


def an_admin(**fields) -> User:
    return a_user(UserRole.admin, **fields)


def a_post(*, by: User | None = None, live: bool = False, members: bool = False, **fields) -> Post:
    n = _next()
    defaults = {
        "title": f"Post {n}",
        "slug": f"post-{n}",
        "body": f"Words of post {n}.",
        "published_at": utcnow() - timedelta(minutes=1) if live else None,
        "visibility": Visibility.members if members else Visibility.public,
    }
    author = by or an_editor()
    return Post.start(author, by=author, **defaults | fields)


def a_scheduled_post(**fields) -> Post:
    return a_post(published_at=utcnow() + timedelta(days=1), **fields)


def a_binned_post(**fields) -> Post:
    return a_post(live=True, binned_at=utcnow(), **fields)


def a_page(*, by: User | None = None, **fields) -> Post:
    return a_post(by=by or an_admin(), kind=PostKind.page, **fields)


def the_site(**settings) -> Site:
    site = Site.current()
    for name, value in settings.items():
        setattr(site, name, value)
    return _saved(site)


def a_picture(by: User | None = None, **fields) -> Media:
    """A row of the library, without a file."""
    n = _next()
    defaults = {"name": f"ab/ab{n:030x}-4x3.png", "media_type": "image/png", "width": 4, "height": 3, "size": 5}
    return _saved(Media(**defaults | {"owner_id": by.id if by else None} | fields))


def _saved(row):
    db.session.add(row)
    db.session.flush()
    return row
