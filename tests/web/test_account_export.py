"""All that is one's own, as one file to take along."""

import json
import zipfile
from io import BytesIO
from uuid import uuid4

import pytest
import yaml
from factories import PASSWORD, a_picture, a_post, a_user, an_admin, an_editor

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Kept, Passkey, WorkingCopy, name_co_author, record
from blog.transfer import account

WHERE = "/auth/account/export"


def export(browser) -> zipfile.ZipFile:
    with browser.post(WHERE) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "application/zip"
        return zipfile.ZipFile(BytesIO(answer.data))


def lines(zipped, name) -> list[dict]:
    return [json.loads(line) for line in zipped.read(name).decode().splitlines()]


def post_in(zipped, slug) -> tuple[dict, str]:
    _, matter, body = zipped.read(f"posts/{slug}.md").decode().split("---\n", 2)
    return yaml.safe_load(matter), body.strip()


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD, biography="Counts\nswifts.", handle="ada")


def test_everything_of_ones_own_is_in_it(sign_in, ada):
    mine = a_post(by=ada, title="Swifts: a count", slug="swifts", body="One.", tags=["birds", "summer"], live=True)
    mine.revise(base=1, by=ada, waits=True, body="One.\n\nTwo – ü 🦢")
    a_post(by=ada, title="", slug="untitled", body="")
    shared = a_post(title="Shared", slug="shared", body="Ours.")
    name_co_author(shared, ada, by=shared.author)
    kept, hidden = a_post(title="Kept", slug="kept", live=True), a_post(title="Taken back", live=True)
    Kept.keep(kept, by=ada)
    Kept.keep(hidden, by=ada)
    hidden.unpublish(base=1, by=an_admin())
    a_picture(ada, alt="A swift", file_name="swift.png")
    WorkingCopy.keep(uuid4(), mine, ada, base=2, seq=1, typed={"body": "Half a"})
    the_db.session.add(Passkey(user_id=ada.id, digest="d", credential="c", public_key=b"k", name="Telephone"))
    record("did a thing", by=ada)
    browser = sign_in(ada)
    zipped = export(browser)
    assert zipped.testzip() is None
    profile = json.loads(zipped.read("profile.json"))
    assert (profile["name"], profile["email"], profile["biography"]) == ("Ada", "ada@example.com", "Counts\nswifts.")
    told, body = post_in(zipped, "swifts")
    assert body == "One.\n\nTwo – ü 🦢"
    assert (told["title"], told["tags"], told["authors"]) == ("Swifts: a count", ["birds", "summer"], ["Ada"])
    assert (told["status"], told["revision"]) == ("published", 2)
    assert [(one["number"], one["by"], one["body"]) for one in lines(zipped, "revisions/swifts.jsonl")] == [
        (1, "Ada", "One."),
        (2, "Ada", "One.\n\nTwo – ü 🦢"),
    ]
    assert post_in(zipped, "shared")[1] == "Ours."
    assert "posts/untitled.md" in zipped.namelist()
    assert "posts/kept.md" not in zipped.namelist()
    assert [one.get("title") for one in lines(zipped, "reading-list.jsonl")] == ["Kept", None]
    assert lines(zipped, "pictures.jsonl")[0]["alt"] == "A swift"
    assert lines(zipped, "unsaved.jsonl")[0]["typed"] == {"body": "Half a"}
    assert [one["name"] for one in lines(zipped, "passkeys.jsonl")] == ["Telephone"]
    assert len(lines(zipped, "sessions.jsonl")) == 1
    assert [one["action"] for one in lines(zipped, "log.jsonl")][-2:] == ["did a thing", "exported their account"]
    assert "ada@example.com" in zipped.read("README.txt").decode()


def test_nothing_of_others_and_no_secret_is_in_it(sign_in, ada):
    bob = an_editor(name="Bob Secretive", email="bob@example.com")
    a_post(by=bob, title="Of Bob", body="A draft of Bob.")
    WorkingCopy.keep(uuid4(), a_post(by=ada), bob, base=1, seq=1, typed={"body": "Private to Bob"})
    record("did a thing of their own", by=bob)
    record("changed the role of", by=bob, about=ada)
    sign_in(bob)
    browser = sign_in(ada)
    with browser.session_transaction() as session:
        secret = session["login"]
    zipped = export(browser)
    everything = b"".join(zipped.read(name) for name in zipped.namelist())
    for word in ("Bob", "bob@", ada.password_hash, secret, "digest", "password_hash"):
        assert word.encode() not in everything, word


def test_whoever_may_not_write_any_more_takes_along_what_they_own(sign_in):
    former = a_user(name="Ada")
    a_post(by=former, slug="own", body="Own.")
    shared = a_post(slug="shared")
    shared.co_authors.append(former)
    names = export(sign_in(former)).namelist()
    assert "posts/own.md" in names
    assert "posts/shared.md" not in names


def test_it_is_recorded_and_limited(sign_in, ada):
    browser = sign_in(ada)
    export(browser)
    entry = the_db.session.scalars(AuditEntry.newest().limit(1)).one()
    assert (entry.action, entry.actor, entry.about) == ("exported their account", ada, None)
    answers = []
    for _ in range(10):
        with browser.post(WHERE) as answer:
            answers.append(answer.status_code)
    assert answers == [200] * 9 + [302]


def test_many_rows_come_in_portions_and_a_large_file_from_the_disk(db, ada, monkeypatch):
    monkeypatch.setattr(account, "IN_MEMORY", 1000)
    monkeypatch.setattr(account, "AT_ONCE", 3)
    monkeypatch.setattr(account, "POSTS_AT_ONCE", 3)
    for n in range(7):
        a_post(by=ada, slug=f"post-of-ada-{n}", body=f"{uuid4()} " * 100)
        record("did a thing", by=ada, subject=str(n))
    db.session.commit()
    with account.exported(ada, site="Site", now=utcnow()) as file:
        assert file._rolled
        zipped = zipfile.ZipFile(file)
        assert len([name for name in zipped.namelist() if name.startswith("posts/")]) == 7
        assert [one["subject"] for one in lines(zipped, "log.jsonl")] == [str(n) for n in range(7)]


def test_a_name_of_any_kind_makes_a_plain_file_name(sign_in):
    with sign_in(a_user(name='Ünï "x"\r\n')).post(WHERE) as answer:
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
        assert answer.headers["Content-Disposition"].isascii()
        assert answer.headers["Cache-Control"] == "no-store"


def test_strangers_take_nothing(client):
    assert client.post(WHERE).status_code == 401
    assert client.get(WHERE).status_code == 405
