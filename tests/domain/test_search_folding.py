"""What search makes of texts and questions, and that the databases make the same of them."""

import sqlalchemy as sa
from factories import a_post

from blog import folding
from blog.folding import PLAIN, SPECIAL, terms, text_of
from blog.search.matching import on_postgresql
from blog.search.query import parse
from blog.search.snippets import marked, snippet
from blog.search.suggesting import distance, one_letter_off

SAMPLES = [
    "Café, CRÈME & œuvre", "Straße ẞ", "東京都 Tower 塔", "ภาษาไทย", "Ещё Й", "كِتَاب أحمد", "Łódź", "हिन्दी", "ΆΈς",
    "a\u00adb c\u200bd", "한국어 말", "rock’n’roll", "1.5 × 2", "🦆 duck",
]  # fmt: skip


def test_the_databases_fold_every_letter_as_we_do(db):
    letters = [*PLAIN, *(letter for letter, plain in SPECIAL.items() if plain)]
    # With a letter before and after, as a mark alone is no word.
    for text in [*SAMPLES, *(" ".join(f"x{one}x" for one in letters[n : n + 30]) for n in range(0, len(letters), 30))]:
        post = a_post(live=True, title=text[:200], body="")
        db.session.flush()
        assert indexed(db, post.id) == sorted(set(terms(text[:200]).split())), text


def indexed(db, post_id):
    """The words of a title as they stand in the index."""
    if on_postgresql():
        words = "unnest(tsvector_to_array(ts_filter(heads, '{a}')))"
        found = f"SELECT {words} FROM search_open WHERE post_id = :id"
    else:
        db.session.execute(
            sa.text("CREATE VIRTUAL TABLE IF NOT EXISTS temp.seen USING fts5vocab(main, search_open, instance)")
        )
        found = "SELECT DISTINCT term FROM temp.seen WHERE doc = :id AND col = 'title'"
    return sorted(db.session.scalars(sa.text(found), {"id": post_id}))


def test_a_question_is_words_phrases_and_exclusions():
    query = parse('ferry "slack  water" -timetable -"spring tide"')
    assert [term.tokens for term in query.wanted] == [("ferry",), ("slack", "water")]
    assert [term.tokens for term in query.unwanted] == [("timetable",), ("spring", "tide")]


def test_a_question_is_bounded():
    assert len(parse("a " * 5000).terms) == 1, "the same word twice is one"
    query = parse(" ".join(f"a{number}" for number in range(5000)))
    assert len(query.terms) == 12
    assert query.was_cut
    assert not parse("ferry").was_cut


def test_a_text_is_indexed_in_words_and_pairs():
    assert terms("Café 東京都!") == "cafe 東京 京都 都"


def test_no_text_is_too_long_to_be_indexed():
    assert len(terms("東京" * 500_000).encode()) <= folding.TERMS_LIMIT
    assert terms("x" * 1000) == "x" * 60


def test_the_longest_text_with_all_words_different_is_indexed(db):
    letters = [chr(0x4E00 + n) for n in range(1200)]
    post = a_post(live=True, body="")
    post.terms = terms("".join(a + b for a in letters for b in letters[:60]))
    db.session.flush()


def test_the_text_of_a_page_is_what_one_reads():
    html = '<h2 id="a">A <a class="anchor" href="#a">§</a></h2><p>in<em>side</em><br>x &lt;y&gt; <img alt="z"></p>'
    assert text_of(html).split() == ["A", "inside", "x", "<y>"]


def test_a_snippet_prefers_the_passage_with_most_of_the_words():
    text = "ferry " + "nothing " * 100 + "the ferry at slack water " + "nothing " * 100
    found = snippet(text, parse("slack ferry"))
    assert "<mark>ferry</mark> at <mark>slack</mark> water" in str(found)


def test_no_snippet_is_made_where_nothing_is_hit():
    assert snippet("Some text", parse("heron")) is None


def test_part_of_a_word_is_not_marked():
    assert str(marked("heron herons", parse("heron"))) == "<mark>heron</mark> herons"


def test_distances_count_slips_of_the_finger():
    assert [distance("ferry", other) for other in ("ferry", "fery", "frery", "feryr", "ferries")] == [0, 1, 1, 1, 3]
    assert {"ferry"} <= one_letter_off("fery") & one_letter_off("ferrry") & one_letter_off("frery")
