"""Setting the site up, registering, and accepting an invitation."""

import secrets
from collections import deque
from datetime import timedelta
from math import ceil

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from blog import access, library, mail
from blog.access import public
from blog.auth import bp
from blog.auth.forms import NewPersonForm, SetupForm
from blog.auth.joining_forms import ConfirmForm, InvitedForm
from blog.auth.links import closed_page, void_link
from blog.database import begin_writing, db, only_reading, utcnow
from blog.models import Purpose, Registration, Token, User, UserRole, record
from blog.models.credentials import digest_of
from blog.models.invitation import TakenError, is_void, take_in
from blog.models.throttle import (
    MINUTE,
    REGISTER_FROM_ADDRESS,
    REGISTER_OVERALL,
    REGISTER_TO_ACCOUNT,
    SIGN_IN_FROM_ADDRESS,
)
from blog.models.token import LASTS
from blog.models.user import hash_of, same_password
from blog.transfer import demo

BROWSER = "joining"  # in the session: the mark of the browser in which somebody registered


@bp.route("/setup/<secret>", methods=["GET", "POST"])
@public
def setup(secret: str) -> ResponseReturnValue:
    """The first admin makes the site theirs. The address is printed where only its host can read it."""
    only_reading.set(True)  # until the password is hashed
    if setup_link(secret) is None:
        abort(404)
    form = SetupForm()
    if not form.validate_on_submit():
        return render_template("auth/setup.html", form=form), 422 if form.errors else 200
    hashed = hash_of(form.password.data or "")
    begin_writing()
    token = setup_link(secret)
    if token is None or not token.spend():
        abort(404)
    admin = User(name=form.name.data, email=form.email.data, role=UserRole.admin, password_hash=hashed)
    db.session.add(admin)
    db.session.flush()
    g.site.change(by=admin, title=form.title.data)
    record("set up the site", by=admin)
    if form.samples.data:
        demo.fill(by=admin)
        if g.site.tagline == "":
            g.site.change(by=admin, tagline=demo.TAGLINE, navigation=demo.NAVIGATION)
    access.sign_in(admin)
    db.session.commit()
    deque(library.draw_missing(), maxlen=0)  # of the sample pictures; a failure costs their smaller versions only
    flash("Your site is ready. Your desk, where posts are written, is a click away.")
    return redirect(url_for("posts.index"))


def setup_link(secret: str) -> Token | None:
    """What this secret opens, while nobody is in charge."""
    return None if db.session.scalar(User.active_admins().limit(1)) else Token.of(Purpose.setup, secret)


# Registering


