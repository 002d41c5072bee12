"""What the editor says before publishing: it informs, and never stands in the way."""

import pytest
from factories import a_binned_post, a_page, a_post, a_scheduled_post, an_admin
from looking import page, rewrite
from sqlalchemy import select

from blog.database import db as the_db
from blog.models import OldSlug, Post, Redirect

OURS = "/media/ab/ab" + "0" * 30 + "-1200x800.png"


def checks(browser, post) -> list[str]:
    return [item.get_text() for item in page(browser.get(f"/write/posts/{post.id}")).select(".checklist li")]


def complete(ada, body="Words.", **fields):
    return a_post(by=ada, body=body, **{"summary": "S", "tags": ["one"]} | fields)


def test_a_complete_post_is_told_nothing(desk, ada):
    assert checks(desk, complete(ada)) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"summary": ""}, "There is no summary"),
        ({"tags": []}, "It has no tags"),
        ({"body": f"![]({OURS})"}, "1 picture says nothing"),
        (
            {"body": f"![]({OURS})\n\n![]({OURS})\n\n![A cat]({OURS})"},
            "2 pictures say nothing",
        ),
        ({"body": "[Gone](/posts/nowhere)"}, "1 link leads nowhere on this site: /posts/nowhere"),
        ({"body": "[A](/nowhere) [B](/write/x/y) [C](/nowhere)"}, "2 links lead nowhere"),
        ({"body": "[Down](#missing)\n\n# Heading"}, "1 link leads nowhere on this site: #missing"),
    ],
)
def test_what_readers_may_miss_is_said(desk, ada, fields, told):
    assert any(words.startswith(told) for words in checks(desk, complete(ada, **fields))), told


def test_links_that_lead_somewhere_are_not_named(desk, ada, db):
    a_post(live=True, slug="there")
    a_scheduled_post(slug="soon")
    a_page(live=True, slug="about")
    moved = a_post(live=True, slug="new")
    db.session.add(OldSlug(slug="old", post=moved))
    links = ("/", "/posts/there", "/posts/there.md", "/posts/there?x=1#y", "/posts/soon", "/posts/old", "/about",
             "/tags", "/feed.atom", "/search?q=x", "#here", "https://example.org/posts/nowhere", "mailto:a@example.org",
             "//example.org/nowhere")  # fmt: skip
    body = "\n\n".join(f"[Link {n}]({link})" for n, link in enumerate(links))
    assert checks(desk, complete(ada, f"# Here\n\n{body}")) == []


def test_links_to_what_readers_cannot_find_are_named(desk, ada):
    a_post(slug="draft")
    a_binned_post(slug="binned")
    a_page(slug="hidden")
    (told,) = checks(desk, complete(ada, "[a](/posts/draft) [b](/posts/binned) [c](/hidden)"))
    assert all(path in told for path in ("3 links lead", "/posts/draft", "/posts/binned", "/hidden"))


@pytest.mark.parametrize(
    "link",
    [
        "/tags/nobody-writes-of-it",
        "/authors/nobody",
        "nowhere",  # beside this post
        "../nowhere",
        "http://localhost/posts/nowhere",  # this very site, by its name
        "//localhost/posts/nowhere",
    ],
)
def test_links_to_nothing_are_named_however_they_are_written(desk, ada, link):
    assert checks(desk, complete(ada, f"[Gone]({link})")) == [f"1 link leads nowhere on this site: {link}"]


def test_a_link_in_html_is_looked_at_too(desk, ada):
    assert checks(desk, complete(ada, '<a class="x" href="/nowhere?a=1&amp;b">Gone</a>')) == [
        "1 link leads nowhere on this site: /nowhere?a=1&b"
    ]


def test_links_that_redirect_and_those_beside_the_post_lead_somewhere(desk, ada, sign_in):
    boss, there = an_admin(), a_post(live=True, slug="there", tags=["one"])
    Redirect.add("/2019/there.html", to=there, by=boss)
    Redirect.add("/old", to="https://example.org/", by=boss)
    links = ("there", "../posts/there", "../tags/one", f"/authors/{ada.handle}", "/2019/there.html", "/old/", "/OLD")
    body = "\n\n".join(f"[Link {n}]({link})" for n, link in enumerate(links))
    assert checks(desk, complete(ada, body)) == []


def test_an_address_that_leads_to_a_draft_leads_nowhere_yet(desk, ada):
    Redirect.add("/2019/draft.html", to=a_post(slug="draft"), by=an_admin())
    assert checks(desk, complete(ada, "[a](/2019/draft.html)")) == [
        "1 link leads nowhere on this site: /2019/draft.html"
    ]


def test_what_is_missing_stands_in_nobodys_way(desk, ada):
    post = a_post(by=ada, body=f"[Gone](/posts/nowhere) ![]({OURS})", summary="")
    assert len(checks(desk, post)) == 4
    assert rewrite(desk, post.id, "publish").status_code == 302
    assert the_db.session.scalar(select(Post.published_at).where(Post.id == post.id)) is not None


def test_a_page_needs_neither_summary_nor_tags(sign_in, db):
    assert checks(sign_in(an_admin()), a_page(summary="")) == []


@pytest.mark.parametrize(
    "link", ["/" + "x" * 3000, "/%00", "/%ff%fe", "/posts/%2e%2e", "/[x", "#%", "/posts/" + "%41" * 500]
)
def test_a_strange_link_is_no_error(desk, ada, link):
    assert len(checks(desk, complete(ada, f"[Strange](<{link}>)"))) <= 1
