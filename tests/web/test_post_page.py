"""The page of a post: contents, related posts, the way on, and what a visitor may see of it."""

import gzip
from datetime import timedelta

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, an_editor
from looking import link, page

from blog.contents import contents
from blog.database import utcnow
from blog.markdown import render
from blog.models import PostKind

BODY = "Intro.\n\n## One & <b>two</b>\n\nA\n\n### Below `code`\n\nB\n\n## Three\n\nC"


def ago(**how):
    return utcnow() - timedelta(**how)


def test_a_post_of_three_headings_has_a_table_of_contents(client):
    a_post(live=True, slug="p", body=BODY)
    toc = page(client.get("/posts/p")).select_one("nav.toc")
    assert [a.get_text() for a in toc.select("a")] == ["One & two", "Below code", "Three"]
    assert [a["href"] for a in toc.select("ol ol a")] == ["#below-code"]
    ids = {heading["id"] for heading in page(client.get("/posts/p")).select(".prose [id]")}
    assert {a["href"][1:] for a in toc.select("a")} <= ids


@pytest.mark.parametrize("body", ["", "Words.", "## One\n\n## Two", "```\n## a\n## b\n## c\n```"])
def test_a_post_of_fewer_headings_has_none(client, body):
    a_post(live=True, slug="p", body=body or "x")
    assert page(client.get("/posts/p")).select_one("nav.toc") is None


def test_contents_are_plain_words_however_the_headings_are_dressed():
    html = render("## *A* [b](/c)\n\n## 漢字 <script>x</script>\n\n## A &lt;b&gt;\n\n#### Too deep").html
    assert [entry.words for entry in contents(html)][::2] == ["A b", "A <b>"]
    assert all("§" not in entry.words for entry in contents(html))


def test_a_very_long_post_lists_its_chief_headings_only():
    html = render("\n\n".join(f"## H{n}\n\n### a{n}\n\n### b{n}" for n in range(40))).html
    assert len(contents(html)) == 40
    assert not any(entry.below for entry in contents(html))


def test_the_headings_of_a_members_post_are_kept_from_visitors(client, sign_in):
    a_post(live=True, members=True, slug="p", body=BODY.replace("Three", "Secret"))
    assert "Secret" not in client.get("/posts/p").text
    assert page(sign_in(an_editor()).get("/posts/p")).select_one("nav.toc") is not None


def related(answer) -> list[str]:
    return [
        a.get_text()
        for section in page(answer).select(".pair section")
        if section.h2.get_text() == "On the same subject"
        for a in section.select("a")
    ]


def test_related_posts_share_tags_the_most_first_then_the_newest(client):
    a_post(live=True, slug="p", title="Itself", tags=["a", "b", "c"])
    a_post(live=True, title="One, old", tags=["a"], published_at=ago(days=9))
    a_post(live=True, title="One, new", tags=["b", "x"], published_at=ago(days=1))
    a_post(live=True, title="Two", tags=["a", "c"], published_at=ago(days=99))
    a_post(live=True, title="None", tags=["x"])
    assert related(client.get("/posts/p")) == ["Two", "One, new", "One, old"]


def test_at_most_four_related_posts_and_only_such_as_are_out(client):
    a_post(live=True, slug="p", tags=["a"])
    for n in range(6):
        a_post(live=True, title=f"R{n}", tags=["a"], published_at=ago(days=n + 1))
    a_post(title="Draft", tags=["a"])
    a_scheduled_post(title="Soon", tags=["a"])
    a_binned_post(title="Binned", tags=["a"])
    a_post(live=True, kind=PostKind.page, title="Page", tags=["a"])
    assert related(client.get("/posts/p")) == ["R0", "R1", "R2", "R3"]


def test_a_post_without_tags_or_fellows_has_no_related_posts(client):
    a_post(live=True, slug="p", tags=["a"])
    a_post(live=True, slug="q")
    assert related(client.get("/posts/p")) == related(client.get("/posts/q")) == []


def test_posts_of_the_same_second_follow_one_another(client):
    moment = ago(hours=1)
    for n in range(3):
        a_post(live=True, slug=f"p{n}", title=f"P{n}", published_at=moment)
    answer = client.get("/posts/p1")
    assert (link(answer, "Newer"), link(answer, "Older")) == ("/posts/p2", "/posts/p0")
    assert link(client.get("/posts/p2"), "Newer") is None
    assert link(client.get("/posts/p0"), "Older") is None


def test_a_post_leads_to_its_source_where_its_reader_may_read_it(client, sign_in):
    a_post(live=True, slug="p")
    a_post(live=True, slug="m", members=True)
    assert link(client.get("/posts/p"), "plain Markdown") == "/posts/p.md"
    assert link(client.get("/posts/m"), "plain Markdown") is None
    assert link(sign_in(an_editor()).get("/posts/m"), "plain Markdown") == "/posts/m.md"


def test_pictures_of_the_text_wait_until_they_are_needed(client):
    a_post(live=True, slug="p", body="![a](/media/ab/ab" + "0" * 30 + "-64x40.png)")
    picture = page(client.get("/posts/p")).select_one(".prose img")
    assert (picture["loading"], picture["width"], picture["height"]) == ("lazy", "64", "40")


def test_an_author_with_a_website_says_that_it_is_theirs_and_only_a_web_address_is_a_link(client):
    a_post(live=True, by=an_editor(name="Ada", website="https://ada.example/"))
    a_post(live=True, by=an_editor(name="Eve", website="javascript:alert(1)"))
    anchor = page(client.get("/authors/ada")).select_one("a[rel~=me]")
    assert (anchor["href"], anchor.get_text()) == ("https://ada.example/", "ada.example")
    assert "javascript:" not in client.get("/authors/eve").text


def test_a_text_post_with_its_style_sheet_weighs_at_most_14_kb_compressed(client, db):
    body = "\n\n".join(f"## Part {n}\n\n" + " ".join(f"word{n}x{k}" for k in range(100)) for n in range(10))
    a_post(live=True, slug="text", title="A thousand words", body=body, tags=["Tea", "Tools"])
    answer = client.get("/posts/text")
    [sheet] = page(answer).select('link[rel="stylesheet"]')
    parts = [answer.data, client.get(sheet["href"]).data]
    assert sum(len(gzip.compress(part, 6)) for part in parts) <= 14_000
    assert not page(answer).select("img, script:not([type='application/ld+json']), link[rel~='preload'], style")