@bp.route("/auth/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """Ask to become a member. A stranger is told the same, after the same work, whether the address is known or not."""
    if g.site.registration is not Registration.open:
        return closed_page()
    form = NewPersonForm()
    if request.method == "GET":
        return render_template("auth/register.html", form=form)
    wait = too_many_accounts(form)
    if wait or not form.validate():
        db.session.commit()  # the try counts
        page = render_template("auth/register.html", form=form)
        return (page, 429, {"Retry-After": str(wait * 60)}) if wait else (page, 422)
    db.session.commit()
    only_reading.set(True)  # hashing takes its time, and others may write meanwhile
    hashed = hash_of(form.password.data or "")
    begin_writing()
    ask_to_come_in(name=form.name.data or "", email=form.email.data or "", password=hashed)
    db.session.commit()
    return redirect(url_for(".asked"))


@bp.get("/auth/register/asked")
@public
def asked() -> ResponseReturnValue:
    return render_template("auth/asked.html", by_mail=mail.is_on())


@bp.route("/auth/confirm/<secret>", methods=["GET", "POST"])
@public
def confirm(secret: str) -> ResponseReturnValue:
    """The address is theirs. Only now is there an account; and not by opening the link: mail scanners open links.

    In another browser the password is asked for, too: somebody else may have registered with this address, and an
    account to which they know the password is not to be had by one click of its owner.
    """
    only_reading.set(True)  # until the password is checked
    token, form = Token.of(Purpose.confirmation, secret), ConfirmForm()
    if token is None:
        return void_link()
    if g.site.registration is not Registration.open:
        return closed_page()
    if token.detail["browser"] == digest_of(str(session.get(BROWSER, ""))):
        del form.password
    wait = too_many_guesses() if request.method == "POST" and "password" in form else 0
    if wait or not form.validate_on_submit() or not is_theirs(token, form):
        page = render_template("auth/confirm.html", form=form, wait=wait, name=token.detail["name"], email=token.email)
        return page, 429 if wait else 422 if form.errors else 200
    begin_writing()
    token = Token.of(Purpose.confirmation, secret)
    if token is None or not token.spend():
        return void_link()
    return come_in(token.detail["name"], token, password=token.detail["password"], role=UserRole.viewer)


@bp.route("/auth/invitation/<secret>", methods=["GET", "POST"])
@public
def accept_invitation(secret: str) -> ResponseReturnValue:
    """Come in as whom one was invited: the address and the role are the invitation's, whatever the form sends."""
    only_reading.set(True)  # until the password is hashed
    invitation = invitation_link(secret)
    if invitation is None:
        return void_link()
    if g.site.registration is Registration.closed:
        return closed_page()
    form = InvitedForm(invitation)
    if not form.validate_on_submit():
        page = render_template("auth/invitation.html", form=form, invitation=invitation)
        return page, 422 if form.errors else 200
    hashed = hash_of(form.password.data or "")
    begin_writing()
    invitation = invitation_link(secret)
    if invitation is None or invitation.role is None or not invitation.spend():
        return void_link()
    return come_in(form.name.data or "", invitation, password=hashed, role=invitation.role)


def invitation_link(secret: str) -> Token | None:
    """The invitation that this secret opens, if whoever sent it may still invite."""
    found = Token.of(Purpose.invitation, secret)
    return found if found and not is_void(found) else None


def too_many_accounts(form: NewPersonForm) -> int:
    """Count this try. Minutes to wait, or 0. Of the address that was typed it is no matter whether it is known."""
    waits = (
        REGISTER_FROM_ADDRESS.hit(request.remote_addr or ""),
        REGISTER_OVERALL.hit(),
        REGISTER_TO_ACCOUNT.hit(form.email.data or "") if form.validate() else None,
    )
    wait = ceil(max((wait for wait in waits if wait), default=timedelta(0)) / MINUTE)
    if wait:
        form.refuse("email", f"Too many accounts were asked for. Wait {wait} {'minute' if wait == 1 else 'minutes'}.")
    return wait


def ask_to_come_in(*, name: str, email: str, password: str) -> None:
    """Keep what was asked for, until the address is shown to be theirs; without mail, until an admin lets them in.

    For an address that has an account it is kept as well, and void from the start, so that both take as long.
    """
    known = User.by_email(email)
    browser = session.setdefault(BROWSER, secrets.token_hex(16))
    secret = Token.issue(
        Purpose.confirmation if mail.is_on() else Purpose.request,
        email=email,
        detail={"name": name, "password": password, "browser": digest_of(browser)},
        lasts=timedelta(0) if known else None,
        beside=True,  # whoever else registers with this address ends nobody's link
    )
    if known:
        mail.write("already_here", to=email, is_active=known.is_active, link=url_for(".forgotten"))
    else:
        until = utcnow() + LASTS[Purpose.confirmation]
        mail.write("confirm_address", to=email, until=until, link=url_for(".confirm", secret=secret))


def too_many_guesses() -> int:
    """Count one more password to check, which takes its time. Minutes to wait, or 0."""
    begin_writing()
    wait = SIGN_IN_FROM_ADDRESS.hit(request.remote_addr or "")
    db.session.commit()
    only_reading.set(True)
    return ceil(wait / MINUTE) if wait else 0


def is_theirs(token: Token, form: ConfirmForm) -> bool:
    """Whether the password is the one chosen at registering, where it is asked for."""
    if "password" not in form or same_password(token.detail["password"], form.password.data or ""):
        return True
    form.refuse("password", "This is not the password that was chosen when somebody registered with this address.")
    return False


def come_in(name: str, token: Token, *, password: str, role: UserRole) -> ResponseReturnValue:
    """Take the person in, whose link is spent, and sign them in."""
    try:
        person = take_in(name=name, email=token.email, password_hash=password, role=role, is_confirmed=True)
    except TakenError:
        db.session.rollback()
        return render_template("auth/taken.html"), 409
    if token.purpose is Purpose.invitation:
        record("accepted an invitation", by=person, role=role, invited_by=token.by and token.by.name)
    else:
        record("registered", by=person)
    access.sign_in(person)
    db.session.commit()
    flash(f"Welcome, {name}.")
    return redirect(url_for("posts.index"))
