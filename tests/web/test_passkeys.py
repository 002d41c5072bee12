"""Passkeys: made, signed with, and every way in which what a browser sends is not what it was asked for."""

import json
from datetime import timedelta

import pytest
import time_machine
from factories import PASSWORD, a_post, a_user, an_editor
from looking import fault, filled, page, words
from soft_key import SoftKey, plain, text
from sqlalchemy import func, select

from blog.auth.verifying import handle_of
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, LoginSession, Passkey, RecoveryCode, Token
from blog.models.factors import factors_of, has_factor
from blog.models.throttle import CHALLENGE_FROM_ADDRESS, FACTOR_FROM_ADDRESS, SIGN_IN_FROM_ADDRESS

ADD, ASK_ADD = "/auth/account/passkeys", "/auth/account/passkeys/challenge"
ENTER, ASK_ENTER = "/auth/login/passkey", "/auth/login/passkey/challenge"
STEP, ASK_STEP = "/auth/login/code/passkey", "/auth/login/code/challenge"
SCRIPT = {"Accept": "application/json"}
EVIL = "https://evil.example"


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


@pytest.fixture
def key(ada, sign_in) -> SoftKey:
    """Ada's passkey, added a while ago."""
    key, browser = SoftKey(), sign_in(ada)
    assert add(browser, key).status_code == 200
    return key


def ask(browser, path) -> dict:
    answer = browser.post(path, headers=SCRIPT)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json


def add(browser, key, name="Telephone", **how):
    return browser.post(ADD, data={"name": name, "credential": key.make(ask(browser, ASK_ADD), **how)})


def enter(browser, key, path="", **how):
    return browser.post(ENTER + path, data={"credential": key.sign(ask(browser, ASK_ENTER), **how)})


def password(browser):
    return browser.post("/auth/login", data={"email": "ada@example.com", "password": PASSWORD})


def step(browser, key, **how):
    return browser.post(STEP, data={"credential": key.sign(ask(browser, ASK_STEP), **how)})


def is_in(browser) -> bool:
    return browser.get("/auth/account").status_code == 200


def last_line() -> AuditEntry:
    return the_db.session.scalar(AuditEntry.newest())


def number_of_passkeys() -> int:
    return the_db.session.scalar(select(func.count()).select_from(Passkey))


# Adding one


def test_a_passkey_is_added_under_a_name_and_brings_recovery_codes(sign_in, ada):
    browser, key = sign_in(ada), SoftKey()
    options = ask(browser, ASK_ADD)
    assert options["rp"] == {"name": "Masthead", "id": "localhost"}
    assert plain(options["user"]["id"]) == handle_of(ada)
    assert len(plain(options["challenge"])) >= 32
    done = browser.post(ADD, data={"name": " Blue  telephone ", "credential": key.make(options)})
    assert "Your recovery codes" in words(done)
    assert factors_of(ada).codes_left == 10
    row = factors_of(ada).passkeys[0]
    assert (row.name, row.credential, row.used_at) == ("Blue telephone", text(key.id), None)
    assert [known["id"] for known in ask(browser, ASK_ADD)["excludeCredentials"]] == [text(key.id)]
    assert add(browser, SoftKey(), name="Laptop").location == "/auth/account/factors"
    assert last_line().action == "added a passkey"


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_passkey_needs_a_name(sign_in, ada, name):
    answer = add(sign_in(ada), SoftKey(), name=name)
    assert answer.status_code == 422
    assert fault(answer, "name")
    assert not has_factor(ada)


def test_a_passkey_that_is_somebodys_already_is_refused(sign_in, ada, key):
    for person in (ada, a_user()):
        answer = add(sign_in(person), key)
        assert answer.status_code == 422
        assert fault(answer, "name") == "This passkey is registered here already."
    assert number_of_passkeys() == 1


