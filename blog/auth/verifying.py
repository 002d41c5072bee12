"""Passkeys: what a browser is asked to sign, and whether it did. The library does the cryptography.

What is to be signed is a challenge: a secret that one browser session holds for five minutes, and that counts once.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, request, session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from blog.database import db
from blog.models import Passkey, Purpose, Token, User, record
from blog.models.token import LASTS
from blog.models.waiting import wait_for
from blog.sealing import keys

KEPT_AS = "challenge"
LONGEST_ID = 1023  # bytes, by the standard
HOME = "localhost"  # the one name that browsers trust without HTTPS
TIMEOUT = int(LASTS[Purpose.challenge].total_seconds() * 1000)
Asked = dict[str, Any]


class NotAPasskey(Exception):
    """What a browser sent does not prove anything. The text is for the log of the server."""


def our_name() -> tuple[str, str] | None:
    """Domain and origin that passkeys are bound to, from SITE_URL; without it they work on this very machine only."""
    address = current_app.config["SITE_URL"] or request.host_url
    parts = urlsplit(address)
    domain = parts.hostname or ""
    if not current_app.config["SITE_URL"] and domain != HOME:
        return None
    return domain, f"{parts.scheme}://{parts.netloc}".lower()


def _name() -> tuple[str, str]:
    name = our_name()
    if name is None:
        raise NotAPasskey("the site has no address of its own (SITE_URL)")
    return name


def to_add(person: User, known: list[Passkey]) -> str:
    """What the browser is asked for to make a passkey, as JSON."""
    return options_to_json(
        generate_registration_options(
            rp_id=_name()[0],
            rp_name=g.site.title,
            user_id=handle_of(person),
            user_name=person.email,
            user_display_name=person.name,
            challenge=_challenge("adding", person),
            timeout=TIMEOUT,
            exclude_credentials=_described(known),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
        )
    )


def to_prove(what: str, *, person: User | None = None, known: list[Passkey] | None = None) -> str:
    """What the browser is asked to sign with a passkey of this person, or of whoever it is, whom it then verifies."""
    verified = UserVerificationRequirement.PREFERRED if person else UserVerificationRequirement.REQUIRED
    options = generate_authentication_options(
        rp_id=_name()[0],
        challenge=_challenge(what, person),
        timeout=TIMEOUT,
        allow_credentials=_described(known or []),
        user_verification=verified,
    )
    return options_to_json(options)


def added(answer: str, person: User) -> Asked:
    """The columns of the new passkey. Raises NotAPasskey."""
    challenge = _spent("adding", person)
    domain, origin = _name()
    with judged():
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=domain, expected_origin=origin
        )
    if len(made.credential_id) > LONGEST_ID:
        raise NotAPasskey("its id is too long")
    return {
        "credential": bytes_to_base64url(made.credential_id),
        "public_key": made.credential_public_key,
        "sign_count": made.sign_count,
    }


def asserted(answer: str, what: str, *, person: User | None = None) -> Passkey | None:
    """The passkey that signed, if it did so rightly; of this person, where one is given. It is noted as used."""
    try:
        return _asserted(answer, what, person)
    except NotAPasskey as error:
        current_app.logger.info("refused a passkey: %s", error)
        return None


def _asserted(answer: str, what: str, person: User | None) -> Passkey:
    challenge = _spent(what, person)
    domain, origin = _name()
    with judged():
        said = parse_authentication_credential_json(answer)
    passkey = Passkey.of(bytes_to_base64url(said.raw_id))
    if passkey is None or (person and passkey.user_id != person.id):
        raise NotAPasskey("nobody's, or somebody else's")
    owner = db.session.get_one(User, passkey.user_id)
    owner.hold()
    handle = said.response.user_handle
    if (handle or not person) and not is_handle_of(owner, handle or b""):
        raise NotAPasskey("it names another person")
    with judged():
        proof = verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=domain,
            expected_origin=origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # `count` looks at it, and at what another request wrote meanwhile
            require_user_verification=person is None,
        )
    if not passkey.count(proof.new_sign_count):
        record("was refused a passkey used twice", by=owner, subject=passkey.name)
        raise NotAPasskey("its counter has not gone on: there may be a copy of it")
    return passkey


@contextmanager
def judged() -> Iterator[None]:
    """Whatever a stranger's bytes do to the library, they prove nothing."""
    try:
        yield
    except Exception as error:
        raise NotAPasskey(str(error)) from error


def handle_of(person: User) -> bytes:
    """How a passkey names its person: to nobody else does it say who that is."""
    return _handle(person, keys()[0])


def is_handle_of(person: User, handle: bytes) -> bool:
    """Also one of an old key: a passkey keeps the handle it was made with."""
    return any(hmac.compare_digest(handle, _handle(person, key)) for key in keys())


def _handle(person: User, key: str) -> bytes:
    return hmac.digest(key.encode(), f"passkeys of {person.id}".encode(), hashlib.sha256)


def _challenge(what: str, person: User | None) -> bytes:
    secret = wait_for(Purpose.challenge, user=person, what=what)
    session[KEPT_AS] = secret
    db.session.commit()
    return secret.encode()


def _spent(what: str, person: User | None) -> bytes:
    """The challenge this browser holds, used up now. Raises NotAPasskey where it is for something or somebody else."""
    secret = session.pop(KEPT_AS, None)
    token = Token.of(Purpose.challenge, secret) if isinstance(secret, str) else None
    is_it = token and token.detail.get("what") == what and token.user_id == (person.id if person else None)
    if not token or not is_it or not token.spend():
        raise NotAPasskey("no challenge was open for it")
    return str(secret).encode()


def _described(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential)) for key in passkeys]
