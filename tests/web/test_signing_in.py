"""Signing in, staying in, and being put out again."""

import re
from datetime import timedelta

import pytest
import time_machine
from conftest import app_on
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from looking import fault, filled, follow, page, words
from sqlalchemy import func, select

import config
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, LoginSession, Purpose, Throttle, Token


def enter(browser, email, password=PASSWORD, **how):
    return browser.post("/auth/login", data={"email": email, "password": password}, **how)


def is_in(browser) -> bool:
    return browser.get("/auth/account").status_code == 200


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


# The right and the wrong words


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@Example.COM", "  ada@example.com\t"])
def test_a_person_signs_in_with_any_spelling_of_their_address(client, ada, email):
    assert enter(client, email).location == "/write"
    assert is_in(client)


def test_a_viewer_arrives_at_the_front_page(client):
    a_user(email="bob@example.com", password=PASSWORD)
    assert enter(client, "bob@example.com").location == "/"


def test_the_sign_in_page_asks_for_address_and_password(client):
    answer = client.get("/auth/login")
    assert answer.status_code == 200
    assert set(filled(answer)) == {"csrf_token", "email", "password"}


def test_whoever_is_in_already_is_sent_on(sign_in, ada):
    browser = sign_in(ada)
    assert browser.get("/auth/login").location == "/write"
    assert browser.get("/auth/login?next=/tags").location == "/tags"


def test_a_wrong_password_lets_nobody_in_and_keeps_the_address(client, ada):
    answer = enter(client, "ada@example.com", "wrong words entirely")
    assert answer.status_code == 422
    assert "That address and password do not match." in words(answer)
    assert filled(answer)["email"] == "ada@example.com"
    assert "wrong words entirely" not in answer.text
    assert not is_in(client)


def test_unknown_address_wrong_password_and_deactivated_person_get_the_same_answer(client, ada):
    a_user(email="bob@example.com", password=PASSWORD, is_active=False)
    a_user(email="cyd@example.com")

    def answer(email, password):
        got = enter(client, email, password)
        bare = re.sub(r'(name="csrf_token" value=|nonce=)"[^"]*"', r"\1", got.text).replace(email, "…")
        return got.status_code, bare, sorted(set(got.headers.keys()) - {"Set-Cookie"})

    wrong = answer("ada@example.com", "not the password")
    assert answer("nobody@example.com", "not the password") == wrong
    assert answer("bob@example.com", PASSWORD) == wrong
    assert answer("cyd@example.com", "!") == wrong


@pytest.mark.parametrize("typed", [{}, {"email": "", "password": ""}, {"email": "a" * 400, "password": "x" * 2000}])
def test_a_sign_in_that_cannot_be_right_says_so_beside_the_fields(client, typed):
    answer = client.post("/auth/login", data=typed)
    assert answer.status_code == 422
    assert fault(answer, "email")
    assert fault(answer, "password")


