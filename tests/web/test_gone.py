"""What was once out and has been taken back: a notice that says so, and nothing of what it was."""

from datetime import timedelta

import pytest
import time_machine
from factories import a_binned_post, a_post, a_scheduled_post, an_admin
from looking import page, rewrite

from blog.database import utcnow
from blog.models import PostKind, Redirect
from blog.transfer.intake import Intake
from blog.transfer.records import PostRecord


def is_gone(client, path):
    answer = client.get(path)
    assert answer.status_code == 410, path
    assert page(answer).select_one("h1").get_text() == "This page is gone"
    assert page(answer).select_one(".masthead")
    assert page(answer).select_one("meta[name=robots][content=noindex]")
    assert answer.headers["Cache-Control"] != "public, no-cache"
    return answer


def test_an_unpublished_post_is_gone_and_nothing_of_it_shows(client, ada):
    post = a_post(by=ada, live=True, slug="ships", title="Iron ships", body="Rivets.", tags=["Seafaring"])
    post.unpublish(base=1, by=ada)
    answer = is_gone(client, "/posts/ships")
    for word in ("Iron", "Rivets", "Ada", "Seafaring"):
        assert word not in answer.text


def test_a_post_that_was_out_and_lies_in_the_bin_is_gone_and_so_is_one_restored_from_there(client, ada):
    post = a_post(by=ada, live=True, slug="ships")
    post.bin(base=1, by=ada)
    is_gone(client, "/posts/ships")
    post.restore(base=2, by=ada)
    is_gone(client, "/posts/ships")
    post.publish(base=3, by=ada)
    assert client.get("/posts/ships").status_code == 200


@pytest.mark.parametrize("make", [a_post, a_scheduled_post, lambda **f: a_scheduled_post(**f, binned_at=utcnow())])
def test_what_was_never_out_is_no_page_at_all(client, make):
    make(slug="ships")
    assert client.get("/posts/ships").status_code == 404


def test_what_was_published_and_binned_at_once_is_gone(client, sign_in, ada):
    post = a_post(by=ada, slug="ships")
    browser = sign_in(ada)
    rewrite(browser, post.id, "publish")
    rewrite(browser, post.id, "bin")
    is_gone(client, "/posts/ships")


def test_a_scheduled_post_whose_moment_passed_without_a_save_is_gone_once_it_is_taken_back(client, ada):
    post = a_scheduled_post(by=ada, slug="ships")
    with time_machine.travel(utcnow() + timedelta(days=2)):
        assert client.get("/posts/ships").status_code == 200
        post.unpublish(base=1, by=ada)
        is_gone(client, "/posts/ships")


def test_a_scheduled_post_taken_back_before_its_moment_was_never_there(client, ada):
    a_scheduled_post(by=ada, slug="ships").unpublish(base=1, by=ada)
    with time_machine.travel(utcnow() + timedelta(days=2)):
        assert client.get("/posts/ships").status_code == 404


def test_what_is_scheduled_again_is_gone_until_its_moment(client, ada):
    post = a_post(by=ada, live=True, slug="ships")
    post.publish(base=1, by=ada, at=utcnow() + timedelta(hours=1))
    is_gone(client, "/posts/ships")
    with time_machine.travel(utcnow() + timedelta(hours=2)):
        assert client.get("/posts/ships").status_code == 200


def test_an_imported_post_is_gone_at_all_its_addresses(client, ada):
    intake = Intake(owner=ada, by=None, storage=None)
    record = PostRecord(
        source="a.md", title="Ships", slug="ships", body="Words.", published_at=utcnow() - timedelta(days=9)
    )
    record.old_paths = ["/2019/03/Ships.html"]
    for each in intake.plan([record]):
        intake.write(each)
    post = Redirect.of("/2019/03/ships.html").post
    post.revise(base=1, by=ada, slug="boats")
    assert client.get("/2019/03/ships.html").location == "/posts/boats"
    post.unpublish(base=2, by=ada)
    for path in ("/posts/boats", "/posts/ships", "/2019/03/ships.html", "/2019/03/Ships.HTML/", "/POSTS/Ships/"):
        is_gone(client, path)


def test_the_old_address_of_a_draft_that_was_never_out_stays_unknown(client, db, ada):
    db.session.add(Redirect(path="/old", post=a_post(by=ada)))
    assert client.get("/old").status_code == 404


def test_a_page_that_was_taken_back_is_gone_and_a_post_is_not_gone_where_it_never_was(client, ada):
    a_post(by=ada, live=True, slug="imprint", kind=PostKind.page).unpublish(base=1, by=ada)
    is_gone(client, "/imprint")
    a_post(by=ada, live=True, slug="ships").unpublish(base=1, by=ada)
    assert client.get("/ships").status_code == 404


def test_the_source_of_what_is_gone_is_gone_too(client, ada):
    a_post(by=ada, live=True, slug="ships").unpublish(base=1, by=ada)
    is_gone(client, "/posts/ships.md")


def test_what_an_admin_redirects_is_gone_no_longer(client, db, ada):
    a_post(by=ada, live=True, slug="ships").unpublish(base=1, by=ada)
    db.session.add(Redirect(path="/posts/ships", target="/tags"))
    assert client.get("/posts/ships").location == "/tags"


def test_an_editor_still_finds_at_the_desk_what_readers_find_gone(sign_in, ada):
    post = a_post(by=ada, live=True, slug="ships")
    post.unpublish(base=1, by=ada)
    browser = sign_in(ada)
    is_gone(browser, "/posts/ships")
    assert browser.get(f"/write/posts/{post.id}").status_code == 200


def test_a_post_deleted_for_good_leaves_no_notice(client, db):
    post = a_post(live=True, slug="ships")
    post.bin(base=1, by=an_admin())
    db.session.delete(post)
    db.session.flush()
    assert client.get("/posts/ships").status_code == 404
    assert a_binned_post(slug="ships").slug == "ships"
