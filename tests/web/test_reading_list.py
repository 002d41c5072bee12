"""Keeping a post for later, and the list of what one has kept."""

from datetime import timedelta

import pytest
from factories import a_binned_post, a_page, a_post, a_scheduled_post, a_user, an_admin, an_editor
from looking import filled, headlines, link, page, words

from blog.auth import reading_list as view
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Kept, reading_list

LIST = "/auth/account/reading-list"


@pytest.fixture
def bob(db):
    return a_user(name="Bob")


def keep(browser, post):
    return browser.post(f"{LIST}/{post.id}")


def button(response, address: str):
    return page(response).select_one(f'form[action="{address}"] button')


def on_the_list_of(person) -> int:
    the_db.session.expire_all()
    return len(the_db.session.scalars(Kept.of(person)).all())


def test_a_reader_keeps_a_post_finds_it_and_drops_it(sign_in, bob):
    post, browser = a_post(live=True, slug="ships", title="Ships"), sign_in(bob)
    assert button(browser.get("/posts/ships"), f"{LIST}/{post.id}").text == "Keep for later"
    assert keep(browser, post).location == "/posts/ships"
    answer = browser.get("/posts/ships")
    assert "It is on your reading list." in words(answer)
    assert link(answer, "On your reading list") == LIST
    assert headlines(browser.get(LIST)) == ["Ships"]
    removal = f"{LIST}/{post.id}/removal"
    sent = filled(answer, f'form[action="{removal}"]')
    assert browser.post(removal, data=sent).location == "/posts/ships"
    assert button(browser.get("/posts/ships"), f"{LIST}/{post.id}")
    assert "Nothing kept yet" in words(browser.get(LIST))


def test_keeping_twice_and_dropping_twice_is_harmless(sign_in, bob):
    post, browser = a_post(live=True), sign_in(bob)
    assert [keep(browser, post).status_code for _ in range(2)] == [302, 302]
    assert on_the_list_of(bob) == 1
    assert [browser.post(f"{LIST}/{post.id}/removal").status_code for _ in range(2)] == [302, 302]
    assert on_the_list_of(bob) == 0


def test_the_list_is_linked_from_every_page_and_from_the_account(sign_in, bob, client):
    browser = sign_in(bob)
    for address in ("/", "/auth/account"):
        assert link(browser.get(address), "eading list") == LIST
    assert link(client.get("/"), "eading list") is None


def test_a_stranger_has_no_list_and_sees_no_form(client, bob):
    post = a_post(live=True, slug="ships")
    assert "reading-list" not in client.get("/posts/ships").text
    assert client.get(LIST).location == f"/auth/login?next={LIST}"
    assert keep(client, post).status_code == 401
    assert client.post(f"{LIST}/{post.id}/removal").status_code == 401


def test_nobody_sees_or_changes_the_list_of_another(sign_in, bob):
    post = a_post(live=True, title="Ships")
    keep(sign_in(bob), post)
    eve = sign_in(an_admin())
    eve.post(f"{LIST}/{post.id}/removal", data={"user_id": bob.id})
    assert "Ships" not in words(eve.get(LIST))
    assert on_the_list_of(bob) == 1


@pytest.mark.parametrize("kind", [a_post, a_scheduled_post, a_binned_post])
def test_what_is_not_out_cannot_be_kept_also_by_whoever_wrote_it(sign_in, kind):
    ada = an_editor()
    post = kind(by=ada)
    assert keep(sign_in(ada), post).status_code == 404
    assert on_the_list_of(ada) == 0


def test_pages_and_posts_that_never_were_cannot_be_kept(sign_in, bob):
    browser, about = sign_in(bob), a_page(live=True, slug="about")
    assert keep(browser, about).status_code == 404
    assert "Keep for later" not in browser.get("/about").text
    for number in ("0", "999999999999999999", "x", "1e3"):
        assert browser.post(f"{LIST}/{number}").status_code == 404
        assert browser.post(f"{LIST}/{number}/removal").status_code in (302, 404)


