"""The archive: what came out when, by the clock of the site."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from factories import a_binned_post, a_post, an_editor, the_site
from looking import link, page, words

from blog.database import utcnow
from blog.models import PostKind
from blog.months import stretches


def dated(*moments: str, **fields):
    """Live posts that came out at these moments, each called by its own."""
    author = an_editor()
    return [
        a_post(by=author, live=True, title=moment, published_at=datetime.fromisoformat(moment), **fields)
        for moment in moments
    ]


def listed(answer) -> list[str]:
    return [a.get_text() for a in page(answer).select(".days a")]


def months(answer) -> list[str]:
    return [a.get_text() for a in page(answer).select("nav[aria-label=Months] a")]


def years(answer) -> list[str]:
    return [a.get_text() for a in page(answer).select("nav[aria-label=Years] a")]


def test_an_archive_without_posts_says_so(client):
    answer = client.get("/archive")
    assert answer.status_code == 200
    assert "Nothing here yet" in answer.text


def test_the_archive_has_all_posts_under_their_months_newest_first(client):
    dated("2025-03-31T10:00+00:00", "2026-01-02T10:00+00:00", "2026-01-09T10:00+00:00")
    answer = client.get("/archive")
    assert [h.get_text() for h in page(answer).select(".month h2")] == ["January 2026", "March 2025"]
    assert listed(answer) == ["2026-01-09T10:00+00:00", "2026-01-02T10:00+00:00", "2025-03-31T10:00+00:00"]
    assert [time.get_text() for time in page(answer).select(".days time")] == ["9", "2", "31"]
    assert years(answer) == ["2026", "2025"]
    assert link(client.get("/"), "Archive") == "/archive"


def test_a_year_has_its_posts_and_its_months_and_leads_to_the_years_around(client):
    dated("2023-03-31T10:00+00:00", "2025-01-02T10:00+00:00", "2025-04-02T10:00+00:00", "2026-01-09T10:00+00:00")
    answer = client.get("/archive/2025")
    assert listed(answer) == ["2025-04-02T10:00+00:00", "2025-01-02T10:00+00:00"]
    assert months(answer) == ["January", "April"]
    assert link(answer, "← 2026") == "/archive/2026"
    assert link(answer, "2023 →") == "/archive/2023"


def test_a_month_has_its_posts_and_leads_to_the_months_around(client):
    dated("2025-01-02T10:00+00:00", "2025-04-02T10:00+00:00", "2026-01-09T10:00+00:00")
    answer = client.get("/archive/2025/04")
    assert listed(answer) == ["2025-04-02T10:00+00:00"]
    assert link(answer, "← January 2026") == "/archive/2026/01"
    assert link(answer, "January 2025 →") == "/archive/2025/01"


@pytest.mark.parametrize(
    "path",
    ["0000", "0001", "9999", "20255", "2024", "25", "2025/00", "2025/13", "2025/4", "2025/004", "2025/05", "2025/99",
     "0000/01", "9999/12", "x", "2025/x", "2025/04/02", "-2025"],
)  # fmt: skip
def test_a_year_or_a_month_without_posts_or_that_no_calendar_has_is_a_404(client, path):
    dated("2025-04-02T10:00+00:00")
    assert client.get("/archive/2025/04").status_code == 200
    assert client.get(f"/archive/{path}").status_code == 404


def test_what_is_not_out_gives_no_month_away(client):
    at = datetime(2025, 4, 2, tzinfo=UTC)
    a_post(published_at=None)
    a_binned_post(published_at=at)
    a_post(published_at=utcnow() + timedelta(days=400))
    a_post(live=True, kind=PostKind.page, published_at=at)
    answer = client.get("/archive")
    assert (years(answer), listed(answer)) == ([], [])
    assert client.get("/archive/2025").status_code == 404
    assert client.get(f"/archive/{utcnow().year + 1}").status_code == 404


def test_a_members_post_stands_in_the_archive_by_its_title_alone(client):
    a_post(live=True, members=True, title="Inside", body="Secret words.")
    answer = client.get("/archive")
    assert "Members" in words(answer)
    assert "Secret" not in answer.text


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        # Where it is fourteen hours later, and where it is three and a half hours earlier.
        ("Pacific/Kiritimati", {"2025-03-31T09:59:59.999999+00:00": "2025/03", "2025-03-31T10:00+00:00": "2025/04"}),
        ("Pacific/Kiritimati", {"2024-12-31T09:59:59+00:00": "2024/12", "2024-12-31T10:00+00:00": "2025/01"}),
        ("America/St_Johns", {"2025-01-01T03:29:59+00:00": "2024/12", "2025-01-01T03:30+00:00": "2025/01"}),
        ("America/St_Johns", {"2025-07-01T02:29:59+00:00": "2025/06", "2025-07-01T02:30+00:00": "2025/07"}),
        # A minute after midnight on the first of November its clocks went back, into October.
        ("America/St_Johns", {"2009-11-01T02:30:30+00:00": "2009/11", "2009-11-01T03:00+00:00": "2009/10"}),
        ("Pacific/Pago_Pago", {"2025-03-01T10:59:59+00:00": "2025/02", "2025-03-01T11:00+00:00": "2025/03"}),
        # The island skipped the last day of a year.
        ("Pacific/Kiritimati", {"1994-12-31T09:59+00:00": "1994/12", "1995-01-01T00:00+00:00": "1995/01"}),
    ],
)
def test_a_post_stands_in_the_month_that_the_sites_clock_showed(client, zone, moments):
    the_site(time_zone=zone)
    dated(*moments)
    found = {}
    for month in moments.values():
        answer = client.get(f"/archive/{month}")
        assert f"/archive/{month}" in {a["href"] for a in page(answer).select("nav[aria-label=Months] a")}
        found |= dict.fromkeys(listed(answer), month)
    assert found == moments


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "Europe/Berlin", "Asia/Kathmandu", "UTC"])
def test_the_months_that_are_linked_are_those_that_have_posts_and_each_post_is_in_one(client, zone):
    the_site(time_zone=zone, posts_per_page=100)
    start = datetime(2008, 12, 28, 1, 7, tzinfo=UTC)
    moments = [(start + timedelta(hours=263 * n)).isoformat() for n in range(70)]
    dated(*moments)
    seen, linked = [], set()
    for year in years(client.get("/archive")):
        names = months(client.get(f"/archive/{year}"))
        for anchor in page(client.get(f"/archive/{year}")).select("nav[aria-label=Months] a"):
            linked.add(anchor["href"])
            seen += listed(client.get(anchor["href"]))
        assert names
    local = [datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)) for moment in moments]
    assert linked == {moment.strftime("/archive/%Y/%m") for moment in local}
    assert sorted(seen) == sorted(moments)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "Africa/Cairo", "America/Havana"])
def test_the_stretches_of_all_months_leave_no_moment_out_and_none_twice(zone):
    every = []
    for year in range(1990, 2012):
        for month in range(1, 13):
            until = (year + month // 12, month % 12 + 1)
            every += stretches((year, month), until, ZoneInfo(zone))
    every.sort()
    assert all(end == start for (_, end), (start, _) in pairwise(every))


def test_a_long_month_is_read_page_by_page(client, monkeypatch):
    monkeypatch.setattr("blog.posts.archive.ARCHIVE_SIZE", 2)
    moments = [f"2025-04-0{day}T10:00:00+00:00" for day in (9, 7, 5, 3, 1)]
    dated(*moments)
    seen, address = [], "/archive/2025/04"
    while address:
        answer = client.get(address)
        seen += listed(answer)
        address = link(answer, "Older")
    assert seen == moments
    assert listed(client.get(link(answer, "Newer"))) == moments[2:4]


@pytest.mark.parametrize("path", ["/archive", "/archive/2025", "/archive/2025/04"])
def test_a_cursor_nobody_gave_out_is_a_404(client, path):
    dated("2025-04-02T10:00+00:00")
    for cursor in ("x", "[]", "W10", "W1tb" * 900):
        assert client.get(f"{path}?before={cursor}").status_code == 404


@pytest.mark.parametrize("path", ["/archive", "/archive/2025", "/archive/2025/04"])
def test_the_archive_costs_the_same_for_one_post_and_for_thirty(client, queries, path):
    def cost() -> int:
        with queries() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    dated("2025-04-02T10:00+00:00")
    few = cost()
    dated(*(f"2025-{n % 12 + 1:02}-{n % 28 + 1:02}T10:00+00:00" for n in range(30)), co_authors=[an_editor()])
    assert cost() == few <= 6


def test_a_scheduled_posts_month_appears_with_it(client):
    at = utcnow().replace(microsecond=0) + timedelta(days=40)
    a_post(published_at=at)
    path = f"/archive/{at:%Y/%m}"
    assert client.get(path).status_code == 404
    with time_machine.travel(at, tick=False):
        assert client.get(path).status_code == 200
