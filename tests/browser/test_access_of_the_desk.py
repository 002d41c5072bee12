"""Every page of the desk for everybody: judged by axe, and the whole way of a post by keys alone."""

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, an_admin
from picture_files import a_file
from sqlalchemy import select

from blog.database import db as the_db
from blog.models import Post
from browser.conftest import sync_api, writing
from browser.test_access import BODY, faults

expect = sync_api.expect
LOOKS = {
    "wide and light": {"viewport": {"width": 1280, "height": 900}},
    "narrow and dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}


@pytest.fixture
def post(ada):
    """A live post that has changed since, and neighbours in every other state."""
    a_scheduled_post(by=ada, title="Soon")
    a_binned_post(by=ada, title="Binned")
    made = a_post(by=ada, title="Tides", body=BODY, live=True, tags=["Tides"])
    made.revise(base=1, by=ada, waits=True, title="High tides", body=BODY.replace("Some", "Many"), tags=["Water"])
    the_db.session.commit()
    return made.id


def clashed(page, other, post: int) -> None:
    """Lead the page to the one where two versions meet."""
    for one in (other, page):
        one.goto(f"/write/posts/{post}")
    for one, word in ((other, "Theirs"), (page, "Mine")):
        one.fill("#body", f"{word} altogether.")
        one.fill("#title", word)
        one.locator("[data-save]").click()
        one.wait_for_load_state()


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page_of_the_desk(browser_of, ada, post, look):
    with writing():
        boss = an_admin(name="Boss")
    page = browser_of(ada, **LOOKS[look]).new_page()
    page.goto("/write/media")
    page.set_input_files("input[type=file]", {"name": f"{'s' * 300}.png", "mimeType": "image/png", "buffer": a_file()})
    page.get_by_role("button", name="Upload").click()
    at = f"/write/posts/{post}"
    paths = ["/write", "/write?state=changed", "/write?state=binned", "/write/posts/new", at, f"{at}/revisions"]
    paths += [f"{at}/revisions/1", f"{at}/comparison?from=live&to=2", f"{at}/preview", "/write/media"]
    paths += ["/write/media?missing=alt", "/write/media/1"]
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = faults(page)
    clashed(page, browser_of(boss).new_page(), post)
    expect(page.locator("h1")).to_have_text("Boss changed the same place")
    found["the page where two versions meet"] = faults(page)
    assert not {path: some for path, some in found.items() if some}


def tab_to(page, locator, most: int = 80) -> None:
    """Go on by the Tab key until this has the focus."""
    for _ in range(most):
        if locator.evaluate("here => here === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{locator} is not reached by the keyboard")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_post_is_begun_written_published_changed_and_taken_back_by_keys_alone(browser_of, ada, scripts):
    page = browser_of(ada, java_script_enabled=scripts).new_page()
    page.goto("/write")
    tab_to(page, page.get_by_role("link", name="New post"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/write/posts/new")
    tab_to(page, page.locator("#title"))
    page.keyboard.type("By keys alone")
    tab_to(page, page.locator("#body"))
    page.keyboard.type("Some words.")
    page.keyboard.press("Escape")
    tab_to(page, page.get_by_role("button", name="Publish", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator(".notice--good")).to_contain_text("Published")
    tab_to(page, page.locator("#body"))
    page.keyboard.press("Control+End")
    page.keyboard.type(" And more.")
    page.keyboard.press("Escape")
    tab_to(page, page.get_by_role("button", name="Publish the changes"))
    page.keyboard.press("Enter")
    expect(page.locator(".notice--good")).to_contain_text("Published")
    tab_to(page, page.get_by_role("button", name="Unpublish"))
    page.keyboard.press("Enter")
    expect(page.locator(".notice--good")).to_contain_text("Unpublished")
    the_db.session.rollback()
    made = the_db.session.scalars(select(Post)).one()
    assert (made.title, made.body, made.published_at) == ("By keys alone", "Some words. And more.", None)
