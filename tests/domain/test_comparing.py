"""Two versions side by side: what belongs together, which words changed, and not a letter missing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.comparing import Row, Run, compared_line, counted, side_by_side


def joined(runs: list[Run]) -> str:
    return "".join(run.words for run in runs)


def marked(runs: list[Run]) -> str:
    """The words, with those that changed in brackets."""
    return "".join(f"[{run.words}]" if run.is_changed else run.words for run in runs)


def shown(before: str, after: str) -> list[tuple[str, str]]:
    return [(marked(row.left).rstrip(), marked(row.right).rstrip()) for row in side_by_side(before, after)]


def test_a_paragraph_that_stayed_is_the_same_on_both_sides():
    assert side_by_side("One.\n\nTwo.", "One.\n\nTwo.\n") == [
        Row([Run("One.\n\n", False)], [Run("One.\n\n", False)], True),
        Row([Run("Two.", False)], [Run("Two.\n", False)], True),
    ]


def test_a_rewritten_paragraph_stands_beside_what_it_was_and_its_words_are_marked():
    before = "Before.\n\nThe quick brown fox jumps over the dog.\n\nAfter."
    after = "Before.\n\nQuite new.\n\nThe quick red fox leaps over the dog.\n\nAfter."
    assert shown(before, after) == [
        ("Before.", "Before."),
        ("", "[Quite new.\n\n]"),
        ("The quick [brown] fox [jumps] over the dog.", "The quick [red] fox [leaps] over the dog."),
        ("After.", "After."),
    ]


def test_paragraphs_that_came_and_went_stand_alone():
    assert shown("One here.\n\nOld words.", "One here.\n\nSomething else.") == [
        ("One here.", "One here."),
        ("[Old words.]", ""),
        ("", "[Something else.]"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("A clock", "A watch", "A [clock]", "A [watch]"),
        ("old red clock", "big green clock", "[old red] clock", "[big green] clock"),
        ("It's late", "It’s late", "[It's] late", "[It’s] late"),
        ("東京は大きい", "東京は小さい", "東京は[大き]い", "東京は[小さ]い"),
        ("वह गया था", "वह आया था", "वह [गया] था", "वह [आया] था"),
        ("A \U0001f468\u200d\U0001f469\u200d\U0001f467", "A \U0001f468\u200d\U0001f469\u200d\U0001f466",
         "A [\U0001f468\u200d\U0001f469\u200d\U0001f467]", "A [\U0001f468\u200d\U0001f469\u200d\U0001f466]"),
        ("", "New", "", "[New]"),
        ("Same", "Same", "Same", "Same"),
        ("two  spaces", "two spaces", "two[  ]spaces", "two[ ]spaces"),
    ],
)  # fmt: skip
def test_a_title_is_compared_by_words(before, after, left, right):
    assert tuple(map(marked, compared_line(before, after))) == (left, right)


def test_of_a_long_paragraph_the_changed_words_are_marked_too():
    sentences = [f"Sentence number {n} says something of its own." for n in range(400)]
    before = " ".join(sentences)
    after = before.replace("number 250 says", "number 250 whispers")
    [row] = side_by_side(before, after)
    assert [run.words for run in row.left if run.is_changed] == ["says"]
    assert [run.words for run in row.right if run.is_changed] == ["whispers"]


def test_words_added_and_removed_are_counted():
    rows = side_by_side("One two three.\n\nGone away.", "One 2 three four.\n\n東京大学")
    assert counted(rows) == (2 + 2, 1 + 2)


TEXTS = st.text(st.sampled_from("ab .\n\n大'\u200d\u0301"), max_size=60)


@given(TEXTS, TEXTS)
def test_both_sides_are_the_texts_to_the_letter(before, after):
    rows = side_by_side(before, after)
    assert "".join(joined(row.left) for row in rows) == before
    assert "".join(joined(row.right) for row in rows) == after
    assert tuple(map(joined, compared_line(before, after))) == (before, after)


@given(TEXTS, TEXTS)
def test_what_is_not_marked_is_the_same_on_both_sides(before, after):
    left, right = compared_line(before, after)
    same = ["".join(run.words for run in side if not run.is_changed) for side in (left, right)]
    assert same[0].split() == same[1].split() or same[0].replace(" ", "") == same[1].replace(" ", "")
    for row in side_by_side(before, after):
        assert row.is_same == (joined(row.left).rstrip() == joined(row.right).rstrip() and bool(row.left and row.right))


def long_text(tag: str) -> str:
    words = [f"w{n * n % 3001}" if n % 11 else f"{tag}{n}." for n in range(50_000)]
    return "\n\n".join(" ".join(words[n : n + 90]) for n in range(0, len(words), 90))


HOSTILE = {
    "50,000 words, changed all over": (long_text("a"), long_text("b")),
    "one line": ("x y " * 250_000, "q" + "x z " * 250_000),
    "two lines in any order": tuple("".join(f"{(n * n * k >> 7) % 2}\n" for n in range(500_000)) for k in (3, 5)),
    "tiny paragraphs": tuple("".join(f"{tag}{n:x}\n\n" for n in range(140_000)) for tag in "tm"),
    "alike and yet not": tuple(
        "\n\n".join(f"tell{n} other{n} " + "".join("ab "[n * i * k % 3] for i in range(6)) for n in range(49_000))
        for k in (1, 2)
    ),
    "signs": tuple("".join(chr(n * n * k % 251) for n in range(1_000_000)) for k in (3, 5)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_comparison_takes_long(name):
    before, after = HOSTILE[name]
    began = time.process_time()
    rows = side_by_side(before, after)
    assert (
        time.process_time() - began < 60
    )  # some 1.2 s at worst, more where coverage is measured; without bounds, minutes
    assert "".join(joined(row.left) for row in rows) == before
