"""Whoever tries too often has to wait, and nobody else has to."""

import re
from datetime import timedelta
from io import BytesIO
from ipaddress import ip_network

import pytest
import time_machine
from argon2 import PasswordHasher
from factories import PASSWORD, a_post, a_user, an_editor
from looking import filled, page, words
from picture_files import a_file
from sqlalchemy import Engine, event, func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import KnownDevice, Throttle
from blog.models.device import LASTS, MOST
from blog.models.throttle import (
    SEARCH_FROM_ADDRESS,
    SIGN_IN_FROM_ADDRESS,
    SIGN_IN_FROM_DEVICE,
    SIGN_IN_OVERALL,
    SIGN_IN_TO_ACCOUNT,
    UPLOAD_BY_ACCOUNT,
)

SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


def enter(browser, email="ada@example.com", password=PASSWORD, *, at="192.0.2.1", **how):
    sent = {"email": email, "password": password}
    return browser.post("/auth/login", data=sent, environ_overrides={"REMOTE_ADDR": at}, **how)


def is_in(browser) -> bool:
    return browser.get("/auth/account").status_code == 200


def used_up(limit, whose="") -> None:
    limit.hit(whose, times=limit.tries)


def number_of(limit, whose="") -> int:
    return the_db.session.scalar(select(Throttle.count).where(Throttle.key == limit.key(whose))) or 0


@pytest.fixture
def hashes(monkeypatch):
    """How often a password was hashed or compared."""
    seen = []
    for name in ("hash", "verify"):
        real = getattr(PasswordHasher, name)
        monkeypatch.setattr(
            PasswordHasher, name, lambda *args, real=real, name=name, **how: seen.append(name) or real(*args, **how)
        )
    return seen


# Signing in


def siege(app, tries):
    """What strangers get who ask as quickly as programs do."""
    stranger = app.test_client()
    return [enter(stranger, email, "a guess", at=at, headers=SCRIPT).status_code for email, at in tries]


def test_a_thousand_addresses_against_one_account_are_stopped_and_its_owner_gets_in(app, client, ada, hashes):
    enter(client)
    client.post("/auth/logout")
    hashes.clear()
    free = SIGN_IN_TO_ACCOUNT.tries
    got = siege(app, [("ada@example.com", f"10.0.{n}.9") for n in range(free + 5)])
    assert got == [422] * free + [429] * 5
    assert len(hashes) == free  # the rest cost the server next to nothing
    assert all(SIGN_IN_TO_ACCOUNT.hit("ada@example.com") for _ in range(1_000 - len(got)))
    assert enter(app.test_client()).status_code == 429
    assert enter(client).location == "/write"  # from the device she has been at before
    client.post("/auth/logout")
    said = app.test_cli_runner().invoke(args=["user", "link", "ada@example.com"]).output
    fresh = app.test_client()
    fresh.post(re.search(r"/auth/link/\S+", said)[0])
    assert is_in(fresh)


def test_one_address_against_a_thousand_accounts_is_stopped_and_the_rest_of_the_world_is_not(app, client, ada, hashes):
    free = SIGN_IN_FROM_ADDRESS.tries
    got = siege(app, [(f"person{n}@example.org", "203.0.113.7") for n in range(free + 5)])
    assert got == [422] * free + [429] * 5
    assert len(hashes) == free
    assert all(SIGN_IN_FROM_ADDRESS.hit("203.0.113.7") for _ in range(1_000 - len(got)))
    assert enter(client, at="203.0.113.7").status_code == 429
    assert enter(client, at="203.0.113.8").status_code == 302


def test_a_siege_of_the_whole_site_shuts_out_strangers_devices_only(app, client, ada):
    enter(client)
    client.post("/auth/logout")
    used_up(SIGN_IN_OVERALL)
    assert enter(app.test_client()).status_code == 429
    assert enter(client).status_code == 302


def test_of_all_tries_together_only_failures_count_and_those_who_must_wait_do_not(app, ada):
    for _ in range(3):
        enter(app.test_client())
    assert number_of(SIGN_IN_OVERALL) == 0
    siege(app, [("ada@example.com", "192.0.2.1")] * 30)
    assert number_of(SIGN_IN_OVERALL) == SIGN_IN_TO_ACCOUNT.tries


