"""Whether a stranger can tell by the time what is wrong with a sign-in, and where guessing is stopped.

`python -m benchmarks.signing_in [--tries 1000] [--memory KIB] [--database URL]`. Every failure is tried so many times,
in random order, each from an address and at an account of its own, so that no limit is met; whole requests, commits and
all. Told are the medians, by the clock and by this process's own time, which other work on the machine blurs less, and
of each kind against the wrong password the p of a Mann-Whitney U test: the chance to see as large a difference between
two that do not differ. Less memory for the hash, and anything else that differs stands out more.
"""

import argparse
import re
import tempfile
import time
from itertools import count
from math import erf, sqrt
from pathlib import Path
from random import Random
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from blog import create_app
from blog.database import db
from blog.models import Throttle, User
from blog.models.throttle import SIGN_IN_OVERALL, SIGN_IN_TO_ACCOUNT
from config import TestConfig

PASSWORD = "seven swans a-swimming"
JSON = {"Accept": "application/json"}
KINDS = ("wrong", "unknown", "deactivated", "bare")
next_address = count(1).__next__


def here() -> str:
    number = next_address()
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def enter(client: FlaskClient, email: str, password: str, at: str, **how: object) -> int:
    sent = {"email": email, "password": password}
    status = client.post("/auth/login", data=sent, environ_base={"REMOTE_ADDR": at}, **how).status_code
    assert isinstance(status, int)
    return status


def people(number: int) -> None:
    """So many of each kind, with hashes by the settings of now."""
    ada = User(email="ada@example.com", name="Ada")
    ada.set_password(PASSWORD)
    db.session.add(ada)
    for kind in ("wrong", "deactivated", "bare"):
        kept = {} if kind == "bare" else {"password_hash": ada.password_hash}
        for one in range(number):
            db.session.add(User(email=f"{kind}{one:06}@example.com", name=kind, handle=f"{kind}-{one}",
                                is_active=kind != "deactivated", **kept))  # fmt: skip
    db.session.commit()


def timed(app: Flask, number: int) -> dict[str, list[tuple[float, float]]]:
    """The seconds of each try by the clock and of this process, by kind."""
    tries = [(kind, one) for one in range(number) for kind in KINDS]
    Random(1).shuffle(tries)
    taken: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for done, (kind, one) in enumerate(tries):
        if done % (SIGN_IN_OVERALL.tries // 2) == 0:
            forget()
        client = app.test_client(use_cookies=False)
        password = PASSWORD if kind == "deactivated" else "seven swans a-sinking?"
        began, used = time.perf_counter(), time.process_time()
        assert enter(client, f"{kind}{one:06}@example.com", password, here()) == 422
        taken[kind].append((time.perf_counter() - began, time.process_time() - used))
    return taken


def forget() -> None:
    db.session.execute(delete(Throttle).where(Throttle.key == SIGN_IN_OVERALL.key("")))
    db.session.commit()


def chance(ours: list[float], theirs: list[float]) -> float:
    """The p of a Mann-Whitney U test, two-sided, by the normal distribution: good for more than a few dozen."""
    ranks = {value: rank for rank, value in enumerate(sorted(ours + theirs), 1)}  # times to the nanosecond hardly tie
    n, m = len(ours), len(theirs)
    u = sum(ranks[value] for value in ours) - n * (n + 1) / 2
    z = (u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
    return 1 - erf(abs(z) / sqrt(2))


def tell(taken: dict[str, list[tuple[float, float]]]) -> None:
    for which, name in enumerate(("by the clock", "of this process")):
        wrong = [one[which] for one in taken["wrong"]]
        for kind in KINDS:
            mine = [one[which] for one in taken[kind]]
            p = "" if kind == "wrong" else f"  p = {chance(mine, wrong):.3f}"
            print(f"{kind:<12} {len(mine):>6,} tries, median {median(mine) * 1000:8.3f} ms {name}{p}")


def siege(app: Flask) -> None:
    """A thousand addresses against one account, one address against a thousand accounts, and the owner meanwhile."""
    owner, stranger = app.test_client(), app.test_client(use_cookies=False)
    known = enter(owner, "ada@example.com", PASSWORD, "192.0.2.1")
    owner.post("/auth/logout")
    got = [enter(stranger, "ada@example.com", "a guess", here(), headers=JSON) for _ in range(1_000)]
    print(f"1,000 addresses against one account: {got.count(422)} guesses, {got.count(429)} stopped")
    print(f"its owner from a new device: {enter(app.test_client(), 'ada@example.com', PASSWORD, here())}, "
          f"from a known one: {enter(owner, 'ada@example.com', PASSWORD, '192.0.2.1')} (before: {known})")  # fmt: skip
    said = app.test_cli_runner().invoke(args=["user", "link", "ada@example.com"]).output
    link = re.search(r"/auth/link/\S+", said)
    assert link, said
    print(f"and by `flask user link`: {app.test_client().post(link[0]).status_code}")
    got = [
        enter(stranger, f"wrong{one:06}@example.com", "a guess", "203.0.113.7", headers=JSON) for one in range(1_000)
    ]
    print(f"one address against 1,000 accounts: {got.count(422)} guesses, {got.count(429)} stopped")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--tries", type=int, default=1_000)
    asked.add_argument("--memory", type=int, default=19_456, help="of a hash, in KiB")
    asked.add_argument("--database", default="")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        app = create_app(TestConfig({"DATABASE_URL": url, "INSTANCE_PATH": folder}))
        app.config |= {"ARGON2_MEMORY_KIB": options.memory, "ARGON2_PASSES": 2}
        with app.app_context():
            db.create_all()
            people(options.tries)
        print(
            f"{db_name(url)}, Argon2id with {options.memory:,} KiB and 2 passes, {SIGN_IN_TO_ACCOUNT.tries} free tries"
        )
        with app.app_context():
            taken = timed(app, options.tries)
        tell(taken)
        siege(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def db_name(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "PostgreSQL"


if __name__ == "__main__":
    main()
