"""What the editor page asks the server while somebody writes: previews, pasted text, suggestions. And its scripts."""

import re

import pytest
from factories import a_binned_post, a_page, a_post, a_scheduled_post, a_user, an_admin, an_editor
from looking import page

from blog.database import db as the_db
from blog.markdown import BODY_LIMIT
from blog.models import Post, Tag


def links(browser, words: str) -> list[str]:
    return [one["title"] for one in browser.get("/write/suggestions", query_string={"links": words}).json]


def tags(browser, words: str) -> list[str]:
    return browser.get("/write/suggestions", query_string={"tags": words}).json


# Previews


def test_a_preview_is_what_readers_would_see_with_names_of_its_own(desk):
    body = "## Title\r\n\r\nWords.[^1]\r\n\r\n[^1]: A note."
    answer = desk.post("/write/preview", data={"body": body})
    assert answer.mimetype == "text/html"
    fragment = page(answer)
    assert fragment.h2["id"] == "preview-title"
    assert fragment.select_one("sup a")["href"] == "#preview-fn1"
    assert fragment.find(id="preview-fn1")
    post = a_post(live=True, body=body.replace("\r\n", "\n"))
    assert answer.text.replace("preview-", "") == post.html


def test_names_in_the_words_of_a_preview_stay_as_they_are(desk):
    answer = desk.post("/write/preview", data={"body": 'Write ` id="x" href="#y"` and [a](# "id=z").'})
    assert 'id="x" href="#y"' in page(answer).code.get_text()


def test_a_preview_is_as_safe_as_the_page(desk):
    answer = desk.post(
        "/write/preview", data={"body": "<script>alert(1)</script><img src=x onerror=1> [x](javascript:1)"}
    )
    assert "<script" not in answer.text
    assert not page(answer).select("[onerror], a[href^=javascript]")


def test_a_text_that_no_post_can_hold_has_no_preview(desk):
    answer = desk.post("/write/preview", data={"body": "x" * (BODY_LIMIT + 1)})
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert answer.text == "At most 1,000,000 characters; this has 1,000,001."
    assert desk.post("/write/preview").text == ""


def test_a_preview_asks_the_database_nothing_but_who_is_there(desk, queries):
    desk.post("/write/preview", data={"body": "a"})
    with queries() as seen:
        desk.post("/write/preview", data={"body": "b"})
    assert len(seen) <= 2  # the site, and the person


# Pasted text


def pasted(browser, html: str):
    return browser.post("/write/markdown", data={"html": html})


def test_pasted_rich_text_becomes_markdown(desk):
    html = "<meta charset='utf-8'><h2>Tides</h2><p>Some <b>bold</b> and <a href='https://example.com/x'>a link</a>."
    answer = pasted(desk, f"{html}</p><ul><li>one</ul>")
    assert answer.mimetype == "text/plain"
    assert answer.text == "## Tides\n\nSome **bold** and [a link](https://example.com/x).\n\n- one"


def test_links_to_this_site_lose_its_name_and_dangerous_ones_their_target(desk):
    html = '<a href="http://localhost/posts/x?a=1#b">ours</a> <a href="javascript:alert(1)">bad</a> <a href="http://[">odd</a>'
    assert "[ours](/posts/x?a=1#b)" in pasted(desk, html).text
    assert "javascript" not in pasted(desk, html).text


@pytest.mark.parametrize(
    ("html", "status"),
    [("x" * (BODY_LIMIT + 1), 413), ("<div>" * 5000, 422), ("", 200), ("<", 200), ("<p\x00>a", 200), ("&#0;<b>", 200)],
)
def test_what_cannot_become_markdown_is_refused_in_words(desk, html, status):
    answer = pasted(desk, html)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert status == 200 or answer.text


def test_helping_changes_nothing(desk, ada):
    post = a_post(by=ada, body="Words.")
    pasted(desk, "<b>x</b>")
    desk.post("/write/preview", data={"body": "Other words.", "id": post.id})
    the_db.session.expire_all()
    assert (post.body, post.revision) == ("Words.", 1)


# Suggestions


def test_links_are_suggested_by_any_words_of_a_title_newest_first(desk, ada):
    a_post(by=ada, title="The tide at Olhão", live=True, slug="olhao")
    a_post(by=ada, title="A tide table", slug="table")
    a_post(by=ada, title="Swifts", live=True)
    assert links(desk, "tide") == ["A tide table", "The tide at Olhão"]
    assert links(desk, "OLHÃO tid") == ["The tide at Olhão"]
    found = desk.get("/write/suggestions?links=table").json
    assert found == [{"title": "A tide table", "address": "/posts/table", "state": "draft"}]


