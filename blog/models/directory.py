"""The list of people: who is in it, in which order, and what it says of each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from blog.database import db
from blog.models.credentials import LoginSession
from blog.models.post import Post
from blog.models.publication import PostKind, PostStatus
from blog.models.rights import UserRole
from blog.models.user import User

MANY_POSTS = 10_000  # so many are counted, and no more
MANY_IN_A_LIST = 1_000  # and of each person in a list


class Standing(StrEnum):
    """Whether a person may sign in, and if not, why."""

    active = "active"
    deactivated = "deactivated"
    left = "left"

    @classmethod
    def of(cls, person: User) -> "Standing":
        if person.left_at is not None:
            return cls.left
        return cls.active if person.is_active else cls.deactivated


STANDINGS: dict[Standing | None, ColumnElement[bool]] = {
    None: User.left_at.is_(None),  # those who are gone are listed only where they are asked for
    Standing.active: and_(User.left_at.is_(None), User.is_active.is_(True)),
    Standing.deactivated: and_(User.left_at.is_(None), User.is_active.is_(False)),
    Standing.left: User.left_at.is_not(None),
}
ORDERS: dict[str, tuple[Sequence[InstrumentedAttribute[str | int | datetime]], bool]] = {
    "name": ((User.name, User.id), False),
    "-name": ((User.name, User.id), True),
    "email": ((User.email, User.id), False),
    "-email": ((User.email, User.id), True),
    "oldest": ((User.created_at, User.id), False),
    "newest": ((User.created_at, User.id), True),
}


def people(words: str = "", role: UserRole | None = None, standing: Standing | None = None) -> Select[User]:
    """People whose name, handle or address holds each of these words."""
    found = select(User).where(STANDINGS[standing])
    if role:
        found = found.where(User.role == role)
    return found.where(*has_words(User.haystack, words))


def has_words(haystack: InstrumentedAttribute[str] | ColumnElement[str], words: str) -> Iterator[ColumnElement[bool]]:
    return (haystack.contains(word, autoescape=True) for word in words.lower().split())


def having(
    some: Subquery, words: str, key: Sequence[InstrumentedAttribute[Any]], *, falling: bool
) -> Select[tuple[int]]:
    """Which of some people have each of these words, in the order of this key."""
    order = (some.c[column.key].desc() if falling else some.c[column.key].asc() for column in key)
    return select(some.c.id).where(*has_words(some.c.haystack, words)).order_by(*order)


def in_order(ids: Sequence[int], *, and_me: int) -> list[User]:
    """These people, locked, read anew, with all admins and whoever is asking.

    All at once and in one order: two admins who first locked each other would wait for ever. Not so firmly that
    whoever writes a line about one of them, a session or a link of theirs in hand, would wait for us and we for them.
    """
    admins = User.role == UserRole.admin
    rows = select(User).where(or_(User.id.in_([*ids, and_me]), admins)).order_by(User.id)
    found = db.session.scalars(rows.with_for_update(key_share=True).execution_options(populate_existing=True)).all()
    wanted = set(ids)
    return [person for person in found if person.id in wanted]


def numbers_of_posts(ids: Sequence[int]) -> dict[int, int]:
    """How many posts and pages each of these people owns. Counts no further than MANY_IN_A_LIST for each."""
    some = select(Post.id).where(Post.author_id == User.id).limit(MANY_IN_A_LIST).correlate(User).subquery()
    number = select(func.count()).select_from(some).scalar_subquery()
    return dict(db.session.execute(select(User.id, number).where(User.id.in_(ids))).all())


def last_seen(ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these people last used a session that is still there."""
    used = select(LoginSession.user_id, func.max(LoginSession.used_at)).where(LoginSession.user_id.in_(ids))
    return dict(db.session.execute(used.group_by(LoginSession.user_id)).all())


def posts_by_state(person: User) -> dict[PostStatus, int]:
    """How many posts this person owns in each state. Counts no further than MANY_POSTS."""
    theirs = select(Post.status.label("status")).where(Post.author_id == person.id, Post.kind == PostKind.post)
    some = theirs.limit(MANY_POSTS).subquery()
    counted = select(some.c.status, func.count()).group_by(some.c.status)
    return {PostStatus(status): number for status, number in db.session.execute(counted)}


def pages_of(person: User) -> int:
    pages = select(Post.id).where(Post.author_id == person.id, Post.kind == PostKind.page).limit(MANY_POSTS)
    return db.session.scalar(select(func.count()).select_from(pages.subquery())) or 0
