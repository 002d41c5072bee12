"""Nothing typed is lost on the way to the server: whatever stopped a form, it goes on from the very next page."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from conftest import app_on
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from looking import HERE, filled, heading, hidden, page, press, rewrite, shown, words
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import TooManyRequests

from blog import carrying
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import LoginSession, Post

ODD = (
    "\"Quotes\" & 'more' <b onclick=x>markup</b> </textarea> {{ 7*7 }} &amp;\r\n\r\n"
    "שלום עולם · مرحبا \u202e 👩\u200d🚀 é\u0301\r\n"
)
LONG = "\r\n" + (ODD + "word " * 20 + "\r\n") * 1000


@pytest.fixture(autouse=True)
def in_production(app, monkeypatch):
    """Forms need their tokens, and errors become pages."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


@pytest.fixture
def desk(sign_in, ada):
    return sign_in(ada)


@pytest.fixture
def post(ada):
    return a_post(by=ada, title="Before", body="Before.", slug="before", tags=["old"])


def enter(browser, answer, password=PASSWORD, email="ada@example.com"):
    return press(browser, answer, email=email, password=password)


def saved() -> Post:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post)).one()


def end_session(browser, how="elsewhere"):
    if how == "elsewhere":
        the_db.session.execute(delete(LoginSession))
    else:
        browser.delete_cookie("session")


def stopped(desk, post, *, how="elsewhere", button="", **typed):
    """The editor is open, the session ends, and only then is the button pressed."""
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")
    end_session(desk, how)
    return desk.post(f"/write/posts/{post.id}{button}", data=form | typed, headers=HERE)


# The session has ended


@pytest.mark.parametrize("how", ["elsewhere", "cookie gone"])
def test_a_long_post_is_saved_after_signing_in_again_with_all_that_was_typed(desk, post, how):
    typed = {"title": "After", "body": LONG, "summary": "So <it> is.", "tags": "new, newer", "slug": "after"}
    out = stopped(desk, post, how=how, **typed)
    assert (out.status_code, heading(out)) == (401, "You are signed out")
    assert LONG in shown(out)
    back = enter(desk, out)
    assert (back.status_code, heading(back)) == (200, "You are signed in again")
    assert "Your text is here." in words(back)
    assert LONG in shown(back)
    assert page(back).select_one("main form")["action"] == f"/write/posts/{post.id}"
    assert page(back).select_one("main form button").get_text() == "Go on"
    assert saved().revision == 1
    assert press(desk, back).location == f"/write/posts/{post.id}"
    after = saved()
    assert after.body == LONG.replace("\r\n", "\n")
    assert (after.title, after.summary, after.slug, after.revision) == ("After", "So <it> is.", "after", 2)
    assert [tag.name for tag in after.tags] == ["new", "newer"]


def test_what_was_asked_for_is_what_is_done(desk, post):
    back = enter(desk, stopped(desk, post, button="/publication", body="Out at last."))
    press(desk, back)
    assert saved().is_live
    assert saved().body == "Out at last."


def test_the_text_stays_through_wrong_words(desk, post):
    answer = stopped(desk, post, body=LONG)
    for password in ("wrong words", "", "wrong again"):
        answer = enter(desk, answer, password)
        assert answer.status_code == 422
        assert LONG in shown(answer)
        assert "wrong" not in str(page(answer).select("main input"))
    press(desk, enter(desk, answer))
    assert saved().body == LONG.replace("\r\n", "\n")


def test_the_text_stays_through_too_many_attempts(desk, post):
    answer = stopped(desk, post, body="Typed.")
    for _ in range(11):
        answer = enter(desk, answer, "a guess")
    assert answer.status_code == 429
    assert "Typed." in shown(answer)
    with time_machine.travel(utcnow() + timedelta(minutes=16), tick=False):
        press(desk, enter(desk, answer))
    assert saved().body == "Typed."


def test_a_text_against_a_base_that_has_moved_on_overwrites_nothing(desk, sign_in, post):
    out = stopped(desk, post, body="Mine.")
    rewrite_with_tokens(sign_in(an_admin()), post, body="Theirs.")
    answer = press(desk, enter(desk, out))
    assert answer.status_code == 409
    assert "Mine." in words(answer)
    assert "Theirs." in words(answer)
    assert saved().body == "Theirs."


def rewrite_with_tokens(browser, post, **typed):
    assert rewrite(browser, post.id, **typed).status_code == 302


