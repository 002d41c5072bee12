"""The preview beside the text."""


def test_the_preview_shows_what_the_text_becomes_and_keeps_what_has_not_changed(desk):
    desk.goto("/write/posts/new")
    desk.fill("#body", "## Title\n\nFirst.\n\nSecond *words*.")
    desk.wait_for_selector(".preview em")
    assert desk.locator(".preview h2").get_attribute("id") == "preview-title"
    desk.evaluate("document.querySelector('.preview p').mine = true")
    desk.focus("#body")
    desk.keyboard.press("Control+End")
    desk.keyboard.type(" Third.")
    desk.wait_for_selector(".preview p:has-text('Third.')")
    assert desk.evaluate("document.querySelector('.preview p').mine")
    assert desk.evaluate("document.activeElement.id") == "body"


def test_what_is_dangerous_in_a_text_does_nothing_in_the_preview(desk):
    desk.goto("/write/posts/new")
    desk.fill(
        "#body", 'a <img src=x onerror="document.title=1"> <script>document.title = 2</script>\n\n[x](javascript:1) *b*'
    )
    desk.wait_for_selector(".preview em")
    assert desk.title().startswith("New post")
    assert desk.locator(".preview script, .preview [onerror], .preview a[href^=javascript]").count() == 0


def test_on_a_narrow_screen_it_takes_the_place_of_the_text(browser_of, ada):
    page = browser_of(ada, viewport={"width": 360, "height": 700}).new_page()
    page.goto("/write/posts/new")
    button = page.get_by_role("button", name="Preview beside the text")
    assert button.get_attribute("aria-pressed") == "false"
    page.fill("#body", "Some *words*.")
    button.click()
    page.wait_for_selector(".preview em")
    assert not page.locator("#body").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    button.click()
    assert page.evaluate("document.activeElement.id") == "body"
    assert not page.locator(".preview").is_visible()


def test_whether_it_is_open_is_remembered_on_this_device(desk):
    desk.goto("/write/posts/new")
    desk.wait_for_selector(".preview")
    desk.keyboard.press("Control+Shift+p")
    assert not desk.locator(".preview").is_visible()
    desk.goto("/write/posts/new")
    desk.wait_for_selector(".toolbar")
    assert not desk.locator(".preview").is_visible()
