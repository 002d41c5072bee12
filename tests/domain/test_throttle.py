"""How often something may be tried, and that the documents say so."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from blog.database import utcnow
from blog.models import Throttle
from blog.models.throttle import ALL, Limit, Per, network_of, wait_for

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


def test_several_tries_may_count_at_once(db, wait):
    assert LIMIT.hit("me", times=3) is None
    assert LIMIT.hit("me", times=3) == HOUR
    assert LIMIT.hit("you", times=4) == HOUR


def test_one_may_ask_how_long_to_wait_without_a_try(db, wait):
    other = Limit("other", tries=1, period=3 * HOUR)
    tries(2)
    assert LIMIT.wait("me") is None
    tries(1)
    assert LIMIT.wait("me") == HOUR
    tries(1, limit=other)
    assert wait_for((LIMIT, "me"), (other, "me"), (LIMIT, "you")) == 3 * HOUR
    wait(HOUR)
    assert LIMIT.wait("me") is None
    assert other.wait("me") == 2 * HOUR
    assert tries(1) == [False]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_an_address_of_ipv6_stands_for_its_network(address, place):
    assert network_of(address) == place
    one, other = Limit("x", 1, HOUR, Per.address), Limit("x", 1, HOUR, Per.account)
    assert one.key(address) == one.key(place)
    assert (other.key(address) == other.key(place)) is (address == place)


def test_each_limit_has_a_name_of_its_own_that_fits():
    assert len({limit.what for limit in ALL}) == len(ALL) >= 20
    assert all(len(limit.key("x")) <= 120 for limit in ALL)


def test_the_table_of_the_limits_is_what_holds():
    told = (Path(__file__).parents[2] / "docs/accounts.md").read_text()
    table = {row.split("|")[1].strip(): row for row in told.splitlines() if row.startswith("| ")}
    for limit in ALL:
        minutes = limit.period // timedelta(minutes=1)
        assert [cell.strip() for cell in table[limit.what].split("|")[2:5]] == [
            str(limit.per),
            f"{limit.tries:,}",
            f"{minutes} min",
        ]