def test_what_was_not_asked_for_here_and_now_makes_no_passkey(app, sign_in, ada):
    browser, key = sign_in(ada), SoftKey()
    other = sign_in(a_user())

    def refused(credential):
        answer = browser.post(ADD, data={"name": "T", "credential": credential})
        assert answer.status_code == 422
        assert fault(answer, "name") == "The passkey was not made. Try again."

    refused(key.make(ask(other, ASK_ADD)))  # a challenge of somebody else's browser
    ask(browser, ASK_ADD)
    refused(key.make(ask(other, ASK_ADD)))
    refused(key.make(ask(browser, ASK_ADD), origin=EVIL))
    refused(key.make(ask(browser, ASK_ADD), origin="http://localhost:81"))
    refused(key.make(ask(browser, ASK_ADD) | {"rp": {"id": "evil.example"}}))
    refused(key.make(ask(browser, ASK_ADD), challenge=text(b"x" * 32)))
    asked = ask(browser, ASK_ADD)
    ask(browser, ASK_ENTER)  # one challenge at a time, and each for its own
    refused(key.make(asked))
    refused(key.make(ask(browser, ASK_ENTER) | asked))
    made = SoftKey().sign(ask(browser, ASK_ADD))
    refused(made)
    assert number_of_passkeys() == 0
    credential = key.make(ask(browser, ASK_ADD))
    assert browser.post(ADD, data={"name": "T", "credential": credential}).status_code == 200
    browser.post(
        f"/auth/account/passkeys/{the_db.session.scalar(select(Passkey.id))}/removal", data={"password": PASSWORD}
    )
    refused(credential)  # played again
    with time_machine.travel(utcnow(), tick=False) as clock:
        asked = ask(browser, ASK_ADD)
        clock.shift(timedelta(minutes=6))
        refused(key.make(asked))


def test_an_id_that_is_too_long_is_refused(sign_in, ada):
    browser = sign_in(ada)
    assert add(browser, SoftKey(size=1024)).status_code == 422
    assert add(browser, SoftKey(size=10_000)).status_code == 422
    assert add(browser, SoftKey(size=1023)).status_code == 200


