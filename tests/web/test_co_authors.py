"""Co-authors: named by the owner or an admin, they stand in the byline and may edit; removed, they keep nothing."""

from uuid import uuid4

import pytest
from factories import a_page, a_post, a_user, an_admin, an_editor
from looking import fault, filled, page, rewrite, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.models import AuditEntry, CoAuthorError, Post, Revision, UserRole, WorkingCopy, name_co_author
from blog.models.co_writing import MOST

FORM = 'form[action$="/co-authors"]'


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com")


@pytest.fixture
def grace(db):
    return an_editor(name="Grace", email="grace@example.com")


@pytest.fixture
def draft(ada):
    return a_post(by=ada, title="Tides")


def name(browser, post, email):
    sent = filled(browser.get(f"/write/posts/{post.id}"), FORM)
    return browser.post(f"/write/posts/{post.id}/co-authors", data=sent | {"email": email})


def remove(browser, post, person):
    return browser.post(f"/write/posts/{post.id}/co-authors/{person.id}/removal")


def byline(post) -> list[str]:
    the_db.session.expire_all()
    return [person.name for person in the_db.session.get(Post, post.id).byline]


def acts() -> list[str]:
    return list(the_db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_owner_names_a_co_author_who_may_then_edit_and_publish(desk, sign_in, client, draft, grace):
    assert sign_in(grace).get(f"/write/posts/{draft.id}").status_code == 404
    answer = name(desk, draft, " Grace@Example.com ")
    assert "Grace writes this post with you." in words(desk.get(answer.location))
    assert byline(draft) == ["Ada", "Grace"]
    assert rewrite(sign_in(grace), draft.id, "publish", body="Ours.").status_code == 302
    assert "By Ada and Grace" in words(client.get(draft.path))
    then = Revision.of(draft, 2)
    assert (then.what, then.by.name) == ("co-authors changed", "Ada")
    assert acts() == ["named as co-author", "published"]


def test_the_same_form_sent_twice_changes_nothing_twice(desk, draft, grace):
    for _ in range(2):
        assert name(desk, draft, grace.email).status_code == 302
    assert (byline(draft), draft.revision, acts()) == (["Ada", "Grace"], 2, ["named as co-author"])


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("nobody@example.com", "Nobody who writes here has the address “nobody@example.com”."),
        ("", "Type the address of the co-author."),
        ("ada@example.com", "Ada owns this post."),
        ("viewer@example.com", "Nobody who writes here has the address “viewer@example.com”."),
        ("closed@example.com", "Nobody who writes here has the address “closed@example.com”."),
        ("x" * 321, "At most 320 characters; this has 321."),
    ],
)
def test_only_others_who_write_here_can_be_named(desk, draft, email, reason):
    a_user(name="Vera", email="viewer@example.com")
    an_editor(name="Carl", email="closed@example.com", is_active=False)
    answer = name(desk, draft, email)
    assert answer.status_code == 422
    assert fault(answer, "email") == reason
    assert filled(answer, FORM)["email"] == email
    assert byline(draft) == ["Ada"]


def test_what_waits_for_publication_goes_on_waiting(desk, ada, grace):
    post = a_post(by=ada, live=True, title="Out")
    post.revise(base=1, by=ada, waits=True, title="Waiting")
    name(desk, post, grace.email)
    assert byline(post) == ["Ada", "Grace"]
    assert (post.title, post.newest["title"], post.has_changes) == ("Out", "Waiting", True)


def test_what_the_owner_was_typing_meanwhile_is_saved_without_a_clash(desk, draft, grace):
    sent = desk.fill(draft, body="Typed meanwhile.")
    name(desk, draft, grace.email)
    assert desk.post(f"/write/posts/{draft.id}", data=sent).status_code == 302
    assert byline(draft) == ["Ada", "Grace"]
    assert draft.body == "Typed meanwhile."


