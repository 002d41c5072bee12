"""Finished pages: who gets them, how they are sent, and that none is ever stale. On real commits, on both databases."""

import base64
import gzip
import json
import time
from contextlib import contextmanager
from contextvars import Context
from datetime import timedelta
from threading import Thread

import brotli
import pytest
import sqlalchemy as sa
from conftest import app_on
from factories import a_post, an_admin, an_editor, the_site
from flask import session
from looking import headlines
from werkzeug.test import Client

from blog.database import db, utcnow
from blog.finished import Finished, encoding_for
from blog.models import LoginSession, Post, Site, Tag, User
from blog.page_cache import Shelf, kept

PATIENCE = 1.0  # seconds after which a page that still shows the old is a defect


@pytest.fixture
def app(real_app):
    """A site with one post, whose pages are kept."""
    cache = real_app.extensions["page_cache"]
    cache.is_on, cache.plain, cache.asked = True, Shelf(3_000_000), Shelf(1_000_000)
    with real_app.app_context():
        the_site(title="The Lean-To")
        ada = an_editor(name="Ada Byron", handle="ada")
        a_post(by=ada, live=True, title="Kept words", slug="kept", tags=["Tea"], body="Words. " * 100)
        a_post(by=ada, title="Secret draft", slug="draft")
        db.session.commit()
        yield real_app


@contextmanager
def statements():
    """The SELECT statements that pages cost; the look at the edition is not one of them."""
    seen: list[str] = []

    def listen(_connection, _cursor, statement, *_):
        if statement.startswith("SELECT") and not statement.startswith("SELECT edition."):
            seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)


def get(app, path="/posts/kept", **headers):
    db.session.commit()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(app, "GET", path, headers=sent)


def ask(app, method, path, **how):
    """Not by the tests' own browser, which reads every page and its forms; but in a context of its own, as there."""
    return Context().run(Client(app).open, path, method=method, **how)


def member(app):
    """A browser in which somebody is signed in."""
    browser = app.test_client()
    secret = LoginSession.start(an_admin(name="Grace Hopper"))
    db.session.commit()
    with browser.session_transaction() as cookie:
        cookie["login"] = secret
    return browser


def change(app, work):
    """Do something to the site, and commit it."""
    done = work()
    db.session.commit()
    return done


def the_post() -> Post:
    return db.session.scalars(sa.select(Post).where(Post.slug == "kept")).one()


# Who gets them


def test_the_second_stranger_costs_no_query(app):
    for path in ("/", "/posts/kept", "/tags", "/tags/tea", "/authors", "/authors/ada", "/feed.atom"):
        first = get(app, path)
        with statements() as seen:
            assert get(app, path).data == first.data
        assert first.status_code == 200
        assert seen == [], path


def test_somebody_signed_in_gets_a_page_of_their_own_and_leaves_none_behind(app):
    grace = member(app)
    assert "Grace Hopper" in grace.get("/posts/kept").text
    assert "Grace Hopper" not in get(app).text
    assert "Grace Hopper" in grace.get("/posts/kept").text
    assert "Sign in" in get(app).text


def test_pages_of_a_person_are_stored_nowhere(app):
    response = member(app).get("/posts/kept")
    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.headers["Vary"]


def test_a_strangers_page_may_be_stored_but_must_be_asked_about(app):
    response = get(app)
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert response.headers["Vary"] == "Accept-Encoding, Cookie"
    assert "Set-Cookie" not in response.headers


def test_what_is_not_a_whole_public_page_is_not_kept(app):
    for path in ("/posts/nothing", "/posts/draft", "/tags/nothing", "/nothing", "/auth/login", "/healthz"):
        get(app, path)
    cache = app.extensions["page_cache"]
    assert not cache.plain.pages
    assert not cache.asked.pages


def test_an_answer_that_sets_a_cookie_is_for_one_person(app):
    @kept()
    def generous():
        session["seen"] = "yes"
        return "hello"

    generous.access_rule = None
    app.add_url_rule("/generous", view_func=generous)
    response = ask(app, "GET", "/generous")
    assert "Set-Cookie" in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert not app.extensions["page_cache"].plain.pages


