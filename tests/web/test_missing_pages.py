"""What readers ask for in vain is noted for the admins, and neither slows nor fills anything."""

import time
from threading import Thread

import pytest
import sqlalchemy as sa
from conftest import app_on
from factories import a_post, a_user, an_editor
from sqlalchemy import func, select

import config
from blog.database import db as the_db
from blog.lost import MOST
from blog.models import Edition, Missing, Redirect


@pytest.fixture
def noted(app, db):
    """What stands in the list once the notes are written."""
    app.extensions["lost"].lines.clear()

    def written():
        db.session.commit()
        app.extensions["lost"].write()
        db.session.expire_all()
        return {row.path: (row.times, row.referrer) for row in db.session.scalars(select(Missing))}

    yield written
    app.extensions["lost"].lines.clear()


def test_an_address_without_a_page_is_noted_in_its_plain_spelling_and_counted(client, noted):
    client.get("/2019/old.html?secret=1")
    client.head("/2019/old.html")
    client.get("/posts/nothing")
    assert client.get("/2019/OLD.html/").status_code == 301
    assert noted() == {"/2019/old.html": (2, ""), "/posts/nothing": (1, "")}
    client.get("/2019/old.html")
    assert noted()["/2019/old.html"] == (3, "")


@pytest.mark.parametrize(
    "path",
    [
        "/auth/nothing",
        "/auth/link/secret",
        "/setup/secret",
        "/admin/nothing",
        "/write/nothing",
        "/static/none.css",
        "/media/none.png",
        "/wp-login.php",
        "/blog/wp-admin",
        "/index.php",
        "/.env",
        "/a/.git/config",
        "/favicon-32.png",
        "/backup.sql",
        "/x%00y",
        "/x%0Ay",
        "/tags?before=nonsense",
        "/" + "x" * 501,
        "/posts/ships",
        "/posts/boats",
        "/gone",
    ],
)
def test_what_is_no_page_of_a_reader_or_not_missing_is_not_noted(client, noted, path):
    a_post(live=True, slug="boats").revise(base=1, by=None, slug="ships")
    gone = a_post(live=True, slug="gone")
    gone.unpublish(base=1, by=an_editor())
    the_db.session.add(Redirect(path="/gone", post=gone))
    client.get(path)
    assert noted() == {}


def test_only_asking_is_noted(client, noted):
    client.post("/nothing")
    client.put("/nothing")
    client.options("/nothing/at/all")
    assert noted() == {}


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("http://localhost/posts/a?q=secret#x", "/posts/a"),
        ("https://example.org/links?user=secret", "https://example.org/links"),
        ("https://name:secret@example.org/", "https://example.org/"),
        ("http://localhost/auth/link/secret", ""),
        ("http://localhost/write/posts/1", ""),
        ("android-app://org.example", ""),
        ("javascript:secret", ""),
        ("http://[x", ""),
        ("secret", ""),
        ("https://example.org/" + "x" * 900, "https://example.org/" + "x" * 480),
    ],
)
def test_where_readers_came_from_is_kept_without_secrets(client, noted, referrer, kept):
    client.get("/nothing", headers={"Referer": referrer})
    assert noted() == {"/nothing": (1, kept)}


def test_asking_changes_nothing_and_costs_nothing_but_the_looking(client, noted, queries):
    with queries() as seen:
        client.get("/posts/nothing")
    assert len(seen) <= 8
    assert the_db.session.scalar(select(func.count()).select_from(Missing)) == 0
    edition = the_db.session.scalar(select(Edition.number))
    noted()
    assert the_db.session.scalar(select(Edition.number)) == edition


def test_a_flood_of_addresses_fills_neither_memory_nor_list(client, app, noted, monkeypatch):
    for n in range(MOST + 30):
        client.get(f"/flood-{n}")
    client.get("/flood-0")
    assert len(app.extensions["lost"].lines) == MOST
    assert noted()["/flood-0"] == (2, "")
    monkeypatch.setattr("blog.models.missing.KEPT", 10)
    client.get("/newest")
    kept = noted()
    assert len(kept) == 10
    assert "/newest" in kept


def test_somebody_signed_in_finds_the_same_page_missing(sign_in, noted):
    sign_in(a_user()).get("/nothing")
    assert noted() == {"/nothing": (1, "")}


def test_a_database_that_is_away_drops_the_notes_and_says_so_in_the_log(tmp_path, caplog):
    app = app_on("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    app.extensions["lost"].note("/nothing", "")
    app.extensions["lost"].write()
    assert "missing addresses could not be written" in caplog.text
    assert app.extensions["lost"].lines == {}


def test_a_busy_sqlite_drops_the_notes_and_readers_are_answered_meanwhile(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(config.TestConfig, "SQLITE_BUSY_SECONDS", 3)
    app = app_on(f"sqlite:///{tmp_path}/busy.db", tmp_path)
    with app.app_context():
        the_db.create_all()
        writer = the_db.engine.connect()
        writer.execute(sa.insert(Missing).values(path="/lock"))
    try:
        app.extensions["lost"].note("/nothing", "")
        writing = Thread(target=app.extensions["lost"].write)
        writing.start()
        began = time.monotonic()
        with app.app_context():
            assert app.test_client().get("/nowhere").status_code == 404
        assert time.monotonic() - began < 15
        writing.join(timeout=10)
    finally:
        writer.close()
    assert "missing addresses could not be written" in caplog.text


def test_outside_of_tests_the_notes_are_written_by_themselves(real_app, monkeypatch):
    monkeypatch.setattr("blog.lost.PAUSE", 0.1)
    monkeypatch.setattr(real_app, "testing", False)
    with real_app.app_context():
        assert real_app.test_client().get("/nowhere").status_code == 404
    for _ in range(50):
        time.sleep(0.1)
        with real_app.app_context():
            found = the_db.session.scalars(select(Missing.path)).all()
        if found:
            break
    assert found == ["/nowhere"]
