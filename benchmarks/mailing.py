"""Send letters through a server that dies and comes back, by senders that are killed, and count what arrives.

`python -m benchmarks.mailing [--letters 1000] [--senders 2] [--kills 0] [--database URL]`. The server takes letters
for a while, goes away, comes back, and so on; now and then it refuses for a moment or hangs up. With `--kills`,
senders are killed (SIGKILL) at random and others take their place; leases are then cut short, so that nobody waits
five minutes.
"""

import argparse
import multiprocessing
import os
import random
import signal
import socket
import tempfile
import time
from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

import flask_migrate
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, or_, select, update

from blog import create_app, posting
from blog.database import begin_writing, db, only_reading, utcnow
from blog.mail import SEALED_AS
from blog.models import Mail
from blog.models.mail import LEASE
from blog.sealing import seal
from config import TestConfig

WORDS = '{"text": "Hello.", "html": "<p>Hello.</p>", "until": null}'


class Office:
    """Takes letters, and counts the copies of each."""

    def __init__(self) -> None:
        self.copies: Counter[str] = Counter()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if random.random() < 0.02:
            return "450 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if random.random() < 0.01:
            return "421 closing"
        self.copies[message_from_bytes(envelope.original_content)["Message-ID"]] += 1
        return "250 OK"


def application(url: str, folder: str, port: int) -> Flask:
    place = f"smtp://127.0.0.1:{port}?from=blog@example.org"
    return create_app(TestConfig({"DATABASE_URL": url, "INSTANCE_PATH": folder, "PAGE_CACHE": "0", "MAIL_URL": place}))


def sending(url: str, folder: str, port: int) -> None:
    """A process that sends for as long as it lives, as the thread of a server does."""
    posting.REST = 0.2
    posting.EVERY = 0.2
    app = application(url, folder, port)
    posting.Worker(app, app.config["MAIL_PLACE"]).run()


def write(app: Flask, number: int) -> None:
    with app.app_context():
        for n in range(number):
            words = {"kind": "bench", "to": f"p{n}@example.org", "subject": f"Letter {n}"}
            db.session.add(Mail(uid=uuid4(), sealed=seal(WORDS, what=SEALED_AS), due_at=utcnow(), **words))
        db.session.commit()


def waiting(app: Flask, *, hasten: bool) -> int:
    """How many are left. What was put off is due at once, and the leases of the dead end."""
    with app.app_context():
        begin_writing()
        open_ones = (Mail.sent_at.is_(None), Mail.gave_up_at.is_(None))
        soon = utcnow() - timedelta(seconds=1)
        db.session.execute(update(Mail).where(*open_ones, Mail.due_at > soon).values(due_at=soon, tries=0))
        if hasten:  # nobody alive holds one for three seconds
            old = utcnow() + LEASE - timedelta(seconds=3)
            stale = or_(Mail.leased_until < old, Mail.leased_until.is_(None))
            db.session.execute(update(Mail).where(*open_ones, Mail.lease.is_not(None), stale).values(leased_until=soon))
        db.session.commit()
        only_reading.set(True)
        left = db.session.scalar(select(func.count()).select_from(Mail).where(*open_ones)) or 0
        db.session.rollback()
        only_reading.set(False)
        return left


def run(url: str, folder: str, options: argparse.Namespace) -> tuple[Counter[str], int, int, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app, office = application(url, folder, port), Office()
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
    write(app, options.letters)
    start = multiprocessing.get_context("spawn")
    senders = []
    deaths = kills = 0
    left = options.letters
    while left:
        server = Controller(office, hostname="127.0.0.1", port=port)
        server.start()
        until = time.monotonic() + random.uniform(1, 3)
        while time.monotonic() < until and left:
            senders = [each for each in senders if each.is_alive()]
            while len(senders) < options.senders:
                senders.append(start.Process(target=sending, args=(url, folder, port), daemon=True))
                senders[-1].start()
            time.sleep(0.3)
            if kills < options.kills and office.copies and random.random() < 0.3:
                os.kill(random.choice(senders).pid, signal.SIGKILL)
                kills += 1
            left = waiting(app, hasten=bool(options.kills))
        server.stop()
        deaths += 1
        time.sleep(random.uniform(0.5, 1.5))
    for each in senders:
        each.kill()
        each.join()
    with app.app_context():
        ids = db.session.scalars(select(Mail.uid)).all()
        lost = sum(f"<{uid.hex}@example.org>" not in office.copies for uid in ids)
        db.session.remove()
        db.engine.dispose()
    return office.copies, lost, deaths, kills


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--letters", type=int, default=1_000)
    asked.add_argument("--senders", type=int, default=2)
    asked.add_argument("--kills", type=int, default=0)
    asked.add_argument("--database", default="")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    random.seed(options.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'mailing.db'}"
        copies, lost, deaths, kills = run(url, folder, options)
    doubled = sum(number > 1 for number in copies.values())
    print(f"{options.letters:,} letters, {options.senders} senders, {kills} of them killed, {deaths} outages", end=": ")
    print(f"{lost} lost, {doubled} doubled, {time.monotonic() - began:.0f} s")
    raise SystemExit(bool(lost or (doubled and not kills)))


if __name__ == "__main__":
    main()
