"""Others at one's post, in a real browser: who is there is told without a reload, and their pages hinder nobody."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from factories import a_post, an_editor

from blog.database import begin_writing, only_reading
from blog.database import db as the_db
from blog.models import PreviewLink, Review, ReviewComment

BODY = "The *first* thing.\n\n## A clock in the water\n\nThe second\nthing is a rather longer paragraph of words.\n"
NARROW = {"width": 360, "height": 740}


@pytest.fixture
def shared(site, ada):
    """A post of Ada and Grace, reviewed by Carl, with a guest."""
    begin_writing()
    the_db.session.add(ada)
    grace, carl = an_editor(name="Grace"), an_editor(name="Carl")
    post = a_post(by=ada, title="Tides", body=BODY)
    post.co_authors.append(grace)
    review = Review.ask(post, carl, by=ada, note="Is it true?")
    for words, place in (("Which one?", 3), ("Good.", None)):
        ReviewComment.add(review, words, by=carl, uid=uuid4(), paragraph=place)
    secret = PreviewLink.make(post, "saved", days=7, by=ada, uid=uuid4())
    the_db.session.flush()
    found = post.id, grace, carl, review.id, secret
    the_db.session.commit()
    only_reading.set(True)
    return found


def test_who_comes_and_goes_is_told_while_one_writes(desk, browser_of, shared):
    post_id, grace, *_ = shared
    path = f"/write/posts/{post_id}"
    desk.goto(path)
    other = browser_of(grace).new_page()
    other.goto(path)
    assert "Ada" in other.locator(".presence").inner_text()
    desk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as at every sign of life
    desk.locator(".presence", has_text="Grace").wait_for()
    other.goto("/write")
    desk.wait_for_timeout(500)
    desk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    desk.locator(".presence", has_text="Grace").wait_for(state="hidden")


def pages_of(shared) -> list[str]:
    post_id, _, _, review, secret = shared
    at = f"/write/posts/{post_id}"
    below = [at, f"{at}/preview-links", f"{at}/reviews", f"{at}/revisions"]
    return [*below, f"/write/reviews/{review}", "/write/reviews", "/write/reviews?whose=mine", f"/preview/{secret}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_reviews_links_and_people_have_no_barriers(browser_of, ada, shared, scheme):
    axe, page = Axe(), browser_of(ada, viewport=NARROW, color_scheme=scheme, bypass_csp=True).new_page()
    for path in pages_of(shared):
        page.goto(path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        found = axe.run(page)
        assert found.violations_count == 0, (path, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_review_is_read_commented_and_approved_without_scripts_by_keyboard_alone(browser_of, shared):
    _, _, carl, review, _ = shared
    page = browser_of(carl, java_script_enabled=False).new_page()
    page.goto(f"/write/reviews/{review}")
    page.get_by_role("link", name="Comment on paragraph 1").press("Enter")
    assert page.locator("[name=paragraph]").input_value() == "1"
    page.locator("[name=words]").first.focus()
    page.keyboard.type("First of how many?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#site-p1", has_text="First of how many?").wait_for()
    page.get_by_role("button", name="Approve").press("Enter")
    page.get_by_text("Revision 1 is approved.").wait_for()
