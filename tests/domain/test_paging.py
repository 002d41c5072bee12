"""Lists by position, in both directions, over ties, and with cursors that nobody of us made."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from factories import a_post, a_user, an_editor
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from blog.models import Post, User
from blog.paging import cursor, page_of

KEY = (Post.published_at, Post.id)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def forged(*values) -> str:
    return encoded(json.dumps(values))


def encoded(words: str | bytes) -> str:
    raw = words.encode() if isinstance(words, str) else words
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def posts_page(size=2, **args):
    return page_of(Post.live(), KEY, size=size, args=args)


@pytest.fixture
def seven(db):
    """Seven live posts, newest first; the middle three of the same moment."""
    me = an_editor()
    hours = (0, 1, 2, 2, 2, 3, 4)
    posts = [a_post(by=me, published_at=NOON + timedelta(hours=hour, microseconds=hour)) for hour in hours]
    return [post.id for post in reversed(posts)]


def walk(direction: str, start: str | None, size: int):
    """The pages from a cursor on, until there is no further one."""
    other = {"older": "before", "newer": "after"}[direction]
    pages, at = [], start
    while at is not None or not pages:
        pages.append(posts_page(size, **({other: at} if at else {})))
        at = getattr(pages[-1], direction)
        assert len(pages) < 20
    return pages


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_older_pages_show_every_post_once_also_where_moments_tie(seven, size):
    pages = walk("older", None, size)
    assert [post.id for page in pages for post in page] == seven
    assert all(len(page.items) == size for page in pages[:-1])
    assert pages[0].newer is None
    assert pages[-1].older is None


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_newer_pages_lead_back_to_the_top_through_every_post_once(seven, size):
    last = walk("older", None, size)[-1]
    back = walk("newer", last.newer, size)
    assert [post.id for page in reversed(back) for post in page] == [i for i in seven if i not in ids(last)]
    assert back[-1].newer is None
    assert all(page.older for page in back)


def ids(page) -> list[int]:
    return [post.id for post in page]


def test_a_list_that_fits_one_page_has_no_other(seven):
    page = posts_page(7)
    assert (page.newer, page.older) == (None, None)


def test_an_empty_list_is_an_empty_page(db):
    page = posts_page()
    assert (list(page), page.newer, page.older) == ([], None, None)


def test_beyond_the_last_post_there_is_nothing_and_no_way_further(seven, db):
    page = posts_page(before=cursor(db.session.get(Post, seven[-1]), KEY))
    assert (list(page), page.older) == ([], None)


def test_a_page_stays_where_it_was_when_a_post_is_added_or_goes(seven, db):
    first = posts_page()
    second = ids(posts_page(before=first.older))
    a_post(published_at=NOON + timedelta(hours=9))
    db.session.get(Post, seven[1]).binned_at = NOON  # the very post that the cursor names
    assert ids(posts_page(before=first.older)) == second


def test_before_wins_where_both_are_asked_for(seven):
    first = posts_page()
    assert ids(posts_page(before=first.older, after=first.older)) == ids(posts_page(before=first.older))


def test_a_rising_list_is_paged_the_same_way(db):
    people = [a_user(name=name) for name in ("Änne", "Anna", "Bert", "Bert", "bert", "Zoë")]
    key, rows = (User.name, User.id), select(User)
    shown, args = [], {}
    while True:
        page = page_of(rows, key, size=2, args=args, descending=False)
        shown += list(page)
        if not page.older:
            break
        args = {"before": page.older}
    assert len(shown) == len(people)
    assert set(shown) == set(people)
    assert list(page_of(rows, key, size=4, args={"after": page.newer}, descending=False)) == shown[:4]


def test_a_page_costs_one_query_however_far_down(seven, queries):
    with queries() as first:
        page = posts_page(3)
    with queries() as second:
        posts_page(3, before=page.older)
    assert len(first) == len(second) == 1


def test_the_caller_may_ask_for_another_order_but_the_key_decides(seven):
    rows = Post.live().order_by(None).order_by(Post.title)
    assert ids(page_of(rows, KEY, size=7, args={})) == seven


MOMENT = NOON.isoformat()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("", id="nothing"),
        pytest.param("%%%", id="no base64"),
        pytest.param("ä", id="no ascii"),
        pytest.param("\x00", id="NUL"),
        pytest.param("A", id="half a byte"),
        pytest.param(encoded(b"\xff\xfe"), id="no text"),
        pytest.param(encoded("["), id="no JSON"),
        pytest.param(encoded("null"), id="null"),
        pytest.param(encoded('{"a": 1}'), id="an object"),
        pytest.param(forged(), id="no values"),
        pytest.param(forged(MOMENT), id="too few values"),
        pytest.param(forged(MOMENT, 1, 2), id="too many values"),
        pytest.param(forged(1, MOMENT), id="the wrong way round"),
        pytest.param(forged(MOMENT, "1"), id="text for a number"),
        pytest.param(forged(MOMENT, True), id="truth for a number"),
        pytest.param(forged(MOMENT, 1.0), id="a fraction"),
        pytest.param(forged(MOMENT, None), id="null for a number"),
        pytest.param(forged(None, 1), id="null for a moment"),
        pytest.param(forged(MOMENT, [1]), id="a list for a number"),
        pytest.param(forged({"a": 1}, 1), id="an object for a moment"),
        pytest.param(forged("yesterday", 1), id="no moment"),
        pytest.param(forged("2026-03-01T12:00:00", 1), id="a naive moment"),
        pytest.param(forged("0001-01-01T00:00:00+14:00", 1), id="before the first year"),
        pytest.param(forged("9999-12-31T23:59:59-14:00", 1), id="after the last year"),
        pytest.param(forged(MOMENT, 2**63), id="too large"),
        pytest.param(forged(MOMENT, -(2**63)), id="too small"),
        pytest.param(encoded(f'["{MOMENT}", 1{"0" * 5000}]'), id="a huge number"),
        pytest.param(encoded(f'["{MOMENT}", NaN]'), id="not a number"),
        pytest.param(encoded("[" * 50_000), id="nested deeply"),
        pytest.param("A" * 10_000, id="10 kB"),
    ],
)
@pytest.mark.parametrize("way", ["before", "after"])
def test_a_cursor_we_did_not_make_is_a_page_that_is_not_there(db, broken, way):
    with pytest.raises(NotFound):
        posts_page(**{way: broken})


@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
def test_a_name_that_cannot_be_stored_is_no_cursor(db, name):
    with pytest.raises(NotFound):
        page_of(select(User), (User.name, User.id), size=2, args={"before": forged(name, 1)})


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1])
def test_a_well_made_cursor_of_no_row_is_only_a_position(seven, number):
    assert len(posts_page(7, before=forged((NOON + timedelta(days=1)).isoformat(), number)).items) == 7


def test_a_cursor_goes_into_an_address_as_it_is(seven, db):
    assert cursor(db.session.get(Post, seven[0]), KEY).replace("-", "").replace("_", "").isalnum()
