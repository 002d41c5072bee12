"""The step after the password: a code, a recovery code, and nobody in before it."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from factories import PASSWORD, a_post, a_user, an_editor, the_site
from looking import fault, filled, follow, link, page, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Authenticator, LoginSession, Purpose, RecoveryCode, Throttle, Token
from blog.models.factors import factors_of, reset_factors
from blog.models.throttle import FACTOR_FROM_ADDRESS, FACTOR_TO_ACCOUNT
from blog.models.user import hash_of

STEP = timedelta(seconds=30)
HERE = {"Origin": "http://localhost"}
ADDRESS = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


@pytest.fixture
def telephone(ada) -> pyotp.TOTP:
    """Ada's app, set up a while ago."""
    sealed = Authenticator.begin(ada)
    app = pyotp.TOTP(Authenticator.secret_in(sealed, ada))
    assert Authenticator.enrol(ada, sealed, app.at(utcnow()))
    the_db.session.execute(Authenticator.__table__.update().values(last_step=0))
    return app


def enter(browser, **how):
    return browser.post("/auth/login", data={"email": "ada@example.com", "password": PASSWORD}, **how)


def give(browser, code, path="/auth/login/code", **how):
    return browser.post(path, data={"code": code}, **how)


def wrong(app) -> str:
    return next(
        f"{n:06}" for n in range(9) if not any(app.at(utcnow() + k * STEP) == f"{n:06}" for k in (-2, -1, 0, 1, 2))
    )


def is_in(browser) -> bool:
    return browser.get("/auth/account").status_code == 200


def actions() -> list[str]:
    return list(the_db.session.scalars(AuditEntry.newest().with_only_columns(AuditEntry.action)))


def test_the_password_alone_lets_nobody_in_who_has_a_factor(client, telephone):
    sent = enter(client, query_string={"next": "/tags"})
    assert (sent.status_code, sent.location) == (302, "/auth/login/code?next=/tags")
    assert not is_in(client)
    assert client.get("/write").status_code == 302
    asked = client.get(sent.location)
    assert asked.headers["Cache-Control"] == "no-store"
    field = page(asked).select_one("[name=code]")
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    through = give(client, telephone.at(utcnow()), sent.location)
    assert through.location == "/tags"
    assert is_in(client)
    assert the_db.session.scalar(select(LoginSession.has_factor))
    line = the_db.session.scalar(AuditEntry.newest())
    assert (line.action, line.detail) == ("signed in", {"how": "a password and a code"})


def test_whoever_has_no_factor_is_in_at_once(client, ada):
    assert enter(client).location == "/write"
    assert not the_db.session.scalar(select(LoginSession.has_factor))


def test_a_code_counts_once_also_at_another_browser(client, app, telephone):
    other = app.test_client()
    enter(client), enter(other)
    code = telephone.at(utcnow())
    assert give(client, code).status_code == 302
    answer = give(other, code)
    assert answer.status_code == 422
    assert "not right, or it was used" in fault(answer, "code")
    assert not is_in(other)


def test_a_recovery_code_opens_once_and_says_when_few_are_left(client, ada, telephone):
    codes = RecoveryCode.make_anew(ada)
    enter(client)
    for typed in (codes[0], f" {codes[1].upper().replace('-', ' ')} "):
        assert give(client, typed).status_code == 302
        assert factors_of(ada).codes_left in (9, 8)
        client.post("/auth/logout")
        enter(client)
        assert give(client, typed).status_code == 422
    assert client.post("/auth/login/code", data={"code": "", "recovery": codes[2]}).location == "/write"
    for code in codes[3:7]:
        RecoveryCode.spend(ada, code)
    client.post("/auth/logout")
    enter(client)
    assert "only 2 recovery codes left" in words(client.get(give(client, codes[7]).location))


@pytest.mark.parametrize("typed", ["", " ", "x" * 201, "12345", "1234567", "é" * 6, "\ufffd", "0" * 24])
def test_what_is_no_code_is_refused_beside_the_field(client, telephone, typed):
    enter(client)
    answer = give(client, typed)
    assert answer.status_code == 422
    assert fault(answer, "code")
    assert not is_in(client)
    assert client.post("/auth/login/code", json={"code": [1]}).status_code == 422


def test_somebody_elses_code_opens_nothing(client, telephone):
    bob = a_user()
    sealed = Authenticator.begin(bob)
    theirs = pyotp.TOTP(Authenticator.secret_in(sealed, bob))
    Authenticator.enrol(bob, sealed, theirs.at(utcnow()))
    recovery = RecoveryCode.make_anew(bob)
    enter(client)
    for code in (theirs.at(utcnow() + STEP), recovery[0]):
        assert give(client, code).status_code == 422
    assert factors_of(bob).codes_left == 10


# For ten minutes, at this browser, after this password


