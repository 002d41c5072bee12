"""The dashboard: how the site is, at a glance. Every question it asks is answered by an index, or looks at few rows."""

from collections.abc import Sequence
from datetime import datetime

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, case, func, literal, select, union_all
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
    )


def chart_of(
    over: Sequence[Span],
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    which: ColumnElement[bool],
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
    state = case(
        (Post.published_at.is_(None), PostStatus.draft.value),
        (Post.published_at > utcnow(), PostStatus.scheduled.value),
        else_=PostStatus.published.value,
    )
    rows = select(state.label("state"), func.count()).where(Post.counted()).group_by("state")
    return {PostStatus(row[0]): row[1] for row in db.session.execute(rows)}


def people_by_role() -> dict[UserRole, int]:
    rows = select(User.role, func.count()).where(User.is_active).group_by(User.role)
    return {row[0]: row[1] for row in db.session.execute(rows)}
