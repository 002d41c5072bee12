"""Sending the letters of the outbox: one by one, each by whoever has leased it, and by a thread of every server.

A letter is leased and committed, handed to the mail server with no transaction open, and then marked as sent. Whoever
dies between the server's yes and the mark leaves a letter that is sent a second time, with the same Message-ID, when
the lease has run out; docs/mail.md says more.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from multiprocessing.util import Finalize

from flask import Flask
from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError

from blog import mail
from blog.database import begin_writing, db, only_reading, utcnow
from blog.models import Mail, Site
from blog.models.mail import Taken, stale_mails, sweep_mails
from blog.postman import NotSentError, Postman
from blog.sealing import BrokenSealError, unseal
from blog.text import one_line
from config import MailPlace

EVERY = 5  # seconds from one look at the outbox to the next; a letter of this process is sent at once
REST = 30  # seconds after a fault of the server itself
SWEEPS = 600
INSISTS = (0.5, 1, 2, 4, 8, 16, 32)  # seconds between tries to note what became of a letter
_DOMAIN = re.compile(r"[^\s<>()\[\],;:\"\\@]+")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of a letter."""

    to: str
    fault: str = ""
    for_good: bool = False
    is_of_server: bool = False


def deliver(place: MailPlace, stop: threading.Event | None = None) -> Iterator[Outcome]:
    """Send what is due, telling of each letter. Ends when nothing is due, when told to stop, or with a sick server."""
    postman = Postman(place)
    try:
        while not (stop and stop.is_set()) and (found := taken()):
            letter, title = found
            outcome = send(letter, title, postman)
            yield outcome
            if outcome.is_of_server:
                return
    finally:
        postman.close()


def taken() -> tuple[Taken, str] | None:
    """A letter that is ours now, and the name of the site. Nobody waits for us while nothing is due."""
    only_reading.set(True)
    db.session.rollback()
    if not db.session.scalar(select(Mail.due().exists())):
        db.session.rollback()
        return None
    begin_writing()
    letter = Mail.take()
    title = Site.current().title
    db.session.commit()
    return (letter, title) if letter else None


def send(letter: Taken, title: str, postman: Postman) -> Outcome:
    try:
        message = message_of(letter, title, postman.place.sender)
        postman.deliver(message, to=address_of(letter.to).addr_spec)
    except NotSentError as error:
        why, for_good = str(error), error.for_good or letter.is_last_try
        noted(lambda: letter.failed(why, for_good=for_good))
        logger.warning("Letter %s was not sent: %s", letter.id, why)
        return Outcome(letter.to, why, for_good, error.is_of_server)
    if not noted(letter.was_sent):
        logger.warning("Letter %s took longer than its lease, and may be sent twice", letter.id)
    return Outcome(letter.to)


def noted(note: Callable[[], bool]) -> bool:
    """Write down what became of a letter. Insists, since a letter whose sending is not noted is sent again."""
    for wait in (*INSISTS, None):
        try:
            begin_writing()
            done = note()
            db.session.commit()
            return done
        except SQLAlchemyError:
            db.session.rollback()
            if wait is None:
                raise
            time.sleep(wait)
    raise AssertionError("the last try returns or raises")


# The letter itself


def message_of(letter: Taken, title: str, sender: str) -> EmailMessage:
    """The letter as it travels: every copy the same to the byte. Raises NotSentError for one not worth sending."""
    kept = words_of(letter)
    if kept["until"] and datetime.fromisoformat(kept["until"]) <= utcnow():
        raise NotSentError("the link in it has run out", for_good=True)
    ours = address_of(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(one_line(title), ours.username, ours.domain)
    message["To"] = address_of(letter.to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.uid.hex}@{ours.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(kept["text"], cte="quoted-printable")
    message.add_alternative(kept["html"], subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{letter.uid.hex}")
    return message


def words_of(letter: Taken) -> dict[str, str]:
    try:
        return dict(json.loads(unseal(letter.sealed, what=mail.SEALED_AS)))
    except BrokenSealError as error:
        raise NotSentError(str(error), for_good=True) from None


def address_of(written: str) -> Address:
    """An address that can stand in a header and harm nothing there. Raises NotSentError."""
    name, _, domain = written.rpartition("@")
    if not name or not _DOMAIN.fullmatch(domain) or one_line(written) != written:
        raise NotSentError("this is no address", for_good=True)
    try:
        return Address("", name, domain if domain.isascii() else domain.encode("idna").decode())
    except (UnicodeError, ValueError):
        raise NotSentError("this is no address", for_good=True) from None


# The thread


class Worker(threading.Thread):
    """Sends for as long as the process lives."""

    def __init__(self, app: Flask, place: MailPlace) -> None:
        super().__init__(name="mail", daemon=True)
        self.app, self.place = app, place
        self.stopping = threading.Event()
        self.swept_at = 0.0

    def run(self) -> None:
        while not self.stopping.is_set():
            mail.fresh.clear()
            if self.round():
                self.stopping.wait(REST)
            mail.fresh.wait(EVERY)

    def round(self) -> bool:
        """Send what is due. Says whether it is better to rest a while."""
        try:
            with self.app.app_context():
                faults = [outcome.is_of_server for outcome in deliver(self.place, self.stopping)]
                self.tidy()
                return any(faults)
        except Exception:  # a database that is away for a night must not end the mail for good
            logger.exception("The outbox cannot be worked off")
            return True

    def tidy(self) -> None:
        """Now and then, delete letters that came to their end long ago, a few at a time."""
        if self.swept_at and time.monotonic() - self.swept_at < SWEEPS:
            return
        self.swept_at = time.monotonic()
        sweep(self.stopping)

    def stop(self) -> None:
        """Let it finish the letter in its hands, if that does not take long."""
        self.stopping.set()
        mail.fresh.set()
        self.join(5)


def sweep(stop: threading.Event | None = None) -> None:
    while not (stop and stop.is_set()):
        only_reading.set(True)
        db.session.rollback()
        if not db.session.scalar(select(exists(select(Mail.id).where(stale_mails())))):
            db.session.rollback()
            return
        begin_writing()
        sweep_mails()
        db.session.commit()


def start(app: Flask) -> Worker | None:
    """Begin to send, where a mail server is set: called by a server, never by a command or a test's application."""
    place = app.config["MAIL_PLACE"]
    if place is None:
        return None
    worker = Worker(app, place)
    worker.start()
    # Not `atexit`, which the worker processes of some servers do not run.
    Finalize(None, worker.stop, exitpriority=100)
    return worker
