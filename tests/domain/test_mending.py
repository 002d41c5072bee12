"""What is mended in HTML that came from elsewhere."""

import time
import unicodedata

import pytest

from blog.markdown import render
from blog.mending import mended


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2 3 2 3 4", "2 3 2 3 4"),
        ("4 4", "2 2"),
        ("2 4 4 2", "2 3 3 2"),
        ("3 2 3", "2 2 3"),
        ("2 5 3 6", "2 3 3 4"),
        ("6 5 4", "2 2 2"),
    ],
)
def test_headings_never_skip_a_level(written, read):
    html = "".join(f'<h{n} id="a">x</h{n}><p>w</p>' for n in written.split())
    assert mended(html) == "".join(f'<h{n} id="a">x</h{n}><p>w</p>' for n in read.split())


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("<span><p>a</p></span>", "<p>a</p>"),
        ('<b><i lang="de"><ul><li>a</li></ul></i></b>', "<ul><li>a</li></ul>"),
        ("<p><span>a</span></p>", "<p><span>a</span></p>"),
        ("<div><b>a</b><p>b</p></div>", "<div><b>a</b><p>b</p></div>"),
        ("<span>a<br><hr>b</span>", "a<br><hr>b"),
        ("<li><span>a<p><b>c</b></p></span></li>", "<li>a<p><b>c</b></p></li>"),
        ("<b>a &lt;p&gt;</b>", "<b>a &lt;p&gt;</b>"),
        ('<a href="/x"><p>a</p></a>', '<a href="/x"><p>a</p></a>'),
    ],
)
def test_what_is_for_words_does_not_stand_around_paragraphs(broken, whole):
    assert mended(broken) == whole


def test_letters_are_whole():
    assert unicodedata.is_normalized("NFC", render("Cafe\u0301, بِّنّ").html)


def test_ten_thousand_tags_are_mended_at_once():
    began = time.monotonic()
    mended("<span>" * 10_000 + "<p>" * 10_000)
    mended("<h6>" * 10_000 + "</b>" * 10_000)
    assert time.monotonic() - began < 40


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("<details><p>a</p><summary>S</summary>b</details>", "<details><summary>S</summary><p>a</p>b</details>"),
        ("<details><summary>S</summary>b</details>", "<details><summary>S</summary>b</details>"),
        ('<details open="">b</details>', '<details open=""><summary>Details</summary>b</details>'),
        (
            "<details>a<details><summary>S</summary>b</details></details>",
            "<details><summary>Details</summary>a<details><summary>S</summary>b</details></details>",
        ),
        ('<a rel="noopener">here</a>', "<a>here</a>"),
        ("<details><summary><p>S</p></summary>b</details>", "<details><summary>S</summary>b</details>"),
        ('<a href="/a b?b=1%&amp;c=%2F#d#e">x</a>', '<a href="/a%20b?b=1%25&amp;c=%2F#d%23e">x</a>'),
        ('<code>an href="a#b#c" of 5%</code>', '<code>an href="a#b#c" of 5%</code>'),
    ],
)
def test_what_browsers_forgive_is_made_right(broken, whole):
    assert mended(broken) == whole


@pytest.mark.parametrize(
    "bomb", ["<details>", "<details><summary>", "<summary>", "<details><p>", '<a href="#', '<a href="%#%', "<a %%"]
)
def test_folding_made_to_keep_a_server_busy_does_not(bomb):
    began = time.monotonic()
    mended(bomb * 50_000)
    assert time.monotonic() - began < 40
