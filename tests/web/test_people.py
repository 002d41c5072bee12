"""People and their roles, as admins manage them."""

from datetime import timedelta

import pytest
from factories import PASSWORD, a_binned_post, a_post, a_scheduled_post, a_user, an_admin, an_editor
from looking import fault, follow, link, page, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, LoginSession, Passkey, Post, Purpose, RecoveryCode, Token, UserRole, record
from blog.models.factors import factors_of


@pytest.fixture
def boss(db):
    return an_admin(name="Boss", email="boss@example.com")


@pytest.fixture
def office(boss, sign_in):
    return sign_in(boss)


def names(answer) -> list[str]:
    return [cell.get_text() for cell in page(answer).select("tbody th bdi")]


def log() -> list[tuple[str, str, str]]:
    entries = the_db.session.scalars(AuditEntry.newest())
    return [(entry.actor_name, entry.action, entry.subject) for entry in entries]


def again(user):
    the_db.session.refresh(user)
    return user


# The list


def test_the_list_leads_to_the_invitations(sign_in):
    assert link(sign_in(an_admin()).get("/admin/users"), "invitations") == "/admin/invitations"


def test_people_are_listed_by_name_with_role_and_state(office):
    a_user(name="Cyd", is_active=False, email="cyd@example.com")
    an_editor(name="Ada")
    answer = office.get("/admin/users")
    assert names(answer) == ["Ada", "Boss", "Cyd"]
    assert "cyd@example.com Viewer Deactivated" in words(answer)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=ADA", ["Ada Ng", "Old Ada"]),
        ("q=example.org", ["Old Ada"]),
        ("q=%25", []),
        ("q=_", []),
        ("q=%00", []),
        ("q=boss%40example", ["Boss"]),
        ("role=editor", ["Ada Ng", "Old Ada"]),
        ("role=viewer", ["Öd"]),
        ("q=ÖD", ["Öd"]),
        ("state=deactivated", ["Old Ada"]),
        ("state=active&role=editor", ["Ada Ng"]),
        ("q=ada&state=deactivated", ["Old Ada"]),
        ("q=+ada+&role=&state=", ["Ada Ng", "Old Ada"]),
    ],
)
def test_people_are_found_by_words_role_and_state(office, asked, found):
    an_editor(name="Ada Ng")
    an_editor(name="Old Ada", email="ada@example.org", is_active=False)
    a_user(name="Öd")
    answer = office.get(f"/admin/users?{asked}")
    assert names(answer) == found
    assert found or "Nobody found" in words(answer)


@pytest.mark.parametrize("asked", ["role=root", "state=x", "before=x", "after=%00", "role=%00", "before=WzEsMl0"])
def test_a_filter_that_does_not_exist_is_a_404(office, asked):
    assert office.get(f"/admin/users?{asked}").status_code == 404


def test_paging_through_people_keeps_the_filter_and_misses_nobody(office):
    for n in range(120):
        a_user(name=f"Same {n % 3}")
    an_editor(name="Same editor")
    seen, address = [], "/admin/users?q=same&role=viewer"
    while address:
        answer = office.get(address)
        seen.append(names(answer))
        address = link(answer, "Next")
    assert [len(part) for part in seen] == [50, 50, 20]
    everybody = [name for part in seen for name in part]
    assert everybody == sorted(everybody)
    assert names(office.get(link(answer, "Previous"))) == seen[1]


def test_the_page_of_a_person_says_who_they_are_and_what_they_wrote(office, client):
    ada = an_editor(name="Ada", biography="Counts.", email="ada@example.com", password=PASSWORD)
    for kind in (a_post, a_scheduled_post, a_binned_post):
        kind(by=ada)
    a_post(by=ada, live=True)
    client.post("/auth/login", data={"email": "ada@example.com", "password": PASSWORD})
    told = words(office.get(f"/admin/users/{ada.id}"))
    for words_of_it in (
        "ada@example.com",
        "Counts.",
        "4 posts: 1 live, 1 draft, 1 scheduled, 1 in the bin.",
        "from 127.0.0.1",
        "Ada signed in",
    ):
        assert words_of_it in told
    assert link(office.get(f"/admin/users/{ada.id}"), "Public page") == "/authors/ada"
    assert "Signed in nowhere" in words(office.get(f"/admin/users/{a_user().id}"))


