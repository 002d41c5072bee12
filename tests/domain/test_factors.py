"""Second factors: an app whose codes count once, recovery codes, passkeys, and for whom one is asked."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from factories import a_user, an_admin, an_editor, the_site
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Authenticator, LoginSession, Passkey, Purpose, RecoveryCode, Token
from blog.models.factors import (
    factors_of,
    has_factor,
    must_enrol,
    remove_passkey,
    reset_factors,
)
from blog.models.passkey import TakenPasskeyError
from blog.models.site import FactorNeededError
from blog.sealing import BrokenSealError

STEP = timedelta(seconds=30)


@pytest.fixture
def ada(db):
    return an_editor(name="Ada")


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with time_machine.travel("2026-11-26T12:00:10+00:00", tick=False) as clock:
        yield clock


def an_app(person) -> pyotp.TOTP:
    """The app on the telephone of this person, set up a while ago."""
    sealed = Authenticator.begin(person)
    app = pyotp.TOTP(Authenticator.secret_in(sealed, person))
    assert Authenticator.enrol(person, sealed, app.at(utcnow()))
    the_db.session.execute(Authenticator.__table__.update().values(last_step=0))
    return app


def a_passkey(person, credential="one", **fields) -> Passkey:
    made = Passkey.add(person, credential=credential, name="Telephone", public_key=b"key", **fields)
    the_db.session.flush()
    return made


def actions() -> list[str]:
    return list(the_db.session.scalars(AuditEntry.newest().with_only_columns(AuditEntry.action)))


# The app


def test_an_app_counts_once_a_first_code_is_right(ada, clock):
    sealed = Authenticator.begin(ada)
    app = pyotp.TOTP(Authenticator.secret_in(sealed, ada))
    wrong = f"{(int(app.at(utcnow())) + 1) % 1_000_000:06}"
    for code in (wrong, "", "12345", "x" * 5000, "１２３４５６", "é", app.at(utcnow()) + "0"):
        assert not Authenticator.enrol(ada, sealed, code)
    assert not has_factor(ada)
    assert Authenticator.enrol(ada, sealed, app.at(utcnow()))
    assert factors_of(ada).has_app
    assert not Authenticator.take(ada, app.at(utcnow()))  # the first code is used
    clock.shift(STEP)
    assert Authenticator.take(ada, app.at(utcnow()))


def test_a_code_counts_once_and_one_step_off_either_way(ada, clock):
    app = an_app(ada)
    now = utcnow()
    for off in (-3, -2, 2, 3):
        assert not Authenticator.take(ada, app.at(now + off * STEP))
    for off in (-1, 0, 1):
        code = app.at(now + off * STEP)
        assert Authenticator.take(ada, f" {code[:3]} {code[3:]}\n")
        assert not Authenticator.take(ada, code)
    assert not Authenticator.take(ada, app.at(now)), "nor an earlier one after a later one"


def test_of_two_who_bring_the_same_code_at_once_one_wins(ada, clock, monkeypatch):
    code = an_app(ada).at(utcnow())
    as_it_was = the_db.session.get(Authenticator, ada.id, populate_existing=True)
    the_db.session.expunge(as_it_was)
    assert Authenticator.take(ada, code)
    monkeypatch.setattr(the_db.session, "get", lambda *_, **__: as_it_was)  # what the slower of two has read
    assert not Authenticator.take(ada, code)


def test_the_secret_is_sealed_for_its_person(ada, app, monkeypatch):
    sealed = Authenticator.begin(ada)
    secret = Authenticator.secret_in(sealed, ada)
    assert len(secret) >= 32
    assert secret not in sealed
    for bad in (sealed[:-2], "", "x", Authenticator.begin(a_user())):
        with pytest.raises(BrokenSealError):
            Authenticator.secret_in(bad, ada)


def test_under_another_key_of_the_site_no_code_is_right_and_nothing_breaks(ada, app, monkeypatch):
    code = an_app(ada).at(utcnow())
    kept = RecoveryCode.make_anew(ada)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key of at least forty characters")
    assert not Authenticator.take(ada, code)
    assert RecoveryCode.spend(ada, kept[0])


def test_a_new_app_takes_the_place_of_the_old_one(ada, clock):
    old, new = an_app(ada), an_app(ada)
    assert not Authenticator.take(ada, old.at(utcnow()))
    assert Authenticator.take(ada, new.at(utcnow()))
    assert the_db.session.scalar(select(func.count()).select_from(Authenticator)) == 1


def test_a_code_of_somebody_else_is_none(ada, clock):
    an_app(ada)
    assert not Authenticator.take(ada, an_app(a_user()).at(utcnow()))
    assert not Authenticator.take(an_editor(), "000000")


# Recovery codes


def test_recovery_codes_count_once_each_however_they_are_copied(ada):
    codes = RecoveryCode.make_anew(ada)
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) * 5 >= 112 for code in codes)
    assert factors_of(ada).codes_left == 10
    first, second, third, *_ = codes
    for typed in (first, second.upper().replace("-", " "), f" {third.replace('-', '').replace('o', '0')} "):
        assert RecoveryCode.is_like_one(typed)
        assert not RecoveryCode.spend(a_user(), typed)
        assert RecoveryCode.spend(ada, typed)
        assert not RecoveryCode.spend(ada, typed)
    assert factors_of(ada).codes_left == 7
    assert not RecoveryCode.is_like_one("123 456")
    assert not RecoveryCode.spend(ada, "")


def test_recovery_codes_are_stored_as_digests_and_void_once_there_are_new_ones(ada):
    old = RecoveryCode.make_anew(ada)
    digests = the_db.session.scalars(select(RecoveryCode.digest)).all()
    assert {len(digest) for digest in digests} == {64}
    assert not any(code in digest or code.replace("-", "") in digest for code in old for digest in digests)
    assert RecoveryCode.are_all(ada, old)
    new = RecoveryCode.make_anew(ada)
    assert not any(RecoveryCode.spend(ada, code) for code in old)
    for codes in (old, [*new, old[0]], new + new, [], ["x"]):
        assert not RecoveryCode.are_all(ada, codes)
    assert not RecoveryCode.are_all(a_user(), new)
    assert RecoveryCode.spend(ada, new[0])


# Passkeys


def test_a_passkey_belongs_to_one_person(ada):
    key = a_passkey(ada)
    assert Passkey.of("one") is key
    assert Passkey.of("two") is None
    for person in (ada, a_user()):
        with pytest.raises(TakenPasskeyError):
            Passkey.add(person, credential="one", name="Another", public_key=b"key")
    assert [factor.name for factor in factors_of(ada).passkeys] == ["Telephone"]


@pytest.mark.parametrize(
    ("kept", "said", "is_good"), [(0, 0, True), (0, 1, True), (7, 8, True), (7, 7, False), (7, 6, False), (7, 0, False)]
)
def test_a_passkey_whose_counter_has_not_gone_on_is_refused(ada, kept, said, is_good):
    key = a_passkey(ada, sign_count=kept)
    assert key.count(said) is is_good
    the_db.session.refresh(key)
    assert key.sign_count == (said if is_good else kept)
    assert (key.used_at is not None) is is_good


# What there is, what goes, and who must


def test_recovery_codes_go_with_the_last_factor(ada):
    an_app(ada)
    key = a_passkey(ada)
    RecoveryCode.make_anew(ada)
    assert factors_of(ada).number == 2
    remove_passkey(key, by=ada)
    assert factors_of(ada).codes_left == 10
    Authenticator.remove(ada)
    assert not factors_of(ada)
    assert factors_of(ada).codes_left == 0
    assert actions()[:2] == ["removed their authenticator app", "removed a passkey"]


def test_an_admin_takes_everything_away_and_ends_the_sessions(ada):
    other, grace = a_user(), an_admin(name="Grace")
    for person in (ada, other):
        an_app(person)
        a_passkey(person, credential=person.name)
        RecoveryCode.make_anew(person)
    secret, theirs = LoginSession.start(ada), LoginSession.start(other)
    Token.issue(Purpose.sign_in, user=ada)
    reset_factors(ada, by=grace)
    assert (has_factor(ada), factors_of(ada).codes_left, LoginSession.of(secret)) == (False, 0, None)
    assert has_factor(other)
    assert LoginSession.of(theirs)
    line = the_db.session.scalar(AuditEntry.newest())
    assert (line.action, line.actor_name, line.subject) == ("reset the second factor of", "Grace", "Ada")
    assert line.about_id == ada.id


def test_a_role_that_must_have_a_factor_is_led_to_one_until_there_is_one(ada):
    site = the_site(factor_for=["editor", "admin"])
    viewer = a_user()
    assert must_enrol(ada, site)
    assert not must_enrol(viewer, site)
    a_passkey(ada)
    assert not must_enrol(ada, site)


def test_whoever_asks_a_factor_of_others_has_one(ada):
    site, grace = the_site(), an_admin()
    with pytest.raises(FactorNeededError, match="of your own first"):
        site.change(by=grace, factor_for=["admin"])
    assert site.factor_for == []
    a_passkey(grace)
    site.change(by=grace, factor_for=["editor", "admin", "editor"])
    assert site.factor_for == ["admin", "editor"]
    lost = an_admin()
    site.change(by=lost, factor_for=["admin"])  # to ask for less, one needs none
    with pytest.raises(ValueError, match="captain"):
        site.change(by=grace, factor_for=["captain"])
