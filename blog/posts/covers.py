"""The cover that comes with the form of a post: looked at first, kept at once, whatever becomes of the rest."""

from collections.abc import Sequence

from flask import current_app, g, request
from werkzeug.exceptions import TooManyRequests

from blog import library, limits
from blog.access import me
from blog.database import db
from blog.forms import tidy
from blog.models import Media
from blog.models.media import ALT_LIMIT
from blog.picture_names import WHERE, name_in
from blog.pictures import Picture, RefusedPicture
from blog.posts import uploads

FIELD = "cover_file"
OFFERED = 12


def sent() -> Picture | RefusedPicture | None:
    """The picture of this request, decoded once; or why it is refused."""
    if "cover_sent" not in g:
        g.cover_sent = _decoded()
    return g.cover_sent  # type: ignore[no-any-return]


def kept() -> str:
    """The address of the picture that was sent, which is kept from now on; empty where none was sent or it is none.

    Commits, so that a form that is refused for another reason need not send the picture again.
    """
    picture = sent()
    if not isinstance(picture, Picture):
        return ""
    try:
        name, words = uploads.name_of(uploads.sent(FIELD)[0]), tidy(request.form.get("cover_alt"))[:ALT_LIMIT]
        library.keep(picture, owner_id=me().id, file_name=name, alt=words)
    except OSError:
        current_app.logger.exception("a cover could not be stored")
        g.cover_sent = RefusedPicture(uploads.NOT_STORED)
        return ""
    return WHERE + picture.name


def is_ours(address: str) -> bool:
    """Whether this is the address of a picture that we have."""
    return bool(name_in(address)) and Media.at(address) is not None


def words_of(address: str) -> str:
    """What the library says the picture shows."""
    found = Media.at(address)
    return found.alt if found else ""


def offered() -> Sequence[Media]:
    """The newest pictures of the library, to choose from."""
    return db.session.scalars(Media.shelved().order_by(Media.id.desc()).limit(OFFERED)).all()


def _decoded() -> Picture | RefusedPicture | None:
    files = uploads.sent(FIELD)
    if not files:
        return None
    try:
        limits.of_uploads(me())
        return uploads.decoded(files[0])
    except TooManyRequests:
        return RefusedPicture("You have sent a great many pictures. Wait an hour, then send this one again.")
    except RefusedPicture as refusal:
        return refusal
