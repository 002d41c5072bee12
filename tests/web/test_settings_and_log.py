"""The dashboard, the settings, and the log of what was done."""

from datetime import timedelta

import pytest
import time_machine
from factories import a_binned_post, a_post, a_scheduled_post, a_user, an_admin, an_editor, the_site
from looking import fault, filled, link, page, rewrite, words
from sqlalchemy import select

from blog import links
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Site, record

GOOD = {
    "title": "The Bench",
    "tagline": "Things & <mended>.",
    "description": "A magazine of <things> mended & made.",
    "language": "pt-BR",
    "hue": "140",
    "chroma": "60",
    "navigation": "Posts | /\nAbout us | /about\nShop | https://example.com/",
    "time_zone": "Europe/Lisbon",
    "posts_per_page": "7",
    "registration": "open",
}


@pytest.fixture
def office(db, sign_in):
    return sign_in(an_admin(name="Boss"))


def site() -> Site:
    the_db.session.expire_all()
    return Site.current()


def figures(answer) -> dict[str, str]:
    return {term.get_text(): term.find_next("dd").get_text() for term in page(answer).select(".figures dt")}


def worries(answer) -> dict[str, str]:
    return {row.a.get_text(): row.b.get_text() for row in page(answer).select(".attention li")}


@pytest.mark.parametrize("path", ["/admin", "/admin/settings", "/admin/audit"])
def test_only_admins_come_in(client, sign_in, path):
    assert client.get(path).location == f"/auth/login?next={path}"
    assert sign_in(a_user()).get(path).status_code == 403
    assert sign_in(an_editor()).get(path).status_code == 403
    assert sign_in(an_admin()).get(path).status_code == 200


# The dashboard


def test_the_dashboard_counts_posts_and_people(office):
    ada = an_editor()
    for number, kind in enumerate((a_post, a_scheduled_post, a_binned_post), 1):
        for _ in range(number):
            kind(by=ada)
    for _ in range(5):
        a_post(by=ada, live=True)
    a_user()
    a_user(is_active=False)
    assert figures(office.get("/admin")) == {
        "Posts live": "5",
        "Drafts": "1",
        "Scheduled": "2",
        "Admins": "1",
        "Editors": "1",
        "Members": "1",
    }


def test_a_quiet_site_needs_no_attention(office):
    an_admin()
    a_post(live=True, summary="Said.")
    answer = office.get("/admin")
    assert worries(answer) == {}
    assert "Nothing. All is well." in words(answer)
    assert "No post waits for its time." in words(answer)


def test_the_dashboard_says_what_needs_attention(office, client):
    gone = an_editor(is_active=False)
    a_scheduled_post(by=gone, title="Left behind")
    a_post(live=True)
    a_post(live=True, summary="Said.")
    for _ in range(5):
        client.post("/auth/login", data={"email": "boss@example.com", "password": "guess"})
    answer = office.get("/admin")
    assert worries(answer) == {
        "Sign-ins failed since yesterday": "5",
        "Scheduled by somebody who is deactivated": "1",
        "Live without a summary": "1",
        "Active admin, and no more": "1",
    }
    for what in worries(answer):
        assert office.get(link(answer, what)).status_code == 200
    assert "Left behind" in words(answer)


def test_failed_sign_ins_of_long_ago_and_the_odd_slip_worry_nobody(office, client):
    an_admin()
    for _ in range(4):
        client.post("/auth/login", data={"email": "boss@example.com", "password": "guess"})
    assert worries(office.get("/admin")) == {}
    client.post("/auth/login", data={"email": "boss@example.com", "password": "guess"})
    assert "Sign-ins failed since yesterday" in worries(office.get("/admin"))
    with time_machine.travel(utcnow() + timedelta(days=2)):
        assert worries(office.get("/admin")) == {}


def test_the_dashboard_costs_the_same_for_a_hundred_people_and_posts(office, queries):
    def cost():
        with queries() as seen:
            office.get("/admin")
        return len(seen)

    a_scheduled_post()
    few = cost()
    for _ in range(30):
        a_scheduled_post()
        a_post(live=True)
    assert cost() == few <= 15


# The settings