def test_sign_ins_and_failures_are_in_the_log_with_where_they_came_from(client, ada):
    enter(client, "ada@example.com", "wrong", environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    enter(client, "ada@example.com")
    good, bad = the_db.session.scalars(AuditEntry.newest()).all()
    assert (good.action, good.actor_name, good.detail) == ("signed in", "Ada", {"how": "a password"})
    assert (bad.action, bad.subject, bad.origin) == ("failed to sign in as", "ada@example.com", "203.0.113.7")


def test_a_password_hashed_with_old_settings_is_hashed_anew_at_the_next_sign_in(client, app, ada, monkeypatch):
    before = ada.password_hash
    monkeypatch.setitem(app.config, "ARGON2_PASSES", 2)
    enter(client, "ada@example.com")
    the_db.session.expire_all()
    assert ada.password_hash != before
    assert "t=2" in ada.password_hash
    client.post("/auth/logout")
    assert enter(client, "ada@example.com").status_code == 302


# Guessing


def test_after_ten_wrong_tries_an_account_waits_even_for_the_right_password(client, ada):
    a_user(email="bob@example.com", password=PASSWORD)
    for _ in range(10):
        assert enter(client, "Ada@example.com", "guess").status_code == 422
    answer = enter(client, "ada@example.com")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Too many attempts." in words(answer)
    assert filled(answer)["email"] == "ada@example.com"
    assert enter(client, "bob@example.com").status_code == 302


def test_the_wait_ends_after_a_quarter_of_an_hour(client, ada):
    for _ in range(11):
        enter(client, "ada@example.com", "guess")
    with time_machine.travel(utcnow() + timedelta(minutes=14), tick=False):
        assert enter(client, "ada@example.com").status_code == 429
    with time_machine.travel(utcnow() + timedelta(minutes=16), tick=False):
        assert enter(client, "ada@example.com").status_code == 302


def test_one_address_cannot_try_many_accounts(client, ada):
    for n in range(60):
        assert enter(client, f"victim{n}@example.com", "guess").status_code == 422
    assert enter(client, "ada@example.com").status_code == 429
    assert enter(client, "ada@example.com", environ_overrides={"REMOTE_ADDR": "198.51.100.2"}).status_code == 302


def test_a_success_forgets_the_failures_of_the_account(client, ada):
    for _ in range(3):
        for _ in range(9):
            assert enter(client, "ada@example.com", "guess").status_code == 422
        assert enter(client, "ada@example.com").status_code == 302
        client.post("/auth/logout")
        client.delete_cookie("device")


def test_tries_are_counted_in_the_database_under_names_nobody_can_read(client, ada):
    enter(client, "ada@example.com", "guess")
    keys = the_db.session.scalars(select(Throttle.key)).all()
    assert len(keys) == 3
    assert not any("ada" in key or "127.0.0.1" in key for key in keys)


def test_the_limit_holds_in_another_process(real_app, tmp_path):
    with real_app.app_context():
        for _ in range(10):
            assert enter(real_app.test_client(), "ada@example.com", "guess").status_code == 422
    other = app_on(real_app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    with other.app_context():
        assert enter(other.test_client(), "ada@example.com", "guess").status_code == 429
        the_db.session.remove()
        the_db.engine.dispose()


# Staying in


def test_signing_in_makes_a_new_session_and_forgets_what_was_planted(client, ada):
    client.get("/auth/login")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["login"] = "chosen by somebody else"
    before = client.get_cookie("session").value
    enter(client, "ada@example.com")
    assert client.get_cookie("session").value != before
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["login"] != "chosen by somebody else"
    other = client.application.test_client()
    other.set_cookie("session", before)
    assert not is_in(other)


@pytest.mark.parametrize(("site", "is_secure"), [("", False), ("https://blog.example.org", True)])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, app, ada, monkeypatch, site, is_secure):
    secure = config.TestConfig({"SITE_URL": site, "SECRET_KEY": "x" * 40}).SESSION_COOKIE_SECURE
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", secure)
    cookies = enter(client, "ada@example.com").headers.getlist("Set-Cookie")
    assert len(cookies) == 2  # of the session, and of the device
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie
        assert "Path=/;" in cookie + ";"
        assert ("Secure" in cookie) is is_secure
    assert any(cookie.startswith("__Host-device=" if is_secure else "device=") for cookie in cookies)


def test_the_secret_in_the_cookie_is_nowhere_in_the_database(client, ada):
    enter(client, "ada@example.com")
    with client.session_transaction() as session:
        secret = session["login"]
    row = the_db.session.scalar(select(LoginSession))
    assert secret not in (row.digest, row.agent, row.origin)


@pytest.mark.parametrize("secret", ["", "x", "é" * 500, 7, None, ["x"]])
def test_a_cookie_with_a_made_up_secret_is_a_visitors(client, app, secret):
    with client.session_transaction() as session:
        session["login"] = secret
    assert client.get("/").status_code == 200
    assert not is_in(client)


def test_an_open_session_dies_with_the_deactivation_of_its_person(sign_in, ada):
    browser = sign_in(ada)
    assert is_in(browser)
    sign_in(an_admin()).post(f"/admin/users/{ada.id}/deactivation")
    assert browser.get("/auth/account").location == "/auth/login?next=/auth/account"
    assert browser.get("/write").status_code == 302
    assert enter(browser, "ada@example.com").status_code == 422


def test_a_new_role_counts_from_the_next_request(sign_in, ada):
    browser, admin = sign_in(ada), sign_in(an_admin())
    assert browser.get("/write").status_code == 200
    admin.post(f"/admin/users/{ada.id}/role", data={"role": "viewer"})
    assert browser.get("/write").status_code == 403
    admin.post(f"/admin/users/{ada.id}/role", data={"role": "admin"})
    assert browser.get("/admin").location == "/auth/login?next=/admin"  # more rights want a new sign-in
    enter(browser, "ada@example.com")
    assert browser.get("/admin").status_code == 200


def test_a_text_sent_after_the_session_ended_is_shown_back(sign_in, ada):
    post = a_post(by=ada)
    browser = sign_in(ada)
    ada.is_active = False
    answer = browser.post(f"/write/posts/{post.id}", data={"body": "An hour of <work>.", "base": "1"})
    assert answer.status_code == 401
    assert "An hour of &lt;work&gt;." in answer.text
    assert page(answer).select_one('a[href^="/auth/login?next=/write"]')


# Going


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(client, ada):
    enter(client, "ada@example.com")
    kept = client.get_cookie("session").value
    assert client.post("/auth/logout").location == "/"
    assert not is_in(client)
    client.set_cookie("session", kept)
    assert not is_in(client)
    assert the_db.session.scalar(select(func.count(LoginSession.id))) == 0


def test_signing_out_takes_a_form_and_harms_no_stranger(client):
    assert client.get("/auth/logout").status_code == 405
    assert client.post("/auth/logout").location == "/"


# Going on


@pytest.mark.parametrize(
    "target", ["/tags", "/posts/x?before=1", "/admin/users?q=a", "/authors/%D9%87", "/a//b", "/@x"]
)
def test_after_signing_in_a_person_goes_on_where_they_were_going(client, ada, target):
    sent = enter(client, "ada@example.com", query_string={"next": target})
    assert (sent.status_code, sent.location) == (302, target)


AWAY = [
    *("//evil.example", "///evil", "////evil.example", "//", "//[::1", "//evil.example%2f.."),
    *("/\\evil.example", "\\\\evil.example", "///\\evil.example", "/\\"),
    *("https://evil.example", "http:evil.example", "https:/evil.example", "evil.example"),
    *("/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/ /x", " //evil.example", "/\x7f/evil.example"),
    *("/x\r\nSet-Cookie: a=b", "javascript:alert(1)", "data:text/html,x", "", " "),
]


@pytest.mark.parametrize("target", AWAY)
def test_next_never_leads_off_the_site(client, ada, target):
    assert enter(client, "ada@example.com", query_string={"next": target}).location == "/write"


@pytest.mark.parametrize(
    "raw",
    ["%2F%2Fevil.example", "/%09/evil.example", "%0d%0a//evil.example", "/%5Cevil.example", "/%0d%0aSet-Cookie:a=b"],
)
def test_next_never_leads_off_the_site_however_it_is_encoded(client, ada, raw):
    assert enter(client, "ada@example.com", query_string=f"next={raw}").location == "/write"


@pytest.mark.parametrize("raw", ["/%00/evil.example", "/%ED%A0%80/evil.example", "/%FF"])
def test_what_next_cannot_hold_becomes_a_mark_in_a_path_of_this_site(client, ada, raw):
    assert enter(client, "ada@example.com", query_string=f"next={raw}").location.startswith(("/%EF%BF%BD", raw))


def test_the_way_to_a_page_leads_through_the_sign_in(client, ada):
    asked = client.get("/write?state=draft&q=a+b")
    assert asked.status_code == 302
    assert client.post(asked.location, data={"email": "ada@example.com", "password": PASSWORD}).location == (
        "/write?state=draft&q=a+b"
    )


# One-time links


@pytest.fixture
def path(ada):
    return f"/auth/link/{Token.issue(Purpose.sign_in, user=ada)}"


def test_a_one_time_link_signs_in_once_and_only_when_its_button_is_pressed(client, app, path):
    for _ in range(2):  # mail scanners open links
        answer = client.get(path)
        assert "Ada" in words(answer)
        assert answer.headers["Cache-Control"] in ("no-store", "no-cache")
    assert not is_in(client)
    assert client.post(path).location == "/auth/account"
    assert is_in(client)
    again = app.test_client()
    assert follow(again, path).status_code == 404
    assert again.post(path).status_code == 404


def test_whoever_came_by_a_link_chooses_a_password_without_the_old_one_once(client, path):
    client.post(path)
    assert "current_password" not in filled(client.get("/auth/account"), 'form[action$="password"]')
    chosen = "six geese were a-laying"
    assert client.post("/auth/account/password", data={"password": chosen}).status_code == 302
    assert "current_password" in filled(client.get("/auth/account"), 'form[action$="password"]')
    client.post("/auth/logout")
    assert enter(client, "ada@example.com", chosen).status_code == 302


def test_a_link_is_void_after_a_day_after_a_newer_one_and_for_whoever_was_deactivated(client, ada, path):
    with time_machine.travel(utcnow() + timedelta(hours=25), tick=False):
        assert follow(client, path).status_code == 404
        assert "This link opens nothing any more" in words(client.get(path))
    assert client.get(path).status_code == 200
    newer = f"/auth/link/{Token.issue(Purpose.sign_in, user=ada)}"
    assert follow(client, path).status_code == 404
    ada.is_active = False
    assert follow(client, newer).status_code == 404
    assert client.post(newer).status_code == 404


def test_of_two_who_press_the_button_at_once_one_is_let_in(client, path, monkeypatch):
    monkeypatch.setattr(Token, "spend", lambda _token: False)  # as it answers the slower of two
    assert client.post(path).status_code == 404
    assert not is_in(client)


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout"])
def test_a_foreign_page_signs_nobody_in_or_out(sign_in, client, app, ada, monkeypatch, path):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    inside = sign_in(ada)
    token = filled(client.get("/auth/login"))["csrf_token"]  # of the attacker's own session
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {}):
        sent = {"email": "ada@example.com", "password": PASSWORD, "csrf_token": token}
        visitor = app.test_client()
        assert visitor.post(path, data=sent, headers=headers).status_code == 400
        assert not is_in(visitor)
        assert inside.post(path, data=sent, headers=headers).status_code in (302, 400)
        assert is_in(inside)


def test_a_link_of_another_kind_signs_nobody_in(client, db):
    assert follow(client, f"/auth/link/{Token.issue(Purpose.setup)}").status_code == 404
