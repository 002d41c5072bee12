"""Pictures in their storage, a folder or a bucket, which keep the same promises."""

import os
import threading

import pytest
from buckets import Server
from picture_files import a_file, in_parallel

from blog.bucket import Bucket, BucketError
from blog.picture_names import version_names
from blog.pictures import Picture, accept
from blog.storage import Folder, Storage
from config import BucketPlace

SHELVED = "ab/ab" + "0" * 30 + "-1200x800.png"


@pytest.fixture
def picture() -> Picture:
    return accept(a_file())


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path / "media")


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def storage(request, folder) -> Storage:
    return folder if request.param == "folder" else Bucket(request.getfixturevalue("server").place(prefix="within/"))


def test_a_saved_picture_is_found_whole(storage, picture):
    storage.save(picture.name, picture.content)
    assert storage.exists(picture.name)
    stored = storage.open(picture.name)
    assert stored is not None
    assert stored.size == len(picture.content)
    assert stored.content() == picture.content


def test_what_is_there_stays_as_it_is(storage, picture):
    storage.save(picture.name, picture.content)
    storage.save(picture.name, b"something else")
    assert storage.open(picture.name).content() == picture.content


def test_its_versions_lie_beside_it(storage, picture):
    [version] = version_names(picture.name)
    storage.save(version, b"webp")
    assert storage.open(version).content() == b"webp"
    assert not storage.exists(picture.name)


def test_the_names_of_all_pictures_are_told_without_their_versions(storage, picture):
    other = accept(a_file(kind="GIF"))
    assert list(storage.names()) == []
    for each in (picture, other):
        storage.save(each.name, each.content)
        storage.save(version_names(each.name)[0], b"webp")
    assert sorted(storage.names()) == sorted([picture.name, other.name])


def test_a_deleted_picture_is_gone_and_may_be_deleted_twice(storage, picture):
    storage.save(picture.name, picture.content)
    for _ in range(2):
        storage.delete(picture.name)
        assert not storage.exists(picture.name)
        assert storage.open(picture.name) is None


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "ab/../../x", SHELVED + "\0", "", "ab", SHELVED, SHELVED + "-641.webp"]
)
def test_other_names_and_absent_pictures_lead_nowhere(storage, name):
    assert storage.open(name) is None
    assert not storage.exists(name)
    storage.delete(name)


@pytest.mark.parametrize("name", ["../../evil.png", SHELVED + "-641.webp", SHELVED.replace("png", "svg")])
def test_a_picture_with_a_name_of_its_own_making_is_not_saved(storage, name):
    with pytest.raises(ValueError, match="not the name of a picture"):
        storage.save(name, b"")


def test_many_may_save_the_same_picture_at_once(storage, picture):
    together = threading.Barrier(8)
    failures: list[Exception] = []

    def save() -> None:
        together.wait()
        try:
            storage.save(picture.name, picture.content)
        except Exception as failure:  # noqa: BLE001 - whatever went wrong in the thread
            failures.append(failure)

    in_parallel(save, 8)
    assert failures == []
    assert list(storage.names()) == [picture.name]
    assert storage.open(picture.name).content() == picture.content


def test_a_storage_that_works_has_no_fault(storage, picture):
    storage.save(picture.name, picture.content)
    assert storage.fault() == ""
    assert list(storage.names()) == [picture.name]


# A folder


def test_a_file_is_readable_for_all(folder, picture):
    folder.save(picture.name, picture.content)
    assert folder.path(picture.name).stat().st_mode & 0o777 == 0o644


def test_saving_twice_writes_once_and_leaves_nothing_else(folder, picture):
    folder.save(picture.name, picture.content)
    before = (folder.root / picture.name).stat()
    folder.save(picture.name, picture.content)
    after = (folder.root / picture.name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in (folder.root / picture.name).parent.iterdir()] == [picture.name[3:]]


def test_nothing_is_left_when_the_disk_is_full(folder, picture, monkeypatch):
    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.save(picture.name, picture.content)
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (folder.root / "ab").mkdir(parents=True)
    (folder.root / SHELVED).symlink_to(tmp_path / "secret")
    assert folder.path(SHELVED) is None


# A bucket


def test_a_bucket_holds_pictures_where_its_address_says_and_as_what_they_are(server, picture):
    place = server.place(prefix="blog/pictures/")
    Bucket(place).save(picture.name, picture.content)
    found = server.client.get_object(Bucket=place.name, Key=f"blog/pictures/{picture.name}")
    with found["Body"] as body:
        assert body.read() == picture.content
    assert found["ContentType"] == "image/png"
    assert found["CacheControl"] == "public, max-age=31536000, immutable"


def test_a_bucket_lists_more_than_one_page_of_names(server):
    bucket = Bucket(server.place())
    names = [f"{n:02x}/{n:02x}{'0' * 27}{i:03x}-1x1.png" for n in range(3) for i in range(350)]
    for name in names:
        server.client.put_object(Bucket=bucket.place.name, Key=name, Body=b"")
    assert list(bucket.names()) == names


def test_a_bucket_that_is_not_there_says_so_in_one_line(server, picture):
    bucket = Bucket(BucketPlace("nowhere", endpoint=server.endpoint, region="us-east-1"))
    for deed in (
        lambda: bucket.save(picture.name, picture.content),
        lambda: list(bucket.names()),
    ):
        with pytest.raises(BucketError, match=r"^the bucket nowhere does not answer as it should: .*NoSuchBucket"):
            deed()
    assert "NoSuchBucket" in bucket.fault()
    assert "\n" not in bucket.fault()


def test_a_server_that_does_not_answer_is_told_in_one_line(picture, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "word")
    bucket = Bucket(BucketPlace("pictures", endpoint="http://127.0.0.1:1", region="us-east-1"))
    for deed in (lambda: bucket.open(picture.name), lambda: bucket.exists(picture.name)):
        with pytest.raises(BucketError, match="the bucket pictures does not answer as it should"):
            deed()
    assert "127.0.0.1:1" in bucket.fault()
