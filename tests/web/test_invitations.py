"""Inviting people, and coming in by an invitation."""

import re
from datetime import timedelta

import pytest
import time_machine
from factories import PASSWORD, a_user, an_admin, an_editor, the_site
from looking import fault, filled, page, words
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, LoginSession, Purpose, Registration, Token, User, UserRole
from blog.models import invitation as coming_in

LIST = "/admin/invitations"


@pytest.fixture
def boss(db):
    return an_admin(name="Boss", email="boss@example.com")


@pytest.fixture
def admin(sign_in, boss):
    return sign_in(boss)


def invite(admin, people="ada@example.com", role="editor", **typed):
    return admin.post(LIST, data={"people": people, "role": role} | typed)


def links_in(answer) -> dict[str, str]:
    """The path of each link that is shown to be copied, by its address."""
    area = page(answer).select_one("#links")
    pairs = [line.split(" ") for line in area.get_text().split("\n") if line] if area else []
    return {email: address.removeprefix("http://localhost") for email, address in pairs}


def invited(admin, **how) -> str:
    (path,) = links_in(invite(admin, **how)).values()
    return path


def ada():
    the_db.session.expire_all()
    return User.by_email("ada@example.com")


def pending() -> list[str]:
    return list(the_db.session.scalars(select(Token.email).where(Token.purpose == Purpose.invitation)))


def test_an_invitation_lets_one_person_in_with_the_role_it_gives(app, admin, post_box):
    answer = invite(admin)
    assert answer.status_code == 200
    assert "1 is invited" in words(answer)
    path = links_in(answer)["ada@example.com"]
    (letter,) = post_box()
    assert (letter.kind, letter.to, letter.link) == ("invitation", "ada@example.com", f"http://localhost{path}")
    assert "Boss" in letter.subject
    assert "editor" in letter.text
    assert path not in admin.get(LIST).text  # it is shown once
    assert "ada@example.com" in words(admin.get(LIST))
    browser = app.test_client()
    for _ in range(2):  # mail scanners open links
        shown = browser.get(path)
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert shown.headers["Cache-Control"] == "no-store"
        assert "Boss invites you" in words(shown)
        assert page(shown).select_one("[name=email]").has_attr("readonly")
    assert browser.post(path, data={"name": "Ada", "password": PASSWORD}).location == "/"
    assert "Welcome, Ada." in words(browser.get("/"))
    assert browser.get("/write").status_code == 200
    person = ada()
    assert (person.role, person.name) == (UserRole.editor, "Ada")
    assert person.confirmed_at is not None
    assert person.check_password(PASSWORD)
    assert pending() == []
    for answer in (browser.get(path), browser.post(path, data={"name": "Ada", "password": PASSWORD})):  # it counts once
        assert answer.status_code == 404
        assert "opens nothing any more" in words(answer)
    log = the_db.session.execute(
        select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(AuditEntry.id)
    )
    assert [tuple(line) for line in log] == [
        ("invited", "ada@example.com", {"role": "editor"}),
        ("accepted an invitation", "", {"role": "editor", "invited_by": "Boss"}),
    ]


def test_without_mail_the_link_is_there_to_be_passed_on(app, admin):
    path = invited(admin, role="viewer")
    assert "This site sends no mail" in words(admin.get(LIST))
    assert app.test_client().post(path, data={"name": "Ada", "password": PASSWORD}).location == "/"
    assert ada().role == UserRole.viewer


def test_address_and_role_are_the_invitations_whatever_the_form_sends(app, admin):
    path = invited(admin, role="viewer")
    sent = {"name": "Ada", "password": PASSWORD, "email": "evil@example.com", "role": "admin", "is_active": "0"}
    app.test_client().post(path, data=sent | {"id": "1", "handle": "root", "by": "1", "password_hash": "x"})
    assert User.by_email("evil@example.com") is None
    assert (ada().role, ada().is_active, ada().handle) == (UserRole.viewer, True, "ada")


