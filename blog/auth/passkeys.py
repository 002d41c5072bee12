"""Passkeys: to add one, to sign in with one alone, and what a browser is asked to sign for each."""

from flask import Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from blog import access
from blog.access import enrols, me, public, requires
from blog.auth import bp
from blog.auth.factor_forms import MOST_JSON, NameForm, PasskeyForm
from blog.auth.factors import after_adding, factors_page
from blog.auth.forms import ProofForm, SignInForm
from blog.auth.half_in import at_the_door
from blog.auth.proof import proof_page, proved
from blog.auth.resuming import sign_in_page, welcomed
from blog.auth.signing_in import let_in
from blog.auth.verifying import NotAPasskey, added, asserted, to_add, to_prove
from blog.database import db
from blog.limits import minutes
from blog.models import Can, Passkey, User, record
from blog.models.factors import factors_of, has_factor
from blog.models.passkey import TakenPasskeyError
from blog.models.throttle import CHALLENGE_FROM_ADDRESS, FACTOR_FROM_ADDRESS, SIGN_IN_FROM_ADDRESS

NOT_MADE = "The passkey was not made. Try again."


# What is to be signed


@bp.post("/auth/login/passkey/challenge")
@public
def challenge_to_sign_in() -> ResponseReturnValue:
    return asking_allowed() or said(to_prove("signing in"))


@bp.post("/auth/login/code/challenge")
@public
def challenge_for_second_step() -> ResponseReturnValue:
    token = at_the_door()
    if token is None or token.user is None:
        return {"error": "This page has grown old. Sign in again."}, 422
    return asking_allowed() or said(to_prove("second step", person=token.user, known=factors_of(token.user).passkeys))


@bp.post("/auth/account/passkeys/challenge")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def challenge_to_add() -> ResponseReturnValue:
    return asking_allowed() or said(to_add(me(), factors_of(me()).passkeys))


def asking_allowed() -> ResponseReturnValue | None:
    """None, or why nothing is asked: each challenge is a row, and nobody may make them without end."""
    wait = CHALLENGE_FROM_ADDRESS.hit(request.remote_addr or "")
    if wait is None:
        return None
    db.session.commit()
    after = minutes(wait)
    return {"error": f"Too many attempts. Wait {after} minutes."}, 429, {"Retry-After": str(after * 60)}


def said(options: str) -> Response:
    return Response(options, mimetype="application/json", headers={"Cache-Control": "no-store"})


@bp.errorhandler(NotAPasskey)
def impossible(error: NotAPasskey) -> ResponseReturnValue:
    current_app.logger.info("asked for a passkey in vain: %s", error)
    return {"error": "Passkeys work at the site’s own address only. Ask an admin to set SITE_URL."}, 422


# Signing in with nothing else


@bp.post("/auth/login/passkey")
@public
def enter_by_passkey() -> ResponseReturnValue:
    """The passkey has verified its person, so it counts as a password and a factor."""
    wait = minutes(SIGN_IN_FROM_ADDRESS.hit(request.remote_addr or ""))
    db.session.commit()  # as with a password: the try counts, and is not held while we wait for the person
    if wait:
        return sign_in_page(SignInForm(formdata=None), wait=wait), 429, {"Retry-After": str(wait * 60)}
    passkey = asserted(request.form.get("credential", "")[: MOST_JSON + 1], "signing in")
    person = db.session.get(User, passkey.user_id) if passkey else None
    if person is None or not person.is_active:
        record("failed to sign in as", by=None, subject="somebody with a passkey")
        db.session.commit()
        return sign_in_page(SignInForm(formdata=None), passkey_refused=True), 422
    let_in(person, how="a passkey", has_factor=True)
    return welcomed(person)


# Showing anew who one is


@bp.post("/auth/proof/challenge")
@enrols
@requires(Can.KEEP_ACCOUNT)
def challenge_to_prove() -> ResponseReturnValue:
    return asking_allowed() or said(to_prove("proof", person=me(), known=factors_of(me()).passkeys))


@bp.post("/auth/proof/passkey")
@enrols
@requires(Can.KEEP_ACCOUNT)
def prove_by_passkey() -> ResponseReturnValue:
    access.stay()
    if wait := minutes(FACTOR_FROM_ADDRESS.hit(request.remote_addr or "")):
        db.session.commit()
        return proof_page(ProofForm(formdata=None), wait=wait), 429, {"Retry-After": str(wait * 60)}
    if asserted(request.form.get("credential", "")[: MOST_JSON + 1], "proof", person=me()) is None:
        record("failed to prove to be", by=me(), about=me())
        db.session.commit()
        return proof_page(ProofForm(formdata=None), passkey_refused=True), 422
    FACTOR_FROM_ADDRESS.forgive(request.remote_addr or "")
    return proved(me(), how="a passkey")


# One's own


@bp.post("/auth/account/passkeys")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def add_passkey() -> ResponseReturnValue:
    access.stay()
    person, form = me(), PasskeyForm()
    if not form.validate():
        return factors_page(passkey=form), 422
    is_first = not has_factor(person)
    try:
        made = added(form.credential.data or "", person)
        Passkey.add(person, name=form.name.data or "", **made)
    except (NotAPasskey, TakenPasskeyError) as error:
        current_app.logger.info("did not take a passkey: %s", error)
        form.refuse("name", str(error) if isinstance(error, TakenPasskeyError) else NOT_MADE)
        db.session.commit()  # the challenge is used up
        return factors_page(passkey=form), 422
    return after_adding(person, is_first=is_first, words="The passkey is yours.")


@bp.post("/auth/account/passkeys/<int:passkey_id>/name")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def rename_passkey(passkey_id: int) -> ResponseReturnValue:
    access.stay()
    passkey, form = own(passkey_id), NameForm()
    if not form.validate():
        return factors_page(renamed=(passkey_id, form)), 422
    passkey.rename(form.name.data or "", by=me())
    db.session.commit()
    flash("The passkey has a new name.")
    return redirect(url_for(".factors"))


def own(passkey_id: int) -> Passkey:
    passkey: Passkey = db.first_or_404(select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == me().id))
    return passkey
