"""The application under test, on SQLite and on PostgreSQL, and a browser for it.

Every test that uses `app` runs once on each database. The PostgreSQL server is our own and ends with the run, unless
TEST_DATABASE_URL names one. Each test works inside a transaction that is rolled back.
"""

import os
import re
import shutil
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path

import pages
import pytest
import sqlalchemy as sa
from factories import an_editor
from flask import Flask
from flask.testing import FlaskClient
from looking import outbox
from sqlalchemy.engine import make_url
from throwaway_postgres import PostgresError, Server

from blog import create_app
from blog.database import db as the_db
from blog.models import LoginSession, User
from blog.posts.forms import shown
from config import TestConfig, mail_place

SERVER_URL = "MASTHEAD_TEST_SERVER"  # how the workers of pytest-xdist learn of the one server
NO_SERVER = "MASTHEAD_TEST_NO_SERVER"
FRAGMENTS = {"/write/preview"}  # HTML that is a part of a page
CORPORA = Path(os.environ.get("MASTHEAD_CORPORA", Path(__file__).parents[2] / "shared/corpora/given"))


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or SERVER_URL in os.environ:
        return
    if url := os.environ.get("TEST_DATABASE_URL"):
        os.environ[SERVER_URL] = url
        return
    try:
        config.stash[server_key] = Server()
        os.environ[SERVER_URL] = config.stash[server_key].url()
    except PostgresError as error:
        os.environ[NO_SERVER] = str(error)


def pytest_unconfigure(config: pytest.Config) -> None:
    if server_key in config.stash:
        config.stash[server_key].stop()
        os.environ.pop(SERVER_URL, None)


server_key = pytest.StashKey[Server]()


def pytest_report_header() -> str:
    if SERVER_URL not in os.environ:
        return f"databases: SQLite only. NOT ON POSTGRESQL: {os.environ.get(NO_SERVER)}"
    return f"databases: SQLite, and PostgreSQL at {make_url(os.environ[SERVER_URL])}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much of the table of rights was asked, where it was."""
    told = [dict(report.user_properties).get("cells", 0) for report in terminalreporter.stats.get("passed", ())]
    if asked := sum(told):
        terminalreporter.write_line(f"{asked:,} cells of the table of rights hold")


@contextmanager
def database_on(kind: str, folder: Path, name: str, *, like: str = "") -> Iterator[str]:
    """The address of a database of this kind, empty or like the one at another address, which goes afterwards."""
    if kind == "sqlite":
        if like:
            shutil.copy(like.removeprefix("sqlite:///"), folder / f"{name}.db")
        yield f"sqlite:///{folder}/{name}.db"
        return
    if SERVER_URL not in os.environ:
        pytest.skip(f"NOT RUN ON POSTGRESQL: {os.environ.get(NO_SERVER)}")
    url = make_url(os.environ[SERVER_URL]).set(drivername="postgresql+psycopg2")
    name = f"masthead_test_{name}_{os.getpid()}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(
            f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{make_url(like).database}"' if like else "")
        )
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


class Browser(FlaskClient):
    """A test client whose every request has its own context, as in production.

    Without that, requests would share `g` and the database session with the test: a user once loaded would stay
    signed in, and a view that forgot to commit would still pass.
    """

    def open(self, *args, **kwargs):
        the_db.session.commit()  # saves what the test built, and expires it so it is read afresh
        kwargs.setdefault("buffered", True)  # what is streamed is read while its request is there
        response = Context().run(super().open, *args, **kwargs)
        is_page = response.mimetype == "text/html" and response.request.path not in FRAGMENTS
        if is_page and not response.location and kwargs.get("method") != "HEAD":
            pages.check(response.text)
        return response

    def fill(self, post, **fields):
        """What the editor page of this post would send, with these fields typed over."""
        moment = shown_form(post)
        return {name: value for name, value in (moment | fields).items() if value not in (None, False)}


def shown_form(post) -> dict[str, object]:
    values = shown(post)
    values["publish_at"] = values["publish_at"].isoformat(timespec="minutes") if values["publish_at"] else ""
    return values


