"""Where one is signed in, for how long, and signing out from afar."""

from datetime import timedelta

import pytest
import time_machine
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from flask.sessions import SecureCookieSessionInterface
from looking import page, words
from sqlalchemy import select

from blog import devices
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, LoginSession, UserRole
from blog.models.rights import STAYS

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
SECOND = timedelta(seconds=1)


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


@pytest.fixture
def browser_of(app, ada):
    """Signs Ada in with a browser of this kind, from this address."""

    def enter(agent=FIREFOX, address="192.0.2.1"):
        browser = app.test_client()
        browser.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
        browser.post("/auth/login", data={"email": "ada@example.com", "password": PASSWORD})
        return browser

    return enter


def rows(answer) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page(answer).select("tbody tr")]


def is_in(browser) -> bool:
    return browser.get("/auth/account").status_code == 200


def ids() -> list[int]:
    return list(the_db.session.scalars(select(LoginSession.id).order_by(LoginSession.id)))


# The list


def test_every_device_is_listed_with_where_and_when_and_this_one_is_marked(browser_of, sign_in):
    here = browser_of()
    with time_machine.travel(utcnow() + timedelta(minutes=1), tick=False):
        browser_of(IPHONE, "2001:db8::7")
    sign_in(a_user())
    answer = here.get("/auth/account/sessions")
    phone, this = rows(answer)
    assert phone.startswith("Safari on iPhone from 2001:db8::7")
    assert this.startswith("Firefox on Linux This one from 192.0.2.1")
    assert "A session ends 7 days after it was last used, and 30 days after it began." in words(answer)


def test_one_is_ended_and_the_others_stay(browser_of):
    here, there, elsewhere = browser_of(), browser_of(IPHONE), browser_of(CHROME)
    number = ids()[1]
    for _ in range(2):  # pressed twice, or in another tab
        assert here.post(f"/auth/account/sessions/{number}/end").location == "/auth/account/sessions"
    assert [is_in(browser) for browser in (here, there, elsewhere)] == [True, False, True]
    lines = the_db.session.scalars(AuditEntry.newest().where(AuditEntry.action == "ended a session of")).all()
    assert [(line.actor_name, line.about.name, line.detail["device"]) for line in lines] == [
        ("Ada", "Ada", "Safari on iPhone")
    ]


def test_ones_own_is_ended_like_signing_out(browser_of):
    here = browser_of()
    assert here.post(f"/auth/account/sessions/{ids()[0]}/end").location == "/"
    assert not is_in(here)


def test_all_others_are_ended_at_once(browser_of, sign_in):
    here, there, elsewhere, stranger = browser_of(), browser_of(), browser_of(), sign_in(a_user())
    assert here.post("/auth/account/sessions/end").location == "/auth/account/sessions"
    assert [is_in(browser) for browser in (here, there, elsewhere, stranger)] == [True, False, False, True]
    assert "Sign out everywhere else" not in words(here.get("/auth/account/sessions"))


def test_nobody_ends_a_session_of_somebody_else_nor_learns_of_it(browser_of, sign_in):
    here, other = browser_of(), sign_in(a_user())
    theirs = ids()[1]
    answers = [here.post(f"/auth/account/sessions/{number}/end") for number in (theirs, 10**17)]
    assert answers[0].location == answers[1].location == "/auth/account/sessions"
    assert is_in(other)


