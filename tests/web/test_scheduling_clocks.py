"""Times on a clock of some zone, on the nights on which clocks change too."""

from datetime import UTC, datetime

import pytest
from factories import an_editor, the_site
from looking import fault, filled, page, rewrite, words, write
from sqlalchemy import select

from blog.database import db as the_db
from blog.models import Post

TWICE = "2030-10-27T02:30"  # in Berlin
FIRST, SECOND = datetime(2030, 10, 27, 0, 30, tzinfo=UTC), datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


@pytest.fixture
def desk(db, sign_in):
    the_site(time_zone="Europe/Berlin")
    return sign_in(an_editor())


def saved() -> Post:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post)).one()


def schedule(desk, at, **typed):
    return write(desk, "publish", title="Later", body="Words.", publish_at=at, **typed)


@pytest.mark.parametrize(("turn", "moment"), [("0", FIRST), ("1", SECOND), ("", FIRST)])
def test_a_time_that_comes_twice_is_the_first_unless_the_second_is_chosen(desk, turn, moment):
    answer = schedule(desk, TWICE, turn=turn)
    assert saved().published_at == moment
    told = words(desk.get(answer.location))
    which, offset = ("first", "UTC+02:00") if moment == FIRST else ("second", "UTC+01:00")
    assert f"show this time twice: the {which} is meant, {offset}" in told


def test_the_editor_asks_which_turn_and_shows_the_one_that_is_set(desk):
    answer = schedule(desk, TWICE, turn="1")
    again = desk.get(answer.location)
    assert "this time comes twice" in words(again)
    assert page(again).select_one('input[name="turn"][checked]')["value"] == "1"
    rewrite(desk, saved().id, "publish", title="Changed")
    assert (saved().published_at, saved().title) == (SECOND, "Changed")
    rewrite(desk, saved().id, "publish", turn="0")
    assert saved().published_at == FIRST


def test_where_a_time_comes_once_nobody_asks(desk):
    answer = schedule(desk, "2030-10-28T02:30")
    assert "comes twice" not in words(desk.get(answer.location))
    assert "twice" not in words(desk.get("/write"))


@pytest.mark.parametrize("turn", ["0", "1"])
def test_a_time_the_clocks_skip_is_refused_and_the_text_stays(desk, turn):
    answer = schedule(desk, "2030-03-31T02:30", turn=turn)
    assert answer.status_code == 422
    assert "go forward over that time" in fault(answer, "publish_at")
    assert filled(answer, "form.editor")["body"] == "Words."


@pytest.mark.parametrize(
    ("zone", "typed", "moment"),
    [
        ("America/New_York", "2030-07-01T08:30", datetime(2030, 7, 1, 12, 30, tzinfo=UTC)),
        ("UTC", "2030-03-31T02:30", datetime(2030, 3, 31, 2, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", "2030-07-01T00:00", datetime(2030, 6, 30, 13, 30, tzinfo=UTC)),
        ("", "2030-07-01T08:30", datetime(2030, 7, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_another_zone_may_be_named(desk, zone, typed, moment):
    answer = schedule(desk, typed, zone=zone)
    assert saved().published_at == moment
    shown = filled(desk.get(answer.location), "form.editor")
    assert shown.get("zone", "") == ""
    rewrite(desk, saved().id, "publish", title="Changed")
    assert saved().published_at == moment


def test_a_gap_of_another_zone_is_that_zones(desk):
    answer = schedule(desk, "2030-03-10T02:30", zone="America/New_York")
    assert answer.status_code == 422
    assert "go forward over that time" in fault(answer, "publish_at")
    assert filled(answer, "form.editor")["zone"] == "America/New_York"


@pytest.mark.parametrize("zone", ["", "America/New_York"])
@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59", "1899-12-31T12:00", "2201-01-02T12:00"])
def test_a_year_far_from_ours_is_refused_in_words_for_people(desk, typed, zone):
    answer = schedule(desk, typed, zone=zone)
    assert answer.status_code == 422
    assert fault(answer, "publish_at") == "Choose a year from 1900 to 2200."


@pytest.mark.parametrize("zone", ["Mars/Olympus", "europe/berlin ", "../etc/passwd", "x" * 61, "\0", "Europe"])
def test_what_is_no_zone_is_refused_beside_its_field(desk, zone):
    answer = schedule(desk, "2030-07-01T08:30", zone=zone)
    assert answer.status_code == 422
    assert fault(answer, "zone")
    assert filled(answer, "form.editor")["title"] == "Later"


@pytest.mark.parametrize("turn", ["2", "x", "-1"])
def test_a_garbled_turn_is_refused_or_the_first_and_never_an_error(desk, turn):
    answer = schedule(desk, TWICE, turn=turn)
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        assert saved().published_at == FIRST


def test_saving_a_post_scheduled_for_the_second_turn_sets_no_date(desk):
    schedule(desk, TWICE, turn="1")
    assert rewrite(desk, saved().id, title="Changed").status_code == 302
    assert saved().published_at == SECOND
    answer = rewrite(desk, saved().id, turn="0")
    assert answer.status_code == 422
    assert "Saving changes no date" in fault(answer, "publish_at")
