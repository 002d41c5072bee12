"""One's own picture: the only one that a reader may upload."""

from contextlib import closing

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog import access, library
from blog.access import me, requires
from blog.auth import bp
from blog.auth.account import in_minutes, show
from blog.database import db
from blog.models import Can, Media, record
from blog.models.throttle import PORTRAIT_BY_ACCOUNT
from blog.pictures import Picture, RefusedPicture
from blog.portraits import MOST_BYTES, portrait

FIELD = "file"
NOT_STORED = "It could not be stored just now. Try again in a minute."


@bp.post("/auth/account/picture")
@requires(Can.KEEP_ACCOUNT)
def change_picture() -> ResponseReturnValue:
    wait = PORTRAIT_BY_ACCOUNT.hit(str(me().id))
    db.session.commit()  # the try counts, and nobody waits while the picture is read
    if wait:
        return show(no_portrait=f"That was too often. Wait {in_minutes(wait)} minutes."), 429
    try:
        picture = sent()
    except RefusedPicture as refusal:
        return show(no_portrait=str(refusal)), 422
    try:
        fresh = library.keep(picture, owner_id=me().id, file_name=f"{me().handle}.{picture.name.rpartition('.')[2]}")
        if not wear(fresh.name):
            raise OSError("deleted while it was kept")
    except OSError:
        current_app.logger.exception("a portrait could not be stored")
        return show(no_portrait=NOT_STORED), 503
    flash("This is your picture now.")
    return redirect(url_for(".account"))


@bp.post("/auth/account/picture/removal")
@requires(Can.KEEP_ACCOUNT)
def remove_picture() -> ResponseReturnValue:
    wear("")
    flash("Your picture is gone.")
    return redirect(url_for(".account"))


def sent() -> Picture:
    """The picture of this request. Raises RefusedPicture. Asks no database."""
    file = request.files.get(FIELD)
    if file is None or not file.filename:
        raise RefusedPicture("Choose a picture first.")
    with closing(file):
        raw = file.stream.read(MOST_BYTES + 1)
    return portrait(raw)


def wear(name: str) -> bool:
    """Show this picture, or none, and tidy up after the one before. False where it was deleted meanwhile. Commits."""
    access.stay()
    person = me()
    held = Media.hold(name) if name else None
    if name and held is None:
        return False
    before, after = person.picture, held.address if held else ""
    if before == after:
        return True
    person.picture = after
    gone = Media.forget_portrait(before)
    record("changed their picture" if after else "removed their picture", by=person)
    db.session.commit()
    clear_away(gone)
    return True


def clear_away(name: str) -> None:
    """Delete the files of a picture that is forgotten. What cannot be deleted now, `flask media sweep` finds."""
    if not name:
        return
    try:
        library.clear_away(name)
    except OSError:
        current_app.logger.exception("the files of a portrait could not be deleted")
