"""The desk for everybody: the whole way of a post by keys alone."""

import pytest
from sqlalchemy import select

from blog.database import db as the_db
from blog.models import Post
from browser.conftest import sync_api

expect = sync_api.expect


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
