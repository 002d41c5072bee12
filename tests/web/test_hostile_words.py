"""Words meant to break things go through every field that takes words: nothing breaks, acts or is lost."""

import json

import pytest
from factories import PASSWORD, a_post, a_user, an_admin, an_editor, the_site
from looking import filled, page
from sqlalchemy import select

from blog import text
from blog.database import db as the_db
from blog.models import Post, Registration, Site, Token, User

EVERY = 166  # of the collections, a sample that changes with none of them


@pytest.fixture(scope="session")
def everything(corpora) -> list[str]:
    """The naughty strings and the attacks of four collections."""
    found = json.loads((corpora / "blns/blns.json").read_text())
    found += [case["payload"] for case in json.loads((corpora / "xss-dompurify/expect.json").read_text())]
    found += json.loads((corpora / "xss-bleach/strings.json").read_text())
    found += (corpora / "xss-payloadbox/payloads.txt").read_text(errors="replace").splitlines()
    return [words if isinstance(words, str) else json.dumps(words) for words in found]


@pytest.fixture(scope="session")
def hostile(everything) -> list[str]:
    own = [
        "a\0b",
        "\ud800",
        "\u202eabc\u202c",
        "\ufeff",
        "\x85",
        "\u2028x",
        "x" * 10_000,
        "{{7*7}}{% raw %}",
        "%s%n",
        "'\"`",
        "\x1b[31m",
        "<!--",
    ]
    return own + everything[::EVERY]


OUR_SCRIPT = "[type='module'][src^='/static/js-']"
ACTIVE = f"script:not([type='application/ld+json'], {OUR_SCRIPT}), iframe, object, embed, svg, style, base"


def sent(words: str) -> str:
    """As a browser sends it: lone surrogates cannot be, and leave as a mark."""
    return words.encode("utf-8", "replace").decode()


def check(answer, where):
    """No error, and nothing on the page that acts (every page is checked for soundness, too)."""
    assert answer.status_code < 500, where
    if answer.mimetype == "text/html" and not answer.location:
        html = page(answer)
        ours = html.select("button[name=try_on] > svg.swatch, svg.chart")
        assert not [tag for tag in html.select(ACTIVE) if tag not in ours], where
        for tag in html.find_all(href=True) + html.find_all(src=True) + html.find_all(action=True):
            target = (tag.get("href") or tag.get("src") or tag.get("action")).strip().lower()
            assert not target.startswith(("javascript:", "vbscript:", "data:")), where


def test_the_words_of_a_post_break_nothing_and_come_back_as_they_were(client, sign_in, hostile):
    browser = sign_in(an_editor())
    post_id = a_post(by=an_editor()).id
    accepted = 0
    for words in hostile:
        words = sent(words)
        wanted = {
            "title": words,
            "body": f"Begin {words} end",
            "summary": words,
            "tags": words,
            "slug": "",
            "visibility": "public",
        }
        new = browser.post("/write/posts/new", data=wanted)
        check(new, words)
        if new.status_code == 302:
            accepted += 1
            shown = browser.get(new.location)
            check(shown, words)
            got = filled(shown, "form.editor")
            assert got["body"] == text.unix_lines(text.storable(wanted["body"])), words
            assert got["title"] == text.one_line(text.storable(words)), words
            assert got["summary"] == text.one_line(text.storable(words)), words
            check(browser.get(f"{new.location}/preview"), words)
            check(browser.get(f"{new.location}/revisions/1"), words)
        else:
            assert new.status_code == 422, words
            got = filled(new, "form.editor")
            assert got["body"] == text.unix_lines(text.storable(wanted["body"])), words
            assert got["title"] == text.one_line(text.storable(words)), words
        for field in ("slug", "language", "visibility", "publish_at", "base", "uid", "featured"):
            check(browser.post("/write/posts/new/publication", data={"title": "T", "body": "B", field: words}), words)
        check(browser.post(f"/write/posts/{post_id}", data={"base": words}), words)
    assert accepted > len(hostile) / 3


def test_the_public_pages_of_hostile_posts_are_sound(client, db, hostile):
    the_site(posts_per_page=100)
    for n, words in enumerate(hostile[:90]):
        plain = text.one_line(text.storable(sent(words)))[:110]
        writer = an_editor(name=plain or "x", biography=plain)
        a_post(
            by=writer,
            live=True,
            slug=f"h{n}",
            title=plain or "x",
            summary=plain,
            body=text.storable(sent(words)),
            tags=[plain[:60]],
        )
    for path in ("/", "/tags", "/authors", "/feed.atom", *(f"/posts/h{n}" for n in range(0, 90, 6))):
        check(client.get(path), path)


