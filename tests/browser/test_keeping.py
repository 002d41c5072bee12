"""Nothing typed is lost: the working copy on the server, and the copy on the device for when there is none."""

import json
import re
from urllib.parse import parse_qsl

import pytest
from factories import a_post, an_admin

from blog.database import db as the_db
from browser.conftest import cookie_of, opened, sync_api, told, type_at_end, writing


class WorkingCopies:
    """What the page sends to keep its text. The server answers, unless the test does, or the network is away."""

    def __init__(self, page) -> None:
        self.sent: list[dict[str, str]] = []
        self.answer: tuple[int, dict] | None = None
        self.is_away = False
        self.session: tuple[int, dict] = (401, {"error": "signed out"})
        page.route("**/working-copy", self.working_copy)
        page.route("**/write/session", lambda route: self.fulfil(route, *self.session))

    def working_copy(self, route) -> None:
        self.sent.append(fields_of(route.request))
        if self.answer or self.is_away:
            self.fulfil(route, *(self.answer or (0, {})))
        else:
            route.continue_()

    def fulfil(self, route, status: int, answer: dict) -> None:
        if self.is_away:
            route.abort("connectionrefused")
        else:
            route.fulfill(status=status, content_type="application/json", body=json.dumps(answer))


def fields_of(request) -> dict[str, str]:
    """What a form sent, in either of the two ways."""
    body = (request.post_data_buffer or b"").decode()
    if "urlencoded" in request.headers["content-type"]:
        return dict(parse_qsl(body, keep_blank_values=True))
    parts = re.findall(r'name="([^"]+)"\r\n\r\n(.*?)\r\n--', body, flags=re.DOTALL)
    return dict(parts)


@pytest.fixture
def copies(desk):
    return WorkingCopies(desk)


@pytest.fixture
def post(ada):
    post = a_post(by=ada, title="Tides", body="High water.")
    the_db.session.commit()
    return post.id


@pytest.fixture
def editor(desk, copies, post):
    opened(desk, post)
    return desk


def test_a_moment_after_typing_the_working_copy_is_saved_and_the_page_says_so(editor, copies):
    type_at_end(editor, " Low water.")
    told(editor, "Saved to your working copy at ")
    line = editor.locator(".saved").inner_text()
    assert re.fullmatch(r"Saved to your working copy at \d\d:\d\d:\d\d. Readers do not see it yet.", line)
    (sent,) = copies.sent
    assert (sent["body"], sent["title"], sent["seq"]) == ("High water. Low water.", "Tides", "1")
    editor.fill("#title", "Tide")
    sync_api.expect(editor.locator("[name=seq]")).to_have_value("2")


def test_what_is_typed_while_a_save_is_on_its_way_is_saved_after_it(editor, copies):
    type_at_end(editor, " One.")
    sync_api.expect(editor.locator("[name=seq]")).to_have_value("1")
    editor.keyboard.type(" Two.")
    sync_api.expect(editor.locator("[name=seq]")).to_have_value("2")
    told(editor, "Saved to your working copy")
    assert copies.sent[-1]["body"] == "High water. One. Two."


def test_a_new_post_becomes_a_draft_that_the_page_goes_on_with(desk, copies):
    desk.goto("/write/posts/new")
    desk.fill("#title", "Tides")
    told(desk, "Saved to your working copy")
    assert desk.url.endswith("/write/posts/1")
    assert desk.get_attribute(".editor", "action") == "/write/posts/1"
    assert desk.locator("[formaction^='/write/posts/1/']").count() > 0
    assert desk.locator("[formaction*='/new']").count() == 0
    assert desk.input_value("[name=base]") == "1"
    type_at_end(desk, "High water.")
    sync_api.expect(desk.locator("[name=seq]")).to_have_value("4")
    told(desk, "Saved to your working copy")
    opened(desk, 1)
    assert (desk.input_value("#title"), desk.input_value("#body")) == ("Tides", "High water.")


