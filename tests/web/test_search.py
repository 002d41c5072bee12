"""The search page, as strangers and members meet it."""

import time
from datetime import timedelta

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, a_user, an_editor
from looking import link, page, words
from sqlalchemy import text, update

from blog.database import utcnow
from blog.models import Post, PostKind, Tag, User


def headlines(answer):
    return [heading.get_text() for heading in page(answer).select(".entry h2")]


def found(browser, q="", **filters):
    return headlines(browser.get("/search", query_string={"q": q} | filters))


def passages(answer):
    return [entry.get_text() for entry in page(answer).select(".entry > p:not(.meta)")]


def hits(answer):
    return [mark.get_text() for mark in page(answer).select(".entry mark")]


@pytest.mark.parametrize("place", ["title", "summary", "body"])
def test_words_are_found_in_titles_summaries_and_bodies(client, place):
    a_post(live=True, **{"title": "One", place: "About the kingfisher"})
    a_post(live=True, title="Another")
    assert len(found(client, "Kingfisher")) == 1


def test_posts_are_found_by_their_tags_and_all_their_authors(client):
    post = a_post(live=True, title="One", by=an_editor(name="Noor Haddad"), tags=["Slack water"])
    post.co_authors = [an_editor(name="Idris Achterberg")]
    for q in ("slack", "noor", "achterberg", "haddad water idris"):
        assert found(client, q) == ["One"], q


def test_a_page_is_found_too(client):
    a_post(live=True, title="About", body="The wharf", kind=PostKind.page, slug="about")
    answer = client.get("/search?q=wharf")
    assert link(answer, "About") == "/about"


def test_what_is_not_out_is_not_found(client, sign_in):
    a_post(title="Draft heron")
    a_scheduled_post(title="Scheduled heron")
    a_binned_post(title="Binned heron")
    assert found(client, "heron") == []
    assert found(sign_in(an_editor()), "heron") == []


def test_a_scheduled_post_is_found_on_the_second(client, monkeypatch):
    moment = utcnow() + timedelta(hours=1)
    a_post(title="Heron", published_at=moment)
    monkeypatch.setattr("blog.models.post.utcnow", lambda: moment - timedelta(microseconds=1))
    assert found(client, "heron") == []
    monkeypatch.setattr("blog.models.post.utcnow", lambda: moment)
    assert found(client, "heron") == ["Heron"]


def test_a_phrase_stands_in_its_order(client):
    a_post(live=True, title="One", body="At slack water, we wait.")
    a_post(live=True, title="Two", body="The water was slack.")
    assert found(client, '"slack water"') == ["One"]
    assert found(client, "“slack water”") == ["One"]
    assert sorted(found(client, "slack water")) == ["One", "Two"]


def test_what_has_a_minus_is_left_out(client):
    a_post(live=True, title="One", body="ferry timetable")
    a_post(live=True, title="Two", body="ferry stage")
    assert found(client, "ferry -timetable") == ["Two"]
    assert found(client, 'ferry -"ferry stage"') == ["One"]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Le café du port", "cafe"),
        ("Le cafe du port", "CAFÉ"),
        ("Die lange Straße", "strasse"),
        ("Smørrebrød", "smorrebrod"),
        ("Тихая ПРИСТАНЬ", "пристань"),
        ("Ещё один", "еще"),
        ("Η Ελλάδα", "ελλαδα"),
        ("東京都の川を渡る", "東京"),
        ("東京都の川を渡る", "東京都"),
        ("東京都の川を渡る", "川"),
        ("东京的河流", "河流"),
        ("서울에서 만나요", "서울"),
        ("ภาษาไทยง่ายมาก", "ไทย"),
        ("مرحبا بالعالم", "بالعالم"),
        ("كِتَابٌ جديد", "كتاب"),
        ("हिन्दी भाषा", "भाषा"),
        ("Việt Nam", "viet"),
        ("open-source", "open-source"),
    ],
)
@pytest.mark.parametrize("place", ["title", "body"])
def test_every_script_is_found_and_marked(client, place, written, typed):
    a_post(live=True, **{"title": "Other", "body": "Other", place: written})
    a_post(live=True, title="Decoy", body="Decoy")
    answer = client.get("/search", query_string={"q": typed})
    assert len(headlines(answer)) == 1
    assert hits(answer)


