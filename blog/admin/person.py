"""The page of one person, and what an admin may do there."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, select

from blog.access import me, requires
from blog.admin import bp
from blog.admin.people import end_sessions, in_charge
from blog.admin.people_forms import AddressForm, DeletionForm, HandOverAllForm, RoleForm
from blog.database import db
from blog.devices import in_words
from blog.models import (
    Can,
    HandOverError,
    LastAdminError,
    LoginSession,
    Purpose,
    Token,
    User,
    UserRole,
    hand_over_all,
    record,
)
from blog.models.audit_log import Asked
from blog.models.directory import MANY_POSTS, Standing, in_order, last_seen, pages_of, posts_by_state
from blog.models.factors import factors_of, has_factor, reset_factors
from blog.models.user import lowered
from blog.web import absolute

LATELY = 10
SESSIONS_SHOWN = 50


@bp.get("/users/<int:user_id>")
@requires(Can.ADMINISTER)
def user(user_id: int) -> ResponseReturnValue:
    return show(person(user_id))


@bp.post("/users/<int:user_id>/role")
@requires(Can.ADMINISTER, recent=True)
def change_role(user_id: int) -> ResponseReturnValue:
    form, subject = RoleForm(), person(user_id, lock=True)
    if not form.validate():
        return show(subject, role_form=form), 422
    role = UserRole(form.role.data)
    return done(subject, lambda: subject.change_role(role, by=me()), f"{subject.name} is now {with_article(role)}.")


@bp.post("/users/<int:user_id>/deactivation")
@requires(Can.ADMINISTER, recent=True)
def deactivate(user_id: int) -> ResponseReturnValue:
    subject = person(user_id, lock=True)
    return done(
        subject, lambda: subject.deactivate(by=me()), f"{subject.name} is deactivated and signed out everywhere."
    )


@bp.post("/users/<int:user_id>/reactivation")
@requires(Can.ADMINISTER, recent=True)
def reactivate(user_id: int) -> ResponseReturnValue:
    subject = person(user_id, lock=True)
    return done(subject, lambda: subject.reactivate(by=me()), f"{subject.name} may sign in again.")


@bp.post("/users/<int:user_id>/sessions/end")
@requires(Can.ADMINISTER, recent=True)
def end_all_sessions(user_id: int) -> ResponseReturnValue:
    subject = person(user_id, lock=True)
    return done(subject, lambda: end_sessions(subject), f"{subject.name} is signed out everywhere.")


@bp.post("/users/<int:user_id>/sessions/<int:session_id>/end")
@requires(Can.ADMINISTER, recent=True)
def end_one_session(user_id: int, session_id: int) -> ResponseReturnValue:
    """Ending what has ended already is no fault: two admins may press the same button."""
    subject = person(user_id, lock=True)
    one = delete(LoginSession).where(LoginSession.id == session_id, LoginSession.user_id == subject.id)
    if db.session.execute(one.returning(LoginSession.id)).first():
        record("ended a session of", by=me(), about=subject)
    return done(subject, lambda: None, "That session has ended.")


@bp.post("/users/<int:user_id>/factors/reset")
@requires(Can.ADMINISTER, recent=True)
def reset_second_step(user_id: int) -> ResponseReturnValue:
    """For somebody whose device is lost. An admin's own goes on the page of their account, which asks for it first."""
    subject = person(user_id, lock=True)
    if subject.id == me().id:
        flash("Your own second factor is changed in your account.", "bad")
        return redirect(url_for("auth.factors"))
    if not has_factor(subject):
        flash(f"{subject.name} has no second factor.")
        return redirect(url_for(".user", user_id=user_id))
    message = f"{subject.name} signs in with the password alone now, and is signed out everywhere."
    return done(subject, lambda: reset_factors(subject, by=me()), message)


@bp.post("/users/<int:user_id>/reset-link")
@requires(Can.ADMINISTER, recent=True)
def make_reset_link(user_id: int) -> ResponseReturnValue:
    """A link to choose a new password by, on this page alone: it is kept nowhere."""
    subject = person(user_id, lock=True)
    if not subject.is_active:
        flash(f"{subject.name} may not sign in, so a link would open nothing.", "bad")
        return redirect(url_for(".user", user_id=user_id))
    secret = Token.issue(Purpose.reset, user=subject)
    record("made a reset link for", by=me(), about=subject)
    page = show(subject, reset_link=absolute(f"/auth/password/reset/{secret}"))
    db.session.commit()
    return page


@bp.post("/users/<int:user_id>/posts")
@requires(Can.ADMINISTER, recent=True)
def hand_over_posts(user_id: int) -> ResponseReturnValue:
    form, subject = HandOverAllForm(), person(user_id)
    to = User.by_email(form.email.data or "")
    try:
        if not form.validate() or to is None:
            raise HandOverError(f"Nobody here has the address “{lowered(form.email.data or '')}”.")
        number = hand_over_all(subject, to, by=me())
    except HandOverError as refusal:
        form.refuse("email", str(refusal))
        return show(subject, hand_over_form=form), 422
    db.session.commit()
    flash(f"{number:,} {'post now belongs' if number == 1 else 'posts now belong'} to {to.name}.")
    return redirect(url_for(".user", user_id=user_id))


def done(subject: User, deed: Callable[[], object], message: str) -> ResponseReturnValue:
    """Do it and say so, or say why not."""
    try:
        deed()
    except LastAdminError as refusal:
        db.session.rollback()
        flash(str(refusal), "bad")
        return redirect(url_for(".user", user_id=subject.id))
    db.session.commit()
    flash(message)
    return redirect(url_for(".user", user_id=subject.id))


def person(user_id: int, *, lock: bool = False) -> User:
    if not lock:
        return db.get_or_404(User, user_id)
    [*found] = in_charge(in_order([user_id], and_me=me().id))
    if not found:
        abort(404)
    return found[0]


def with_article(role: UserRole) -> str:
    return f"a {role}" if role is UserRole.viewer else f"an {role}"


def show(
    subject: User,
    *,
    role_form: RoleForm | None = None,
    hand_over_form: HandOverAllForm | None = None,
    address_form: AddressForm | None = None,
    deletion_form: DeletionForm | None = None,
    reset_link: str = "",
) -> str:
    sessions = select(LoginSession).where(LoginSession.user_id == subject.id).order_by(LoginSession.used_at.desc())
    return render_template(
        "admin/user.html",
        person=subject,
        standing=Standing.of(subject),
        posts=posts_by_state(subject),
        many=MANY_POSTS,
        pages=pages_of(subject),
        seen=last_seen([subject.id]).get(subject.id),
        entries=db.session.scalars(Asked(person=subject.id).lines(None, falling=True, limit=LATELY)).all(),
        sessions=db.session.scalars(sessions.limit(SESSIONS_SHOWN)).all(),
        factors=factors_of(subject),
        is_me=subject.id == me().id,
        in_words=in_words,
        reset_link=reset_link,
        role_form=role_form or RoleForm(formdata=None, data={"role": subject.role.value}),
        hand_over_form=hand_over_form or HandOverAllForm(formdata=None),
        address_form=address_form or AddressForm(formdata=None),
        deletion_form=deletion_form or DeletionForm(formdata=None),
    )
