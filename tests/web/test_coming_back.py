"""Coming back to a page, pressing twice, coming late: no text stands before a base that it did not begin from."""

import pytest
from factories import a_post, an_admin
from looking import filled, rewrite, words
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.models import Post, Revision, WorkingCopy

BROWSER = {"Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def post(ada):
    return a_post(by=ada, title="Tides", body="One. Two.")


def newest() -> str:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post).order_by(Post.id)).first().newest["body"]


def test_a_browser_is_led_to_an_address_that_names_what_the_text_began_from(desk, post):
    first = desk.get(f"/write/posts/{post.id}", headers=BROWSER)
    assert first.location == f"/write/posts/{post.id}?from=1&copy=none"
    assert filled(desk.get(first.location, headers=BROWSER), "form.editor")["base"] == "1"


def test_coming_back_after_somebody_has_saved_meets_the_old_text_and_its_base(desk, post, sign_in):
    address = desk.get(f"/write/posts/{post.id}", headers=BROWSER).location
    rewrite(sign_in(an_admin(name="Boss")), post.id, body="One. Two. Three by Boss.")
    back = desk.get(address, headers=BROWSER)
    form = filled(back, "form.editor")
    assert (form["base"], form["body"]) == ("1", "One. Two.")
    assert "Boss saved revision 2" in words(back)
    desk.post(f"/write/posts/{post.id}", data=form | {"body": "Zero by Ada. One. Two."})
    assert newest() == "Zero by Ada. One. Two. Three by Boss."


@pytest.mark.parametrize("asked", ["0", "99", "x", "-1", "9" * 40, "٣"])
def test_an_address_that_names_nothing_shows_the_newest(desk, post, asked):
    form = filled(desk.get(f"/write/posts/{post.id}?from={asked}", headers=BROWSER), "form.editor")
    assert (form["base"], form["body"]) == ("1", "One. Two.")


def test_an_autosave_of_what_was_kept_already_changes_nothing_for_the_page_that_took_it_over(desk, post):
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor") | {"slug": "Not Good!", "body": "Typed."}
    refused = desk.post(f"/write/posts/{post.id}", data=form)
    assert refused.status_code == 422
    desk.post(f"/write/posts/{post.id}/working-copy", data=form | {"seq": "5"})
    mended = filled(refused, "form.editor") | {"slug": "good", "body": "Typed. And mended."}
    assert desk.post(f"/write/posts/{post.id}", data=mended).status_code == 302
    assert filled(desk.get(f"/write/posts/{post.id}"), "form.editor")["body"] == "Typed. And mended."


def test_a_first_autosave_with_a_fault_leaves_one_copy_that_the_page_goes_on_with(desk, ada):
    form = filled(desk.get("/write/posts/new"), "form.editor") | {"title": "T", "body": "Some.", "summary": "x" * 301}
    made = desk.post("/write/posts/new/working-copy", data=form | {"seq": "1"}).json
    better = form | {"summary": "Short.", "body": "Some more.", "base": str(made["base"])}
    desk.post(f"{made['address']}/working-copy", data=better | {"seq": "2"})
    assert desk.post(made["address"], data=better | {"seq": "3"}).status_code == 302
    shown = filled(desk.get(made["address"]), "form.editor")
    assert (shown["body"], shown["summary"]) == ("Some more.", "Short.")
    assert not list(the_db.session.scalars(WorkingCopy.unsaved(ada)))


def test_a_copy_of_a_post_is_made_once_however_often_the_button_is_pressed(desk, post):
    page = desk.get(f"/write/posts/{post.id}")
    form = filled(page, f"form[action='/write/posts/{post.id}/copies']")
    answers = {desk.post(f"/write/posts/{post.id}/copies", data=form).location for _ in range(3)}
    assert len(answers) == 1
    assert the_db.session.scalar(select(func.count(Post.id))) == 2


def test_a_wrong_address_among_the_people_shows_what_was_typed_all_the_same(desk, post):
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor") | {"body": "Typed and not saved."}
    desk.post(f"/write/posts/{post.id}/working-copy", data=form | {"seq": "1"})
    answer = desk.post(f"/write/posts/{post.id}/author", data={"email": "nobody@example.com"})
    assert answer.status_code == 422
    assert filled(answer, "form.editor")["body"] == "Typed and not saved."


def test_a_date_that_somebody_else_took_away_does_not_keep_one_from_saving(desk, ada, sign_in):
    post = a_post(by=ada, live=True, body="One. Two.")
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")
    rewrite(sign_in(an_admin()), post.id, "unpublish")
    assert desk.post(f"/write/posts/{post.id}", data=form | {"body": "One. Two. Three."}).status_code == 302
    assert newest() == "One. Two. Three."


def test_to_bring_back_a_revision_over_what_others_saved_says_that_they_are_joined(desk, post, sign_in):
    rewrite(desk, post.id, title="Other tides")
    page = desk.get(f"/write/posts/{post.id}/revisions/1")
    form = filled(page, "main form")
    rewrite(sign_in(an_admin()), post.id, body="One. Two. Three.")
    answer = desk.post(f"/write/posts/{post.id}/revisions/1/restoration", data=form)
    assert "joined with what others have saved meanwhile" in words(desk.get(answer.location))
    assert newest() == "One. Two. Three."
    assert the_db.session.scalar(select(Revision.title).where(Revision.number == 4)) == "Tides"


def test_what_was_typed_and_taken_away_again_is_nothing_unsaved(desk, ada, post):
    form = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")
    for seq, body in enumerate(["One. Two. Three?", "One. Two."], 1):
        desk.post(f"/write/posts/{post.id}/working-copy", data=form | {"seq": str(seq), "body": body})
        left = list(the_db.session.scalars(WorkingCopy.unsaved(ada)))
        assert bool(left) is (seq == 1)
    dated = form | {"seq": "3", "publish_at": "2040-01-01T00:00"}
    desk.post(f"/write/posts/{post.id}/working-copy", data=dated)
    assert filled(desk.get(f"/write/posts/{post.id}"), "form.editor")["publish_at"] == "2040-01-01T00:00"