def test_a_known_device_has_a_limit_of_its_own(app, client, ada):
    enter(client)
    client.post("/auth/logout")
    for _ in range(SIGN_IN_FROM_DEVICE.tries):
        assert enter(client, password="a guess").status_code == 422
    assert enter(client).status_code == 429
    assert enter(app.test_client()).status_code == 302  # they did not count against strangers' devices
    with time_machine.travel(utcnow() + timedelta(minutes=16), tick=False):
        assert enter(client).status_code == 302


def test_a_device_is_known_to_those_who_signed_in_at_it_and_to_nobody_else(app, client, ada):
    bob = a_user(email="bob@example.com", password=PASSWORD)
    for email in ("ada@example.com", "bob@example.com", "ada@example.com"):
        enter(client, email)
        client.post("/auth/logout")
    assert sorted(the_db.session.scalars(select(KnownDevice.user_id))) == sorted([ada.id, bob.id])
    eve = a_user(email="eve@example.com", password=PASSWORD)
    stranger = app.test_client()
    enter(stranger, "eve@example.com")
    stranger.post("/auth/logout")
    used_up(SIGN_IN_TO_ACCOUNT, "ada@example.com")
    assert enter(stranger).status_code == 429  # known to Eve, whose guesses at Ada's are a stranger's
    assert enter(client).status_code == 302
    client.post("/auth/logout")
    used_up(SIGN_IN_TO_ACCOUNT, "bob@example.com")
    assert enter(client, "bob@example.com").status_code == 302
    assert eve.id


@pytest.mark.parametrize("planted", ["x", "x.y.z", ".", "é", "a" * 4000, ".".join("abcdefghij")])
def test_a_planted_device_cookie_is_worth_nothing(app, ada, planted):
    client = app.test_client()
    client.set_cookie("device", planted)
    enter(client)
    client.post("/auth/logout")
    used_up(SIGN_IN_TO_ACCOUNT, "ada@example.com")
    stranger = app.test_client()
    stranger.set_cookie("device", planted)
    assert enter(stranger).status_code == 429
    assert enter(client).status_code == 302


def test_a_device_is_forgotten_after_half_a_year_without_a_sign_in(client, ada):
    enter(client)
    client.post("/auth/logout")
    secret = client.get_cookie("device").value
    assert secret not in the_db.session.scalar(select(KnownDevice.digest))
    with time_machine.travel(utcnow() + LASTS - timedelta(days=1), tick=False):
        enter(client)
        client.post("/auth/logout")
    with time_machine.travel(utcnow() + LASTS + timedelta(days=1), tick=False):
        used_up(SIGN_IN_TO_ACCOUNT, "ada@example.com")
        assert enter(client).status_code == 302
        client.post("/auth/logout")
    with time_machine.travel(utcnow() + 3 * LASTS, tick=False):
        client.set_cookie("device", secret)
        used_up(SIGN_IN_TO_ACCOUNT, "ada@example.com")
        assert enter(client).status_code == 429


def test_only_so_many_devices_of_a_person_are_remembered(db, ada):
    for _ in range(MOST + 5):
        KnownDevice.remember(ada, [])
        db.session.flush()
    assert db.session.scalar(select(func.count(KnownDevice.id))) == MOST


def test_the_page_says_how_long_to_wait_and_scripts_learn_it_too(client, ada):
    used_up(SIGN_IN_TO_ACCOUNT, "ada@example.com")
    answer = enter(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes, then try again." in words(answer)
    answer = enter(client, headers=SCRIPT)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json) == (429, "900", {"error": "busy"})


# The same work whatever is wrong


def test_every_failure_costs_the_same_queries_the_same_writes_and_one_comparison(app, ada, hashes):
    a_user(email="off@example.com", password=PASSWORD, is_active=False)
    a_user(email="bare@example.com")

    def cost(email, password):
        hashes.clear()
        seen: list[str] = []
        listen = lambda _c, _cur, statement, *_: seen.append(re.sub(r"\s+|RELEASE.*|SAVEPOINT.*", " ", statement))  # noqa: E731
        browser = app.test_client()
        the_db.session.commit()
        event.listen(Engine, "before_cursor_execute", listen)
        try:
            assert enter(browser, email, password).status_code == 422
        finally:
            event.remove(Engine, "before_cursor_execute", listen)
        return [one for one in seen if one.strip()], list(hashes)

    wrong = cost("ada@example.com", "not the password")
    assert wrong[1] == ["verify"]
    assert len([one for one in wrong[0] if one.startswith("INSERT")]) == 4  # three counts and a line of the log
    assert cost("nobody@example.com", "not the password") == wrong
    assert cost("off@example.com", PASSWORD) == wrong
    assert cost("bare@example.com", "!") == wrong


