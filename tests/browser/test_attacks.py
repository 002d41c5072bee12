"""Attacks in every field, every page opened by an admin: nothing runs, nothing is fetched, nothing is even tried.

This is a sample; `python -m benchmarks.attacks LISTS` is the whole of it.
"""

from pathlib import Path

import pytest
from conftest import CORPORA

from benchmarks.attacks import Watch, prove, visits
from benchmarks.hostile import OWN, collected, planted
from blog.database import begin_writing, only_reading

EVERY = 150  # with our own, some forty

HOSTILE_ANSWER = """
<p onclick="document.title = 1" style="position: fixed">a</p><script>document.title = 2</script>
<p><img src="/x" onerror="document.title = 3"><a href=" javascript:document.title=4" target="x">b</a></p>
<form action="/auth/logout"><button>c</button></form><p><svg onload="document.title = 5"></svg><input name="title"></p>
<p><em popover data-x="kept">end</em></p>
"""


@pytest.fixture
def blog(site):
    begin_writing()
    attacks = [*OWN, *collected(CORPORA)[len(OWN) :: EVERY]] if Path(CORPORA).is_dir() else OWN
    blog = planted(attacks, desk_every=1_000, room=25)
    only_reading.set(True)
    return blog


def test_no_words_of_anybody_can_act_on_any_page(site, blog, browser_of):
    watch = Watch(browser_of(blog.admin), site.address)
    prove(watch)
    for _ in visits(watch, site.app, blog):
        pass
    seen = watch.seen
    assert seen.bad == 0, seen.where.most_common(20)
    assert seen.with_attacks > 60
    assert {"editor", "preview pane", "merge page", "post", "search", "no such page"} <= seen.kinds.keys()


def test_the_pane_takes_out_what_could_act_even_if_the_server_did_not(browser_of, ada):
    desk = browser_of(ada).new_page()  # in which the policy may have something to forbid
    desk.route("**/write/preview", lambda route: route.fulfill(body=HOSTILE_ANSWER, content_type="text/html"))
    desk.goto("/write/posts/new")
    desk.fill("#body", "Words.")
    desk.wait_for_selector(".preview em")
    pane = desk.locator(".preview")
    acting = "script, form, button, input, svg, [onclick], [onerror], [style], [popover], [target]"
    assert pane.locator(acting).count() == 0
    assert pane.locator("a").get_attribute("href") is None
    assert pane.locator("em").get_attribute("data-x") == "kept"
    assert desk.title().startswith("New post")


def test_no_other_code_can_make_elements_of_html(browser_of, ada):
    page = browser_of(ada).new_page()
    page.goto("/write/posts/new")
    page.wait_for_selector(".toolbar")
    for sink in (
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.createElement('script').text = '1'",
        "document.createElement('iframe').srcdoc = 'x'",
        "trustedTypes.createPolicy('other', {})",
        "trustedTypes.createPolicy('masthead', {})",
    ):
        refused = page.evaluate(f"() => {{ try {{ {sink}; return ''; }} catch (error) {{ return error.name; }} }}")
        assert refused == "TypeError", sink
