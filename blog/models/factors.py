"""What a person has besides a password: an authenticator app, recovery codes, passkeys."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyotp
from sqlalchemy import BigInteger, String, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, db, utcnow
from blog.models.audit import record
from blog.models.base import Digest, Id, upsert, user_reference
from blog.models.credentials import digest_of
from blog.models.device import KnownDevice
from blog.models.passkey import Passkey
from blog.models.token import Purpose, Token
from blog.models.user import User
from blog.sealing import BrokenSealError, seal, unseal

if TYPE_CHECKING:
    from blog.models.site import Site

STEP = 30  # seconds that a code of an app stands for
DRIFT = (0, -1, 1)  # steps by which the clock of a telephone may be off, the likeliest first
CODES = 10
CODE_BYTES = 15  # 120 bits: more than anybody guesses, so that a plain digest keeps them
CODES_MADE = "made new recovery codes"  # as the log has it
LOOKALIKES = str.maketrans("018", "olb")  # no code has these digits


class Authenticator(Model):
    """The app of one person that makes codes of six digits. The row is made when the first of them was right."""

    __tablename__ = "authenticators"

    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(300))  # its secret; see blog.sealing
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # of the last code taken: each counts once
    confirmed_at: Mapped[datetime]

    @classmethod
    def begin(cls, person: User) -> str:
        """A new secret for the app of this person, sealed so that nobody else's page can bring it back."""
        return seal(pyotp.random_base32(), what=seal_of(person.id))

    @classmethod
    def secret_in(cls, sealed: str, person: User) -> str:
        """Raises BrokenSealError for what `begin` has not given to this person."""
        return unseal(sealed, what=seal_of(person.id))

    @classmethod
    def enrol(cls, person: User, sealed: str, code: str) -> bool:
        """Take this app, in place of the one there was, if its code is right. That code is then used."""
        step = _step_of(code, cls.secret_in(sealed, person), after=0)
        if step is None:
            return False
        _hold(person)
        row = {"sealed": sealed, "last_step": step, "confirmed_at": utcnow()}
        fresh = upsert(cls.__table__).values(user_id=person.id, **row)  # type: ignore[arg-type]
        db.session.execute(fresh.on_conflict_do_update(index_elements=["user_id"], set_=row))
        record("set up an authenticator app", by=person)
        return True

    @classmethod
    def take(cls, person: User, code: str) -> bool:
        """Whether the code is right just now, and was not taken before: of two at once, one is."""
        app = db.session.get(cls, person.id, populate_existing=True)
        try:
            step = app and _step_of(code, cls.secret_in(app.sealed, person), after=app.last_step)
        except BrokenSealError:  # the site has another SECRET_KEY now; recovery codes and passkeys go on
            return False
        if not app or not step:
            return False
        counted = update(cls).where(cls.user_id == person.id, cls.sealed == app.sealed, cls.last_step < step)
        return db.session.execute(counted.values(last_step=step).returning(cls.user_id)).first() is not None

    @classmethod
    def remove(cls, person: User) -> None:
        db.session.execute(delete(cls).where(cls.user_id == person.id))
        record("removed their authenticator app", by=person)
        _tidy(person)


class RecoveryCode(Model):
    """One way in when the app is lost. The row goes when it is used."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(user_reference(ondelete="CASCADE"), index=True)
    digest: Mapped[Digest]

    @classmethod
    def make_anew(cls, person: User) -> list[str]:
        """Ten new codes, which are stored nowhere; those there were are void."""
        _hold(person)
        db.session.execute(delete(cls).where(cls.user_id == person.id))
        codes = [_in_groups(secrets.token_bytes(CODE_BYTES)) for _ in range(CODES)]
        db.session.add_all(cls(user_id=person.id, digest=digest_of(_plain(code))) for code in codes)
        record(CODES_MADE, by=person)
        return codes

    @classmethod
    def is_like_one(cls, typed: str) -> bool:
        """Whether this can be a recovery code at all: a code of six digits can be guessed, and this cannot."""
        return len(_plain(typed)) > 8

    @classmethod
    def spend(cls, person: User, typed: str) -> bool:
        """Use it up. False where it is none of this person's, or another request was quicker."""
        gone = delete(cls).where(cls.user_id == person.id, cls.digest == digest_of(_plain(typed)))
        return db.session.execute(gone.returning(cls.id)).first() is not None

    @classmethod
    def are_all(cls, person: User, codes: list[str]) -> bool:
        """Whether each of these is a code of this person, and not used yet."""
        digests = {digest_of(_plain(code)) for code in codes}
        known = select(func.count()).where(cls.user_id == person.id, cls.digest.in_(digests))
        return 0 < len(codes) <= CODES and db.session.scalar(known) == len(digests)