def test_a_page_under_another_name_of_the_site_is_another_page(app):
    here = app.test_client().get("/feed.atom", base_url="http://one.example")
    there = app.test_client().get("/feed.atom", base_url="http://two.example")
    assert "http://one.example/" in here.text
    assert "http://one.example/" not in there.text


# Addresses made up


def test_parameters_nobody_knows_change_nothing_and_fill_no_shelf(app):
    plain = get(app, "/")
    for number in range(5):
        assert get(app, f"/?utm_source={number}&x[]=1").data == plain.data
    cache = app.extensions["page_cache"]
    assert len(cache.plain.pages) == 1
    assert len(cache.asked.pages) == 0


def test_parameters_nobody_knows_do_not_reach_a_page_of_somebody_signed_in_either(app):
    grace = member(app)
    assert "utm_source" not in grace.get("/?utm_source=7").text
    assert headlines(grace.get("/?utm_source=7")) == headlines(grace.get("/"))


def test_a_query_is_the_same_in_whatever_order_and_wherever_it_repeats_itself(app):
    get(app, "/?before=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgMV0&x=1")
    get(app, "/?y=2&before=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgMV0&before=other")
    assert len(app.extensions["page_cache"].asked.pages) == 1


def test_a_broken_cursor_is_a_404_still(app):
    assert get(app, "/?before=nonsense").status_code == 404


def test_cursors_made_up_without_end_crowd_out_no_page(app):
    cache = app.extensions["page_cache"]
    cache.asked = Shelf(100_000)
    get(app, "/")
    for number in range(1, 20):
        moment = utcnow() + timedelta(hours=number)
        sent = sa.literal(moment).value.isoformat()
        assert get(app, "/?before=" + encoded(sent, number)).status_code == 200
    assert ("localhost", "http", "/", "") in cache.plain.pages
    assert 0 < len(cache.asked.pages) < 19
    assert cache.asked.used <= 100_000


def encoded(moment: str, number: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment, number]).encode()).decode().rstrip("=")


def test_a_shelf_holds_no_more_than_it_has_room_for():
    shelf = Shelf(100_000)
    for number in range(200):
        page = Finished("200 OK", [], b"x" * 1000, issue=(number,), is_public=True, for_good=False)
        shelf.put((str(number % 150),), page)
    assert shelf.used == sum(page.size + len(key[-1]) for key, page in shelf.pages.items()) <= 100_000
    assert ("49",) in shelf.pages, "the newest stay"


# How they are sent


def test_a_page_is_sent_compressed_as_the_browser_likes_it(app):
    plain = get(app)
    assert "Content-Encoding" not in plain.headers
    brotlied, gzipped = get(app, Accept_Encoding="gzip, deflate, br"), get(app, Accept_Encoding="gzip")
    assert brotlied.headers["Content-Encoding"] == "br"
    assert gzipped.headers["Content-Encoding"] == "gzip"
    assert brotli.decompress(brotlied.data) == gzip.decompress(gzipped.data) == plain.data
    assert len(brotlied.data) < len(plain.data) / 2
    assert len({response.headers["ETag"] for response in (plain, brotlied, gzipped)}) == 3


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", ""),
        ("identity", ""),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.5", "br"),
        ("BR", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("gzip;q=0, *", "br"),
        ("br;q=x", ""),
        ("zstd, compress", ""),
    ],
)
def test_only_what_the_browser_takes_is_sent(accepted, encoding):
    assert encoding_for(accepted) == encoding