def test_while_the_network_is_away_the_text_is_kept_here_and_saved_when_it_is_back(editor, copies):
    copies.is_away = True
    type_at_end(editor, " Low water.")
    told(editor, "Not saved: the server does not answer. The text is kept on this device.")
    assert "Not saved" in editor.get_by_role("status").last.inner_text()
    copies.is_away = False
    told(editor, "Saved to your working copy")
    assert "Saved again" in editor.get_by_role("status").last.inner_text()


def test_after_a_crash_the_text_of_this_device_is_offered_with_a_comparison(site, editor, post):
    again = editor.context.new_page()
    site.stop()
    type_at_end(editor, " Low water.")
    told(editor, "Not saved: the server does not answer. The text is kept on this device.")
    editor.close()
    site.start()
    opened(again, post)
    notice = again.locator(".kept")
    assert "that the server does not" in notice.inner_text()
    assert again.input_value("#body") == "High water."
    notice.get_by_role("button", name="Compare").click()
    assert notice.locator("ins").all_inner_texts() == [" ", "Low", " ", "water", "."]
    notice.get_by_role("button", name="Take it").click()
    assert again.input_value("#body") == "High water. Low water."
    notice.get_by_role("button", name="Put back").click()
    assert again.input_value("#body") == "High water."


def test_a_text_taken_from_the_device_goes_to_the_server_and_is_not_offered_again(site, editor, post):
    again = editor.context.new_page()
    site.stop()
    editor.fill("#title", "Low tides")
    told(editor, "kept on this device")
    editor.close()
    again.wait_for_timeout(1000)  # for the last request of the page, which must find nobody
    site.start()
    copies = WorkingCopies(again)
    opened(again, post)
    again.get_by_role("button", name="Take it").click()
    told(again, "Saved to your working copy")
    assert copies.sent[-1]["title"] == "Low tides"
    opened(again, post)
    again.wait_for_timeout(300)
    assert not again.locator(".kept").is_visible()


def test_typing_and_leaving_at_once_loses_nothing(editor, copies, post):
    copies.is_away = True
    editor.on("dialog", lambda dialog: dialog.accept())
    type_at_end(editor, "!")
    editor.goto("/write")
    opened(editor, post)
    if editor.input_value("#body") != "High water.!":  # where the request that went out with the page did not arrive
        editor.get_by_role("button", name="Take it").click()
    assert editor.input_value("#body") == "High water.!"


def test_what_is_discarded_is_gone(site, editor, post):
    again = editor.context.new_page()
    site.stop()
    type_at_end(editor, "!")
    told(editor, "kept on this device")
    editor.close()
    site.start()
    opened(again, post)
    again.get_by_role("button", name="Discard it").click()
    opened(again, post)
    again.wait_for_timeout(300)
    assert again.locator(".kept").count() == 0


def test_another_person_on_the_same_device_is_shown_nothing_of_it(site, editor, post):

    again = editor.context.new_page()
    with writing():
        bob = an_admin(name="Bob")
    site.stop()
    type_at_end(editor, " My secret.")
    told(editor, "kept on this device")
    editor.close()
    site.start()
    editor.context.add_cookies([cookie_of(site, bob)])
    opened(again, post)
    again.wait_for_timeout(300)
    assert again.locator(".kept").count() == 0
    assert again.input_value("#body") == "High water."


def test_an_old_token_is_renewed_for_the_same_person_without_a_word(editor, copies, ada):
    copies.answer = (400, {"error": "token"})
    copies.session = (200, {"person": ada.id, "name": "Ada", "token": "fresh"})

    def put_right(_request):
        if len(copies.sent) == 1:
            copies.answer = None

    editor.on("requestfinished", put_right)
    type_at_end(editor, "!")
    told(editor, "Saved to your working copy")
    assert copies.sent[-1]["csrf_token"] == "fresh"
    assert {field.input_value() for field in editor.locator("[name=csrf_token]").all()} == {"fresh"}