def test_without_the_password_there_is_no_second_step(client, ada, telephone):
    assert client.get("/auth/login/code?next=/tags").location == "/auth/login?next=/tags"
    code = telephone.at(utcnow())
    for planted in (None, "", "x", 7, ["x"], Token.issue(Purpose.sign_in, user=ada)):
        with client.session_transaction() as session:
            session["second_step"] = planted
        answer = give(client, code)
        assert answer.status_code == 400
        assert "grown old" in words(answer)
        assert not is_in(client)


def test_the_step_waits_ten_minutes(client, telephone):
    enter(client)
    with time_machine.travel(utcnow() + timedelta(minutes=9), tick=False):
        assert client.get("/auth/login/code").status_code == 200
    with time_machine.travel(utcnow() + timedelta(minutes=11), tick=False):
        assert client.get("/auth/login/code").location == "/auth/login"
        assert give(client, telephone.at(utcnow())).status_code == 400


def test_the_step_is_taken_once(client, app, telephone):
    enter(client)
    kept = client.get_cookie("session").value
    assert give(client, telephone.at(utcnow())).status_code == 302
    other = app.test_client()
    other.set_cookie("session", kept)
    assert give(other, telephone.at(utcnow() + STEP)).status_code == 400
    assert not is_in(other)
    assert client.get("/auth/login/code").location == "/write"  # who is in is sent on
    assert give(client, "123456").location == "/write"


@pytest.mark.parametrize("what", ["deactivated", "reset", "new password"])
def test_what_happens_to_the_account_meanwhile_ends_the_step(client, ada, telephone, what):
    enter(client)
    if what == "deactivated":
        ada.is_active = False
    elif what == "reset":
        reset_factors(ada, by=None)
    else:
        ada.change_password(hash_of("six geese were a-laying"))
    assert give(client, telephone.at(utcnow())).status_code == 400
    assert not is_in(client)


def test_a_person_may_be_at_two_browsers(client, app, telephone):
    other = app.test_client()
    enter(client), enter(other)
    assert give(client, telephone.at(utcnow())).status_code == 302
    assert give(other, telephone.at(utcnow() + STEP)).status_code == 302


