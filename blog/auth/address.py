"""Another address to sign in with: asked for here, confirmed at the new one, taken back from the old one."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog import access, mail
from blog.access import me, public, requires, viewer
from blog.auth import bp
from blog.auth.account import in_minutes, show
from blog.auth.forms import AddressForm
from blog.auth.links import void_link
from blog.database import db
from blog.forms import Form
from blog.models import AddressTakenError, Can, Purpose, Token, User
from blog.models.moving import TO_CONFIRM, TO_TAKE_BACK, ask_to_move, forget_wish, take_back
from blog.models.throttle import ADDRESS_BY_ACCOUNT


@bp.post("/auth/account/address")
@requires(Can.KEEP_ACCOUNT, recent=True)
def ask_for_address() -> ResponseReturnValue:
    """Two letters, whether or not the new address belongs to somebody: here nobody learns of that."""
    if not mail.is_on():
        flash("This site sends no mail, so only an admin can change your address.", "bad")
        return redirect(url_for(".account"))
    access.stay()
    person, form = me(), AddressForm(me())
    if not form.validate():
        return show(address=form), 422
    if wait := ADDRESS_BY_ACCOUNT.hit(str(person.id)):
        form.refuse("email", f"That was asked for too often. Wait {in_minutes(wait)} minutes.")
        db.session.commit()
        return show(address=form), 429
    email = form.email.data or ""
    to, back = ask_to_move(person, email)
    confirming, keeping = (
        url_for(f".{name}", secret=secret) for name, secret in (("new_address", to), ("old_address", back))
    )
    is_taken = User.by_email(email) is not None
    mail.write(
        "address_taken" if is_taken else "address_new",
        to=email,
        person=person,
        link=confirming,
        hours=TO_CONFIRM.days * 24,
    )
    mail.write("address_old", to=person.email, person=person, wanted=email, link=keeping, days=TO_TAKE_BACK.days)
    db.session.commit()
    flash(f"A letter is on its way to {email}. Your address changes when you open the link in it.")
    return redirect(url_for(".account"))


@bp.post("/auth/account/address/withdrawal")
@requires(Can.KEEP_ACCOUNT)
def forget_address() -> ResponseReturnValue:
    access.stay()
    forget_wish(me())
    db.session.commit()
    flash("Your address stays as it is.")
    return redirect(url_for(".account"))


@bp.route("/auth/address/new/<secret>", methods=["GET", "POST"])
@public
def new_address(secret: str) -> ResponseReturnValue:
    """Opening it does nothing yet: mail scanners open links."""
    person, link = opened(Purpose.new_address, secret)
    form = Form()
    if link is None or person is None:
        return void_link()
    if not form.validate_on_submit():
        return page("new", form, person, link)
    if not person.hold() or not link.spend():
        return void_link()
    it_is_me = viewer().id == person.id
    try:
        person.move_to(link.email, by=person, keep=g.login if it_is_me else None, confirmed=True)
    except AddressTakenError:
        db.session.commit()  # the link is used up all the same
        return page("taken", form, person, link), 409
    db.session.commit()
    flash(f"Your address is {person.email} from now on. Every other device is signed out.")
    return redirect(url_for(".account"))


@bp.route("/auth/address/old/<secret>", methods=["GET", "POST"])
@public
def old_address(secret: str) -> ResponseReturnValue:
    """This was not me: as it was, with a new password to be chosen at once."""
    person, link = opened(Purpose.old_address, secret)
    form = Form()
    if link is None or person is None:
        return void_link()
    if not form.validate_on_submit():
        return page("old", form, person, link)
    if not person.hold() or not link.spend():
        return void_link()
    try:
        take_back(person, link)
    except AddressTakenError:
        db.session.rollback()  # the link stays good, for when an admin has helped
        return page("lost", form, person, link), 409
    reset = Token.issue(Purpose.reset, user=person)
    access.sign_out()
    db.session.commit()
    flash("Everything is as it was, and nobody is signed in. Now choose a new password.")
    return redirect(f"/auth/password/reset/{reset}")


def opened(purpose: Purpose, secret: str) -> tuple[User, Token] | tuple[None, None]:
    """Whose link this is, and the link; nothing where it opens nothing."""
    link = Token.of(purpose, secret)
    if link is None or link.user is None or not link.user.is_active:
        return None, None
    return link.user, link


def page(kind: str, form: Form, person: User, link: Token) -> str:
    return render_template(
        "auth/address.html", kind=kind, form=form, person=person, email=link.email, wanted=link.detail.get("to", "")
    )
