"""One-time links: what opens them, and for how long."""

from datetime import timedelta

import pytest
from factories import a_user, an_admin
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from blog.database import utcnow
from blog.models import Purpose, Token, UserRole
from blog.models.token import KEPT, LASTS

SECOND = timedelta(seconds=1)


@pytest.fixture
def wait(monkeypatch):
    now = [utcnow()]
    monkeypatch.setattr("blog.models.token.utcnow", lambda: now[0])

    def on(by: timedelta) -> None:
        now[0] += by

    return on


def number_of(db) -> int:
    return db.session.scalar(select(func.count()).select_from(Token))


def test_no_secret_is_stored(db):
    secret = Token.issue(Purpose.setup)
    digest = db.session.scalar(select(Token.digest))
    assert len(secret) == 64  # 256 bits
    assert secret.isalnum()  # a mail program takes a hyphen at the end for the end of the address
    assert secret not in digest
    assert len(digest) == 64


def test_a_link_is_used_once(db):
    token = Token.of(Purpose.setup, Token.issue(Purpose.setup))
    assert token.spend()
    assert not token.spend()


def test_a_used_link_is_gone(db):
    secret = Token.issue(Purpose.setup)
    Token.of(Purpose.setup, secret).spend()
    db.session.expire_all()
    assert Token.of(Purpose.setup, secret) is None
    assert number_of(db) == 0


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_lasts_as_long_as_its_purpose_says(db, wait, purpose):
    secret = Token.issue(purpose)
    wait(LASTS[purpose] - SECOND)
    assert Token.of(purpose, secret) is not None
    wait(SECOND)
    assert Token.of(purpose, secret) is None


def test_a_link_may_be_void_from_the_start(db):
    secret = Token.issue(Purpose.reset, lasts=timedelta(0))
    db.session.flush()
    assert Token.of(Purpose.reset, secret) is None


def test_a_link_opens_only_what_it_is_for(db):
    me = a_user()
    secret = Token.issue(Purpose.sign_in, user=me)
    assert Token.of(Purpose.setup, secret) is None
    assert Token.of(Purpose.sign_in, secret).user is me
    assert Token.of(Purpose.sign_in, secret + "x") is None


def test_a_new_link_ends_the_one_before_and_nobody_elses(db):
    me, other = a_user(), a_user()
    first, others = Token.issue(Purpose.sign_in, user=me), Token.issue(Purpose.sign_in, user=other)
    setup = Token.issue(Purpose.setup)
    second = Token.issue(Purpose.sign_in, user=me)
    assert Token.of(Purpose.sign_in, first) is None
    assert Token.of(Purpose.sign_in, second) is not None
    assert Token.of(Purpose.sign_in, others) is not None
    assert Token.of(Purpose.setup, setup) is not None
    Token.issue(Purpose.setup)
    assert Token.of(Purpose.setup, setup) is None
    assert Token.of(Purpose.sign_in, second) is not None


def test_the_links_of_a_person_can_be_revoked(db):
    me, other = a_user(), a_user()
    mine, others = Token.issue(Purpose.sign_in, user=me), Token.issue(Purpose.sign_in, user=other)
    Token.revoke_all(me)
    assert Token.of(Purpose.sign_in, mine) is None
    assert Token.of(Purpose.sign_in, others) is not None


def test_what_a_link_is_bound_to_is_kept_with_it(db):
    boss = an_admin()
    secret = Token.issue(
        Purpose.invitation, by=boss, email="ada@example.com", role=UserRole.editor, detail={"name": "Ada"}
    )
    db.session.flush()
    db.session.expire_all()
    token = Token.of(Purpose.invitation, secret)
    assert (token.by, token.email, token.role, token.detail) == (boss, "ada@example.com", "editor", {"name": "Ada"})


def test_links_to_other_addresses_and_those_wanted_beside_one_another_stay(db):
    first = Token.issue(Purpose.confirmation, email="ada@example.com", beside=True)
    second = Token.issue(Purpose.confirmation, email="ada@example.com", beside=True)
    other = Token.issue(Purpose.confirmation, email="grace@example.com")
    assert [Token.of(Purpose.confirmation, secret) is None for secret in (first, second, other)] == [False] * 3
    Token.issue(Purpose.confirmation, email="ada@example.com")
    assert [Token.of(Purpose.confirmation, secret) is None for secret in (first, second, other)] == [True, True, False]


def test_whoever_came_in_with_an_address_needs_no_more_links_to_come_in(db):
    coming_in = (Purpose.invitation, Purpose.confirmation, Purpose.request)
    theirs = {purpose: Token.issue(purpose, email="ada@example.com") for purpose in (*coming_in, Purpose.new_address)}
    others = {purpose: Token.issue(purpose, email="grace@example.com") for purpose in coming_in}
    Token.revoke_to("ada@example.com")
    left = {purpose for purpose, secret in theirs.items() if Token.of(purpose, secret)}
    assert left == {Purpose.new_address}
    assert all(Token.of(purpose, secret) for purpose, secret in others.items())


def test_an_address_is_invited_once(db):
    Token.issue(Purpose.invitation, email="ada@example.com")
    Token.issue(Purpose.invitation, email="ada@example.com", beside=True)
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_new_link_sweeps_out_what_ran_out_long_ago(db, wait):
    Token.issue(Purpose.request, email="ada@example.com")
    wait(LASTS[Purpose.request] + KEPT - SECOND)
    Token.issue(Purpose.request, email="grace@example.com")
    assert number_of(db) == 2
    wait(2 * SECOND)
    Token.issue(Purpose.request, email="joan@example.com")
    assert number_of(db) == 2