ACTS = {"role": {"role": "editor"}, "deactivation": {}, "reactivation": {}, "posts": {"email": "boss@example.com"}}


@pytest.mark.parametrize("user_id", ["0", "999999", "99999999999999999999", "x", "-1"])
def test_a_person_who_never_was_is_a_404(office, user_id):
    assert office.get(f"/admin/users/{user_id}").status_code == 404
    for act, sent in ACTS.items():
        assert office.post(f"/admin/users/{user_id}/{act}", data=sent).status_code == 404


@pytest.mark.parametrize("someone", [a_user, an_editor])
def test_nobody_but_an_admin_sees_or_does_any_of_this(client, sign_in, someone):
    subject = a_user(name="Cyd")
    browser = sign_in(someone())
    for path in ("/admin/users", f"/admin/users/{subject.id}"):
        assert client.get(path).location == f"/auth/login?next={path}"
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "Cyd" not in answer.text
    for act, sent in ACTS.items():
        assert client.post(f"/admin/users/{subject.id}/{act}", data=sent).status_code == 401
        assert browser.post(f"/admin/users/{subject.id}/{act}", data=sent).status_code == 403
    assert again(subject).role is UserRole.viewer
    assert subject.is_active


# Roles


@pytest.mark.parametrize(("role", "told"), [("viewer", "a viewer"), ("editor", "an editor"), ("admin", "an admin")])
def test_an_admin_changes_a_role(office, role, told):
    ada = a_user(name="Ada", role=UserRole.editor if role != "editor" else UserRole.viewer)
    answer = office.post(f"/admin/users/{ada.id}/role", data={"role": role})
    assert answer.location == f"/admin/users/{ada.id}"
    shown = office.get(answer.location)
    assert f"Ada is now {told}." in words(shown)
    assert page(shown).select_one("[name=role][checked]")["value"] == role
    assert again(ada).role == role
    assert log()[0] == ("Boss", "changed the role of", "Ada")


@pytest.mark.parametrize("sent", [{}, {"role": ""}, {"role": "root"}, {"role": "Admin"}, {"role": "\0"}])
def test_a_role_that_does_not_exist_is_refused(office, sent):
    ada = a_user(name="Ada")
    answer = office.post(f"/admin/users/{ada.id}/role", data=sent)
    assert answer.status_code == 422
    assert "Choose one of these roles." in words(answer)
    assert again(ada).role is UserRole.viewer


def test_a_role_somebody_has_already_is_no_change(office):
    ada = a_user()
    assert office.post(f"/admin/users/{ada.id}/role", data={"role": "viewer"}).status_code == 302
    assert log() == []


def test_the_last_admin_can_neither_step_down_nor_be_deactivated(office, boss):
    an_admin(is_active=False)
    for act, sent in (("role", {"role": "editor"}), ("deactivation", {})):
        answer = office.post(f"/admin/users/{boss.id}/{act}", data=sent)
        assert answer.location == f"/admin/users/{boss.id}"
        assert "Boss is the only active admin. Make somebody else an admin first." in words(office.get(answer.location))
    assert again(boss).is_active
    assert boss.role is UserRole.admin
    assert log() == []


def test_an_admin_who_steps_down_is_out_of_the_office_at_once(office, boss):
    an_admin()
    assert office.post(f"/admin/users/{boss.id}/role", data={"role": "viewer"}).status_code == 302
    assert office.get("/admin").status_code == 403


# Coming and going


def test_a_person_is_deactivated_and_comes_back(office, sign_in):
    ada = an_editor(name="Ada")
    browser = sign_in(ada)
    answer = office.post(f"/admin/users/{ada.id}/deactivation")
    assert "Ada is deactivated and signed out everywhere." in words(office.get(answer.location))
    assert not again(ada).is_active
    assert browser.get("/write").status_code == 302
    answer = office.post(f"/admin/users/{ada.id}/reactivation")
    assert "Ada may sign in again." in words(office.get(answer.location))
    assert again(ada).is_active
    assert browser.get("/write").status_code == 302
    assert [entry[1] for entry in log()] == ["reactivated", "deactivated"]