NO_CREDENTIALS = [
    *("", "x", "[]", "7", "null", '"x"', "{}", "{", "[" * 10_000, '{"id":' * 5_000, "x" * 30_000, "\x00"),
    json.dumps({"id": 1, "rawId": "eA", "type": "public-key", "response": {}}),
    json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": []}),
    json.dumps({"id": "eA", "rawId": "eA", "type": "x", "response": {"clientDataJSON": "e30"}}),
    json.dumps({"id": "\ud800", "rawId": "\ud800", "type": "public-key", "response": dict.fromkeys(
        ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"), "e30")}),
    json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": dict.fromkeys(
        ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"), "e30")}),
    json.dumps({"id": "eA", "rawId": "é", "type": "public-key", "response": dict.fromkeys(
        ("clientDataJSON", "attestationObject", "authenticatorData", "signature"), "W10")}),
]  # fmt: skip


def test_garbage_is_no_passkey(app, client, sign_in, ada, key):
    browser, half_in = sign_in(ada), app.test_client()
    password(half_in)
    for sent in NO_CREDENTIALS:
        ask(browser, ASK_ADD), ask(client, ASK_ENTER), ask(half_in, ASK_STEP)
        for who, path in ((browser, ADD), (client, ENTER), (half_in, STEP)):
            answer = who.post(path, data={"name": "T", "credential": sent})
            assert answer.status_code == 422, (path, sent[:80])
        the_db.session.execute(Token.__table__.delete().where(Token.__table__.c.purpose == "challenge"))
        the_db.session.execute(the_db.text("DELETE FROM throttles"))
    for who, path in ((browser, ADD), (client, ENTER), (half_in, STEP)):
        assert who.post(path, json={"name": ["x"], "credential": {"id": 1}}).status_code == 422
    assert number_of_passkeys() == 1
    assert not is_in(client)
    assert not is_in(half_in)


def test_a_real_answer_with_any_one_part_of_it_bent_proves_nothing(client, ada, key):
    for part in ("id", "rawId", "clientDataJSON", "authenticatorData", "signature", "userHandle"):
        said = json.loads(key.sign(ask(client, ASK_ENTER)))
        where = said if part in said else said["response"]
        bent = bytearray(plain(where[part]))
        bent[-1] ^= 1
        where[part] = text(bytes(bent))
        answer = client.post(ENTER, data={"credential": json.dumps(said)})
        assert answer.status_code == 422, part
    assert enter(client, key).status_code == 302


# Signing in with nothing else


def test_a_passkey_alone_signs_in_and_counts_as_password_and_factor(client, ada, key):
    options = ask(client, ASK_ENTER)
    assert (options["rpId"], options["allowCredentials"], options["userVerification"]) == ("localhost", [], "required")
    done = client.post(f"{ENTER}?next=/tags", data={"credential": key.sign(options)})
    assert done.location == "/tags"
    assert is_in(client)
    login = the_db.session.scalars(select(LoginSession).order_by(LoginSession.id.desc())).first()
    assert login.has_factor
    assert (last_line().action, last_line().detail) == ("signed in", {"how": "a passkey"})
    the_db.session.expire_all()
    row = the_db.session.scalar(select(Passkey))
    assert row.sign_count == 1
    assert row.used_at is not None


def test_the_sign_in_page_offers_it_to_scripts_and_says_so_to_others(client, db):
    answer = client.get("/auth/login")
    button = page(answer).select_one("button[data-behaviour=passkey]")
    assert (button["type"], button.parent.has_attr("hidden")) == ("button", True)
    assert "every other way works without" in page(answer).noscript.get_text()
    assert "script-src 'nonce-" in answer.headers["Content-Security-Policy"]


def test_what_was_signed_for_something_else_lets_nobody_in(app, client, sign_in, ada, key):
    def refused(credential):
        answer = client.post(ENTER, data={"credential": credential})
        assert answer.status_code == 422
        assert "That passkey opens no account here." in words(answer)
        assert not is_in(client)

    refused(key.sign({"challenge": text(b"x" * 32)}))  # nothing was asked
    refused(key.sign(ask(app.test_client(), ASK_ENTER)))  # of another browser
    refused(key.sign(ask(client, ASK_ENTER), origin=EVIL))
    refused(key.sign(ask(client, ASK_ENTER), handle=b""))
    refused(key.sign(ask(client, ASK_ENTER), handle=handle_of(a_user())))
    refused(SoftKey().sign(ask(client, ASK_ENTER), handle=handle_of(ada)))  # a key that is nobody's
    forged = SoftKey()
    forged.id, forged.handle = key.id, key.handle
    refused(forged.sign(ask(client, ASK_ENTER)))
    key.domain = "evil.example"
    refused(key.sign(ask(client, ASK_ENTER)))
    key.domain, key.verifies = "localhost", False
    refused(key.sign(ask(client, ASK_ENTER)))  # anybody who holds the device could press that
    key.verifies = True
    with time_machine.travel(utcnow(), tick=False) as clock:
        asked = ask(client, ASK_ENTER)
        clock.shift(timedelta(minutes=6))
        refused(key.sign(asked))
    browser = sign_in(ada)
    refused(key.sign(ask(browser, ASK_ADD)))
    assert last_line().action == "failed to sign in as"
    assert enter(client, key).status_code == 302


def test_an_answer_counts_once(app, client, ada, key):
    answer = key.sign(ask(client, ASK_ENTER))
    kept = client.get_cookie("session").value
    assert client.post(ENTER, data={"credential": answer}).status_code == 302
    other = app.test_client()
    other.set_cookie("session", kept)
    assert other.post(ENTER, data={"credential": answer}).status_code == 422


def test_a_copied_passkey_is_found_out_by_its_counter(app, client, ada, key):
    for _ in range(3):
        assert enter(app.test_client(), key).status_code == 302
    key.count = 0
    assert enter(client, key).status_code == 422
    assert not is_in(client)
    found = the_db.session.scalars(
        AuditEntry.newest().where(AuditEntry.action == "was refused a passkey used twice")
    ).one()
    assert (found.actor_name, found.subject) == ("Ada", "Telephone")


def test_a_passkey_of_somebody_deactivated_opens_nothing(client, ada, key):
    ada.is_active = False
    assert enter(client, key).status_code == 422
    assert not is_in(client)


def test_what_was_typed_goes_along(client, ada, key):
    post = a_post(by=ada)
    carried = {"going-to": f"/write/posts/{post.id}", "carried-body": "An hour of <work>.", "carried-password": "x"}
    bad = client.post(ENTER, data=carried | {"credential": "x"})
    assert bad.status_code == 422
    assert "An hour of &lt;work&gt;." in bad.text
    good = client.post(ENTER, data=filled(bad) | {"credential": key.sign(ask(client, ASK_ENTER))})
    assert page(good).h1.get_text() == "You are signed in again"
    assert filled(good)["body"] == "An hour of <work>."


# After the password


def test_a_passkey_is_the_second_step_of_its_person_only(app, client, ada, key, sign_in):
    bob, bobs = a_user(), SoftKey()
    add(sign_in(bob), bobs)
    password(client)
    options = ask(client, ASK_STEP)
    assert [known["id"] for known in options["allowCredentials"]] == [text(key.id)]
    assert step(client, bobs).status_code == 422
    assert step(client, bobs, handle=handle_of(ada)).status_code == 422
    assert step(client, key, handle=handle_of(bob)).status_code == 422
    assert step(client, key, origin=EVIL).status_code == 422
    assert (last_line().action, last_line().about_id) == ("failed the second step of", ada.id)
    assert client.post(STEP, data={"credential": key.sign(ask(client, ASK_ENTER))}).status_code == 422
    assert not is_in(client)
    key.verifies = False  # the password was given: to have the device is enough
    assert step(client, key, handle=b"").location == "/write"
    assert is_in(client)
    assert last_line().detail == {"how": "a password and a passkey"}


def test_the_page_of_the_step_offers_what_the_person_has(client, ada, key):
    password(client)
    answer = client.get("/auth/login/code")
    assert page(answer).select_one("button[data-behaviour=passkey]")
    assert page(answer).select_one("[name=code]") is None
    assert page(answer).select_one("[name=recovery]")
    code = RecoveryCode.make_anew(ada)[0]
    bad = client.post("/auth/login/code", data={"code": "123456"})
    assert fault(bad, "recovery")
    assert client.post("/auth/login/code", data={"code": code}).status_code == 302


def test_without_the_password_nothing_is_asked(client, ada, key):
    answer = client.post(ASK_STEP, headers=SCRIPT)
    assert answer.status_code == 422
    assert "Sign in again" in answer.json["error"]
    assert client.post(STEP, data={"credential": key.sign({"challenge": text(b"x" * 32)})}).status_code == 400
    assert not is_in(client)


# Limits, tokens, addresses


def used_up(limit, whose="127.0.0.1") -> None:
    limit.hit(whose, times=limit.tries)
    the_db.session.commit()


def test_nobody_asks_and_tries_without_end(client, ada, key):
    password(client)
    used_up(FACTOR_FROM_ADDRESS)
    assert step(client, key).status_code == 429
    used_up(SIGN_IN_FROM_ADDRESS)
    answer = enter(client, key)
    assert answer.status_code == 429
    assert "Too many attempts." in words(answer)
    assert not is_in(client)
    used_up(CHALLENGE_FROM_ADDRESS)
    answer = client.post(ASK_ENTER, headers=SCRIPT)
    assert answer.status_code == 429
    assert "Wait" in answer.json["error"]
    assert int(answer.headers["Retry-After"]) > 0


def test_challenges_that_ran_out_are_swept_away(client, db):
    with time_machine.travel(utcnow(), tick=False) as clock:
        for _ in range(3):
            ask(client, ASK_ENTER)
        clock.shift(timedelta(minutes=6))
        ask(client, ASK_ENTER)
    assert the_db.session.scalar(select(func.count()).select_from(Token)) == 1


def test_a_challenge_needs_the_token_of_the_forms(app, client, sign_in, ada, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for browser, path in ((client, ASK_ENTER), (client, ASK_STEP), (sign_in(ada), ASK_ADD)):
        answer = browser.post(path, headers=SCRIPT)
        assert (answer.status_code, answer.json) == (400, {"error": "token"})
    token = filled(client.get("/auth/login"))["csrf_token"]
    assert client.post(ASK_ENTER, headers=SCRIPT | {"X-CSRFToken": token}).status_code == 200


def test_the_address_is_that_of_the_site_and_never_what_a_header_says(app, client, sign_in, ada, monkeypatch):
    asked = client.post(ASK_ENTER, base_url="http://evil.example", headers=SCRIPT)
    assert asked.status_code == 422
    assert "SITE_URL" in asked.json["error"]
    assert "data-behaviour" not in client.get("/auth/login", base_url="http://127.0.0.1").text
    monkeypatch.setitem(app.config, "SITE_URL", "https://blog.example.org:8443")
    browser = sign_in(ada)
    assert ask(browser, ASK_ADD)["rp"]["id"] == "blog.example.org"
    assert add(browser, SoftKey("http://localhost")).status_code == 422
    assert add(browser, SoftKey("https://blog.example.org")).status_code == 422
    key = SoftKey("https://blog.example.org:8443")
    assert add(browser, key).status_code == 200
    assert enter(client, key).status_code == 302


def test_a_site_without_an_address_says_why_there_are_no_passkeys(sign_in, ada):
    browser = sign_in(ada)
    with browser.session_transaction(base_url="http://127.0.0.1") as session:
        session["login"] = LoginSession.start(ada)
    answer = browser.get("/auth/account/factors", base_url="http://127.0.0.1")
    assert "SITE_URL" in words(answer)
    assert "data-makes" not in answer.text


# Showing anew who one is


def test_a_passkey_is_a_recent_proof_and_the_act_goes_on(app, client, ada, key, sign_in):
    enter(client, key)
    with time_machine.travel(utcnow() + timedelta(minutes=31)):
        asked = client.get("/auth/account/factors")
        assert asked.location == "/auth/proof?next=/auth/account/factors"
        assert page(client.get(asked.location)).select_one("button[data-behaviour=passkey]")
        prove = asked.location.replace("proof", "proof/passkey")
        for bad in (SoftKey().sign(ask(client, "/auth/proof/challenge")), key.sign(ask(client, ASK_ENTER)), "", "[]"):
            answer = client.post(prove, data={"credential": bad})
            assert answer.status_code == 422
            assert "does not show that it is you" in words(answer)
        assert client.get("/auth/account/factors").status_code == 302
        good = key.sign(ask(client, "/auth/proof/challenge"))
        assert client.post(prove, data={"credential": good}).location == "/auth/account/factors"
        assert client.get("/auth/account/factors").status_code == 200
        assert (last_line().action, last_line().detail) == ("proved who they are", {"how": "a passkey"})
        used_up(FACTOR_FROM_ADDRESS)
        assert client.post(prove, data={"credential": "x"}).status_code == 429


def test_whoever_has_no_password_proves_by_passkey(sign_in):
    bob, key = a_user(), SoftKey()
    browser = sign_in(bob)
    add(browser, key)
    the_db.session.execute(LoginSession.__table__.update().values(proved_at=utcnow() - timedelta(hours=1)))
    answer = browser.get("/auth/proof?next=/auth/account/factors")
    assert page(answer).select_one("button[data-behaviour=passkey]")
    assert page(answer).select_one("main [name=password]") is None
    good = key.sign(ask(browser, "/auth/proof/challenge"))
    assert browser.post("/auth/proof/passkey", data={"credential": good}).status_code == 302
    assert browser.get("/auth/account/factors").status_code == 200


def test_without_a_recent_proof_no_factor_is_touched(sign_in, ada, key):
    browser = sign_in(ada)
    row = the_db.session.scalar(select(Passkey.id))
    the_db.session.execute(LoginSession.__table__.update().values(proved_at=utcnow() - timedelta(hours=1)))
    for path in (
        "/passkeys",
        f"/passkeys/{row}/name",
        f"/passkeys/{row}/removal",
        "/factors/app",
        "/factors/codes",
        "/factors/app/removal",
    ):
        answer = browser.post(f"/auth/account{path}", data={"name": "x"})
        assert (answer.status_code, page(answer).h1.get_text()) == (401, "Is it you?"), path
    assert browser.post(ASK_ADD, headers=SCRIPT).status_code == 401
    assert factors_of(ada).number == 1
