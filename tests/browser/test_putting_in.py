"""What is pasted, dropped, linked and suggested."""

import json
import re

import pytest
from factories import a_post
from picture_files import a_file

from blog.database import db as the_db
from browser.conftest import sync_api

expect = sync_api.expect


@pytest.fixture
def new(desk):
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto("/write/posts/new")
    desk.wait_for_selector(".toolbar")
    desk.focus("#body")
    return desk


def text(page):
    return page.locator("#body")


def copy(page, html: str, plain: str) -> None:
    page.evaluate(
        """async ([html, plain]) => navigator.clipboard.write([new ClipboardItem({
            "text/html": new Blob([html], { type: "text/html" }),
            "text/plain": new Blob([plain], { type: "text/plain" }),
        })])""",
        [html, plain],
    )


RICH = ("<p>Some <b>bold</b> and <a href='https://example.com/'>a link</a>.</p>", "Some bold and a link.")
AS_MARKDOWN = "Some **bold** and [a link](https://example.com/)."


def test_rich_text_is_pasted_as_markdown_and_undo_takes_it_back(new):
    copy(new, *RICH)
    new.keyboard.type("Before ")
    new.keyboard.press("Control+v")
    expect(text(new)).to_have_value("Before " + AS_MARKDOWN)
    new.keyboard.type(" After")
    expect(text(new)).to_have_value(f"Before {AS_MARKDOWN} After")
    for _ in range(3):
        new.keyboard.press("Control+z")
    assert "**" not in new.input_value("#body")


def test_with_shift_it_is_pasted_plain(new):
    copy(new, *RICH)
    new.keyboard.press("Control+Shift+v")
    new.wait_for_timeout(500)
    assert new.input_value("#body") == RICH[1]


def test_what_is_typed_while_the_paste_is_turned_into_markdown_stays(new):
    copy(new, *RICH)
    held = []
    new.route("**/write/markdown", lambda route: held.append(route) or None)
    new.keyboard.press("Control+v")
    expect(text(new)).to_have_value(RICH[1])
    new.keyboard.type("!?")
    new.wait_for_timeout(100)
    held[0].continue_()
    expect(text(new)).to_have_value(AS_MARKDOWN + "!?")


def test_where_the_server_cannot_help_the_plain_text_is_there(new):
    copy(new, *RICH)
    new.route("**/write/markdown", lambda route: route.abort())
    new.keyboard.press("Control+v")
    new.get_by_role("status").filter(has_text="Pasted as plain text.").wait_for(state="attached")
    assert new.input_value("#body") == RICH[1]


def test_code_and_very_long_html_are_pasted_plain(new):
    new.route("**/write/markdown", lambda route: pytest.fail("asked"))
    copy(new, "<div><span>x = 1</span></div>", "x = 1")
    new.keyboard.press("Control+v")
    assert new.input_value("#body") == "x = 1"
    copy(new, "<b>" + "x" * 1_000_001 + "</b>", "long")
    new.keyboard.press("Control+a")
    new.keyboard.press("Control+v")
    assert new.input_value("#body") == "long"


def test_an_address_pasted_over_words_makes_them_a_link(new):
    new.keyboard.type("the tide")
    copy(new, "<a href='https://example.com/'>x</a>", "https://example.com/a_(b)")
    new.keyboard.press("Control+a")
    new.keyboard.press("Control+v")
    assert new.input_value("#body") == "[the tide](<https://example.com/a_(b)>)"


# Pictures


def drop(page, *names: str, kind: str = "image/png") -> None:
    content = list(a_file())
    page.evaluate(
        """([names, kind, content]) => {
            const data = new DataTransfer();
            for (const name of names) data.items.add(new File([new Uint8Array(content)], name, { type: kind }));
            const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data });
            document.querySelector("#body").dispatchEvent(event);
        }""",
        [list(names), kind, content],
    )


class Library:
    def __init__(self, page) -> None:
        self.waiting: list = []
        page.route("**/write/media", lambda route: self.waiting.append(route) or None)

    def answer(self, page, status: int, answer: dict, n: int = 0) -> None:
        for _ in range(100):
            if len(self.waiting) > n:
                break
            page.wait_for_timeout(50)
        self.waiting[n].fulfill(status=status, content_type="application/json", body=json.dumps(answer))


def test_dropped_pictures_keep_their_place_until_they_are_there(new):
    library = Library(new)
    new.keyboard.type("Before ")
    drop(new, "low [tide].png", "high.png")
    assert len(re.findall(r"!\[Uploading [^\]]+…\]\(\)", new.input_value("#body"))) == 2
    expect(new.get_by_role("progressbar")).to_have_count(2)
    library.answer(new, 201, {"markdown": "![](/media/a.png)"}, 0)
    library.answer(new, 201, {"markdown": "![](/media/b.png)"}, 1)
    expect(text(new)).to_have_value("Before \n\n![](/media/a.png)\n\n![](/media/b.png)")
    expect(new.locator(".uploads li")).to_have_count(0)