def test_an_invitation_is_void_once_whoever_sent_it_is_no_admin(app, admin, boss):
    an_admin()
    path, browser = invited(admin), app.test_client()
    assert browser.get(path).status_code == 200
    for change in ({"role": UserRole.editor}, {"is_active": False}):
        for name, value in change.items():
            setattr(boss, name, value)
        assert browser.post(path, data={"name": "Ada", "password": PASSWORD}).status_code == 404
        boss.role, boss.is_active = UserRole.admin, True
    boss.role = UserRole.editor
    other = app.test_client()
    with other.session_transaction() as session:
        session["login"] = LoginSession.start(an_admin(name="Other"))
    assert "Whoever invited is no admin any more" in words(other.get(LIST))
    renewed = re.search(rf'action="({LIST}/\w+/renewal)"', other.get(LIST).text)[1]
    fresh = links_in(other.post(renewed))["ada@example.com"]
    assert browser.get(path).status_code == 404
    assert browser.post(fresh, data={"name": "Ada", "password": PASSWORD}).status_code == 302


def test_an_invitation_lasts_seven_days_and_can_be_renewed_and_revoked(app, sign_in, admin, boss, post_box):
    path, browser = invited(admin), app.test_client()
    with time_machine.travel(utcnow() + timedelta(days=7, minutes=1), tick=False):
        later = sign_in(boss)
        assert browser.get(path).status_code == 404
        assert browser.post(path, data={"name": "Ada", "password": PASSWORD}).status_code == 404
        listed = later.get(LIST)
        assert "Ran out" in words(listed)
        renew, revoke = (
            re.search(rf'action="({LIST}/\w+/{act})"', listed.text)[1] for act in ("renewal", "revocation")
        )
        fresh = links_in(later.post(renew))["ada@example.com"]
        assert [letter.link for letter in post_box()][-1] == f"http://localhost{fresh}"
        assert browser.get(path).status_code == 404
        assert browser.get(fresh).status_code == 200
        assert later.post(renew).status_code == 404  # of the page that had grown old
        revoke = re.search(rf'action="({LIST}/\w+/revocation)"', later.get(LIST).text)[1]
        assert later.post(revoke).location == LIST
        assert "is revoked" in words(later.get(LIST))
        assert browser.get(fresh).status_code == 404
        assert later.post(revoke).status_code == 404
    assert pending() == []
    actions = the_db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["invited", "renewed the invitation of", "revoked the invitation of"]


def test_an_invitation_that_ran_out_makes_room_for_another(admin, sign_in, boss):
    invite(admin)
    with time_machine.travel(utcnow() + timedelta(days=8), tick=False):
        assert "1 is invited" in words(invite(sign_in(boss)))
        assert pending() == ["ada@example.com"]


def test_many_are_invited_at_once_and_each_who_cannot_be_is_named_with_the_reason(admin, post_box):
    a_user(email="here@example.com")
    invite(admin, people="before@example.com")
    pasted = "\n".join(
        [
            "Email,Name,Role",
            "one@example.com",
            "two@example.com, Two, admin",
            "",
            "Here@Example.com, Here",
            "one@EXAMPLE.com",
            "nonsense",
            "three@example.com, Three, emperor",
            "before@example.com",
            '"Four, the" <four@example.com>',
            "five@example.com\tFive\tviewer",
            "six@example.com;Six;editor",
            "o'hara+list@example.com, Ó Hara",
            "seven@example.com, a, b, editor",
            f"eight@example.com, {'x' * 121}",
            "x" * 5000,
            "=cmd@example.com@example.com",
        ]
    )
    looked = invite(admin, people=pasted, role="viewer", look="1")
    assert looked.status_code == 200
    assert "6 can be invited, 9 cannot" in words(looked)
    assert filled(looked, 'form[action="/admin/invitations"]')["people"].split("\n") == pasted.split("\n")
    assert pending() == ["before@example.com"]
    answer = invite(admin, people=pasted, role="viewer")
    assert "6 are invited, 9 are not" in words(answer)
    assert set(links_in(answer)) == {
        "one@example.com",
        "two@example.com",
        "four@example.com",
        "five@example.com",
        "six@example.com",
        "o'hara+list@example.com",
    }
    rows = [row.get_text(" ", strip=True) for row in page(answer).select("table")[0].select("tbody tr")]
    for line, reason in (
        ("Here@Example.com, Here 5", "has an account already"),
        ("one@EXAMPLE.com 6", "stands on line 2 already"),
        ("nonsense 7", "is not an email address"),
        ("three@example.com, Three, emperor 8", "there is no role “emperor”"),
        ("before@example.com 9", "is invited already"),
        ("seven@example.com, a, b, editor 14", "has too much in it"),
        ("eight@example.com", "has a name that is too long"),
        ("xxxx", "is too long"),
        ("=cmd@example.com@example.com 17", "is not an email address"),
    ):
        assert any(row.startswith(line) and reason in row for row in rows), (line, reason)
    assert len(rows) == 9
    left = filled(answer, 'form[action="/admin/invitations"]')["people"]
    assert "Here@Example.com, Here" in left
    assert "two@example.com" not in left
    found = the_db.session.execute(select(Token.email, Token.role, Token.detail)).all()
    given = {email: (role, detail["name"]) for email, role, detail in found}
    assert given["one@example.com"] == ("viewer", "")
    assert given["two@example.com"] == ("admin", "Two")
    assert given["four@example.com"] == ("viewer", "Four, the")
    assert given["five@example.com"] == ("viewer", "Five")
    assert given["six@example.com"] == ("editor", "Six")
    assert len(post_box(kind="invitation")) == 7
    again = invite(admin, people="one@example.com")
    assert again.status_code == 422
    assert "0 are invited, 1 is not" in words(again)


