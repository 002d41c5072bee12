"""Inviting people, and letting in those who asked."""

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select
from wtforms import SelectChoice, SelectField, TextAreaField

from blog import mail
from blog.access import me, requires
from blog.admin import bp
from blog.admin.invitees import MOST, Invitee, checked, lines_of, read
from blog.database import begin_writing, db, only_reading, utcnow
from blog.forms import Form, lines, needed
from blog.models import Can, Purpose, Registration, Token, UserRole
from blog.models import invitation as coming_in
from blog.models.invitation import TakenError
from blog.models.token import LASTS
from blog.paging import page_of
from blog.web import absolute

SIZE = 50
NOBODY = "Registration is closed: nobody new comes in. Open it, or let admins invite, in the settings first."


class InviteForm(Form):
    people = TextAreaField(
        "Addresses",
        [needed("Type an email address.")],
        filters=[lines],
        description=f"At most {MOST:,}, one on each line, perhaps with name and role: ada@example.org, Ada, editor",
    )
    role = SelectField(
        "Role",
        choices=[SelectChoice(role.value, role.value.capitalize()) for role in reversed(UserRole)],
        description="For every line that names no role of its own.",
    )


@bp.get("/invitations")
@requires(Can.ADMINISTER)
def invitations() -> ResponseReturnValue:
    return show(InviteForm())


@bp.post("/invitations")
@requires(Can.ADMINISTER, recent=True)
def invite() -> ResponseReturnValue:
    """Invite everybody who can be, and say who cannot and why; or only look. All in one transaction."""
    only_reading.set(True)  # reading a thousand lines takes its time
    form = InviteForm()
    if not form.validate() or not may_invite(form):
        return show(form), 422
    invitees = read(form.people.data or "", role=UserRole(form.role.data))
    if "look" in request.form:
        return show(form, report=checked(invitees), is_a_look=True)
    begin_writing()
    invitees = checked(invitees)
    coming_in.make_room([invitee.email for invitee in invitees if not invitee.fault])
    report = [invited(invitee) for invitee in invitees]
    db.session.commit()
    refused = [invitee for invitee in report if invitee.fault]
    form.people.data = "\n".join(invitee.written for invitee in refused)
    return show(form, report=report), 422 if len(refused) == len(report) else 200


@bp.post("/invitations/<digest>/renewal")
@requires(Can.ADMINISTER, recent=True)
def renew_invitation(digest: str) -> ResponseReturnValue:
    """A new link, mailed and shown once, as the first one was."""
    invitation = one_of(coming_in.invitations(), digest)
    if g.site.registration is Registration.closed:
        flash(NOBODY, "bad")
        return redirect(url_for(".invitations"))
    renewed = Invitee(
        1, invitation.email, invitation.email, invitation.detail.get("name", ""), invitation.role or UserRole.viewer
    )
    renewed = told(renewed, coming_in.renew(invitation, by=me()))
    db.session.commit()
    return show(InviteForm(formdata=None), report=[renewed])


@bp.post("/invitations/<digest>/revocation")
@requires(Can.ADMINISTER)
def revoke_invitation(digest: str) -> ResponseReturnValue:
    invitation = one_of(coming_in.invitations(), digest)
    email = invitation.email
    coming_in.revoke(invitation, by=me())
    db.session.commit()
    flash(f"The invitation of {email} is revoked: its link opens nothing any more.")
    return redirect(url_for(".invitations"))


@bp.post("/invitations/requests/<digest>/admission")
@requires(Can.ADMINISTER)
def let_in(digest: str) -> ResponseReturnValue:
    wanted = one_of(coming_in.requests(), digest)
    try:
        person = coming_in.let_in(wanted, by=me())
    except TakenError as refusal:
        db.session.rollback()
        flash(f"{refusal} Turn the request down.", "bad")
        return redirect(url_for(".invitations"))
    db.session.commit()
    flash(f"{person.name} is let in, and can sign in from now on. Tell them: no mail is sent.")
    return redirect(url_for(".invitations"))


@bp.post("/invitations/requests/<digest>/refusal")
@requires(Can.ADMINISTER)
def turn_down(digest: str) -> ResponseReturnValue:
    wanted = one_of(coming_in.requests(), digest)
    email = wanted.email
    coming_in.turn_down(wanted, by=me())
    db.session.commit()
    flash(f"The request of {email} is turned down.")
    return redirect(url_for(".invitations"))


def may_invite(form: InviteForm) -> bool:
    number = len(lines_of(form.people.data or ""))
    if number > MOST:
        form.refuse("people", f"At most {MOST:,} at once; these are {number:,}.")
    if g.site.registration is Registration.closed:
        form.refuse("people", NOBODY)
    return not form.errors


def one_of(those: Select[Token], digest: str) -> Token:
    """This one of them, locked, so that of two who decide on it at once the slower finds it gone.

    It goes by its digest, as SQLite gives the number of a row that is gone to the next one: a page that had grown old
    would let in somebody else.
    """
    token: Token = db.first_or_404(those.where(Token.digest == digest).with_for_update(of=Token))
    return token


def invited(invitee: Invitee) -> Invitee:
    if invitee.fault:
        return invitee
    return told(invitee, coming_in.invite(invitee.email, invitee.role, by=me(), name=invitee.name))


def told(invitee: Invitee, secret: str) -> Invitee:
    """With the link for the admin to copy, which also goes out by mail where the site sends any."""
    link = url_for("auth.accept_invitation", secret=secret)
    words = {"by": me().name, "role": invitee.role, "name": invitee.name}
    mail.write("invitation", to=invitee.email, until=utcnow() + LASTS[Purpose.invitation], link=link, **words)
    return replace(invitee, link=absolute(link))


def show(form: InviteForm, *, report: Sequence[Invitee] = (), is_a_look: bool = False) -> str:
    only_reading.set(True)  # what is to be kept is kept by now
    page = page_of(coming_in.invitations(), (Token.id,), size=SIZE, args=request.args)
    requests = db.session.scalars(coming_in.requests().order_by(Token.id).limit(SIZE)).all()
    return render_template(
        "admin/invitations.html",
        form=form,
        report=report,
        is_a_look=is_a_look,
        page=page,
        requests=requests,
        is_void=coming_in.is_void,
        is_closed=g.site.registration is Registration.closed,
        by_mail=mail.is_on(),
    )
