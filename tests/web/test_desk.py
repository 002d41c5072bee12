"""The desk: an editor's list of posts."""

from datetime import timedelta

import pytest
import time_machine
from factories import a_binned_post, a_post, a_scheduled_post, a_user, an_admin, an_editor, the_site
from looking import headlines, link, page, words

from blog.database import utcnow


def test_a_stranger_is_asked_to_sign_in_and_a_viewer_is_refused(client, sign_in):
    assert client.get("/write").location == "/auth/login?next=/write"
    assert sign_in(a_user()).get("/write").status_code == 403


def test_an_empty_desk_says_how_to_begin(desk):
    answer = desk.get("/write")
    assert "Nothing written yet" in words(answer)
    assert link(answer, "Write a post") == "/write/posts/new"


def test_the_desk_lists_ones_own_posts_and_those_one_wrote_with_others(desk, ada):
    a_post(by=ada, title="Mine")
    a_post(title="Ours", co_authors=[ada])
    a_post(title="Theirs", live=True)
    assert set(headlines(desk.get("/write"))) == {"Mine", "Ours"}


@pytest.mark.parametrize(("body", "told"), [("", "0 words"), ("One", "1 word"), ("Word " * 1200, "1,200 words")])
def test_the_desk_and_the_editor_count_words_as_people_say_it(desk, ada, body, told):
    post = a_post(by=ada, body=body)
    assert f"· {told} Preview" in words(desk.get("/write"))
    assert f"{told} when last saved" in words(desk.get(f"/write/posts/{post.id}"))


def test_an_editor_cannot_ask_for_everybodys_posts(desk):
    a_post(title="Theirs")
    answer = desk.get("/write?whose=everyone")
    assert headlines(answer) == []
    assert "Everybody’s posts" not in words(answer)


def test_an_admin_sees_everybodys_posts_when_they_ask(sign_in):
    boss = an_admin()
    a_post(by=boss, title="Mine")
    a_post(by=an_editor(name="Bob"), title="Theirs")
    browser = sign_in(boss)
    first = browser.get("/write")
    assert headlines(first) == ["Mine"]
    everybody = browser.get(link(first, "Everybody’s posts"))
    assert set(headlines(everybody)) == {"Mine", "Theirs"}
    assert "By Bob" in words(everybody)
    assert headlines(browser.get(link(everybody, "Only mine"))) == ["Mine"]


def test_each_state_has_its_tab(desk, ada):
    a_post(by=ada, title="A draft")
    a_scheduled_post(by=ada, title="A plan")
    a_post(by=ada, title="A post", live=True)
    a_binned_post(by=ada, title="A mistake")
    assert set(headlines(desk.get("/write"))) == {"A draft", "A plan", "A post"}
    everything = desk.get("/write")
    for tab, title in (("Drafts", "A draft"), ("Scheduled", "A plan"), ("Live", "A post"), ("Bin", "A mistake")):
        answer = desk.get(link(everything, tab))
        assert headlines(answer) == [title]
        assert page(answer).select_one(".tabs [aria-current=page]").get_text() == tab


def test_a_plan_that_came_true_stands_under_live(desk, ada):
    a_scheduled_post(by=ada, title="A plan")
    with time_machine.travel(utcnow() + timedelta(days=2), tick=False):
        assert headlines(desk.get("/write?state=scheduled")) == []
        assert headlines(desk.get("/write?state=published")) == ["A plan"]


def test_the_desk_says_when_plans_come_true_on_the_sites_clock(sign_in, ada):
    the_site(time_zone="Asia/Kolkata")
    with time_machine.travel("2026-03-01T12:00:00+00:00", tick=False):
        a_post(by=ada, published_at=utcnow() + timedelta(hours=7))
        assert "Goes live 2 March, 00:30 , Asia/Kolkata" in words(sign_in(ada).get("/write"))


def test_an_unknown_state_is_a_404(desk):
    for state in ("x", "Draft", "draft'--", "%00"):
        assert desk.get(f"/write?state={state}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("wind", ["The WINDMILL"]),
        ("ÉCLAIR", ["L’éclair"]),
        ("100%", ["100% wool"]),
        ("_", ["snake_case"]),
        ("\\", ["back\\slash"]),
        ("  mill  ", ["The WINDMILL"]),
        ("nothing of it", []),
        ("\0", []),
    ],
)
def test_posts_are_found_by_words_of_their_title(desk, ada, typed, found):
    for title in ("The WINDMILL", "L’éclair", "100% wool", "snake_case", "back\\slash"):
        a_post(by=ada, title=title)
    a_post(title="Somebody else’s windmill, 100% _ \\")
    answer = desk.get("/write", query_string={"q": typed})
    assert headlines(answer) == found
    assert page(answer).select_one("[name=q]")["value"] == typed.strip().replace("\0", "\ufffd")
    if not found:
        assert "Nothing found" in words(answer)


def test_paging_keeps_the_state_and_the_words_asked_for(desk, ada):
    for n in range(30):
        a_post(by=ada, title=f"Kept {n}")
    a_post(by=ada, title="Other")
    a_post(by=ada, title="Kept live", live=True)
    first = desk.get("/write?state=draft&q=kept")
    second = desk.get(link(first, "Older posts"))
    assert len(headlines(first)) == 25
    assert len(headlines(second)) == 5
    assert not {"Other", "Kept live"} & {*headlines(first), *headlines(second)}
    assert desk.get("/write?before=x").status_code == 404


def test_the_desk_costs_as_many_queries_for_twenty_posts_as_for_one(desk, ada, queries):
    def cost():
        with queries() as seen:
            desk.get("/write")
        return len(seen)

    a_post(by=ada, tags=["x"], co_authors=[an_editor()])
    few = cost()
    for n in range(20):
        a_post(by=ada, tags=[f"t{n}"], co_authors=[an_editor()])
    assert cost() == few <= 8


def test_a_post_can_be_restored_from_the_list_of_the_bin(desk, ada):
    post = a_binned_post(by=ada, title="A mistake")
    form = page(desk.get("/write?state=binned")).select_one(f'form[action="/write/posts/{post.id}/restoration"]')
    sent = {control["name"]: control["value"] for control in form.select("input")}
    assert desk.post(form["action"], data=sent).status_code == 302
    assert headlines(desk.get("/write?state=draft")) == ["A mistake"]
