"""Pictures as readers get them: from a folder and from a bucket alike, in the width that suits, for good."""

import re
import threading
from io import BytesIO

import pytest
from buckets import Server
from conftest import app_on
from factories import a_picture, a_post, an_admin, an_editor, the_site
from looking import page
from picture_files import a_file, a_sketch
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from blog import library
from blog.bucket import Bucket
from blog.checks import problems
from blog.database import db as the_db
from blog.models import LoginSession, Media, Tag, User
from blog.picture_names import version_names
from blog.pictures import accept


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def stored(request, app, monkeypatch):
    """A picture in the storage that the application has, once in either."""
    if request.param == "bucket":
        monkeypatch.setitem(app.extensions, "storage", Bucket(request.getfixturevalue("server").place()))
    picture = accept(a_file(a_sketch(1000, 600), "JPEG"))
    with app.app_context():
        library.store(picture.name, picture.content)
    return picture


def test_a_picture_is_served_for_good_and_can_do_nothing(client, stored):
    with client.get(f"/media/{stored.name}") as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", stored.content)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Length"] == str(len(stored.content))
        assert "Set-Cookie" not in answer.headers
    with client.get(f"/media/{stored.name}", headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert (again.status_code, again.data) == (304, b"")
        assert "immutable" in again.headers["Cache-Control"]
        assert "Content-Type" not in again.headers
    with client.head(f"/media/{stored.name}") as head:
        assert (head.status_code, head.data) == (200, b"")


def test_a_part_of_a_picture_may_be_asked_for(client, stored):
    with client.get(f"/media/{stored.name}", headers={"Range": "bytes=2-5"}) as answer:
        assert (answer.status_code, answer.data) == (206, stored.content[2:6])


def test_every_version_is_served_as_what_it_is(client, stored):
    for name in version_names(stored.name):
        with client.get(f"/media/{name}") as answer:
            assert answer.status_code == 200
            assert answer.mimetype == {"jpg": "image/jpeg", "webp": "image/webp"}[name.rpartition(".")[2]]


def test_a_version_that_is_not_made_yet_leads_to_the_picture_for_now(client, app, stored):
    name = version_names(stored.name)[0]
    app.extensions["storage"].delete(name)
    answer = client.get(f"/media/{name}")
    assert (answer.status_code, answer.location) == (302, f"/media/{stored.name}")
    assert answer.headers["Cache-Control"] == "no-cache"
    app.extensions["storage"].delete(stored.name)
    assert client.get(f"/media/{name}").status_code == 404
    assert client.get(f"/media/{stored.name}", headers={"If-None-Match": f'"{stored.name}"'}).status_code == 404


def test_other_names_are_no_pictures(client, stored):
    for name in ("a.png", f"{stored.name}.html", f"{stored.name}-641.webp", "../config.py", "ab/../../x", "%00"):
        assert client.get(f"/media/{name}").status_code == 404


def test_a_storage_that_is_away_is_said_to_be(client, app, monkeypatch):
    def away(*_):
        raise OSError("the bucket does not answer")

    name = f"ab/ab{'0' * 30}-10x10.png"
    for word in ("open", "exists"):
        monkeypatch.setattr(type(app.extensions["storage"]), word, away)
    assert client.get(f"/media/{name}").status_code == 503


# On a page


def test_a_page_offers_every_width_that_there_is_in_both_kinds(client, stored):
    address = f"/media/{stored.name}"
    post = a_post(live=True, body=f"![Red]({address})", cover=address, cover_alt="Red too")
    shown = page(client.get(post.path))
    offered = set()
    for one in shown.select("picture source, picture img"):
        choices = dict(choice.split() for choice in one["srcset"].split(", "))
        assert list(choices.values()) == ["320w", "640w", "960w", "1000w"]
        offered |= choices.keys()
        assert one["sizes"]
    assert offered == {address, *(f"/media/{name}" for name in version_names(stored.name))}
    for each in offered:
        with client.get(each) as answer:
            assert answer.status_code == 200
    cover, figure = shown.select_one(".cover img"), shown.select_one(".prose img")
    assert (cover.get("loading"), cover["fetchpriority"], figure["loading"]) == (None, "high", "lazy")
    for one in (cover, figure):
        assert (one["src"], one["width"], one["height"]) == (address, "1000", "600")


def test_feeds_give_every_width_with_its_whole_address(client, stored):
    a_post(live=True, body=f"![Red](/media/{stored.name})")
    feed = client.get("/feed.json").json
    html = feed["items"][0]["content_html"]
    addresses = re.findall(r'([^\s"]+) \d+w', html)
    assert len(addresses) == 8
    assert all(each.startswith("http://localhost/media/") for each in addresses)


# With a bucket of its own


def test_a_blog_on_a_bucket_has_no_folder_of_pictures(server, tmp_path):
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path, MEDIA_URL=server.url())
    with app.app_context():
        the_db.create_all()
        ada = an_editor()
        a_file_of_hers = a_file(a_sketch(700, 400))
        row = library.keep(accept(a_file_of_hers), owner_id=saved(ada))
        assert list(library.storage().names()) == [row.name]
        with app.test_client().get(row.address) as answer:
            assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert not (tmp_path / "instance" / "media").exists()
        assert not [problem for problem in problems(app) if "MEDIA_URL" in problem.text]
        the_db.session.remove()
        the_db.engine.dispose()