def test_a_hit_in_the_title_comes_before_tags_summaries_and_bodies(client):
    ago = [utcnow() - timedelta(days=n) for n in range(5)]
    a_post(live=True, title="In the body", body="heron " * 50, published_at=ago[0])
    a_post(live=True, title="In the summary", summary="a heron", published_at=ago[1])
    a_post(live=True, title="In a tag", tags=["Heron"], published_at=ago[2])
    a_post(live=True, title="Heron", published_at=ago[3])
    assert found(client, "heron") == ["Heron", "In a tag", "In the summary", "In the body"]


def test_of_two_alike_the_newer_comes_first(client):
    a_post(live=True, title="Old", body="heron", published_at=utcnow() - timedelta(days=900))
    a_post(live=True, title="New", body="heron", published_at=utcnow() - timedelta(days=2))
    a_post(live=True, title="Between", body="heron", published_at=utcnow() - timedelta(days=400))
    assert found(client, "heron") == ["New", "Between", "Old"]


def test_a_passage_shows_the_text_as_written_with_the_hits_marked_and_escaped(client):
    body = "Before. " * 100 + "She said `<b>Café</b>` & left. " + "After. " * 100
    a_post(live=True, title="One", body=body)
    answer = client.get("/search?q=cafe")
    [passage] = passages(answer)
    assert "<b>Café</b>" in passage
    assert "&lt;b&gt;<mark>Café</mark>&lt;/b&gt;" in answer.text
    assert 100 < len(passage) < 260
    assert passage.startswith("… ")
    assert passage.endswith(" …")


def test_the_address_of_a_link_is_no_text(client):
    a_post(live=True, title="One", body="[here](https://example.com/kingfisher)")
    assert found(client, "kingfisher") == []


# What is for members


def a_members_post(**fields):
    return a_post(live=True, members=True, title="The vault", summary="In short", body="A secret zeppelin.", **fields)


def test_a_stranger_finds_a_members_post_by_all_but_its_body(client):
    a_members_post(tags=["Airships"])
    for q in ("vault", "short", "airships"):
        answer = client.get(f"/search?q={q}")
        assert headlines(answer) == ["The vault"]
        assert "zeppelin" not in answer.text


@pytest.mark.parametrize("q", ["zeppelin", "vault zeppelin", '"secret zeppelin"', "zeppelim"])
def test_the_body_of_a_members_post_answers_no_question_of_a_stranger(client, q):
    a_members_post()
    answer = client.get("/search", query_string={"q": q})
    assert headlines(answer) == []
    assert "Did you mean" not in answer.text


def test_an_exclusion_does_not_tell_what_is_in_a_members_post(client):
    a_members_post()
    assert found(client, "vault -zeppelin") == ["The vault"]


def test_members_find_the_body_of_a_members_post_too(sign_in):
    a_members_post()
    member = sign_in(a_user())
    answer = member.get("/search?q=zeppelin")
    assert headlines(answer) == ["The vault"]
    assert "A secret <mark>zeppelin</mark>." in answer.text
    assert found(member, "vault -zeppelin") == []
    assert link(member.get("/search?q=zeppelim"), "zeppelin") == "/search?q=zeppelin"


def test_the_length_of_a_members_body_does_not_change_the_order_for_strangers(client):
    posts = [a_members_post(published_at=utcnow() - timedelta(days=400 - n)) for n in range(3)]
    before = found(client, "vault")
    posts[0].body = "zeppelin " * 3000
    assert found(client, "vault") == before


# Kept by the database itself


def test_renamed_tags_and_authors_are_found_by_their_new_names_only(client, db):
    author = an_editor(name="Old Name")
    a_post(live=True, title="One", by=author, tags=["Boats"])
    db.session.flush()
    db.session.execute(update(Tag).values(name="Vessels"))
    db.session.execute(update(User).where(User.id == author.id).values(name="Nuala"))
    assert found(client, "vessels nuala") == ["One"]
    assert found(client, "boats") == found(client, "old") == []


