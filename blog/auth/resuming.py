"""Signing in again in the middle of something: what was typed goes along, and on to where it was going."""

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Unauthorized

from blog import carrying, errors
from blog.access import viewer
from blog.auth import bp
from blog.auth.forms import SignInForm
from blog.auth.verifying import our_name
from blog.carrying import Carried
from blog.database import only_reading
from blog.models import Anonymous, Can, User
from blog.models.factors import must_enrol
from blog.shields import SAFE
from blog.web import safe_next


@bp.app_errorhandler(Unauthorized)
def signed_out(error: Unauthorized) -> ResponseReturnValue:
    """Somebody must sign in first. What a page of ours sent is carried; what another site sent is only shown."""
    if errors.is_for_a_script():
        return errors.show(error)
    if request.method in SAFE:
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?")))
    carried = carrying.sent()
    if not carrying.may_go_on(carried):
        return errors.show(error)
    return sign_in_page(SignInForm(formdata=None), carried=carried, onward=carrying.back(), is_out=True), 401


@bp.errorhandler(CSRFError)
def grown_old(error: CSRFError) -> ResponseReturnValue:
    """A sign-in page that lay open while its session ended, or while the person signed in in another tab."""
    if request.endpoint not in carrying.AT_THE_DOOR or errors.is_for_a_script() or not carrying.is_from_here():
        return errors.forged(error)
    if viewer().is_authenticated:
        return welcomed(viewer())
    form = SignInForm() if request.endpoint == carrying.SIGN_IN else SignInForm(formdata=None)
    return sign_in_page(form, is_old=True), 400


def sign_in_page(form: SignInForm, *, carried: Carried | None = None, onward: str = "", **words: object) -> str:
    """The form to sign in with, and within it whatever is being carried. By now all that counts is committed."""
    only_reading.set(True)  # what is carried can be long, and its page keeps no writer waiting
    return render_template(
        "auth/login.html",
        form=form,
        carried=carried or carrying.received(),
        onward=onward or request.args.get("next"),
        **{"wait": 0, "wrong": "", "is_out": False, "is_old": False, "passkey_refused": False}
        | {"takes_passkeys": our_name() is not None}
        | words,
    )


def welcomed(
    person: User | Anonymous, *, title: str = "You are signed in again", same_person: bool = False
) -> ResponseReturnValue:
    """On to where the person was going; with what was carried, where something was."""
    carried = carrying.received(same_person=same_person)
    if not carried.is_worth_a_page:
        return redirect(onward(person))
    only_reading.set(True)  # as for the page before
    return render_template(
        "resume.html",
        title=title,
        words=what_now(carried),
        carried=carried,
        again="Go on" if carried.path else "",
        onward=onward(person),
    )


def what_now(carried: Carried) -> str:
    if not carried.texts:
        return "What you asked for is not done yet: go on." if carried.path else "What you sent cannot be kept here."
    return f"Your text is here. It is not saved yet: {'look, and go on.' if carried.path else 'copy it from here.'}"


def onward(person: User | Anonymous) -> str:
    """Where the person was going, if that is here; else where their work is. But who has to set up a second factor goes
    there: every other page would look as if they were not signed in."""
    if isinstance(person, User) and must_enrol(person, g.site):
        return url_for("auth.factors")
    home = url_for("posts.desk") if person.can(Can.WRITE) else url_for("posts.index")
    return safe_next(request.args.get("next"), otherwise=home)
