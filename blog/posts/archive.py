"""The archive: every post by year and month, on the clock of the site."""

from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.functions import GenericFunction

from blog.access import public
from blog.database import UTCDateTime, db, utcnow
from blog.models import Post, PostKind
from blog.months import Month, after, month_of, stretches
from blog.page_cache import kept
from blog.paging import page_of
from blog.posts import bp
from blog.posts.lists import NEWEST_FIRST

ARCHIVE_SIZE = 100
STANDING = (Post.kind == PostKind.post, Post.binned_at.is_(None))  # what makes a post live, but for its moment


class month_start(GenericFunction[datetime]):
    """When the month of this moment began in Greenwich."""

    type = UTCDateTime()
    inherit_cache = True


@compiles(month_start, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"date_trunc('month', {compiler.process(element.clauses, **options)}, 'UTC')"


@compiles(month_start, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"strftime('%Y-%m-01 00:00:00.000000', {compiler.process(element.clauses, **options)})"


@bp.get("/archive")
@public
@kept("before", "after")
def archive() -> ResponseReturnValue:
    return page_of_archive(Post.live(), year=None, month=None)


@bp.get("/archive/<int(fixed_digits=4):year>")
@public
@kept("before", "after")
def archive_of_year(year: int) -> ResponseReturnValue:
    return page_of_archive(within((year, 1), (year + 1, 1)), year=year, month=None)


@bp.get("/archive/<int(fixed_digits=4):year>/<int(fixed_digits=2):month>")
@public
@kept("before", "after")
def archive_of_month(year: int, month: int) -> ResponseReturnValue:
    if not 1 <= month <= 12:
        abort(404)
    return page_of_archive(within((year, month), after((year, month))), year=year, month=month)


def page_of_archive(posts: Select[Post], *, year: int | None, month: int | None) -> str:
    posts = posts.options(joinedload(Post.author, innerjoin=True), selectinload(Post.co_authors))
    page = page_of(posts, NEWEST_FIRST, size=ARCHIVE_SIZE, args=request.args)
    if not page.items and (year or request.args):
        abort(404)
    written = months_with_posts(g.site.zone)
    groups = groupby(page.items, key=lambda post: month_of(post.published_at, g.site.zone))  # type: ignore[arg-type]
    return render_template(
        "posts/archive.html",
        page=page,
        year=year,
        month=month,
        groups=[(shown, list(posts)) for shown, posts in groups],
        years=sorted({one for one, _ in written}, reverse=True),
        months=[number for one, number in written if one == year],
        nearby=around(written, year, month),
    )


def within(first: Month, until: Month) -> Select[Post]:
    """The live posts of these months, by the site's clock."""
    spans, now = stretches(first, until, g.site.zone) or abort(404), utcnow()
    # One end for each stretch: given two, its own and the present, SQLite begins at the present and reads all between.
    ends = [(start, min(end - timedelta(microseconds=1), now)) for start, end in spans]
    times = or_(*(Post.published_at.between(start, end) for start, end in ends))
    return select(Post).where(times, *STANDING).order_by(Post.published_at.desc(), Post.id.desc())


def months_with_posts(zone: tzinfo) -> list[Month]:
    """The months in which something came out, in order.

    Counts nothing and hops from month to month of Greenwich, to the first and the last post of each: a month here
    begins less than a day from one there, so these two posts show every month here that it touches.
    """
    posts = select(Post.published_at).where(*STANDING)
    newest, oldest = posts.order_by(Post.published_at.desc()).limit(1), posts.order_by(Post.published_at).limit(1)
    last = select(newest.where(Post.published_at <= utcnow()).scalar_subquery().label("at")).cte("last", recursive=True)
    hop = newest.where(Post.published_at < month_start(last.c.at)).scalar_subquery()  # and so before the present
    last = last.union_all(select(hop).where(last.c.at.is_not(None)))
    first = oldest.where(Post.published_at >= month_start(last.c.at)).scalar_subquery()  # at most the last
    ends = db.session.execute(select(last.c.at, first).where(last.c.at.is_not(None)))
    return sorted({month_of(moment, zone) for row in ends for moment in row})


def around(written: list[Month], year: int | None, month: int | None) -> tuple[Month | None, Month | None]:
    """The next newer and the next older month or year with posts; a year comes with a zero for its month."""
    if year is None:
        return None, None
    here = (year, month or 0)
    others = written if month else sorted({(one, 0) for one, _ in written})
    newer, older = [one for one in others if one > here], [one for one in others if one < here]
    return next(iter(newer), None), next(iter(reversed(older)), None)
