"""Signing in and out, and the limits on guessing."""

from datetime import timedelta
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from blog import access, devices, errors, limits
from blog.access import enrols, public, viewer
from blog.auth import bp
from blog.auth.forms import SignInForm
from blog.auth.half_in import ask_for_factor
from blog.auth.links import void_link
from blog.auth.resuming import onward, sign_in_page, welcomed
from blog.database import begin_writing, db, only_reading
from blog.forms import Form
from blog.models import Purpose, Token, User, record
from blog.models.factors import has_factor
from blog.models.throttle import SIGN_IN_FROM_ADDRESS, SIGN_IN_FROM_DEVICE, SIGN_IN_OVERALL, SIGN_IN_TO_ACCOUNT
from blog.models.user import NO_PASSWORD, lowered, same_password, strengthened
from blog.shields import FORGET

WRONG = "That address and password do not match."


@bp.get("/auth/login")
@enrols
@public
def login() -> ResponseReturnValue:
    if viewer().is_authenticated:
        return redirect(onward(viewer()))
    return sign_in_page(SignInForm())


@bp.post("/auth/login")
@public
def enter() -> ResponseReturnValue:
    """Whatever is wrong with a sign-in, it costs the same work and is answered alike."""
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form), 422
    email, password = lowered(form.email.data or ""), form.password.data or ""
    account = account_of(email)
    device = devices.known_to(account.id)
    wait = too_many_tries(email, device)
    db.session.commit()  # the try counts, whatever comes of it, and nobody waits for the password to be checked
    if wait and errors.is_for_a_script():
        limits.refuse(wait)
    if wait:
        return sign_in_page(form, wait=limits.minutes(wait)), 429, limits.retry_after(limits.minutes(wait))
    user = person_with(account, password)
    if user is None:
        return refused(form, account, device)
    if has_factor(user):
        return ask_for_factor(user)
    let_in(user)
    return welcomed(user)


@bp.post("/auth/logout")
@public
def logout() -> ResponseReturnValue:
    access.sign_out()
    db.session.commit()
    flash("Signed out.")
    return redirect(url_for("posts.index")), 302, {"Clear-Site-Data": FORGET}


@bp.route("/auth/link/<secret>", methods=["GET", "POST"])
@public
def link(secret: str) -> ResponseReturnValue:
    """The one-time way in that `flask user link` makes. Opening it does nothing yet: mail scanners open links."""
    form = Form()
    token = Token.of(Purpose.sign_in, secret)
    if token is None or token.user is None or not token.user.is_active:
        return void_link()
    if not form.validate_on_submit():
        return render_template("auth/link.html", form=form, person=token.user)
    person = token.user
    if not person.hold() or not token.spend():
        return void_link()
    let_in(person, how="a one-time link", by_link=True)  # whoever owns the machine needs no second step
    flash("You are signed in. You can choose a new password here.")
    return redirect(url_for("auth.account"))


class Account(NamedTuple):
    """What a sign-in needs of an account. That of an address without one is as good to work with."""

    id: int = 0
    name: str = ""
    email: str = ""
    password_hash: str = NO_PASSWORD
    is_active: bool = False


def account_of(email: str, *, lock: bool = False) -> Account:
    """What there is at this address. Locked, it cannot be changed until its person is in, and then ends that too."""
    found = select(User.id, User.name, User.email, User.password_hash, User.is_active).where(User.email == email)
    row = db.session.execute(found.with_for_update(key_share=True) if lock else found).first()
    return Account(*row) if row else Account()


def too_many_tries(email: str, device: str) -> timedelta | None:
    """Count this try, and say how long to wait if there were too many.

    A device the person has signed in from before has a limit of its own: whoever besieges the account, or the whole
    site, does not shut its owner out. Of all tries together only failures count, and those who must wait anyway not.
    """
    if device:
        return SIGN_IN_FROM_DEVICE.hit(device)
    here = request.remote_addr or ""
    return SIGN_IN_TO_ACCOUNT.hit(email) or SIGN_IN_FROM_ADDRESS.hit(here) or SIGN_IN_OVERALL.wait()


def person_with(account: Account, password: str) -> User | None:
    """The person of this account, if this is their password. Takes as long for everybody."""
    only_reading.set(True)  # the check takes its time, and others may write meanwhile
    right = same_password(account.password_hash, password)
    fresh = strengthened(account.password_hash, password) if right and account.is_active else NO_PASSWORD
    begin_writing()
    if account_of(account.email, lock=True) != account or not right or not account.is_active:  # or changed meanwhile
        return None
    user = db.session.get_one(User, account.id)
    if user.password_hash != fresh:
        user.password_hash = fresh
    return user


def refused(form: SignInForm, account: Account, device: str) -> ResponseReturnValue:
    if not device:
        SIGN_IN_OVERALL.hit()
    # What else strangers type is not for a log: it may be a password.
    about = account if account.id else None
    record("failed to sign in as", by=None, about=about, subject=account.email or "somebody unknown")
    db.session.commit()
    form.refuse("password", "Type your password again.")
    return sign_in_page(form, wrong=WRONG), 422


def let_in(user: User, *, how: str = "a password", by_link: bool = False, has_factor: bool = False) -> None:
    """Begin the session. The tries that led here were no failures; those of strangers stay if the device is known."""
    if device := devices.known_to(user.id):
        SIGN_IN_FROM_DEVICE.forget(device)
    else:
        SIGN_IN_TO_ACCOUNT.forget(user.email)
        SIGN_IN_FROM_ADDRESS.forgive(request.remote_addr or "")
    access.sign_in(user, by_link=by_link, has_factor=has_factor)
    record("signed in", by=user, how=how)
    db.session.commit()