def test_a_picture_that_is_refused_leaves_the_text_and_says_why(new):
    library = Library(new)
    new.keyboard.type("Text. ")
    drop(new, "tide.png")
    library.answer(new, 422, {"error": "It has more than 40 million pixels."})
    expect(text(new)).to_have_value("Text. ")
    expect(new.locator(".uploads")).to_contain_text("tide.png was not taken: It has more than 40 million pixels.")
    new.get_by_role("button", name="Dismiss").click()
    expect(new.locator(".uploads li")).to_have_count(0)


def test_what_is_no_picture_is_refused_without_being_sent(new):
    new.route("**/write/media", lambda route: pytest.fail("sent"))
    drop(new, "notes.txt", kind="text/plain")
    expect(new.locator(".uploads")).to_contain_text("notes.txt is no picture.")
    assert new.input_value("#body") == ""


def test_an_upload_can_be_given_up(new):
    Library(new)
    drop(new, "tide.png")
    new.get_by_role("button", name="Cancel tide.png").click()
    expect(new.locator(".uploads")).to_contain_text("tide.png was cancelled.")
    assert new.input_value("#body") == ""


def test_a_picture_is_uploaded_chosen_again_from_the_library_and_seen_in_the_preview(new, tmp_path):
    file = tmp_path / "tide.png"
    file.write_bytes(a_file())
    button = new.get_by_role("button", name="Image", exact=True)
    button.click()
    new.get_by_label("New pictures from this device").set_input_files(file)
    expect(text(new)).to_have_value(re.compile(r"^!\[\]\(/media/\S+\.png\)$"))
    address = new.input_value("#body")[4:-1]
    new.keyboard.type("\n\n")
    button.click()
    new.get_by_label("Or search the library").fill("")
    new.locator(".shelf button").click()
    expect(text(new)).to_have_value(f"![]({address})\n\n![]({address})")
    expect(new.locator(".preview img")).to_have_count(2)
    assert new.locator(".preview img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


# Links and tags


@pytest.fixture
def posts(ada):
    a_post(by=ada, title="The tide table", slug="table", live=True, tags=["Tides", "Low tide"])
    a_post(by=ada, title="Swifts", slug="swifts", tags=["Birds"])
    the_db.session.commit()


def test_control_k_finds_a_post_and_links_the_selected_words(new, posts):
    new.keyboard.type("see this")
    new.keyboard.press("Control+Shift+ArrowLeft")
    new.keyboard.press("Control+k")
    field = new.get_by_role("combobox", name="Address, or words of a title")
    expect(field).to_be_focused()
    new.keyboard.type("tide")
    expect(field).to_have_attribute("aria-expanded", "true")
    new.keyboard.press("ArrowDown")
    chosen = new.locator(".suggestions [aria-selected=true]")
    expect(chosen).to_contain_text("The tide table")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    new.keyboard.press("Enter")
    expect(field).to_have_value("/posts/table")
    new.keyboard.press("Enter")
    expect(text(new)).to_have_value("see [this](/posts/table)")
    expect(text(new)).to_be_focused()


def test_two_brackets_ask_for_a_link_and_escape_leaves_them(new, posts):
    new.keyboard.type("see [[")
    expect(new.get_by_role("dialog")).to_be_visible()
    new.keyboard.type("swif")
    new.get_by_role("option", name="Swifts").click()
    new.get_by_role("button", name="Put it in").click()
    expect(text(new)).to_have_value("see [Swifts](/posts/swifts)")
    new.keyboard.type(" [[")
    new.keyboard.press("Escape")
    expect(text(new)).to_be_focused()
    expect(text(new)).to_have_value("see [Swifts](/posts/swifts) [[")


def test_tags_are_suggested_one_after_another(new, posts):
    field = new.get_by_label("Tags", exact=True).first
    field.press_sequentially("tid")
    expect(new.locator(".suggestions:not([hidden]) li")).to_have_text(["Tides", "Low tide"])
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Tides, ")
    field.press_sequentially("tid")
    expect(new.locator(".suggestions:not([hidden]) li")).to_have_text(["Low tide"])
    field.press("Escape")
    expect(new.locator(".suggestions:not([hidden]) li")).to_have_count(0)
    expect(field).to_have_value("Tides, tid")


def test_the_outline_jumps_to_a_heading(new):
    long = "\n\n".join(f"Words of paragraph {n}." for n in range(200))
    new.fill("#body", f"## First\n\n{long}\n\n```\n## no heading\n```\n\n### Second *one*\n\nEnd.")
    new.get_by_text("Outline", exact=True).click()
    expect(new.locator("#outline li")).to_have_text(["First", "Second one"])
    new.get_by_role("button", name="Second one").click()
    expect(text(new)).to_be_focused()
    assert new.evaluate("document.querySelector('#body').scrollTop") > 1000
    assert (
        new.evaluate("(t => t.value.slice(t.selectionStart, t.selectionStart + 4))(document.querySelector('#body'))")
        == "### "
    )
