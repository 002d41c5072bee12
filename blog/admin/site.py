"""The dashboard and the settings."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select

from blog.access import me, requires
from blog.admin import bp
from blog.admin.forms import ACCENTS, ZONES, SettingsForm
from blog.database import db, utcnow
from blog.models import AuditEntry, Can, Post, PostKind, PostStatus, Registration, User, UserRole

MANY_FAILURES = 5


@dataclass(frozen=True)
class Worry:
    """Something an admin should look at: how many, what, where to see it, and why it matters."""

    number: int
    what: str
    where: str
    why: str
    is_bad: bool = False


@bp.get("")
@requires(Can.ADMINISTER)
def dashboard() -> ResponseReturnValue:
    only_posts = Post.kind == PostKind.post
    scheduled = select(Post).where(Post.status == PostStatus.scheduled).order_by(Post.published_at, Post.id)
    return render_template(
        "admin/dashboard.html",
        posts=counts(select(Post.status.label("status"), func.count()).where(only_posts).group_by("status")),
        people=counts(select(User.role, func.count()).where(User.is_active).group_by(User.role)),
        worries=[worry for worry in worries() if worry.number],
        scheduled=db.session.scalars(scheduled.limit(8)).all(),
        entries=db.session.scalars(AuditEntry.newest().limit(10)).all(),
    )


@bp.route("/settings", methods=["GET", "POST"])
@requires(Can.ADMINISTER)
def settings() -> ResponseReturnValue:
    form = SettingsForm(obj=g.site)
    if "try_on" in request.form:
        there_is = form.try_on(request.form["try_on"])
        return settings_page(form, is_tried_on=there_is), 200 if there_is else 422
    if not form.validate_on_submit():
        return settings_page(form), 422 if form.errors else 200
    wanted = {name: value for name, value in form.data.items() if name != "csrf_token"}
    g.site.change(by=me(), **wanted | {"registration": Registration(wanted["registration"])})
    db.session.commit()
    flash("The settings are saved, and hold from now on.")
    return redirect(url_for(".settings"))


def settings_page(form: SettingsForm, *, is_tried_on: bool = False) -> str:
    return render_template(
        "admin/settings.html", form=form, zones=ZONES, accents=ACCENTS, accent=form.accent, is_tried_on=is_tried_on
    )


def counts(grouped: Select[Any, int]) -> dict[Any, int]:
    return dict(db.session.execute(grouped).all())


def worries() -> list[Worry]:
    day_ago = utcnow() - timedelta(days=1)
    failures = select(AuditEntry.id).where(AuditEntry.action == "failed to sign in as", AuditEntry.at > day_ago)
    failed = number_of(failures)
    waiting = select(Post.id).where(Post.status == PostStatus.scheduled, Post.kind == PostKind.post)
    stranded = waiting.join(Post.author).where(~User.is_active)
    bare = Post.live().where(Post.summary == "").with_only_columns(Post.id)
    admins = number_of(select(User.id).where(User.role == UserRole.admin, User.is_active))
    everybodys = partial(url_for, "posts.desk", whose="everyone")
    return [
        Worry(
            failed if failed >= MANY_FAILURES else 0,
            "Sign-ins failed since yesterday",
            url_for(".audit"),
            "Somebody may be guessing passwords. The log says from where.",
            is_bad=True,
        ),
        Worry(
            number_of(stranded),
            "Scheduled by somebody who is deactivated",
            everybodys(state="scheduled"),
            "They go live all the same; hand them over or unpublish them.",
        ),
        Worry(
            number_of(bare),
            "Live without a summary",
            everybodys(state="published"),
            "Lists, feeds and previews show the first words instead.",
        ),
        Worry(
            int(admins == 1),
            "Active admin, and no more",
            url_for(".users", role="admin"),
            "If they lose their password, only the command line can help.",
        ),
    ]


def number_of(rows: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