@pytest.mark.parametrize(
    ("change", "q", "is_found"),
    [
        ("UPDATE posts SET title = 'Egret'", "egret", True),
        ("UPDATE posts SET title = 'Egret'", "heron", False),
        ("UPDATE posts SET summary = 'Égret'", "egret", True),
        ("UPDATE posts SET terms = 'egret'", "egret", True),
        ("UPDATE posts SET title = '東京都'", "東京都", True),
        ("UPDATE posts SET published_at = NULL", "heron", False),
        ("UPDATE posts SET binned_at = published_at", "heron", False),
        ("UPDATE posts SET visibility = 'members'", "reeds", False),
        ("UPDATE posts SET visibility = 'members'", "heron", True),
        ("DELETE FROM post_tags", "birds", False),
        ("UPDATE tags SET name = 'Fowl'", "fowl", True),
        ("DELETE FROM tags", "birds", False),
        ("DELETE FROM post_co_authors", "second", False),
        ("UPDATE post_co_authors SET user_id = (SELECT id FROM users WHERE name = 'Third')", "third", True),
        ("UPDATE posts SET author_id = (SELECT id FROM users WHERE name = 'Third')", "third", True),
        ("UPDATE posts SET author_id = (SELECT id FROM users WHERE name = 'Third')", "first", False),
        ("UPDATE users SET name = 'Łukasz'", "lukasz", True),
        ("DELETE FROM posts", "heron", False),
    ],
)
def test_what_any_statement_changes_is_found_at_once(client, db, change, q, is_found):
    post = a_post(live=True, title="Heron", body="In the reeds", by=an_editor(name="First"), tags=["Birds"])
    post.co_authors = [an_editor(name="Second")]
    an_editor(name="Third")
    db.session.commit()
    db.session.execute(text(change))
    db.session.commit()
    assert bool(found(client, q)) == is_found


# Odd questions


@pytest.mark.parametrize(
    ("q", "says"),
    [
        ("", "What are you looking for?"),
        ("   ", "What are you looking for?"),
        ("?!… ***", "There is no word in that"),
        ("🦆", "There is no word in that"),
        ('"', "There is no word in that"),
        ("\x00", "There is no word in that"),
        ("-ferry", "Say what to look for"),
        ('-"a b" -c', "Say what to look for"),
    ],
)
def test_a_question_without_a_word_is_answered_with_advice(client, q, says):
    answer = client.get("/search", query_string={"q": q})
    assert answer.status_code == 200
    assert says in words(answer)


@pytest.mark.parametrize(
    "q",
    [
        "AND", "OR NOT", "NEAR(a b)", "title:heron", "a*", "*" * 300, "a* b* c*" * 50, "x" * 10_000, "heron " * 2000,
        '"heron', "'heron", "he'ron", "\\", "heron\\", "a & b | !c", "a <-> b", "(((", "{title}: a", "a:*", "^a", "+a",
        "-" * 200, "- heron", "--heron", "%", "_", "';DROP TABLE posts;--", "<script>alert(1)</script>", "\x00heron",
        "é" * 200, "東" * 200, "\ud83d", "ß" * 200, "a\u0301" * 90, "-a " * 100, '"" "" a', "ـ", "َ",
    ],
)  # fmt: skip
def test_no_question_is_an_error(client, sign_in, q):
    a_members_post()
    a_post(live=True, title="Heron")
    for browser in (client, sign_in(a_user())):
        answer = browser.get("/search", query_string={"q": q.encode("utf-8", "surrogatepass")})
        assert answer.status_code == 200
        assert "<script" not in answer.text


def test_a_long_question_is_cut_and_says_so(client):
    assert "Only the beginning" in words(client.get("/search", query_string={"q": "heron " * 2000}))


# Did you mean


@pytest.mark.parametrize("typed", ["ferrry", "fery", "ferty", "frery", "kingfsiher", "kingfishrr", "kingfihsre"])
def test_the_nearest_word_is_suggested(client, typed):
    a_post(live=True, title="The ferry", body="and the kingfisher")
    answer = client.get(f"/search?q={typed}")
    nearest = "ferry" if typed.startswith("f") else "kingfisher"
    assert link(answer, nearest) == f"/search?q={nearest}"


def test_a_word_of_drafts_only_is_not_suggested(client):
    post = a_post(live=True, title="The ferry")
    a_scheduled_post(title="The kingfisher")
    post.published_at = None
    for q in ("ferrry", "kingfishr"):
        assert "Did you mean" not in words(client.get(f"/search?q={q}"))


# Filters and paging


