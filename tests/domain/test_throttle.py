"""How often something may be tried."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blog.database import utcnow
from blog.models import Throttle
from blog.models.throttle import Limit

HOUR = timedelta(hours=1)
LIMIT = Limit("guess", tries=3, period=HOUR)


@pytest.fixture
def wait(monkeypatch):
    """Moves the clock on."""
    now = [utcnow()]
    monkeypatch.setattr("blog.models.throttle.utcnow", lambda: now[0])

    def on(by: timedelta) -> None:
        now[0] += by

    return on


def tries(number: int, whose: str = "me", limit: Limit = LIMIT) -> list[bool]:
    """Whether each of so many tries is one too many."""
    return [limit.hit(whose) is not None for _ in range(number)]


def test_so_many_tries_are_free_and_the_next_must_wait(db):
    assert tries(5) == [False, False, False, True, True]


def test_how_long_to_wait_is_told_and_grows_shorter(db, wait):
    tries(3)
    wait(timedelta(minutes=20))
    assert LIMIT.hit("me") == timedelta(minutes=40)
    wait(timedelta(minutes=30))
    assert LIMIT.hit("me") == timedelta(minutes=10)


def test_after_its_time_the_count_begins_anew(db, wait):
    tries(9)
    wait(HOUR - timedelta(seconds=1))
    assert tries(1) == [True]
    wait(timedelta(seconds=1))
    assert tries(4) == [False, False, False, True]


def test_tries_are_counted_apart_for_each_person_and_each_thing(db):
    tries(3)
    assert tries(1, "you") == [False]
    assert tries(1, limit=Limit("other", tries=1, period=HOUR)) == [False]
    assert tries(1) == [True]


def test_a_success_starts_over_for_one_and_not_for_others(db):
    tries(3)
    tries(3, "you")
    LIMIT.forget("me")
    assert tries(1) == [False]
    assert tries(1, "you") == [True]


def test_what_ran_off_long_ago_is_swept_out(db, wait):
    tries(1, "long ago")
    wait(timedelta(days=1, seconds=1))
    tries(1, "lately")
    LIMIT.forget("somebody")
    assert db.session.scalars(select(Throttle.key)).all() == [LIMIT.key("lately")]


@pytest.mark.parametrize("whose", ["", "x" * 5000, "ä\n漢", "a:b"])
def test_whom_a_stranger_tried_to_be_is_not_written_down(db, whose):
    tries(1, whose)
    key = db.session.scalar(select(Throttle.key))
    assert key.startswith("guess:")
    assert not whose or whose not in key
