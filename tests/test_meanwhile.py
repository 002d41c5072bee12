"""What becomes of a request while another is about to commit: real threads, connections and commits, both databases."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from time import sleep
from typing import Any

import pytest
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from flask import Flask
from flask.testing import FlaskClient
from soft_key import SoftKey
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from blog.database import db
from blog.models import (
    AuditEntry,
    LoginSession,
    Mail,
    Passkey,
    Post,
    Presence,
    Purpose,
    Redirect,
    Tag,
    Token,
    User,
    UserRole,
    leave,
    merge_tags,
    rename_tag,
)
from blog.models.directory import in_order
from config import mail_place

TO_GET_STUCK = 0.4  # seconds in which a request comes to the lock that it has to wait for


@pytest.fixture
def app(real_app):
    with real_app.app_context():
        yield real_app


@contextmanager
def asked_meanwhile(
    app: Flask, press: Callable[[], TestResponse], then: Callable[[], Any] = lambda: None
) -> Iterator[list[TestResponse]]:
    """Something is done within, and not committed. The request gets as far as it can; `then` comes, and a commit."""
    answers: list[TestResponse] = []
    arrived = Event()

    def ask() -> None:
        with app.app_context():
            answers.append(press())

    yield answers
    db.session.flush()
    app.before_request_funcs.setdefault(None, []).append(arrived.set)  # past the guard, with the pen
    asking = Thread(target=ask)
    asking.start()
    assert arrived.wait(timeout=30)
    sleep(TO_GET_STUCK)
    then()
    db.session.commit()
    asking.join(timeout=60)
    assert not asking.is_alive()
    db.session.remove()


def signed_in(app: Flask, user: User) -> FlaskClient:
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["login"] = LoginSession.start(user)
    return browser


def saved(*rows: Any) -> list[int]:
    """The numbers of rows that are now committed."""
    db.session.commit()
    return [row.id for row in rows]


def lines(action: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditEntry.action == action)) or 0


def deactivated(person: User, boss: User) -> None:
    person.deactivate(by=boss)


def left(person: User, boss: User) -> None:
    leave(person, by=boss)


def signed_out(person: User, _boss: User) -> None:
    LoginSession.end_all(person)


OWN_ACTS = {
    "/auth/account": {"name": "Ada", "handle": "another", "biography": "Mine.", "website": "https://example.org"},
    "/auth/account/password": {"current_password": PASSWORD, "password": "seventeen green bottles"},
    "/auth/account/address/withdrawal": {},
    "/auth/account/sessions/end": {},
}


@pytest.mark.parametrize("deed", [deactivated, left])
@pytest.mark.parametrize("path", OWN_ACTS)
def test_whoever_is_put_out_meanwhile_changes_nothing_of_an_account_that_is_theirs_no_more(app, path, deed):
    boss, ada = an_admin(), an_editor(email="ada@a.org", password=PASSWORD)
    a_post(by=ada, live=True)  # her name stays, and so does the row
    browser, (number,) = signed_in(app, ada), saved(ada)
    with asked_meanwhile(app, lambda: browser.post(path, data=OWN_ACTS[path])) as answers:
        deed(ada, boss)
        kept = {name: getattr(ada, name) for name in ("handle", "biography", "website", "email", "password_hash")}
    assert answers[0].status_code == 401
    ada = db.session.get(User, number)
    assert {name: getattr(ada, name) for name in kept} == kept
    assert not ada.is_active


def test_another_name_and_handle_and_a_post_of_theirs_that_is_saved_never_wait_for_each_other(app):
    """A name is looked for in posts, which the database sees to; a revision names who made it."""
    ada = an_editor()
    post = a_post(by=ada, live=True)
    browser, _ = signed_in(app, ada), saved(ada)
    press = partial(browser.post, "/auth/account", data={"name": "Another", "handle": "another"})
    with asked_meanwhile(app, press, then=lambda: post.revise(base=1, by=ada, body="New.")) as answers:
        db.session.get(Post, post.id, with_for_update=True)
    assert answers[0].status_code == 302
    ada = db.session.scalars(select(User)).one()
    assert (ada.name, ada.handle) == ("Another", "another")
    assert db.session.scalars(select(Post.body)).all() == ["New."]


def test_whoever_is_signed_out_or_loses_a_right_while_they_wait_to_write_writes_nothing(app):
    """On SQLite, where all wait for one writer. On PostgreSQL there is nothing to wait for: it is written before."""
    boss, ada = an_admin(), an_editor()
    for deed, answered in ((signed_out, 401), (lambda whom, by: whom.change_role(UserRole.viewer, by=by), 403)):
        browser, _ = signed_in(app, ada), saved(ada, boss)
        with asked_meanwhile(app, lambda b=browser: b.post("/write/posts/new", data={"title": "Late"})) as answers:
            deed(ada, boss)
        assert answers[0].status_code == (answered if db.engine.dialect.name == "sqlite" else 302)
        db.session.add_all([ada, boss])


def test_a_passkey_lets_nobody_in_who_is_deactivated_meanwhile(app):
    boss, ada = an_admin(), an_editor()
    own, browser, key = signed_in(app, ada), app.test_client(), SoftKey()
    number, _ = saved(ada, boss)
    made = own.post(
        "/auth/account/passkeys", data={"name": "Key", "credential": key.make(asked(own, "account/passkeys"))}
    )
    assert made.status_code == 200
    signature = key.sign(asked(browser, "login/passkey"))
    with asked_meanwhile(app, lambda: browser.post("/auth/login/passkey", data={"credential": signature})) as answers:
        db.session.get(User, number).deactivate(by=boss)
    assert answers[0].status_code == 422
    assert db.session.scalar(select(func.count()).where(LoginSession.user_id == number)) == 0
    assert db.session.scalar(select(func.count()).select_from(Passkey)) == 1


def asked(browser: FlaskClient, where: str) -> dict[str, Any]:
    answer = browser.post(f"/auth/{where}/challenge", headers={"Accept": "application/json"})
    return dict(json.loads(answer.text))


@pytest.mark.parametrize(
    ("purpose", "path"), [(Purpose.sign_in, "/auth/link"), (Purpose.reset, "/auth/password/reset")]
)
def test_whoever_comes_by_a_link_and_whoever_puts_them_out_never_wait_for_each_other(app, purpose, path):
    """The one used up the link and then wanted the person, the other held the person and wanted the link."""
    boss, ada = an_admin(), an_editor()
    secret = Token.issue(purpose, user=ada)
    number, _ = saved(ada, boss)
    browser = app.test_client()
    press = partial(browser.post, f"{path}/{secret}", data={"password": "seventeen green bottles"})
    with asked_meanwhile(app, press, then=lambda: ada.deactivate(by=boss)) as answers:
        in_order([number], and_me=boss.id)
    assert answers[0].status_code == 404
    assert db.session.scalar(select(func.count()).where(LoginSession.user_id == number)) == 0


def test_of_an_account_that_is_deleted_twice_at_once_one_letter_tells(app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_PLACE", mail_place("smtp://127.0.0.1:9?from=blog@example.org"))
    ada, _ = a_user(email="ada@a.org"), an_admin()
    a_post(by=ada)
    browser, _ = signed_in(app, ada), saved(ada)
    with asked_meanwhile(app, lambda: browser.post("/auth/account/departure", data={"email": "ada@a.org"})) as answers:
        leave(ada, by=ada)
    assert answers[0].status_code == 401
    assert lines("deleted the account of") == 1
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 0  # that of the other, which says so itself


def the_tags(*names: str) -> dict[str, Tag]:
    a_post(tags=names, live=True)
    return {tag.name: tag for tag in db.session.scalars(select(Tag))}


def test_a_tag_that_is_merged_meanwhile_is_merged_once(app):
    boss, tags = an_admin(), the_tags("Rain", "Snow")
    browser, _ = signed_in(app, boss), saved(boss)
    path = f"/admin/tags/{tags['Rain'].id}/merging"
    with asked_meanwhile(app, lambda: browser.post(path, data={"into": "Snow", "was": "Rain"})) as answers:
        merge_tags(tags["Rain"], tags["Snow"], by=boss)
    assert answers[0].status_code in (302, 409)
    assert lines("merged the tag") == 1
    assert db.session.scalars(select(Tag.name)).all() == ["Snow"]


def test_a_tag_that_a_post_gets_meanwhile_is_not_deleted(app):
    boss, tag = an_admin(), Tag(name="Rain", slug="rain")
    db.session.add(tag)
    browser, (number, _) = signed_in(app, boss), saved(tag, boss)
    with asked_meanwhile(app, lambda: browser.post(f"/admin/tags/{number}/deletion")) as answers:
        post = a_post(tags=["Rain"])
    assert answers[0].status_code == 302
    db.session.add(post)
    assert [tag.name for tag in post.tags] == ["Rain"]
    assert lines("deleted the tag") == 0


def test_a_tag_is_deleted_or_called_otherwise_once(app):
    boss, one, two = an_admin(), Tag(name="Rain", slug="rain"), Tag(name="Snow", slug="snow")
    db.session.add_all([one, two])
    browser, _ = signed_in(app, boss), saved(boss)
    for act, sent in ((f"{one.id}/deletion", {}), (f"{two.id}", {"name": "SNOW", "was": "Snow"})):
        with asked_meanwhile(app, lambda act=act, sent=sent: browser.post(f"/admin/tags/{act}", data=sent)):
            if one in db.session:
                db.session.delete(one)
            else:
                rename_tag(db.session.scalars(select(Tag)).one(), "SNOW", by=db.session.merge(boss))
    assert lines("deleted the tag") == 0
    assert lines("renamed the tag") == 1


def test_a_redirect_that_is_removed_twice_at_once_is_removed_once(app):
    boss = an_admin()
    moved = Redirect.add("/old", to="/new", by=boss)
    browser, (number, _) = signed_in(app, boss), saved(moved, boss)
    with asked_meanwhile(app, lambda: browser.post(f"/admin/redirects/{number}/deletion")) as answers:
        moved.remove(by=boss)
    assert answers[0].status_code == 404
    assert lines("removed the redirect of") == 1


def test_nobody_is_at_a_post_who_is_gone(app):
    ada = an_editor()
    post = a_post()
    ada.is_active = False
    saved(ada)
    Presence.note(post.id, ada.id)
    assert db.session.scalar(select(func.count()).select_from(Presence)) == 0
