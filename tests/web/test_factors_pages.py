"""Setting up, looking at and taking away one's second factors."""

import re
from datetime import timedelta

import pyotp
import pytest
from factories import PASSWORD, a_user, an_editor
from looking import fault, filled, link, page, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Authenticator, LoginSession, Mail, Passkey, RecoveryCode
from blog.models.factors import factors_of, has_factor
from config import mail_place

SHORT = "five rings"
APP = "/auth/account/factors/app"


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


@pytest.fixture
def browser(sign_in, ada):
    return sign_in(ada)


def set_up(browser, **typed):
    """Scan the secret and type the code that the app makes of it, as a person would."""
    asked = browser.get(APP)
    secret = page(asked).select_one(".secret").get_text().replace(" ", "")
    code = pyotp.TOTP(secret).at(utcnow())
    return browser.post(APP, data=filled(asked) | {"code": f"{code[:3]} {code[3:]}"} | typed)


def codes_on(answer) -> list[str]:
    return [code.get_text() for code in page(answer).select(".codes code")]


def a_passkey(person, name="Telephone", credential="one") -> Passkey:
    made = Passkey.add(person, credential=credential, name=name, public_key=b"key")
    the_db.session.flush()
    return made


def test_these_pages_are_for_whoever_is_signed_in(client):
    for path in ("", "/app", "/app/removal"):
        asked = f"/auth/account/factors{path}"
        assert client.get(asked).location == f"/auth/login?next={asked}"
    for path in ("/app", "/codes", "/codes/file", "/app/removal"):
        assert client.post(f"/auth/account/factors{path}").status_code == 401


def test_an_app_is_set_up_by_picture_or_by_hand_and_brings_recovery_codes(browser, ada):
    assert link(browser.get("/auth/account/factors"), "Set up an app") == APP
    asked = browser.get(APP)
    assert "Adding a passkey needs JavaScript" in page(browser.get("/auth/account/factors")).noscript.get_text()
    svg = page(asked).select_one(".qr svg")
    assert "style" not in str(svg)
    assert re.fullmatch(r"([A-Z2-7]{4} ?){8,}", page(asked).select_one(".secret").get_text().strip())
    field = page(asked).select_one("[name=code]")
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    assert asked.headers["Cache-Control"] == "no-store"
    done = set_up(browser)
    assert done.status_code == 200
    assert "Your app is set up. Every other device is signed out." in words(done)
    assert len(codes_on(done)) == 10
    assert done.headers["Cache-Control"] == "no-store"
    assert factors_of(ada).codes_left == 10
    shown = words(browser.get("/auth/account/factors"))
    assert "10 of your recovery codes are left" in shown
    assert not any(code in shown for code in codes_on(done))
    assert the_db.session.scalar(AuditEntry.newest().with_only_columns(AuditEntry.action)) == "made new recovery codes"


def test_looking_at_the_page_changes_nothing(browser, ada):
    browser.get(APP), browser.get(APP)
    assert not the_db.session.scalar(select(Authenticator))
    assert not has_factor(ada)


def test_the_first_factor_ends_the_sessions_that_began_without(app, browser, sign_in, ada):
    other, stranger = sign_in(ada), sign_in(a_user())
    set_up(browser)
    assert other.get("/auth/account").status_code == 302
    assert stranger.get("/auth/account").status_code == 200
    assert browser.get("/auth/account").status_code == 200
    assert the_db.session.scalar(select(LoginSession.has_factor).where(LoginSession.user_id == ada.id))
    third = sign_in(ada)
    set_up(browser)
    assert third.get("/auth/account").status_code == 200


@pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "x" * 201, "\ufffd"])
def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_same_secret(browser, ada, typed):
    asked = browser.get(APP)
    answer = browser.post(APP, data=filled(asked) | {"code": typed})
    assert answer.status_code == 422
    assert fault(answer, "code")
    assert page(answer).select_one(".secret") == page(asked).select_one(".secret")
    assert not has_factor(ada)


@pytest.mark.parametrize("planted", ["", "x", "é", "gAAAA", "x" * 5000, None])
def test_a_secret_that_the_site_has_not_given_to_this_person_is_refused(browser, ada, planted):
    secret = pyotp.random_base32()
    sealed = planted if planted is not None else Authenticator.begin(a_user())
    if planted is None:
        secret = Authenticator.secret_in(
            sealed, the_db.session.scalars(select(type(ada)).order_by(type(ada).id.desc())).first()
        )
    answer = browser.post(APP, data={"sealed": sealed, "code": pyotp.TOTP(secret).at(utcnow())})
    assert answer.status_code == 422
    assert "had grown old" in fault(answer, "code")
    assert not has_factor(ada)


def test_another_app_takes_the_place_of_the_one_and_the_codes_stay(browser, ada):
    codes = codes_on(set_up(browser))
    before = the_db.session.scalar(select(Authenticator.sealed))
    assert "counts until the new one’s first code" in words(browser.get(APP))
    assert set_up(browser).location == "/auth/account/factors"
    assert the_db.session.scalar(select(Authenticator.sealed)) != before
    assert RecoveryCode.are_all(ada, codes)


# Recovery codes


