"""Showing anew who one is, before what is dangerous; then the act goes on where it was."""

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import access, carrying, errors, limits, mail
from blog.access import ProofNeeded, enrols, me, requires
from blog.auth import bp
from blog.auth.checking import WRONG, failed, is_right
from blog.auth.forms import ProofForm
from blog.auth.resuming import onward, welcomed
from blog.auth.verifying import our_name
from blog.carrying import Carried
from blog.database import db, only_reading
from blog.models import Can, User, record
from blog.models.factors import factors_of
from blog.models.throttle import PROOF_TO_ACCOUNT
from blog.models.user import NO_PASSWORD
from blog.shields import SAFE

FORGOTTEN = "/auth/password/forgot"


@bp.app_errorhandler(ProofNeeded)
def asked_for_proof(error: ProofNeeded) -> ResponseReturnValue:
    """It is a while since the person showed who they are: ask, and keep what was sent meanwhile."""
    if errors.is_for_a_script():
        return errors.show(error)
    if request.method in SAFE:
        return redirect(url_for("auth.proof", next=request.full_path.rstrip("?")))
    carried = carrying.sent(same_person=True)
    return proof_page(ProofForm(formdata=None), carried=carried, onward=carrying.back()), 401


@bp.get("/auth/proof")
@enrols
@requires(Can.KEEP_ACCOUNT)
def proof() -> ResponseReturnValue:
    return redirect(onward(me())) if g.login.is_proved else proof_page(ProofForm())


@bp.post("/auth/proof")
@enrols
@requires(Can.KEEP_ACCOUNT)
def prove() -> ResponseReturnValue:
    """Prove it by the password. The try counts before the password is checked, and nobody waits for the check."""
    form, person = ProofForm(), me()
    if not form.validate():
        return proof_page(form), 422
    wait = limits.minutes(PROOF_TO_ACCOUNT.hit(str(person.id)))
    db.session.commit()
    if wait:
        return proof_page(form, wait=wait), 429, limits.retry_after(wait)
    if not is_right(person, form.password.data or ""):
        failed(person)
        form.refuse("password", WRONG)
        return proof_page(form), 422
    return proved(person, how="a password")


def ways_to_prove(person: User) -> frozenset[str]:
    """What this person can show who they are with. Whoever has nothing needs a fresh link, or a password."""
    ways = {"password"} if person.password_hash != NO_PASSWORD else set()
    if our_name() and factors_of(person).passkeys:
        ways.add("passkey")
    return frozenset(ways)


def proved(person: User, *, how: str) -> ResponseReturnValue:
    """The proof is given: note it, and on with what was to be done."""
    PROOF_TO_ACCOUNT.forget(str(person.id))
    access.proved()
    record("proved who they are", by=person, how=how)
    db.session.commit()
    return welcomed(person, title="Thank you", same_person=True)


def proof_page(
    form: ProofForm, *, carried: Carried | None = None, onward: str = "", wait: int = 0, passkey_refused: bool = False
) -> str:
    """The question, and within its form whatever is being carried."""
    only_reading.set(True)  # as for the page to sign in with
    carried = carried or carrying.received(same_person=True)
    return render_template(
        "auth/proof.html",
        form=form,
        carried=carried,
        goes_along=carried.is_worth_a_page and carrying.may_go_on(carried),
        onward=onward or request.args.get("next"),
        wait=wait,
        passkey_refused=passkey_refused,
        ways=ways_to_prove(me()),
        forgotten=FORGOTTEN if mail.is_on() else "",
    )
