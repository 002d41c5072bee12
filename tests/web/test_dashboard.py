"""The dashboard: what needs attention, what is to come, what was done, and how it went over time."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from factories import a_binned_post, a_picture, a_post, a_scheduled_post, a_user, an_admin, an_editor, the_site
from looking import follow, link, page, words

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Authenticator, Mail, MediaUse, Passkey, Purpose, Review, Token


@pytest.fixture
def office(db, sign_in):
    return sign_in(an_admin(name="Boss"))


def figures(answer) -> dict[str, str]:
    return {term.get_text(): term.find_next("dd").get_text() for term in page(answer).select(".figures dt")}


def worries(answer) -> dict[str, str]:
    return {row.a.get_text(): row.b.get_text() for row in page(answer).select(".attention li")}


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


def test_everybodys_posts_are_on_the_desk(office):
    a_post(by=an_editor(), title="Somebody else’s")
    assert "Somebody else’s" in words(follow(office, "/admin/posts"))


def test_a_quiet_site_needs_no_attention(office):
    an_admin()
    a_post(live=True, summary="Said.")
    answer = office.get("/admin")
    assert worries(answer) == {}
    assert "Nothing. All is well." in words(answer)
    assert "No post waits for its time." in words(answer)
    assert "Nothing in the log." in words(answer)


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
        "Scheduled by somebody who is gone": "1",
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
    assert cost() == few <= 25


def test_what_is_left_behind_waits_or_is_unfinished_needs_attention_too(office):
    an_admin()
    gone, ada = an_editor(is_active=False), an_editor()
    a_post(by=gone)
    a_binned_post(by=gone)
    post = a_post(by=ada, live=True, summary="Said.")
    for alt in ("", "", "The sea"):
        the_db.session.add(MediaUse(post_id=post.id, media_id=a_picture(ada, alt=alt).id))
    a_picture(ada)  # in no post
    long_ago = utcnow() - timedelta(days=4)
    for asked_at, binned in ((long_ago, False), (utcnow(), False), (long_ago, True)):
        asked = a_binned_post(by=ada) if binned else a_post(by=ada)
        review = Review(post_id=asked.id, number=1, asked_by=ada, reviewer=an_admin(), asked_at=asked_at)
        the_db.session.add(review)
    answer = office.get("/admin")
    assert worries(answer) == {
        "Drafts of somebody who is gone": "1",
        "Asked for a review more than three days ago": "1",
        "Pictures without a description": "2",
    }
    for what in worries(answer):
        assert office.get(link(answer, what)).status_code == 200


def test_who_lacks_the_factor_that_their_role_requires_needs_attention(office):
    an_admin()
    app, key, _without = an_editor(), an_editor(), an_editor()
    an_editor(is_active=False)
    a_user()
    the_db.session.add(Authenticator(user_id=app.id, sealed="x", confirmed_at=utcnow()))
    the_db.session.add(Passkey(user_id=key.id, digest="d", credential="c", public_key=b"k", name="Key"))
    assert worries(office.get("/admin")) == {}
    the_site(factor_for=["editor"])
    answer = office.get("/admin")
    assert worries(answer) == {"Without the second factor that their role requires": "1"}
    assert link(answer, "Without the second factor") == "/admin/users?role=editor"
    the_site(factor_for=["editor", "viewer"])
    assert list(worries(office.get("/admin")).values()) == ["2"]


def test_letters_in_trouble_need_attention(office):
    an_admin()
    now, hours_ago = utcnow(), utcnow() - timedelta(hours=2)
    for created_at, ended in ((now, {}), (hours_ago, {}), (hours_ago, {"sent_at": now}), (now, {"gave_up_at": now})):
        letter = {"kind": "x", "to": "a@example.org", "subject": "S", "sealed": "", "due_at": now}
        the_db.session.add(Mail(uid=uuid4(), created_at=created_at, **letter | ended))
    assert worries(office.get("/admin")) == {"Letters that were given up, or wait for over an hour": "2"}


def test_people_who_asked_to_come_in_need_attention(office):
    an_admin()
    Token.issue(Purpose.request, email="a@example.org", detail={"name": "A", "password": "!"})
    answer = office.get("/admin")
    assert worries(answer) == {"Asked to come in": "1"}
    assert office.get(link(answer, "Asked to come in")).status_code == 200


def test_a_check_that_fails_needs_attention(office, app, monkeypatch):
    an_admin()
    monkeypatch.setitem(app.config, "SITE_URL", "http://blog.example.org")
    answer = office.get("/admin")
    assert worries(answer) == {"Check of the system fails": "1"}
    assert "SITE_URL is not https" in words(answer)
    assert link(answer, "Check of the system fails") == "/admin/system"


def test_nothing_is_counted_without_end(office, monkeypatch):
    monkeypatch.setattr("blog.admin.attention.MOST", 3)
    an_admin()
    for _ in range(5):
        a_post(live=True)
    assert worries(office.get("/admin")) == {"Live without a summary": "3+"}


# Over time


def numbers(answer, title) -> dict[str, str]:
    """The table below the chart of this title."""
    caption = page(answer).find("caption", string=title)
    return {row.th.get_text(): row.td.get_text() for row in caption.parent.select("tbody tr")}


def bars(answer, name) -> list[str]:
    return [bar.get_text() for bar in page(answer).select(f'svg[aria-labelledby="{name}-title"] rect')]


@time_machine.travel("2026-11-26T09:30:00+00:00", tick=False)
def test_posts_and_sign_ins_are_drawn_over_time_and_stand_in_a_table(sign_in):
    office = sign_in(an_admin())
    the_site(time_zone="Asia/Tokyo")
    now = utcnow()
    for days in (0, 0, 3, 29, 31, 80):
        a_post(published_at=now - timedelta(days=days))
    a_post(published_at=now + timedelta(minutes=5))
    a_post(published_at=now, binned_at=now)
    for hours in (1, 18.4, 18.6):  # midnight in Tokyo was 18 hours and a half ago
        at = now - timedelta(hours=hours)
        the_db.session.add(AuditEntry(actor_name="", origin="x", action="signed in", at=at))
    answer = office.get("/admin")
    table = numbers(answer, "Posts published")
    assert len(table) == 30
    assert (table["Today, so far"], table["23 November"], table["28 October"], table["24 November"]) == (
        "2",
        "1",
        "1",
        "0",
    )
    assert bars(answer, "published") == ["28 October: 1 post", "23 November: 1 post", "Today, so far: 2 posts"]
    assert "4 posts since 28 October; the most, 2: Today, so far." in words(answer)
    assert [number for number in numbers(answer, "Sign-ins").values() if number != "0"] == ["2", "1"]
    weeks = office.get(link(answer, "12 weeks"))
    assert len(numbers(weeks, "Posts published")) == 12
    assert numbers(weeks, "Posts published")["Week of 7 September"] == "1"
    months = office.get(link(answer, "12 months"))
    assert numbers(months, "Posts published")["October 2026"] == "2"
    assert page(months).select_one('nav a[aria-current="page"][href*="12-months"]')


@time_machine.travel("2026-11-26T09:30:00+00:00", tick=False)
def test_people_who_joined_are_drawn_whatever_became_of_them(sign_in):
    office = sign_in(an_admin(created_at=utcnow()))
    for days, fields in ((2, {}), (2, {"is_active": False}), (3, {}), (40, {})):
        a_user(created_at=utcnow() - timedelta(days=days), **fields)
    joined = numbers(office.get("/admin"), "People who joined")
    assert {when: number for when, number in joined.items() if number != "0"} == {
        "Today, so far": "1",
        "24 November": "2",
        "23 November": "1",
    }


def test_a_range_that_is_none_is_no_page(office):
    for name in ("", "31-days", "30-days'", "x" * 5000):
        assert office.get("/admin", query_string={"range": name}).status_code == 404
