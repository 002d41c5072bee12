"""Another address: confirmed at the new one, taken back from the old one."""

from datetime import timedelta

import pytest
import time_machine
from factories import PASSWORD, a_user, an_admin
from looking import fault, page, words
from pyotp import TOTP
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Authenticator, KnownDevice, LoginSession, Passkey, Purpose, RecoveryCode, Token
from blog.models.factors import CODES_MADE

OLD, NEW = "ada@example.com", "ada@new.example"


@pytest.fixture
def ada(db):
    return a_user(name="Ada", email=OLD, password=PASSWORD)


def ask(browser, email=NEW):
    return browser.post("/auth/account/address", data={"email": email})


def path(letter) -> str:
    return letter.link.removeprefix("http://localhost")


def actions() -> list[str]:
    return [entry.action for entry in the_db.session.scalars(AuditEntry.newest())]


def test_the_address_changes_once_it_is_confirmed_at_the_new_one(sign_in, client, ada, post_box):
    here, elsewhere = sign_in(ada), sign_in(ada)
    assert ask(here, f" {NEW.upper()} ").location == "/auth/account"
    shown = words(here.get("/auth/account"))
    assert "A letter is on its way to ada@new.example" in shown
    assert "ada@new.example waits to be confirmed" in shown
    letter, warning = post_box(to=NEW)[0], post_box(to=OLD)[0]
    assert (letter.kind, warning.kind) == ("address_new", "address_old")
    assert NEW in warning.text
    opened = client.get(path(letter))  # as a mail scanner does
    assert opened.status_code == 200
    assert opened.headers["Cache-Control"] == "no-store"
    the_db.session.expire_all()
    assert ada.email == OLD
    assert here.post(path(letter)).location == "/auth/account"
    the_db.session.expire_all()
    assert ada.email == NEW
    assert ada.confirmed_at
    assert here.get("/auth/account").status_code == 200
    assert elsewhere.get("/auth/account").status_code == 302
    assert here.post(path(letter)).status_code == 404
    assert client.post("/auth/login", data={"email": OLD, "password": PASSWORD}).status_code == 422
    assert client.post("/auth/login", data={"email": NEW, "password": PASSWORD}).status_code == 302
    entry = next(one for one in the_db.session.scalars(AuditEntry.newest()) if one.action == "changed the address of")
    assert (entry.about, entry.detail) == (ada, {"before": OLD, "after": NEW})


def test_confirmed_from_a_strange_browser_it_ends_every_session(sign_in, client, ada, post_box):
    here = sign_in(ada)
    ask(here)
    assert client.post(path(post_box(to=NEW)[0])).status_code == 302
    assert client.get("/auth/account").location.startswith("/auth/login")
    assert here.get("/auth/account").location.startswith("/auth/login")


def test_nobody_learns_whether_the_new_address_has_an_account(sign_in, client, ada, post_box):
    a_user(email="bob@example.com")
    seen = []
    for email in ("bob@example.com", "nobody@example.com"):
        browser = sign_in(ada)
        answer = ask(browser, email)
        seen.append((answer.status_code, answer.location, words(browser.get("/auth/account")).replace(email, "…")))
    assert seen[0] == seen[1]
    (letter,) = post_box(to="bob@example.com")
    assert (letter.kind, letter.links) == ("address_taken", [])
    assert "Somebody tried to move their account here" in letter.subject
    assert "Ada" not in letter.text
    assert OLD not in letter.text


def test_an_address_that_was_taken_meanwhile_is_a_clear_answer(sign_in, client, ada, post_box):
    ask(sign_in(ada))
    a_user(email=NEW)
    answer = client.post(path(post_box(to=NEW)[0]))
    assert answer.status_code == 409
    assert "belongs to another account" in words(answer)
    the_db.session.expire_all()
    assert ada.email == OLD
    assert client.post(path(post_box(to=NEW)[0])).status_code == 404


@pytest.mark.parametrize("is_done", [False, True])
def test_this_was_not_me_takes_it_back_also_after_it_happened(sign_in, client, ada, post_box, is_done):
    intruder = sign_in(ada)
    early = utcnow() - timedelta(days=3)
    kept = Passkey(user_id=ada.id, digest="a", credential="a", public_key=b"a", name="Mine", created_at=early)
    the_db.session.add(kept)
    ask(intruder)
    back, to = path(post_box(to=OLD)[0]), path(post_box(to=NEW)[0])
    with time_machine.travel(utcnow() + timedelta(hours=1)):
        if is_done:
            client.post(to)
            intruder = sign_in(ada)
            ask(intruder, "ada@third.example")  # twice, to be rid of the first letter
            client.post(path(post_box(to="ada@third.example")[0]))
            intruder = sign_in(ada)
            intruder.post(
                "/auth/account/password", data={"current_password": PASSWORD, "password": "geese a-laying six"}
            )
        soon = utcnow()
        the_db.session.add_all(
            [
                Passkey(user_id=ada.id, digest="b", credential="b", public_key=b"b", name="Theirs", created_at=soon),
                Authenticator(user_id=ada.id, sealed="x", confirmed_at=soon),
                KnownDevice(user_id=ada.id, digest="c", expires_at=soon),
            ]
        )
        assert "This was not me" in words(client.get(back))
        answer = client.post(back)
    assert answer.location.startswith("/auth/password/reset/")
    the_db.session.expire_all()
    assert ada.email == OLD
    assert not ada.check_password(PASSWORD)
    assert not ada.check_password("geese a-laying six")
    assert intruder.get("/auth/account").location.startswith("/auth/login")
    assert the_db.session.scalars(select(Token.purpose)).all() == [Purpose.reset]
    assert the_db.session.scalars(select(Passkey.name)).all() == ["Mine"]
    for gone in (LoginSession, Authenticator, KnownDevice):
        assert the_db.session.scalars(select(gone)).all() == []
    assert client.post(to).status_code == 404
    assert client.post(back).status_code == 404
    assert actions()[0] == "took a change of address back"


