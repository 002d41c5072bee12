"""Secrets of a few minutes, each for one browser: between the password and the factor, and what a passkey must sign."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from blog.database import db, utcnow
from blog.models.base import sweep
from blog.models.credentials import Purpose, Token, digest_of

if TYPE_CHECKING:
    from blog.models.user import User

SECOND_STEP_LASTS = timedelta(minutes=10)
CHALLENGE_LASTS = timedelta(minutes=5)


def wait_for(purpose: Purpose, *, lasts: timedelta, user: User | None = None, what: str = "") -> str:
    """A secret for the cookie of one browser. Unlike a link it ends no other: a person may be at two browsers."""
    secret, now = secrets.token_urlsafe(32), utcnow()
    sweep(Token.id, Token.expires_at < now)
    db.session.add(
        Token(
            digest=digest_of(secret),
            purpose=purpose,
            user_id=user.id if user else None,
            detail={"what": what},
            expires_at=now + lasts,
        )
    )
    return secret
