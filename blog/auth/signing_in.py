"""Signing in and out, and the limits on guessing."""

from datetime import timedelta
from math import ceil

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import access
from blog.access import public, viewer
from blog.auth import bp
from blog.auth.forms import SignInForm
from blog.auth.resuming import onward, sign_in_page, welcomed
from blog.database import begin_writing, db, only_reading
from blog.forms import Form
from blog.models import Purpose, Token, User, record
from blog.models.throttle import SIGN_IN_FROM_ADDRESS, SIGN_IN_TO_ACCOUNT
from blog.models.user import NO_PASSWORD, lowered, same_password
from blog.shields import FORGET

WRONG = "That address and password do not match."


@bp.get("/auth/login")
@public
def login() -> ResponseReturnValue:
    if viewer().is_authenticated:
        return redirect(onward(viewer()))
    return sign_in_page(SignInForm())


@bp.post("/auth/login")
@public
def enter() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form), 422
    email, password = lowered(form.email.data or ""), form.password.data or ""
    if wait := too_many_tries(email):
        return sign_in_page(form, wait=wait), 429, {"Retry-After": str(wait * 60)}
    db.session.commit()  # the try counts, whatever comes of it, and nobody waits for the password to be checked
    user = person_with(email, password)
    if user is None:
        known = User.by_email(email)  # what else strangers type is not for a log: it may be a password
        record("failed to sign in as", by=None, subject=known.email if known else "somebody unknown")
        db.session.commit()
        form.refuse("password", "Type your password again.")
        return sign_in_page(form, wrong=WRONG), 422
    user.strengthen(password)
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
        abort(404)
    if not form.validate_on_submit():
        return render_template("auth/link.html", form=form, person=token.user)
    person = token.user
    if not token.spend():
        abort(404)
    let_in(person, by_link=True)
    flash("You are signed in. You can choose a new password here.")
    return redirect(url_for("auth.account"))


def too_many_tries(email: str) -> int:
    """Count this try, for the account and for the address it comes from. Minutes to wait, or 0."""
    waits = (SIGN_IN_TO_ACCOUNT.hit(email), SIGN_IN_FROM_ADDRESS.hit(request.remote_addr or ""))
    longest = max((wait for wait in waits if wait), default=timedelta(0))
    if longest:
        db.session.commit()
    return ceil(longest / timedelta(minutes=1))


def person_with(email: str, password: str) -> User | None:
    """The active person with this address and password. Takes as long for everybody."""
    only_reading.set(True)  # the check takes its time, and others may write meanwhile
    user = User.by_email(email)
    right = same_password(user.password_hash if user else NO_PASSWORD, password)
    begin_writing()
    if user is None or not right or not user.is_active:
        return None
    return user


def let_in(user: User, *, by_link: bool = False) -> None:
    SIGN_IN_TO_ACCOUNT.forget(user.email)
    SIGN_IN_FROM_ADDRESS.forgive(request.remote_addr or "")
    access.sign_in(user, by_link=by_link)
    record("signed in", by=user, how="a one-time link" if by_link else "a password")
    db.session.commit()
