"""Tables that an admin takes away: all that was asked for, written down in the log, and harmless to a spreadsheet."""

import csv
import io
import json

import pytest
from factories import a_user, an_admin, an_editor
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, record
from blog.tables import harmless


@pytest.fixture
def office(db, sign_in):
    return sign_in(an_admin(name="Boss", email="boss@example.com"))


def rows(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def take_away(browser, what="users", **asked):
    return browser.post(f"/admin/{what}/export", data=asked, buffered=True)


def test_the_table_holds_everybody_who_was_asked_for_in_the_order_shown(office, monkeypatch):
    monkeypatch.setattr("blog.admin.people.BATCH", 3)
    for n in range(8):
        a_user(name=f"Viewer {n % 4}", email=f"v{n}@example.com")
    an_editor(name="Ada", email="ada@example.com", confirmed_at=utcnow())
    a_user(name="Gone", is_active=False, left_at=utcnow())
    everybody = rows(take_away(office))
    assert [row["Name"] for row in everybody] == ["Ada", "Boss", *(f"Viewer {n // 2}" for n in range(8))]
    assert everybody[0] | {"Since": "", "Address confirmed": bool(everybody[0]["Address confirmed"])} == {
        "Name": "Ada", "Email": "ada@example.com", "Role": "editor", "State": "active", "Handle": "ada", "Since": "",
        "Address confirmed": True,
    }  # fmt: skip
    assert [row["Email"] for row in rows(take_away(office, q="viewer 3", sort="-email"))] == [
        "v7@example.com", "v3@example.com",
    ]  # fmt: skip
    assert [row["State"] for row in rows(take_away(office, state="left"))] == ["left"]
    assert rows(take_away(office, role="admin", state="deactivated")) == []
    for asked in ({"role": "root"}, {"state": "x"}, {"sort": "password_hash"}):
        assert take_away(office, **asked).status_code == 404


def test_taking_away_a_table_is_in_the_log(office):
    take_away(office, q="ada", role="viewer")
    take_away(office, "audit", topic="people")
    found = [(line.actor_name, line.action, line.detail) for line in the_db.session.scalars(select(AuditEntry))]
    assert found == [
        ("Boss", "exported the list of people", {"filter": {"q": "ada", "role": "viewer"}}),
        ("Boss", "exported the log", {"filter": {"topic": "people"}}),
    ]


def test_the_log_is_taken_away_as_it_was_filtered(office, monkeypatch):
    monkeypatch.setattr("blog.admin.audit.BATCH", 2)
    ada = an_editor(name="=Ada", email="ada@example.com")
    for n in range(5):
        record("published", by=ada, subject=f"+Post {n}")
    record("signed in", by=ada)
    found = rows(take_away(office, "audit", who="ada@example.com", topic="posts"))
    assert [row["Whom or what"] for row in found] == [f"'+Post {n}" for n in range(4, -1, -1)]
    assert {(row["Who"], row["What"], row["From"]) for row in found} == {("'=Ada", "published", "command line")}
    assert len(rows(take_away(office, "audit"))) == 8  # its own line too, and that of the first table
    monkeypatch.setattr("blog.admin.audit.MOST", 3)
    assert len(rows(take_away(office, "audit"))) == 3
    for asked in ({"who": "nobody"}, {"since": "soon"}, {"q": "words"}):
        assert take_away(office, "audit", **asked).location.startswith("/admin/audit?")


def test_details_of_the_log_are_json(office):
    record("changed the settings", by=None, title={"before": "Å", "after": 'Ö "ü"'}, sizes=[1, None])
    newest = rows(take_away(office, "audit"))[1]  # after the line of the table itself
    assert json.loads(newest["Details"]) == {"title": {"before": "Å", "after": 'Ö "ü"'}, "sizes": [1, None]}
    assert "Å" in newest["Details"]


def test_only_admins_take_tables_away(client, sign_in):
    for what in ("users", "audit"):
        assert take_away(client, what).status_code == 401
        assert take_away(sign_in(an_editor()), what).status_code == 403
    assert {line.action for line in the_db.session.scalars(select(AuditEntry))} == {"was refused"}


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(office, begins):
    evil = f'{begins}cmd|"/c calc"!A1, and\nmore'
    assert harmless(evil) == f"'{evil}"
    a_user(name=f"Zed {begins}", biography=evil)
    ada = a_user(name=f"{begins}HYPERLINK(1)".strip() if begins.strip() else "x")
    assert ada.name not in [row["Name"] for row in rows(take_away(office))] or not begins.strip()
    assert (harmless(None), harmless(7), harmless("a=b")) == ("", "7", "a=b")
