"""The list of addresses that were asked for in vain."""

from datetime import timedelta

import pytest

from blog.database import utcnow
from blog.models import Missing

NOW = utcnow()


def ago(minutes: int):
    return NOW - timedelta(minutes=minutes)


def lines(db):
    return [(row.path, row.times, row.referrer, row.last_at) for row in db.session.scalars(Missing.newest())]


def test_each_address_has_one_line_that_counts_and_says_where_the_last_came_from(db):
    Missing.count("/a", 2, "/from", ago(9))
    Missing.count("/b", 1, "", ago(8))
    Missing.count("/a", 3, "https://example.org/x", ago(7))
    Missing.count("/a", 1, "", ago(6))
    assert lines(db) == [("/a", 6, "https://example.org/x", ago(6)), ("/b", 1, "", ago(8))]
    assert db.session.scalars(Missing.newest()).first().first_at == ago(9)


def test_a_line_can_be_forgotten(db):
    Missing.count("/a", 1, "", ago(2))
    Missing.count("/b", 1, "", ago(1))
    Missing.forget("/a")
    Missing.forget("/never")
    assert [line[0] for line in lines(db)] == ["/b"]


@pytest.mark.parametrize("number", [4, 5, 7])
def test_only_the_newest_are_kept(db, monkeypatch, number):
    monkeypatch.setattr("blog.models.missing.KEPT", 5)
    for n in range(number):
        Missing.count(f"/{n}", 1, "", ago(n))
    Missing.sweep()
    assert [line[0] for line in lines(db)] == [f"/{n}" for n in range(min(5, number))]
