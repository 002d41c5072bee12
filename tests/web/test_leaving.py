"""Deleting one's own account."""

from datetime import timedelta

import pytest
import time_machine
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from looking import fault, filled, page, rewrite, words
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Post, User, WorkingCopy

WHERE = "/auth/account/departure"


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD, biography="Counts swifts.")


def go(browser, email="ada@example.com", **typed):
    return browser.post(WHERE, data=filled(browser.get(WHERE)) | {"email": email} | typed)


def test_a_reader_leaves_without_a_trace_and_may_come_again(sign_in, client, post_box):
    bob = a_user(name="Bob", email="bob@example.com", password=PASSWORD)
    browser, elsewhere = sign_in(bob), sign_in(bob)
    shown = page(browser.get(WHERE))
    assert shown.select_one("[name=posts]") is None
    answer = go(browser, email=" BOB@example.com ")
    assert answer.location == "/"
    assert "Your account is deleted" in words(browser.get("/"))
    for one in (browser, elsewhere):
        assert one.get("/auth/account").location.startswith("/auth/login")
    assert client.post("/auth/login", data={"email": "bob@example.com", "password": PASSWORD}).status_code == 422
    assert the_db.session.scalar(select(func.count(User.id))) == 0
    (letter,) = post_box(to="bob@example.com")
    assert letter.kind == "account_deleted"
    assert "Hello Bob" in letter.text
    assert "stays under your name" not in letter.text
    assert browser.post(WHERE, data={"email": "bob@example.com"}).status_code == 401  # sent twice
    a_user(email="bob@example.com")


def test_the_posts_of_a_writer_stay_under_the_name(sign_in, client, ada):
    live, draft = a_post(by=ada, live=True), a_post(by=ada)
    assert "What you wrote stays under your name" in words(sign_in(ada).get("/auth/account"))
    assert go(sign_in(ada)).location == "/"
    assert "Ada" in words(client.get(live.path))
    author = words(client.get("/authors/ada"))
    assert "Ada" in author
    assert "Counts swifts." not in author
    assert sign_in(an_admin()).get(f"/write/posts/{draft.id}").status_code == 200
    the_db.session.expire_all()
    assert ada.email == f"gone-{ada.id}@invalid"
    assert client.post("/auth/login", data={"email": ada.email, "password": PASSWORD}).status_code == 422


def test_a_biography_may_stay_on_the_page(sign_in, client, ada):
    a_post(by=ada, live=True)
    go(sign_in(ada), keeps_portrait="y")
    assert "Counts swifts." in words(client.get("/authors/ada"))


def test_posts_are_handed_over_to_a_colleague(sign_in, client, ada):
    bob = an_editor(name="Bob", email="bob@example.com")
    posts = [a_post(by=ada, live=True), a_post(by=ada)]
    assert go(sign_in(ada), posts="handed over", heir="Bob@Example.com").location == "/"
    the_db.session.expire_all()
    assert {post.author for post in posts} == {bob}
    assert client.get("/authors/ada").status_code == 404
    entry = the_db.session.scalars(AuditEntry.newest().limit(1)).one()
    assert (entry.action, entry.detail["posts"], entry.detail["to"]) == ("deleted the account of", 2, "Bob")


def test_to_nobody_but_a_colleague_and_the_answer_is_the_same_for_all_others(sign_in, ada):
    a_post(by=ada)
    a_user(email="reader@example.com")
    an_editor(email="gone@example.com", is_active=False)
    browser = sign_in(ada)
    said = set()
    for heir in ("", "nobody@example.com", "reader@example.com", "gone@example.com", "ada@example.com", "x" * 400):
        answer = go(browser, posts="handed over", heir=heir)
        assert answer.status_code == 422
        assert filled(answer)["heir"] == heir
        said.add(fault(answer, "heir"))
    assert len(said - {None}) == 2  # too long is another thing
    the_db.session.expire_all()
    assert ada.is_active
    assert "Choose one of the two." in words(go(browser, posts="burned"))


def test_an_heir_who_is_named_while_the_posts_stay_is_asked_about(sign_in, ada):
    post = a_post(by=ada)
    bob, browser = an_editor(email="bob@example.com"), sign_in(ada)
    answer = go(browser, posts="stay", heir=bob.email)
    assert answer.status_code == 422
    assert fault(answer, "heir").startswith("You named somebody")
    the_db.session.expire_all()
    assert ada.left_at is None
    assert go(browser, posts="handed over", heir=bob.email).location == "/"
    the_db.session.expire_all()
    assert post.author == bob


def test_the_own_address_is_typed_so_that_nobody_leaves_by_mistake(sign_in, ada):
    browser = sign_in(ada)
    for wrong in ("", "ada", "grace@example.com"):
        answer = go(browser, email=wrong)
        assert answer.status_code == 422
        assert fault(answer, "email")
    the_db.session.expire_all()
    assert ada.is_active


def test_the_last_admin_cannot_leave(sign_in):
    admin = an_admin(name="Ada", email="ada@example.com")
    answer = go(sign_in(admin))
    assert answer.status_code == 409
    assert "Ada is the only active admin. Make somebody else an admin first." in words(answer)
    the_db.session.expire_all()
    assert admin.is_active
    an_admin()
    assert go(sign_in(admin)).status_code == 302


def test_unsaved_texts_are_named_before_they_go(sign_in, ada):
    post = a_post(by=ada, title="Swifts")
    browser = sign_in(ada)
    assert "not saved" not in words(browser.get(WHERE))
    rewrite(browser, post.id, "publish", title="", body="Half a sentence")  # refused, and kept
    assert the_db.session.scalars(WorkingCopy.unsaved(ada)).all()
    shown = browser.get(WHERE)
    assert "You have texts that are not saved." in words(shown)
    assert page(shown).select_one(f'main a[href="/write/posts/{post.id}"]')
    go(browser)
    assert the_db.session.scalar(select(func.count()).select_from(WorkingCopy)) == 0
    assert the_db.session.scalars(select(Post)).one().title == "Swifts"


def test_strangers_cannot_leave(client):
    assert client.get(WHERE).location.startswith("/auth/login")
    assert client.post(WHERE, data={"email": "ada@example.com"}).status_code == 401


def test_dangerous_acts_ask_anew_who_one_is(sign_in, ada):
    browser = sign_in(ada)
    with time_machine.travel(utcnow() + timedelta(minutes=31)):
        assert browser.get(WHERE).location.startswith("/auth/proof")
        for path in (WHERE, "/auth/account/export", "/auth/account/address", "/auth/account/password"):
            answer = browser.post(path, data={"email": "ada@example.com", "password": "x"})
            assert "Type your password again" in words(answer), path
    the_db.session.expire_all()
    assert ada.is_active
