"""People and their roles."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, func, or_, select

from blog.access import me, requires
from blog.admin import bp
from blog.admin.forms import HandOverAllForm, RoleForm
from blog.database import db
from blog.models import (
    AuditEntry,
    Can,
    HandOverError,
    LastAdminError,
    LoginSession,
    Post,
    PostKind,
    User,
    UserRole,
    hand_over_all,
)
from blog.models.user import lowered
from blog.paging import page_of

PEOPLE_SIZE = 50
ROLES = {role.value for role in UserRole}
STATES = {"active": True, "deactivated": False}


@bp.get("/users")
@requires(Can.ADMINISTER)
def users() -> ResponseReturnValue:
    words, role, state = (request.args.get(name, "").strip()[:200] for name in ("q", "role", "state"))
    people = User.matching(words)
    if role:
        people = people.where(User.role == (UserRole(role) if role in ROLES else abort(404)))
    if state:
        people = people.where(User.is_active.is_(STATES[state] if state in STATES else abort(404)))
    page = page_of(people, (User.name, User.id), size=PEOPLE_SIZE, args=request.args, descending=False)
    return render_template("admin/users.html", page=page, words=words, role=role, state=state, roles=list(UserRole))


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


def done(subject: User, deed: Callable[[], None], message: str) -> ResponseReturnValue:
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
    found = select(User).where(User.id == user_id)
    if lock:
        # With all admins, and in one order: two who first locked each other would wait for ever.
        admins = and_(User.role == UserRole.admin, User.is_active)
        db.session.execute(select(User.id).where(or_(User.id == user_id, admins)).order_by(User.id).with_for_update())
        found = found.execution_options(populate_existing=True)
    person: User = db.first_or_404(found)
    return person


def with_article(role: UserRole) -> str:
    return f"a {role}" if role is UserRole.viewer else f"an {role}"


def show(subject: User, *, role_form: RoleForm | None = None, hand_over_form: HandOverAllForm | None = None) -> str:
    theirs = Post.author_id == subject.id, Post.kind == PostKind.post
    counted = select(Post.status.label("status"), func.count()).where(*theirs).group_by("status")
    pages = select(func.count(Post.id)).where(Post.author_id == subject.id, Post.kind == PostKind.page)
    entries = AuditEntry.newest().where(AuditEntry.actor_id == subject.id).limit(10)
    sessions = select(LoginSession).where(LoginSession.user_id == subject.id).order_by(LoginSession.id.desc()).limit(10)
    return render_template(
        "admin/user.html",
        person=subject,
        posts=dict(db.session.execute(counted).all()),
        pages=db.session.scalar(pages),
        entries=db.session.scalars(entries).all(),
        sessions=db.session.scalars(sessions).all(),
        role_form=role_form or RoleForm(formdata=None, data={"role": subject.role.value}),
        hand_over_form=hand_over_form or HandOverAllForm(formdata=None),
    )
