"""Another address for a person, and the end of an account, by an admin."""

from contextlib import suppress

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from blog import library, mail
from blog.access import me, requires
from blog.admin import bp
from blog.admin.people_forms import AddressForm, DeletionForm
from blog.admin.person import person, show
from blog.database import db
from blog.models import AddressTakenError, Can, HandOverError, LastAdminError, leave


@bp.post("/users/<int:user_id>/address")
@requires(Can.ADMINISTER, recent=True)
def change_address(user_id: int) -> ResponseReturnValue:
    """For a site without mail, or somebody who has lost their mailbox. It ends the person's sessions."""
    form, subject = AddressForm(), person(user_id, lock=True)
    try:
        if subject.left_at is not None or not form.validate():
            return show(subject, address_form=form), 422
        subject.move_to(form.new_email.data or "", by=me())
    except AddressTakenError as refusal:
        form.refuse("new_email", str(refusal))
        return show(subject, address_form=form), 422
    db.session.commit()
    flash(f"{subject.name} signs in as {subject.email} from now on.")
    return redirect(url_for(".user", user_id=user_id))


@bp.post("/users/<int:user_id>/deletion")
@requires(Can.ADMINISTER, recent=True)
def delete_user(user_id: int) -> ResponseReturnValue:
    form, subject = DeletionForm(), person(user_id, lock=True)
    if subject.left_at is not None or not form.fits(subject):
        return show(subject, deletion_form=form), 422
    name, address, heir = subject.name, subject.email, form.heir
    try:
        gone = leave(subject, by=me(), posts_to=heir)
    except (LastAdminError, HandOverError) as refusal:
        db.session.rollback()
        form.refuse("to" if isinstance(refusal, HandOverError) else "confirmation", str(refusal))
        return show(person(user_id), deletion_form=form), 422
    stays = heir is None and subject.left_at is not None
    mail.write("account_deleted", to=address, name=name, handed=heir.name if heir else "", stays=stays)
    db.session.commit()
    if gone:
        with suppress(OSError):  # what cannot be deleted now, `flask media sweep` finds
            library.clear_away(gone)
    flash(f"The account of {name} is deleted.")
    return redirect(url_for(".users"))