def test_a_new_post_sent_on_twice_is_one_post(desk):
    form = filled(desk.get("/write/posts/new"), "form.editor")
    end_session(desk)
    back = enter(desk, desk.post("/write/posts/new", data=form | {"title": "New", "body": "New."}, headers=HERE))
    assert press(desk, back).status_code == 302
    assert press(desk, back).status_code == 302
    assert saved().title == "New"


def test_the_question_in_an_address_goes_along(desk):
    end_session(desk)
    out = desk.post("/write/posts/new?kind=post&a=b+c", data={"title": "T"}, headers=HERE)
    back = enter(desk, out)
    assert page(back).select_one("main form")["action"] == "/write/posts/new?kind=post&a=b+c"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 404)])
def test_another_person_who_signs_in_does_only_what_they_may(desk, post, role, status):
    a_user(role, email="bob@example.com", password=PASSWORD)
    back = enter(desk, stopped(desk, post, body="Typed by Ada."), email="bob@example.com")
    answer = press(desk, back)
    assert answer.status_code == status
    assert "Typed by Ada." in shown(answer)
    assert saved().body == "Before."


def test_the_page_after_signing_in_knows_who_is_in(desk, post):
    assert "Sign out" in words(enter(desk, stopped(desk, post)))


def test_a_button_without_any_text_goes_on_too(desk, post):
    token = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")["csrf_token"]
    end_session(desk)
    out = desk.post(f"/write/posts/{post.id}/bin", data={"base": "1", "csrf_token": token}, headers=HERE)
    assert shown(out) == []
    press(desk, enter(desk, out))
    assert saved().binned_at


def test_what_was_typed_into_ones_own_account_is_shown_and_never_sent_by_itself(desk, ada):
    form = filled(desk.get("/auth/account"))
    end_session(desk)
    out = desk.post("/auth/account", data=form | {"biography": "My life."}, headers=HERE)
    assert "My life." in shown(out)
    back = enter(desk, out)
    assert "My life." in shown(back)
    assert not page(back).select("main form")
    assert page(back).select_one("main a.button")["href"] == "/auth/account"


def test_a_stranger_who_has_nothing_to_carry_just_signs_in(client, ada):
    answer = client.get("/auth/login?next=/tags")
    assert enter(client, answer).location == "/tags"


# In two tabs


def test_who_signed_in_in_another_tab_goes_on_from_the_first(desk, post):
    out = stopped(desk, post, body="Typed in the first tab.")
    assert enter(desk, desk.get("/auth/login")).location == "/write"
    back = enter(desk, out, "whatever is typed here by now")
    assert heading(back) == "You are signed in again"
    press(desk, back)
    assert saved().body == "Typed in the first tab."


def test_of_two_sign_in_pages_the_second_leads_on_as_well(client, ada):
    first, second = client.get("/auth/login?next=/tags"), client.get("/auth/login?next=/authors")
    assert enter(client, first).location == "/tags"
    assert enter(client, second).location == "/authors"


def test_a_sign_in_page_older_than_its_session_is_asked_once_more_and_keeps_the_text(desk, post):
    out = stopped(desk, post, body="Typed.")
    desk.delete_cookie("session")
    again = enter(desk, out)
    assert again.status_code == 400
    assert "This page had grown old." in words(again)
    assert filled(again)["email"] == "ada@example.com"
    assert PASSWORD not in again.text
    press(desk, enter(desk, again))
    assert saved().body == "Typed."


# The token has grown old


def test_a_form_older_than_its_token_goes_on_with_a_fresh_one(desk, post):
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor") | {"csrf_token": "old", "body": LONG}
    answer = desk.post(f"/write/posts/{post.id}", data=form, headers=HERE)
    assert (answer.status_code, heading(answer)) == (400, "This form had grown old")
    assert LONG in shown(answer)
    assert press(desk, answer).status_code == 302
    assert (saved().body, saved().revision) == (LONG.replace("\r\n", "\n"), 2)


