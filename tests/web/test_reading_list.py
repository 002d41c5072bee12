"""Keeping posts for later."""

import pytest
from factories import a_post, a_scheduled_post, a_user, an_editor
from looking import filled, link, page, words

from blog.database import db as the_db
from blog.models import Kept

LIST = "/auth/account/reading-list"


@pytest.fixture
def ada(db):
    return a_user(name="Ada")


@pytest.fixture
def reader(ada, sign_in):
    return sign_in(ada)


def press(browser, path):
    """Press the button of the reading list on the page of a post."""
    form = page(browser.get(path)).select_one("form.keeping")
    return browser.post(form["action"], data=filled(browser.get(path), "form.keeping"))


def titles(answer):
    return [row.get_text(strip=True) for row in page(answer).select("tbody th > a")]


def test_a_reader_keeps_a_post_finds_it_on_the_list_and_drops_it(reader):
    a_post(live=True, slug="ships", title="Iron ships")
    assert "Keep for later" in words(reader.get("/posts/ships"))
    assert press(reader, "/posts/ships").location == "/posts/ships"
    assert "On your reading list – drop it" in words(reader.get("/posts/ships"))
    listed = reader.get(LIST)
    assert link(listed, "Iron ships") == "/posts/ships"
    assert listed.headers["Cache-Control"] == "no-store"
    assert press(reader, "/posts/ships").location == "/posts/ships"
    assert "Nothing kept yet" in words(reader.get(LIST))


def test_the_account_page_leads_to_the_list(reader):
    assert link(reader.get("/auth/account"), "Open your reading list") == LIST


def test_keeping_and_dropping_twice_is_harmless(reader):
    post = a_post(live=True, slug="ships", title="Iron ships")
    for _ in range(2):
        assert reader.post(f"{LIST}/{post.id}").location == "/posts/ships"
    assert titles(reader.get(LIST)) == ["Iron ships"]
    for _ in range(2):
        assert reader.post(f"{LIST}/{post.id}/removal").location == LIST
    assert reader.post(f"{LIST}/999999/removal").location == LIST


def test_the_list_has_the_newest_kept_first_and_is_paged(reader, monkeypatch):
    monkeypatch.setattr("blog.auth.reading_list.LIST_SIZE", 2)
    for title in ("First", "Second", "Third"):
        reader.post(f"{LIST}/{a_post(live=True, title=title).id}")
    first = reader.get(LIST)
    assert titles(first) == ["Third", "Second"]
    assert titles(reader.get(link(first, "Older"))) == ["First"]
    assert reader.get(f"{LIST}?before=nonsense").status_code == 404


def test_what_was_taken_back_is_no_longer_there_and_says_nothing_of_itself(reader):
    grace = an_editor(name="Grace")
    post = a_post(by=grace, live=True, slug="ships", title="Iron ships")
    reader.post(f"{LIST}/{post.id}")
    post.unpublish(base=1, by=grace)
    listed = reader.get(LIST)
    assert "No longer here" in words(listed)
    for word in ("Iron", "ships", "Grace"):
        assert word not in page(listed).select_one("main").get_text()
    assert reader.post(f"{LIST}/{post.id}").status_code == 404
    assert reader.post(f"{LIST}/{post.id}/removal").location == LIST
    assert "Nothing kept yet" in words(reader.get(LIST))


@pytest.mark.parametrize("make", [a_post, a_scheduled_post])
def test_what_is_not_out_cannot_be_kept(reader, make):
    assert reader.post(f"{LIST}/{make().id}").status_code == 404


def test_a_full_list_says_so_and_keeps_what_it_has(reader, monkeypatch):
    monkeypatch.setattr("blog.models.reading_list.LIST_LIMIT", 1)
    reader.post(f"{LIST}/{a_post(live=True, title='One').id}")
    a_post(live=True, slug="two")
    press(reader, "/posts/two")
    assert "Your reading list holds 1 posts, and no more. Drop some first." in words(reader.get("/posts/two"))
    assert titles(reader.get(LIST)) == ["One"]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", ""])
def test_dropping_never_leads_to_another_site(reader, target):
    assert reader.post(f"{LIST}/1/removal", data={"next": target}).location == LIST


def test_strangers_see_no_such_button_and_have_no_list(client, queries):
    post = a_post(live=True, slug="ships")
    with queries() as seen:
        assert not page(client.get("/posts/ships")).select("form.keeping")
    assert not [statement for statement in seen if "reading_list" in statement]
    assert client.get(LIST).status_code == 302
    assert client.post(f"{LIST}/{post.id}").status_code == 401
    assert client.post(f"{LIST}/{post.id}/removal").status_code == 401


def test_a_members_post_can_be_kept_and_a_preview_cannot(reader, sign_in):
    grace = an_editor()
    post = a_post(by=grace, live=True, members=True, slug="inside")
    assert press(reader, "/posts/inside").location == "/posts/inside"
    assert not page(sign_in(grace).get(f"/write/posts/{post.id}/preview")).select("form.keeping")


def test_the_list_costs_the_same_for_many_posts(reader, ada, queries):
    def cost():
        with queries() as seen:
            assert reader.get(LIST).status_code == 200
        return len(seen)

    def put_by(number):
        for _ in range(number):
            Kept.keep(a_post(live=True, tags=["Sea"], co_authors=[an_editor()]), by=ada)
        the_db.session.commit()

    put_by(1)
    few = cost()
    put_by(9)
    assert cost() == few