def test_doing_it_twice_does_it_once(office):
    ada = an_editor()
    for act in ("deactivation", "reactivation"):
        for _ in range(2):
            assert office.post(f"/admin/users/{ada.id}/{act}").status_code == 302
    assert [entry[1] for entry in log()] == ["reactivated", "deactivated"]


# Posts that change hands


def test_all_posts_of_a_person_are_handed_over(office):
    ada, grace = an_editor(name="Ada"), an_editor(name="Grace", email="grace@example.com")
    for kind in (a_post, a_scheduled_post, a_binned_post):
        kind(by=ada)
    other = a_post()
    answer = office.post(f"/admin/users/{ada.id}/posts", data={"email": " GRACE@example.com"})
    assert "3 posts now belong to Grace." in words(office.get(answer.location))
    the_db.session.expire_all()
    assert [post.author for post in the_db.session.scalars(select(Post).order_by(Post.id))] == [grace] * 3 + [
        other.author
    ]
    assert [entry[:2] for entry in log()] == [("Boss", "handed over")] * 3


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("", "Type an email address."),
        ("nobody@example.com", "Nobody here has the address “nobody@example.com”."),
        ("viewer@example.com", "Cyd may not write posts."),
        ("x" * 321, "At most 320"),
        ("<b>\0", "Nobody here"),
    ],
)
def test_posts_go_only_to_somebody_who_may_write_and_then_all_or_none(office, email, reason):
    a_user(name="Cyd", email="viewer@example.com")
    ada = an_editor(name="Ada")
    posts = [a_post(by=ada), a_post(by=ada)]
    answer = office.post(f"/admin/users/{ada.id}/posts", data={"email": email})
    assert answer.status_code == 422
    assert reason in fault(answer, "email")
    the_db.session.expire_all()
    assert {post.author for post in posts} == {ada}
    assert log() == []


# In any order


@pytest.mark.parametrize(
    ("order", "found", "column", "way"),
    [
        ("", ["Ada", "Boss", "Cyd"], "Name", "ascending"),
        ("-name", ["Cyd", "Boss", "Ada"], "Name", "descending"),
        ("email", ["Boss", "Cyd", "Ada"], "Email", "ascending"),
        ("-email", ["Ada", "Cyd", "Boss"], "Email", "descending"),
        ("newest", ["Ada", "Cyd", "Boss"], "Since", "descending"),
        ("oldest", ["Boss", "Cyd", "Ada"], "Since", "ascending"),
    ],
)
def test_the_list_is_sorted_by_the_heads_of_its_table(office, boss, order, found, column, way):
    a_user(name="Cyd", email="c@example.com", created_at=boss.created_at + timedelta(days=1))
    a_user(name="Ada", email="z@example.com", created_at=boss.created_at + timedelta(days=2))
    for asked in (f"sort={order}", f"sort={order}&q=example"):
        answer = office.get(f"/admin/users?{asked}")
        assert names(answer) == found
        [sorted_by] = page(answer).select("th[aria-sort]")
        assert (sorted_by.a.get_text().split()[0], sorted_by["aria-sort"]) == (column, way)
        assert names(office.get(sorted_by.a["href"])) == found[::-1]
    assert office.get("/admin/users?sort=password_hash").status_code == 404


def test_pages_of_a_search_miss_nobody_in_any_order(office):
    for n in range(55):
        a_user(name=f"Same {n % 7}", email=f"s{n}@example.net")
    for order in ("name", "-name", "email", "-email", "newest", "oldest"):
        first = office.get(f"/admin/users?q=same+net&sort={order}")
        second = office.get(link(first, "Next"))
        assert (len(names(first)), len(names(second))) == (50, 5), order
        emails = [cell.get_text() for answer in (first, second) for cell in page(answer).select("[data-label=Email]")]
        assert len(set(emails)) == 55
        assert names(office.get(link(second, "Previous"))) == names(first)


def test_who_has_left_is_listed_only_where_it_is_asked_for(office):
    a_user(name="Gone", email="gone-7@invalid", is_active=False, left_at=utcnow())
    assert names(office.get("/admin/users")) == ["Boss"]
    assert names(office.get("/admin/users?state=deactivated")) == []
    answer = office.get("/admin/users?state=left")
    assert names(answer) == ["Gone"]
    assert "gone-7" not in words(answer)


