"""Two states of a post side by side, and an earlier one restored."""

import pytest
from factories import a_post, an_editor
from looking import filled, link, page, rewrite, words

from blog.database import db as the_db


@pytest.fixture
def post(desk, ada):
    post = a_post(by=ada, live=True, title="Old title", body="The wind was cold.\n\nIt stayed.", tags=["one", "two"])
    rewrite(desk, post.id, title="New title", body="The wind was warm.\n\nIt stayed.", tags="two, three")
    return post


def marked(answer, tag: str) -> list[str]:
    return [mark.get_text() for mark in page(answer).select(f"main {tag}")]


def compare(browser, post, one, other):
    return browser.get(f"/write/posts/{post.id}/comparison?from={one}&to={other}")


def test_words_that_changed_are_marked_on_their_side_and_no_others(desk, post):
    answer = compare(desk, post, 1, 2)
    assert "cold" in marked(answer, "del")
    assert "warm" in marked(answer, "ins")
    assert not any("wind" in words or "stayed" in words for words in marked(answer, "del") + marked(answer, "ins"))


def test_title_and_tags_are_compared_too(desk, post):
    told = words(compare(desk, post, 1, 2))
    for part in ("Title", "Tags", ["Old", "title"][0], "New", "one", "three"):
        assert part in told
    assert "Who may read it" not in told


def test_what_waits_is_compared_with_what_readers_see(desk, post):
    answer = compare(desk, post, "live", 2)
    assert "As readers see it" in words(answer)
    assert "cold" in marked(answer, "del")
    history = desk.get(f"/write/posts/{post.id}/revisions")
    assert link(history, "What changed since publication").endswith("from=live&to=2")
    assert link(desk.get("/write"), "See what").endswith("from=live&to=2")
    rewrite(desk, post.id, "publish")
    assert link(desk.get(f"/write/posts/{post.id}/revisions"), "What changed since publication") is None


def test_what_is_typed_and_not_saved_is_compared_with_the_newest(desk, post):
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor") | {"body": "The wind was wet.\n\nIt stayed."}
    desk.post(f"/write/posts/{post.id}/working-copy", data=form | {"seq": "1"})
    answer = compare(desk, post, 2, form["copy"])
    assert "Not saved yet" in words(answer)
    assert "wet" in marked(answer, "ins")


def test_without_a_word_about_which_the_last_two_are_compared(desk, post):
    answer = desk.get(f"/write/posts/{post.id}/comparison")
    assert "cold" in marked(answer, "del")
    alone = a_post(by=post.author)
    assert "Both say the same." in words(desk.get(f"/write/posts/{alone.id}/comparison"))


def test_a_draft_has_nothing_that_readers_see(desk, ada):
    assert compare(desk, a_post(by=ada), "live", 1).status_code == 404


@pytest.mark.parametrize(
    "key", ["0", "3", "-1", "x", "", "9" * 40, "5c0a1a2e-7d43-4a53-9f4b-8f3bb0f1a111", "\0", "LIVE"]
)
def test_a_state_that_never_was_is_a_404(desk, post, key):
    assert compare(desk, post, key, 2).status_code == 404
    assert compare(desk, post, 2, key).status_code == 404


def test_hostile_words_are_only_words(desk, ada):
    post = a_post(by=ada, title="<b>", body="<script>alert(1)</script> old")
    rewrite(desk, post.id, title="<i>", body="<script>alert(2)</script> new")
    answer = compare(desk, post, 1, 2)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_an_earlier_revision_is_restored_as_a_new_one_that_waits(desk, post, client):
    answer = compare(desk, post, 1, 2)
    form = page(answer).select_one('form[action$="/restoration"]')
    sent = {control["name"]: control["value"] for control in form.select("input")}
    done = desk.post(form["action"], data=sent)
    assert "Revision 1 is the newest again, as revision 3." in words(desk.get(done.location))
    the_db.session.expire_all()
    assert (post.newest["title"], post.newest["tags"], post.revision) == ("Old title", ["one", "two"], 3)
    again = desk.post(form["action"], data=sent | {"base": "3"})
    assert "It is the newest already." in words(desk.get(again.location))


def test_restoring_over_what_was_saved_meanwhile_asks(desk, post):
    rewrite(desk, post.id, title="Newer title")
    answer = desk.post(f"/write/posts/{post.id}/revisions/1/restoration", data={"base": "2"})
    assert answer.status_code == 409
    form = filled(answer, "form.merge")
    assert form["title"] == "Old title"
    desk.post(f"/write/posts/{post.id}", data=form)
    the_db.session.expire_all()
    assert (post.newest["title"], post.newest["tags"]) == ("Old title", ["one", "two"])


def test_another_editor_compares_and_restores_nothing(post, sign_in):
    stranger = sign_in(an_editor())
    assert compare(stranger, post, 1, 2).status_code == 403
    assert stranger.post(f"/write/posts/{post.id}/revisions/1/restoration", data={"base": "2"}).status_code == 403
    secret = a_post()
    assert compare(stranger, secret, 1, 1).status_code == 404
