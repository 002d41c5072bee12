"""When something is wrong: a page in the site's look, words, a way on, and whatever was typed."""

import pytest
from conftest import app_on
from factories import PASSWORD, a_user, an_admin, an_editor, the_site
from looking import link, page, words
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError, OperationalError

from blog.access import me, requires
from blog.database import db as the_db
from blog.models import Can, Site, User

TYPED = {
    "title": "Typed & kept",
    "body": "An hour of <work>.\n" * 20,
    "password": "a secret of mine",
    "base": "7",
    "uid": "u",
    "csrf_token": "t",
    "current_password": "another secret",
    "empty": " ",
}


def looks_like_the_site(answer, title):
    assert page(answer).select_one("h1").get_text() == title
    assert page(answer).select_one(".masthead")
    assert page(answer).select_one("link[rel=stylesheet]")
    assert page(answer).select_one("meta[name=robots][content=noindex]")


def shows_what_was_typed(answer):
    shown = [area.get_text().removeprefix("\n") for area in page(answer).select("textarea[readonly]")]
    assert shown == [TYPED["title"], TYPED["body"]]
    assert "secret" not in page(answer).select_one("main").get_text()


@pytest.fixture
def in_production(app, monkeypatch):
    """Errors become pages, as they do outside of tests."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.fixture
def break_view(app, monkeypatch, in_production):
    """Makes a view raise this."""

    def breaking(endpoint, error):
        def broken(**_):
            the_db.session.add(User(name="Half done", email="half@example.com"))
            raise error

        for mark in ("access_rule", "needs_proof"):
            setattr(broken, mark, getattr(app.view_functions[endpoint], mark))
        monkeypatch.setitem(app.view_functions, endpoint, broken)

    return breaking


def test_a_page_that_is_not_there(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    looks_like_the_site(answer, "There is no page here")
    assert link(answer, "the newest posts") == "/"
    assert "What you had typed" not in answer.text


def test_a_form_sent_to_a_page_that_is_not_there_comes_back(client):
    answer = client.post("/nowhere", data=TYPED)
    assert answer.status_code == 404
    shows_what_was_typed(answer)


def test_a_page_for_others(sign_in):
    the_site(title="The Bench")
    answer = sign_in(a_user()).get("/admin")
    assert answer.status_code == 403
    looks_like_the_site(answer, "This page is not for you")
    assert "The Bench" in words(answer)


def test_a_form_sent_to_a_page_for_others_comes_back(sign_in):
    answer = sign_in(a_user()).post("/write/posts/new", data=TYPED)
    assert answer.status_code == 403
    shows_what_was_typed(answer)


def test_a_form_sent_when_signed_out_comes_back(client):
    answer = client.post("/write/posts/new", data=TYPED)
    assert answer.status_code == 401
    looks_like_the_site(answer, "You are signed out")
    shows_what_was_typed(answer)
    assert link(answer, "Sign in again") == "/auth/login?next=/write/posts/new"


def test_a_thing_that_cannot_be_done_here(client):
    answer = client.post("/", data=TYPED)
    assert answer.status_code == 405
    looks_like_the_site(answer, "That cannot be done here")
    assert "GET" in answer.headers["Allow"]
    shows_what_was_typed(answer)
    assert client.get("/auth/logout").status_code == 405
    assert client.delete("/posts/x").status_code == 405


def test_a_text_too_large_to_be_read(app, sign_in, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_FORM_MEMORY_SIZE", 1000)
    browser = sign_in(an_editor())
    large = {"title": "T", "body": "x" * 2000}
    answer = browser.post("/write/posts/new", data=large, content_type="multipart/form-data")
    assert answer.status_code == 413
    looks_like_the_site(answer, "That is too large")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    assert browser.post("/write/posts/new", data=large).status_code == 413


def test_a_request_that_makes_no_sense(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = client.post("/auth/login", data=TYPED)
    assert answer.status_code == 400
    looks_like_the_site(answer, "That request made no sense")
    shows_what_was_typed(answer)


def test_something_that_breaks(client, break_view):
    break_view("auth.enter", ZeroDivisionError("the secret of the machine"))
    answer = client.post("/auth/login", data=TYPED)
    assert answer.status_code == 500
    looks_like_the_site(answer, "Something broke")
    shows_what_was_typed(answer)
    for leak in ("secret of the machine", "ZeroDivision", "Traceback", "test_errors"):
        assert leak not in answer.text
    assert User.by_email("half@example.com") is None
    assert "Content-Security-Policy" in answer.headers


def test_something_that_breaks_for_somebody_who_is_signed_in(sign_in, break_view):
    break_view("posts.desk", RuntimeError())
    browser = sign_in(an_editor())
    answer = browser.get("/write")
    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser.get("/auth/account").status_code == 200


def test_an_error_page_that_breaks_too(client, break_view, monkeypatch):
    break_view("posts.index", RuntimeError())
    broken = []
    real = Site.current

    def once():
        broken.append(1)
        if len(broken) == 1:
            return real()
        raise RuntimeError

    monkeypatch.setattr(Site, "current", once)
    answer = client.get("/")
    assert answer.status_code == 500
    looks_like_the_site(answer, "Something broke")


def test_a_database_that_gives_up_in_the_middle(client, break_view):
    break_view("auth.enter", OperationalError("SELECT secret", {}, Exception("secret")))
    answer = client.post("/auth/login", data=TYPED)
    assert answer.status_code == 503
    looks_like_the_site(answer, "The site is catching its breath")
    shows_what_was_typed(answer)


class Deadlock(Exception):
    pgcode = "40P01"


def test_who_is_broken_off_since_two_waited_for_each_other_may_try_again(sign_in, break_view):
    break_view("posts.create", OperationalError("SELECT secret", {}, Deadlock("secret")))
    answer = sign_in(an_editor()).post("/write/posts/new", data=TYPED)
    assert answer.status_code == 409
    looks_like_the_site(answer, "Somebody was quicker")
    shows_what_was_typed(answer)


def test_a_database_that_is_away(tmp_path):
    app = app_on("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    with app.app_context():
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["login"] = "of somebody"
        for path in ("/", "/write", "/nowhere", "/readyz"):
            answer = browser.get(path)
            assert answer.status_code == 503, path
            looks_like_the_site(answer, "The site is catching its breath")
            assert "127.0.0.1" not in answer.text
        shows_what_was_typed(browser.post("/write/posts/new", data=TYPED))
        assert browser.get("/healthz").status_code == 200
        assert browser.get(page(answer).select_one("link[rel=stylesheet]")["href"]).status_code == 200


def test_who_loses_a_race_is_told(sign_in, break_view, db):

    break_view("admin.change_role", IntegrityError("INSERT secret", {}, Exception("secret")))
    answer = sign_in(an_admin()).post(f"/admin/users/{a_user().id}/role", data=TYPED)
    assert answer.status_code == 409
    looks_like_the_site(answer, "Somebody was quicker")
    shows_what_was_typed(answer)


def delete_behind_the_back_of_this_request(whom):
    the_db.session.execute(delete(User).where(User.id == whom).execution_options(synchronize_session=False))


@requires(Can.ADMINISTER)
def whose_account_goes(user_id):
    delete_behind_the_back_of_this_request(me().id)
    the_db.session.commit()
    return me().name


@requires(Can.ADMINISTER)
def whose_subject_goes(user_id):
    subject = the_db.session.get(User, user_id)
    delete_behind_the_back_of_this_request(user_id)
    subject.name = "Another"
    the_db.session.flush()


def test_whose_account_is_deleted_meanwhile_is_signed_out_and_keeps_what_was_typed(app, sign_in, monkeypatch):
    browser, path = sign_in(an_admin()), f"/admin/users/{a_user().id}/role"
    monkeypatch.setitem(app.view_functions, "admin.change_role", whose_account_goes)
    answer = browser.post(path, data=TYPED)
    assert answer.status_code == 401
    looks_like_the_site(answer, "You are signed out")
    shows_what_was_typed(answer)


def test_who_works_on_what_is_deleted_meanwhile_is_told(app, sign_in, monkeypatch):
    browser, subject = sign_in(an_admin()), a_user()
    monkeypatch.setitem(app.view_functions, "admin.change_role", whose_subject_goes)
    answer = browser.post(f"/admin/users/{subject.id}/role", data=TYPED)
    assert answer.status_code == 409
    looks_like_the_site(answer, "Somebody was quicker")
    shows_what_was_typed(answer)


def test_a_password_typed_into_a_form_that_broke_is_never_shown(client, break_view):
    break_view("auth.enter", RuntimeError())
    assert PASSWORD not in client.post("/auth/login", data={"email": "a@example.com", "password": PASSWORD}).text