def test_who_has_written_very_much_is_not_counted_to_the_end(office, monkeypatch):
    monkeypatch.setattr("blog.models.directory.MANY_IN_A_LIST", 2)
    monkeypatch.setattr("blog.admin.people.MANY_IN_A_LIST", 2)
    ada, cyd = an_editor(name="Ada"), an_editor(name="Cyd")
    for by in (ada, ada, ada, cyd):
        a_post(by=by)
    rows = page(office.get("/admin/users")).select("tbody tr")
    assert [row.select_one("td.num").get_text() for row in rows] == ["2+", "0", "1"]


def test_the_list_costs_the_same_for_few_and_many(office, queries):
    def cost(asked):
        with queries() as seen:
            office.get(f"/admin/users?{asked}")
        return len(seen)

    asked = ("", "q=person&sort=newest", "role=viewer&state=active&sort=-email")
    a_user()
    few = [cost(each) for each in asked]
    for _ in range(60):
        a_post(by=a_user())
    many = [cost(each) for each in asked]
    assert (many[0], many[2]) == (few[0], few[2])
    assert many[1] == few[1] - 1  # words that many have are found among the first people
    assert max(few) <= 9


# Several at once


def change(office, act, *people, **asked):
    return office.post("/admin/users/changes", data={"act": act, "id": [each.id for each in people]} | asked)


def test_several_people_are_changed_at_once_and_the_filter_is_kept(office):
    ada, cyd, other = a_user(name="Ada"), a_user(name="Cyd"), a_user()
    answer = change(office, "editor", ada, cyd, q="person", sort="newest")
    assert answer.location == "/admin/users?q=person&sort=newest"
    assert "Make them editors: Ada, Cyd." in words(office.get(answer.location))
    assert [again(each).role for each in (ada, cyd, other)] == [UserRole.editor, UserRole.editor, UserRole.viewer]
    assert [line[1:] for line in log()] == [("changed the role of", "Cyd"), ("changed the role of", "Ada")]
    for act, expected in (("deactivate", False), ("reactivate", True)):
        change(office, act, ada, cyd)
        assert [again(each).is_active for each in (ada, cyd)] == [expected] * 2
    assert "There was nothing to change." in words(office.get(change(office, "reactivate", ada).location))


def test_the_last_admin_is_named_and_the_others_are_changed(office, boss):
    ada = an_editor(name="Ada")
    for act in ("viewer", "deactivate"):
        told = words(office.get(change(office, act, ada, boss).location))
        assert "Boss is the only active admin. Make somebody else an admin first." in told
        assert ": Ada." in told
    assert (again(boss).role, boss.is_active) == (UserRole.admin, True)
    assert (again(ada).role, ada.is_active) == (UserRole.viewer, False)
    assert {line[2] for line in log()} == {"Ada"}


def test_ending_the_sessions_of_several_spares_the_one_it_is_asked_in(office, boss, sign_in):
    ada = an_editor()
    theirs, elsewhere = sign_in(ada), sign_in(boss)
    change(office, "sessions", ada, boss)
    assert theirs.get("/write").status_code == 302
    assert elsewhere.get("/admin").status_code == 302
    assert office.get("/admin").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"act": "editor"}, {"act": "editor", "id": "x"}, {"act": "root", "id": "1"}, {"id": "1"},
        {"act": "editor", "id": "9" * 30}, {"act": "editor", "id": "-1"}, {"act": "editor", "id": "\0"},
        {"act": "editor", "id": [str(n) for n in range(1, 600)]},
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_is_refused_and_changes_nobody(office, sent):
    a_user()
    answer = office.post("/admin/users/changes", data=sent)
    assert answer.location == "/admin/users"
    assert page(office.get(answer.location)).select(".notice--bad")
    assert log() == []


def test_whoever_has_left_is_left_alone(office):
    gone = a_user(is_active=False, left_at=utcnow())
    for act in ("reactivate", "admin", "sessions"):
        change(office, act, gone)
    assert (again(gone).is_active, gone.role, log()) == (False, UserRole.viewer, [])
    shown = office.get(f"/admin/users/{gone.id}")
    assert "None any more" in words(shown)
    assert not page(shown).select("form[action$=role], form[action$=reactivation], form[action$=reset-link]")


