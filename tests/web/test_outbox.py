"""The list of letters, as an admin sees it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import an_admin
from looking import link, page, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Mail
from blog.sealing import seal


@pytest.fixture
def office(app, sign_in, post_box):
    return sign_in(an_admin(name="Boss"))


def a_letter(**fields) -> Mail:
    usual = {"kind": "reset", "to": "ada@example.org", "subject": "Hidden subject", "due_at": utcnow()}
    letter = Mail(
        uid=uuid4(), **usual | {"sealed": "" if "sent_at" in fields else seal("secret", what="mail")} | fields
    )
    the_db.session.add(letter)
    the_db.session.flush()
    return letter


def leased(seconds) -> dict[str, object]:
    return {"lease": uuid4(), "leased_until": utcnow() + timedelta(seconds=seconds)}


def people(answer) -> list[str]:
    return [cell.bdi.get_text() for cell in page(answer).select("tbody th")]


def press(browser, letter, button, state=""):
    """Press this button of this letter, and see the page to which it leads."""
    listed = browser.get(f"/admin/mail?state={state}")
    row = next(row for row in page(listed).select("tbody tr") if row.bdi.get_text() == letter.to)
    form = next((form for form in row.select("form") if button in form.get_text()), None)
    assert form, f"no button {button}"
    return browser.get(browser.post(form["action"]).location)


def test_shows_every_letter_and_its_state_but_never_its_words(office):
    a_letter(to="waits@example.org", tries=2, fault="the server hangs up")
    a_letter(to="leased@example.org", **leased(60))
    a_letter(to="stranded@example.org", **leased(-60))
    a_letter(to="sent@example.org", sent_at=utcnow())
    a_letter(to="lost@example.org", gave_up_at=utcnow(), fault="no <b>such</b> person")
    answer = office.get("/admin/mail")
    assert people(answer) == [f"{name}@example.org" for name in ("lost", "sent", "stranded", "leased", "waits")]
    said = words(answer)
    assert "secret" not in answer.text
    assert "Hidden subject" not in said
    assert "no <b>such</b> person" in said
    assert "the server hangs up" in said
    states = {"waiting": ["stranded", "waits"], "being-sent": ["leased"], "sent": ["sent"], "given-up": ["lost"]}
    for state, names in states.items():
        assert people(office.get(f"/admin/mail?state={state}")) == [f"{name}@example.org" for name in names]
    assert office.get("/admin/mail?state=nonsense").status_code == 404
    buttons = {
        row.bdi.get_text().partition("@")[0]: len(row.select("button")) for row in page(answer).select("tbody tr")
    }
    assert buttons == {"lost": 2, "sent": 0, "stranded": 2, "leased": 0, "waits": 2}


def test_is_paged_by_position_and_costs_the_same_for_many(office, queries):
    for number in range(3):
        a_letter(to=f"p{number}@example.org", sent_at=utcnow())
    with queries() as few:
        office.get("/admin/mail?state=sent")
    for number in range(3, 60):
        a_letter(to=f"p{number}@example.org", sent_at=utcnow())
    with queries() as many:
        first = office.get("/admin/mail?state=sent")
    assert len(few) == len(many)
    second = office.get(link(first, "Older"))
    assert people(first) + people(second) == [f"p{number}@example.org" for number in reversed(range(60))]
    assert "state=sent" in link(first, "Older")


def test_a_letter_can_be_tried_again_given_up_and_deleted(office):
    letter = a_letter(tries=4, due_at=utcnow() + timedelta(hours=4))
    assert "It is due now" in words(press(office, letter, "Try again now"))
    the_db.session.expire_all()
    assert letter.tries == 0
    assert letter.due_at <= utcnow()
    assert "given up" in words(press(office, letter, "Give up", state="waiting"))
    the_db.session.expire_all()
    assert letter.gave_up_at
    press(office, letter, "Try again now")
    the_db.session.expire_all()
    assert letter.gave_up_at is None
    press(office, letter, "Give up")
    assert "is deleted" in words(press(office, letter, "Delete", state="given-up"))
    assert the_db.session.scalar(select(Mail)) is None
    acts = the_db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == [
        "asked to send again the letter to",
        "gave up the letter to",
        "asked to send again the letter to",
        "gave up the letter to",
        "deleted the letter to",
    ]


def test_a_letter_that_is_sent_or_being_sent_is_out_of_reach(office):
    for letter, why in ((a_letter(**leased(60)), "being sent just now"), (a_letter(sent_at=utcnow()), "sent already")):
        for act in ("another-try", "end", "deletion"):
            answer = office.get(office.post(f"/admin/mail/{letter.id}/{act}").location)
            assert why in words(answer)
    assert len(the_db.session.scalars(select(Mail)).all()) == 2
    assert the_db.session.scalars(select(AuditEntry)).all() == []
    assert office.post("/admin/mail/999/end").status_code == 404


def test_the_way_there_is_shown_where_there_is_something_to_see(app, office):
    assert link(office.get("/admin"), "Mail") == "/admin/mail"
    assert "None yet." in words(office.get("/admin/mail"))
    app.config["MAIL_PLACE"] = None
    assert link(office.get("/admin"), "Mail") is None
    a_letter(to="ada@example.org")
    assert link(office.get("/admin"), "Mail") == "/admin/mail"
    assert "No mail server is set" in words(office.get("/admin/mail"))
