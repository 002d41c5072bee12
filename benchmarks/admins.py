"""Two admins who remove each other at the same moment: `python -m benchmarks.admins [--rounds 1000] [--database URL]`.

Each round both press a button: another role for the other, deactivation, deletion, the same for several at once, or
the end of their own account. Each has a thread, a connection and a transaction of their own. Afterwards there must be
an active admin, and neither may have been shown a fault. Without `--database`, SQLite in a temporary file.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from blog import create_app
from blog.database import db
from blog.models import LoginSession, User, UserRole
from config import TestConfig

# Done, or refused with the reason; no admin any more; signed out by the other; the other is gone; the last admin.
ANSWERS = {302, 403, 401, 404, 409, 422}
Deed = Callable[[FlaskClient, int, int], int]


def email(person: int) -> str:
    return f"admin{person}@example.com"


def pressed(path: str, **sent: Any) -> Deed:
    """A button: its form goes to the path with the number of the other in it; what is sent may name both."""

    def press(browser: FlaskClient, me: int, other: int) -> int:
        data = {name: value(me, other) if callable(value) else value for name, value in sent.items()}
        return browser.post(path.format(other=other), data=data).status_code

    return press


DEEDS: dict[str, Deed] = {
    "role": pressed("/admin/users/{other}/role", role="viewer"),
    "deactivation": pressed("/admin/users/{other}/deactivation"),
    "deletion": pressed("/admin/users/{other}/deletion", posts="stay", confirmation=lambda _me, other: email(other)),
    "several": pressed("/admin/users/changes", act="editor", id=lambda me, other: [str(other), str(me)]),
    "several out": pressed("/admin/users/changes", act="deactivate", id=lambda me, other: [str(me), str(other)]),
    "goodbye": pressed("/auth/account/departure", email=lambda me, _other: email(me)),
}


class Office:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.ids: list[int] = []

    def browsers(self) -> list[FlaskClient]:
        """Two admins, signed in, and nobody else: whoever was deleted is made anew."""
        with self.app.app_context():
            here = db.session.scalars(select(User).where(User.id.in_(self.ids), User.left_at.is_(None))).all()
            new = [uuid4().hex for _ in range(2 - len(here))]
            pair = [*here, *(User(name="Admin", handle=one, email=f"{one}@example.com") for one in new)]
            db.session.add_all(pair)
            db.session.flush()
            self.ids = [person.id for person in pair]
            return [self.signed_in(person) for person in pair]

    def signed_in(self, person: User) -> FlaskClient:
        person.email, person.role, person.is_active = email(person.id), UserRole.admin, True
        LoginSession.end_all(person)
        browser = self.app.test_client()
        with browser.session_transaction() as session:
            session["login"] = LoginSession.start(person)
        db.session.commit()
        return browser

    def round(self, deeds: tuple[str, str]) -> tuple[list[int], int]:
        """What both were answered, and how many are in charge now."""
        browsers, together, answers = self.browsers(), Barrier(2), [0, 0]

        def press(n: int) -> None:
            with self.app.app_context():
                together.wait(timeout=60)
                answers[n] = DEEDS[deeds[n]](browsers[n], self.ids[n], self.ids[1 - n])

        threads = [Thread(target=press, args=(n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        with self.app.app_context():
            return answers, len(db.session.scalars(User.active_admins()).all())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random, seen, faults, began = Random(options.seed), Counter[str](), 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'admins.db'}"
        app = create_app(TestConfig({"DATABASE_URL": url, "INSTANCE_PATH": folder}))
        with app.app_context():
            db.create_all()
        office = Office(app)
        for number in range(1, options.rounds + 1):
            deeds = random.choice(list(DEEDS)), random.choice(list(DEEDS))
            answers, in_charge = office.round(deeds)
            seen.update(str(answer) for answer in answers)
            if in_charge < 1 or not set(answers) <= ANSWERS:
                faults += 1
                print(f"round {number}, {deeds}: answers {answers}, {in_charge} in charge", flush=True)
        with app.app_context():
            db.engine.dispose()
    told = ", ".join(f"{number} × {answer}" for answer, number in sorted(seen.items()))
    print(f"{options.rounds:,} rounds, {faults} faults, {time.perf_counter() - began:.0f} s; answers: {told}")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
