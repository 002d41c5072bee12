"""A picture into the library and out of it: its files in the storage, its row in the database."""

from collections.abc import Iterator

from flask import current_app
from sqlalchemy import func, select, update

from blog.database import begin_writing, db, only_reading
from blog.models import Media
from blog.picture_names import WIDTHS_VERSION, version_names
from blog.pictures import Picture
from blog.storage import Storage
from blog.widths import drawn


def storage() -> Storage:
    found: Storage = current_app.extensions["storage"]
    return found


def store(name: str, content: bytes) -> None:
    """The picture and its smaller versions, as far as they are not there yet. Takes its time: hold no lock."""
    place = storage()
    place.save(name, content)
    missing = [each for each in version_names(name) if not place.exists(each)]
    for each, smaller in drawn(name, content, missing):
        place.save(each, smaller)


def keep(picture: Picture, *, owner_id: int, file_name: str = "", alt: str = "") -> Media:
    """Store a picture and remember it. Lets go of every lock first, and commits."""
    db.session.rollback()
    store(picture.name, picture.content)
    row = Media.keep(picture, owner_id=owner_id, file_name=file_name, alt=alt, widths=WIDTHS_VERSION)
    db.session.commit()
    if not storage().exists(picture.name):  # somebody deleted the same picture while we stored it
        store(picture.name, picture.content)
    return row


def clear_away(name: str) -> None:
    """Delete the files of a picture that no row knows. If somebody has brought it again meanwhile, put them back."""
    place = storage()
    stored = place.open(name)
    content = stored.content() if stored else b""
    for each in (name, *version_names(name)):
        place.delete(each)
    db.session.rollback()  # to see what others have committed
    if content and Media.named(name):
        store(name, content)


def strays() -> Iterator[str]:
    """Pictures of the storage that no row knows: an upload was broken off between the two."""
    only_reading.set(True)
    for name in storage().names():
        db.session.rollback()  # what has come in since the list was made is no stray
        if not Media.named(name):
            yield name


# Pictures that came in before there were smaller versions, or by an import


def number_without_widths() -> int:
    return db.session.scalar(select(func.count()).where(Media.widths < WIDTHS_VERSION)) or 0


def draw_missing() -> Iterator[str]:
    """Make the smaller versions of all pictures that lack them, one after the other. Yields what failed, or nothing.

    Commits after each, and holds no lock while it draws.
    """
    last = 0
    while True:
        only_reading.set(True)
        db.session.rollback()
        lacking = select(Media.id, Media.name).where(Media.widths < WIDTHS_VERSION, Media.id > last)
        row = db.session.execute(lacking.order_by(Media.id).limit(1)).first()
        if row is None:
            begin_writing()
            return
        last, name = row
        db.session.rollback()
        yield _draw(last, name)


def _draw(media_id: int, name: str) -> str:
    try:
        stored = storage().open(name)
        if stored is None:
            return f"{name}: the storage has no such picture"
        store(name, stored.content())
    except Exception as error:  # noqa: BLE001 - one broken picture must not keep the others from it
        return f"{name}: {error}"
    begin_writing()
    db.session.execute(update(Media).where(Media.id == media_id).values(widths=WIDTHS_VERSION))
    db.session.commit()
    return ""