@pytest.mark.parametrize("how", ["unpublish", "bin", "publish"])
def test_of_a_post_taken_back_the_list_says_no_more_than_that(sign_in, bob, how):
    post = a_post(live=True, title="Secret now", summary="Hush.", tags=["whispers"], slug="hush")
    browser = sign_in(bob)
    keep(browser, post)
    later = {"at": utcnow() + timedelta(days=1)} if how == "publish" else {}
    getattr(post, how)(base=post.revision, by=post.author, **later)
    answer = browser.get(LIST)
    assert headlines(answer) == ["No longer here"]
    for secret in ("Secret now", "Hush", "whispers", "hush", post.author.name):
        assert secret not in answer.text
    assert browser.post(f"{LIST}/{post.id}/removal").location == LIST
    assert on_the_list_of(bob) == 0


def test_a_post_that_returns_is_on_the_list_again_at_its_new_address(sign_in, bob):
    post, browser = a_post(live=True, title="Ships", slug="ships"), sign_in(bob)
    keep(browser, post)
    post.unpublish(base=post.revision, by=post.author)
    post.publish(base=post.revision, by=post.author, slug="boats", title="Boats")
    assert link(browser.get(LIST), "Boats") == "/posts/boats"


def test_a_members_post_is_kept_and_its_words_stand_on_the_list_of_a_member(sign_in, bob):
    post, browser = a_post(live=True, members=True, body="For members."), sign_in(bob)
    keep(browser, post)
    assert "For members." in words(browser.get(LIST))


def test_a_long_list_is_paged_and_an_emptied_page_leads_to_the_first(sign_in, bob, monkeypatch):
    monkeypatch.setattr(view, "PAGE", 2)
    start, posts = utcnow(), [a_post(live=True, title=f"Post {n}") for n in range(3)]
    for minutes, post in enumerate(posts):
        the_db.session.add(Kept(user_id=bob.id, post_id=post.id, kept_at=start + timedelta(minutes=minutes)))
    browser = sign_in(bob)
    first = browser.get(LIST)
    assert headlines(first) == ["Post 2", "Post 1"]
    earlier = link(first, "Kept earlier")
    second = browser.get(earlier)
    assert headlines(second) == ["Post 0"]
    sent = filled(second, "article form")
    assert sent["next"] == earlier
    assert browser.post(f"{LIST}/{posts[0].id}/removal", data=sent).location == earlier
    assert browser.get(earlier).location == LIST


@pytest.mark.parametrize("cursor", ["x", "W10", "%00", "é" * 100])
def test_a_broken_cursor_is_not_found(sign_in, bob, cursor):
    assert sign_in(bob).get(f"{LIST}?before={cursor}").status_code == 404


def test_a_full_list_says_so_and_takes_no_more(sign_in, bob, monkeypatch):
    monkeypatch.setattr(reading_list, "LIMIT", 1)
    browser, posts = sign_in(bob), [a_post(live=True) for _ in range(2)]
    for post in posts:
        answer = keep(browser, post)
    assert answer.location == LIST
    assert "which is all it can. Drop some first." in words(browser.get(LIST))
    assert on_the_list_of(bob) == 1


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", ""]
)
def test_after_dropping_nobody_is_led_off_the_site(sign_in, bob, target):
    post, browser = a_post(live=True), sign_in(bob)
    assert browser.post(f"{LIST}/{post.id}/removal", data={"next": target}).location == LIST


def test_the_list_asks_as_much_for_many_as_for_few(sign_in, bob, queries):
    browser, counts = sign_in(bob), []
    for _ in range(2):
        for _ in range(4):
            post = a_post(live=True, tags=["a", "b"])
            post.co_authors = [an_editor()]
            keep(browser, post)
        with queries() as seen:
            assert browser.get(LIST).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6


def test_a_reading_list_is_stored_by_no_cache(sign_in, bob):
    answer = sign_in(bob).get(LIST)
    assert answer.headers["Cache-Control"] == "no-store"
    assert page(answer).select_one('meta[name="robots"][content="noindex"]')
