"""Becoming a member."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from factories import PASSWORD, a_user, an_admin, the_site
from looking import fault, filled, link, words
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Purpose, Registration, Token, User, UserRole
from blog.models import user as user_module

LONGEST = "".join(chr(33 + 7 * n % 90) for n in range(128))
ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "password": PASSWORD}
ASKED = "/auth/register/asked"


@pytest.fixture
def open_site(db):
    return the_site(registration=Registration.open)


def register(client, **typed):
    return client.post("/auth/register", data=ADA | typed)


def path_of(address: str) -> str:
    return address.removeprefix("http://localhost")


def ada():
    the_db.session.expire_all()
    return the_db.session.scalar(select(User).where(User.email == "ada@example.com"))


def is_in(client) -> bool:
    return client.get("/auth/account").status_code == 200


@pytest.mark.parametrize(
    ("setting", "said"), [("closed", "Nobody new comes in at present"), ("invitation", "ask them to invite you")]
)
def test_a_site_that_is_not_open_says_how_one_gets_in(client, post_box, setting, said):
    the_site(registration=setting)
    for answer in (client.get("/auth/register"), register(client)):
        assert answer.status_code == 403
        assert said in words(answer)
    assert ada() is None
    assert post_box() == []


@pytest.mark.usefixtures("open_site")
class TestAnOpenSite:
    def test_takes_a_member_once_the_address_is_shown_to_be_theirs(self, client, post_box):
        assert client.get("/auth/register").status_code == 200
        answer = register(client, email=" Ada@Example.com ")
        assert answer.location == ASKED
        assert "Look in your mailbox" in words(client.get(ASKED))
        assert ada() is None
        (letter,) = post_box()
        assert (letter.kind, letter.to) == ("confirm_address", "ada@example.com")
        assert "Ada Lovelace" not in letter.text + letter.html  # it may go to somebody who never asked for it
        for _ in range(2):  # mail scanners open links
            page = client.get(path_of(letter.link))
            assert "Ada Lovelace" in words(page)
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert page.headers["Cache-Control"] == "no-store"
        assert ada() is None
        assert not is_in(client)
        assert client.post(path_of(letter.link)).location == "/"
        assert "Welcome, Ada Lovelace." in words(client.get("/"))
        assert is_in(client)
        person = ada()
        assert (person.role, person.handle, person.name) == (UserRole.viewer, "ada-lovelace", "Ada Lovelace")
        assert person.confirmed_at is not None
        assert person.check_password(PASSWORD)
        for answer in (client.get(path_of(letter.link)), client.post(path_of(letter.link))):  # it counts once
            assert answer.status_code == 404
            assert "opens nothing any more" in words(answer)

    def test_tells_strangers_nothing_about_who_has_an_account_and_does_the_same_work(
        self, app, client, post_box, monkeypatch
    ):
        a_user(email="ada@example.com", name="Ada")
        hashed = []
        monkeypatch.setattr(
            user_module, "password_hasher", lambda made=user_module.password_hasher: hashed.append(1) or made()
        )
        answers, work = [], []
        for email in ("ada@example.com", "nobody@example.com"):
            browser, seen = app.test_client(), []

            def listen(_connection, _cursor, statement, *_, seen=seen):
                seen.append(statement.split()[0])

            browser.get("/auth/register")
            hashed.clear()
            sa.event.listen(sa.Engine, "before_cursor_execute", listen)
            answer = register(browser, email=email)
            sa.event.remove(sa.Engine, "before_cursor_execute", listen)
            work.append((len(hashed), [word for word in seen if word not in ("SAVEPOINT", "RELEASE", "ROLLBACK")]))
            page = browser.get(answer.location)
            answers.append((answer.status_code, answer.location, answer.text, sorted(answer.headers.keys()), page.text))
        assert answers[0] == answers[1]
        assert work[0] == work[1]
        assert work[0][0] == 1
        assert work[0][1].count("INSERT") >= 2
        known, unknown = post_box()
        assert (known.kind, unknown.kind) == ("already_here", "confirm_address")
        assert path_of(known.link) == "/auth/password/forgot"
        assert the_db.session.scalar(select(func.count(User.id))) == 1

    def test_tells_a_deactivated_person_by_mail_that_only_an_admin_can_help(self, client, post_box):
        a_user(email="ada@example.com", is_active=False)
        assert register(client).location == ASKED
        (letter,) = post_box()
        assert "deactivated" in letter.text
        assert letter.links == []

    def test_lets_nobody_choose_a_role_or_anything_else_about_themselves(self, client, post_box):
        extra = {"role": "admin", "is_active": "0", "handle": "root", "id": "1", "password_hash": "x"}
        extra |= {"biography": "Hi", "confirmed_at": "2026-01-01"}
        register(client, **extra)
        client.post(path_of(post_box()[0].link), data=extra | {"name": "Root", "email": "root@example.com"})
        person = ada()
        assert (person.role, person.handle, person.is_active, person.biography, person.name) == (
            "viewer",
            "ada-lovelace",
            True,
            "",
            "Ada Lovelace",
        )
        assert person.check_password(PASSWORD)

    def test_asks_for_the_password_in_another_browser(self, app, client, post_box):
        """Whoever registers somebody else's address must not have an account there by one click of its owner."""
        register(client)
        address = path_of(post_box()[0].link)
        elsewhere = app.test_client()
        assert "password" in filled(elsewhere.get(address))
        assert "password" not in filled(client.get(address))
        for guess in ("", "nine ladies dancing", "x" * 1001):
            answer = elsewhere.post(address, data={"password": guess})
            assert answer.status_code == 422
            assert fault(answer, "password")
        assert ada() is None
        assert elsewhere.post(address, data={"password": PASSWORD}).location == "/"
        assert is_in(elsewhere)

    def test_lets_nobody_guess_that_password_for_ever(self, app, client, post_box):
        register(client)
        address, elsewhere = path_of(post_box()[0].link), app.test_client()
        statuses = [elsewhere.post(address, data={"password": "x"}).status_code for _ in range(61)]
        assert (statuses[59], statuses[60]) == (422, 429)
        assert client.post(address).status_code == 302

    def test_keeps_two_who_register_one_address_apart_and_lets_the_owner_choose(self, app, client, post_box):
        thief, owner = client, app.test_client()
        register(thief, name="Thief", password="the thief knows this one")
        register(owner)
        first, second = (path_of(letter.link) for letter in post_box())
        assert owner.post(first).status_code == 422  # the thief's password is asked for
        assert owner.post(second).location == "/"
        assert ada().name == "Ada Lovelace"
        assert thief.post(first).status_code == 404
        assert ada().check_password(PASSWORD)

    def test_says_so_where_the_address_was_taken_meanwhile(self, client, post_box):
        register(client)
        a_user(email="ada@example.com", name="Quicker")
        address = path_of(post_box()[0].link)
        assert client.get(address).status_code == 200
        answer = client.post(address)
        assert answer.status_code == 409
        assert "You have an account already" in words(answer)
        assert ada().name == "Quicker"
        assert not is_in(client)

    def test_lets_one_in_of_two_who_press_the_button_at_once(self, client, post_box, monkeypatch):
        register(client)
        monkeypatch.setattr(Token, "spend", lambda _token: False)  # as it answers the slower of two
        assert client.post(path_of(post_box()[0].link)).status_code == 404
        assert ada() is None

    def test_answers_every_other_link_alike(self, app, client, post_box):
        register(client)
        address = path_of(post_box()[0].link)
        secret = address.rpartition("/")[2]
        wrong = [secret[:-1], secret + "0", secret[::-1], secret.upper(), "x", "x" * 10_000, Token.issue(Purpose.setup)]
        wrong += [Token.issue(purpose, user=a_user()) for purpose in (Purpose.sign_in, Purpose.reset)]
        wrong += [Token.issue(purpose, email="ada@example.com") for purpose in (Purpose.invitation, Purpose.request)]
        for other in wrong:
            for answer in (client.get(f"/auth/confirm/{other}"), client.post(f"/auth/confirm/{other}")):
                assert answer.status_code == 404
                assert "opens nothing any more" in words(answer)
        with time_machine.travel(utcnow() + timedelta(hours=25), tick=False):
            assert client.post(address).status_code == 404
        assert ada() is None

    def test_lets_nobody_in_who_confirms_after_it_was_closed(self, client, post_box):
        register(client)
        address = path_of(post_box()[0].link)
        the_site(registration=Registration.invitation)
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 403
        assert ada() is None
        the_site(registration=Registration.open)
        assert client.post(address).status_code == 302

    def test_writes_links_with_its_own_name_whatever_the_reader_called_it(self, app, client, post_box, monkeypatch):
        monkeypatch.setitem(app.config, "SITE_URL", "https://blog.example.org")
        client.post("/auth/register", data=ADA, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        (letter,) = post_box()
        assert letter.link.startswith("https://blog.example.org/auth/confirm/")
        assert "evil.example" not in letter.text + letter.html

    def test_gives_namesakes_handles_of_their_own(self, client, post_box):
        a_user(name="Ada Lovelace")
        register(client)
        client.post(path_of(post_box()[0].link))
        assert ada().handle == "ada-lovelace-2"

    @pytest.mark.parametrize("name", ["...", "🙂", "!!!", '<b>O\'Hara & "Sons"</b>'])
    def test_takes_any_name(self, client, post_box, name):
        register(client, name=name)
        client.post(path_of(post_box()[0].link))
        assert ada().name == name
        assert re.fullmatch(r"[a-z0-9-]+", ada().handle)

    @pytest.mark.parametrize(
        "email",
        ["ada+list@example.com", "o'hara@example.com", "adé@exämple.com", "ADA@EXAMPLE.COM", "a" * 64 + "@b.co"],
    )
    def test_takes_every_sound_address(self, client, post_box, email):
        assert register(client, email=email).location == ASKED
        (letter,) = post_box()
        assert letter.to == email.lower()
        assert client.post(path_of(letter.link)).status_code == 302
        assert User.by_email(email.upper()).email == email.lower()

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("email", ""),
            ("email", "ada"),
            ("email", "ada@"),
            ("email", "a@b@c"),
            ("email", "ada@ex ample.com"),
            ("email", "x" * 312 + "@ex.co.uk"),
            ("email", "x" * 310 + "@ex.co.uk!"),
            ("email", "a@example.com, b@example.com"),
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
    def test_refuses_what_cannot_be_and_keeps_the_rest(self, client, post_box, field, typed):
        answer = register(client, **{field: typed})
        assert answer.status_code == 422
        assert fault(answer, field)
        kept = filled(answer)
        assert kept["password"] == ""
        for other in {"name", "email"} - {field}:
            assert kept[other] == ADA[other]
        assert post_box() == []

    @pytest.mark.parametrize(
        "password", ["fifteen letters", LONGEST, "пароль из пяти слов", "🙂🙃😀😁😂😃😄😅😆😇🙈🙉🙊🐵🐒"]
    )
    def test_takes_long_passwords_of_any_script(self, client, post_box, password):
        assert register(client, password=password).status_code == 302
        client.post(path_of(post_box()[0].link))
        client.post("/auth/logout")
        sent = client.post("/auth/login", data={"email": "ada@example.com", "password": password})
        assert sent.status_code == 302

    def test_takes_twenty_tries_an_hour_from_one_address(self, client, post_box):
        for _ in range(20):
            assert register(client, password="short").status_code == 422
        answer = register(client)
        assert answer.status_code == 429
        assert "Too many accounts" in fault(answer, "email")
        assert int(answer.headers["Retry-After"]) > 3000
        assert post_box() == []
        assert client.get("/auth/register").status_code == 200
        elsewhere = client.post("/auth/register", data=ADA, environ_overrides={"REMOTE_ADDR": "198.51.100.2"})
        assert elsewhere.status_code == 302

    @pytest.mark.parametrize("is_known", [True, False])
    def test_writes_three_letters_an_hour_to_one_address_known_or_not(self, app, post_box, is_known):
        if is_known:
            a_user(email="ada@example.com")
        statuses = [
            app.test_client()
            .post("/auth/register", data=ADA, environ_overrides={"REMOTE_ADDR": f"198.51.100.{n}"})
            .status_code
            for n in range(5)
        ]
        assert statuses == [302, 302, 302, 429, 429]
        assert len(post_box()) == 3

    def test_is_offered_on_the_sign_in_page(self, client):
        assert "Become a member" in words(client.get("/auth/login"))
        the_site(registration=Registration.closed)
        assert "Become a member" not in words(client.get("/auth/login"))


@pytest.mark.usefixtures("open_site")
class TestAnOpenSiteWithoutMail:
    @pytest.fixture
    def boss(self, sign_in):
        return sign_in(an_admin(name="Boss"))

    def test_lets_an_admin_decide(self, client, boss):
        assert register(client).location == ASKED
        page = client.get(ASKED)
        assert "An admin will look at it" in words(page)
        assert "mailbox" not in words(page)
        assert ada() is None
        entry = {"email": "ada@example.com", "password": PASSWORD}
        assert client.post("/auth/login", data=entry).status_code == 422
        listed = boss.get("/admin/invitations")
        assert "People who asked to come in" in words(listed)
        assert "Ada Lovelace" in words(listed)
        assert boss.post(decision(listed, "admission")).location == "/admin/invitations"
        assert "Ada Lovelace is let in" in words(boss.get("/admin/invitations"))
        assert "People who asked" not in words(boss.get("/admin/invitations"))
        assert (ada().role, ada().confirmed_at) == ("viewer", None)
        assert client.post("/auth/login", data=entry).status_code == 302
        assert "let in" in words(boss.get("/admin/audit"))

    def test_lets_an_admin_turn_people_down(self, client, boss):
        register(client)
        listed = boss.get("/admin/invitations")
        boss.post(decision(listed, "refusal"))
        page = boss.get("/admin/invitations")
        assert "ada@example.com is turned down" in words(page)
        assert "People who asked" not in words(page)
        for act in ("admission", "refusal"):  # somebody else was quicker, or the page is old
            assert boss.post(decision(listed, act)).status_code == 404
        assert ada() is None
        assert "turned down" in words(boss.get("/admin/audit"))

    def test_answers_alike_for_an_address_that_is_known_and_lists_no_request_of_it(self, client, boss):
        a_user(email="ada@example.com", name="Here")
        assert register(client).location == ASKED
        assert "People who asked" not in words(boss.get("/admin/invitations"))

    def test_lets_in_one_of_two_who_asked_with_one_address(self, app, client, boss):
        register(client, name="First")
        register(app.test_client(), name="Second")
        listed = boss.get("/admin/invitations")
        assert "First" in words(listed)
        assert "Second" in words(listed)
        boss.post(decision(listed, "admission"))
        assert ada().name == "First"
        assert "People who asked" not in words(boss.get("/admin/invitations"))

    def test_says_so_where_the_address_was_taken_meanwhile(self, client, boss):
        register(client)
        listed = boss.get("/admin/invitations")
        a_user(email="ada@example.com", name="Quicker")
        boss.post(decision(listed, "admission"))
        assert "has an account by now" in words(boss.get("/admin/invitations"))
        assert ada().name == "Quicker"

    def test_opens_no_link_of_a_request(self, client):
        secret = Token.issue(
            Purpose.request, email="ada@example.com", detail={"name": "Ada", "password": "x", "browser": ""}
        )
        for where in ("confirm", "invitation", "password/reset", "link"):
            assert client.post(f"/auth/{where}/{secret}", data=ADA).status_code in (403, 404)
        assert ada() is None

    def test_forgets_requests_that_nobody_decided_on(self, client, boss, sign_in):
        register(client)
        digest = the_db.session.scalar(select(Token.digest))
        with time_machine.travel(utcnow() + timedelta(days=31), tick=False):
            later = sign_in(an_admin())
            assert "People who asked" not in words(later.get("/admin/invitations"))
            assert later.post(f"/admin/invitations/requests/{digest}/admission").status_code == 404
        assert ada() is None


def decision(listed, act: str) -> str:
    found = re.search(rf'action="(/admin/invitations/requests/\w+/{act})"', listed.text)
    assert found
    return found[1]


def test_only_admins_decide_who_comes_in(client, sign_in, open_site):
    Token.issue(Purpose.request, email="ada@example.com", detail={"name": "Ada", "password": "x", "browser": ""})
    the_db.session.flush()
    digest = the_db.session.scalar(select(Token.digest))
    for role in (UserRole.viewer, UserRole.editor):
        browser = sign_in(a_user(role))
        assert browser.get("/admin/invitations").status_code == 403
        for act in ("admission", "refusal"):
            assert browser.post(f"/admin/invitations/requests/{digest}/{act}").status_code == 403
    assert link(client.get("/auth/login"), "Forgotten your password?") == "/auth/password/forgot"
