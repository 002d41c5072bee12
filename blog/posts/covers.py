"""The cover that comes with the form of a post: looked at first, kept at once, whatever becomes of the rest."""

from flask import current_app, g, request
from sqlalchemy import exists, select

from blog.access import me
from blog.database import db
from blog.models import Media
from blog.storage import MAX_BYTES, Picture, RefusedPicture, accept

FIELD = "cover_file"
WHERE = "/media/"


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
    current_app.extensions["storage"].save(picture)
    Media.keep(picture, owner_id=me().id)
    db.session.commit()
    return WHERE + picture.name


def is_ours(address: str) -> bool:
    """Whether this is the address of a picture that we have."""
    name = address.removeprefix(WHERE)
    return address.startswith(WHERE) and bool(db.session.scalar(select(exists().where(Media.name == name))))


def _decoded() -> Picture | RefusedPicture | None:
    file = request.files.get(FIELD)
    if file is None or not file.filename:
        return None
    try:
        return accept(file.stream.read(MAX_BYTES + 1))
    except RefusedPicture as refusal:
        return refusal