def test_all_hostile_words_in_one_body_are_sound_and_kept(client, sign_in, everything):
    browser = sign_in(an_editor())
    body = text.unix_lines(text.storable(sent("\n\n".join(everything))))[:990_000]
    answer = browser.post("/write/posts/new/publication", data={"title": "All of it", "slug": "all", "body": body})
    assert answer.status_code == 302
    assert the_db.session.scalar(select(Post.body)) == body
    check(client.get("/posts/all"), "all of it")
    check(client.get("/"), "all of it")
    check(client.get("/feed.atom"), "all of it")


def test_the_words_of_a_profile_break_nothing_and_come_back(sign_in, hostile):
    person = a_user(name="Before", handle="before")
    browser = sign_in(person)
    for words in hostile:
        words = sent(words)
        answer = browser.post("/auth/account", data={"name": words, "handle": "before", "biography": words})
        check(answer, words)
        the_db.session.expire_all()
        if answer.status_code == 302:
            assert person.name == text.one_line(text.storable(words)), words
            assert person.biography == text.unix_lines(text.storable(words)), words
        else:
            assert filled(answer, ".form")["biography"] == text.unix_lines(text.storable(words)), words
        check(browser.post("/auth/account", data={"name": "x", "handle": words, "biography": ""}), words)
        browser.post("/auth/account", data={"name": "x", "handle": "before", "biography": ""})
        check(browser.get("/auth/account"), words)


def test_the_words_of_the_settings_break_nothing_and_come_back(client, sign_in, hostile):
    browser = sign_in(an_admin())
    for words in hostile[::6]:
        words = sent(words)
        good = {
            "title": words,
            "tagline": words,
            "description": words,
            "time_zone": "UTC",
            "posts_per_page": "10",
            "registration": "closed",
        }
        answer = browser.post("/admin/settings", data=good)
        check(answer, words)
        the_db.session.expire_all()
        if answer.status_code == 302:
            assert Site.current().title == Site.current().tagline == text.one_line(text.storable(words))
            check(client.get("/"), words)
            check(browser.get("/admin/audit"), words)
        else:
            assert filled(answer)["tagline"] == text.one_line(text.storable(words))
        for field in ("time_zone", "posts_per_page", "registration", "language", "hue", "navigation", "try_on"):
            check(browser.post("/admin/settings", data=good | {"title": "T", field: words}), words)


def test_the_words_of_strangers_break_nothing(app, client, sign_in, hostile):
    the_site(registration=Registration.open)
    admin = sign_in(an_admin())
    subject = a_user()
    for n, words in enumerate(hostile[::2]):
        words = sent(words)
        how = {"environ_overrides": {"REMOTE_ADDR": f"10.1.{n // 200}.{n % 200}"}}
        check(client.post("/auth/login", data={"email": words, "password": words}, **how), words)
        check(client.post("/auth/login", query_string={"next": words}, data={"email": words}, **how), words)
        new = app.test_client().post(
            "/auth/register", data={"name": words, "email": f"x{n}@example.com", "password": PASSWORD}, **how
        )
        check(new, words)
        if new.status_code == 302:
            wanted = the_db.session.scalar(select(Token).where(Token.email == f"x{n}@example.com"))
            assert wanted.detail["name"] == text.one_line(text.storable(words))
            check(admin.post(f"/admin/invitations/requests/{wanted.digest}/admission"), words)
            assert User.by_email(f"x{n}@example.com").name == text.one_line(text.storable(words))
        check(admin.post("/admin/invitations", data={"people": words, "role": "viewer"}), words)
        check(admin.get("/admin/invitations"), words)
        check(
            app.test_client().post("/auth/register", data={"name": "X", "email": words, "password": words}, **how),
            words,
        )
        for path in ("/write", "/admin/users"):
            found = admin.get(path, query_string={"q": words})
            check(found, words)
            assert page(found).select_one("[name=q]")["value"] == text.storable(words).strip()[:200]
        check(admin.post(f"/admin/users/{subject.id}/posts", data={"email": words}), words)
        check(admin.post(f"/admin/users/{subject.id}/role", data={"role": words}), words)
    check(admin.get("/admin/audit"), "the log")
    check(admin.get("/admin/users"), "the people")
    check(admin.get("/admin"), "the dashboard")
