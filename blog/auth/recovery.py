"""Forgotten passwords."""

from datetime import timedelta
from math import ceil

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import access, devices, mail
from blog.access import public
from blog.auth import bp
from blog.auth.joining_forms import ForgottenForm, ResetForm
from blog.auth.links import void_link
from blog.database import begin_writing, db, only_reading, utcnow
from blog.models import Purpose, Token, User, record
from blog.models.throttle import MINUTE, RESET_FROM_ADDRESS, RESET_OVERALL, RESET_TO_ACCOUNT, SIGN_IN_TO_ACCOUNT
from blog.models.token import LASTS
from blog.models.user import hash_of


@bp.route("/auth/password/forgot", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Ask for a letter. A stranger is told the same, after the same work, whether the address is known or not."""
    form = ForgottenForm()
    if request.method == "GET" or not mail.is_on():
        return render_template("auth/forgotten.html", form=form, by_mail=mail.is_on())
    wait = too_many_letters(form)
    if wait or not form.validate():
        db.session.commit()  # the try counts
        page = render_template("auth/forgotten.html", form=form, by_mail=True)
        return (page, 429, {"Retry-After": str(wait * 60)}) if wait else (page, 422)
    send_letter(form.email.data or "")
    db.session.commit()
    return redirect(url_for(".letter_sent"))


@bp.get("/auth/password/asked")
@public
def letter_sent() -> ResponseReturnValue:
    return render_template("auth/letter_sent.html")


@bp.route("/auth/password/reset/<secret>", methods=["GET", "POST"])
@public
def reset(secret: str) -> ResponseReturnValue:
    """Choose a new password. It signs nobody in: whoever has a second factor is to be asked for it."""
    only_reading.set(True)  # until the password is hashed
    token = reset_link(secret)
    if token is None or token.user is None:
        return void_link()
    form = ResetForm(token.user)
    if not form.validate_on_submit():
        return render_template("auth/reset.html", form=form, person=token.user), 422 if form.errors else 200
    hashed = hash_of(form.password.data or "")
    begin_writing()
    token = reset_link(secret)
    person = token.user if token else None
    if token is None or person is None or not person.hold() or not token.spend():
        return void_link()
    access.sign_out()  # whoever is signed in here, it may be another
    SIGN_IN_TO_ACCOUNT.forget(person.email)  # others may have tried until nobody was let in
    here = devices.known_to(person.id)
    person.reset_password(hashed, is_confirmed=token.email == person.email, device=here)
    mail.write("password_changed", to=person.email, name=person.name, link=url_for(".forgotten"))
    db.session.commit()
    flash("Your password is changed, and every device is signed out. Sign in with the new one.")
    return redirect(url_for(".login"))


def reset_link(secret: str) -> Token | None:
    """The link that this secret opens, if whom it is for may come in. One by mail is void once they have moved."""
    token = Token.of(Purpose.reset, secret)
    person = token.user if token else None
    if token is None or person is None or not person.is_active or token.email not in ("", person.email):
        return None
    return token


def too_many_letters(form: ForgottenForm) -> int:
    """Count this try. Minutes to wait, or 0. Of the address that was typed it is no matter whether it is known."""
    waits = (
        RESET_FROM_ADDRESS.hit(request.remote_addr or ""),
        RESET_OVERALL.hit(),
        RESET_TO_ACCOUNT.hit(form.email.data or "") if form.validate() else None,
    )
    wait = ceil(max((wait for wait in waits if wait), default=timedelta(0)) / MINUTE)
    if wait:
        form.refuse("email", f"Too many letters were asked for. Wait {wait} {'minute' if wait == 1 else 'minutes'}.")
    return wait


def send_letter(email: str) -> None:
    """Write the letter, whoever it is for, and take it back where nobody here may have it: both take as long."""
    known = User.by_email(email)
    person = known if known and known.is_active else None
    attempt = db.session.begin_nested()
    secret = Token.issue(Purpose.reset, user=person, email=email)
    mail.write(
        "reset",
        to=email,
        until=utcnow() + LASTS[Purpose.reset],
        name=person.name if person else "nobody",
        link=url_for(".reset", secret=secret),
    )
    db.session.flush()
    if person:
        attempt.commit()
    else:
        attempt.rollback()
    # As with signing in: what else strangers type is not for a log.
    subject = known.email if known else "somebody unknown"
    record("asked for a new password for", by=None, about=known, subject=subject)