OURS = [
    HERE,
    {"Referer": "http://localhost/write/posts/1"},
    {"Referer": "http://localhost/write", "Sec-Fetch-Site": "same-origin"},
    {"Referer": "http://localhost/write", "Sec-Fetch-Site": "none"},
]
FOREIGN = [
    {},
    {"Origin": "http://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://[x", "Referer": "http://localhost/"},
    {"Origin": "http://evil.example", "Referer": "http://localhost/"},
    {"Referer": "http://evil.example/http://localhost/"},
    {"Referer": "//localhost/"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost/"},
    {"Sec-Fetch-Site": "same-site", "Referer": "http://localhost/"},
]


@pytest.mark.parametrize(("headers", "is_ours"), [(one, True) for one in OURS] + [(one, False) for one in FOREIGN])
def test_nobody_is_asked_to_confirm_what_another_site_sent(desk, client, post, headers, is_ours):
    forged = {"title": "Forged", "body": "Forged.", "base": "1", "csrf_token": "forged"}
    answer = desk.post(f"/write/posts/{post.id}", data=forged, headers=headers)
    assert answer.status_code == 400
    assert "Forged." in shown(answer)
    assert bool(page(answer).select("main form")) is is_ours
    out = client.post(f"/write/posts/{post.id}", data=forged, headers=headers)  # browsers hold the cookie back
    assert out.status_code == 401
    assert "Forged." in shown(out)
    assert ("carried-body" in out.text) is is_ours
    assert page(out).select_one('main a[href^="/auth/login"]') or is_ours


def test_the_name_the_site_has_in_the_world_is_ours_behind_any_proxy(app, desk, post, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "https://blog.example.org")
    headers = {"Origin": "https://blog.example.org"}
    answer = desk.post(f"/write/posts/{post.id}", data={"body": "Typed."}, headers=headers)
    assert heading(answer) == "This form had grown old"


def test_a_forged_sign_in_carries_nothing(client, ada):
    laden = {
        "email": "ada@example.com",
        "password": PASSWORD,
        "going-to": "/write/posts/new",
        "carried-title": "Forged",
    }
    answer = client.post("/auth/login", data=laden, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 400
    assert not page(answer).select("main form")
    asked = client.get("/auth/login", query_string=laden)
    assert "Forged" not in asked.text


# Where it may go

ASTRAY = [
    *("//evil.example", "//evil.example/write/posts/new", "///write", "/\\evil.example", "\\\\evil.example"),
    *("https://evil.example/write/posts/new", "http:write/posts/new", "javascript:alert(1)", "data:text/html,x"),
    *("/auth/logout", "/auth/account", "/auth/login", "/%61uth/logout", "/auth%2Flogout", "/write/../auth/logout"),
    *("/write/posts/%2e%2e/%2E./auth/logout", "/./auth/logout", "/auth/./logout", "/AUTH/logout", "/auth//logout"),
    *("/auth/logout?x=/write/posts/new", "/auth/logout#/write/posts/new", "/setup/secret", "/auth/logout/"),
    *(
        "/write",
        "/tags",
        "/nowhere",
        "/write/posts/new/",
        "write/posts/new",
        "",
        " /write/posts/new",
        "/write/posts/new\n",
    ),
    *("//[::1", "/static/x", "/\0", "/write/posts/x", "/%ff%00", "?", "#"),
]


@pytest.mark.parametrize("path", ASTRAY)
def test_a_tampered_path_leads_nowhere_and_the_text_stays(client, ada, path):
    typed = {"going-to": path, "carried-body": "Typed.", "carried-base": "1"}
    wrong = press(client, client.get("/auth/login"), email="ada@example.com", password="wrong", **typed)
    assert filled(wrong)["going-to"] == ""
    back = press(client, client.get("/auth/login"), email="ada@example.com", password=PASSWORD, **typed)
    assert back.status_code == 200
    assert shown(back) == ["Typed."]
    assert not page(back).select("main form")
    assert page(back).select_one("main a.button")["href"] == "/write"


@pytest.mark.parametrize(
    "path", ["/write/posts/new", "/write/posts/7/publication", "/write/posts/ne%77", "/admin/settings"]
)
def test_a_path_that_takes_forms_is_where_it_goes(client, ada, path):
    typed = {"going-to": path, "carried-body": "Typed."}
    back = press(client, client.get("/auth/login"), email="ada@example.com", password=PASSWORD, **typed)
    assert page(back).select_one("main form")["action"] == path


def test_dots_that_a_browser_would_take_out_lead_nowhere_whatever_routes_there_are(tmp_path):
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path)
    app.add_url_rule("/x/<path:rest>", "x", str, methods=["POST"])
    with app.test_request_context("/"):
        assert carrying.takes_forms("/x/a/b.c")
        for path in ("/x/../auth/logout", "/x/%2e%2e/auth/logout", "/x/.%2E/auth", "/x/.", "/x/a/./b"):
            assert not carrying.takes_forms(path)


# What is carried


def test_every_field_arrives_as_it_was_and_those_that_repeat_do_so_again(desk, post):
    form = [("tags", "one"), ("tags", "two"), ("odd name <'>&", ODD), ("body", LONG), ("body", ""), ("carried-x", "y")]
    form += [("base", "1"), ("uid", str(uuid4())), ("copy", "c"), ("seq", "12"), ("going-to", "x"), ("email", "e@x")]
    end_session(desk)
    back = enter(desk, desk.post(f"/write/posts/{post.id}", data=MultiDict(form), headers=HERE))
    arrived = [pair for pair in hidden(back) if pair[0] != "csrf_token"]
    assert sorted(arrived) == sorted(form)
    assert [text for name, text in arrived if name == "tags"] == ["one", "two"]
    assert [text for name, text in arrived if name == "body"] == [LONG, ""]
    assert shown(back).count(LONG) == 1
    assert not {"1", "c", "12"} & set(shown(back))


def test_secrets_are_neither_carried_nor_shown(desk, post):
    secrets = dict.fromkeys(("password", "current_password", "code", "csrf_token"), "a secret of mine")
    end_session(desk)
    out = desk.post(f"/write/posts/{post.id}", data=secrets | {"title": "T"}, headers=HERE)
    back = enter(desk, out)
    assert heading(back) == "You are signed in again"
    for answer in (out, back, press(desk, back, csrf_token="old", password="a secret of mine")):
        assert "a secret of mine" not in answer.text
    planted = {f"carried-{name}": text for name, text in secrets.items()} | {"carried-title": "T"}
    again = press(desk, out, email="x", **planted)
    assert shown(again) == ["T"]
    assert "a secret of mine" not in again.text


def test_a_file_cannot_be_carried_and_the_page_says_so(desk, post):
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")
    end_session(desk)
    files = {"cover_file": (io.BytesIO(b"a picture"), "cover.png"), "body": "Typed."}
    out = desk.post(f"/write/posts/{post.id}", data=form | files, headers=HERE)
    assert "A file cannot be kept here." in words(out)
    assert "A file cannot be kept here." in words(enter(desk, out))
    empty = {"cover_file": (io.BytesIO(b""), ""), "csrf_token": "old"}
    desk.get("/auth/login")
    answer = desk.post(f"/write/posts/{post.id}", data=form | empty, headers=HERE)
    assert "A file cannot be kept here." not in words(answer)


def test_what_is_too_much_to_carry_is_shown_with_a_link_to_sign_in(app, desk, post, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_FORM_MEMORY_SIZE", 30_000)
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")
    end_session(desk)
    out = desk.post(f"/write/posts/{post.id}", data=form | {"body": "x" * 20_000}, headers=HERE)
    assert out.status_code == 401
    assert "x" * 20_000 in shown(out)
    assert not page(out).select("main form")
    assert page(out).select_one("main a.button")["href"].startswith("/auth/login?next=/write")


# The server has failed


@pytest.fixture
def break_once(app, monkeypatch):
    """Makes a view raise this, the first time."""

    def breaking(endpoint, error):
        real = app.view_functions[endpoint]

        def broken(**holes):
            monkeypatch.setitem(app.view_functions, endpoint, real)
            raise error

        broken.__dict__.update(real.__dict__)  # what it asks of whoever calls it
        monkeypatch.setitem(app.view_functions, endpoint, broken)

    return breaking


FAILURES = [
    (OperationalError("SELECT", {}, Exception()), 503),
    (IntegrityError("INSERT", {}, Exception()), 409),
    (TooManyRequests(), 429),
    (ZeroDivisionError(), 500),
]


@pytest.mark.parametrize(("error", "status"), FAILURES, ids=[503, 409, 429, 500])
def test_after_a_failure_the_same_form_is_tried_again(desk, post, break_once, error, status):
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor") | {"body": LONG}
    break_once("posts.update", error)
    answer = desk.post(f"/write/posts/{post.id}", data=form)
    assert answer.status_code == status
    assert LONG in shown(answer)
    assert page(answer).select_one("main form:not([role]) button").get_text() == "Try again"
    assert press(desk, answer).status_code == 302
    assert (saved().body, saved().revision) == (LONG.replace("\r\n", "\n"), 2)


def test_a_sign_in_that_failed_carries_on_what_it_carried(desk, post, break_once):
    out = stopped(desk, post, body="Typed.")
    break_once("auth.enter", ZeroDivisionError())
    failed = enter(desk, out)
    assert failed.status_code == 500
    assert shown(failed).count("Typed.") == 1
    out = press(desk, failed)
    assert out.status_code == 401
    press(desk, enter(desk, out))
    assert saved().body == "Typed."


@pytest.mark.parametrize(("headers", "is_ours"), [(HERE, True), ({"Origin": "http://evil.example"}, False)])
def test_with_the_database_away_the_page_offers_another_try(tmp_path, headers, is_ours):
    app = app_on("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    with app.app_context():
        browser = app.test_client()
        answer = browser.post("/write/posts/new", data={"title": "T", "body": LONG}, headers=headers)
        assert answer.status_code == 503
        assert LONG in shown(answer)
        assert bool(page(answer).select("form")) is is_ours
        if is_ours:
            assert filled(press(browser, answer))["body"] == LONG
            with browser.session_transaction() as session:
                assert session["csrf_token"]


def test_a_refusal_that_another_try_would_not_change_offers_none(desk, sign_in):
    token = filled(desk.get("/write/posts/new"), "form.editor")["csrf_token"]
    for path, status in (("/admin/settings", 403), ("/write/posts/999", 404), ("/tags", 405)):
        answer = desk.post(path, data={"body": "Typed.", "csrf_token": token}, headers=HERE)
        assert answer.status_code == status
        assert shown(answer) == ["Typed."]
        assert not page(answer).select("main form[method=post]")


# What scripts are told

SCRIPT = {"Accept": "application/json"}


def told(answer, status, word):
    assert (answer.status_code, answer.mimetype, answer.json) == (status, "application/json", {"error": word})


def test_a_script_is_told_in_a_word(app, desk, client, post, break_once, monkeypatch):
    path = f"/write/posts/{post.id}"
    good = {"X-CSRFToken": filled(desk.get(path), "form.editor")["csrf_token"]} | SCRIPT
    told(client.post(path, headers=SCRIPT), 401, "signed out")
    told(client.get("/write", headers=SCRIPT), 401, "signed out")
    told(desk.post(path, headers=SCRIPT | HERE), 400, "token")
    told(desk.post("/write/posts/999", headers=good), 404, "gone")
    told(desk.post("/admin/settings", headers=good), 403, "gone")
    told(desk.post("/tags", headers=good), 405, "not here")
    for error, status in FAILURES:
        break_once("posts.update", error)
        told(desk.post(path, headers=good), status, "broken" if status == 500 else "busy")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100)
    told(desk.post(path, data={"body": "x" * 200}, headers=good), 413, "too large")


def test_a_script_is_told_that_the_database_is_away(tmp_path):
    app = app_on("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    with app.app_context():
        told(app.test_client().post("/write/posts/new", headers=SCRIPT), 503, "busy")


@pytest.mark.parametrize(
    "accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "", "text/html, application/json"]
)
def test_browsers_are_answered_with_pages(client, accept):
    assert client.get("/nowhere", headers={"Accept": accept}).mimetype == "text/html"


class TestTheSession:
    def test_says_who_is_in_and_gives_a_token_that_is_good(self, desk, ada, post):
        answer = desk.get("/write/session")
        assert (answer.json["person"], answer.json["name"]) == (ada.id, "Ada")
        assert answer.headers["Cache-Control"] == "no-store"
        typed = {"base": "1", "title": "T", "body": "By a script.", "slug": "before", "visibility": "public"}
        sent = desk.post(f"/write/posts/{post.id}", data=typed, headers={"X-CSRFToken": answer.json["token"]})
        assert sent.status_code == 302
        assert saved().body == "By a script."

    @pytest.mark.parametrize("headers", [{}, SCRIPT])
    def test_says_that_nobody_is(self, client, headers):
        answer = client.get("/write/session", headers=headers)
        told(answer, 401, "signed out")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers

    def test_ends_with_the_account(self, desk, ada):
        ada.is_active = False
        told(desk.get("/write/session"), 401, "signed out")


def test_going_on_leaves_one_session_per_sign_in(desk, post):
    enter(desk, stopped(desk, post))
    assert the_db.session.scalar(select(func.count(LoginSession.id))) == 1
