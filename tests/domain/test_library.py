"""Pictures into the library and out of it, also where two people are at the same one."""

import pytest
from factories import a_post, an_editor
from picture_files import a_file, a_film, a_sketch
from sqlalchemy import Engine, event, select

from blog import library
from blog.models import Media, MediaUse, UsedPictureError
from blog.picture_names import WIDTHS_VERSION, version_names
from blog.pictures import accept
from blog.storage import Folder


@pytest.fixture
def ada(db):
    person = an_editor()
    db.session.commit()  # keeping a picture lets go of what nobody has committed
    return person


@pytest.fixture
def picture():
    return accept(a_file(a_sketch(700, 400)))


@pytest.fixture(autouse=True)
def storage_of_its_own(app, db, tmp_path, monkeypatch):
    """The files of a test are not rolled back as its rows are."""
    monkeypatch.setitem(app.extensions, "storage", Folder(tmp_path / "media"))


def files_of(picture) -> list[bool]:
    return [library.storage().exists(name) for name in (picture.name, *version_names(picture.name))]


def test_a_picture_is_kept_with_all_its_versions(ada, picture):
    row = library.keep(picture, owner_id=ada.id, file_name="a.png", alt="Red")
    assert all(files_of(picture))
    assert (row.file_name, row.alt, row.widths, row.owner_id) == ("a.png", "Red", WIDTHS_VERSION, ada.id)
    assert list(library.strays()) == []


def test_what_is_there_is_not_drawn_again(ada, picture, monkeypatch):
    library.keep(picture, owner_id=ada.id)
    asked = []
    monkeypatch.setattr(library, "drawn", lambda name, content, wanted: asked.append(wanted) or ())
    library.keep(picture, owner_id=ada.id)
    assert asked == [[]]


def test_clearing_away_leaves_no_file(ada, picture):
    library.keep(picture, owner_id=ada.id)
    Media.named(picture.name).delete(by=ada)
    library.db.session.commit()
    library.clear_away(picture.name)
    assert not any(files_of(picture))


def test_who_brings_a_picture_while_another_deletes_it_has_it_whole(ada, picture, monkeypatch):
    """The files go after the row, so that somebody may come in between."""
    library.keep(picture, owner_id=ada.id)
    Media.named(picture.name).delete(by=ada)
    library.db.session.commit()
    place = library.storage()
    delete = type(place).delete
    came = []

    def delete_slowly(self, name):
        delete(self, name)
        if not came:
            came.append(True)
            library.keep(picture, owner_id=ada.id)

    monkeypatch.setattr(type(place), "delete", delete_slowly)
    library.clear_away(picture.name)
    assert Media.named(picture.name)
    assert all(files_of(picture))


def test_files_deleted_between_storing_and_remembering_come_back(ada, picture, monkeypatch):
    keep = Media.keep

    def keep_late(*args, **options):
        library.clear_away(picture.name)
        return keep(*args, **options)

    monkeypatch.setattr(Media, "keep", keep_late)
    library.keep(picture, owner_id=ada.id)
    assert all(files_of(picture))


def test_pictures_that_nobody_knows_are_found(picture):
    library.store(picture.name, picture.content)
    assert list(library.strays()) == [picture.name]


def test_missing_versions_are_made_and_what_fails_is_told(ada, picture):
    lost, moving = accept(a_file()), accept(a_film("GIF"))
    for each in (picture, lost, moving):
        Media.keep(each, owner_id=ada.id)
        library.storage().save(each.name, each.content)
    library.db.session.commit()
    library.storage().delete(lost.name)
    assert library.number_without_widths() == 3
    assert [bool(failure) for failure in library.draw_missing()] == [False, True, False]
    assert all(files_of(picture))
    assert library.number_without_widths() == 1
    library.storage().save(lost.name, b"broken")
    [failure] = library.draw_missing()
    assert failure.startswith(f"{lost.name}: cannot identify image file")


# Which posts use a picture


def uses(post) -> set[str]:
    rows = select(Media.name).join(MediaUse, MediaUse.media_id == Media.id).where(MediaUse.post_id == post.id)
    return set(library.db.session.scalars(rows))


def test_a_post_uses_what_its_text_and_its_cover_show(ada, picture):
    other, third = accept(a_file()), accept(a_file(kind="GIF"))
    for each in (picture, other, third):
        Media.keep(each, owner_id=ada.id)
    post = a_post(by=ada, body=f"![a](/media/{picture.name})", cover=f"/media/{other.name}")
    assert uses(post) == {picture.name, other.name}


def test_what_a_post_once_showed_it_uses_still(ada, picture):
    Media.keep(picture, owner_id=ada.id)
    post = a_post(by=ada, body=f"![a](/media/{picture.name})")
    post.revise(base=1, by=ada, body="No picture.")
    assert uses(post) == {picture.name}


def test_a_picture_in_use_cannot_be_deleted_and_one_of_no_post_can(ada, picture, db):
    row = Media.keep(picture, owner_id=ada.id)
    posts = [a_post(by=ada, cover=row.address) for _ in range(2)]
    with pytest.raises(UsedPictureError, match="2 posts use it, now or in an earlier revision"):
        row.delete(by=ada)
    db.session.delete(posts[0])
    db.session.flush()
    with pytest.raises(UsedPictureError, match="1 post uses it"):
        row.delete(by=ada)
    db.session.delete(posts[1])
    db.session.flush()
    row.delete(by=ada)
    assert Media.named(picture.name) is None


def test_a_text_without_pictures_of_ours_writes_nothing(db):
    statements = []

    def listen(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        MediaUse.note(1, "No picture", "![a](https://example.com/media/a.png)")
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert statements == []


def test_words_in_brackets_stay_whole_in_markdown(ada, picture):
    row = Media.keep(picture, owner_id=ada.id, alt="A [cat] \\ dog")
    assert row.markdown == f"![A \\[cat\\] \\\\ dog]({row.address})"
