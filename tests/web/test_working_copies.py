"""Autosave and what is offered afterwards: what is typed is kept, for its writer alone, and touches nothing else."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from factories import a_post, an_admin, an_editor
from looking import filled, link, page, rewrite, words
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.models import Post, PostStatus, Revision, WorkingCopy


@pytest.fixture
def post(ada):
    return a_post(by=ada, live=True, title="Title", slug="title", body="Published.", tags=["one"])


def saved() -> Post:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post)).one()


def opened(browser, post_id, query="") -> dict[str, str]:
    return filled(browser.get(f"/write/posts/{post_id}{query}"), "form.editor")


def autosave(browser, post_id, form, seq=1, **typed):
    form |= {"seq": str(seq)} | typed
    return browser.post(f"/write/posts/{post_id}/working-copy", data=form, headers={"Accept": "application/json"})


def number_of(model) -> int:
    return the_db.session.scalar(select(func.count()).select_from(model))


# Of a post that is there


def test_what_is_typed_is_kept_and_neither_readers_nor_the_history_see_it(desk, client, post):
    before = client.get("/posts/title").text
    answer = autosave(desk, post.id, opened(desk, post.id), body="Typed.", title="Anew", tags="two")
    assert answer.status_code == 200
    told = answer.json
    assert (told["seq"], told["revision"], told["moved"], told["presence"]) == (1, 1, None, [])
    assert len(told["saved_at"].split(":")) == 3
    assert client.get("/posts/title").text == before
    assert (saved().revision, number_of(Revision), saved().has_changes) == (1, 1, False)


def test_the_editor_opens_with_what_was_typed_last(desk, post):
    autosave(desk, post.id, opened(desk, post.id), body="Typed.\n\nOn two lines.", tags="two, three")
    answer = desk.get(f"/write/posts/{post.id}")
    form = filled(answer, "form.editor")
    assert (form["body"], form["tags"], form["base"]) == ("Typed.\n\nOn two lines.", "two, three", "1")
    assert "Your working copy" in words(answer)
    assert form["copy"] not in form["taken"]
    assert "You have typed something that is not saved" in words(desk.get("/write"))
    rewrite(desk, post.id)
    assert (saved().newest["body"], saved().body) == ("Typed.\n\nOn two lines.", "Published.")
    assert "Your working copy" not in words(desk.get(f"/write/posts/{post.id}"))
    assert "You have typed something that is not saved" not in words(desk.get("/write"))


def test_an_autosave_that_comes_late_or_twice_changes_nothing_and_says_so(desk, post):
    form = opened(desk, post.id)
    autosave(desk, post.id, form, 5, body="Five.")
    for seq in (4, 5, 0):
        assert autosave(desk, post.id, dict(form), seq, body="Late.").json["seq"] == 5
    assert opened(desk, post.id)["body"] == "Five."


@pytest.mark.parametrize("seq", ["", "-1", "x", "9" * 30, "٣"])
def test_a_garbled_number_is_no_error(desk, post, seq):
    assert autosave(desk, post.id, opened(desk, post.id), seq, body="Typed.").status_code == 200
    assert opened(desk, post.id)["body"] == "Typed."


@pytest.mark.parametrize("name", ["copy", "base", "taken", "uid"])
@pytest.mark.parametrize("value", [None, "", "x", "\0", "9" * 5000, "5c0a1a2e-7d43-4a53-9f4b-8f3bb0f1a111:1"])
def test_a_garbled_form_still_keeps_the_text(desk, post, name, value):
    form = opened(desk, post.id)
    form.pop(name, None)
    answer = autosave(desk, post.id, form | ({} if value is None else {name: value}), body="Typed.")
    assert answer.status_code == 200
    assert opened(desk, post.id)["body"] == "Typed."


def test_a_text_no_copy_can_hold_is_refused_with_its_length(desk, post):
    answer = autosave(desk, post.id, opened(desk, post.id), body="x" * 1_000_001)
    assert answer.status_code == 422
    assert answer.json == {"errors": {"body": "At most 1,000,000 characters; this has 1,000,001."}}
    assert number_of(WorkingCopy) == 0


def test_what_is_not_fit_to_be_saved_is_kept_all_the_same(desk, post):
    faulty = {"title": "x" * 300, "slug": "No Address!", "tags": "!!!", "publish_at": "soon"}
    assert autosave(desk, post.id, opened(desk, post.id), **faulty).status_code == 200
    form = opened(desk, post.id)
    assert {name: form[name] for name in ("title", "slug", "tags")} == {k: faulty[k] for k in ("title", "slug", "tags")}
    assert saved().title == "Title"


def test_a_page_is_told_who_has_saved_meanwhile(desk, post, sign_in):
    form = opened(desk, post.id)
    rewrite(sign_in(an_admin(name="Grace")), post.id, summary="Grace's")
    told = autosave(desk, post.id, form, body="Typed.").json
    assert (told["revision"], told["moved"]["by"], told["moved"]["revision"]) == (2, "Grace", 2)
    assert "Grace saved revision 2" in words(desk.get(f"/write/posts/{post.id}"))
    rewrite(desk, post.id)
    assert (saved().newest["body"], saved().newest["summary"]) == ("Typed.", "Grace's")


def test_each_tab_keeps_its_own_and_the_other_is_offered(desk, post):
    first, second = opened(desk, post.id), opened(desk, post.id)
    autosave(desk, post.id, first, body="Of the first tab.")
    autosave(desk, post.id, second, body="Of the second tab.")
    answer = desk.get(f"/write/posts/{post.id}")
    assert filled(answer, "form.editor")["body"] == "Of the second tab."
    assert "Another text of yours" in words(answer)
    other = desk.get(link(answer, "Go on with that one"))
    assert filled(other, "form.editor")["body"] == "Of the first tab."
    none = desk.get(f"/write/posts/{post.id}?copy=none")
    assert filled(none, "form.editor")["body"] == "Published."
    assert words(none).count("Another text of yours") == 2
    assert opened(desk, post.id, "?copy=garbled")["body"] == "Published."


def test_a_text_that_was_taken_over_is_in_one_place_only(desk, post):
    autosave(desk, post.id, opened(desk, post.id), body="Typed.")
    autosave(desk, post.id, opened(desk, post.id), body="Typed. And more.")
    answer = desk.get(f"/write/posts/{post.id}")
    assert filled(answer, "form.editor")["body"] == "Typed. And more."
    assert "Another text of yours" not in words(answer)


def test_what_is_thrown_away_is_gone(desk, post):
    autosave(desk, post.id, opened(desk, post.id), body="Typed.")
    answer = desk.get(f"/write/posts/{post.id}")
    form = page(answer).select_one('form[action$="/removal"]')
    token = {control["name"]: control["value"] for control in form.select("input")}
    thrown = desk.post(form["action"], data=token)
    assert filled(desk.get(thrown.location), "form.editor")["body"] == "Published."
    assert number_of(WorkingCopy) == 0
    assert desk.post(form["action"], data=token).status_code == 302


def test_nobody_else_sees_or_touches_it(desk, post, sign_in):
    form = opened(desk, post.id)
    autosave(desk, post.id, form, body="My secret.")
    boss = sign_in(an_admin())
    for query in ("", f"?copy={form['copy']}"):
        assert "My secret." not in boss.get(f"/write/posts/{post.id}{query}").text
    assert boss.get(f"/write/posts/{post.id}/comparison?from=1&to={form['copy']}").status_code == 404
    assert "My secret." not in boss.get(f"/write/posts/{post.id}/preview?copy={form['copy']}").text
    boss.post(f"/write/posts/{post.id}/working-copies/{form['copy']}/removal")
    theirs = opened(boss, post.id) | {"copy": form["copy"]}
    assert autosave(boss, post.id, theirs, 99, body="Theirs.").status_code == 200
    assert opened(desk, post.id)["body"] == "My secret."


def test_somebody_elses_post_keeps_nothing(post, sign_in, client):
    stranger, form = sign_in(an_editor()), {"body": "Mine.", "copy": str(uuid4()), "seq": "1"}
    assert autosave(stranger, post.id, form).status_code == 403
    assert autosave(stranger, a_post().id, form).status_code == 404
    assert autosave(client, post.id, form).status_code == 401
    assert number_of(WorkingCopy) == 0


def test_an_autosave_writes_at_most_twice(desk, post):
    form = opened(desk, post.id)
    autosave(desk, post.id, form, body="One.")
    form = opened(desk, post.id)  # which takes the first one over
    for seq in (1, 2):
        seen: list[str] = []

        def listen(_connection, _cursor, statement, *_, seen=seen):
            if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
                seen.append(statement)

        sa.event.listen(sa.Engine, "before_cursor_execute", listen)
        autosave(desk, post.id, form, seq, body=f"Typed {seq}.")
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
        assert 1 <= len(seen) <= 2, seen


# Of a new post


def test_the_first_autosave_makes_the_draft_and_the_next_go_on_from_it(desk):
    form = filled(desk.get("/write/posts/new"), "form.editor")
    told = autosave(desk, "new", form, title="Fresh", body="First words.").json
    post = saved()
    assert (told["post"], told["address"], told["base"]) == (post.id, f"/write/posts/{post.id}", 1)
    assert (post.title, post.body, post.status, post.slug) == ("Fresh", "First words.", PostStatus.draft, "fresh")
    assert autosave(desk, post.id, form | {"base": "1"}, 2, body="First words. More.").status_code == 200
    typed = {"base": "1", "seq": "2", "body": "First words. More."}
    assert desk.post(told["address"], data=form | typed).status_code == 302
    assert (saved().body, saved().revision, number_of(Revision)) == ("First words. More.", 2, 2)


def test_the_first_autosave_sent_twice_makes_one_draft(desk):
    form = filled(desk.get("/write/posts/new"), "form.editor")
    addresses = {autosave(desk, "new", dict(form), title="Fresh", body="Words.").json["address"] for _ in range(2)}
    assert addresses == {f"/write/posts/{saved().id}"}
    assert (saved().revision, number_of(Revision)) == (1, 1)
    assert "Your working copy" not in words(desk.get(f"/write/posts/{saved().id}"))


def test_what_is_wrong_with_a_new_post_is_kept_beside_the_draft(desk):
    form = filled(desk.get("/write/posts/new"), "form.editor")
    assert autosave(desk, "new", form, title="x" * 300, body="Words.", tags="!!!").status_code == 200
    assert (saved().title, saved().body) == ("x" * 200, "Words.")
    again = opened(desk, saved().id)
    assert (again["title"], again["tags"]) == ("x" * 300, "!!!")


# Refused, and come back to


def test_what_was_refused_is_a_working_copy_too_and_every_time_anew(desk, post):
    form = opened(desk, post.id)
    for body in ("Once.", "Twice, after Back."):
        answer = desk.post(f"/write/posts/{post.id}", data=form | {"title": "x" * 201, "body": body})
        assert answer.status_code == 422
        assert opened(desk, post.id)["body"] == body
    assert desk.post(f"/write/posts/{post.id}", data=form | {"body": "Mended."}).status_code == 302
    answer = desk.get(f"/write/posts/{post.id}")
    assert filled(answer, "form.editor")["body"] == "Mended."
    assert "Your working copy" not in words(answer)


def test_what_clashes_after_back_is_kept_as_a_working_copy_though_the_page_has_saved_before(desk, post, sign_in):
    form = opened(desk, post.id)
    desk.post(f"/write/posts/{post.id}", data=form | {"body": "Saved first."})
    rewrite(sign_in(an_admin()), post.id, body="Theirs.")
    assert desk.post(f"/write/posts/{post.id}", data=form | {"body": "Typed after Back."}).status_code == 409
    assert opened(desk, post.id)["body"] == "Typed after Back."


def test_a_form_that_arrives_late_reverts_nothing_its_page_has_saved_since(desk, post):
    form = opened(desk, post.id)
    first, second = (form | {"seq": str(seq), "body": body} for seq, body in ((1, "One."), (2, "One. Two.")))
    for sent in (first, second, first):
        assert desk.post(f"/write/posts/{post.id}", data=sent).status_code == 302
    assert (saved().newest["body"], saved().revision) == ("One. Two.", 3)


def test_two_tabs_with_one_text_lose_nothing_of_each_other(desk, post):
    first = opened(desk, post.id)
    autosave(desk, post.id, first, body="Published. Typed.")
    second = opened(desk, post.id)
    late = first | {"body": "Published. Typed. Late."}
    assert desk.post(f"/write/posts/{post.id}", data=late).status_code == 302
    answer = desk.post(f"/write/posts/{post.id}", data=second | {"title": "Of the second"})
    assert answer.status_code in (302, 409)
    assert "Late." in saved().newest["body"]


# One text carried on in two tabs


def carried_on_in_two_tabs(desk, post) -> tuple[dict[str, str], dict[str, str]]:
    """A tab in which something was typed, and a second one that began with it."""
    first = opened(desk, post.id)
    autosave(desk, post.id, first, 1, body="Published.\n\nTyped once.")
    second = opened(desk, post.id)
    assert second["body"] == first["body"]
    return first, second


@pytest.mark.parametrize("turn", [(0, 1), (1, 0)])
def test_one_text_carried_on_in_two_tabs_is_saved_from_both_without_doubling_it(desk, post, turn):
    first, second = carried_on_in_two_tabs(desk, post)
    autosave(desk, post.id, first, 2, body="Before.\n\nPublished.\n\nTyped once.")
    second["body"] = "Published.\n\nTyped once.\n\nAfter."
    for tab in turn:
        form = (first, second)[tab] | {"seq": "3"}
        assert desk.post(f"/write/posts/{post.id}", data=form).status_code == 302
    assert saved().newest["body"] == "Before.\n\nPublished.\n\nTyped once.\n\nAfter."


def test_a_text_refused_for_its_title_and_carried_on_from_there_is_not_doubled_either(desk, post):
    first = opened(desk, post.id) | {"seq": "1", "title": "x" * 300, "body": "Published.\n\nTyped once."}
    refused = desk.post(f"/write/posts/{post.id}", data=first)
    assert refused.status_code == 422
    second = filled(refused, "form.editor") | {"title": "Title", "body": "Published.\n\nTyped once.\n\nAfter."}
    before = first | {"title": "Title", "seq": "2", "body": "Before.\n\nPublished.\n\nTyped once."}
    for form in (before, second):
        assert desk.post(f"/write/posts/{post.id}", data=form).status_code == 302
    assert saved().newest["body"] == "Before.\n\nPublished.\n\nTyped once.\n\nAfter."
