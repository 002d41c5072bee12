"""How people come in: invited, with an address they have shown to be theirs, or let in by an admin."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import joinedload

from blog.database import db, utcnow
from blog.models.audit import record
from blog.models.base import sweep
from blog.models.rights import Can, UserRole
from blog.models.token import KEPT, Purpose, Token
from blog.models.user import User


class TakenError(Exception):
    """The address has an account by now. The text is for the person."""


def take_in(*, name: str, email: str, password_hash: str, role: UserRole, is_confirmed: bool) -> User:
    """A new person, after whom no other link to this address lets anybody in. Raises TakenError."""
    if User.by_email(email):
        raise TakenError("This address has an account by now.")
    confirmed_at = utcnow() if is_confirmed else None
    person = User(name=name, email=email, role=role, password_hash=password_hash, confirmed_at=confirmed_at)
    db.session.add(person)
    db.session.flush()
    Token.revoke_to(email)
    return person


# Invitations


def invitations() -> Select[Token]:
    """All of them, those that opened nothing any more lately among them."""
    return select(Token).where(Token.purpose == Purpose.invitation).options(joinedload(Token.by))


def is_void(invitation: Token) -> bool:
    """Whether it lets nobody in, because whoever invited may no longer invite."""
    return invitation.by is None or not invitation.by.can(Can.ADMINISTER)


def standing_of(emails: Collection[str]) -> dict[str, str]:
    """Of these addresses, those that nobody need invite, and why."""
    people = db.session.scalars(select(User.email).where(User.email.in_(emails)))
    reasons = dict.fromkeys(people, "has an account already")
    standing = invitations().where(Token.email.in_(emails), Token.expires_at > utcnow())
    for found in db.session.scalars(standing):
        if not is_void(found):
            reasons.setdefault(found.email, "is invited already: renew that invitation, if the link is lost")
    return reasons


def make_room(emails: Collection[str]) -> None:
    """Before anybody is invited to these addresses: what opens nothing any more goes, theirs and of long ago."""
    sweep(Token.id, Token.expires_at < utcnow() - KEPT)
    db.session.execute(delete(Token).where(Token.purpose == Purpose.invitation, Token.email.in_(emails)))


def invite(email: str, role: UserRole, *, by: User, name: str = "") -> str:
    """The secret of a link that lets in whoever has this address, for which there is room."""
    secret = Token.add(Purpose.invitation, by=by, email=email, role=role, detail={"name": name})
    record("invited", by=by, subject=email, role=role)
    return secret


def renew(invitation: Token, *, by: User) -> str:
    """A new link for the same person, from whoever renews it; the one before opens nothing any more."""
    assert invitation.role  # noqa: S101 - every invitation has one
    email, role, name = invitation.email, invitation.role, invitation.detail.get("name", "")
    secret = Token.issue(Purpose.invitation, by=by, email=email, role=role, detail={"name": name})
    record("renewed the invitation of", by=by, subject=email, role=role)
    return secret


def revoke(invitation: Token, *, by: User) -> None:
    invitation.spend()
    record("revoked the invitation of", by=by, subject=invitation.email, role=invitation.role)


# Requests to come in, which wait where no mail is sent


def requests() -> Select[Token]:
    return select(Token).where(Token.purpose == Purpose.request, Token.expires_at > utcnow())


def let_in(request: Token, *, by: User) -> User:
    """Give the account that was asked for. Raises TakenError."""
    detail = request.detail
    person = take_in(
        name=detail["name"],
        email=request.email,
        password_hash=detail["password"],
        role=UserRole.viewer,
        is_confirmed=False,
    )
    record("let in", by=by, about=person)
    return person


def turn_down(request: Token, *, by: User) -> None:
    db.session.execute(delete(Token).where(Token.purpose == Purpose.request, Token.email == request.email))
    record("turned down", by=by, subject=request.email)
