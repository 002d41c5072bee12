"""Deleting one's own account."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog import access, mail
from blog.access import me, requires
from blog.auth import bp
from blog.auth.forms import LeaveForm
from blog.auth.portrait import clear_away
from blog.database import db
from blog.models import Can, HandOverError, LastAdminError, WorkingCopy, leave
from blog.models.leaving import has_posts

SHOWN_TEXTS = 10


@bp.get("/auth/account/departure")
@requires(Can.KEEP_ACCOUNT, recent=True)
def departure() -> ResponseReturnValue:
    return page(LeaveForm(me(), has_posts=has_posts(me()), sent=False))


@bp.post("/auth/account/departure")
@requires(Can.KEEP_ACCOUNT, recent=True)
def depart() -> ResponseReturnValue:
    person = me()
    stays = has_posts(person)
    form = LeaveForm(person, has_posts=stays)
    if not form.validate():
        return page(form), 422
    heir, keeps = form.colleague, stays and form.keeps_portrait.data
    address, name = person.email, person.name
    try:
        gone = leave(person, by=person, posts_to=heir, keeps_portrait=keeps)
    except (LastAdminError, HandOverError) as refusal:
        db.session.rollback()
        return page(LeaveForm(me(), has_posts=stays), refusal=str(refusal)), 409
    mail.write("account_deleted", to=address, name=name, handed=heir.name if heir else "", stays=stays)
    access.sign_out()
    db.session.commit()
    clear_away(gone)
    flash("Your account is deleted, and you are signed out. Thank you for having been here.")
    return redirect(url_for("posts.index"))


def page(form: LeaveForm, *, refusal: str = "") -> str:
    unsaved = db.session.scalars(WorkingCopy.unsaved(me()).limit(SHOWN_TEXTS)).all()
    return render_template("auth/departure.html", form=form, refusal=refusal, unsaved=unsaved)
