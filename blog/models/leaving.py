"""People who go: what goes with them, and what stays for those who remain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm.exc import StaleDataError

from blog.database import db, utcnow
from blog.models.audit import record
from blog.models.credentials import LoginSession
from blog.models.device import KnownDevice
from blog.models.factors import Authenticator, RecoveryCode
from blog.models.handover import hand_over_all
from blog.models.history import Revision
from blog.models.media import Media
from blog.models.passkey import Passkey
from blog.models.post import Post, co_authors
from blog.models.presence import Presence
from blog.models.reading_list import Kept
from blog.models.review import Review
from blog.models.review_comment import ReviewComment
from blog.models.rights import UserRole
from blog.models.token import Token
from blog.models.user import NO_PASSWORD, User
from blog.models.working_copy import WorkingCopy

# What is nobody's but theirs. Unsaved texts are private, so they go to no heir.
OWN = (LoginSession, Token, KnownDevice, Authenticator, RecoveryCode, Passkey, Kept, Presence)


def leave(person: User, *, by: User | None, posts_to: User | None = None, keeps_portrait: bool = False) -> str:
    """Delete the account of this person. Raises LastAdminError or HandOverError, and then nothing is done;
    StaleDataError where somebody has done it already.

    Their posts go `posts_to` a colleague, or stay under the name. Where anything stays that names them, also in the
    history of a post, so does the row, as a nameplate: a name and a handle, that nobody can sign in with; of the
    biography, the website and the picture only where the person `keeps_portrait` beside posts under the name. Returns
    the name of a picture whose files nobody needs any more, or nothing. The caller commits.
    """
    with db.session.begin_nested():
        _lock(person, posts_to)
        if person.left_at is not None:  # by another hand, while we waited for the lock
            raise StaleDataError(f"{person.name} has left already")
        if person.is_active:
            person.leave_an_admin()
        number = hand_over_all(person, posts_to, by=by or person) if posts_to else 0
        handed: dict[str, Any] = {"posts": number, "to": posts_to.name} if posts_to else {}
        record("deleted the account of", by=by, about=person, role=person.role, **handed)
        db.session.flush()
        for model in OWN:
            whose = model.user_id == person.id
            db.session.execute(delete(model).where(whose))
        db.session.execute(delete(WorkingCopy).where(WorkingCopy.by_id == person.id))
        _end_reviews(person)
        if is_named_anywhere(person):
            return _as_nameplate(person, keeps_portrait=keeps_portrait and has_posts(person))
        picture, person.picture = person.picture, ""
        gone = Media.forget_portrait(picture)
        db.session.delete(person)
        db.session.flush()
        return gone


def has_posts(person: User) -> bool:
    """Whether any post or page carries their name."""
    return bool(db.session.scalar(select(exists().where(Post.of(person.id)))))


def is_named_anywhere(person: User) -> bool:
    """Whether something that stays tells who wrote it: a byline, the history of a post, a review."""
    named = (
        Post.author_id == person.id,
        co_authors.c.user_id == person.id,
        Revision.by_id == person.id,
        Review.asked_by_id == person.id,
        Review.reviewer_id == person.id,
        ReviewComment.by_id == person.id,
    )
    return bool(db.session.scalar(select(or_(*(exists().where(each) for each in named)))))


def _lock(person: User, posts_to: User | None) -> None:
    """Both people and all admins, in one order, so that two who leave at once wait for one another and look again.

    Not so firmly that whoever saves a post, which names its writer, would wait for us and we for the post.
    """
    ids = [one.id for one in (person, posts_to) if one]
    admins = (User.role == UserRole.admin) & User.is_active
    held = select(User).where(or_(User.id.in_(ids), admins)).order_by(User.id).with_for_update(key_share=True)
    db.session.scalars(held.execution_options(populate_existing=True)).all()


def _end_reviews(person: User) -> None:
    """Nobody waits for a verdict that will not come. What was decided stays."""
    waiting = Review.reviewer_id == person.id, Review.ended_at.is_(None), Review.verdict.is_(None)
    db.session.execute(update(Review).where(*waiting).values(ended_at=utcnow()))


def _as_nameplate(person: User, *, keeps_portrait: bool) -> str:
    person.left_at, person.is_active = utcnow(), False
    person.email, person.password_hash, person.confirmed_at = f"gone-{person.id}@invalid", NO_PASSWORD, None
    if keeps_portrait:
        db.session.flush()
        return ""
    picture = person.picture
    person.biography = person.website = person.picture = ""
    db.session.flush()
    return Media.forget_portrait(picture)
