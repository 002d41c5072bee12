"""Two people, two tabs, one post: nothing is overwritten in silence, and nothing is lost."""

import pytest
from factories import a_post, an_admin
from looking import filled, page, rewrite, words
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.models import Post, PostStatus, Revision


@pytest.fixture
def post(ada):
    return a_post(by=ada, title="Common", body="The common text.", tags=["common"], summary="Common.")


@pytest.fixture
def mine(sign_in, ada):
    return sign_in(ada)


@pytest.fixture
def theirs(sign_in):
    return sign_in(an_admin(name="Boss"))


def saved() -> Post:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post)).one()


def clashed(mine, theirs, post, press="", their="Their text.", my="My text, an hour of it."):
    """I open the editor, they change the same place, I press the button."""
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    assert rewrite(theirs, post.id, body=their).status_code == 302
    return mine.post(f"/write/posts/{post.id}{press}", data=opened | {"body": my})


@pytest.mark.parametrize("press", ["", "/publication", "/withdrawal", "/bin"])
def test_a_stale_save_of_any_kind_shows_both_texts_and_changes_nothing(mine, theirs, post, press):
    answer = clashed(mine, theirs, post, press)
    assert answer.status_code == 409
    versions = [pre.get_text() for pre in page(answer).select("#main pre, main pre")]
    assert "The common text." in versions
    assert "Their text." in versions
    assert "My text, an hour of it." in versions
    assert "Boss saved revision 2" in words(answer)
    assert filled(answer, "form.merge")["mine-0"] == "My text, an hour of it."
    assert (saved().body, saved().revision, saved().status) == ("Their text.", 2, PostStatus.draft)


def test_from_the_page_of_the_clash_the_result_is_saved(mine, theirs, post):
    answer = clashed(mine, theirs, post)
    merged = filled(answer, "form.merge") | {"segment-0": "Their text. My text, an hour of it."}
    assert mine.post(f"/write/posts/{post.id}", data=merged).status_code == 302
    assert (saved().body, saved().revision) == ("Their text. My text, an hour of it.", 3)
    bodies = the_db.session.scalars(select(Revision.body).order_by(Revision.number)).all()
    assert bodies == ["The common text.", "Their text.", "Their text. My text, an hour of it."]


def test_a_third_save_meanwhile_clashes_again(mine, theirs, post):
    answer = clashed(mine, theirs, post)
    rewrite(theirs, post.id, body="Their newer text.")
    mended = filled(answer, "form.merge") | {"segment-0": "My text, an hour of it."}
    again = mine.post(f"/write/posts/{post.id}", data=mended)
    assert again.status_code == 409
    result = filled(again, "form.merge")
    assert (result["theirs-0"], result["mine-0"]) == ("Their newer text.", "My text, an hour of it.")
    assert result["base"] == "3"


def test_what_was_put_beside_theirs_is_joined_with_what_they_save_meanwhile(mine, theirs, post):
    answer = clashed(mine, theirs, post)
    rewrite(theirs, post.id, body="Their newer text.")
    assert mine.post(f"/write/posts/{post.id}", data=filled(answer, "form.merge")).status_code == 302
    assert saved().body == "Their newer text.\n\nMy text, an hour of it."


def test_what_only_they_changed_comes_along_with_what_only_i_changed(mine, theirs, post):
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    rewrite(theirs, post.id, summary="Their summary.", tags="theirs")
    answer = mine.post(f"/write/posts/{post.id}", data=opened | {"body": "My text."})
    assert "Boss had saved changes in other places meanwhile." in words(mine.get(answer.location))
    post = saved()
    assert (post.summary, [tag.name for tag in post.tags], post.body) == ("Their summary.", ["theirs"], "My text.")