def test_links_end_after_their_time_and_with_a_newer_wish(sign_in, client, ada, post_box):
    browser = sign_in(ada)
    ask(browser)
    first, back = path(post_box(to=NEW)[0]), path(post_box(to=OLD)[0])
    ask(browser, "ada@other.example")
    assert client.get(first).status_code == 404
    second = path(post_box(to="ada@other.example")[0])
    assert client.get(second).status_code == 200
    for hours, link, status in ((23, second, 200), (25, second, 404), (167, back, 200), (169, back, 404)):
        with time_machine.travel(utcnow() + timedelta(hours=hours)):
            assert client.get(link).status_code == status, hours


def test_a_wish_can_be_withdrawn(sign_in, client, ada, post_box):
    browser = sign_in(ada)
    ask(browser)
    browser.post("/auth/account/address/withdrawal")
    assert "waits to be confirmed" not in words(browser.get("/auth/account"))
    assert client.post(path(post_box(to=NEW)[0])).status_code == 404


def test_tampered_and_mixed_up_links_open_nothing(sign_in, client, ada, post_box):
    ask(sign_in(ada))
    to, back = path(post_box(to=NEW)[0]), path(post_box(to=OLD)[0])
    secret = to.rpartition("/")[2]
    for wrong in (to[:-1], to + "0", back.replace("/old/", "/new/"), to.replace("/new/", "/old/"),
                  f"/auth/link/{secret}", "/auth/address/new/" + "a" * 10_000):  # fmt: skip
        for answer in (client.get(wrong), client.post(wrong)):
            assert answer.status_code == 404
            assert "This link opens nothing any more" in words(answer)
    ada.deactivate(by=an_admin())
    assert client.post(to).status_code == client.post(back).status_code == 404
    the_db.session.expire_all()
    assert ada.email == OLD


def test_an_odd_address_is_refused_beside_the_field_and_kept(sign_in, ada, post_box):
    browser = sign_in(ada)
    for odd in ("", "ada", "ada@", OLD, OLD.upper(), "a" * 320 + "@x.example", "a@b@c.example", "a\r\nBcc: x@y.z"):
        answer = ask(browser, odd)
        assert answer.status_code == 422, odd
        assert fault(answer, "email"), odd
    assert page(answer).select_one("[name=email]")["value"]
    assert post_box() == []


def test_too_many_letters_are_refused(sign_in, ada, post_box):
    browser = sign_in(ada)
    answers = [ask(browser, f"ada{n}@example.com").status_code for n in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(post_box()) == 10


def test_where_no_mail_is_sent_an_admin_changes_it(sign_in, client, ada):
    browser = sign_in(ada)
    assert "an admin changes it for you" in words(browser.get("/auth/account"))
    assert ask(browser).location == "/auth/account"
    assert "only an admin can change your address" in words(browser.get("/auth/account"))
    assert the_db.session.scalars(select(Token)).all() == []
    LoginSession.start(ada)
    ada.move_to(NEW, by=an_admin(name="Grace"))
    assert browser.get("/auth/account").location.startswith("/auth/login")
    assert ada.email == NEW
    assert actions()[0] == "changed the address of"


def test_strangers_ask_for_nothing(client, post_box):
    assert ask(client).status_code == 401
    assert post_box() == []


def enrolled(browser) -> list[str]:
    """Sets up an app as a person does. The recovery codes that came with it, if any did."""
    shown = page(browser.get("/auth/account/factors/app"))
    code = TOTP(shown.select_one(".secret code").get_text().replace(" ", "")).now()
    sealed = shown.select_one("[name=sealed]")["value"]
    answer = browser.post("/auth/account/factors/app", data={"sealed": sealed, "code": code})
    return [one.get_text() for one in page(answer).select(".codes code")]


def test_recovery_codes_that_an_intruder_made_are_void_and_the_owner_gets_new_ones(sign_in, client, ada, post_box):
    intruder = sign_in(ada)
    ask(intruder)
    theirs = enrolled(intruder)
    client.post(path(post_box(to=OLD, kind="address_old")[0]))
    assert the_db.session.scalars(select(RecoveryCode)).all() == []
    mine = enrolled(sign_in(ada))
    assert (len(theirs), len(mine)) == (10, 10)
    assert not RecoveryCode.are_all(ada, theirs[:1])
    assert RecoveryCode.are_all(ada, mine)


@pytest.mark.parametrize("made_anew", [False, True])
def test_taking_back_voids_recovery_codes_only_if_they_were_made_since(sign_in, client, ada, post_box, made_anew):
    early = utcnow() - timedelta(days=1)
    the_db.session.add(Authenticator(user_id=ada.id, sealed="x", confirmed_at=early))
    the_db.session.add_all(RecoveryCode(user_id=ada.id, digest=f"{n}") for n in range(10))
    the_db.session.add(AuditEntry(at=early, action=CODES_MADE, actor_id=ada.id, actor_name="Ada", origin=""))
    intruder = sign_in(ada)
    ask(intruder)
    if made_anew:
        intruder.post("/auth/account/factors/codes")
    client.post(path(post_box(to=OLD, kind="address_old")[0]))
    assert the_db.session.scalars(select(Authenticator)).all() != []
    assert len(the_db.session.scalars(select(RecoveryCode)).all()) == (0 if made_anew else 10)
