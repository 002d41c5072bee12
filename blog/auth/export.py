"""All that is one's own, to take along."""

from flask import Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wsgi import wrap_file

from blog.access import me, requires
from blog.auth import bp
from blog.auth.account import in_minutes
from blog.database import db, only_reading, utcnow
from blog.models import Can, record
from blog.models.throttle import EXPORT_BY_ACCOUNT
from blog.transfer.account import exported


@bp.post("/auth/account/export")
@requires(Can.KEEP_ACCOUNT, recent=True)
def export_account() -> ResponseReturnValue:
    person, title = me(), g.site.title
    if wait := EXPORT_BY_ACCOUNT.hit(str(person.id)):
        db.session.commit()
        flash(f"That was asked for too often. Wait {in_minutes(wait)} minutes.", "bad")
        return redirect(url_for(".account"))
    record("exported their account", by=person)
    db.session.commit()
    only_reading.set(True)  # it takes its time, and others may write meanwhile
    now = utcnow()
    file = exported(person, site=title, now=now)
    db.session.rollback()
    name = f"{person.handle}-{now:%Y-%m-%d}.zip"
    response = Response(wrap_file(request.environ, file), mimetype="application/zip", direct_passthrough=True)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.call_on_close(file.close)
    return response
