"""The editor page for everybody: judged by axe in each of its states, narrow, dark, in forced colours, and by keys."""

import pytest
from factories import a_post

from blog.database import db as the_db
from browser.conftest import sync_api

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="NOT JUDGED: there is no axe here")
expect = sync_api.expect
LOOKS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 360, "height": 740}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow and dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
    "forced colours": {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
}
BODY = """## Title

Some *words* and a [link](/about).

- [x] done

| a | b |
| - | - |
| 1 | 2 |

```py
x = 1
```
"""


def faults(page) -> list[str]:
    found = axe.Axe().run(page).response["violations"]
    if page.evaluate("matchMedia('(forced-colors: active)').matches"):
        found = [one for one in found if one["id"] != "color-contrast"]  # the colours are the person's own
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found] + ["too wide"] * (wide > 0)


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_in_any_state_of_the_editor(browser_of, site, ada, look):
    post = a_post(by=ada, title="Tides", body=BODY, live=True, tags=["Tides"])
    the_db.session.commit()
    address = f"/write/posts/{post.id}"
    page = browser_of(ada, **LOOKS[look]).new_page()
    page.goto(address)
    page.wait_for_selector(".toolbar")
    seen = {"as it comes": faults(page)}
    if not page.locator(".preview").is_visible():
        page.get_by_role("button", name="Preview beside the text").click()
    page.locator(".preview table").wait_for()
    seen["with the preview"] = faults(page)
    if "narrow" in look:
        page.get_by_role("button", name="Preview beside the text").click()
    page.get_by_text("Outline", exact=True).click()
    page.get_by_label("Tags", exact=True).first.press_sequentially(", tid")
    page.wait_for_timeout(400)
    seen["with the outline and suggested tags"] = faults(page)
    page.locator("#body").press("Control+k")
    page.keyboard.type("tid")
    page.locator(".asking .suggestions li").first.wait_for()
    seen["while a link is asked for"] = faults(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Image", exact=True).click()
    page.get_by_text("No picture is described so.").wait_for()
    seen["while a picture is chosen"] = faults(page)
    page.keyboard.press("Escape")
    page.locator("#body").press("Control+Shift+f")
    seen["in full screen"] = faults(page)
    page.keyboard.press("Escape")
    site.stop()
    page.locator("#body").press_sequentially(" More words.")
    page.locator(".saved", has_text="kept on this device").wait_for()
    seen["while the server is away"] = faults(page)
    again = page.context.new_page()
    # Or the last words of the page that closes reach the server that is back, and the device has nothing more than it.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')); }")
    page.close()
    site.start()
    again.goto(address)
    again.get_by_role("button", name="Compare", exact=True).click()
    seen["with a text of this device"] = faults(again)
    assert not {state: found for state, found in seen.items() if found}


def test_a_post_is_written_linked_and_saved_by_keys_alone(desk, ada):
    a_post(by=ada, title="The tide table", slug="table", live=True)
    the_db.session.commit()
    desk.goto("/write/posts/new")
    desk.wait_for_selector(".toolbar")
    desk.locator("#title").press_sequentially("By keys")
    for _ in range(20):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.closest('.toolbar')"):
            break
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Enter")  # italic
    expect(desk.locator("#body")).to_be_focused()
    desk.keyboard.type("so")
    desk.keyboard.press("End")
    desk.keyboard.press("Enter")
    desk.keyboard.type("- [[")
    desk.keyboard.type("tide tab")
    desk.locator(".suggestions:not([hidden]) li").first.wait_for()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Enter")
    expect(desk.locator("#body")).to_have_value("*so*\n- [The tide table](/posts/table)")
    desk.keyboard.press("Control+s")
    desk.get_by_role("status").filter(has_text="Saved").first.wait_for()
    expect(desk.locator("#body")).to_have_value("*so*\n- [The tide table](/posts/table)")


def test_typing_and_saving_is_not_read_aloud_each_time(desk):
    desk.goto("/write/posts/new")
    desk.wait_for_selector(".toolbar")
    desk.evaluate(
        """() => { window.said = [];
            new MutationObserver(() => {
              const words = [...document.querySelectorAll("[role=status], [role=alert], [aria-live]")];
              said.push(...words.map((one) => one.textContent.trim()).filter(Boolean));
            }).observe(document, { subtree: true, childList: true, characterData: true });
        }"""
    )
    desk.focus("#body")
    for words in ("One.", " Two."):
        desk.keyboard.type(words)
        desk.locator(".saved", has_text="Saved to your working copy").wait_for()
        desk.wait_for_timeout(200)
    assert desk.evaluate("window.said") == []