def test_a_bucket_that_cannot_be_used_is_named_by_the_check(server, tmp_path):
    url = f"s3://nowhere?endpoint={server.endpoint}&region=us-east-1"
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path, MEDIA_URL=url)
    with app.app_context():
        the_db.create_all()
        [problem] = [one for one in problems(app) if one.text.startswith("MEDIA_URL")]
        assert problem.is_grave
        assert "NoSuchBucket" in problem.text
        the_db.session.remove()
        the_db.engine.dispose()


def saved(person) -> int:
    the_db.session.commit()
    return person.id


# At once


def editor_of(app):
    """A browser in which an editor is signed in."""
    with app.app_context():
        secret = LoginSession.start(an_editor())
        the_db.session.commit()
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["login"] = secret
    return browser


def upload(browser, content: bytes, path: str = "/write/media"):
    return browser.post(path, data={"file": (BytesIO(content), "a.png")}, headers={"Accept": "application/json"})


def test_two_who_bring_the_same_picture_at_once_keep_it_once(real_app):
    browsers, together = [editor_of(real_app) for _ in range(2)], threading.Barrier(2)
    answers, raw = [], a_file(a_sketch(700, 400))

    def bring(browser):
        with real_app.app_context():
            together.wait()
            answers.append(upload(browser, raw))

    threads = [threading.Thread(target=bring, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["address"] == answers[1].json["address"]
    with real_app.app_context():
        assert len(the_db.session.scalars(select(Media.name)).all()) == 1


@pytest.mark.parametrize("replacing", [False, True])
def test_nobody_waits_for_the_lock_while_a_picture_is_drawn(real_app, monkeypatch, replacing):
    """On SQLite there is one writer, so what takes seconds must not be it."""
    drawing, written = threading.Event(), threading.Event()
    drawn = library.drawn

    def slowly(*args):
        drawing.set()
        assert written.wait(30)
        return drawn(*args)

    monkeypatch.setattr(library, "drawn", slowly)
    browser, answers, path = editor_of(real_app), [], "/write/media"
    if replacing:
        with real_app.app_context():
            old = a_picture(the_db.session.scalars(select(User)).one())
            path = f"/write/media/{old.id}/replacement"
            the_db.session.commit()

    def bring():
        with real_app.app_context():
            answers.append(upload(browser, a_file(a_sketch(700, 400)), path))

    thread = threading.Thread(target=bring)
    thread.start()
    assert drawing.wait(30)
    with real_app.app_context():
        the_db.session.add(Tag(name="Meanwhile", slug="meanwhile"))
        the_db.session.commit()
    written.set()
    thread.join(60)
    assert answers[0].status_code == (302 if replacing else 201)


# By command


def test_the_command_makes_what_is_missing_and_the_check_asks_for_it(real_app):
    with real_app.app_context():
        the_site()
        admin = an_admin()
        picture = accept(a_file(a_sketch(700, 400)))
        Media.keep(picture, owner_id=admin.id)
        the_db.session.commit()
        library.storage().save(picture.name, picture.content)
        asked = [problem.text for problem in problems(real_app) if "flask media widths" in problem.text]
        assert asked == ["1 picture has no smaller versions for small screens: run flask media widths"]
        the_db.session.remove()
    run = real_app.test_cli_runner().invoke
    assert run(args=["media", "widths"]).output == "1 pictures have their smaller versions now.\n"
    with real_app.app_context():
        assert all(library.storage().exists(name) for name in version_names(picture.name))
    assert run(args=["media", "widths"]).output == "0 pictures have their smaller versions now.\n"


def test_the_command_sweeps_out_what_nobody_knows(real_app):
    known, unknown = accept(a_file()), accept(a_file(kind="GIF"))
    with real_app.app_context():
        for each in (known, unknown):
            library.store(each.name, each.content)
        Media.keep(known, owner_id=an_admin().id)
        the_db.session.commit()
    result = real_app.test_cli_runner().invoke(args=["media", "sweep"])
    assert result.output == "1 pictures that nobody knew are deleted.\n"
    with real_app.app_context():
        assert list(library.storage().names()) == [known.name]


def test_the_database_itself_keeps_a_picture_that_a_post_uses(real_app):
    with real_app.app_context():
        ada = an_editor()
        row = Media.keep(accept(a_file()), owner_id=ada.id)
        a_post(by=ada, cover=row.address)
        the_db.session.commit()
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            the_db.session.execute(delete(Media).where(Media.id == row.id))
        the_db.session.rollback()