# Sessions and links


def test_sessions_are_ended_one_by_one_or_all(office, sign_in):
    ada, other = an_editor(name="Ada"), sign_in(an_editor())
    first, second = sign_in(ada), sign_in(ada)
    shown = page(office.get(f"/admin/users/{ada.id}"))
    ways = [form["action"] for form in shown.select("form[action*=sessions]")]
    assert len(ways) == 3
    assert office.post(ways[1]).status_code == 302
    assert sorted(browser.get("/write").status_code for browser in (first, second)) == [200, 302]
    assert office.post(ways[1]).status_code == 302  # pressed twice
    office.post(ways[0])
    assert [browser.get("/write").status_code for browser in (first, second, other)] == [302, 302, 200]
    assert [line[1:] for line in log()] == [("ended the sessions of", "Ada"), ("ended a session of", "Ada")]


def test_a_session_of_another_is_not_ended_by_the_page_of_this_one(office, sign_in):
    ada, cyd = an_editor(), an_editor()
    theirs = sign_in(cyd)
    number = the_db.session.scalar(select(LoginSession.id).where(LoginSession.user_id == cyd.id))
    office.post(f"/admin/users/{ada.id}/sessions/{number}/end")
    assert theirs.get("/write").status_code == 200
    assert log() == []


def test_a_second_factor_is_shown_and_reset_for_somebody_whose_device_is_lost(office, sign_in):
    ada = an_editor(name="Ada")
    assert "None: they sign in with the password alone." in words(office.get(f"/admin/users/{ada.id}"))
    assert not page(office.get(f"/admin/users/{ada.id}")).select("form[action$='factors/reset']")
    office.post(f"/admin/users/{ada.id}/factors/reset")  # the page of another admin was quicker
    assert log() == []
    Passkey.add(ada, credential="one", name="Ada’s <b>key</b>", public_key=b"key")
    RecoveryCode.make_anew(ada)
    the_db.session.flush()
    browser = sign_in(ada)
    shown = office.get(f"/admin/users/{ada.id}")
    assert "Passkey: Ada’s <b>key</b> not used yet" in words(shown)
    assert "10 recovery codes left" in words(shown)
    [form] = page(shown).select("form[action$='factors/reset']")
    assert "signed out everywhere" in words(follow(office, office.post(form["action"]).location))
    assert not factors_of(ada)
    assert the_db.session.scalar(select(RecoveryCode.id)) is None
    assert browser.get("/write").status_code == 302
    assert log()[0] == ("Boss", "reset the second factor of", "Ada")


def test_an_admin_does_not_reset_their_own_factor_in_passing(office, boss):
    Passkey.add(boss, credential="one", name="Key", public_key=b"key")
    the_db.session.flush()
    assert not page(office.get(f"/admin/users/{boss.id}")).select("form[action$='factors/reset']")
    assert office.post(f"/admin/users/{boss.id}/factors/reset").location == "/auth/account/factors"
    assert factors_of(boss)


def test_a_reset_link_is_shown_once_to_be_copied(office, app):
    ada = a_user(name="Ada")
    answer = office.post(f"/admin/users/{ada.id}/reset-link")
    address = page(answer).select_one("#reset-link")["value"]
    assert answer.headers["Cache-Control"] == "no-store"
    token = Token.of(Purpose.reset, address.rpartition("/")[2])
    assert token.user == ada
    assert "reset-link" not in page(office.get(f"/admin/users/{ada.id}")).select_one("main").get_text()
    assert address not in office.get(f"/admin/users/{ada.id}").text
    assert log()[0] == ("Boss", "made a reset link for", "Ada")
    gone = a_user(is_active=False)
    assert office.post(f"/admin/users/{gone.id}/reset-link").status_code == 302
    assert the_db.session.scalars(select(Token).where(Token.user_id == gone.id)).all() == []


