"""The letters on their way, and those that could not be sent. Their words are shown to nobody."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import mail
from blog.access import me, requires
from blog.admin import bp
from blog.database import db
from blog.models import Can, Mail, MailBusyError, MailState
from blog.models.mail import mails_are_there
from blog.paging import page_of

LIST_SIZE = 50
NAMES = {state.value.replace(" ", "-"): state for state in MailState}  # as they stand in an address


@bp.get("/mail")
@requires(Can.ADMINISTER)
def letters() -> ResponseReturnValue:
    name = request.args.get("state", "")
    state = (NAMES.get(name) or abort(404)) if name else None
    page = page_of(Mail.in_state(state), (Mail.id,), size=LIST_SIZE, args=request.args)
    return render_template("admin/mail.html", page=page, chosen=name, states=NAMES, State=MailState, is_on=mail.is_on())


@bp.post("/mail/<int:mail_id>/another-try")
@requires(Can.ADMINISTER)
def try_letter_again(mail_id: int) -> ResponseReturnValue:
    def again(letter: Mail) -> None:
        letter.try_again(by=me())
        mail.hurry()

    return done(mail_id, again, "It is due now, and goes out in a moment.")


@bp.post("/mail/<int:mail_id>/end")
@requires(Can.ADMINISTER)
def give_letter_up(mail_id: int) -> ResponseReturnValue:
    return done(mail_id, lambda letter: letter.give_up(by=me()), "The letter is given up: it is not sent any more.")


@bp.post("/mail/<int:mail_id>/deletion")
@requires(Can.ADMINISTER)
def delete_letter(mail_id: int) -> ResponseReturnValue:
    return done(mail_id, lambda letter: letter.remove(by=me()), "The letter is deleted.")


def done(mail_id: int, act: Callable[[Mail], None], words: str) -> ResponseReturnValue:
    letter = db.session.scalars(Mail.locked(mail_id)).one_or_none() or abort(404)
    try:
        act(letter)
    except MailBusyError as error:
        flash(str(error), "bad")
    else:
        db.session.commit()
        flash(words)
    return redirect(url_for(".letters", state=request.args.get("state")))


@bp.context_processor
def words_for_templates() -> dict[str, Any]:
    """Whether there is anything to see, which the side navigation asks."""
    return {"has_mail": lambda: mail.is_on() or mails_are_there()}
