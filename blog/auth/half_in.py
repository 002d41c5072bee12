"""Between the password and the second factor: it is known who comes, but they are not signed in yet."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from blog import carrying
from blog.auth.factor_forms import CodeForm
from blog.auth.verifying import our_name
from blog.database import db, only_reading
from blog.models import Purpose, Token, User
from blog.models.factors import factors_of
from blog.models.waiting import wait_for

KEPT_AS = "second_step"


def ask_for_factor(person: User) -> ResponseReturnValue:
    """The password was right. What is being carried goes along, and a mark in the cookie says who is at the door."""
    session[KEPT_AS] = wait_for(Purpose.second_step, user=person)
    db.session.commit()
    if carrying.received().is_worth_a_page:
        return code_page(CodeForm(formdata=None), person)
    return redirect(url_for("auth.code", next=request.args.get("next")))


def at_the_door(*, hold: bool = False) -> Token | None:
    """Of whoever gave the right password at this browser a few minutes ago; whom we `hold` if they are to come in."""
    secret = session.get(KEPT_AS)
    token = Token.of(Purpose.second_step, secret) if isinstance(secret, str) else None
    if token is None or token.user is None:
        return None
    return token if (token.user.hold() if hold else token.user.is_active) else None


def code_page(form: CodeForm, person: User, *, wait: int = 0, refused: str = "") -> str:
    """By now all that counts is committed."""
    only_reading.set(True)  # as for the sign-in page
    return render_template(
        "auth/code.html",
        form=form,
        factors=factors_of(person),
        carried=carrying.received(),
        onward=request.args.get("next"),
        wait=wait,
        refused=refused,
        takes_passkeys=our_name() is not None,
    )
