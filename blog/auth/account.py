"""One's own account: all of it on one page, and the profile and the password in here."""

from datetime import timedelta
from math import ceil
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog import access, devices, mail
from blog.access import me, requires
from blog.auth import bp
from blog.auth.checking import fault_of
from blog.auth.forms import AddressForm, PasswordForm, ProfileForm
from blog.database import begin_writing, db, only_reading, utcnow
from blog.models import Can, Post, record
from blog.models.leaving import has_posts
from blog.models.moving import wish_of
from blog.models.user import NO_PASSWORD, hash_of

LINK_OPENS = timedelta(minutes=30)  # so long after a one-time link a password may be chosen without the old one


@bp.get("/auth/account")
@requires(Can.KEEP_ACCOUNT)
def account() -> ResponseReturnValue:
    return show()


@bp.post("/auth/account")
@requires(Can.KEEP_ACCOUNT)
def change_profile() -> ResponseReturnValue:
    access.stay()
    person = me()
    form = ProfileForm(person)
    if not form.validate():
        return show(profile=form), 422
    before = {name: getattr(person, name) for name in ("name", "handle")}
    person.name = form.name.data
    db.session.flush()  # which waits for whoever saves a post of this name; they wait for us once the handle is changed
    form.populate_obj(person)
    changed: dict[str, Any] = {
        name: {"before": was, "after": form[name].data} for name, was in before.items() if was != form[name].data
    }
    record("changed their profile", by=person, **changed)
    db.session.commit()
    flash("Your profile is saved.")
    return redirect(url_for(".account"))


@bp.post("/auth/account/password")
@requires(Can.KEEP_ACCOUNT, recent=True)
def change_password() -> ResponseReturnValue:
    person, form = me(), password_form()
    if not form.validate() or not is_themselves(form):
        return show(password=form), 422
    only_reading.set(True)  # hashing takes its time, and others may write meanwhile
    hashed = hash_of(form.password.data or "")
    begin_writing()
    access.stay()
    person.change_password(hashed, keep=g.login, device=devices.known_to(person.id))
    g.login.by_link = False
    mail.write("password_changed", to=person.email, name=person.name, link=url_for(".forgotten"))
    db.session.commit()
    flash("Your password is changed, and every other device is signed out.")
    return redirect(url_for(".account"))


def password_form(*, sent: bool = True) -> PasswordForm:
    """Asks for the password of now, but for whoever has none or came in by a one-time link because it was lost."""
    form = PasswordForm(me(), sent=sent)
    came_by_link_just_now = g.login.by_link and g.login.created_at > utcnow() - LINK_OPENS
    if came_by_link_just_now or me().password_hash == NO_PASSWORD:
        del form.current_password
    return form


def is_themselves(form: PasswordForm) -> bool:
    if "current_password" not in form:
        return True
    fault = fault_of(form.current_password.data or "")
    if fault:
        form.refuse("current_password", fault)
    return not fault


def show(
    *,
    profile: ProfileForm | None = None,
    password: PasswordForm | None = None,
    address: AddressForm | None = None,
    no_portrait: str = "",
) -> str:
    """The whole page. The form that was sent stands in it with what was typed; the others as if never touched."""
    person = me()
    return render_template(
        "auth/account.html",
        profile=profile or ProfileForm(person, sent=False),
        password=password or password_form(sent=False),
        address=address or AddressForm(person, sent=False),
        no_portrait=no_portrait,
        wish=wish_of(person),
        sends_mail=mail.is_on(),
        has_posts=has_posts(person),
        is_read=db.session.scalar(Post.live().where(Post.of(person.id)).with_only_columns(Post.id).limit(1)),
    )


def in_minutes(wait: timedelta) -> int:
    return ceil(wait / timedelta(minutes=1))