@pytest.mark.parametrize("live", [False, True])
def test_whoever_is_removed_keeps_nothing_from_the_next_request_on(desk, sign_in, ada, grace, live):
    post = a_post(by=ada, live=live)
    name_co_author(post, grace, by=ada)
    browser = sign_in(grace)
    sent = {"title": "Unsaved", "body": "Unsaved.", "base": str(post.revision)}
    browser.get(f"/write/posts/{post.id}")
    browser.post(f"/write/posts/{post.id}/working-copy", data=sent | {"seq": "1", "copy": str(uuid4())})
    assert "Grace" in words(desk.get(f"/write/posts/{post.id}"))
    assert remove(desk, post, grace).status_code == 302
    shut = 403 if live else 404
    for below in ("", "/revisions", "/preview", "/preview-links", "/reviews"):
        assert browser.get(f"/write/posts/{post.id}{below}").status_code == shut, below
    for below in ("", "/publication", "/working-copy", "/presence"):
        assert browser.post(f"/write/posts/{post.id}{below}", data=sent).status_code == shut, below
    assert page(desk.get(f"/write/posts/{post.id}")).select_one(".presence") is None
    assert byline(post) == ["Ada"]
    assert "removed as co-author" in acts()
    assert len(the_db.session.scalars(select(WorkingCopy)).all()) == 1  # it is theirs, should they come back


def test_removing_twice_removes_once(desk, draft, ada, grace):
    name_co_author(draft, grace, by=ada)
    for _ in range(2):
        assert remove(desk, draft, grace).status_code == 302
    assert acts() == ["named as co-author", "removed as co-author"]
    assert draft.revision == 3


def test_a_co_author_may_leave_but_removes_nobody_and_names_nobody(sign_in, draft, ada, grace):
    carl = an_editor(name="Carl")
    for person in (grace, carl):
        name_co_author(draft, person, by=ada)
    browser = sign_in(grace)
    offered = page(browser.get(f"/write/posts/{draft.id}"))
    assert [button.text for button in offered.select("#people button")] == ["Leave this post"]
    assert remove(browser, draft, carl).status_code == 403
    assert browser.post(f"/write/posts/{draft.id}/co-authors", data={"email": "ada@example.com"}).status_code == 403
    answer = remove(browser, draft, grace)
    assert answer.location == "/write"
    assert "You no longer write this post." in words(browser.get("/write"))
    assert byline(draft) == ["Ada", "Carl"]


@pytest.mark.parametrize("live", [False, True])
def test_strangers_viewers_and_other_editors_name_and_remove_nobody(client, sign_in, ada, grace, live):
    post = a_post(by=ada, live=live)
    name_co_author(post, grace, by=ada)
    for path in (f"/write/posts/{post.id}/co-authors", f"/write/posts/{post.id}/co-authors/{grace.id}/removal"):
        assert client.post(path).status_code == 401
        assert sign_in(a_user()).post(path).status_code == 403
        assert sign_in(an_editor()).post(path, data={"email": "ada@example.com"}).status_code == (403 if live else 404)
    assert byline(post) == ["Ada", "Grace"]


def test_an_admin_names_and_removes_for_the_owner(sign_in, draft, grace):
    boss = sign_in(an_admin())
    name(boss, draft, grace.email)
    assert byline(draft) == ["Ada", "Grace"]
    remove(boss, draft, grace)
    assert byline(draft) == ["Ada"]


def test_a_page_speaks_for_the_site_and_has_no_co_authors(sign_in, grace):
    boss = an_admin()
    about = a_page(by=boss)
    assert sign_in(boss).post(f"/write/posts/{about.id}/co-authors", data={"email": grace.email}).status_code == 404


def test_to_remove_nobody_or_somebody_who_writes_elsewhere_changes_nothing(desk, draft):
    assert desk.post(f"/write/posts/{draft.id}/co-authors/999999/removal").status_code == 302
    assert remove(desk, draft, an_editor()).status_code == 302
    assert acts() == []


def test_a_co_author_who_may_no_longer_write_is_shut_out_and_comes_back_with_the_role(sign_in, draft, ada, grace):
    name_co_author(draft, grace, by=ada)
    grace.role = UserRole.viewer
    assert sign_in(grace).get(f"/write/posts/{draft.id}").status_code == 403
    grace.role = UserRole.editor
    assert sign_in(grace).get(f"/write/posts/{draft.id}").status_code == 200


def test_a_byline_has_an_end(db, draft, ada):
    for _ in range(MOST):
        name_co_author(draft, an_editor(), by=ada)
    with pytest.raises(CoAuthorError, match="at most 20"):
        name_co_author(draft, an_editor(), by=ada)