def test_of_others_only_what_is_out_is_suggested(desk, ada, sign_in):
    a_post(title="Secret draft")
    a_scheduled_post(title="Secret plan")
    a_binned_post(title="Secret bin", by=ada)
    a_post(title="Secret no more", live=True, members=True)
    a_page(title="Secret page", live=True)
    together = a_post(title="Secret together")
    together.co_authors.append(ada)
    assert sorted(links(desk, "secret")) == ["Secret no more", "Secret page", "Secret together"]
    assert "Secret draft" in links(sign_in(an_admin()), "secret")
    assert "Secret bin" not in links(sign_in(an_admin()), "secret")


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "\x00", "x" * 5000, "%%%%", "a b c d e f g h i j"])
def test_odd_words_find_what_has_them_and_break_nothing(desk, ada, words):
    a_post(by=ada, title="Plain title", live=True)
    assert links(desk, words) == []
    assert tags(desk, words) == []


def test_at_most_eight_are_offered(desk, ada):
    for n in range(10):
        a_post(by=ada, title=f"Tide {n}", live=True, tags=[f"Tide {n}"])
    assert len(links(desk, "")) == len(links(desk, "tide")) == len(tags(desk, "tide")) == 8


def test_tags_that_begin_so_come_first_and_those_of_others_drafts_never(desk, ada):
    a_post(live=True, tags=["Tides", "Low tide", "Swifts"])
    a_post(by=ada, tags=["Tidal mills"])
    a_post(tags=["Tide of a secret"])
    a_scheduled_post(tags=["Tide to come"])
    the_db.session.add(Tag(name="Tideless", slug="tideless"))
    assert tags(desk, "tid") == ["Tidal mills", "Tides", "Low tide"]


def test_only_those_who_write_are_helped(client, sign_in):
    for browser, statuses in ((client, (302, 401)), (sign_in(a_user()), (403, 403))):
        assert browser.get("/write/suggestions?links=a").status_code == statuses[0]
        for path in ("/write/preview", "/write/markdown"):
            assert browser.post(path, data={"body": "a", "html": "b"}).status_code == statuses[1]


# Scripts


def script_of(answer) -> str:
    (script,) = page(answer).select("script[type=module]")
    return script["src"]


def test_pages_of_the_desk_may_run_our_scripts_and_those_for_readers_none(client, sign_in):
    post = a_post(live=True)
    admin = sign_in(an_admin())
    for path in ("/write", "/write/posts/new", "/admin", "/auth/account"):
        answer = admin.get(path)
        assert re.fullmatch(r"/static/js-[0-9a-f]{12}/app\.js", script_of(answer))
        (script,) = page(answer).select("script[type=module]")
        assert answer.headers["Content-Security-Policy"].endswith(f"; script-src 'nonce-{script['nonce']}'")
    for browser in (client, admin):
        for path in ("/", post.path, "/search", "/nowhere"):
            answer = browser.get(path)
            assert not page(answer).select("script[type=module]")
            assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_a_script_is_kept_for_good_under_a_name_that_says_what_is_in_all_of_them(client, desk):
    address = script_of(desk.get("/write/posts/new"))
    script = client.get(address)
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for module in re.findall(r'(?:import\(|from )"\./([^"]+)"', script.text):
        assert client.get(address.replace("app.js", module)).status_code == 200
    for wrong in ("none.js", "app.css", "app.js/", "%2e%2e/app.js"):
        assert client.get(address.replace("app.js", wrong)).status_code in (301, 404)
    assert client.get("/static/js-000000000000/app.js").status_code == 404


def test_every_module_that_a_script_imports_is_there(app):
    files = app.extensions["scripts"][1]
    for name, source in files.items():
        for module in re.findall(r'(?:import\(|from )"([^"]+)"', source):
            assert module.removeprefix("./").removesuffix(".js") in files, f"{name} imports {module}"
    assert all(source.count("\n") <= 250 for source in files.values())


def test_a_page_that_is_not_out_is_suggested_to_admins_alone(sign_in):
    writer = an_editor()
    a_page(by=writer, title="About to come")
    assert sign_in(writer).get("/write/suggestions?links=about").json == []
    assert len(sign_in(an_admin()).get("/write/suggestions?links=about").json) == 1


def test_posts_are_not_changed_by_looking_for_links(desk, ada):
    post = a_post(by=ada, title="Tide", live=True)
    before = post.updated_at
    links(desk, "tide")
    the_db.session.expire_all()
    assert the_db.session.get(Post, post.id).updated_at == before
