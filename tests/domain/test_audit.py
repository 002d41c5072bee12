"""The log of what was done."""

from datetime import timedelta

from factories import a_user, an_admin
from sqlalchemy import select

from blog.database import utcnow
from blog.models import AuditEntry, audit, record


def entries(db) -> list[AuditEntry]:
    db.session.flush()
    return list(db.session.scalars(AuditEntry.newest()))


def test_a_line_says_who_did_what_to_whom_from_where_and_when(db):
    me = an_admin(name="Ada")
    token = audit.origin.set("192.0.2.7")
    record("changed the role of", by=me, subject="Bob", before="viewer", after="editor")
    audit.origin.reset(token)
    [line] = entries(db)
    assert (line.actor, line.actor_name, line.origin) == (me, "Ada", "192.0.2.7")
    assert (line.action, line.subject) == ("changed the role of", "Bob")
    assert line.detail == {"before": "viewer", "after": "editor"}
    assert abs(utcnow() - line.at) < timedelta(minutes=5)


def test_what_nobody_did_and_no_address_came_from_is_the_command_lines(db):
    record("imported", by=None)
    [line] = entries(db)
    assert (line.actor, line.actor_name, line.origin, line.subject) == (None, "", "command line", "")
    assert line.detail == {}


def test_the_newest_line_comes_first(db):
    for number in range(3):
        record(f"act {number}", by=None)
        db.session.flush()
    assert [line.action for line in entries(db)] == ["act 2", "act 1", "act 0"]


def test_the_name_stays_as_it_was(db):
    me = a_user(name="Before")
    record("signed in", by=me)
    me.name = "After"
    [line] = entries(db)
    assert line.actor_name == "Before"


def test_a_subject_or_address_too_long_is_cut_and_no_act_fails_for_it(db):
    token = audit.origin.set("y" * 100)
    record("failed to sign in as", by=None, subject="漢" * 400, why={"nested": ["anything", 1, None, "✓"]})
    audit.origin.reset(token)
    [line] = entries(db)
    assert (len(line.subject), len(line.origin)) == (340, 60)
    db.session.expire_all()
    assert db.session.scalar(select(AuditEntry.detail)) == {"why": {"nested": ["anything", 1, None, "✓"]}}


def test_an_act_that_is_rolled_back_was_never_done(db):
    with db.session.begin_nested() as savepoint:
        record("changed the role of", by=None)
        db.session.flush()
        savepoint.rollback()
    assert entries(db) == []
