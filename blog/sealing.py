"""Secrets that must be read again, sealed with a key made of SECRET_KEY: a stolen database does not give them away."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class BrokenSealError(ValueError):
    """What was sealed with another SECRET_KEY, or has been tampered with."""


def seal(words: str, *, what: str) -> str:
    """The words, unreadable to whoever has no SECRET_KEY. `what` they are must be said again to read them."""
    return _box(what).encrypt(words.encode()).decode()


def unseal(sealed: str, *, what: str) -> str:
    """The words that were sealed as `what`. Raises BrokenSealError."""
    try:
        return _box(what).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise BrokenSealError(f"the {what} was sealed with another SECRET_KEY") from None


def _box(what: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"masthead {what}".encode())
    return Fernet(base64.urlsafe_b64encode(key.derive(str(current_app.config["SECRET_KEY"]).encode())))