def test_a_hostile_name_of_a_browser_is_words_on_no_page(browser_of):
    hostile = "<script>alert(1)</script> Firefox/<b>"
    here = browser_of(hostile)
    assert rows(here.get("/auth/account/sessions"))[0].startswith("Firefox This one")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (CHROME + " Edg/126.0", "Edge on Windows"),
        (CHROME + " OPR/112.0", "Opera on Windows"),
        (IPHONE, "Safari on iPhone"),
        (IPHONE.replace("Version/17.5", "CriOS/126.0"), "Chrome on iPhone"),
        (IPHONE.replace("Version/17.5", "FxiOS/128.0"), "Firefox on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 SamsungBrowser/25.0 Chrome/121 Mobile Safari/537",
         "Samsung Internet on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/17.5 Safari/605.1.15",
         "Safari on Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537 Chrome/126.0 Safari/537", "Chrome on ChromeOS"),
        ("curl/8.5.0", "An unknown device"),
        ("SomethingNew/1.0 (X11; Linux)", "A browser on Linux"),
        ("", "An unknown device"),
        ("\x00\ufffd" * 100, "An unknown device"),
    ],
)  # fmt: skip
def test_a_device_is_called_what_people_call_it(agent, name):
    assert devices.in_words(agent) == name


# For how long


@pytest.mark.parametrize("role", UserRole)
def test_a_session_ends_unused_by_the_limit_of_its_role(sign_in, role):
    browser = sign_in(a_user(role))
    with time_machine.travel(utcnow() + STAYS[role].idle - SECOND, tick=False):
        assert is_in(browser)
    with time_machine.travel(utcnow() + STAYS[role].idle + timedelta(days=30), tick=False):
        assert not is_in(browser)


def test_a_session_in_use_stays_and_ends_all_the_same(sign_in):
    browser, stay = sign_in(an_admin()), STAYS[UserRole.admin]
    began, passed = utcnow(), timedelta(0)
    while passed + stay.idle < stay.longest:
        passed += stay.idle - SECOND
        with time_machine.travel(began + passed, tick=False):
            assert is_in(browser)
    with time_machine.travel(began + stay.longest + SECOND, tick=False):
        assert not is_in(browser)


def test_its_use_is_written_down_at_most_every_few_minutes(sign_in, ada):
    browser = sign_in(ada)
    began = the_db.session.scalar(select(LoginSession.used_at))

    def noted(after: timedelta, path="/auth/account") -> timedelta:
        with time_machine.travel(began + after, tick=False):
            browser.get(path)
        the_db.session.expire_all()
        return the_db.session.scalar(select(LoginSession.used_at)) - began

    minutes = [timedelta(minutes=number) for number in range(20)]
    assert noted(minutes[4]) == minutes[0]
    assert noted(minutes[6]) == minutes[6]
    assert noted(minutes[10]) == minutes[6]
    assert noted(minutes[12], "/") == minutes[12]  # a page for everybody, read by somebody who is signed in
    assert noted(minutes[19], "/healthz") == minutes[12]  # what asks nobody who they are writes nothing


def test_a_save_that_comes_with_news_of_its_use_is_saved(sign_in, ada):
    browser, post = sign_in(ada), a_post(by=ada, title="Before")
    form = {"title": "After", "body": "Words.", "slug": post.slug, "base": "1"}
    with time_machine.travel(utcnow() + timedelta(hours=1), tick=False):
        assert browser.post(f"/write/posts/{post.id}", data=form).status_code == 302
    the_db.session.refresh(post)
    assert post.title == "After"


def test_the_cookie_outlives_every_session(app):
    assert app.permanent_session_lifetime > max(stay.longest for stay in STAYS.values())


# What is no session


def test_a_cookie_that_was_tampered_with_or_signed_with_another_key_is_a_visitors(browser_of, app, monkeypatch):
    here = browser_of()
    cookie = here.get_cookie("session").value
    with here.session_transaction() as session:
        contents = dict(session)
    monkeypatch.setattr(app, "secret_key", "another key entirely")
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    monkeypatch.undo()
    forged = [signer.dumps(contents), "x" * 4000]
    forged += [cookie[:-1], cookie + "x", cookie.swapcase(), cookie.partition(".")[2]]
    for value in forged:
        stranger = app.test_client()
        stranger.set_cookie("session", value)
        assert stranger.get("/").status_code == 200
        assert not is_in(stranger)
    assert is_in(here)