def test_codes_are_made_anew_and_saved_as_a_file(browser, sign_in, ada):
    old = codes_on(set_up(browser))
    answer = browser.post("/auth/account/factors/codes")
    new = codes_on(answer)
    assert len(new) == 10
    assert not set(old) & set(new)
    form = page(answer).select_one("form[action$='/codes/file']")
    sent = {"codes": [one["value"] for one in form.select("[name=codes]")]}
    file = browser.post("/auth/account/factors/codes/file", data=sent)
    assert file.mimetype == "text/plain"
    assert file.headers["Cache-Control"] == "no-store"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert all(code in file.text for code in new)
    for bad in (old, [*new, "x"], ["<b>"], [], new * 2):
        assert browser.post("/auth/account/factors/codes/file", data={"codes": bad}).status_code == 400
    assert sign_in(a_user()).post("/auth/account/factors/codes/file", data=sent).status_code == 400


def test_without_a_factor_there_are_no_codes_to_make(browser):
    assert browser.post("/auth/account/factors/codes").location == "/auth/account/factors"
    assert "with your first factor" in words(browser.get("/auth/account/factors"))


# Taking away


def test_one_of_several_goes_with_a_press_and_the_last_with_the_password(browser, ada):
    set_up(browser)
    key = a_passkey(ada)
    path = f"/auth/account/passkeys/{key.id}/removal"
    asked = browser.get(path)
    assert "password" not in filled(asked)
    assert browser.post(path, data=filled(asked)).location == "/auth/account/factors"
    assert "The passkey is removed." in words(browser.get("/auth/account/factors"))
    last = browser.get(f"{APP}/removal")
    assert "It is the last you have" in words(last)
    for typed, why in (("", "Type your password."), ("not the password", "This is not your password.")):
        answer = browser.post(f"{APP}/removal", data=filled(last) | {"password": typed})
        assert answer.status_code == 422
        assert fault(answer, "password") == why
        assert typed == "" or typed not in answer.text
    assert factors_of(ada).has_app
    assert browser.post(f"{APP}/removal", data=filled(last) | {"password": PASSWORD}).status_code == 302
    assert not has_factor(ada)
    assert factors_of(ada).codes_left == 0


def test_a_password_that_was_good_enough_beside_a_factor_does_not_stand_alone(browser, ada):
    set_up(browser)
    ada.set_password(SHORT)
    answer = browser.post(f"{APP}/removal", data={"password": SHORT})
    assert answer.status_code == 422
    assert "too short" in fault(answer, "password")
    assert link(answer, "Choose another password") == "/auth/account"
    assert has_factor(ada)


def test_the_password_cannot_be_guessed_there(browser, ada):
    set_up(browser)
    for _ in range(10):
        browser.post(f"{APP}/removal", data={"password": "guess"})
    answer = browser.post(f"{APP}/removal", data={"password": PASSWORD})
    assert answer.status_code == 422
    assert "Too many attempts" in fault(answer, "password")
    assert has_factor(ada)


def test_whoever_has_no_password_takes_the_last_away_without(sign_in):
    bob = a_user()
    browser = sign_in(bob)
    set_up(browser)
    assert "password" not in filled(browser.get(f"{APP}/removal"))
    assert browser.post(f"{APP}/removal").status_code == 302
    assert not has_factor(bob)


def test_what_is_gone_already_cannot_go_again(browser, ada):
    assert browser.get(f"{APP}/removal").location == "/auth/account/factors"
    assert browser.post(f"{APP}/removal").location == "/auth/account/factors"
    for number in (1, 10**17):
        assert browser.get(f"/auth/account/passkeys/{number}/removal").status_code == 404
        assert browser.post(f"/auth/account/passkeys/{number}/removal").status_code == 404


# Passkeys of one's own


def test_a_passkey_gets_another_name_and_only_from_its_person(browser, sign_in, ada):
    key = a_passkey(ada)
    path = f"/auth/account/passkeys/{key.id}"
    assert browser.post(f"{path}/name", data={"name": "  Blue   key <b> "}).status_code == 302
    shown = browser.get("/auth/account/factors")
    assert "Blue key &lt;b&gt;" in shown.text
    assert "not used yet" in words(shown)
    for typed in ("", "  ", "x" * 81):
        answer = browser.post(f"{path}/name", data={"name": typed})
        assert answer.status_code == 422
        assert page(answer).select_one(f"#name-{key.id}[aria-invalid=true]")
    stranger = sign_in(a_user())
    for answer in (
        stranger.post(f"{path}/name", data={"name": "Mine"}),
        stranger.get(f"{path}/removal"),
        stranger.post(f"{path}/removal"),
    ):
        assert answer.status_code == 404
    the_db.session.expire_all()
    assert key.name == "Blue key <b>"


def test_each_change_is_told_by_mail_where_there_is_mail(app, browser, ada, monkeypatch):
    set_up(browser)
    assert not the_db.session.scalar(select(Mail))
    monkeypatch.setitem(app.config, "MAIL_PLACE", mail_place("smtp://localhost?from=blog@example.org"))
    browser.post("/auth/account/factors/codes")
    browser.post(f"{APP}/removal", data={"password": PASSWORD})
    letters = the_db.session.scalars(select(Mail)).all()
    assert [(letter.kind, letter.to) for letter in letters] == [("factors", "ada@example.com")] * 2
    assert letters[0].subject == "Your second factor has changed"


def test_the_clock_of_the_telephone_may_be_a_step_off_at_the_first_code_too(browser, ada):
    asked = browser.get(APP)
    app = pyotp.TOTP(page(asked).select_one(".secret").get_text().replace(" ", ""))
    late = app.at(utcnow() - timedelta(seconds=90))
    assert browser.post(APP, data=filled(asked) | {"code": late}).status_code == 422
    near = app.at(utcnow() - timedelta(seconds=30))
    assert browser.post(APP, data=filled(asked) | {"code": near}).status_code == 200
