"""Pictures in their folder, and the size that their names tell."""

import os
import threading

import pytest
from picture_files import a_file, in_parallel

from blog.storage import Folder, Picture, accept, size_in_name

SHELVED = "ab/ab" + "0" * 30 + "-1200x800.png"


@pytest.mark.parametrize("before", ["", "/media/", "https://blog.example/media/"])
def test_the_size_is_read_from_a_name(before):
    assert size_in_name(before + SHELVED) == (1200, 800)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "holiday-1200x800.png",
        SHELVED + "?v=1",
        SHELVED + "\n",
        SHELVED.replace("ab/", "cd/"),
        SHELVED.replace("1200", "12001"),
        SHELVED.replace("1200", "0"),
        SHELVED.replace("1200", "\u0661"),
        SHELVED.replace("png", "svg"),
        SHELVED.upper(),
    ],
)
def test_no_size_is_read_from_other_names(name):
    assert size_in_name(name) is None


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path / "media")


@pytest.fixture
def picture() -> Picture:
    return accept(a_file())


def test_a_saved_picture_is_found_whole_and_readable_for_all(folder, picture):
    folder.save(picture)
    path = folder.path(picture.name)
    assert path is not None
    assert path.read_bytes() == picture.content
    assert path.stat().st_mode & 0o777 == 0o644


def test_saving_twice_writes_once(folder, picture):
    folder.save(picture)
    before = (folder.root / picture.name).stat()
    folder.save(picture)
    after = (folder.root / picture.name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_many_may_save_the_same_picture_at_once(folder, picture):
    together = threading.Barrier(8)
    failures: list[Exception] = []

    def save() -> None:
        together.wait()
        try:
            folder.save(picture)
        except Exception as failure:  # noqa: BLE001 - whatever went wrong in the thread
            failures.append(failure)

    in_parallel(save, 8)
    assert failures == []
    assert [path.name for path in (folder.root / picture.name).parent.iterdir()] == [picture.name[3:]]


def test_nothing_is_left_when_the_disk_is_full(folder, picture, monkeypatch):
    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.save(picture)
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "ab/../../x", SHELVED + "\0", "", "ab", SHELVED])
def test_other_names_and_absent_pictures_lead_nowhere(folder, name):
    assert folder.path(name) is None


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (folder.root / "ab").mkdir(parents=True)
    (folder.root / SHELVED).symlink_to(tmp_path / "secret")
    assert folder.path(SHELVED) is None


def test_a_picture_with_a_name_of_its_own_making_is_not_saved(folder):
    with pytest.raises(ValueError, match="not the name of a picture"):
        folder.save(Picture("../../evil.png", b"", "image/png", 1, 1))
