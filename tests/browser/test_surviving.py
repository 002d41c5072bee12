"""Each way of losing a text, done in a real browser before the real server; and the text is found."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories import PASSWORD, a_post, an_admin, an_editor

from blog.database import db as the_db
from blog.models import LoginSession, Post
from browser.conftest import CHROMIUM, cookie_of, opened, sync_api, told, type_at_end, writing

expect = sync_api.expect
SAVED = "Saved to your working copy"


@pytest.fixture
def post(ada):
    post = a_post(by=ada, title="Tides", body="High water.\n\nLow water.")
    the_db.session.commit()
    return post.id


@pytest.fixture
def editor(desk, post):
    opened(desk, post)
    return desk


def body_of(post: int) -> str:
    the_db.session.rollback()
    return the_db.session.scalar(sa.select(Post).where(Post.id == post)).newest["body"]


def test_an_ended_session_and_the_old_token_after_it(site, browser_of):
    ada = an_editor(name="Ada", email="ada@example.com", password=PASSWORD)
    post = a_post(by=ada, title="Tides", body="High water.")
    the_db.session.commit()
    post = post.id
    page = browser_of(ada).new_page()
    opened(page, post)
    with writing():
        the_db.session.execute(sa.delete(LoginSession))
    type_at_end(page, " Low water.")
    told(page, "Not saved: you are signed out.")
    with page.context.expect_page() as popped:
        page.get_by_role("link", name="Sign in in another tab").click()
    tab = popped.value
    tab.fill("[name=email]", "ada@example.com")
    tab.fill("[name=password]", PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url("**/write")
    tab.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    told(page, SAVED)
    page.keyboard.press("Control+s")
    page.get_by_text("Saved. Readers do not see it yet.").wait_for()
    assert body_of(post) == "High water. Low water."


def test_a_lost_network(editor, post):
    editor.context.set_offline(True)
    type_at_end(editor, " Ebb.")
    told(editor, "Not saved: offline. The text is kept on this device.")
    editor.context.set_offline(False)
    told(editor, SAVED)


def test_a_server_that_is_killed_and_started_again(site, editor, post):
    site.stop()
    type_at_end(editor, " Ebb.")
    told(editor, "Not saved: the server does not answer. The text is kept on this device.")
    site.start()
    told(editor, SAVED)
    editor.keyboard.press("Control+s")
    editor.get_by_text("Saved. Readers do not see it yet.").wait_for()
    assert body_of(post) == "High water.\n\nLow water. Ebb."


def test_pressing_save_while_the_server_is_away(site, editor, post):
    site.stop()
    type_at_end(editor, " Ebb.")
    editor.keyboard.press("Control+s")
    editor.wait_for_timeout(500)
    site.start()
    opened(editor, post)
    editor.get_by_role("button", name="Take it").click()
    expect(editor.locator("#body")).to_have_value("High water.\n\nLow water. Ebb.")


def test_pressing_save_when_the_server_is_known_to_be_away_keeps_the_page(site, editor, post):
    site.stop()
    type_at_end(editor, " Ebb.")
    told(editor, "kept on this device")
    editor.keyboard.press("Control+s")
    editor.wait_for_timeout(500)
    expect(editor.locator("#body")).to_have_value("High water.\n\nLow water. Ebb.")
    site.start()
    editor.keyboard.press("Control+s")
    editor.get_by_text("Saved. Readers do not see it yet.").wait_for()
    assert body_of(post) == "High water.\n\nLow water. Ebb."


def test_a_page_left_by_mistake(editor, post):
    editor.on("dialog", lambda dialog: dialog.accept())
    type_at_end(editor, " Ebb.")
    editor.goto("/write")
    editor.go_back()
    editor.wait_for_selector(".toolbar")
    take = editor.get_by_role("button", name="Take it")
    if editor.input_value("#body") == "High water.\n\nLow water.":
        take.click()
    expect(editor.locator("#body")).to_have_value("High water.\n\nLow water. Ebb.")
    told(editor, "your working copy")


def test_two_tabs_of_one_person_lose_neither_text(editor, post):
    other = editor.context.new_page()
    opened(other, post)
    editor.bring_to_front()
    editor.fill("#body", "High water, first.\n\nLow water.")
    told(editor, SAVED)
    other.fill("#body", "High water.\n\nLow water, second.")
    told(other, SAVED)
    for page in (editor, other):
        page.locator("[data-save]").click()
        page.get_by_text("Readers do not see").first.wait_for()
    assert body_of(post) == "High water, first.\n\nLow water, second."


def test_two_people_on_the_same_sentence_meet_on_a_page_that_fills_in_the_result(editor, post, browser_of):
    with writing():
        grace = an_admin(name="Grace")
    other = browser_of(grace).new_page()
    opened(other, post)
    other.fill("#body", "High water at nine.\n\nLow water.")
    other.locator("[data-save]").click()
    other.get_by_text("Saved").first.wait_for()
    editor.fill("#body", "High water at ten.\n\nLow water.")
    editor.locator("[data-save]").click()
    result = editor.locator(".result").first
    expect(result).to_be_visible()
    editor.get_by_label("Mine", exact=True).check()
    assert "at ten" in result.input_value()
    assert "at nine" not in result.input_value()
    editor.get_by_label("Both, theirs first").check()
    assert result.input_value().index("at nine") < result.input_value().index("at ten")
    result.fill("High water about nine.")
    expect(editor.get_by_label("As it stands in the box")).to_be_checked()
    editor.get_by_label("Theirs", exact=True).check()
    assert "at nine" in result.input_value()
    editor.get_by_label("As it stands in the box").check()
    expect(result).to_have_value("High water about nine.")
    editor.get_by_role("button", name="Save the result").click()
    editor.wait_for_selector(".toolbar")
    assert body_of(post) == "High water about nine.\n\nLow water."


def test_a_title_too_long(editor, post):
    editor.fill("#title", "x" * 201)
    type_at_end(editor, " Ebb.")
    told(editor, SAVED)
    editor.keyboard.press("Control+s")
    editor.get_by_text("At most 200 characters; this has 201.").wait_for()
    expect(editor.locator("#body")).to_have_value("High water.\n\nLow water. Ebb.")
    expect(editor.locator("#title")).to_have_value("x" * 201)


def test_pressing_save_at_once_after_typing_leaves_no_older_text_behind(editor, post):
    editor.fill("#slug", "Not Good!")
    type_at_end(editor, " Ebb.")
    editor.locator("[data-save]").click()
    editor.get_by_text("Use small letters, digits and hyphens only.").wait_for()
    editor.fill("#slug", "good")
    type_at_end(editor, " Flood.")
    editor.locator("[data-save]").click()
    editor.get_by_text("Saved. Readers do not see it yet.").wait_for()
    expect(editor.locator("#body")).to_have_value("High water.\n\nLow water. Ebb. Flood.")
    opened(editor, post)
    expect(editor.locator("#body")).to_have_value("High water.\n\nLow water. Ebb. Flood.")
    assert body_of(post) == "High water.\n\nLow water. Ebb. Flood."


# A browser that is killed


@contextmanager
def chromium_process(profile: Path):
    """Chromium as a process of its own, with a profile that outlives it."""
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0"]
    told_at = profile / "DevToolsActivePort"
    told_at.unlink(missing_ok=True)
    process = subprocess.Popen(
        [*command, f"--user-data-dir={profile}"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, told_at
    finally:
        kill(process)


def kill(process) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def connected(playwright, told_at: Path):
    for _ in range(200):
        if told_at.exists() and told_at.read_text().count("\n"):
            break
        time.sleep(0.05)
    return playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{told_at.read_text().splitlines()[0]}")


def test_a_browser_that_is_killed(site, ada, post, playwright, tmp_path):
    profile = tmp_path / "profile"
    profile.mkdir()
    cookie = cookie_of(site, ada) | {"expires": 4_000_000_000}
    with chromium_process(profile) as (process, told_at):
        context = connected(playwright, told_at).contexts[0]
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{site.address}/write/posts/{post}")
        page.wait_for_selector(".toolbar")
        site.stop()
        type_at_end(page, " Ebb.")
        page.wait_for_timeout(700)
        kill(process)
    site.start()
    with chromium_process(profile) as (_process, told_at):
        context = connected(playwright, told_at).contexts[0]
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{site.address}/write/posts/{post}")
        page.get_by_role("button", name="Take it").click()
        expect(page.locator("#body")).to_have_value("High water.\n\nLow water. Ebb.")
