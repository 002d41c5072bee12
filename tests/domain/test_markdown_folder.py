"""Which files of a folder are posts, what becomes of the others, and what real blogs make of it."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blog.transfer.markdown import files_in, read_file
from blog.transfer.records import PostRecord, Refusal

BERLIN = ZoneInfo("Europe/Berlin")
CORPORA = Path(os.environ.get("MASTHEAD_CORPORA") or Path(__file__).parents[2].parent / "shared" / "corpora" / "given")
Reads = Callable[..., PostRecord | Refusal | None]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Writes a file into a folder called 'site' and reads it as the importer would."""

    def write_and_read(content: str | bytes, name: str = "post.md") -> PostRecord | Refusal | None:
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return read_file(path, folder=tmp_path / "site", zone=BERLIN)

    return write_and_read


def reason(outcome: PostRecord | Refusal | None) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.reason


def test_every_regular_file_is_listed_once_in_order_and_hidden_ones_are_not(tmp_path):
    for name in ("b.md", "a/z.md", ".git/config", ".DS_Store", "a/.hidden.md", "x.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert [path.relative_to(tmp_path).as_posix() for path in files_in(tmp_path)] == ["a/z.md", "b.md", "x.png"]


def test_links_that_lead_out_of_the_folder_are_never_followed(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "diary.md").write_text("private")
    site = tmp_path / "site"
    site.mkdir()
    (site / "out.md").symlink_to(tmp_path / "secret" / "diary.md")
    (site / "folder").symlink_to(tmp_path / "secret")
    (site / "circle.md").symlink_to(site / "circle.md")
    assert files_in(site) == []
    assert "outside" in reason(read_file(site / "out.md", folder=site, zone=BERLIN))
    assert "outside" in reason(read_file(site / "folder" / "diary.md", folder=site, zone=BERLIN))
    assert isinstance(read_file(site / "circle.md", folder=site, zone=BERLIN), Refusal)


def test_the_source_of_a_file_is_its_path_below_the_name_of_the_folder(reads):
    outcome = reads("Words.", "2020/a post.md")
    assert outcome
    assert outcome.source == "site/2020/a post.md"


@pytest.mark.parametrize("name", ["a.png", "b.JPG", "c.jpeg", "d.gif", "e.webp", "f.avif"])
def test_a_picture_is_no_post_and_no_loss(reads, name):
    assert reads(b"\x89PNG", name) is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", "x", "not a Markdown or HTML file"),
        ("drawing.svg", "<svg/>", "SVG pictures are not taken"),
        ("empty.md", " \n", "empty"),
        ("bare.md", "---\ntitle: x\n---\n", "no text"),
        ("tags.md", "---\ntitle: x\n---\n{% include toc %}\n", "no text"),
        ("_index.md", "+++\ntitle = 'x'\n+++\nHello", "section page"),
        ("_index.fr.md", "Salut", "section page"),
        ("README.md", "# My blog", "not a post"),
        ("LICENSE.md", "MIT", "not a post"),
        ("CHANGELOG.md", "## 1.0", "not a post"),
        ("index.html", "<h1>Home</h1>", "without front matter"),
        ("index.md", "---\ntitle: Home\n---\n{% for post in site.posts %}x{% endfor %}", "lists posts"),
        ("_includes/card.html", "---\n---\n<p>x", "templates"),
        ("_layouts/post.html", "<p>x", "templates"),
        ("_data/page.md", "x", "templates"),
        ("old.html", "<meta http-equiv='refresh' content='0; url=/new/'>", "only a redirect to /new/"),
        (
            "old.md",
            "---\nredirect_to:\n  - https://new.example/\n---\nMoved.",
            "only a redirect to https://new.example/",
        ),
        ("gone.md", "---\nlayout: redirect\n---\nMoved.", "only a redirect to another address"),
        ("latin.md", "caf\xe9".encode("latin-1"), "not UTF-8 text: byte 4"),
        ("program.md", b"a\0b", "NUL"),
        ("utf16.md", b"\xff\xfea", "not UTF-8"),
        ("large.md", b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        ("long.md", "wörd " * 250_000, "longer than 1,000,000 characters"),
        ("deep.html", "---\ntitle: x\n---\n" + "<div>" * 50_000, "nested too deeply"),
        ("wide.html", "---\ntitle: x\n---\n" + "&" * 900_000, "longer than"),
    ],
)
def test_what_is_not_a_post_is_refused_with_its_reason(reads, name, content, words):
    assert words in reason(reads(content, name))


