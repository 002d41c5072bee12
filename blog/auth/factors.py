"""One's own second factors: what there is, an authenticator app, recovery codes, and taking any of it away."""

import segno
from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pyotp import TOTP
from werkzeug.wrappers import Response as AnyResponse

from blog import access, carrying, errors, mail
from blog.access import FactorNeeded, enrols, me, requires
from blog.auth import bp
from blog.auth.factor_forms import AppForm, NameForm, PasskeyForm
from blog.auth.verifying import our_name
from blog.database import db, only_reading
from blog.models import Authenticator, Can, LoginSession, RecoveryCode, User
from blog.models.factors import factors_of, has_factor, must_enrol
from blog.sealing import BrokenSealError
from blog.shields import SAFE

WRONG_CODE = "This code is not right. Type the one the app shows just now."
GROWN_OLD = "This page had grown old. Scan this new picture, and type the code it gives."


@bp.app_errorhandler(FactorNeeded)
def enrol_first(error: FactorNeeded) -> ResponseReturnValue:
    """Led to where a factor is set up; and what was typed meanwhile can be sent again afterwards."""
    if errors.is_for_a_script():
        return errors.show(error)
    if request.method in SAFE:
        return redirect(url_for("auth.factors"))
    only_reading.set(True)
    carried = carrying.sent()
    again = "Send it again" if carried.path and carrying.may_go_on(carried) else ""
    return render_template("auth/enrol_first.html", carried=carried, again=again), 403


@bp.get("/auth/account/factors")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def factors() -> ResponseReturnValue:
    return factors_page()


def factors_page(*, passkey: PasskeyForm | None = None, renamed: tuple[int, NameForm] | None = None) -> str:
    return render_template(
        "auth/factors.html",
        factors=factors_of(me()),
        passkey=passkey or PasskeyForm(formdata=None),
        renamed=renamed or (0, None),
        must_enrol=must_enrol(me(), g.site),
        takes_passkeys=our_name() is not None,
    )


# The app


@bp.get("/auth/account/factors/app")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def app() -> ResponseReturnValue:
    return app_page(AppForm(formdata=None, data={"sealed": Authenticator.begin(me())}))


@bp.post("/auth/account/factors/app")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def enrol_app() -> ResponseReturnValue:
    access.stay()
    person, form = me(), AppForm()
    is_first = not has_factor(person)
    try:
        Authenticator.secret_in(form.sealed.data or "", person)
        if form.validate() and not Authenticator.enrol(person, form.sealed.data or "", form.code.data or ""):
            form.refuse("code", WRONG_CODE)
    except BrokenSealError:
        form.sealed.data = Authenticator.begin(person)
        form.refuse("code", GROWN_OLD)
    if form.errors:
        return app_page(form), 422
    return after_adding(person, is_first=is_first, words="Your app is set up.")


def app_page(form: AppForm) -> str:
    secret = Authenticator.secret_in(form.sealed.data or "", me())
    address = TOTP(secret).provisioning_uri(name=me().email, issuer_name=g.site.title.replace(":", " "))
    picture = segno.make(address, error="m", micro=False).svg_inline(border=4, omitsize=True, svgclass="qr__code")
    groups = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    has_app = factors_of(me()).has_app
    return render_template("auth/app.html", form=form, picture=picture, secret=groups, has_app=has_app)


def after_adding(person: User, *, is_first: bool, words: str) -> ResponseReturnValue:
    """With the first factor come recovery codes, and sessions that began without any end."""
    g.login.has_factor = True
    if is_first:
        LoginSession.end_all(person, but=g.login)
    codes = [] if factors_of(person).codes_left else RecoveryCode.make_anew(person)
    tell(person, words)
    db.session.commit()
    flash(f"{words} Every other device is signed out." if is_first else words)
    return codes_page(codes) if codes else redirect(url_for(".factors"))


def tell(person: User, words: str) -> None:
    mail.write("factors", to=person.email, person=person, words=words, link=url_for("auth.factors"))


# Recovery codes


@bp.post("/auth/account/factors/codes")
@enrols
@requires(Can.KEEP_ACCOUNT, recent=True)
def make_codes() -> ResponseReturnValue:
    access.stay()
    if not has_factor(me()):
        return redirect(url_for(".factors"))  # which says when there are any
    codes = RecoveryCode.make_anew(me())
    tell(me(), "New recovery codes were made.")
    db.session.commit()
    flash("Here are new codes. Those you had before open nothing any more.")
    return codes_page(codes)


def codes_page(codes: list[str]) -> ResponseReturnValue:
    """The only page that ever shows them: they are in no database, no cookie and no cache."""
    return render_template("auth/recovery_codes.html", codes=codes), {"Cache-Control": "no-store"}


@bp.post("/auth/account/factors/codes/file")
@enrols
@requires(Can.KEEP_ACCOUNT)
def codes_file() -> AnyResponse:
    """The codes that their page holds, as a file; only what really are codes of this person."""
    codes = request.form.getlist("codes")
    if not RecoveryCode.are_all(me(), codes):
        abort(400)
    words = f"Recovery codes of {me().email} for {g.site.title}\nEach opens the account once.\n\n"
    answer = Response(words + "\n".join(codes) + "\n", content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
