"""Secrets that must be read again, sealed with a key made of SECRET_KEY: a stolen database does not give them away.

What was sealed before the key was exchanged is read as long as OLD_SECRET_KEYS has the one of then.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
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


def resealed(sealed: str, *, what: str) -> str:
    """The same words, sealed with the SECRET_KEY of now. Raises BrokenSealError."""
    return seal(unseal(sealed, what=what), what=what)


def keys() -> list[str]:
    """The SECRET_KEY of now, and those of before."""
    return [str(current_app.config["SECRET_KEY"]), *current_app.config["SECRET_KEY_FALLBACKS"]]


def _box(what: str) -> MultiFernet:
    """It seals with the first key, and reads with any."""
    return MultiFernet([Fernet(_derived(key, what)) for key in keys()])


def _derived(key: str, what: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"masthead {what}".encode())
    return base64.urlsafe_b64encode(derived.derive(key.encode()))
