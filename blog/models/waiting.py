"""Secrets of a few minutes, each for one browser: between the password and the factor, and what a passkey must sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blog.database import utcnow
from blog.models.base import sweep
from blog.models.token import Purpose, Token

if TYPE_CHECKING:
    from blog.models.user import User


def wait_for(purpose: Purpose, *, user: User | None = None, what: str = "") -> str:
    """A secret for the cookie of one browser. It ends no other: a person may be at two browsers.

    Strangers may ask for these, so what has run out goes at once.
    """
    sweep(Token.id, (Token.purpose == purpose) & (Token.expires_at < utcnow()))
    return Token.add(purpose, user_id=user.id if user else None, detail={"what": what})
