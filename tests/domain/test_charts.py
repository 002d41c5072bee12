"""Charts: time cut on the clock of the site, and bars that say what the numbers say."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from blog.charts import FOOT, LEFT, RANGES, TOP, WIDTH, brief, drawn, spans, step_for

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def over(name="30-days", now=NOW, zone=LISBON):
    return spans(name, now, zone)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Lisbon", "Asia/Beirut", "America/Havana", "Pacific/Apia", "Asia/Tokyo"]
)
def test_spans_follow_one_another_without_a_gap_and_end_now(name, zone):
    for day in range(0, 400, 13):
        now = NOW + timedelta(days=day, hours=day)
        found = spans(name, now, ZoneInfo(zone))
        assert len(found) == RANGES[name][0]
        assert all(one.ends == next_one.begins for one, next_one in pairwise(found))
        assert all(one.begins < one.ends for one in found)
        assert found[-1].begins <= now < found[-1].ends


def test_a_day_is_from_midnight_to_midnight_on_the_clock_of_the_site():
    days = spans("30-days", datetime(2026, 10, 26, 12, tzinfo=UTC), LISBON)
    long = next(day for day in days if day.name == "25 October")  # the clocks went back
    assert (long.begins, long.ends) == (
        datetime(2026, 10, 24, 23, tzinfo=UTC),
        datetime(2026, 10, 26, 0, tzinfo=UTC),
    )
    late = spans("30-days", datetime(2026, 7, 1, 23, 30, tzinfo=UTC), LISBON)  # there, it is tomorrow already
    assert late[-2].name == "1 July"


def test_weeks_begin_on_mondays_and_months_on_the_first():
    weeks, months = over("12-weeks"), over("12-months")
    assert all(week.begins.astimezone(LISBON).weekday() == 0 for week in weeks)
    assert (weeks[0].name, weeks[-1].name) == ("Week of 7 September", "This week, so far")
    assert [month.name for month in (months[0], months[-2], months[-1])] == [
        "December 2025",
        "October 2026",
        "This month, so far",
    ]


def test_bars_are_as_high_as_their_numbers():
    days = over()
    chart = drawn([*range(29), 20], days, one="post", many="posts")
    assert [bar.height for bar in chart.bars[:2]] == [0, round((FOOT - TOP) / 30, 1)]
    assert chart.bars[28].height == pytest.approx((FOOT - TOP) * 28 / 30, abs=0.1)
    assert all(bar.y + bar.height == pytest.approx(FOOT, abs=0.11) for bar in chart.bars)
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert all(one.x + one.width < other.x for one, other in pairwise(chart.bars))
    assert [bar.is_now for bar in chart.bars].index(True) == 29
    assert chart.bars[1].words == "29 October: 1 post"
    assert [line.words for line in chart.lines] == ["0", "10", "20", "30"]
    assert [label.words for label in chart.labels] == ["28 Oct", "12 Nov", "today"]


def test_the_table_has_every_number_newest_first_noughts_too():
    chart = drawn([5] + [0] * 28 + [2], over(), one="post", many="posts")
    assert len(chart.rows) == 30
    assert (chart.rows[0], chart.rows[1], chart.rows[-1]) == (
        ("Today, so far", 2),
        ("25 November", 0),
        ("28 October", 5),
    )
    assert chart.sentence == "7 posts since 28 October; the most, 5: 28 October."


def test_nothing_at_all_is_a_chart_as_well():
    chart = drawn([0] * 12, over("12-months"), one="post", many="posts")
    assert [line.words for line in chart.lines] == ["0", "1"]
    assert {bar.height for bar in chart.bars} == {0}
    assert chart.sentence == "0 posts since December 2025."


def test_lines_are_round_numbers_and_few():
    for most in [*range(200), 999, 12_345, 10**6, 10**9 + 1]:
        step = step_for(most)
        assert str(step).rstrip("0") in ("1", "2", "5")
        assert most <= step * 4
    assert [brief(number) for number in (0, 950, 2_000, 20_000, 1_500_000, 20_000_000)] == [
        "0",
        "950",
        "2,000",
        "20k",
        "1500k",
        "20M",
    ]
