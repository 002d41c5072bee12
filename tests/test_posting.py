"""Sending: against real servers, good and bad, on a database whose commits are real."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from factories import a_user
from post_offices import PostOffice, RudeOffice, certificate, free_port, told, write
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from blog import mail, posting, postman
from blog.database import db, utcnow
from blog.models import Mail, MailState, User, mails_in_trouble
from blog.models.mail import KEPT, LEASE, MINUTES, Taken
from config import ROOT, MailPlace, mail_place


def send(app, place=None):
    """One round of the sender."""
    with app.app_context():
        return list(posting.deliver(place or app.config["MAIL_PLACE"]))


def rows(app):
    with app.app_context():
        return {row.to: row for row in db.session.scalars(select(Mail).order_by(Mail.id))}


def hasten(app):
    """What waits is due now, and whoever had leased it is dead for long."""
    with app.app_context():
        past = utcnow() - timedelta(seconds=1)
        due = update(Mail).where(Mail.sent_at.is_(None), Mail.gave_up_at.is_(None)).values(due_at=past)
        db.session.execute(due)
        db.session.execute(update(Mail).where(Mail.lease.is_not(None)).values(leased_until=past))
        db.session.commit()


def test_a_letter_goes_out_once_as_text_and_as_html(real_app):
    with PostOffice().open() as office:
        write(real_app, "ada@example.org", "grace@example.org", place=office.place())
        assert [outcome.fault for outcome in send(real_app)] == ["", ""]
        assert send(real_app) == []
    assert office.reached == ["ada@example.org", "grace@example.org"]
    letter = office.letters[0]
    assert str(letter["From"]) == "Masthead <blog@example.org>"
    assert (letter["To"], letter["Subject"]) == ("ada@example.org", "A word from Grace")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == f"<{rows(real_app)['ada@example.org'].uid.hex}@example.org>"
    assert abs(letter["Date"].datetime - utcnow()) < timedelta(minutes=1)
    assert letter.get_content_type() == "multipart/alternative"
    text, page = (part.get_content() for part in letter.iter_parts())
    assert "https://blog.example.org/x?to=ada@example.org" in text.splitlines()
    assert '<a class="press" href="https://blog.example.org/x?to=ada@example.org"' in page
    for row in rows(real_app).values():
        assert (row.state, row.tries, row.sealed, row.fault, row.lease) == (MailState.sent, 1, "", "", None)


def test_nothing_is_locked_while_the_server_thinks(real_app):
    with PostOffice().open() as office:
        write(real_app, "ada@example.org", place=office.place())

        def meanwhile():
            with real_app.app_context():
                a_user(name="Meanwhile")
                db.session.execute(update(Mail).values(fault="seen"))  # not even the letter's own row
                db.session.commit()

        office.answers["DATA"] = meanwhile
        assert [outcome.fault for outcome in send(real_app)] == [""]
    with real_app.app_context():
        assert db.session.scalar(select(User).where(User.name == "Meanwhile"))


def test_refusals_are_final_or_not_and_told_in_one_line(real_app):
    addresses = [f"{name}@example.org" for name in ("gone", "grey", "spam", "busy", "fine")]
    with PostOffice().open() as office:
        write(real_app, *addresses, place=office.place())
        office.answers = {
            ("RCPT", "gone@example.org"): "550-no such\r\n550 person",
            ("RCPT", "grey@example.org"): "450 come back later",
            ("DATA", "spam@example.org"): "554 because of https://blog.example.org/x?secret",
            ("DATA", "busy@example.org"): "451 not now",
        }
        outcomes = {outcome.to.partition("@")[0]: outcome for outcome in send(real_app)}
        found = {to.partition("@")[0]: row for to, row in rows(real_app).items()}
        assert {name: row.state.value for name, row in found.items()} == {
            "gone": "given up",
            "grey": "waiting",
            "spam": "given up",
            "busy": "waiting",
            "fine": "sent",
        }
        assert found["gone"].fault == "the server refuses the recipient: 550 no such person"
        assert found["spam"].fault == "the server refuses the letter: 554 because of (an address)"
        assert outcomes["grey"].fault == found["grey"].fault == "the server refuses the recipient: 450 come back later"
        assert found["grey"].sealed
        assert timedelta(seconds=50) < found["grey"].due_at - utcnow() < timedelta(seconds=70)
        assert send(real_app) == []  # nothing is due before that
        office.answers = {}
        hasten(real_app)
        assert {outcome.to for outcome in send(real_app)} == {"grey@example.org", "busy@example.org"}
    assert office.reached == ["busy@example.org", "fine@example.org", "grey@example.org"]


def test_tries_grow_rare_and_end_after_three_days(real_app):
    assert 71 <= sum(MINUTES) / 60 <= 75
    with PostOffice().open() as office:
        write(real_app, "ada@example.org", place=office.place())
        office.answers["RCPT"] = "450 later"
        waits = []
        for _ in range(len(MINUTES)):
            (outcome,) = send(real_app)
            assert not outcome.for_good
            waits.append((rows(real_app)["ada@example.org"].due_at - utcnow()) / timedelta(minutes=1))
            hasten(real_app)
        for waited, meant in zip(waits, MINUTES, strict=True):
            assert 0.89 * meant < waited < 1.11 * meant
        (outcome,) = send(real_app)
        assert outcome.for_good
        assert rows(real_app)["ada@example.org"].state is MailState.given_up


def test_a_server_that_is_not_there_or_refuses_everything_costs_one_try_a_round(real_app, monkeypatch):
    monkeypatch.setattr(postman, "PATIENCE", 0.3)
    monkeypatch.setattr(postman, "LONGEST", 1)
    hello = ["220 hello", "250 dear"]
    takes = [*hello, "250 OK", "250 OK"]
    write(
        real_app, "ada@example.org", "grace@example.org", place=mail_place("smtp://127.0.0.1:9?from=blog@example.org")
    )
    faults = []
    nobody = mail_place(f"smtp://127.0.0.1:{free_port()}?from=blog@example.org")
    faults += [send(real_app, nobody)]
    rude = [
        RudeOffice("554 no mail here"),
        RudeOffice(None),
        RudeOffice(*hello, "421 closing"),
        RudeOffice(*hello, "530 whoever you are"),
        RudeOffice(*takes, ""),
        RudeOffice(*takes, "354 go on", ""),
        RudeOffice(None, drips=True),
        RudeOffice("what?"),
        RudeOffice("2" * 10_000),
    ]
    for office in rude:
        hasten(real_app)
        with office.open():
            faults.append(send(real_app, office.place()))
        assert office.calls == 1
    assert [len(outcomes) for outcomes in faults] == [1] * len(faults)
    assert all(outcomes[0].is_of_server and not outcomes[0].for_good for outcomes in faults)
    said = [outcomes[0].fault for outcomes in faults]
    assert said[:3] == [
        "the server cannot be reached: Connection refused",
        "the server refuses any mail: 554 no mail here",
        "the server does not answer within 0.3 seconds",
    ]
    assert said[4] == "the server refuses us: 530 whoever you are"
    assert said[5:7] == ["the server hangs up"] * 2
    hasten(real_app)
    with PostOffice().open() as office:  # and back again
        assert [outcome.fault for outcome in send(real_app, office.place())] == ["", ""]
        assert send(real_app, office.place()) == []
    assert office.reached == ["ada@example.org", "grace@example.org"]


def test_a_line_that_has_died_meanwhile_is_no_fault(real_app):
    with PostOffice().open() as office:
        write(real_app, "a@example.org", "b@example.org", place=office.place())
        sending = None
        with real_app.app_context():
            sending = posting.deliver(office.place())
            assert next(sending).fault == ""
    with office.open(), real_app.app_context():
        assert [outcome.fault for outcome in sending] == [""]
    assert office.reached == ["a@example.org", "b@example.org"]


def test_the_line_is_kept_open_from_letter_to_letter(real_app):
    with RudeOffice(
        "220 hello", "250 dear", *["250 OK", "250 OK", "354 go on", "250 taken", "250 OK"] * 3
    ).open() as office:
        write(real_app, "a@example.org", "b@example.org", "c@example.org", place=office.place())
        assert [outcome.fault for outcome in send(real_app)] == ["", "", ""]
        assert office.calls == 1


def test_a_page_does_not_wait_for_a_server_that_does_not_answer(real_app):
    with RudeOffice(None).open() as office:
        write(real_app, place=office.place())
        before = time.monotonic()
        write(real_app, "ada@example.org")
        with real_app.app_context():
            assert real_app.test_client().get("/").status_code == 200
        assert office.calls == 0
        assert time.monotonic() - before < 5


def test_many_senders_at_once_send_each_letter_once(real_app):
    addresses = sorted(f"p{number}@example.org" for number in range(40))
    with PostOffice().open() as office:
        write(real_app, *addresses, place=office.place())
        threads = [threading.Thread(target=send, args=(real_app,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert office.reached == addresses
    assert {row.tries for row in rows(real_app).values()} == {1}


def test_a_sender_killed_in_mid_letter_leaves_it_to_the_next(real_app, tmp_path):
    held, go_on = threading.Event(), threading.Event()

    def wait():
        held.set()
        go_on.wait(20)

    with PostOffice().open() as office:
        write(real_app, "ada@example.org", place=office.place())
        for command in ("RCPT", "DATA"):
            office.answers = {command: wait}
            held.clear()
            go_on.clear()
            child = subprocess.Popen(
                [sys.executable, "-m", "flask", "mail", "send"], env=environment(real_app, office), cwd=ROOT
            )
            assert held.wait(30)
            child.send_signal(signal.SIGKILL)
            child.wait()
            go_on.set()
            assert send(real_app) == []  # until its lease runs out, nobody knows that it is dead
            assert rows(real_app)["ada@example.org"].state is MailState.sending
            hasten(real_app)
        office.answers = {}
        assert [outcome.fault for outcome in send(real_app)] == [""]
    # Of the two, one had been taken by the server before it could be noted: that one is a copy, to the byte.
    assert len(office.taken) == 2
    assert office.taken[0] == office.taken[1]


def environment(app, office):
    return os.environ | {
        "FLASK_APP": "wsgi",
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "INSTANCE_PATH": str(app.config["INSTANCE_PATH"]),
        "SECRET_KEY": app.config["SECRET_KEY"],
        "MAIL_URL": f"smtp://127.0.0.1:{office.port}?from=blog@example.org",
    }


def test_what_became_of_a_letter_is_noted_though_the_database_is_away_for_a_moment(real_app, monkeypatch):
    monkeypatch.setattr(posting, "INSISTS", (0, 0))
    faults = [OperationalError("", {}, Exception("away"))] * 2
    was_sent = Taken.was_sent

    def away(self):
        if faults:
            raise faults.pop()
        return was_sent(self)

    monkeypatch.setattr(Taken, "was_sent", away)
    with PostOffice().open() as office:
        write(real_app, "ada@example.org", place=office.place())
        assert [outcome.fault for outcome in send(real_app)] == [""]
        assert rows(real_app)["ada@example.org"].sent_at
        faults += [OperationalError("", {}, Exception("away"))] * 3
        write(real_app, "grace@example.org")
        with pytest.raises(OperationalError):
            send(real_app)


def test_a_letter_that_is_not_worth_sending_is_given_up(real_app):
    with PostOffice().open() as office:
        write(real_app, "late@example.org", place=office.place(), until=utcnow() + timedelta(hours=1))
        write(real_app, "a@example.org\nBcc: b@example.org", "nobody", "@example.org", "c@b>,d", "a@.de\u00a8")
        with time_machine.travel(utcnow() + timedelta(hours=2)):
            outcomes = send(real_app)
        assert [outcome.for_good for outcome in outcomes] == [True] * 6
        assert outcomes[0].fault == "the link in it has run out"
        assert {outcome.fault for outcome in outcomes[1:]} == {"this is no address"}
        write(real_app, "ada@example.org")
        real_app.config["SECRET_KEY"] = "another"
        assert [outcome.fault for outcome in send(real_app)] == ["the mail was sealed with another SECRET_KEY"]
    assert office.taken == []


def test_old_letters_are_swept_out(real_app):
    with PostOffice().open() as office:
        office.answers["RCPT", "b@example.org"] = "550 no"
        write(real_app, "a@example.org", "b@example.org", place=office.place())
        send(real_app)
        write(real_app, "c@example.org")
        office.answers["RCPT", "c@example.org"] = "450 later"
        for ahead, left in ((KEPT - timedelta(hours=1), 3), (KEPT + timedelta(hours=1), 1)):
            with time_machine.travel(utcnow() + ahead), real_app.app_context():
                posting.sweep()
            assert len(rows(real_app)) == left


def test_trouble_is_what_was_given_up_or_is_late(real_app):
    with PostOffice().open() as office:
        office.answers["RCPT", "b@example.org"] = "550 no"
        write(real_app, "a@example.org", "b@example.org", place=office.place())
        send(real_app)
        write(real_app, "c@example.org")
        with real_app.app_context():
            assert mails_in_trouble() == 1
            with time_machine.travel(utcnow() + timedelta(minutes=61)):
                assert mails_in_trouble() == 2


# The line


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # which is what the last server is for
def test_passwords_go_over_tls_only_and_are_in_no_fault(real_app, tmp_path, monkeypatch):
    tls = certificate(tmp_path)
    with PostOffice(**told({"tls_context": tls})).open() as office:  # TLS is offered, and then asked for
        write(real_app, "ada@example.org", place=office.place(user="ada:sesame@"))
        assert [outcome.fault for outcome in send(real_app)] == [""]
        write(real_app, "grace@example.org")
        (outcome,) = send(real_app, office.place(user="ada:wrong-word@"))
        assert outcome.fault == "the server refuses the name or the password: 535"
        hasten(real_app)
        monkeypatch.setattr(postman, "is_here", lambda host: False)  # a host of the world has to prove who it is
        (outcome,) = send(real_app, office.place(user="ada:sesame@"))
        assert "the certificate of the server is not to be trusted: self-signed certificate" in outcome.fault
    hasten(real_app)
    with PostOffice(**told({"auth_require_tls": False})).open() as office:
        (outcome,) = send(real_app, office.place(user="ada:sesame@"))
        assert outcome.fault == "the server offers no TLS, and the password is not for all to read"
        monkeypatch.undo()


def test_tls_from_the_first_byte(real_app, tmp_path, monkeypatch):
    with PostOffice(ssl_context=certificate(tmp_path)).open() as office:
        write(real_app, "ada@example.org", place=office.place(scheme="smtps"))
        assert [outcome.fault for outcome in send(real_app)] == [""]
    assert office.reached == ["ada@example.org"]
    monkeypatch.setattr(postman, "PATIENCE", 0.2)
    with RudeOffice(None).open() as silent:
        write(real_app, "grace@example.org")
        (outcome,) = send(real_app, silent.place(scheme="smtps"))
        assert outcome.is_of_server


# The thread


def test_the_thread_sends_a_letter_as_soon_as_it_is_committed_and_survives_everything(real_app, monkeypatch, caplog):
    assert posting.start(real_app) is None  # no mail server, no thread
    arrived = threading.Event()
    monkeypatch.setattr(posting, "EVERY", 60)
    monkeypatch.setattr(posting, "REST", 0)
    with PostOffice().open() as office:
        office.answers["DATA"] = arrived.set
        write(real_app, place=office.place())
        worker = posting.start(real_app)
        try:
            for to in ("a@example.org", "b@example.org"):
                arrived.clear()
                write(real_app, to)
                assert arrived.wait(10)
            with monkeypatch.context() as broken:
                failed = threading.Event()

                def fail(*_):
                    failed.set()
                    raise OperationalError("", {}, Exception("away"))

                broken.setattr(posting, "taken", fail)
                write(real_app, "c@example.org")
                assert failed.wait(10)
            arrived.clear()
            mail.fresh.set()
            assert arrived.wait(10)
        finally:
            worker.stop()
            worker.join(30)
        assert not worker.is_alive()
    assert office.reached == ["a@example.org", "b@example.org", "c@example.org"]
    assert "The outbox cannot be worked off" in caplog.text


def test_a_letter_wakes_the_thread_only_when_it_is_committed(real_app):
    place = mail_place("smtp://127.0.0.1:9?from=blog@example.org")
    mail.fresh.clear()
    with real_app.app_context():
        mail.hurry()
        db.session.execute(select(1))
        with db.session.begin_nested():
            db.session.execute(select(1))
        assert not mail.fresh.is_set()
        db.session.rollback()
        db.session.execute(select(1))
        db.session.commit()
        assert not mail.fresh.is_set()
    write(real_app, "a@example.org", place=place)
    assert mail.fresh.is_set()
    mail.fresh.clear()


# The commands


def test_the_command_sends_what_is_due_and_tells_what_it_could_not(real_app):
    run = real_app.test_cli_runner().invoke
    assert "MAIL_URL is not set" in run(args=["mail", "send"]).output
    with PostOffice().open() as office:
        office.answers["RCPT", "b@example.org"] = "550 no"
        office.answers["RCPT", "c@example.org"] = "450 later"
        write(real_app, "a@example.org", "b@example.org", "c@example.org", place=office.place())
        result = run(args=["mail", "send"])
        assert result.exit_code == 1
        assert result.output.splitlines() == [
            "given up  b@example.org: the server refuses the recipient: 550 no",
            "put off  c@example.org: the server refuses the recipient: 450 later",
            "1 letters were sent, 2 were not.",
        ]
        assert (run(args=["mail", "send"]).output) == "0 letters were sent, 0 were not.\n"
    lines = run(args=["mail", "list"]).output.splitlines()
    assert [re.split(r"  +", line)[1:] for line in lines] == [
        ["waiting", "1 try", "hello", "c@example.org", "(the server refuses the recipient: 450 later)"],
        ["given up", "1 try", "hello", "b@example.org", "(the server refuses the recipient: 550 no)"],
        ["sent", "1 try", "hello", "a@example.org"],
    ]
    assert "b@example.org" in run(args=["mail", "list", "--state", "given up", "--limit", "1"]).output


def test_ctrl_c_lets_the_command_finish_the_letter_in_its_hands(real_app):
    before = signal.getsignal(signal.SIGINT)
    with PostOffice().open() as office:
        write(real_app, "a@example.org", "b@example.org", place=office.place())
        office.answers["DATA", "a@example.org"] = lambda: os.kill(os.getpid(), signal.SIGINT)
        result = real_app.test_cli_runner().invoke(args=["mail", "send"])
        assert result.output == "1 letters were sent, 0 were not.\n"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_lease_lasts_longer_than_any_letter_may_take():
    assert timedelta(seconds=2 * (postman.LONGEST + postman.PATIENCE)) < LEASE
    assert MailPlace("h", 25, False, "u", "geheim").password not in repr(MailPlace("h", 25, False, "u", "geheim"))


def test_a_server_begins_to_send_although_it_is_a_command_itself(tmp_path):
    settings = {"INSTANCE_PATH": str(tmp_path), "MAIL_URL": "smtp://127.0.0.1:9?from=blog@example.org"}
    load = "import threading, wsgi; print(','.join(t.name for t in threading.enumerate()))"
    served = f"import click; click.Command('granian', callback=lambda: exec({load!r})).main([], standalone_mode=False)"
    commanded = (
        "from flask.cli import FlaskGroup; import click; flask = FlaskGroup(add_default_commands=False);"
        f"flask.add_command(click.Command('x', callback=lambda: exec({load!r})));"
        "flask.main(['x'], standalone_mode=False)"
    )
    for code, threads in ((served, "MainThread,mail"), (commanded, "MainThread")):
        call = [sys.executable, "-c", code]
        done = subprocess.run(call, cwd=ROOT, env=os.environ | settings, capture_output=True, check=False)
        assert done.stdout.decode().strip() == threads, done.stderr.decode()[-500:]