def test_a_thousand_are_invited_at_once_with_few_questions_and_not_one_more(admin, queries):
    people = "\n".join(f"person{n}@many.example.com, Person {n}" for n in range(1000))
    with queries() as seen:
        answer = invite(admin, people=people, role="viewer")
    assert "1,000 are invited" in words(answer)
    assert len(links_in(answer)) == 1000
    assert len(seen) < 30
    assert the_db.session.scalar(select(func.count(Token.id))) == 1000
    refused = invite(admin, people=people.replace("@many", "@more") + "\nlast@example.com")
    assert refused.status_code == 422
    assert "at once; these are 1,001" in fault(refused, "people")
    assert the_db.session.scalar(select(func.count(Token.id))) == 1000
    assert "Older" in words(admin.get(LIST))


def test_where_inviting_breaks_off_nobody_is_invited(admin, monkeypatch, post_box):
    done = []

    def once(*args, **named):
        if done:
            raise coming_in.TakenError("as if something had broken half-way")
        done.append(1)
        return whole(*args, **named)

    whole = coming_in.invite
    monkeypatch.setattr(coming_in, "invite", once)
    admin.application.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        answer = invite(admin, people="one@example.com\ntwo@example.com")
    finally:
        admin.application.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500
    assert "one@example.com" in answer.text  # what was typed is not lost
    assert pending() == []
    assert post_box() == []


def test_a_closed_site_neither_invites_nor_lets_the_invited_in(app, admin):
    path, browser = invited(admin), app.test_client()
    the_site(registration=Registration.closed)
    assert "Registration is closed" in words(admin.get(LIST))
    answer = invite(admin, people="two@example.com")
    assert answer.status_code == 422
    assert "Registration is closed" in fault(answer, "people")
    renew = re.search(rf'action="({LIST}/\w+/renewal)"', admin.get(LIST).text)[1]
    assert admin.post(renew).location == LIST
    assert "Registration is closed" in words(admin.get(LIST))
    for answer in (browser.get(path), browser.post(path, data={"name": "Ada", "password": PASSWORD})):
        assert answer.status_code == 403
    assert ada() is None
    the_site(registration=Registration.invitation)
    assert browser.post(path, data={"name": "Ada", "password": PASSWORD}).status_code == 302


def test_inviting_asks_for_a_recent_proof_of_who_is_asking(app, boss):
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["login"] = LoginSession.start(boss)
    the_db.session.flush()
    the_db.session.scalar(select(LoginSession)).proved_at = utcnow() - timedelta(minutes=31)
    answer = invite(browser)
    assert answer.status_code == 401
    assert "ada@example.com" in answer.text  # it goes along
    assert pending() == []
    assert browser.get(LIST).status_code == 200