def test_the_cookie_of_before_is_not_the_cookie_of_after(client, telephone):
    enter(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    give(client, telephone.at(utcnow()))
    with client.session_transaction() as session:
        assert not {"planted", "second_step"} & session.keys()


# Guessing


def test_codes_cannot_be_guessed_and_the_owner_has_another_way(client, app, ada, telephone):
    recovery = RecoveryCode.make_anew(ada)
    enter(client)
    statuses = [give(client, wrong(telephone)).status_code for _ in range(FACTOR_TO_ACCOUNT.tries + 1)]
    assert statuses == [422] * FACTOR_TO_ACCOUNT.tries + [429]
    answer = give(client, telephone.at(utcnow()))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "use a recovery code" in words(answer)
    other = app.test_client()
    enter(other, environ_overrides=ADDRESS)
    assert give(other, telephone.at(utcnow()), environ_overrides=ADDRESS).status_code == 429, (
        "a new password is no new try"
    )
    assert give(other, recovery[0], environ_overrides=ADDRESS).status_code == 302
    enter(client)
    assert give(client, telephone.at(utcnow())).status_code == 302, "a success starts over"


def test_one_address_cannot_try_codes_without_end(client, telephone):
    enter(client)
    FACTOR_FROM_ADDRESS.hit("127.0.0.1", times=FACTOR_FROM_ADDRESS.tries - 1)
    assert [give(client, "0" * 24).status_code for _ in range(2)] == [422, 429]


def test_wrong_codes_are_in_the_log(client, ada, telephone):
    enter(client)
    give(client, wrong(telephone), environ_overrides=ADDRESS)
    line = the_db.session.scalar(AuditEntry.newest())
    assert (line.action, line.about_id, line.origin) == ("failed the second step of", ada.id, "203.0.113.7")


def test_the_failures_of_the_password_are_forgotten_only_with_the_factor(client, telephone):
    def tries():
        the_db.session.expire_all()
        return max(
            the_db.session.scalars(select(Throttle.count).where(Throttle.key.startswith("sign-in to account"))),
            default=0,
        )

    for _ in range(3):
        client.post("/auth/login", data={"email": "ada@example.com", "password": "guess"})
    enter(client)
    assert tries() == 4
    give(client, telephone.at(utcnow()))
    assert tries() == 0


# What is being carried


def press(browser, answer, **typed):
    """Send the form of this page, as the browser does."""
    form = page(answer).select_one("main form")
    return browser.post(form["action"], data=filled(answer) | typed, headers=HERE)


def test_what_was_typed_goes_along_through_wrong_codes_to_where_it_was_going(sign_in, ada, telephone):
    post, browser = a_post(by=ada, title="Ships"), sign_in(ada)
    typed = filled(browser.get(f"/write/posts/{post.id}"), "form.editor") | {"body": "An hour of <work>."}
    LoginSession.end_all(ada)
    out = browser.post(f"/write/posts/{post.id}", data=typed, headers=HERE)
    assert out.status_code == 401
    asked = press(browser, out, email=ada.email, password=PASSWORD)
    assert (asked.status_code, page(asked).h1.get_text()) == (200, "One more step")
    again = press(browser, asked, code=wrong(telephone))
    assert again.status_code == 422
    for answer in (out, asked, again):
        assert "An hour of &lt;work&gt;." in answer.text
    back = press(browser, again, code=telephone.at(utcnow()))
    assert page(back).h1.get_text() == "You are signed in again"
    assert press(browser, back).status_code == 302
    assert "An hour of &lt;work&gt;." in browser.get(f"/write/posts/{post.id}").text


def test_what_was_typed_outlives_a_step_that_took_too_long(client, ada, telephone):
    enter(client)
    carried = {"going-to": "/write/posts/new", "carried-title": "Ships", "code": "123456"}
    with time_machine.travel(utcnow() + timedelta(minutes=11), tick=False):
        answer = client.post("/auth/login/code", data=carried)
    assert answer.status_code == 400
    assert filled(answer)["carried-title"] == "Ships"
    assert "carried-code" not in filled(answer)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_next_never_leads_off_the_site(client, telephone, target):
    enter(client)
    assert (
        client.post("/auth/login/code", query_string={"next": target}, data={"code": telephone.at(utcnow())}).location
        == "/write"
    )


# A link from the command line


def test_a_link_from_the_command_line_lets_in_and_the_lost_factor_be_removed(client, ada, telephone):
    client.post(f"/auth/link/{Token.issue(Purpose.sign_in, user=ada)}")
    assert is_in(client)
    asked = client.get("/auth/account/factors/app/removal")
    assert (
        client.post("/auth/account/factors/app/removal", data=filled(asked) | {"password": PASSWORD}).status_code == 302
    )
    assert not factors_of(ada)


# A role that must have one


def test_whoever_must_have_a_factor_can_do_nothing_but_set_one_up(client, ada):
    the_site(factor_for=["editor"])
    a_post(live=True, members=True, slug="ships", title="Ships", body="Only for members.", by=an_editor())
    assert follow(client, enter(client).location).request.path == "/auth/account/factors"
    for path in ("/write", "/auth/account", "/auth/login", "/write/posts/new", "/auth/account/reading-list"):
        answer = follow(client, path)
        assert answer.request.path == "/auth/account/factors", path
        assert "Your role asks for a second factor." in words(answer)
    assert client.get("/admin").location == "/auth/account/factors"
    read = client.get("/posts/ships")
    assert read.status_code == 200
    assert "Only for members." not in words(read)
    assert link(client.get("/"), "Sign in")
    assert client.post("/auth/logout").location == "/"
    assert client.get("/auth/account/factors").location.startswith("/auth/login")


@pytest.mark.parametrize("onward", ["", "?next=/posts/ships"])
def test_a_reader_who_must_have_a_factor_is_led_there_by_signing_in(client, onward):
    a_user(email="bob@example.com", password=PASSWORD)
    sent = {"email": "bob@example.com", "password": PASSWORD}
    assert client.post(f"/auth/login{onward}", data=sent).location == (onward[6:] or "/")
    client.post("/auth/logout")
    the_site(factor_for=["viewer"])
    for _ in range(2):  # also once they are signed in, to no other page that they can tell
        assert client.post(f"/auth/login{onward}", data=sent).location == "/auth/account/factors"
    assert client.get("/auth/login").location == "/auth/account/factors"


def test_what_was_typed_when_the_rule_came_is_shown_and_can_be_sent_again(sign_in, ada):
    post, browser = a_post(by=ada), sign_in(ada)
    typed = filled(browser.get(f"/write/posts/{post.id}"), "form.editor") | {"body": "An hour of <work>."}
    the_site(factor_for=["editor"])
    answer = browser.post(f"/write/posts/{post.id}", data=typed, headers=HERE)
    assert answer.status_code == 403
    assert "An hour of &lt;work&gt;." in answer.text
    assert link(answer, "Set it up") == "/auth/account/factors"
    script = browser.post(f"/write/posts/{post.id}/working-copy", data=typed, headers={"Accept": "application/json"})
    assert (script.status_code, script.json) == (401, {"error": "signed out"})


def test_the_rule_ends_once_there_is_a_factor_and_reaches_only_its_roles(app, sign_in, ada):
    the_site(factor_for=["editor"])
    assert sign_in(a_user()).get("/auth/account").status_code == 200
    browser = sign_in(ada)
    sealed = filled(browser.get("/auth/account/factors/app"))
    secret = Authenticator.secret_in(sealed["sealed"], ada)
    done = browser.post("/auth/account/factors/app", data=sealed | {"code": pyotp.TOTP(secret).at(utcnow())})
    assert "Your recovery codes" in words(done)
    assert browser.get("/write").status_code == 200


def test_without_the_rule_it_costs_no_query(sign_in, queries):
    browser = sign_in(an_editor())
    browser.get("/auth/account/reading-list")
    with queries() as seen:
        browser.get("/auth/account/reading-list")
    assert not [one for one in seen if "passkeys" in one or "authenticators" in one]
