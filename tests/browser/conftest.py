"""A real browser before the real application, on SQLite: what scripts do cannot be seen otherwise."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from conftest import app_on
from factories import an_editor
from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from blog.database import begin_writing, only_reading
from blog.database import db as the_db
from blog.models import LoginSession, User

sync_api = pytest.importorskip("playwright.sync_api", reason="NOT RUN IN A BROWSER: there is no playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
PATIENCE = 10_000  # milliseconds, on a machine that does much else


class Quiet(WSGIRequestHandler):
    def log(self, *_words: object) -> None:
        pass


class Site:
    """The application at an address of this machine; it can be stopped as if killed, and started again."""

    def __init__(self, app: Flask) -> None:
        self.app, self.port = app, 0
        self.server: BaseWSGIServer | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True, request_handler=Quiet)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


@pytest.fixture(scope="session")
def playwright():
    if CHROMIUM is None:
        pytest.skip("NOT RUN IN A BROWSER: there is no Chromium here (Debian: apt install chromium)")
    with sync_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    app = app_on(f"sqlite:///{tmp_path}/site.db", tmp_path)
    with app.app_context():
        the_db.create_all()
        the_db.session.commit()
        token = only_reading.set(True)  # a test that looks must not keep the application from writing
        served = Site(app)
        yield served
        served.stop()
        only_reading.reset(token)
        the_db.session.remove()
        the_db.engine.dispose()


@pytest.fixture
def ada(site) -> User:
    person = an_editor(name="Ada")
    the_db.session.commit()
    return person


@contextmanager
def writing() -> Iterator[None]:
    """A transaction of the test's own that writes while the application does too: it waits for its turn."""
    begin_writing()
    yield
    the_db.session.commit()
    only_reading.set(True)


def cookie_of(site: Site, person: User) -> dict[str, str]:
    """What a browser holds in which this person has signed in."""
    with site.app.test_client() as browser:
        with writing():
            secret = LoginSession.start(person)
        with browser.session_transaction() as session:
            session["login"] = secret
        kept = browser.get_cookie(site.app.config["SESSION_COOKIE_NAME"])
    return {"name": kept.key, "value": kept.value, "url": site.address}


@pytest.fixture
def browser_of(site, chromium) -> Iterator[Callable[..., object]]:
    """A browser of this person's own, with options as playwright has them."""
    opened = []

    def browser(person: User | None = None, **options):
        context = chromium.new_context(base_url=site.address, **options)
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        if person:
            context.add_cookies([cookie_of(site, person)])
        return context

    yield browser
    for context in opened:
        context.close()


@pytest.fixture
def desk(browser_of, ada):
    """A page in Ada's browser. What its scripts throw, and what its policy forbids, fails the test."""
    page = browser_of(ada).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    assert not faults


def opened(page, post) -> None:
    page.goto(f"/write/posts/{post}")
    page.wait_for_selector(".toolbar")


def type_at_end(page, text: str) -> None:
    page.focus("#body")
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def told(page, words: str) -> None:
    page.locator(".saved", has_text=words).wait_for(timeout=30_000)
