"""How the block of facts on top of a post is read, and the dates in it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blog.transfer import dates
from blog.transfer.frontmatter import BrokenFrontMatter, split
from blog.transfer.markdown import read_file
from blog.transfer.records import PostRecord, Refusal

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
    ("text", "title", "body"),
    [
        ("---\ntitle: A\n---\nB", "A", "B"),
        ("---  \ntitle: A\n...\nB", "A", "B"),
        ("---yaml\ntitle: A\n---\t\nB", "A", "B"),
        ('---json\n{"title": "A"}\n---\nB', "A", "B"),
        ("+++\ntitle = 'A'\n+++\nB", "A", "B"),
        ('{"title": "A",\n "n": 1}\n\nB', "A", "B"),
        ("---\n---\nB", None, "B"),
        ("---", None, "---"),
        ("---\nprose\n\n---\nB", None, "---\nprose\n\n---\nB"),
        ("---\nno facts, no end", None, "---\nno facts, no end"),
        ("{: .lead}\nB", None, "{: .lead}\nB"),
        ("---\ntitle: B\ntitle: A\n---\nB", "A", "B"),
        ("---\ntitle: Foo: A\n---\nB", "Foo: A", "B"),
        ("---\ntitle: 'It's A'\n---\nB", "It's A", "B"),
        ("---\ntitle: A\t\nby: [x]\t\n\t\n---\nB", "A", "B"),
        ("---\nby:\n- x\t\ntitle: A\n---\nB", "A", "B"),
    ],
)
def test_front_matter_is_read_in_every_dress(text, title, body):
    matter = split(text)
    assert (matter.values.get("title"), matter.body) == (title, body)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\ntitle: A\nno end", "no line closes"),
        ("---\na: [1\n---\nB", "line"),
        ("---\ntitle: A\n  b: c\n---\nB", "line 3"),
        ("---\na: &x 1\nb: *x\n---\nB", "aliases"),
        ("---\na: " + "[" * 500 + "\n---\nB", "nested too deeply"),
        ("---\na: " + "x" * 70_000 + "\n---\nB", "longer than 64 KB"),
        ("---\n" + "a: b: c\n" * 20 + "---\nB", "too many"),
        ("---\n%YAML 9.9\n---\nB", "version"),
        ("---\n\x01: a\n---\nB", "special characters"),
        ("+++\na = \n+++\nB", "line 2"),
        ("+++\na = " + "[" * 5000 + "\n+++\nB", "nested"),
        ("+++\na = " + "9" * 5000 + "\n+++\nB", "impossible number"),
        ('{"a": 1,\n b}', "line 2"),
        ('{"a": ' + "[" * 50_000, "nested"),
        ('{"a": ' + "9" * 5000 + "}", "impossible number"),
        ('{"a":' + '{"a":' * 30 + "1" + "}" * 31, "nested"),
        ("---\na: b\n? [x]\n---\nB", "unhashable"),
    ],
)
def test_broken_front_matter_is_refused_with_line_and_problem(text, words):
    with pytest.raises(BrokenFrontMatter, match=words):
        split(text)


def test_the_refusal_of_broken_front_matter_names_the_line(tmp_path):
    (tmp_path / "post.md").write_text("---\ntitle: A\ntags: [a, b\n---\nWords.")
    outcome = read_file(tmp_path / "post.md", folder=tmp_path, zone=BERLIN)
    assert isinstance(outcome, Refusal)
    assert "front matter is broken: line" in outcome.reason


def test_what_was_mended_is_told(post):
    assert "line 2 of the front matter" in post("title: A: B").changes[0]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2021-9-1", "2021-08-31T22:00"),
        ("2015-02-18", "2015-02-17T23:00"),
        ("20150218", "2015-02-17T23:00"),
        ("2013-01-12 10:00:00 -0800", "2013-01-12T18:00"),
        ("2014-05-06T03:00+02:00", "2014-05-06T01:00"),
        ("2014-05-06T3:00:00.123Z", "2014-05-06T03:00"),
        ("2014-05-06 12:30 am EST", "2014-05-06T05:30"),
        ("2014-05-06 1:30pm UTC (x)", "2014-05-06T13:30"),
        ("August 08, 2019", "2019-08-07T22:00"),
        ("Thu, 8 Aug 2019 10:00:00 +0000", "2019-08-08T10:00"),
        ("8th August 2019 at 10:00 -5", "2019-08-08T15:00"),
        ("13/04/2019", "2019-04-12T22:00"),
        ("04/13/2019", "2019-04-12T22:00"),
        ("05/05/2019", "2019-05-04T22:00"),
        ("1399999999", "2014-05-13T16:53:19"),
        ("2016-12-31 23:59:60 Z", "2016-12-31T23:59:59"),
        ("2021-03-28 02:30", "2021-03-28T01:30"),
    ],
)
def test_dates_are_read_in_many_shapes(written, moment):
    assert dates.read(written, BERLIN) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", "soon", "03/04/2019", "2019-13-01", "2019-02-30", "2019-01-01 25:00",
     "2019-01-01 noon", "2019-01-01 10:00 QQQ",
     "0001-01-01", "9999-12-31", "Smarch 1, 2019", "2019-01-01 10:00 +99:00", "x" * 100],
)  # fmt: skip
def test_what_is_surely_no_date_is_not_guessed_at(written):
    assert dates.read(written, BERLIN) is None
