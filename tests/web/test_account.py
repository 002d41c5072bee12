"""One's own account."""

import pytest
from factories import PASSWORD, a_post, a_user, an_editor
from looking import fault, filled, page, words
from sqlalchemy import select

from blog.auth.forms import PasswordForm
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Authenticator, Passkey
from blog.web import load_site

NEW = "six geese were a-laying"


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com", password=PASSWORD)


def change(browser, current=PASSWORD, new=NEW):
    return browser.post("/auth/account/password", data={"current_password": current, "password": new})


def profile(browser, **typed):
    return browser.post("/auth/account", data=filled(browser.get("/auth/account"), ".form") | typed)


def test_a_stranger_has_no_account_to_look_at(client):
    assert client.get("/auth/account").location == "/auth/login?next=/auth/account"
    assert client.post("/auth/account", data={"name": "X"}).status_code == 401
    assert change(client).status_code == 401


def test_everybody_who_is_signed_in_changes_their_own_profile(sign_in, client):
    bob = a_user(name="Bob", handle="bob")
    browser = sign_in(bob)
    assert profile(browser, name=" Robert  R. ", handle="ROB", biography="Mends\r\nclocks.").location == "/auth/account"
    assert "Your profile is saved." in words(browser.get("/auth/account"))
    the_db.session.expire_all()
    assert (bob.name, bob.handle, bob.biography) == ("Robert R.", "rob", "Mends\nclocks.")
    assert the_db.session.scalar(AuditEntry.newest()).action == "changed their profile"


def test_a_new_name_stands_in_every_byline(sign_in, client, ada):
    a_post(by=ada, live=True, slug="ships")
    profile(sign_in(ada), name="Augusta", handle="augusta")
    assert "Augusta" in words(client.get("/posts/ships"))
    assert client.get("/authors/augusta").status_code == 200


def test_a_profile_form_changes_nothing_but_the_profile(sign_in, ada):
    before = ada.password_hash
    profile(sign_in(ada), role="admin", email="root@example.com", is_active="", id="1", password_hash="!")
    the_db.session.expire_all()
    assert (ada.role, ada.email, ada.is_active, ada.password_hash) == ("editor", "ada@example.com", True, before)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("handle", ""),
        ("handle", "x" * 41),
        ("handle", "grace"),
        ("handle", "GRACE"),
        ("handle", "a b"),
        ("handle", "a/b"),
        ("handle", "../x"),
        ("handle", "ö"),
        ("handle", "-a-"),
        ("handle", "a--b"),
        ("handle", "a\0b"),
        ("handle", "?"),
        ("biography", "x" * 2001),
    ],
)
def test_an_odd_or_taken_profile_is_refused_beside_the_field_and_kept(sign_in, ada, field, typed):
    a_user(handle="grace")
    typed_before = {"name": "Augusta", "handle": "augusta", "biography": "Counts."}
    answer = profile(sign_in(ada), **typed_before | {field: typed})
    assert answer.status_code == 422
    assert fault(answer, field)
    kept = filled(answer, ".form")
    for other in set(typed_before) - {field}:
        assert kept[other] == typed_before[other]
    assert kept[field].lower() == typed.replace("\0", "\ufffd").lower()
    the_db.session.expire_all()
    assert (ada.name, ada.handle) == ("Ada", "ada")


def test_one_may_keep_ones_own_handle(sign_in, ada):
    assert profile(sign_in(ada), biography="Counts.").status_code == 302


def test_changing_the_password_signs_every_other_device_out(sign_in, client, ada):
    here, elsewhere = sign_in(ada), sign_in(ada)
    assert change(here).location == "/auth/account"
    assert here.get("/auth/account").status_code == 200
    assert elsewhere.get("/auth/account").status_code == 302
    login = {"email": "ada@example.com", "password": PASSWORD}
    assert client.post("/auth/login", data=login).status_code == 422
    assert client.post("/auth/login", data=login | {"password": NEW}).status_code == 302


def test_the_password_of_now_is_asked_for(sign_in, ada):
    browser = sign_in(ada)
    before = ada.password_hash
    for wrong in ("", "not my password"):
        answer = change(browser, current=wrong)
        assert answer.status_code == 422
        assert fault(answer, "current_password")
        assert wrong == "" or wrong not in answer.text
        assert NEW not in answer.text
    assert filled(answer, ".form")["name"] == "Ada"
    the_db.session.expire_all()
    assert ada.password_hash == before


@pytest.mark.parametrize("new", ["", "short", "x" * 129, "abababababababab", "Masthead1234567"])
def test_a_weak_new_password_is_refused(sign_in, ada, new):
    answer = change(sign_in(ada), new=new)
    assert answer.status_code == 422
    assert fault(answer, "password")


def test_a_new_password_is_judged_by_whose_it_is(sign_in):
    person = an_editor(name="Ada Lovelace", handle="enchantress", email="countess-of@example.com", password=PASSWORD)
    browser = sign_in(person)
    for new, why in (
        ("AdaLovelace-1815", "adalovelace"),
        ("enchantress12345", "enchantress"),
        ("Countess-of!2026", "countess-of"),
        ("passwordpassword", "password"),
        ("qwertyuiopasdfgh", "run of keys"),
        ("8!kQz-4v", "from 15 to 128 characters; this has 8"),
    ):
        assert why in fault(change(browser, new=new), "password"), new
    assert change(browser, new="密码是一个很长的句子 and a swan 🦢").status_code == 302


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_with_a_second_factor_the_password_may_be_shorter(sign_in, ada, kind):
    browser = sign_in(ada)
    assert "At least 15 characters." in words(browser.get("/auth/account"))
    assert change(browser, new="8!kQz-4v").status_code == 422
    key = Passkey(user_id=ada.id, digest="d", credential="c", public_key=b"k", name="Key")
    the_db.session.add(key if kind == "passkey" else Authenticator(user_id=ada.id, sealed="x", confirmed_at=utcnow()))
    assert "At least 8 characters" in words(browser.get("/auth/account"))
    assert change(browser, new="8!kQz-4v").status_code == 302
    assert "from 8 to 128" in fault(change(browser, current="8!kQz-4v", new="7!kQz-4"), "password")
    assert "everybody tries first" in fault(change(browser, current="8!kQz-4v", new="Password1!"), "password")