def test_a_folder_that_looks_like_a_post_is_refused(tmp_path):
    (tmp_path / "2020-01-01-post.md").mkdir()
    assert "not a file" in reason(read_file(tmp_path / "2020-01-01-post.md", folder=tmp_path, zone=BERLIN))


def test_a_name_the_file_system_cannot_hold_is_refused(tmp_path):
    assert isinstance(read_file(tmp_path / ("x" * 5000 + ".md"), folder=tmp_path, zone=BERLIN), Refusal)
    assert isinstance(read_file(tmp_path / "a\0.md", folder=tmp_path, zone=BERLIN), Refusal)


def test_a_file_that_vanished_or_may_not_be_read_is_refused(reads, tmp_path, monkeypatch):
    def forbidden(path: Path) -> bytes:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "post.md").write_text("x")
    assert "could not be read" in reason(
        read_file(tmp_path / "site" / "post.md", folder=tmp_path / "site", zone=BERLIN)
    )


def test_an_article_may_be_called_like_a_paper_if_it_has_a_title(reads):
    assert isinstance(reads("---\ntitle: Your code of conduct\n---\nBe kind.", "code-of-conduct.md"), PostRecord)


def test_utf16_with_its_mark_and_utf8_with_its_mark_are_read(reads):
    for content in ("# Grüße\n\nWörter".encode("utf-16"), "\ufeff# Grüße\r\n\r\nWörter".encode()):
        post = reads(content)
        assert isinstance(post, PostRecord)
        assert (post.title, post.body) == ("Grüße", "Wörter\n")


@pytest.mark.parametrize("opening", ["{% ", "![", "<img ", "{{<", "{{", "{:", "`", "](", "{% raw %}", "<pre>", "<!--"])
@pytest.mark.parametrize("name", ["post.md", "post.html"])
def test_a_megabyte_of_openings_costs_no_more_than_its_length(reads, opening, name):
    started = time.perf_counter()
    outcome = reads("---\ntitle: x\n---\n" + opening * (900_000 // len(opening)), name)
    assert outcome is not None
    assert time.perf_counter() - started < 40  # seconds; a search that starts anew at every opening takes minutes


SETS = {
    "md-18f": (300, 20),
    "md-carpentries": (1000, 0),
    "md-frontmatter-odd-a": (7, 0),
    "md-jekyll-news": (100, 2),
    "md-jekyll-odd": (55, 1),
    "md-opensource-guide-a": (73, 0),
    "md-rust": (380, 700),
    "md-tokio": (43, 0),
}


@pytest.mark.parametrize("name", SETS)
def test_a_real_blog_comes_in_whole(name):
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip(f"REAL BLOGS NOT TRIED: {folder} is not there; set MASTHEAD_CORPORA to where the corpora lie")
    outcomes = [read_file(path, folder=folder, zone=BERLIN) for path in files_in(folder)]
    posts = [outcome for outcome in outcomes if isinstance(outcome, PostRecord)]
    least_posts, least_paths = SETS[name]
    assert len(posts) >= least_posts
    assert sum(len(post.old_paths) for post in posts) >= least_paths
    assert len({post.source for post in posts}) == len(posts)
    assert all(post.title and post.slug and post.body.endswith("\n") and "\r" not in post.body for post in posts)
    assert all(path.startswith("/") and "?" not in path for post in posts for path in post.old_paths)
    assert all(path.is_file() for post in posts for path in post.pictures.values())
    assert all(token in post.body for post in posts for token in (*post.pictures, *post.links))
    assert all(outcome.reason.endswith(".") for outcome in outcomes if isinstance(outcome, Refusal))