def test_results_can_be_kept_to_a_topic_and_an_author(client):
    ada = an_editor(name="Ada", handle="ada")
    a_post(live=True, title="One heron", by=ada, tags=["Birds"])
    a_post(live=True, title="Two herons, heron", tags=["Birds"])
    a_post(live=True, title="Three heron", by=ada)
    assert sorted(found(client, "heron", tag="birds")) == ["One heron", "Two herons, heron"]
    assert sorted(found(client, "heron", author="ada")) == ["One heron", "Three heron"]
    assert found(client, "heron", author="ada", tag="birds") == ["One heron"]
    assert found(client, tag="birds", author="ada") == ["One heron"]
    assert found(client, "heron", tag="nowhere") == found(client, "heron", author="nobody") == []


def test_long_lists_are_paged_and_every_post_is_met_once(client):
    for n in range(25):
        a_post(live=True, title=f"Heron {n}")
    seen, address = [], "/search?q=heron"
    while address:
        answer = client.get(address)
        seen += headlines(answer)
        address = link(answer, "More results")
    assert len(seen) == len(set(seen)) == 25
    assert link(answer, "Previous results") == "/search?after=20&q=heron"
    assert len(headlines(client.get("/search?after=20&q=heron"))) == 10


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "99999", "1_0", "²", ""])
def test_a_cursor_we_did_not_make_is_no_page(client, cursor):
    a_post(live=True, title="Heron")
    for way in ("before", "after"):
        assert client.get("/search", query_string={"q": "heron", way: cursor}).status_code == 404


def test_the_page_costs_the_same_number_of_queries_whatever_is_found(client, sign_in, queries):
    member = sign_in(a_user())
    counts = []
    for number in (1, 12):
        for n in range(number):
            a_post(live=True, title=f"Heron {n}", tags=["Birds", f"Tag {n}"], members=n % 2 == 0)
        for browser in (client, member):
            with queries() as seen:
                browser.get("/search?q=heron&tag=birds")
            counts.append(len(seen))
            with queries() as seen:
                browser.get("/search?q=herron")
            counts.append(len(seen))
    assert counts[:4] == counts[4:]
    assert max(counts) <= 7  # one of them asks whether there were too many


# The page itself


def test_all_results_are_one_page_to_search_engines(client):
    found = page(client.get("/search?q=heron"))
    assert found.select_one('link[rel="canonical"]')["href"] == "http://localhost/search"  # all questions are one page


def test_every_page_has_the_search_box_and_tells_browsers_of_it(client):
    answer = client.get("/")
    assert page(answer).select_one('header form[role="search"]')["action"] == "/search"
    described = client.get(page(answer).select_one('link[rel="search"]')["href"])
    assert described.mimetype == "application/opensearchdescription+xml"
    assert "/search?q={searchTerms}" in described.text


def test_a_missing_page_offers_to_search(client):
    assert page(client.get("/nowhere")).select_one('main form[role="search"] input[name="q"]')


def test_searching_writes_nothing(client, db):
    a_post(live=True, title="Heron")
    db.session.commit()
    before = db.session.scalar(text("SELECT count(*) FROM audit_entries"))
    assert client.post("/search").status_code in (400, 405)
    client.get("/search?q=heron")
    assert db.session.scalar(text("SELECT count(*) FROM audit_entries")) == before


def test_only_the_text_of_a_post_is_indexed(db):
    post = a_post(body="# Titel\n\nSome *inter*mittent `code`[^1].\n\n```rust\nfn main() {}\n```\n\n[^1]: A note.")
    assert db.session.get(Post, post.id).terms == "titel some intermittent code rust fn main a note"


def test_words_of_members_texts_do_not_change_what_strangers_are_offered(client, db):
    a_post(live=True, body="zyxwvutay stands here")
    before = words(client.get("/search?q=zyxwvutaq"))
    assert "zyxwvutay" in before
    a_post(live=True, members=True, title="Inside", body=" ".join(f"zyxwvuta{letter}" for letter in "abcdefghijklmnop"))
    assert words(client.get("/search?q=zyxwvutaq")) == before


def test_a_question_of_many_common_words_is_answered_quickly(client, db):
    for number in range(12):
        a_post(live=True, title=f"Long {number}", body="a b the of to in and is for with that it " * 4_000)
    began = time.monotonic()
    client.get("/search?q=" + "+".join(["a"] * 12))
    client.get("/search?q=a+b+the+of+to+in+and+is+for+with+that+it")
    assert time.monotonic() - began < 40


def test_a_page_past_the_end_is_a_404(client, db):
    a_post(live=True, body="Heron.")
    assert client.get("/search?q=heron&before=900").status_code == 404
