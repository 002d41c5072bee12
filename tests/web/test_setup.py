"""The first admin makes the site theirs."""

from datetime import timedelta

import pytest
import time_machine
from factories import PASSWORD, a_user, an_admin
from looking import fault, filled, follow, headlines, link, page, words
from sqlalchemy import func, select

from blog.auth import joining
from blog.database import db as the_db
from blog.database import only_reading, utcnow
from blog.models import Post, Purpose, Site, Token, User
from blog.models.user import hash_of

FIRST = {"title": "The Bench", "name": "Oonagh", "email": "oonagh@example.com", "password": PASSWORD}


@pytest.fixture
def path(db):
    return f"/setup/{Token.issue(Purpose.setup)}"


def admins():
    return the_db.session.scalars(User.active_admins()).all()


def test_setting_up_makes_an_admin_who_is_signed_in_at_their_desk(client, path):
    assert client.get(path).status_code == 200
    assert client.post(path, data=FIRST).location == "/"
    desk = client.get("/write")
    assert "Your site is ready" in words(desk)
    assert "Nothing written yet" in words(desk)
    assert client.get("/admin").status_code == 200
    assert "The Bench" in words(client.get("/"))
    assert [admin.email for admin in admins()] == ["oonagh@example.com"]
    assert "set up the site" in words(client.get("/admin/audit"))


def test_sample_posts_come_in_if_they_are_wanted(client, path):
    client.post(path, data=FIRST | {"samples": "y"})
    front = client.get("/")
    assert headlines(front)[0] == "Setting a clock with small change"
    assert "Featured" in words(front)
    assert Site.current().tagline
    assert the_db.session.scalar(select(func.count(Post.id))) == 15
    assert link(front, "About") == "/about"
    about = client.get("/about")
    assert "Who we are" in words(about)
    assert page(about).select_one('.masthead nav [aria-current="page"]').get_text() == "About"
    assert "About" not in headlines(front)


def test_the_address_works_once(client, app, path):
    client.post(path, data=FIRST)
    other = app.test_client()
    assert follow(other, path).status_code == 404
    assert other.post(path, data=FIRST | {"email": "other@example.com"}).status_code == 404
    assert len(admins()) == 1


def test_nobody_sets_up_a_site_that_has_an_admin(client, path):
    an_admin()
    assert follow(client, path).status_code == 404
    assert client.post(path, data=FIRST).status_code == 404
    assert len(admins()) == 1


def test_nobody_becomes_admin_by_being_first(client, db):
    Token.issue(Purpose.setup)
    for secret in ("", "x", "setup", "%00", "..", Token.issue(Purpose.sign_in, user=a_user())):
        assert follow(client, f"/setup/{secret}").status_code == 404
        assert client.post(f"/setup/{secret}", data=FIRST).status_code == 404
    assert admins() == []


def test_the_address_is_void_after_a_day_and_after_a_newer_one(client, path):
    with time_machine.travel(utcnow() + timedelta(hours=25), tick=False):
        assert follow(client, path).status_code == 404
    newer = f"/setup/{Token.issue(Purpose.setup)}"
    assert follow(client, path).status_code == 404
    assert client.get(newer).status_code == 200


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", ""),
        ("title", "x" * 81),
        ("name", ""),
        ("email", "nonsense"),
        ("password", "short"),
        ("password", "Masthead1234567"),
        ("email", "taken@example.com"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_address_still_works(client, path, field, typed):
    a_user(email="taken@example.com")
    answer = client.post(path, data=FIRST | {"samples": "y", field: typed})
    assert answer.status_code == 422
    assert fault(answer, field)
    kept = filled(answer)
    assert {name: kept[name] for name in FIRST if name not in (field, "password")} == {
        name: FIRST[name] for name in FIRST if name not in (field, "password")
    }
    assert kept["samples"] == "y"
    assert client.post(path, data=FIRST).status_code == 302


def test_of_two_who_set_up_at_once_one_becomes_admin(client, path, monkeypatch):
    monkeypatch.setattr(Token, "spend", lambda _token: False)  # as it answers the slower of two
    assert client.post(path, data=FIRST).status_code == 404
    assert admins() == []


def test_nobody_waits_to_write_while_the_password_is_hashed(client, path, monkeypatch):
    seen = []
    monkeypatch.setattr(joining, "hash_of", lambda password: seen.append(only_reading.get()) or hash_of(password))
    assert client.post(path, data=FIRST).status_code == 302
    assert seen == [True]
