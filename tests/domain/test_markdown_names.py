"""Authors, tags, slugs and former addresses of a post that comes from a folder."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blog.transfer.markdown import read_file
from blog.transfer.records import Author, PostRecord

Posts = Callable[..., PostRecord]


@pytest.fixture
def post(tmp_path: Path) -> Posts:
    """The record of a post with these lines of YAML on top."""

    def read(facts: str = "", name: str = "post.md", fence: str = "---") -> PostRecord:
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{fence}\n{facts}\n{fence}\nWords.", "utf-8")
        outcome = read_file(path, folder=tmp_path / "site", zone=ZoneInfo("UTC"))
        assert isinstance(outcome, PostRecord), outcome
        return outcome

    return read


@pytest.mark.parametrize(
    ("facts", "authors"),
    [
        ("author: Ada Lovelace <ada@example.org>", [Author("Ada Lovelace", None, "ada@example.org")]),
        ("author: ada@example.org", [Author("ada", None, "ada@example.org")]),
        ("author: parkr", [Author("parkr", "parkr")]),
        ("author: '@ada'", [Author("ada", "ada")]),
        ("author: Ada and Bob", [Author("Ada and Bob")]),
        ("author: Research and Development", [Author("Research and Development")]),
        ("author: Ada Lovelace and Bob Ross", [Author("Ada Lovelace"), Author("Bob Ross")]),
        ("author: Ada & Bob", [Author("Ada"), Author("Bob")]),
        ("author: The A & B Show", [Author("The A & B Show")]),
        ("author: Ann Lee, Bob Ross and Cy Twombly", [Author("Ann Lee"), Author("Bob Ross"), Author("Cy Twombly")]),
        ("author: Lovelace, Ada", [Author("Lovelace, Ada")]),
        ("author: Ann Lee, PhD", [Author("Ann Lee, PhD")]),
        ("authors: [ada, Ada]", [Author("ada", "ada")]),
        ("author:\n  name: Ada\n  twitter: '@al'\n  email: a@b.org", [Author("Ada", "al", "a@b.org")]),
        ("author:\n  github: https://github.com/al", [Author("al", "al")]),
        ("author: {}", []),
        ("author: [[Ada], null, ' ']", [Author("Ada")]),
        ("author: '[Ada](https://a.example)'", [Author("Ada")]),
        ("extra:\n  author: Ada", [Author("Ada")]),
        ("taxonomies:\n  authors: [Ada]", [Author("Ada")]),
    ],
)
def test_authors_are_read_from_every_shape(post, facts, authors):
    for author, expected in zip(post(facts).authors, authors, strict=True):
        assert (author.name, author.email) == (expected.name, expected.email)
        assert expected.handle is None or author.handle == expected.handle


def test_keys_are_looked_up_in_the_nearest_file_of_authors(post, tmp_path):
    data = tmp_path / "site" / "_data"
    data.mkdir(parents=True)
    (data / "authors.yml").write_text("al:\n  full_name: Ada Lovelace\n  email: a@b.org\nbob: Bob Ross\n")
    (tmp_path / "authors.yml").write_text("al: Not this one")
    assert post("authors: [al, bob, cy]", "blog/x.md").authors == [
        Author("Ada Lovelace", "al", "a@b.org"), Author("Bob Ross", "bob"), Author("cy", "cy"),
    ]  # fmt: skip
    assert post("author: {name: al}").authors == [Author("Ada Lovelace", "al", "a@b.org")]


@pytest.mark.parametrize("content", ["- a", "a: [", "a: " + "[" * 500, "&a b: *a", "{" * 30 + "}" * 30])
def test_a_broken_file_of_authors_is_as_good_as_none(post, tmp_path, content):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "authors.yml").write_text(content)
    assert post("author: al").authors == [Author("al", "al")]


@pytest.mark.parametrize(
    ("facts", "name", "tags"),
    [
        ("tags: [a, A, b, null, [c, 3]]", "x.md", ["a", "b", "c", "3"]),
        ("tag: foo bar", "x.md", ["foo", "bar"]),
        ("tags: machine learning, ai", "x.md", ["machine learning", "ai"]),
        ("category: foo bar", "x.md", ["foo bar"]),
        ("categories: foo bar\ntags: baz", "x.md", ["foo", "bar", "baz"]),
        ("keywords: a", "x.md", []),
        ("tags:\ncategories: ''", "x.md", []),
        ("tags:\n- name: R&amp;D\n- {}", "x.md", ["R&D"]),
        ("taxonomies:\n  tags: [a]\n  categories: [b]", "x.md", ["b", "a"]),
        ("a: b", "docs/foo/de/_posts/bar/x.md", ["foo"]),
        ("category: 2013", "x.md", ["2013"]),
    ],
)
def test_tags_keep_their_order_and_come_once(post, facts, name, tags):
    assert post(facts, name).tags == tags


def test_a_tag_has_sixty_characters_at_most_and_toml_tags_are_not_split(post):
    assert len(post(f"tags: [{'x' * 100}]").tags[0]) == 60
    assert post("tags = 'machine learning'", fence="+++").tags == ["machine learning"]


@pytest.mark.parametrize(
    ("facts", "name", "slug"),
    [
        ("slug: wished", "2020-01-02-x.md", "wished"),
        ("slug: /a/wished/", "x.md", "wished"),
        ("basename: custom", "x.md", "custom"),
        ("permalink: /2020/some-post.html", "x.md", "some-post"),
        ("permalink: /2020/:title/", "2020-01-02-x.md", "x"),
        ("permalink: pretty", "x.md", "x"),
        ("url: https://old.example/a/b/", "x.md", "b"),
        ("permalink: /a/index.html", "x.md", "x"),
        ("path: 2025/06/26/Rust-1.88.0", "y.md", "Rust-1.88.0"),
        ("a: b", "2015-2-1-some-post.md", "some-post"),
        ("a: b", "2015-02-01-bundle/index.md", "bundle"),
        ("a: b", "2015-02-01.md", "2015-02-01"),
        ("a: b", "index.md", "index"),
    ],
)
def test_the_slug_is_wished_for_or_after_the_address_or_the_file(post, facts, name, slug):
    assert post(facts, name).slug == slug


@pytest.mark.parametrize(
    ("facts", "paths"),
    [
        ("aliases: [releases/1.88.0, /releases/1.88.0]", ["/releases/1.88.0"]),
        ("redirect_from: /a/b/", ["/a/b/", "/a/b"]),
        ("redirect_from:\n- /a/index.html", ["/a/index.html", "/a"]),
        ("permalink: /%2e%2e/%2e%2e/baddie.html", ["/baddie.html"]),
        ("aliases: ['//evil.example/x', 'https://old.example/p?q=1#f', '/?p=3', '/', '']", ["/x", "/p"]),
        ("aliases: ['/a/../../b//c']", ["/b/c"]),
        ("aliases: ['http://[x']", []),
        ("tumblr_url: http://x.tumblr.com/post/1/hello", ["/post/1/hello"]),
        ("tumblr_url: post/1", []),
        ("permalink: pretty", []),
        ("permalink: /:categories/:year/:month/:day/:title:output_ext", ["/2020/01/02/x.html"]),
        ("aliases: [/%C3%BCber]", ["/über"]),
        ("extra: {path: /inside}", []),
    ],
)
def test_old_paths_are_site_absolute_clean_and_unique(post, facts, paths):
    assert post(facts, "2020-1-2-x.md").old_paths == paths


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("permalink: /:collection/x", "could not be filled in"),
        ("aliases: ['/a%0d%0ab']", "no browser"),
        (f"aliases: ['/{'a' * 1500}']", "no browser"),
    ],
)
def test_an_address_that_cannot_be_kept_is_told(post, facts, words):
    found = post(facts)
    assert found.old_paths == []
    assert any(words in change for change in found.changes)
