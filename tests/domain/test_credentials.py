"""Sessions: what opens them, and for how long."""

from datetime import timedelta

import pytest
from factories import a_user
from sqlalchemy import func, select

from blog.database import utcnow
from blog.models import LoginSession, UserRole
from blog.models.credentials import PROOF_LASTS, USE_IS_NOTED
from blog.models.rights import STAYS

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


@pytest.mark.parametrize("role", UserRole)
def test_a_session_ends_when_it_is_not_used_for_as_long_as_its_role_allows(db, wait, role):
    secret = LoginSession.start(a_user(role))
    wait(STAYS[role].idle - SECOND)
    assert LoginSession.of(secret) is not None
    for _ in range(2):
        wait(SECOND)
        assert LoginSession.of(secret) is None


@pytest.mark.parametrize("role", UserRole)
def test_a_session_in_use_ends_all_the_same(db, wait, role):
    me = a_user(role)
    secret, stay = LoginSession.start(me), STAYS[role]
    passed = timedelta(0)
    while passed + stay.idle < stay.longest:
        wait(stay.idle - SECOND)
        passed += stay.idle - SECOND
        LoginSession.note_use(LoginSession.of(secret).id)
    wait(stay.longest - passed - SECOND)
    assert LoginSession.of(secret) is not None
    assert len(db.session.scalars(LoginSession.living_of(me)).all()) == 1
    wait(SECOND)
    assert LoginSession.of(secret) is None
    assert db.session.scalars(LoginSession.living_of(me)).all() == []


def test_the_more_a_role_may_do_the_sooner_its_sessions_end():
    viewer, editor, admin = (STAYS[role] for role in (UserRole.viewer, UserRole.editor, UserRole.admin))
    assert viewer.idle > editor.idle > admin.idle
    assert viewer.longest > editor.longest > admin.longest


def test_a_role_that_has_risen_shortens_the_sessions_there_are(db, wait):
    me = a_user()
    secret = LoginSession.start(me)
    wait(STAYS[UserRole.admin].idle)
    assert LoginSession.of(secret) is not None
    me.role = UserRole.admin
    assert LoginSession.of(secret) is None


def test_a_role_with_more_rights_ends_the_sessions_and_one_with_fewer_does_not(db):
    me, boss = a_user(UserRole.editor), a_user(UserRole.admin)
    secret = LoginSession.start(me)
    me.change_role(UserRole.viewer, by=boss)
    assert LoginSession.of(secret) is not None
    me.change_role(UserRole.admin, by=boss)
    assert LoginSession.of(secret) is None


def test_use_is_written_down_now_and_then(db, wait):
    login = LoginSession.of(LoginSession.start(a_user()))
    began = login.used_at
    for after, is_news in ((timedelta(0), False), (USE_IS_NOTED - SECOND, False), (SECOND, True)):
        wait(after)
        assert login.use_is_news is is_news
        LoginSession.note_use(login.id)
        db.session.refresh(login)
        assert (login.used_at > began) is is_news


def test_a_proof_is_recent_for_half_an_hour_and_renews_the_secret(db, wait):
    secret = LoginSession.start(a_user())
    wait(PROOF_LASTS - SECOND)
    assert LoginSession.of(secret).is_proved
    wait(SECOND)
    assert not LoginSession.of(secret).is_proved
    fresh = LoginSession.renew(secret)
    db.session.expire_all()
    assert LoginSession.of(fresh).is_proved
    assert LoginSession.of(secret) is None
    assert LoginSession.renew(secret) is None


def test_a_new_session_sweeps_out_those_that_ended(db, wait):
    LoginSession.start(a_user())
    wait(STAYS[UserRole.viewer].longest + SECOND)
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
