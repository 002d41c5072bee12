"""Where one is signed in, and signing out from afar."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog import access, devices
from blog.access import me, requires
from blog.auth import bp
from blog.database import db
from blog.models import Can, LoginSession, record
from blog.models.rights import STAYS

MOST = 100  # that one page lists


@bp.get("/auth/account/sessions")
@requires(Can.KEEP_ACCOUNT)
def sessions() -> ResponseReturnValue:
    theirs = db.session.scalars(LoginSession.living_of(me()).limit(MOST)).all()
    return render_template("auth/sessions.html", sessions=theirs, here=g.login, stay=STAYS[me().role])


@bp.post("/auth/account/sessions/<int:session_id>/end")
@requires(Can.KEEP_ACCOUNT)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one. What is nobody's, or another person's, is as good as ended."""
    if session_id == g.login.id:
        access.sign_out()
        db.session.commit()
        flash("Signed out.")
        return redirect(url_for("posts.index"))
    access.stay()
    ended = db.session.scalar(LoginSession.living_of(me()).where(LoginSession.id == session_id))
    if ended:
        record("ended a session of", by=me(), about=me(), device=devices.in_words(ended.agent), origin=ended.origin)
        db.session.delete(ended)
        db.session.commit()
    flash("That session is over.")
    return redirect(url_for(".sessions"))


@bp.post("/auth/account/sessions/end")
@requires(Can.KEEP_ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    access.stay()
    LoginSession.end_all(me(), but=g.login)
    record("ended the other sessions of", by=me(), about=me())
    db.session.commit()
    flash("You are signed out everywhere but here.")
    return redirect(url_for(".sessions"))
