"""Plain text: addresses of any script, excerpts, word counts, and characters that cannot be stored."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog import text


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, World", "hello-world"),
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("Ångström Łódź Đà Nẵng", "angstrom-lodz-da-nang"),
        ("Straße Ærø", "strasse-aero"),
        ("İstanbul", "istanbul"),
        ("it’s Bob's", "its-bobs"),
        ("  a -- b_c/d?e#f  ", "a-b-c-d-e-f"),
        ("1 + 1 = 2", "1-1-2"),
        ("x² ＡＢＣ ﬁne", "x2-abc-fine"),
        ("Привет, мир", "привет-мир"),
        ("Ёлка й", "ёлка-й"),
        ("Ελλάδα", "ελλάδα"),
        ("हिन्दी में लिखना", "हिन्दी-में-लिखना"),
        ("ภาษาไทยที่ดี", "ภาษาไทยที่ดี"),
        ("日本語の記事", "日本語の記事"),
        ("한국어 글", "한국어-글"),
        ("مرحبا بالعالم", "مرحبا-بالعالم"),
        ("שלום עולם", "שלום-עולם"),
        ("I ❤️ Python", "i-python"),
        ("1️⃣ first", "1-first"),
    ],
)
def test_an_address_is_made_of_the_words_of_any_script(title, slug):
    assert text.slugify(title) == slug


@pytest.mark.parametrize("title", ["", "🎉🎉", "❤️", "👩‍👩‍👧", "?!…", "\u200b\u202e", "\u0301"])
def test_a_title_without_words_makes_no_address(title):
    assert text.slugify(title) == ""


@pytest.mark.parametrize("limit", [1, 10, 80])
def test_a_long_title_is_cut_between_words(limit):
    slug = text.slugify("word " * 60, limit=limit)
    assert 1 <= len(slug) <= limit
    assert slug.strip("word-") == ""
    assert limit < 4 or set(slug.split("-")) == {"word"}


def test_a_word_that_just_fits_is_kept_whole():
    assert text.slugify("four five", limit=9) == "four-five"
    assert text.slugify("four fives", limit=9) == "four"
    assert text.slugify("a" * 100) == "a" * 80


@given(st.text(max_size=120))
def test_an_address_is_short_lower_case_and_its_own_address(title):
    slug = text.slugify(title)
    assert len(slug) <= 80
    assert slug == slug.strip("-")
    assert "--" not in slug
    assert not set(slug) & set("/?#%&. \t\n\x00'\"<>")
    assert slug == text.storable(slug)


@pytest.mark.parametrize(("taken", "free"), [(0, "p"), (1, "p-2"), (2, "p-3"), (9, "p-10"), (300, "p-301")])
def test_the_next_address_is_numbered_from_two(taken, free):
    used = {"p", *(f"p-{number}" for number in range(2, taken + 1))} if taken else set()
    assert text.first_free("p", taken=used.__contains__) == free


def test_a_thousand_posts_of_one_name_need_a_few_questions():
    used = {"p", *(f"p-{number}" for number in range(2, 5001))}
    asked = []

    def taken(slug: str) -> bool:
        asked.append(slug)
        return slug in used

    assert text.first_free("p", taken=taken) not in used
    assert len(asked) < 50


def test_where_every_address_is_taken_somebody_is_told():
    with pytest.raises(ValueError, match="no free address like 'p'"):
        text.first_free("p", taken=lambda slug: True)


@pytest.mark.parametrize(
    ("body", "beginning"),
    [
        ("short", "short"),
        ("  a\n b\t c ", "a b c"),
        ("one two three four", "one two…"),
        ("one two, three", "one two…"),
        ("one two – three", "one two…"),
        ("unbreakably", "unbreakabl…"),
        ("exactly 10", "exactly 10"),
        ("", ""),
    ],
)
def test_an_excerpt_is_cut_at_a_word(body, beginning):
    assert text.excerpt(body, limit=10) == beginning


def test_an_excerpt_of_a_long_text_is_as_long_as_it_may_be():
    assert 230 <= len(text.excerpt("some words " * 100_000)) <= 241


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", 0),
        ("—!?…", 0),
        ("two words", 2),
        ("it's don’t", 2),
        ("a-b, c/d", 4),
        ("Привет мир", 2),
        ("日本語の記事", 3),
        ("漢", 1),
        ("한국어 글", 2),
        ("about 日本 and 中国", 4),
    ],
)
def test_words_are_counted_in_any_script(body, words):
    assert text.count_words(body) == words


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (100, 1), (460, 2), (2300, 10)])
def test_reading_takes_at_least_a_minute(words, minutes):
    assert text.reading_minutes(words) == minutes


def test_what_no_database_can_hold_is_shown_by_a_mark():
    assert text.storable("a\x00b\ud800c\udfff\U0001f600é") == "a\ufffdb\ufffdc\ufffd\U0001f600é"


@given(st.text(st.characters(exclude_categories=())))
def test_every_text_becomes_one_that_can_be_encoded_and_keeps_its_length(words):
    kept = text.storable(words)
    assert "\x00" not in kept
    assert len(kept) == len(words)
    kept.encode()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (None, ""),
        (" a\r\nb\tc ", "a b c"),
        ("a\x07b\x85c\u2028d\u2029e\x7f", "a b c d e"),
        ("a\xa0 \u3000b", "a b"),
        ("\u202eabc", "\u202eabc"),
    ],
)
def test_a_single_line_field_has_one_line(typed, meant):
    assert text.one_line(typed) == meant


def test_a_text_area_has_unix_lines():
    assert text.unix_lines("a\r\nb\rc\nd\r\n") == "a\nb\nc\nd\n"
    assert text.unix_lines(None) == ""


@pytest.mark.parametrize("spelling", ["/a/b", "/a/b/", "//a///b//", "/A/B", "a/b"])
def test_every_spelling_of_a_path_is_one_path(spelling):
    assert text.plain_path(spelling) == "/a/b"


@pytest.mark.parametrize("spelling", ["", "/", "//"])
def test_the_root_is_a_path_too(spelling):
    assert text.plain_path(spelling) == "/"


def test_longer_texts_never_have_fewer_words():
    counts = [text.count_words("漢字 and words "[:n]) for n in range(15)]
    assert all(fewer <= more for fewer, more in pairwise(counts))


def test_a_line_has_its_accented_letters_whole():
    assert text.one_line("Cafe\u0301") == "Café"
