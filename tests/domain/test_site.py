"""The site’s settings and its clock."""

from datetime import UTC, datetime

import pytest
from factories import an_admin, the_site
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from blog.links import UnfitLinkError
from blog.models import AuditEntry, ClockGapError, Registration, Site


def test_a_site_nobody_has_set_up_has_defaults_and_stores_nothing(db):
    site = Site.current()
    assert (site.title, site.tagline, site.time_zone, site.posts_per_page) == ("Masthead", "", "UTC", 10)
    assert site.registration is Registration.invitation
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Site)) == 0


def test_settings_are_kept(db):
    the_site(title="Ours", posts_per_page=5, registration=Registration.open)
    db.session.expire_all()
    site = Site.current()
    assert (site.title, site.posts_per_page, site.registration) == ("Ours", 5, Registration.open)


def test_there_is_one_site(db):
    the_site()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(Site).values(id=2, title="Another"))


@pytest.mark.parametrize(
    "bad",
    [{"title": ""}, {"title": "x" * 81}, {"posts_per_page": 0}, {"posts_per_page": 101}, {"tagline": "x" * 201}],
)
def test_the_database_refuses_settings_that_make_no_site(db, bad):
    with pytest.raises(SQLAlchemyError), db.session.begin_nested():
        the_site(**bad)


def test_a_change_of_settings_is_recorded_before_and_after(db):
    me = an_admin()
    the_site(title="Old", time_zone="UTC")
    Site.current().change(by=me, title="New", time_zone="Europe/Berlin", posts_per_page=10)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_id) == ("changed the settings", me.id)
    assert entry.detail == {
        "title": {"before": "Old", "after": "New"},
        "time_zone": {"before": "UTC", "after": "Europe/Berlin"},
    }
    assert (Site.current().title, Site.current().time_zone) == ("New", "Europe/Berlin")


def test_settings_that_stay_as_they_are_are_no_change(db):
    Site.current().change(by=an_admin(), title="Masthead", registration=Registration.invitation)
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_the_first_change_of_settings_stores_the_site(db):
    Site.current().change(by=an_admin(), registration=Registration.open)
    db.session.expire_all()
    assert Site.current().registration is Registration.open
    assert db.session.scalars(select(AuditEntry)).one().detail == {
        "registration": {"before": "invitation", "after": "open"}
    }


@pytest.mark.parametrize("name", ["Nowhere/Land", "", "../etc/passwd", "Europe", "\x00", "x" * 300, "/etc/localtime"])
def test_an_unknown_time_zone_is_refused(db, name):
    site = the_site(time_zone="Asia/Tokyo")
    with pytest.raises((ValueError, KeyError, OSError)):
        site.change(by=an_admin(), time_zone=name)
    assert site.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("zone", "clock", "moment"),
    [
        ("UTC", (2026, 1, 1, 12, 0), (2026, 1, 1, 12, 0)),
        ("Europe/Berlin", (2026, 1, 1, 12, 0), (2026, 1, 1, 11, 0)),
        ("Europe/Berlin", (2026, 7, 1, 12, 0), (2026, 7, 1, 10, 0)),
        ("Asia/Kathmandu", (2026, 1, 1, 0, 0), (2025, 12, 31, 18, 15)),
        ("America/New_York", (2026, 12, 31, 20, 0), (2027, 1, 1, 1, 0)),
        ("Europe/Berlin", (2026, 3, 29, 1, 59), (2026, 3, 29, 0, 59)),
        ("Europe/Berlin", (2026, 3, 29, 3, 0), (2026, 3, 29, 1, 0)),
    ],
)
def test_the_sites_clock_tells_the_moment(zone, clock, moment):
    assert Site(time_zone=zone).moment(datetime(*clock)) == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("Europe/Berlin", (2026, 3, 29, 2, 0)),
        ("Europe/Berlin", (2026, 3, 29, 2, 59)),
        ("America/New_York", (2026, 3, 8, 2, 30)),
        ("Australia/Lord_Howe", (2026, 10, 4, 2, 15)),
        ("Pacific/Apia", (2011, 12, 30, 12, 0)),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(zone, clock):
    with pytest.raises(ClockGapError, match=f"The clocks in {zone} go forward over that time"):
        Site(time_zone=zone).moment(datetime(*clock))


def test_where_a_whole_day_is_missing_the_days_around_it_are_named():
    with pytest.raises(ClockGapError, match="2011-12-29 12:00 and 2011-12-31 12:00 do"):
        Site(time_zone="Pacific/Apia").moment(datetime(2011, 12, 30, 12, 0))


def test_of_a_time_that_comes_twice_the_first_is_meant():
    site = Site(time_zone="Europe/Berlin")
    assert site.moment(datetime(2026, 10, 25, 2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert site.moment(datetime(2026, 10, 25, 3, 0)) == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)


def test_a_site_that_chose_no_links_has_the_usual_ones(db):
    assert [words for words, _ in Site.current().links] == ["Posts", "Topics", "Authors", "Archive"]
    site = the_site(navigation=[["About", "/about"]])
    db.session.expire_all()
    assert site.links == [["About", "/about"]]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://a.example"])
def test_no_link_that_runs_or_misleads_is_ever_stored(db, address):
    with pytest.raises(UnfitLinkError):
        the_site(navigation=[["Go", address]])


def test_changed_links_are_recorded_before_and_after(db):
    Site.current().change(by=an_admin(), navigation=[["About", "/about"]])
    assert db.session.scalars(select(AuditEntry)).one().detail == {
        "navigation": {"before": [], "after": [["About", "/about"]]}
    }


@pytest.mark.parametrize(
    ("language", "direction", "is_english"),
    [("en", "ltr", True), ("en-GB", "ltr", True), ("EN", "ltr", True), ("enm", "ltr", False), ("de", "ltr", False),
     ("ar", "rtl", False), ("he-IL", "rtl", False), ("fa", "rtl", False), ("zh-Hans", "ltr", False)],
)  # fmt: skip
def test_the_language_of_the_site_says_which_way_it_runs(language, direction, is_english):
    site = Site(language=language)
    assert (site.direction, site.is_english) == (direction, is_english)


@pytest.mark.parametrize(
    "bad", [{"hue": 361}, {"hue": -1}, {"chroma": 101}, {"chroma": -1}, {"description": "x" * 301}]
)
def test_the_database_refuses_a_colour_there_is_not(db, bad):
    with pytest.raises(SQLAlchemyError), db.session.begin_nested():
        the_site(**bad)
