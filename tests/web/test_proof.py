"""What is dangerous asks anew who one is, and then goes on where it was."""

from datetime import timedelta

import pytest
import time_machine
from factories import PASSWORD, a_user, an_admin, an_editor
from looking import HERE, fault, filled, heading, page, press, shown, words
from sqlalchemy import delete, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, LoginSession, Purpose, Registration, Site, Token, User, UserRole

LATER = timedelta(minutes=31)


@pytest.fixture(autouse=True)
def in_production(app, monkeypatch):
    """Forms need their tokens, and errors become pages."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


@pytest.fixture
def boss(db):
    return an_admin(name="Boss", email="boss@example.com", password=PASSWORD)


@pytest.fixture
def office(boss, sign_in):
    return sign_in(boss)


@pytest.fixture
def bob(db):
    return a_user(name="Bob", email="bob@example.com")


@pytest.fixture
def later():
    """Half an hour has gone by since everybody signed in."""
    with time_machine.travel(utcnow() + LATER, tick=False) as traveller:
        yield traveller


def role_of(person) -> UserRole:
    the_db.session.expire_all()
    return the_db.session.get(User, person.id).role


def promote(office, person, token=""):
    token = token or filled(office.get(f"/admin/users/{person.id}"))["csrf_token"]
    sent = {"role": "editor", "csrf_token": token}
    return office.post(f"/admin/users/{person.id}/role", data=sent, headers=HERE)


def actions() -> list[str]:
    return [entry.action for entry in the_db.session.scalars(AuditEntry.newest())]


def test_within_half_an_hour_nobody_is_asked(office, bob):
    with time_machine.travel(utcnow() + timedelta(minutes=29), tick=False):
        assert promote(office, bob).location == f"/admin/users/{bob.id}"
    assert role_of(bob) is UserRole.editor


def test_later_the_act_waits_for_the_password_and_goes_on_where_it_was(office, bob, later):
    asked = promote(office, bob)
    assert (asked.status_code, heading(asked)) == (401, "Is it you?")
    assert "It is a while since you showed who you are." in words(asked)
    assert role_of(bob) is UserRole.viewer
    thanked = press(office, asked, password=PASSWORD)
    assert (thanked.status_code, heading(thanked)) == (200, "Thank you")
    assert role_of(bob) is UserRole.viewer
    assert press(office, thanked).location == f"/admin/users/{bob.id}"
    assert role_of(bob) is UserRole.editor
    assert promote(office, bob).status_code == 302  # and is not asked again


def test_a_wrong_password_keeps_what_was_asked_for_and_is_in_the_log(office, bob, later):
    asked = promote(office, bob)
    for wrong in ("", "not mine", "x" * 1001):
        asked = press(office, asked, password=wrong)
        assert asked.status_code == 422
        assert fault(asked, "password")
        assert "not mine" not in asked.text
    assert actions().count("failed to prove to be") == 1
    press(office, press(office, asked, password=PASSWORD))
    assert role_of(bob) is UserRole.editor
    assert "proved who they are" in actions()


def test_guesses_are_limited_however_the_sign_in_page_is_besieged(office, boss, bob, client, later):
    client.post("/auth/login", data={"csrf_token": "none"})
    asked = promote(office, bob)
    for _ in range(10):
        asked = press(office, asked, password="a guess")
        assert asked.status_code == 422
    asked = press(office, asked, password=PASSWORD)
    assert asked.status_code == 429
    assert asked.headers["Retry-After"] == "900"
    assert "Wait 15 minutes" in words(asked)
    later.shift(timedelta(minutes=15))
    assert heading(press(office, asked, password=PASSWORD)) == "Thank you"


def test_a_proof_makes_a_new_secret_and_the_old_one_opens_nothing(office, boss, app, later):
    before = office.get_cookie("session").value
    press(office, office.get("/auth/proof?next=/admin"), password=PASSWORD)
    assert office.get("/admin").status_code == 200
    stolen = app.test_client()
    stolen.set_cookie("session", before)
    assert stolen.get("/admin").location == "/auth/login?next=/admin"
    assert len(the_db.session.scalars(select(LoginSession)).all()) == 1


def test_forms_that_lay_open_elsewhere_stay_good(office, bob, later):
    token = filled(office.get(f"/admin/users/{bob.id}"))["csrf_token"]
    press(office, office.get("/auth/proof"), password=PASSWORD)
    assert promote(office, bob, token).status_code == 302


def test_the_password_of_somebody_else_proves_nothing(office, bob, later):
    an_editor(password="six geese were a-laying")
    assert press(office, promote(office, bob), password="six geese were a-laying").status_code == 422


def test_whoever_was_signed_out_meanwhile_signs_in_with_what_was_asked_for(office, bob, later):
    asked = promote(office, bob)
    the_db.session.execute(delete(LoginSession))
    out = press(office, asked, password=PASSWORD)
    assert (out.status_code, heading(out)) == (401, "You are signed out")
    back = press(office, out, email="boss@example.com", password=PASSWORD)
    assert press(office, back).status_code == 302
    assert role_of(bob) is UserRole.editor


def test_a_session_that_ends_while_the_password_is_checked_proves_nothing(office, bob, later, monkeypatch):
    asked = promote(office, bob)
    monkeypatch.setattr(LoginSession, "renew", lambda _secret: None)  # as it answers when the row is gone
    assert press(office, asked, password=PASSWORD).status_code == 401


def test_a_form_with_a_password_is_filled_in_anew(office, later):
    form = filled(office.get("/auth/account"), 'form[action$="password"]')
    chosen = {"current_password": PASSWORD, "password": "six geese were a-laying"}
    headers = HERE | {"Referer": "http://localhost/auth/account"}
    asked = office.post("/auth/account/password", data=form | chosen, headers=headers)
    assert asked.status_code == 401
    assert "geese" not in asked.text
    thanked = press(office, asked, password=PASSWORD)
    assert "geese" not in thanked.text
    assert not page(thanked).select("main form") if not thanked.location else thanked.location == "/auth/account"
    form = filled(office.get("/auth/account"), 'form[action$="password"]')
    assert office.post("/auth/account/password", data=form | chosen).status_code == 302


def test_a_page_leads_through_the_proof_and_scripts_learn_why(office, app, monkeypatch, later):
    monkeypatch.setattr(app.view_functions["admin.dashboard"], "needs_proof", True)
    asked = office.get("/admin?a=b+c")
    assert asked.location == "/auth/proof?next=/admin?a%3Db%2Bc"
    script = office.get("/admin", headers={"Accept": "application/json"})
    assert (script.status_code, script.json) == (401, {"error": "proof"})
    assert press(office, office.get(asked.location), password=PASSWORD).location == "/admin?a=b+c"
    assert office.get("/admin").status_code == 200
    assert office.get("/auth/proof?next=/tags").location == "/tags"  # whoever has proved it is sent on


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example", "/\t/evil.example", ""])
def test_after_the_proof_nobody_is_led_off_the_site(office, target, later):
    asked = office.get("/auth/proof", query_string={"next": target})
    assert press(office, asked, password=PASSWORD).location == "/write"


def test_what_was_typed_is_shown_and_goes_along(office, bob, later):
    token = filled(office.get(f"/admin/users/{bob.id}"))["csrf_token"]
    sent = {"email": "ada@example.com", "csrf_token": token}
    asked = office.post(f"/admin/users/{bob.id}/posts", data=sent, headers=HERE)
    assert shown(asked) == ["ada@example.com"]
    assert shown(press(office, asked, password=PASSWORD)) == ["ada@example.com"]


def test_a_form_too_large_to_travel_is_shown_to_be_copied(office, bob, app, monkeypatch, later):
    token = filled(office.get(f"/admin/users/{bob.id}"))["csrf_token"]
    monkeypatch.setitem(app.config, "MAX_FORM_MEMORY_SIZE", 21_000)
    sent = {"email": "x" * 5_000, "csrf_token": token}
    asked = office.post(f"/admin/users/{bob.id}/posts", data=sent, headers=HERE)
    assert shown(asked) == ["x" * 5_000]
    assert "for you to copy" in words(asked)
    assert press(office, asked, password=PASSWORD).location == f"/admin/users/{bob.id}"


@pytest.mark.parametrize(
    "path", ["/auth/logout", "/auth/login", "/auth/proof", "//evil.example", "/admin/users/1/role/../../../auth/logout"]
)
def test_a_tampered_proof_goes_on_to_nothing_that_is_not_the_persons_own(office, path, later):
    asked = filled(office.get("/auth/proof"))
    sent = asked | {"password": PASSWORD, "going-to": path, "carried-x": "Typed."}
    thanked = office.post("/auth/proof", data=sent, headers=HERE)
    assert not page(thanked).select("main form")
    assert shown(thanked) == ["Typed."]


def test_a_stranger_has_nothing_to_prove(client):
    assert client.get("/auth/proof").location == "/auth/login?next=/auth/proof"


def test_a_forged_proof_is_refused(office, boss, later):
    answer = office.post("/auth/proof", data={"password": PASSWORD}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 400
    assert not the_db.session.scalar(select(LoginSession)).is_proved


# Without a password


def test_a_one_time_link_is_proof_and_later_only_a_fresh_one_is(client, boss):
    boss.password_hash = "!"
    link = f"/auth/link/{Token.issue(Purpose.sign_in, user=boss)}"
    press(client, client.get(link))
    chosen = {"password": "six geese were a-laying"}
    form = filled(client.get("/auth/account"), 'form[action$="password"]')
    with time_machine.travel(utcnow() + LATER, tick=False):
        asked = client.post("/auth/account/password", data=form | chosen, headers=HERE)
        assert asked.status_code == 401
        assert "flask user link" in words(asked)
        assert not page(asked).select('main input[name="password"]')
        fresh = f"/auth/link/{Token.issue(Purpose.sign_in, user=boss)}"
        press(client, client.get(fresh))
        form = filled(client.get("/auth/account"), 'form[action$="password"]')
        assert client.post("/auth/account/password", data=form | chosen).status_code == 302


def test_settings_of_who_comes_in_ask_too_and_no_others(office, later):
    def save(**typed):
        sent = filled(office.get("/admin/settings")) | typed
        return office.post("/admin/settings", data=sent, headers=HERE)

    assert save(tagline="Another").location == "/admin/settings"
    assert heading(save(factor_for="admin")) == "Is it you?"
    asked = save(registration="open")
    assert (asked.status_code, heading(asked)) == (401, "Is it you?")
    assert Site.current().registration is not Registration.open
    assert press(office, press(office, asked, password=PASSWORD)).location == "/admin/settings"
    assert Site.current().registration is Registration.open
