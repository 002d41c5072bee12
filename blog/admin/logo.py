"""The logo of the site: a new file, or a picture of the library."""

from collections.abc import Sequence

from flask import current_app, request

from blog import library
from blog.access import me
from blog.database import db
from blog.forms import tidy
from blog.models import Media
from blog.models.media import FILE_NAME_LIMIT
from blog.picture_names import WHERE, name_in
from blog.pictures import MAX_BYTES, Picture, RefusedPicture, accept

FIELD = "logo_file"
OFFERED = 12
NOT_STORED = "It could not be stored just now. Nothing else was lost; try again in a minute."


def sent() -> Picture | RefusedPicture | None:
    """The picture of this request, or why it is refused. Asks no database, so nobody waits for it."""
    file = request.files.get(FIELD)
    if file is None or not file.filename:
        return None
    try:
        return accept(file.stream.read(MAX_BYTES + 1))
    except RefusedPicture as refusal:
        return refusal


def kept(picture: Picture) -> str:
    """The address of the picture, which is in the library from now on. Raises RefusedPicture. Commits, so that a form
    that is refused for another reason need not send it again."""
    name = tidy((request.files[FIELD].filename or "").replace("\\", "/").rpartition("/")[2])[-FILE_NAME_LIMIT:]
    try:
        library.keep(picture, owner_id=me().id, file_name=name)
    except OSError:
        current_app.logger.exception("a logo could not be stored")
        raise RefusedPicture(NOT_STORED) from None
    return WHERE + picture.name


def is_there(address: str) -> bool:
    """Whether we have this picture. It then stays at least until this transaction ends."""
    return bool(name_in(address)) and Media.hold(name_in(address)) is not None


def offered(but: str) -> Sequence[Media]:
    """The newest pictures of the library, to choose from."""
    newest = Media.shelved().where(Media.name != name_in(but)).order_by(Media.id.desc()).limit(OFFERED)
    return db.session.scalars(newest).all()