def test_settings_hold_from_the_next_request(office, client):
    assert filled(office.get("/admin/settings"))["title"] == "Masthead"
    answer = office.post("/admin/settings", data=GOOD)
    assert answer.location == "/admin/settings"
    shown = office.get(answer.location)
    assert "The settings are saved" in words(shown)
    assert {name: filled(shown)[name] for name in GOOD} == GOOD
    front = words(client.get("/"))
    assert "The Bench" in front
    assert "Things & <mended>." in front
    assert client.get("/auth/register").status_code == 200
    assert (site().time_zone, site().posts_per_page) == ("Europe/Lisbon", 7)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", ""),
        ("title", "  "),
        ("title", "x" * 81),
        ("tagline", "x" * 201),
        ("description", "x" * 301),
        ("language", ""),
        ("language", "Portuguese!"),
        ("language", "x"),
        ("language", 'en" onload="'),
        ("language", "x" * 36),
        ("hue", ""),
        ("hue", "361"),
        ("hue", "-1"),
        ("hue", "blue"),
        ("hue", "9" * 5000),
        ("chroma", "101"),
        ("chroma", "-1"),
        ("chroma", ".085"),
        ("chroma", "}:root{color:red"),
        ("navigation", "About"),
        ("navigation", "Run | javascript:alert(1)"),
        ("time_zone", ""),
        ("time_zone", "Mars/Base"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", "europe/lisbon"),
        ("time_zone", "\0"),
        ("posts_per_page", ""),
        ("posts_per_page", "0"),
        ("posts_per_page", "101"),
        ("posts_per_page", "-5"),
        ("posts_per_page", "ten"),
        ("posts_per_page", "1.5"),
        ("posts_per_page", "9" * 30),
        ("posts_per_page", "9" * 5000),
        ("registration", "maybe"),
        ("registration", ""),
    ],
)
def test_a_setting_that_cannot_be_is_refused_beside_its_field(office, field, typed):
    answer = office.post("/admin/settings", data=GOOD | {field: typed})
    assert answer.status_code == 422
    assert fault(answer, field)
    kept = filled(answer)
    for other in set(GOOD) - {field}:
        assert kept[other] == GOOD[other]
    if field != "registration":
        assert kept[field] == typed.strip().replace("\0", "\ufffd")
    assert site().title == "Masthead"
    assert the_db.session.scalars(select(AuditEntry)).all() == []


def test_settings_nobody_may_set_are_ignored(office):
    office.post("/admin/settings", data=GOOD | {"id": "2", "created_at": "2000-01-01", "csrf_token": "x"})
    assert (site().id, site().title) == (1, "The Bench")


def test_each_setting_that_changed_is_in_the_log_with_before_and_after(office):
    same = {"description": GOOD["description"], "language": "pt-BR", "hue": 140, "chroma": 60}
    the_site(title="The Bench", posts_per_page=7, navigation=links.read(GOOD["navigation"]), **same)
    office.post("/admin/settings", data=GOOD)
    entry = the_db.session.scalar(AuditEntry.newest())
    assert (entry.actor_name, entry.action) == ("Boss", "changed the settings")
    assert entry.detail == {
        "tagline": {"before": "", "after": "Things & <mended>."},
        "time_zone": {"before": "UTC", "after": "Europe/Lisbon"},
        "registration": {"before": "invitation", "after": "open"},
    }
    assert "“UTC” → “Europe/Lisbon”" in words(office.get("/admin/audit"))
    office.post("/admin/settings", data=GOOD)
    assert the_db.session.scalar(AuditEntry.newest()).id == entry.id


# The log


def test_the_log_shows_who_did_what_to_whom_from_where(office):
    ada = an_editor(name="Ada <b>")
    office.post(
        f"/admin/users/{ada.id}/role", data={"role": "viewer"}, environ_overrides={"REMOTE_ADDR": "203.0.113.7"}
    )
    told = words(office.get("/admin/audit"))
    assert "Boss changed the role of Ada <b> from editor to viewer from 203.0.113.7" in told
    assert "Boss changed the role of" in words(office.get("/admin"))


def test_the_log_knows_the_command_line_and_strangers_apart(office, client):
    record("created", by=None, subject="Cyd")
    client.post("/auth/login", data={"email": "x@example.com", "password": "guess"})
    told = words(office.get("/admin/audit"))
    assert "The command line created Cyd" in told
    assert "Somebody failed to sign in as somebody unknown from 127.0.0.1" in told


def test_the_log_has_pages(office):
    for n in range(120):
        record("did", by=None, subject=f"deed {n}.")
    first = office.get("/admin/audit")
    second = office.get(link(first, "Older"))
    third = office.get(link(second, "Older"))
    assert "deed 119." in words(first)
    assert "deed 69." in words(second)
    assert "deed 0." in words(third)
    assert link(third, "Older") is None
    assert office.get("/admin/audit?before=x").status_code == 404


def test_the_line_of_a_person_who_is_gone_still_reads(office, db):
    record("waved", by=a_user(name="Gone Girl"), subject="all")
    db.session.flush()
    the_db.session.execute(AuditEntry.__table__.update().values(actor_id=None))
    assert "Gone Girl waved all" in words(office.get("/admin/audit"))


def test_an_act_that_was_rolled_back_leaves_no_line(office):
    post = a_post(by=an_editor())
    rewrite(office, post.id, "publish", title="")
    assert the_db.session.scalars(select(AuditEntry)).all() == []
