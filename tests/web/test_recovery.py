"""Forgotten passwords: chosen anew by a link in a letter, or one that an admin made."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from factories import PASSWORD, a_user, an_admin
from looking import fault, filled, link, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, KnownDevice, LoginSession, Purpose, Token
from blog.models.credentials import digest_of
from blog.models.throttle import SIGN_IN_TO_ACCOUNT

ASKED = "/auth/password/asked"
NEW = "six geese were a-laying"


@pytest.fixture
def ada(db):
    return a_user(name="Ada", email="ada@example.com", password=PASSWORD)


def ask(client, email="ada@example.com", **how):
    return client.post("/auth/password/forgot", data={"email": email}, **how)


def enter(client, password=NEW):
    return client.post("/auth/login", data={"email": "ada@example.com", "password": password})


def reset_path(letter) -> str:
    return letter.link.removeprefix("http://localhost")


@pytest.fixture
def path(client, ada, post_box):
    ask(client)
    return reset_path(post_box(kind="reset")[-1])


def test_a_letter_lets_one_choose_a_new_password_and_sign_in_with_it(client, ada, post_box, app, sign_in):
    there = sign_in(ada)
    page = client.get("/auth/login")
    assert link(page, "Forgotten your password?") == "/auth/password/forgot"
    assert client.get("/auth/password/forgot").status_code == 200
    assert ask(client, " Ada@Example.com ").location == ASKED
    assert "If there is an account" in words(client.get(ASKED))
    (letter,) = post_box()
    assert (letter.kind, letter.to) == ("reset", "ada@example.com")
    address = reset_path(letter)
    for _ in range(2):  # mail scanners open links
        shown = client.get(address)
        assert shown.status_code == 200
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert shown.headers["Cache-Control"] == "no-store"
        assert "Ada" in words(shown)
    assert client.post(address, data={"password": NEW}).location == "/auth/login"
    assert "Your password is changed" in words(client.get("/auth/login"))
    assert client.get("/auth/account").status_code == 302  # whoever has a second factor is to be asked for it
    assert there.get("/auth/account").status_code == 302
    assert enter(app.test_client(), PASSWORD).status_code == 422
    assert enter(client).status_code == 302
    assert [letter.kind for letter in post_box(to="ada@example.com")] == ["reset", "password_changed"]
    for answer in (client.get(address), client.post(address, data={"password": PASSWORD})):  # it counts once
        assert answer.status_code == 404
        assert "opens nothing any more" in words(answer)
    assert ada.confirmed_at is not None
    assert ada.check_password(NEW)
    log = the_db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert log[0] == "asked for a new password for"
    assert "reset the password of" in log


def test_strangers_learn_nothing_about_who_has_an_account_and_the_work_is_the_same(app, client, post_box):
    a_user(email="ada@example.com", name="Ada")
    a_user(email="gone@example.com", is_active=False)
    answers, work = [], []
    for email in ("ada@example.com", "nobody@example.com", "gone@example.com"):
        browser, seen = app.test_client(), []

        def listen(_connection, _cursor, statement, *_, seen=seen):
            seen.append(statement.split()[0])

        sa.event.listen(sa.Engine, "before_cursor_execute", listen)
        answer = ask(browser, email)
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
        work.append([word for word in seen if word in ("INSERT", "UPDATE", "DELETE")])
        page = browser.get(answer.location)
        answers.append((answer.status_code, answer.location, answer.text, sorted(answer.headers.keys()), page.text))
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2]
    assert work[0].count("INSERT") >= 3
    assert [letter.to for letter in post_box()] == ["ada@example.com"]
    assert the_db.session.scalars(select(Token.email)).all() == ["ada@example.com"]
    logged = the_db.session.scalars(select(AuditEntry.subject).order_by(AuditEntry.id)).all()
    assert logged == ["ada@example.com", "somebody unknown", "gone@example.com"]


def test_a_site_without_mail_says_whom_to_ask(client, ada):
    for answer in (client.get("/auth/password/forgot"), ask(client)):
        assert "Ask one of its admins" in words(answer)
    assert the_db.session.scalars(select(Token)).all() == []


def test_an_admin_can_make_the_link(client, ada):
    secret = Token.issue(Purpose.reset, user=ada, by=an_admin())
    assert client.post(f"/auth/password/reset/{secret}", data={"password": NEW}).location == "/auth/login"
    assert enter(client).status_code == 302
    assert ada.confirmed_at is None  # no letter has shown that the address is theirs


def test_a_newer_link_ends_the_one_before_whoever_made_it(client, ada, path, post_box):
    by_hand = f"/auth/password/reset/{Token.issue(Purpose.reset, user=ada, by=an_admin())}"
    assert client.get(path).status_code == 404
    assert client.get(by_hand).status_code == 200
    ask(client)
    assert client.get(by_hand).status_code == 404
    assert client.get(reset_path(post_box(kind="reset")[-1])).status_code == 200


def test_a_link_is_void_after_an_hour_for_whoever_was_deactivated_and_once_they_have_another_address(client, ada, path):
    with time_machine.travel(utcnow() + timedelta(minutes=61), tick=False):
        assert client.get(path).status_code == 404
    assert client.get(path).status_code == 200
    ada.is_active = False
    assert client.post(path, data={"password": NEW}).status_code == 404
    ada.is_active = True
    ada.email = "moved@example.com"
    assert client.post(path, data={"password": NEW}).status_code == 404
    assert ada.check_password(PASSWORD)


def test_every_other_link_is_answered_alike(client, ada, path):
    secret = path.rpartition("/")[2]
    wrong = [secret[:-1], secret + "0", secret[::-1], secret.upper(), "x", "x" * 10_000, Token.issue(Purpose.setup)]
    wrong += [Token.issue(Purpose.sign_in, user=ada), Token.issue(Purpose.new_address, user=ada)]
    wrong += [Token.issue(Purpose.reset)]  # of nobody
    for other in wrong:
        address = f"/auth/password/reset/{other}"
        for answer in (client.get(address), client.post(address, data={"password": NEW})):
            assert answer.status_code == 404
            assert "opens nothing any more" in words(answer)
    assert ada.check_password(PASSWORD)


def test_the_link_of_one_changes_nothing_of_another(client, ada, path, sign_in):
    other = a_user(name="Grace", email="grace@example.com", password=PASSWORD)
    browser = sign_in(other)
    sent = {"password": NEW, "email": other.email, "user_id": other.id, "username": other.email}
    assert browser.post(path, data=sent).location == "/auth/login"
    assert other.check_password(PASSWORD)
    assert ada.check_password(NEW)
    assert browser.get("/auth/account").status_code == 302  # at this browser nobody is signed in any more
    assert the_db.session.scalar(select(LoginSession).where(LoginSession.user_id == other.id)) is None


@pytest.mark.parametrize("typed", ["", "short", "x" * 129, "abababababababab", "Masthead1234567"])
def test_what_is_no_password_is_refused_and_the_link_stays_good(client, path, ada, typed):
    answer = client.post(path, data={"password": typed})
    assert answer.status_code == 422
    assert fault(answer, "password")
    assert filled(answer)["password"] == ""
    assert ada.check_password(PASSWORD)
    assert client.post(path, data={"password": NEW}).status_code == 302


@pytest.mark.parametrize(
    "typed", ["", "ada", "ada@", "x" * 312 + "@ex.co.uk", "a@example.com, b@example.com", "a@b.co\nBcc: c@d.eu", "\0"]
)
def test_what_is_no_address_is_refused(client, post_box, typed):
    answer = ask(client, typed)
    assert answer.status_code == 422
    assert fault(answer, "email")
    assert post_box() == []


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_three_letters_an_hour_go_to_one_address_known_or_not(app, ada, post_box, email):
    answers = [ask(app.test_client(), email, environ_overrides={"REMOTE_ADDR": f"198.51.100.{n}"}) for n in range(5)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429, 429]
    assert "Too many letters" in fault(answers[4], "email")
    assert int(answers[4].headers["Retry-After"]) > 3000
    assert len(post_box()) == (3 if email == ada.email else 0)


def test_twenty_letters_an_hour_are_asked_for_from_one_place(client, post_box):
    statuses = [ask(client, f"x{n}@example.com").status_code for n in range(21)]
    assert statuses == [302] * 20 + [429]


@pytest.mark.parametrize(
    ("site", "home"), [("https://blog.example.org", "https://blog.example.org"), ("", "http://127.0.0.1:8000")]
)
@pytest.mark.usefixtures("ada")
def test_links_have_the_name_of_the_site_whatever_the_reader_called_it(app, client, post_box, monkeypatch, site, home):
    monkeypatch.setitem(app.config, "SITE_URL", site)
    ask(client, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    (letter,) = post_box()
    assert letter.link.startswith(f"{home}/auth/password/reset/")
    assert "evil.example" not in letter.text + letter.html


def test_an_owner_whom_others_have_locked_out_gets_in_by_a_letter(client, ada, path):
    for _ in range(SIGN_IN_TO_ACCOUNT.tries):
        enter(client, "wrong wrong wrong")
    assert enter(client, PASSWORD).status_code == 429
    client.post(path, data={"password": NEW})
    assert enter(client).status_code == 302


def test_of_two_who_choose_at_once_one_counts(client, ada, path, monkeypatch):
    monkeypatch.setattr(Token, "spend", lambda _token: False)  # as it answers the slower of two
    assert client.post(path, data={"password": NEW}).status_code == 404
    assert ada.check_password(PASSWORD)


def test_a_new_password_makes_every_device_strange_but_the_one_where_it_was_chosen(app, client, ada, post_box):
    """Whoever stole a device would else go on guessing from it, with tries of their own."""
    here, stolen = app.test_client(), app.test_client()
    for browser in (here, stolen):
        enter(browser, PASSWORD)
        browser.post("/auth/logout")
    assert len(devices_of(ada)) == 2
    ask(here)
    here.post(reset_path(post_box()[-1]), data={"password": NEW})
    (left,) = devices_of(ada)
    assert left == digest_of(here.get_cookie("device").value)
    for _ in range(SIGN_IN_TO_ACCOUNT.tries):
        enter(stolen, "wrong wrong wrong")
    assert enter(stolen).status_code == 429  # as from any strange device
    assert enter(here).status_code == 302
    here.post("/auth/account/password", data={"current_password": NEW, "password": "seven geese were a-laying"})
    assert devices_of(ada) == [left]


def test_chosen_at_a_strange_device_it_leaves_none_that_is_known(app, client, ada, path):
    enter(app.test_client(), PASSWORD)
    client.post(path, data={"password": NEW})
    assert devices_of(ada) == []


def devices_of(person) -> list[str]:
    return list(the_db.session.scalars(select(KnownDevice.digest).where(KnownDevice.user_id == person.id)))


def test_the_letter_that_was_asked_for_is_told_on_the_page_of_the_person(client, ada, post_box):
    ask(client)
    ask(client, "nobody@example.com")
    asked = select(AuditEntry.about_id).where(AuditEntry.action == "asked for a new password for")
    assert list(the_db.session.scalars(asked.order_by(AuditEntry.id))) == [ada.id, None]