def test_somebody_signed_out_is_told_where_to_sign_in_and_it_goes_on_by_itself(editor, copies, ada):
    copies.answer = (401, {"error": "signed out"})
    type_at_end(editor, "!")
    told(editor, "Not saved: you are signed out. Sign in in another tab, then it goes on by itself.")
    link = editor.get_by_role("link", name="Sign in in another tab")
    assert link.get_attribute("target") == "_blank"
    copies.answer, copies.session = None, (200, {"person": ada.id, "name": "Ada", "token": "fresh"})
    editor.evaluate("window.dispatchEvent(new Event('focus'))")
    told(editor, "Saved to your working copy")


def test_the_text_is_not_saved_as_somebody_else(editor, copies, ada):
    copies.answer = (401, {"error": "signed out"})
    copies.session = (200, {"person": ada.id + 1, "name": "Grace", "token": "fresh"})
    type_at_end(editor, "!")
    told(editor, "Not saved: Grace is signed in in this browser now, and this text is not theirs.")
    assert len(copies.sent) == 1
    assert editor.input_value("[name=csrf_token] >> nth=0") != "fresh"


def test_what_is_wrong_with_a_field_is_told_and_the_working_copy_kept(editor, copies):
    faults = {"title": "At most 200 characters; this has 201."}
    copies.answer = (422, {"errors": faults, "seq": 1, "saved_at": "12:04:31"})
    editor.fill("#title", "x" * 201)
    told(editor, "Title: At most 200 characters; this has 201.")
    told(editor, "Saved to your working copy")
    copies.answer = (422, {"errors": {"body": "At most 1,000,000 characters; this has 1,000,001."}})
    type_at_end(editor, "!")
    told(editor, "Not saved: Text, in Markdown: At most 1,000,000 characters")


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (503, {"error": "busy"}, "Not saved: the server is busy, and will be asked again. The text is kept"),
        (429, {"error": "busy"}, "Not saved: the server is busy"),
        (
            500,
            {"error": "broken"},
            "Not saved: something broke on the server, which will be asked again. The text is kept on this device.",
        ),
        (404, {"error": "gone"}, "Not saved: this post is gone, or no longer yours to change. The text is kept"),
        (
            409,
            {"error": "You have 100 unsaved versions."},
            "Not saved: You have 100 unsaved versions. The text is kept",
        ),
    ],
)
def test_whatever_the_server_says_the_page_tells_and_asks_again(editor, copies, status, answer, words):
    copies.answer = (status, answer)
    type_at_end(editor, "!")
    told(editor, words)
    copies.answer = None
    told(editor, "Saved to your working copy")


def test_others_who_have_it_open_and_what_they_saved_are_told_once(editor, copies):
    told_of = {"name": "Grace", "since": "11:58"}
    moved = {"by": "Grace", "revision": 6, "at": "12:03"}
    usual = {"saved_at": "12:05:00", "seq": 1, "revision": 6}
    copies.answer = (200, usual | {"presence": [told_of], "moved": moved})
    type_at_end(editor, "!")
    line = editor.locator(".presence")
    line.get_by_text("Grace has had this post open since 11:58.").wait_for()
    assert "Grace saved revision 6 at 12:03." in line.inner_text()
    copies.answer = (200, usual | {"presence": [], "moved": None})
    editor.keyboard.type("!")
    line.wait_for(state="hidden")


def test_leaving_asks_only_while_the_server_does_not_have_the_text(editor, copies, post):
    asked = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    type_at_end(editor, "!")
    told(editor, "Saved to your working copy")
    editor.goto("/write")
    assert asked == []
    opened(editor, post)
    copies.is_away = True
    type_at_end(editor, "!")
    editor.goto("/write")
    assert asked == ["beforeunload"]


def test_saving_by_the_button_asks_nothing_and_leaves_nothing_on_the_device(editor, copies):
    copies.is_away = True
    asked = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    type_at_end(editor, " Low water.")
    editor.keyboard.press("Control+s")
    editor.wait_for_load_state("load")
    editor.get_by_text("Saved. Readers do not see it yet.").wait_for()
    editor.wait_for_timeout(300)
    assert asked == []
    assert editor.locator(".kept").count() == 0
    assert editor.input_value("#body") == "High water. Low water."