def test_every_field_of_mine_that_differs_is_on_the_page(mine, theirs, post):
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    theirs_typed = {"title": "Their title", "summary": "S", "slug": "theirs", "language": "fr", "visibility": "members"}
    rewrite(theirs, post.id, **theirs_typed, canonical_url="https://example.org/theirs")
    typed = {"title": "My title", "summary": "My <summary>.", "tags": "my, tags", "slug": "my-own", "language": "de"}
    answer = mine.post(f"/write/posts/{post.id}", data=opened | typed | {"visibility": "members"})
    assert answer.status_code == 409
    result = filled(answer, "form.merge")
    for name, value in (typed | {"visibility": "members"}).items():
        assert result[name] == value
    assert result["canonical_url"] == "https://example.org/theirs"
    shown = [pre.get_text() for pre in page(answer).select("main pre")]
    for name in ("title", "summary", "slug", "language"):
        assert {theirs_typed[name], typed[name]} <= set(shown)
    assert "members" not in shown  # both have made it so
    assert "my, tags" not in shown  # names of tags never clash


def test_both_having_typed_the_same_is_no_clash(mine, theirs, post):
    answer = clashed(mine, theirs, post, their="The same text.", my="The same text.")
    assert answer.status_code == 302
    assert (saved().body, saved().revision) == ("The same text.", 2)


def test_the_same_save_sent_twice_is_one_save(mine, post):
    sent = filled(mine.get(f"/write/posts/{post.id}"), "form.editor") | {"body": "My text."}
    for _ in range(2):
        assert mine.post(f"/write/posts/{post.id}", data=sent).status_code == 302
    assert (saved().body, saved().revision) == ("My text.", 2)


@pytest.mark.parametrize("base", [None, "", "-1", "x", "1.0", "٣", "2", "999999999", "9" * 40, "1e9", "\0", " 1"])
def test_a_base_that_is_missing_forged_or_huge_is_a_clash_and_no_error(mine, post, base):
    sent = filled(mine.get(f"/write/posts/{post.id}"), "form.editor") | {"body": "My text."}
    del sent["base"]
    answer = mine.post(f"/write/posts/{post.id}", data=sent | ({} if base is None else {"base": base}))
    assert answer.status_code == 409
    result = filled(answer, "form.merge")
    assert (result["theirs-0"], result["mine-0"], result["base"]) == ("The common text.", "My text.", "1")
    assert saved().body == "The common text."


def test_a_base_of_a_new_post_is_a_clash_for_one_that_is_there(mine, post):
    sent = filled(mine.get(f"/write/posts/{post.id}"), "form.editor") | {"body": "My text.", "base": "0"}
    answer = mine.post(f"/write/posts/{post.id}", data=sent)
    assert answer.status_code == 409
    assert filled(answer, "form.merge")["mine-0"] == "My text."
    assert saved().body == "The common text."


def test_a_restoration_from_a_stale_list_keeps_what_was_changed_in_the_bin(mine, theirs, post):
    mine.post(f"/write/posts/{post.id}/bin", data={"base": "1"})
    rewrite(theirs, post.id, title="Changed in the bin")
    assert mine.post(f"/write/posts/{post.id}/restoration", data={"base": "2"}).status_code == 302
    assert (saved().status, saved().title) == (PostStatus.draft, "Changed in the bin")


def test_a_restoration_from_a_list_older_than_the_bin_is_a_clash(mine, theirs, post):
    opened = filled(mine.get(f"/write/posts/{post.id}"), "form.editor")
    rewrite(theirs, post.id, "bin")
    answer = mine.post(f"/write/posts/{post.id}/restoration", data=opened | {"title": "Mine"})
    assert answer.status_code == 409
    assert "The texts go together." in words(answer)
    assert (saved().status, saved().title) == (PostStatus.binned, "Common")


def test_a_clash_keeps_no_half_of_anything(mine, theirs, post):
    clashed(mine, theirs, post)
    assert the_db.session.scalar(select(func.count(Revision.id))) == 2
    assert saved().edited_at


def test_a_new_address_taken_back_by_its_post_is_no_clash(mine, ada, db):
    post = a_post(by=ada, live=True, slug="one")
    for slug in ("two", "one", "two"):
        assert rewrite(mine, post.id, "publish", slug=slug).status_code == 302
    assert mine.get("/posts/one").location == "/posts/two"
