"""The log."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blog.access import requires
from blog.admin import bp
from blog.models import AuditEntry, Can
from blog.paging import page_of

LOG_SIZE = 50


@bp.get("/audit")
@requires(Can.ADMINISTER)
def audit() -> ResponseReturnValue:
    page = page_of(AuditEntry.newest(), (AuditEntry.id,), size=LOG_SIZE, args=request.args)
    return render_template("admin/audit.html", page=page)