def worker_of(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


def app_on(url: str, folder: Path, **environ: str) -> Flask:
    app = create_app(
        TestConfig({"DATABASE_URL": url, "INSTANCE_PATH": str(folder / "instance"), "PAGE_CACHE": "0"} | environ)
    )
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp(request.param)
    with database_on(request.param, folder, worker_of(request)) as url:
        app = app_on(url, folder)
        with app.app_context():
            the_db.create_all()
        yield app
        with app.app_context():
            the_db.engine.dispose()


@pytest.fixture
def db(app: Flask):
    """The database, inside one transaction that is rolled back; commits only end savepoints."""
    with app.app_context():
        engine = the_db.engine
        with engine.connect() as connection:
            outer = connection.begin()
            the_db.engines[None] = connection
            the_db.session.configure(join_transaction_mode="create_savepoint")
            yield the_db
            the_db.session.remove()
            the_db.session.configure(join_transaction_mode="conditional_savepoint")
            the_db.engines[None] = engine
            outer.rollback()


@pytest.fixture
def client(app: Flask, db) -> Browser:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, db) -> Callable[[User], Browser]:
    """A browser in which this person is signed in."""

    def signed_in(user: User) -> Browser:
        browser = app.test_client()
        secret = LoginSession.start(user)
        with browser.session_transaction() as session:
            session["login"] = secret
        return browser

    return signed_in


@pytest.fixture(autouse=True)
def no_mail_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a mail server but one of its own, whatever the environment says."""
    connect = smtplib.SMTP._get_socket

    def only_here(self, host, port, timeout):
        assert host in ("127.0.0.1", "::1", "localhost"), f"a test would have sent mail to {host}"
        return connect(self, host, port, timeout)

    monkeypatch.setattr(smtplib.SMTP, "_get_socket", only_here)
    monkeypatch.delenv("MAIL_URL", raising=False)


@pytest.fixture
def post_box(app: Flask, db, monkeypatch: pytest.MonkeyPatch):
    """Mail is on for this test; `post_box()` gives the letters that wait, `post_box(to=…, kind=…)` some of them.

    A letter has kind, to, subject, text, html, links, and link where there is but one. Nothing is sent.
    """
    place = mail_place("smtp://127.0.0.1:9?from=blog@example.org")
    monkeypatch.setitem(app.config, "MAIL_PLACE", place)
    monkeypatch.setitem(app.config, "SITE_URL", "http://localhost")
    return outbox


@pytest.fixture
def ada(db) -> User:
    """Whom most tests of the desk are about."""
    return an_editor(name="Ada")


@pytest.fixture
def desk(ada: User, sign_in: Callable[[User], Browser]) -> Browser:
    return sign_in(ada)


@pytest.fixture
def queries(db):
    """Counts SELECT statements: `with queries() as seen: ...` then `len(seen)`."""

    @contextmanager
    def counting():
        seen: list[str] = []

        def listen(_connection, _cursor, statement, *_):
            if statement.startswith("SELECT"):
                seen.append(statement)

        sa.event.listen(sa.Engine, "before_cursor_execute", listen)
        try:
            yield seen
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", listen)

    return counting


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A kind of database, and the address of one with all tables and no rows, to be copied."""
    folder = tmp_path_factory.mktemp("blank")
    with database_on(request.param, folder, f"{worker_of(request)}_blank") as url:
        app = app_on(url, folder)
        with app.app_context():
            the_db.create_all()
            the_db.session.remove()
            the_db.engine.dispose()  # PostgreSQL copies what nobody is connected to, and SQLite's file is whole then
        yield request.param, url


@pytest.fixture
def real_app(request: pytest.FixtureRequest, blank: tuple[str, str], tmp_path: Path) -> Iterator[Flask]:
    """An application with a database of its own, whose commits are real: for races, migrations and commands."""
    name = re.sub(r"\W", "_", request.node.name)[:30].lower()
    kind, like = blank
    with database_on(kind, tmp_path, f"{worker_of(request)}_{name}", like=like) as url:
        app = app_on(url, tmp_path)
        yield app
        with app.app_context():
            the_db.session.remove()
            the_db.engine.dispose()


@pytest.fixture(scope="session")
def corpora() -> Path:
    if not CORPORA.is_dir():
        pytest.skip(f"NOT RUN: the corpora are not at {CORPORA}; set MASTHEAD_CORPORA to try them")
    return CORPORA
