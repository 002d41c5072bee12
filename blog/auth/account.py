"""One's own account."""

from datetime import timedelta

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog import limits
from blog.access import me, requires
from blog.auth import bp
from blog.auth.forms import PasswordForm, ProfileForm
from blog.database import db, utcnow
from blog.models import Can, record
from blog.models.throttle import PROOF_TO_ACCOUNT
from blog.models.user import NO_PASSWORD

LINK_OPENS = timedelta(minutes=30)  # so long after a one-time link a password may be chosen without the old one


@bp.get("/auth/account")
@requires(Can.KEEP_ACCOUNT)
def account() -> ResponseReturnValue:
    return show(ProfileForm(me()), password_form())


@bp.post("/auth/account")
@requires(Can.KEEP_ACCOUNT)
def change_profile() -> ResponseReturnValue:
    person = me()
    form = ProfileForm(person)
    if not form.validate():
        return show(form, password_form(formdata=None)), 422
    form.populate_obj(person)
    record("changed their profile", by=person)
    db.session.commit()
    flash("Your profile is saved.")
    return redirect(url_for(".account"))


@bp.post("/auth/account/password")
@requires(Can.KEEP_ACCOUNT, recent=True)
def change_password() -> ResponseReturnValue:
    person = me()
    form = password_form()
    if not form.validate() or not is_themselves(form):
        db.session.commit()  # a wrong password counts as a try
        return show(ProfileForm(person, sent=False), form), 422
    person.change_password(form.password.data or "", keep=g.login)
    g.login.by_link = False
    db.session.commit()
    flash("Your password is changed, and every other device is signed out.")
    return redirect(url_for(".account"))


def password_form(**how: None) -> PasswordForm:
    """Asks for the password of now, but for whoever has none or came in by a one-time link because it was lost."""
    form = PasswordForm(**how)
    came_by_link_just_now = g.login.by_link and g.login.created_at > utcnow() - LINK_OPENS
    if came_by_link_just_now or me().password_hash == NO_PASSWORD:
        del form.current_password
    return form


def is_themselves(form: PasswordForm) -> bool:
    if "current_password" not in form:
        return True
    if wait := limits.minutes(PROOF_TO_ACCOUNT.hit(str(me().id))):
        form.refuse("current_password", f"Too many attempts. Wait {wait} minutes.")
    elif not me().check_password(form.current_password.data or ""):
        form.refuse("current_password", "This is not your password.")
    else:
        PROOF_TO_ACCOUNT.forget(str(me().id))
        return True
    return False


def show(profile: ProfileForm, password: PasswordForm) -> str:
    return render_template("auth/account.html", profile=profile, password=password)