def test_only_admins_invite(app, sign_in, admin):
    invite(admin)
    digest = the_db.session.scalar(select(Token.digest))
    for browser in (sign_in(a_user()), sign_in(an_editor()), app.test_client()):
        refusals = (403, 302, 401)
        assert browser.get(LIST).status_code in refusals
        assert invite(browser, people="two@example.com").status_code in refusals
        for act in ("renewal", "revocation"):
            assert browser.post(f"{LIST}/{digest}/{act}").status_code in refusals
    assert pending() == ["ada@example.com"]
    for digest in ("0", "x" * 64, "x" * 10_000):
        assert admin.post(f"{LIST}/{digest}/renewal").status_code == 404
    Token.issue(Purpose.reset, user=a_user())
    the_db.session.flush()
    other = the_db.session.scalar(select(Token.digest).where(Token.purpose == Purpose.reset))
    for act in ("renewal", "revocation"):  # the number of another kind of link
        assert admin.post(f"{LIST}/{other}/{act}").status_code == 404
        assert (
            admin.post(f"{LIST}/requests/{other}/{'admission' if act == 'renewal' else 'refusal'}").status_code == 404
        )


def test_every_other_link_is_answered_alike(app, admin):
    secret = invited(admin).rpartition("/")[2]
    browser = app.test_client()
    wrong = [secret[:-1], secret + "0", secret[::-1], secret.upper(), "x", "x" * 10_000, Token.issue(Purpose.setup)]
    wrong += [Token.issue(Purpose.reset, user=a_user())]
    wrong += [Token.issue(purpose, email="ada@example.com") for purpose in (Purpose.confirmation, Purpose.request)]
    for other in wrong:
        path = f"/auth/invitation/{other}"
        for answer in (browser.get(path), browser.post(path, data={"name": "Ada", "password": PASSWORD})):
            assert answer.status_code == 404
            assert "opens nothing any more" in words(answer)
    assert ada() is None


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("password", ""),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", "Ada Lovelace 12"),
    ],
)
def test_what_cannot_be_is_refused_and_the_link_stays_good(app, admin, field, typed):
    path, browser = invited(admin, people="ada@example.com, Ada Lovelace"), app.test_client()
    assert filled(browser.get(path))["name"] == "Ada Lovelace"
    answer = browser.post(path, data={"name": "Ada Lovelace", "password": PASSWORD, field: typed})
    assert answer.status_code == 422
    assert fault(answer, field)
    kept = filled(answer)
    assert (kept["password"], kept["email"]) == ("", "ada@example.com")
    assert kept["name"] == (typed if field == "name" else "Ada Lovelace")
    assert browser.post(path, data={"name": "Ada Lovelace", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(("field", "typed"), [("people", ""), ("people", " \n\n"), ("role", "emperor"), ("role", "")])
def test_what_cannot_be_sent_is_refused_and_the_rest_kept(admin, field, typed):
    answer = invite(admin, **{field: typed})
    assert answer.status_code == 422
    assert fault(answer, field)
    if field == "role":
        assert filled(answer, 'form[action="/admin/invitations"]')["people"] == "ada@example.com"
    assert pending() == []


def test_an_invitation_says_so_where_the_address_was_taken_meanwhile(app, admin):
    path, browser = invited(admin), app.test_client()
    a_user(email="ada@example.com", name="Quicker")
    answer = browser.post(path, data={"name": "Ada", "password": PASSWORD})
    assert answer.status_code == 409
    assert "You have an account already" in words(answer)
    assert ada().name == "Quicker"


def test_whoever_is_signed_in_is_told_that_the_invitation_makes_another_account(sign_in, admin):
    path, browser = invited(admin), sign_in(a_user(name="Grace"))
    assert "You are signed in as Grace" in words(browser.get(path))
    browser.post(path, data={"name": "Ada", "password": PASSWORD})
    assert "Ada" in words(browser.get("/auth/account"))


def test_of_two_who_accept_at_once_one_comes_in(app, admin, monkeypatch):
    path = invited(admin)
    monkeypatch.setattr(Token, "spend", lambda _token: False)  # as it answers the slower of two
    assert app.test_client().post(path, data={"name": "Ada", "password": PASSWORD}).status_code == 404
    assert ada() is None


def test_letters_have_the_name_of_the_site_whatever_the_admin_called_it(app, admin, post_box, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "https://blog.example.org")
    answer = admin.post(
        LIST, data={"people": "ada@example.com", "role": "viewer"}, headers={"X-Forwarded-Host": "e.example"}
    )
    (letter,) = post_box()
    assert letter.link.startswith("https://blog.example.org/auth/invitation/")
    assert letter.link in page(answer).select_one("#links").get_text()
