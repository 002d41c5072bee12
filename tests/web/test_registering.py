"""Becoming a member."""

import pytest
from factories import PASSWORD, a_user, the_site
from looking import fault, filled, words
from sqlalchemy import select

from blog.auth.forms import NewPersonForm
from blog.database import db as the_db
from blog.models import Registration, User, UserRole

ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "password": PASSWORD}


@pytest.fixture
def open_site(db):
    return the_site(registration=Registration.open)


def register(client, **typed):
    return client.post("/auth/register", data=ADA | typed)


def ada():
    return the_db.session.scalar(select(User).where(User.email == "ada@example.com"))


def test_a_closed_site_takes_no_members(client):
    for answer in (client.get("/auth/register"), register(client)):
        assert answer.status_code == 403
        assert "Registration is closed" in words(answer)
    assert ada() is None


@pytest.mark.usefixtures("open_site")
class TestAnOpenSite:
    def test_takes_a_member_who_is_signed_in_at_once(self, client):
        assert client.get("/auth/register").status_code == 200
        assert register(client, email=" Ada@Example.com").location == "/"
        assert "Welcome, Ada Lovelace." in words(client.get("/"))
        assert "Welcome" not in words(client.get("/"))
        assert (ada().role, ada().handle, ada().name) == (UserRole.viewer, "ada-lovelace", "Ada Lovelace")
        assert ada().check_password(PASSWORD)

    def test_lets_nobody_choose_a_role_or_anything_else_about_themselves(self, client):
        register(client, role="admin", is_active="0", handle="root", id="1", password_hash="x", biography="Hi")
        assert (ada().role, ada().handle, ada().is_active, ada().biography) == ("viewer", "ada-lovelace", True, "")

    def test_gives_namesakes_handles_of_their_own(self, client, app):
        a_user(name="Ada Lovelace")
        register(client)
        assert ada().handle == "ada-lovelace-2"

    @pytest.mark.parametrize("name", ["...", "🙂", "!!!"])
    def test_gives_a_handle_to_whoever_has_no_letters_in_their_name(self, client, name):
        register(client, name=name)
        assert (ada().name, ada().handle) == (name, "someone")

    @pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", " ada@Example.com "])
    def test_says_that_an_address_has_an_account(self, client, email):
        a_user(email="ada@example.com")
        answer = register(client, email=email)
        assert answer.status_code == 422
        assert fault(answer, "email") == "That address already has an account. Sign in instead."
        assert filled(answer)["name"] == "Ada Lovelace"

    def test_answers_the_slower_of_two_who_take_one_address_with_what_they_typed(self, client, monkeypatch):
        a_user(email="ada@example.com", name="Quicker")
        monkeypatch.setattr(NewPersonForm, "validate_email", lambda *_: None)  # the quicker one came after the check
        answer = register(client)
        assert answer.status_code == 409
        assert "Ada Lovelace" in answer.text
        assert PASSWORD not in answer.text
        assert ada().name == "Quicker"

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("email", ""),
            ("email", "ada"),
            ("email", "ada@"),
            ("email", "a@b@c"),
            ("email", "ada@ex ample.com"),
            ("email", "x" * 312 + "@ex.co.uk"),
            ("name", ""),
            ("name", " \t "),
            ("name", "x" * 121),
            ("password", ""),
            ("password", "fourteen chars"),
            ("password", "x" * 129),
            ("password", "abababababababab"),
            ("password", "ada lovelace 123"),
            ("password", "Masthead1234567"),
        ],
    )
    def test_refuses_what_cannot_be_and_keeps_the_rest(self, client, field, typed):
        answer = register(client, **{field: typed})
        assert answer.status_code == 422
        assert fault(answer, field)
        kept = filled(answer)
        assert kept["password"] == ""
        for other in {"name", "email"} - {field}:
            assert kept[other] == ADA[other]
        assert ada() is None

    @pytest.mark.parametrize(
        "password", ["fifteen letters", "x" * 120 + "yzabcdef", "пароль из пяти слов", "🙂🙃😀😁😂😃😄😅😆😇🙈🙉🙊🐵🐒"]
    )
    def test_takes_long_passwords_of_any_script(self, client, password):
        assert register(client, password=password).status_code == 302
        client.post("/auth/logout")
        sent = client.post("/auth/login", data={"email": "ada@example.com", "password": password})
        assert sent.status_code == 302

    def test_takes_twenty_tries_an_hour_from_one_address(self, client):
        for _ in range(20):
            assert register(client, password="short").status_code == 422
        answer = register(client)
        assert answer.status_code == 429
        assert "Too many accounts" in fault(answer, "email")
        assert ada() is None
        assert client.get("/auth/register").status_code == 200
        elsewhere = client.post("/auth/register", data=ADA, environ_overrides={"REMOTE_ADDR": "198.51.100.2"})
        assert elsewhere.status_code == 302

    def test_is_offered_on_the_sign_in_page(self, client):
        assert "Become a member" in words(client.get("/auth/login"))
        the_site(registration=Registration.closed)
        assert "Become a member" not in words(client.get("/auth/login"))
