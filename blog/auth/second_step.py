"""The step after the password: a code of the app, a recovery code or a passkey."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog import devices
from blog.access import public, viewer
from blog.auth import bp
from blog.auth.factor_forms import MOST_JSON, CodeForm
from blog.auth.forms import SignInForm
from blog.auth.half_in import at_the_door, code_page
from blog.auth.resuming import onward, sign_in_page, welcomed
from blog.auth.signing_in import let_in
from blog.auth.verifying import asserted
from blog.database import db
from blog.limits import minutes
from blog.models import Authenticator, RecoveryCode, Token, User, record
from blog.models.factors import factors_of
from blog.models.throttle import FACTOR_FROM_ADDRESS, FACTOR_OVERALL, FACTOR_TO_ACCOUNT

FEW = 3
NOT_RIGHT = "This code is not right, or it was used before. Wait for the next one."
NOT_THIS_KEY = "That passkey did not open this account. Try again, or take another way."


@bp.get("/auth/login/code")
@public
def code() -> ResponseReturnValue:
    token = at_the_door()
    if token and token.user:
        return code_page(CodeForm(formdata=None), token.user)
    if viewer().is_authenticated:
        return redirect(onward(viewer()))
    return redirect(url_for(".login", next=request.args.get("next")))


@bp.post("/auth/login/code")
@public
def take_code() -> ResponseReturnValue:
    token, form = at_the_door(hold=True), CodeForm()
    if token is None or token.user is None:
        return too_late()
    person = token.user
    beside = "code" if factors_of(person).has_app and not form.recovery.data else "recovery"
    if not form.validate():
        return code_page(form, person), 422
    if not form.typed:
        form.refuse(beside, "Type a code.")
        return code_page(form, person), 422
    if wait := too_many_codes(person, form.typed):
        return code_page(form, person, wait=wait), 429, {"Retry-After": str(wait * 60)}
    how = taken(person, form.typed)
    if how is None:
        failed(person)
        form.refuse(beside, NOT_RIGHT)
        return code_page(form, person), 422
    return through(token, f"a password and {how}")


@bp.post("/auth/login/code/passkey")
@public
def take_passkey() -> ResponseReturnValue:
    token = at_the_door(hold=True)
    if token is None or token.user is None:
        return too_late()
    person = token.user
    if wait := minutes(FACTOR_FROM_ADDRESS.hit(request.remote_addr or "")):
        db.session.commit()
        return code_page(CodeForm(formdata=None), person, wait=wait), 429, {"Retry-After": str(wait * 60)}
    if asserted(request.form.get("credential", "")[: MOST_JSON + 1], "second step", person=person) is None:
        failed(person)
        return code_page(CodeForm(formdata=None), person, refused=NOT_THIS_KEY), 422
    return through(token, "a password and a passkey")


def through(token: Token, how: str) -> ResponseReturnValue:
    person = token.user
    if person is None or not token.spend():
        return too_late()
    FACTOR_TO_ACCOUNT.forget(str(person.id))
    FACTOR_FROM_ADDRESS.forgive(request.remote_addr or "")
    let_in(person, how=how, has_factor=True)
    warn_of_few_codes(person)
    return welcomed(person)


def too_late() -> ResponseReturnValue:
    """Ten minutes are over, or another tab was quicker. What is carried goes back to the sign-in page."""
    if viewer().is_authenticated:
        return welcomed(viewer())
    return sign_in_page(SignInForm(formdata=None), is_old=True), 400


def too_many_codes(person: User, typed: str) -> int:
    """Count this try. Minutes to wait, or 0. Recovery codes cannot be guessed, and are the owner's way in meanwhile."""
    waits = [FACTOR_FROM_ADDRESS.hit(request.remote_addr or "")]
    if not RecoveryCode.is_like_one(typed):
        waits.append(FACTOR_TO_ACCOUNT.hit(str(person.id)))
        if not devices.known_to(person.id):  # the owner's: those who besiege the whole site do not shut it out
            waits.append(FACTOR_OVERALL.wait())
    wait = minutes(*waits)
    if wait:
        db.session.commit()
    return wait


def taken(person: User, typed: str) -> str | None:
    """What kind of code it was, if it was right; it is used now."""
    if RecoveryCode.is_like_one(typed):
        return "a recovery code" if RecoveryCode.spend(person, typed) else None
    return "a code" if Authenticator.take(person, typed) else None


def failed(person: User) -> None:
    FACTOR_OVERALL.hit()
    record("failed the second step of", by=None, about=person)
    db.session.commit()


def warn_of_few_codes(person: User) -> None:
    factors = factors_of(person)
    if factors.codes_left <= FEW:
        left = "no recovery codes" if not factors.codes_left else f"only {factors.codes_left} recovery codes"
        flash(f"You have {left} left. Make new ones in your account, under second factor.", "bad")