@dataclass(frozen=True)
class Factors:
    """What a person has besides a password."""

    has_app: bool
    passkeys: list[Passkey]
    codes_left: int

    @property
    def number(self) -> int:
        return self.has_app + len(self.passkeys)

    def __bool__(self) -> bool:
        return self.number > 0


def factors_of(person: User) -> Factors:
    passkeys = select(Passkey).where(Passkey.user_id == person.id).order_by(Passkey.created_at, Passkey.id)
    codes = select(func.count()).where(RecoveryCode.user_id == person.id)
    return Factors(
        has_app=db.session.scalar(select(exists().where(Authenticator.user_id == person.id))) or False,
        passkeys=list(db.session.scalars(passkeys)),
        codes_left=db.session.scalar(codes) or 0,
    )


def has_factor(person: User) -> bool:
    """Whether a second step is asked of this person when they sign in."""
    has_app = exists().where(Authenticator.user_id == person.id)
    return db.session.scalar(select(or_(has_app, exists().where(Passkey.user_id == person.id)))) or False


def must_enrol(person: User, site: Site) -> bool:
    """Whether this person's role asks for a factor, and they have none."""
    return person.role in site.factor_for and not has_factor(person)


def reset_factors(person: User, *, by: User | None) -> None:
    """Take all of it away from somebody who has lost it, and end their sessions: one of them may be the finder's."""
    for model in (Authenticator, Passkey, RecoveryCode):
        db.session.execute(delete(model).where(model.user_id == person.id))
    person.shut_out()
    KnownDevice.forget_all(person)
    record("reset the second factor of", by=by, about=person)


def remove_passkey(passkey: Passkey, *, by: User) -> None:
    db.session.delete(passkey)
    record("removed a passkey", by=by, subject=passkey.name)
    _tidy(by)


def _tidy(person: User) -> None:
    """With the last factor go recovery codes, which stand in for it, and every step that waits for it."""
    db.session.flush()
    if not has_factor(person):
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == person.id))
        db.session.execute(delete(Token).where(Token.user_id == person.id, Token.purpose == Purpose.second_step))


def _hold(person: User) -> None:
    """Who changes the factors of one person at the same moment goes one after the other."""
    db.session.execute(select(User.id).where(User.id == person.id).with_for_update(key_share=True))


def seal_of(user_id: int) -> str:
    """What the secret of this person's app is sealed as."""
    return f"authenticator of {user_id}"


def _step_of(code: str, secret: str, *, after: int) -> int | None:
    """The step of time that the code stands for, if it is a right one and none that went before."""
    typed = re.sub(r"\s", "", code)
    if not typed.isascii():
        return None
    now = int(utcnow().timestamp()) // STEP
    found = [now + off for off in DRIFT if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(now + off), typed)]
    return next((step for step in found if step > after), None)


def _in_groups(random: bytes) -> str:
    words = base64.b32encode(random).decode().lower()
    return "-".join(words[n : n + 4] for n in range(0, len(words), 4))


def _plain(typed: str) -> str:
    """A code however it was copied: without dashes and spaces, in small letters, and no digit in place of a letter."""
    return re.sub(r"[\W_]", "", typed).lower().translate(LOOKALIKES)