# Addresses


@pytest.fixture
def behind_proxies(app, monkeypatch):
    monkeypatch.setattr(app.wsgi_app, "networks", [ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


def forwarded(client, email, by, peer="10.0.0.1"):
    return enter(client, email, "a guess", at=peer, headers={"X-Forwarded-For": by}).status_code


def test_an_address_made_up_in_a_header_gives_no_fresh_tries(client, ada):
    used_up(SIGN_IN_FROM_ADDRESS, "198.51.100.9")
    for by in ("203.0.113.7", "198.51.100.9, 203.0.113.7", "nonsense", "", "::1"):
        assert forwarded(client, "x@example.com", by, peer="198.51.100.9") == 429


@pytest.mark.usefixtures("behind_proxies")
def test_behind_proxies_the_last_address_they_do_not_own_is_the_one_that_counts(client, ada):
    used_up(SIGN_IN_FROM_ADDRESS, "203.0.113.7")
    for by in ("203.0.113.7", "1.1.1.1, 203.0.113.7", "1.1.1.1, 203.0.113.7, 10.9.9.9", "x, , 203.0.113.7,10.1.1.1"):
        assert forwarded(client, "x@example.com", by) == 429, by
        assert forwarded(client, "x@example.com", by, peer="198.51.100.1") == 422, by
    for by in ("203.0.113.7, 198.51.100.2", "203.0.113.7, nonsense", "203.0.113.70"):
        assert forwarded(client, "y@example.com", by) == 422, by


@pytest.mark.usefixtures("behind_proxies")
def test_of_ipv6_the_network_counts(client, ada):
    used_up(SIGN_IN_FROM_ADDRESS, "2001:db8:1:2::1")
    for by in ("2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::9, fd00::5"):
        assert forwarded(client, "x@example.com", by) == 429, by
    assert forwarded(client, "x@example.com", "2001:db8:1:3::1") == 422
    used_up(SIGN_IN_FROM_ADDRESS, "203.0.113.7")
    assert forwarded(client, "x@example.com", "::ffff:203.0.113.7") == 429


# Searching


def test_searches_are_limited_and_the_page_keeps_what_was_sought(client, sign_in, ada):
    a_post(live=True, title="Ships")
    for n in range(3):
        assert client.get("/search?q=ships").status_code == 200
        assert number_of(SEARCH_FROM_ADDRESS, "127.0.0.1") == n + 1
    used_up(SEARCH_FROM_ADDRESS, "127.0.0.1")
    answer = client.get('/search?q=ships+"at+sea"&tag=rain')
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Wait 1 minute, then try again." in words(answer)
    assert filled(answer, "main form.search") == {"q": 'ships "at sea"', "tag": "rain"}
    assert "Cache-Control" in answer.headers
    assert client.get("/search?q=ships", headers=SCRIPT).json == {"error": "busy"}
    assert client.get("/search").status_code == 200  # the empty page asks nothing
    assert sign_in(ada).get("/search?q=ships").status_code == 200  # a person has a limit of their own
    with time_machine.travel(utcnow() + timedelta(minutes=1, seconds=1), tick=False):
        assert client.get("/search?q=ships").status_code == 200


# Pictures


def test_pictures_are_limited_and_what_is_over_is_said_on_a_page_and_to_scripts(sign_in, ada):
    browser = sign_in(ada)

    def sent():
        return {"file": (BytesIO(a_file()), "a.png")}

    assert browser.post("/write/media", data=sent()).status_code == 200
    used_up(UPLOAD_BY_ACCOUNT, str(ada.id))
    answer = browser.post("/write/media", data=sent())
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "Wait 60 minutes" in words(answer)
    assert browser.post("/write/media", data=sent(), headers=SCRIPT).json == {"error": "busy"}
    post = a_post(by=ada, title="Before", body="Words.")
    form = filled(browser.get(f"/write/posts/{post.id}"), "form.editor")
    answer = browser.post(
        f"/write/posts/{post.id}", data=form | {"title": "After", "cover_file": (BytesIO(a_file()), "a.png")}
    )
    assert answer.status_code == 422  # the text is there to be saved without it
    assert "You have sent a great many pictures." in words(answer)
    assert page(answer).select_one('[name="title"]')["value"] == "After"
