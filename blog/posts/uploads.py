"""Pictures that come with a request: each is kept, or refused by its name and with its reason."""

from dataclasses import dataclass

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from blog import library, text
from blog.access import me
from blog.models import Media
from blog.models.media import FILE_NAME_LIMIT
from blog.pictures import MAX_BYTES, Picture, RefusedPicture, accept

FIELD = "file"
MOST_AT_ONCE = 20
NO_FILE = "Choose a picture first."
NOT_STORED = "It could not be stored just now. Nothing else was lost; try again in a minute."
TOO_MANY = f"At most {MOST_AT_ONCE} pictures at once: send this one again."


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    file_name: str
    refusal: str = ""
    media: Media | None = None


def sent(field: str = FIELD) -> list[FileStorage]:
    """The files of this request. A field in which nothing was chosen is sent as a file without a name."""
    return [file for file in request.files.getlist(field) if file.filename]


def decoded(file: FileStorage) -> Picture:
    """Raises RefusedPicture. Asks no database, so nobody waits for it."""
    return accept(file.stream.read(MAX_BYTES + 1))


def taken(file: FileStorage, *, alt: str = "") -> Outcome:
    """Keep the picture in this file. Commits."""
    name = name_of(file)
    try:
        picture = decoded(file)
        return Outcome(name, media=library.keep(picture, owner_id=me().id, file_name=name, alt=alt))
    except RefusedPicture as refusal:
        return Outcome(name, str(refusal))
    except OSError:
        current_app.logger.exception("a picture could not be stored")
        return Outcome(name, NOT_STORED)


def all_taken() -> list[Outcome]:
    files = sent()
    return [taken(file) for file in files[:MOST_AT_ONCE]] + [
        Outcome(name_of(file), TOO_MANY) for file in files[MOST_AT_ONCE:]
    ]


def name_of(file: FileStorage) -> str:
    """What the person calls the file, without where it lay; of a very long name the beginning and the end."""
    whole = text.one_line(text.storable(file.filename or "")).replace("\\", "/").rpartition("/")[2]
    return whole if len(whole) <= FILE_NAME_LIMIT else f"{whole[: FILE_NAME_LIMIT - 41]}…{whole[-40:]}"
