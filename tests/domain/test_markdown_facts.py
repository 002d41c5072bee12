"""What the front matter, the name and the place of a post say about it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blog.transfer import dates
from blog.transfer.markdown import read_file
from blog.transfer.records import PostRecord

BERLIN = ZoneInfo("Europe/Berlin")
Posts = Callable[..., PostRecord]


@pytest.fixture
def post(tmp_path: Path) -> Posts:
    """The record of a post with these lines of YAML on top."""

    def read(facts: str = "", name: str = "post.md", body: str = "Words.", fence: str = "---") -> PostRecord:
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{fence}\n{facts}\n{fence}\n{body}", "utf-8", "surrogatepass")
        outcome = read_file(path, folder=tmp_path / "site", zone=BERLIN)
        assert isinstance(outcome, PostRecord), outcome
        return outcome

    return read


@pytest.mark.parametrize(
    ("facts", "body", "title"),
    [
        ("title: Tips &amp; Tricks", "x", "Tips & Tricks"),
        ("title: 2021", "x", "2021"),
        ("title: 1.10", "x", "1.10"),
        ("title: no", "x", "no"),
        ("title: [a, b]", "x", "a, b"),
        ("title: {}", "x", "a post"),
        ('title: "\\ud800\\0x"', "x", "\N{REPLACEMENT CHARACTER}x"),
        ("title: *Very* good", "x", "*Very* good"),
        ("a: b", "```\n# code\n```\n## The *first* ##\n", "The first"),
        ("a: b", "Set above\n=====\nx", "Set above"),
        ("a: b", "x", "a post"),
    ],
)
def test_a_post_always_has_a_title(post, facts, body, title):
    assert post(facts, "2020-01-02-a-post.md", body).title == title


def test_a_title_is_shortened_and_its_heading_not_said_twice(post):
    assert len(post(f"title: {'word ' * 100}").title) <= 200
    assert post("title: Hello", body="# Hello\n\nWords.").body == "Words.\n"
    assert post("title: Hello", body="# Hello").body == "# Hello\n"
    assert post("title: Hello", body="# Other\n\nWords.").body == "# Other\n\nWords.\n"


@pytest.mark.parametrize(
    ("facts", "name", "day"),
    [
        ("date: 2020-05-05", "2019-01-02-x.md", "2020-05-04T22:00"),
        ("date: 2020-05-05\ntime: '11:00:00'", "x.md", "2020-05-05T09:00"),
        ("date: 2020-05-05\ntime: soon", "x.md", "2020-05-04T22:00"),
        ("publishDate: 2020-05-05", "x.md", "2020-05-04T22:00"),
        ("published: 2020-05-05", "x.md", "2020-05-04T22:00"),
        ("published: true", "2019-1-2-x.md", "2019-01-01T23:00"),
        ("date: nonsense", "2019-1-2-x.md", "2019-01-01T23:00"),
        ("a: b", "2019-01-02-x/index.md", "2019-01-01T23:00"),
        ("a: b", "2019-99-02-x/2019/01/02/x.md", "2019-01-01T23:00"),
        ("path: 2019/01/02/Rust-1.2", "x.md", "2019-01-01T23:00"),
        ("a: b", "2019/01/x.md", "2018-12-31T23:00"),
    ],
)
def test_the_date_comes_from_the_front_matter_else_from_names_and_addresses(post, facts, name, day):
    assert post(facts, name).published_at == datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_without_any_date_the_file_has_one(post, tmp_path):
    found = post("a: b")
    assert "no date was found, so the file's own date was used" in found.changes
    assert found.published_at
    os.utime(tmp_path / "site" / "post.md", (10**15, 10**15))
    assert dates.file_date(1e20).year == 1970


@pytest.mark.parametrize(
    ("facts", "name"),
    [("draft: true", "x.md"), ("published: false", "x.md"), ("status: draft", "x.md"), ("a: b", "_drafts/x.md"),
     ("visibility: private", "x.md")],
)  # fmt: skip
def test_a_draft_stays_one(post, facts, name):
    assert post(f"{facts}\ndate: 2020-01-01", name).published_at is None


def test_scheduled_posts_stay_scheduled_and_an_expiry_is_noted(post):
    found = post("date: 2199-01-01\nexpiryDate: 2001-01-01\nlastmod: 2020-01-01T00:00Z")
    assert found.published_at == datetime(2198, 12, 31, 23, tzinfo=UTC)
    assert found.updated_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert any("expire" in change for change in found.changes)


@pytest.mark.parametrize(
    ("facts", "summary"),
    [
        ("description: August 08, 2019\nexcerpt: Real *words*", "Real words"),
        ("description: <b>Bold</b> &amp; [linked](/x), `code`", "Bold & linked, code"),
        ("description: [a]", ""),
    ],
)
def test_the_summary_is_plain_and_no_date(post, facts, summary):
    assert post(facts).summary == summary


def test_a_long_summary_is_cut_at_a_word(post):
    found = post(f"summary: {'word ' * 100}").summary
    assert len(found) <= 300
    assert found.endswith("word…")
    assert len(post(f"summary: {'w' * 400}").summary) == 300


def test_visibility_members_and_language(post):
    assert post("visibility: members").members_only
    assert post("members_only: yes").members_only
    assert not post("visibility: public").members_only
    assert post("lang: pt_br").language == "pt-BR"
    assert post("locale: en_US.UTF-8").language == "en-US"
    assert post("lang: klingon").language is None


@pytest.mark.parametrize(
    ("name", "slug", "language"),
    [("de/post.md", "post-de", "de"), ("zh-hans/post.md", "post-zh-hans", "zh-Hans"), ("post.fr.md", "post-fr", "fr"),
     ("node.js.md", "node.js", None), ("js/post.md", "post", None), ("trip/index.pt-br.md", "trip-pt-br", "pt-BR")],
)  # fmt: skip
def test_translations_are_known_by_folder_or_file_name(post, name, slug, language):
    found = post("a: b", name)
    assert (found.slug, found.language) == (slug, language)


def test_a_file_may_say_that_it_is_a_page(post):
    assert post("kind: page").is_page
    assert not post("kind: article").is_page
    assert not post("layout: page").is_page
