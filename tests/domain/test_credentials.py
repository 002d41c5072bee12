"""Sessions: what opens them, and for how long."""

from datetime import timedelta

import pytest
from factories import a_user
from sqlalchemy import func, select

from blog.database import utcnow
from blog.models import LoginSession
from blog.models.credentials import SESSION_LASTS

SECOND = timedelta(seconds=1)


@pytest.fixture
def wait(monkeypatch):
    now = [utcnow()]
    monkeypatch.setattr("blog.models.credentials.utcnow", lambda: now[0])

    def on(by: timedelta) -> None:
        now[0] += by

    return on


def number_of(db, model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_session_is_opened_by_its_secret_with_its_person_in_one_query(db, queries):
    me = a_user()
    secret = LoginSession.start(me, agent="A browser", origin="192.0.2.1")
    db.session.flush()
    db.session.expunge_all()
    with queries() as seen:
        login = LoginSession.of(secret)
        assert (login.user.id, login.agent, login.origin, login.by_link) == (me.id, "A browser", "192.0.2.1", False)
    assert len(seen) == 1


@pytest.mark.parametrize("wrong", ["", "x", "\ufffd", "x" * 10_000])
def test_no_other_secret_opens_it(db, wrong):
    secret = LoginSession.start(a_user())
    for guess in (wrong, secret[:-1], secret + "x", secret.swapcase()):
        assert LoginSession.of(guess) is None


def test_no_secret_is_stored(db):
    secret = LoginSession.start(a_user())
    digest = db.session.scalar(select(LoginSession.digest))
    assert len(secret) >= 43  # 256 bits
    assert secret not in digest
    assert len(digest) == 64


def test_a_session_lasts_thirty_days(db, wait):
    secret = LoginSession.start(a_user())
    wait(SESSION_LASTS - SECOND)
    assert LoginSession.of(secret) is not None
    for _ in range(2):
        wait(SECOND)
        assert LoginSession.of(secret) is None


def test_a_new_session_sweeps_out_those_that_ended(db, wait):
    LoginSession.start(a_user())
    wait(SESSION_LASTS + SECOND)
    LoginSession.start(a_user())
    db.session.flush()
    assert number_of(db, LoginSession) == 1


def test_what_a_browser_calls_itself_is_cut_to_fit(db):
    secret = LoginSession.start(a_user(), agent="x" * 5000, origin="y" * 500)
    login = LoginSession.of(secret)
    assert (len(login.agent), len(login.origin)) == (200, 60)


def test_signing_out_ends_this_session_only(db):
    me = a_user()
    here, there = LoginSession.start(me), LoginSession.start(me)
    LoginSession.end(here)
    db.session.flush()
    assert LoginSession.of(here) is None
    assert LoginSession.of(there) is not None


def test_all_sessions_of_a_person_end_at_once(db):
    me, other = a_user(), a_user()
    mine, others = [LoginSession.start(me) for _ in range(3)], LoginSession.start(other)
    LoginSession.end_all(me)
    assert [LoginSession.of(secret) for secret in mine] == [None] * 3
    assert LoginSession.of(others) is not None
