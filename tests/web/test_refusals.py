"""Who was turned away is in the log: a door that does not open, a form of a foreign site, a limit that is reached."""

import pytest
from factories import PASSWORD, a_post, a_user, an_editor
from looking import words
from sqlalchemy import select

from blog.database import db as the_db
from blog.models import AuditEntry
from blog.models.throttle import REFUSAL_OF_ACCOUNT, SIGN_IN_TO_ACCOUNT


def lines(action: str) -> list[AuditEntry]:
    return list(the_db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("ask", "subject"),
    [
        (lambda browser: browser.get("/admin/users"), "GET /admin/users"),
        (lambda browser: browser.post("/admin/users/1/role", data={"role": "admin"}), "POST /admin/users/1/role"),
    ],
)
def test_a_door_that_does_not_open_is_in_the_log_with_who_tried_it(sign_in, ask, subject):
    eve = an_editor(name="Eve")
    assert ask(sign_in(eve)).status_code == 403
    (line,) = lines("was refused")
    assert (line.actor_id, line.actor_name, line.subject, line.origin) == (eve.id, "Eve", subject, "127.0.0.1")


def test_the_post_of_somebody_else_is_such_a_door(desk, ada):
    post = a_post(live=True)
    assert desk.get(f"/write/posts/{post.id}").status_code == 403
    (line,) = lines("was refused")
    assert (line.actor_id, line.subject) == (ada.id, f"GET /write/posts/{post.id}")


def test_nobody_floods_the_log(sign_in):
    eve = sign_in(an_editor(name="Eve"))
    for _ in range(REFUSAL_OF_ACCOUNT.tries + 3):
        assert eve.get("/admin").status_code == 403
    assert len(lines("was refused")) == REFUSAL_OF_ACCOUNT.tries
    assert [line.subject for line in lines("reached the limit of")] == [REFUSAL_OF_ACCOUNT.what]
    assert sign_in(an_editor()).get("/admin").status_code == 403  # of others it is told all the same
    assert len(lines("was refused")) == REFUSAL_OF_ACCOUNT.tries + 1


def test_strangers_write_nothing_into_it(client):
    assert client.get("/admin").status_code == 302
    assert client.post("/admin/users/1/role").status_code == 401
    assert client.get("/nowhere").status_code == 404
    assert list(the_db.session.scalars(select(AuditEntry).where(AuditEntry.actor_name == ""))) == []


@pytest.mark.parametrize(
    ("path", "subject"),
    [("/auth/account", "POST /auth/account"), ("/auth/link/0123abcd", "POST /auth/link/<secret>")],
)
def test_a_form_that_a_foreign_site_sends_for_somebody_is_in_the_log_without_any_secret(
    app, desk, ada, monkeypatch, path, subject
):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert desk.post(path, data={"name": "Eve"}, headers={"Origin": "https://evil.example"}).status_code == 400
    (line,) = lines("sent a foreign form to")
    assert (line.actor_id, line.subject, line.detail) == (ada.id, subject, {"sent_by": "https://evil.example"})
    assert desk.post(path, data={"name": "Ada"}, headers={"Origin": "http://localhost"}).status_code == 400
    assert len(lines("sent a foreign form to")) == 1  # the page of ours had only grown old


def test_that_a_limit_is_reached_is_told_once(client, sign_in):
    a_user(email="ada@example.com", password=PASSWORD)
    for _ in range(SIGN_IN_TO_ACCOUNT.tries + 3):
        client.post("/auth/login", data={"email": "ada@example.com", "password": "wrong"})
    (line,) = lines("reached the limit of")
    assert (line.actor_id, line.subject, line.origin) == (None, "sign-in to account", "127.0.0.1")
    assert len(lines("failed to sign in as")) == SIGN_IN_TO_ACCOUNT.tries
    told = words(sign_in(a_user(role="admin")).get("/admin/audit?topic=sign-ins"))
    assert "Somebody reached the limit of sign-in to account" in told
