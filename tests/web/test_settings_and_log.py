"""The settings, and the log of what was done."""

import pytest
from factories import a_post, a_user, an_admin, an_editor, the_site
from looking import fault, filled, link, rewrite, words
from sqlalchemy import select

from blog import links
from blog.database import db as the_db
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


@pytest.mark.parametrize("path", ["/admin", "/admin/settings", "/admin/audit"])
def test_only_admins_come_in(client, sign_in, path):
    assert client.get(path).location == f"/auth/login?next={path}"
    assert sign_in(a_user()).get(path).status_code == 403
    assert sign_in(an_editor()).get(path).status_code == 403
    assert sign_in(an_admin()).get(path).status_code == 200


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