def test_a_browser_that_has_the_page_is_told_so(app):
    for accepted in ("", "gzip", "br"):
        page = get(app, Accept_Encoding=accepted)
        again = get(app, Accept_Encoding=accepted, If_None_Match=page.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control"):
            assert again.headers[name] == page.headers[name]


def test_a_tag_made_weak_by_a_proxy_or_one_among_several_is_known_too(app):
    tag = get(app).headers["ETag"]
    for sent in (f"W/{tag}", f'"other", {tag}', f'{tag.rstrip(chr(34))}-gzip"', "*"):
        assert get(app, If_None_Match=sent).status_code == 304, sent
    for sent in ('"other"', "", "nonsense", '"', "W/"):
        assert get(app, If_None_Match=sent).status_code == 200, sent


def test_head_says_what_get_would_and_sends_nothing(app):
    db.session.commit()
    first = ask(app, "HEAD", "/posts/kept")  # also where it is the first to ask
    page = get(app)
    again = ask(app, "HEAD", "/posts/kept")
    for head in (first, again):
        assert head.status_code == 200
        assert head.data == b""
        assert [pair for pair in head.headers if pair[0] != "Date"] == [p for p in page.headers if p[0] != "Date"]
    assert page.data


def test_a_page_keeps_the_headers_that_guard_it(app):
    drawn, kept_page = get(app), get(app)
    assert drawn.headers == kept_page.headers
    assert kept_page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert kept_page.headers["X-Content-Type-Options"] == "nosniff"


def test_with_the_cache_switched_off_pages_are_the_same_and_drawn_each_time(app):
    page = get(app, Accept_Encoding="br")
    app.extensions["page_cache"].is_on = False
    with statements() as seen:
        again = get(app, Accept_Encoding="br")
    assert (again.data, again.headers) == (page.data, page.headers)
    assert seen


# Never stale


def the_tag() -> Tag:
    return db.session.scalars(sa.select(Tag).where(Tag.slug == "tea")).one()


def publish(slug: str) -> None:
    post = db.session.scalars(sa.select(Post).where(Post.slug == slug)).one()
    post.publish(base=post.revision, by=post.author)


def take_back() -> None:
    post = the_post()
    post.unpublish(base=post.revision, by=post.author)


def bin_it() -> None:
    post = the_post()
    post.bin(base=post.revision, by=post.author)


def revise(**changes) -> None:
    post = the_post()
    post.revise(base=post.revision, by=post.author, **changes)


def join_in() -> None:
    post = the_post()
    post.co_authors.append(an_editor(name="Grace H."))


CHANGES = {
    "a post is published": ("/", "Secret draft", True, lambda: publish("draft")),
    "a post is unpublished": ("/", "Kept words", False, take_back),
    "a post is binned": ("/", "Kept words", False, bin_it),
    "a post is renamed": ("/posts/kept", "Better words", True, lambda: revise(title="Better words")),
    "a post's words change": ("/posts/kept", "Quite other words", True, lambda: revise(body="Quite other words")),
    "a post gets a tag": ("/tags", "Coffee", True, lambda: revise(tags=["Tea", "Coffee"])),
    "a post loses its tag": ("/posts/kept", "Tea", False, lambda: revise(tags=[])),
    "a post gets a co-author": ("/posts/kept", "Grace H.", True, join_in),
    "an author is renamed": ("/posts/kept", "Ada L.", True, lambda: setattr(the_post().author, "name", "Ada L.")),
    "an author writes a biography": (
        "/authors/ada",
        "Knows looms",
        True,
        lambda: setattr(the_post().author, "biography", "Knows looms"),
    ),
    "a tag is renamed": ("/tags/tea", "Green tea", True, lambda: setattr(the_tag(), "name", "Green tea")),
    "the settings change": ("/", "The Shed", True, lambda: setattr(Site.current(), "title", "The Shed")),
    "a line is typed into the database": (
        "/posts/kept",
        "Mended by hand",
        True,
        lambda: db.session.execute(sa.text("UPDATE posts SET title = 'Mended by hand' WHERE slug = 'kept'")),
    ),
    "many posts change in one statement": (
        "/",
        "Kept words",
        False,
        lambda: db.session.execute(sa.update(Post).values(binned_at=utcnow())),
    ),
}


def test_a_change_made_on_this_machine_is_seen_by_the_next_reader(app):
    for what, (path, words, afterwards, work) in CHANGES.items():
        set_back()
        assert (words in get(app, path).text) is not afterwards, what
        change(app, work)
        assert (words in get(app, path).text) is afterwards, what


def set_back() -> None:
    post = the_post()
    post.publish(base=post.revision, by=post.author, title="Kept words", tags=["Tea"], body="Words. " * 100)
    db.session.commit()


@pytest.mark.parametrize("what", ["a post is unpublished", "a tag is renamed", "a line is typed into the database"])
def test_a_change_made_elsewhere_is_seen_within_a_second(app, what):
    path, words, afterwards, work = CHANGES[what]
    assert (words in get(app, path).text) is not afterwards
    bell = app.extensions["page_cache"].newsstand.bell
    silent = bytes(bell[:])
    change(app, work)
    bell[:] = silent  # as if another machine had made it, whose bell is not heard here
    assert_soon(lambda: (words in get_quietly(app, path)) is afterwards)


def assert_soon(is_fresh) -> None:
    """However slow the machine: a question asked later than that after the change gets the new answer."""
    began = asked = time.monotonic()
    while not is_fresh():
        assert asked - began < PATIENCE, "the page is stale"
        time.sleep(0.02)
        asked = time.monotonic()


def get_quietly(app, path: str) -> str:
    return ask(app, "GET", path).text


def test_a_post_goes_live_on_the_second_though_every_page_is_kept(app):
    moment = utcnow() + timedelta(seconds=2.5)
    change(app, lambda: a_post(title="On the second", slug="soon", published_at=moment))
    paths = ("/", "/feed.atom", "/authors")
    assert "On the second" not in get(app, "/").text
    assert get(app, "/posts/soon").status_code == 404
    while utcnow() < moment + timedelta(seconds=PATIENCE):
        for path in paths:
            get_quietly(app, path)
        time.sleep(0.02)
    assert "On the second" in get_quietly(app, "/")
    assert "On the second" in get_quietly(app, "/feed.atom")
    assert app.test_client().get("/posts/soon").status_code == 200


def test_another_application_on_the_same_database_sees_the_change_too(app, tmp_path):
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    other = app_on(url, tmp_path / "other", PAGE_CACHE="4")
    assert "Kept words" in get_quietly(other, "/")
    change(app, lambda: revise(title="Told to everybody"))
    assert_soon(lambda: "Told to everybody" in get_quietly(other, "/"))
    with other.app_context():
        db.engine.dispose()


def test_what_readers_cannot_see_makes_no_new_edition(app):
    page = get(app)
    with statements() as seen:
        change(app, lambda: a_post(title="Another draft"))
        change(app, lambda: LoginSession.start(db.session.scalars(sa.select(User)).first()))
        seen.clear()
        assert get(app).data == page.data
    assert seen == []


def test_an_edition_comes_of_a_commit_and_not_of_a_change_taken_back(app):
    page = get(app)
    revise(title="Never said")
    db.session.flush()
    db.session.rollback()
    assert get(app).data == page.data


def test_a_page_that_was_kept_is_not_shown_while_the_database_does_not_answer(app):
    get(app)
    db.session.execute(sa.text("DROP TABLE edition"))
    db.session.commit()
    assert app.extensions["page_cache"].newsstand.issue() is None
    assert get(app).status_code == 200, "drawn anew each time"
    with statements() as seen:
        get(app)
    assert seen


def test_a_new_year_comes_to_pages_that_nobody_changes(app, monkeypatch):
    newsstand = app.extensions["page_cache"].newsstand
    before = newsstand.ask()
    monkeypatch.setattr("blog.newsstand.utcnow", lambda: utcnow() + timedelta(minutes=15))
    assert newsstand.ask() != before


# Many at once


def test_a_thousand_first_readers_at_once_cost_one_drawing(app):
    get(app, "/tags/tea")  # as warm as a server is
    pages: list[bytes] = []

    def read() -> None:
        browser = Client(app)
        pages.extend(browser.get("/posts/kept").data for _ in range(50))

    threads = [Thread(target=read) for _ in range(20)]
    with statements() as seen:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(pages) == 1000
    assert len(set(pages)) == 1
    assert sum("FROM site" in statement for statement in seen) == 1
