"""The toolbar, the keys, and lists that go on by themselves."""

import pytest

BODY = "#body"


@pytest.fixture
def new(desk):
    """The page for a new post, its text in focus."""
    desk.goto("/write/posts/new")
    desk.wait_for_selector(".toolbar")
    desk.focus(BODY)
    return desk


def type_out(page, text: str) -> None:
    """As keys, with the selection where the text has |, or between two of them."""
    page.fill(BODY, text.replace("|", ""))
    first, last = text.find("|"), text.rfind("|") - (text.count("|") > 1)
    page.evaluate("([a, b]) => document.querySelector('#body').setSelectionRange(a, b)", [first, last])


def shown(page) -> str:
    """The text, with | at each end of what is selected."""
    value, start, end = page.evaluate(
        "() => { const t = document.querySelector('#body'); return [t.value, t.selectionStart, t.selectionEnd] }"
    )
    return value[:start] + ("|" if start == end else f"|{value[start:end]}|") + value[end:]


@pytest.mark.parametrize(
    ("button", "before", "after"),
    [
        ("Bold", "one |two| three", "one **|two|** three"),
        ("Bold", "one **|two|** three", "one |two| three"),
        ("Bold", "one tw|o three", "one **|two|** three"),
        ("Bold", "one | three", "one **|** three"),
        ("Bold", "one *|two|*", "one ***|two|***"),
        ("Bold", "one| two |three", "one **|two|** three"),
        ("Italic", "one |two|", "one *|two|*"),
        ("Italic", "one ***|two|***", "one **|two|**"),
        ("Italic", "one **|two|**", "one ***|two|***"),
        ("Code", "a |b| c", "a `|b|` c"),
        ("Code", "a `|b|` c", "a |b| c"),
        ("Code", "|a\nb|", "```|\na\nb\n```"),
        ("H2, heading", "a\nTi|tle", "a\n## Ti|tle"),
        ("H2, heading", "## Ti|tle", "### Ti|tle"),
        ("H2, heading", "### Ti|tle", "Ti|tle"),
        ("Quotation", "|a\nb|\nc", "|> a\n> b|\nc"),
        ("Quotation", "|> a\n> b|", "|a\nb|"),
        ("List", "|a\nb|", "|- a\n- b|"),
        ("List", "|- a\n- b|", "|a\nb|"),
        ("List", "a|", "- a|"),
        ("1. Numbered list", "|- a\n- b|", "|1. a\n2. b|"),
        ("Task list", "|1. a\n2. b|", "|- [ ] a\n- [ ] b|"),
        ("List", "|- [x] a\n- [ ] b|", "|- a\n- b|"),
        ("Footnote", "It is so.|", "It is so.^[|]"),
    ],
)
def test_a_button_formats_what_is_selected_or_takes_the_format_away(new, button, before, after):
    type_out(new, before)
    new.get_by_role("button", name=button, exact=True).click()
    assert shown(new) == after


def test_a_table_begins_in_a_paragraph_of_its_own_with_its_first_cell_selected(new):
    new.fill(BODY, "a")
    new.get_by_role("button", name="Table", exact=True).click()
    new.keyboard.type("Tide")
    assert new.input_value(BODY) == "a\n\n| Tide | Column |\n| --- | --- |\n| Words | Words |"


def test_the_keys_of_bold_and_italic_work_and_undo_takes_them_back(new):
    new.keyboard.type("word")
    new.keyboard.press("Control+Shift+ArrowLeft")
    new.keyboard.press("Control+b")
    assert shown(new) == "**|word|**"
    new.keyboard.press("Control+i")
    assert shown(new) == "***|word|***"
    new.keyboard.press("Control+z")
    new.keyboard.press("Control+z")
    assert new.input_value(BODY) == "word"


@pytest.mark.parametrize(
    ("line", "typed", "after"),
    [
        ("- a|", "b", "- a\n- b|"),
        ("* a|", "b", "* a\n* b|"),
        ("3. a|", "b", "3. a\n4. b|"),
        ("- [x] a|", "b", "- [x] a\n- [ ] b|"),
        ("> a|", "b", "> a\n> b|"),
        ("> - a|", "b", "> - a\n> - b|"),
        ("- a|b", "", "- a\n- |b"),
        ("- a\n- |", "b", "- a\nb|"),
        ("> a\n> |", "b", "> a\nb|"),
        ("plain|", "b", "plain\nb|"),
        ("```\n- a|", "b", "```\n- a\nb|"),
        ("|- a", "", "\n|- a"),
    ],
)
def test_enter_goes_on_with_a_list_or_ends_it(new, line, typed, after):
    type_out(new, line)
    new.keyboard.press("Enter")
    new.keyboard.type(typed)
    assert shown(new) == after


def test_tab_moves_items_and_only_them_and_escape_lets_the_next_tab_out(new):
    type_out(new, "- a\n- b|")
    new.keyboard.press("Tab")
    assert shown(new) == "- a\n  - b|"
    new.keyboard.press("Shift+Tab")
    assert shown(new) == "- a\n- b|"
    new.keyboard.press("Escape")
    assert "Tab leaves" in new.get_by_role("status").last.inner_text()
    new.keyboard.press("Tab")
    assert new.evaluate("document.activeElement.id") != "body"
    type_out(new, "plain|")
    new.focus(BODY)
    new.keyboard.press("Tab")
    assert new.evaluate("document.activeElement.id") != "body"
    assert new.input_value(BODY) == "plain"


def test_the_toolbar_is_one_stop_and_the_arrows_go_through_it(new):
    new.keyboard.press("Shift+Tab")
    names = []
    for _ in range(3):
        names.append(new.evaluate("document.activeElement.getAttribute('aria-label')"))
        new.keyboard.press("ArrowRight")
    assert names == ["Bold", "Italic", "H2, heading"]
    new.keyboard.press("Home")
    new.keyboard.press("ArrowLeft")
    assert new.evaluate("document.activeElement.dataset.format") == "preview"
    new.keyboard.press("Shift+Tab")
    assert new.evaluate("document.activeElement.id") == "title"


def test_control_s_saves(new):
    new.fill("#title", "Tides")
    new.keyboard.press("Control+s")
    new.wait_for_url("**/write/posts/1")
    assert new.input_value("#title") == "Tides"


def test_full_screen_leaves_the_text_alone_until_escape(new):
    new.keyboard.press("Control+Shift+f")
    assert not new.locator(".topbar").is_visible()
    assert not new.locator(".aside").is_visible()
    new.keyboard.type("on my own")
    new.keyboard.press("Escape")
    new.locator(".topbar").wait_for()
    assert new.input_value(BODY) == "on my own"


def test_without_scripts_there_is_no_button_that_does_nothing(browser_of, ada):
    page = browser_of(ada, java_script_enabled=False).new_page()
    page.goto("/write/posts/new")
    assert page.locator(".toolbar, .preview").count() == 0
    page.fill(BODY, "Words.")
    page.get_by_role("button", name="Save the draft").click()
    assert page.input_value(BODY) == "Words."