def test_a_factor_that_goes_asks_for_a_password_that_is_long_by_itself(app, ada):
    the_db.session.add(Passkey(user_id=ada.id, digest="d", credential="c", public_key=b"k", name="Key"))
    the_db.session.flush()
    for alone, good in ((False, True), (True, False)):
        with app.test_request_context(method="POST", data={"password": "8!kQz-4v", "current_password": "x"}):
            load_site()
            assert PasswordForm(ada, alone=alone).validate() is good


def test_a_letter_tells_of_the_new_password(sign_in, ada, post_box):
    change(sign_in(ada), current="guess")
    assert post_box() == []
    change(sign_in(ada))
    (letter,) = post_box(to="ada@example.com")
    assert letter.kind == "password_changed"
    assert NEW not in letter.text
    assert letter.link == "http://localhost/auth/password/forgot"


def test_a_changed_name_is_in_the_log_with_before_and_after(sign_in, ada):
    profile(sign_in(ada), name="Augusta")
    entry = the_db.session.scalars(AuditEntry.newest().limit(1)).one()
    assert (entry.action, entry.detail) == ("changed their profile", {"name": {"before": "Ada", "after": "Augusta"}})


def test_one_page_leads_to_all_there_is(sign_in, ada):
    answer = sign_in(ada).get("/auth/account")
    assert [heading.get_text() for heading in page(answer).select("main h2")] == [
        "Profile", "Picture", "Email", "Password", "Second factor", "Sessions", "Reading list", "Take everything along",
        "Leave",
    ]  # fmt: skip


def test_a_mistake_in_one_form_leaves_the_others_as_they_were(sign_in, ada, post_box):
    answer = sign_in(ada).post("/auth/account/address", data={"email": "no address", "name": "Typed elsewhere"})
    assert answer.status_code == 422
    assert filled(answer, "#profile")["name"] == "Ada"
    assert page(answer).select_one("[name=email]")["value"] == "no address"
    assert len(page(answer).select("[aria-invalid=true]")) == 1


def test_guessing_the_password_of_now_is_limited(sign_in, ada):
    browser = sign_in(ada)
    for _ in range(10):
        assert "This is not your password." in fault(change(browser, current="guess"), "current_password")
        told = the_db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (told.action, told.about_id) == ("failed to prove to be", ada.id)
    assert "Too many attempts" in fault(change(browser), "current_password")


def test_the_right_password_forgets_the_wrong_ones(sign_in, ada):
    browser = sign_in(ada)
    for old, new in ((PASSWORD, NEW), (NEW, PASSWORD)):
        for _ in range(8):
            change(browser, current="guess")
        assert change(browser, current=old, new=new).status_code == 302


def test_whoever_never_chose_a_password_is_not_asked_for_one(sign_in):
    bob = a_user(email="bob@example.com")
    browser = sign_in(bob)
    assert page(browser.get("/auth/account")).select_one("[name=current_password]") is None
    assert browser.post("/auth/account/password", data={"password": NEW}).status_code == 302
    assert page(browser.get("/auth/account")).select_one("[name=current_password]")


@pytest.mark.parametrize("website", ["https://ada.example/me", "http://ada.example", ""])
def test_a_person_names_their_website(ada, sign_in, website):
    browser = sign_in(ada)
    assert profile(browser, website=f" {website} ").location == "/auth/account"
    the_db.session.expire_all()
    assert ada.website == website
    assert filled(browser.get("/auth/account"), ".form")["website"] == website


@pytest.mark.parametrize(
    "website",
    ["ada.example", "javascript:alert(1)", "//ada.example", "https://", "https://a b", "data:,x", "ftp://x.example",
     "https://bank.example@evil.example", "https://" + "x" * 300, "/about", "https://[", "java script:x"],
)  # fmt: skip
def test_what_is_no_website_is_refused_and_kept_to_be_mended(ada, sign_in, website):
    answer = profile(sign_in(ada), website=website, biography="Kept.")
    assert answer.status_code == 422
    assert fault(answer, "website")
    assert filled(answer, ".form")["website"] == website
    assert filled(answer, ".form")["biography"] == "Kept."
    the_db.session.expire_all()
    assert ada.website == ""


UNSEEN = ["", "   ", "\u200b\u200b", "\u202e", "\u2800\u3164", "\ufe0f"]


@pytest.mark.parametrize("name", UNSEEN)
def test_nobody_goes_by_a_name_that_cannot_be_seen(sign_in, ada, name):
    answer = profile(sign_in(ada), name=name, biography="Kept.")
    assert answer.status_code == 422
    assert fault(answer, "name") == "Type a name."
    assert filled(answer, ".form")["biography"] == "Kept."
    the_db.session.expire_all()
    assert ada.name == "Ada"


@pytest.mark.parametrize("name", ["李", "😀", "क", "…", "a\u200d", "\u202eA"])
def test_a_name_of_any_script_or_sign_is_one(sign_in, ada, name):
    assert profile(sign_in(ada), name=name).status_code == 302