def test_an_admin_sees_the_posts_of_one_person_and_nobody_else_does(office, sign_in):
    ada = an_editor(name="Ada")
    a_post(by=ada, title="Of Ada")
    a_post(title="Of another")
    address = link(office.get(f"/admin/users/{ada.id}"), "See them")
    told = words(office.get(address))
    assert "Posts of Ada" in told
    assert "Of Ada" in told
    assert "Of another" not in told
    assert office.get("/write?whose=nobody").status_code == 404
    assert "Of Ada" not in words(sign_in(an_editor()).get(address))


def test_the_page_of_a_person_tells_what_was_done_to_them_too(office):
    ada = an_editor(name="Ada")
    record("signed in", by=ada)
    office.post(f"/admin/users/{ada.id}/role", data={"role": "viewer"})
    told = words(office.get(f"/admin/users/{ada.id}"))
    assert "Ada signed in" in told
    assert "Boss changed the role of Ada from editor to viewer" in told


# Another address, and the end


def test_an_admin_changes_an_address_and_the_person_signs_in_anew(office, sign_in):
    ada, other = an_editor(name="Ada", email="ada@example.com"), a_user(email="taken@example.com")
    browser = sign_in(ada)
    for typed in (
        "", "x", "a b@example.org", "@example.org", "x@y", "x" * 321, "TAKEN@example.com ", "<x@y.example>",
        "x@y..example", "x@y.example,z@y.example", "x\x00@y.example",
        "\u0130" * 300 + "@y.example",  # two letters each in lower case
    ):  # fmt: skip
        answer = office.post(f"/admin/users/{ada.id}/address", data={"new_email": typed})
        assert answer.status_code == 422, typed
        assert fault(answer, "new_email"), typed
    assert again(ada).email == "ada@example.com"
    answer = office.post(f"/admin/users/{ada.id}/address", data={"new_email": " New@example.com"})
    assert "Ada signs in as new@example.com from now on." in words(office.get(answer.location))
    assert (again(ada).email, again(other).email) == ("new@example.com", "taken@example.com")
    assert browser.get("/write").status_code == 302
    assert log()[0][:2] == ("Boss", "changed the address of")


def test_an_account_is_deleted_and_its_posts_stay_or_go(office, boss):
    ada, grace = an_editor(name="Ada", email="ada@example.com"), an_editor(name="Grace", email="grace@example.com")
    stays, goes = a_post(by=ada), a_post(by=grace)
    for person, sent in ((ada, {"posts": "stay"}), (grace, {"posts": "go", "to": "boss@example.com"})):
        answer = office.post(f"/admin/users/{person.id}/deletion", data=sent | {"confirmation": person.email.upper()})
        assert answer.location == "/admin/users"
    the_db.session.expire_all()
    assert (stays.author.name, stays.author.left_at is not None, goes.author) == ("Ada", True, boss)
    assert [line[2] for line in log() if line[1] == "deleted the account of"] == ["Grace", "Ada"]
    assert names(office.get("/admin/users")) == ["Boss"]


def test_an_account_is_not_deleted_by_a_slip(office, boss):
    ada = an_editor(name="Ada", email="ada@example.com")
    a_post(by=ada)
    a_user(name="Cyd", email="cyd@example.com")
    right = {"posts": "stay", "confirmation": "ada@example.com"}
    for sent, field in (
        ({"confirmation": ""}, "confirmation"), ({"confirmation": "boss@example.com"}, "confirmation"),
        ({"posts": "go", "to": ""}, "to"), ({"posts": "go", "to": "nobody@example.com"}, "to"),
        ({"posts": "stay", "to": "boss@example.com"}, "to"),
        ({"posts": "go", "to": "ada@example.com"}, "to"), ({"posts": "go", "to": "cyd@example.com"}, "to"),
    ):  # fmt: skip
        answer = office.post(f"/admin/users/{ada.id}/deletion", data=right | sent)
        assert answer.status_code == 422, sent
        assert fault(answer, field), sent
    assert office.post(f"/admin/users/{ada.id}/deletion", data=right | {"posts": "burn"}).status_code == 422
    answer = office.post(f"/admin/users/{boss.id}/deletion", data={"posts": "stay", "confirmation": "boss@example.com"})
    assert "only active admin" in fault(answer, "confirmation")
    assert again(ada).is_active
    assert again(boss).is_active
    assert log() == []
