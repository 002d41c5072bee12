"""Taking a second factor away. Where it is the last, the password has to be good enough by itself."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import access
from blog.access import enrols, me, requires
from blog.auth import bp
from blog.auth.checking import fault_of
from blog.auth.factor_forms import RemovalForm
from blog.auth.factors import tell
from blog.auth.forms import SHORTEST
from blog.auth.passkeys import own
from blog.database import db
from blog.models import Authenticator, Can
from blog.models.factors import factors_of, remove_passkey
from blog.models.user import NO_PASSWORD

TOO_SHORT = f"Right, but too short to be all that protects your account: choose one of {SHORTEST} characters first."


@bp.get("/auth/account/factors/app/removal")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def ask_to_remove_app() -> ResponseReturnValue:
    return removal_page(removal_form(), "your authenticator app") if factors_of(me()).has_app else nothing_there()


@bp.post("/auth/account/factors/app/removal")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def remove_app() -> ResponseReturnValue:
    if not factors_of(me()).has_app:
        return nothing_there()
    form = removal_form()
    if not is_allowed(form):
        return removal_page(form, "your authenticator app"), 422
    access.stay()
    if not factors_of(me()).has_app:  # which somebody pressed twice
        return nothing_there()
    Authenticator.remove(me())
    return removed("Your authenticator app is removed.")


@bp.get("/auth/account/passkeys/<int:passkey_id>/removal")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def ask_to_remove_passkey(passkey_id: int) -> ResponseReturnValue:
    return removal_page(removal_form(), f"the passkey “{own(passkey_id).name}”")


@bp.post("/auth/account/passkeys/<int:passkey_id>/removal")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def remove_own_passkey(passkey_id: int) -> ResponseReturnValue:
    name, form = own(passkey_id).name, removal_form()
    if not is_allowed(form):
        return removal_page(form, f"the passkey “{name}”"), 422
    access.stay()
    remove_passkey(own(passkey_id), by=me())
    return removed("The passkey is removed.")


def removal_form() -> RemovalForm:
    form = RemovalForm(formdata=request.form if request.method == "POST" else None)
    if factors_of(me()).number > 1 or me().password_hash == NO_PASSWORD:
        del form.password
    return form


def is_allowed(form: RemovalForm) -> bool:
    """The length of a password is not stored: it can be judged only while it is typed."""
    if not form.validate():
        return False
    if "password" not in form:
        return True
    password = form.password.data or ""
    fault = fault_of(password) or (TOO_SHORT if len(password) < SHORTEST else "")
    if fault:
        form.refuse("password", fault)
    return not fault


def removal_page(form: RemovalForm, what: str) -> str:
    return render_template("auth/factor_removal.html", form=form, what=what, is_last=factors_of(me()).number == 1)


def removed(words: str) -> ResponseReturnValue:
    tell(me(), words)
    db.session.commit()
    flash(words)
    return redirect(url_for(".factors"))


def nothing_there() -> ResponseReturnValue:
    flash("There is no authenticator app any more.")
    return redirect(url_for(".factors"))
