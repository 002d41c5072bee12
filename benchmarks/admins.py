"""Two admins who remove each other at the same moment: `python -m benchmarks.admins [--rounds 1000] [--database URL]`.

Each round both press a button on the other: another role, deactivation, or the same for several at once. Each has a
thread, a connection and a transaction of their own. Afterwards there must be an active admin, and neither may have
been shown a fault. Without `--database`, SQLite in a temporary file.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Barrier, Thread

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from blog import create_app
from blog.database import db
from blog.models import LoginSession, User, UserRole
from config import TestConfig

ANSWERS = {302, 403, 401}  # done or refused with the reason; no admin any more; signed out by the other
DEEDS: dict[str, Callable[[FlaskClient, int, int], int]] = {
    "role": lambda browser, _me, other: browser.post(f"/admin/users/{other}/role", data={"role": "viewer"}).status_code,
    "deactivation": lambda browser, _me, other: browser.post(f"/admin/users/{other}/deactivation").status_code,
    "several": lambda browser, me, other: (
        browser.post("/admin/users/changes", data={"act": "editor", "id": [str(other), str(me)]}).status_code
    ),
    "several out": lambda browser, me, other: (
        browser.post("/admin/users/changes", data={"act": "deactivate", "id": [str(me), str(other)]}).status_code
    ),
}


class Office:
    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            pair = [User(name=f"Admin {n}", email=f"admin{n}@example.com", role=UserRole.admin) for n in range(2)]
            db.session.add_all(pair)
            db.session.commit()
            self.ids = [person.id for person in pair]

    def browsers(self) -> list[FlaskClient]:
        """Both are admins again, and signed in."""
        found = []
        with self.app.app_context():
            for person in db.session.scalars(select(User).where(User.id.in_(self.ids)).order_by(User.id)):
                person.role, person.is_active = UserRole.admin, True
                LoginSession.end_all(person)
                browser = self.app.test_client()
                with browser.session_transaction() as session:
                    session["login"] = LoginSession.start(person)
                found.append(browser)
            db.session.commit()
        return found

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
