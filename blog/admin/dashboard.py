"""The dashboard: how the site is, at a glance. Every question it asks is answered by an index, or looks at few rows."""

from collections.abc import Sequence
from datetime import datetime

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, TextClause, func, literal, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from blog.access import requires
from blog.admin import bp
from blog.admin.attention import worries
from blog.charts import RANGES, Chart, Span, drawn, spans
from blog.database import db, utcnow
from blog.models import AuditEntry, Can, Post, PostStatus, User, UserRole

SHOWN_SCHEDULED = 8
SHOWN_ENTRIES = 10
USUAL_RANGE = "30-days"
SIGNED_IN = "signed in"


@bp.get("")
@requires(Can.ADMINISTER)
def dashboard() -> ResponseReturnValue:
    range_name = request.args.get("range", USUAL_RANGE)
    if range_name not in RANGES:
        abort(404)
    over = spans(range_name, utcnow(), g.site.zone)
    scheduled = select(Post).where(Post.counted(), Post.published_at > utcnow()).order_by(Post.published_at, Post.id)
    return render_template(
        "admin/dashboard.html",
        posts=posts_by_status(),
        people=people_by_role(),
        worries=worries(),
        scheduled=db.session.scalars(scheduled.limit(SHOWN_SCHEDULED)).all(),
        entries=db.session.scalars(AuditEntry.newest().limit(SHOWN_ENTRIES)).all(),
        ranges=RANGES,
        range_name=range_name,
        published=chart_of(over, Post.published_at, Post.counted(), one="post", many="posts"),
        signed_in=chart_of(over, AuditEntry.at, AuditEntry.action == SIGNED_IN, one="sign-in", many="sign-ins"),
        joined=chart_of(over, User.created_at, true(), one="person", many="people"),
    )


@bp.get("/posts")
@requires(Can.ADMINISTER)
def posts() -> ResponseReturnValue:
    """Everybody's, which have their list on the desk."""
    return redirect(url_for("posts.desk", whose="everyone"))


def chart_of(
    over: Sequence[Span],
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    which: ColumnElement[bool] | TextClause,
    *,
    one: str,
    many: str,
) -> Chart:
    """How many of these rows have their moment in each of the spans: one question, a walk along an index for each."""
    each = [
        select(literal(n).label("span"), func.count()).where(which, moment >= span.begins, moment < span.ends)
        for n, span in enumerate(over)
    ]
    found = {row[0]: row[1] for row in db.session.execute(union_all(*each))}
    return drawn([found[n] for n in range(len(over))], over, one=one, many=many)


def posts_by_status() -> dict[PostStatus, int]:
    """Three walks along one index: to group by what each post is would sort all of them."""
    conditions = {
        PostStatus.draft: Post.published_at.is_(None),
        PostStatus.scheduled: Post.published_at > utcnow(),
        PostStatus.published: Post.published_at <= utcnow(),
    }
    each = [
        select(literal(state.value), func.count()).where(Post.counted(), condition)
        for state, condition in conditions.items()
    ]
    return {PostStatus(row[0]): row[1] for row in db.session.execute(union_all(*each))}


def people_by_role() -> dict[UserRole, int]:
    numbers = [func.count().filter(User.role == role) for role in UserRole]
    row = db.session.execute(select(*numbers).select_from(User).where(User.is_active)).one()
    return dict(zip(UserRole, row, strict=True))
