"""The system: what runs here, and whether it is safe and sound."""

from flask import current_app, g, render_template
from flask.typing import ResponseReturnValue

from blog import checks, facts
from blog.access import requires
from blog.admin import bp
from blog.database import db, only_reading
from blog.deployment import Problem
from blog.models import Can


@bp.get("/system")
@requires(Can.ADMINISTER)
def system() -> ResponseReturnValue:
    return show(checks.at_a_glance(current_app), is_all=False)


@bp.post("/system")
@requires(Can.ADMINISTER)
def check_system() -> ResponseReturnValue:
    """The same with all checks, of which some ask other machines, or read the whole database."""
    db.session.rollback()
    only_reading.set(True)  # that takes its time, and others may write meanwhile
    return show(checks.problems(current_app), is_all=True)


def show(problems: list[Problem], *, is_all: bool) -> str:
    return render_template(
        "admin/system.html",
        grave=[problem for problem in problems if problem.is_grave],
        advice=[problem for problem in problems if not problem.is_grave],
        facts=facts.all_of(current_app, g.site),
        is_all=is_all,
    )
