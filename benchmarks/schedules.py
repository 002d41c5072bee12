"""Schedule posts for random moments, clock changes among them, and look whether each goes live on time everywhere.

`python -m benchmarks.schedules [--moments 10000] [--database URL] [--seed 1]`. The clock is moved; the application, its
database and its page cache are real, and are started anew every so often. Each post is scheduled by the editor's own
form, for a time on some zone's clock. A moment before, it must be nowhere; within a second after, everywhere.
"""

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import flask_migrate
import time_machine
from flask import Flask
from sqlalchemy import delete

from blog import create_app
from blog.database import db
from blog.models import LoginSession, Post, Site, User, UserRole
from config import TestConfig

ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC")
BEGINS = datetime(2027, 1, 1, tzinfo=UTC)
YEARS = 8
BATCH = 50  # moments between two starts of the application
EARLY = timedelta(milliseconds=400)
LATE = timedelta(milliseconds=900)


def places(slug: str, word: str) -> dict[str, tuple[str, str]]:
    """Where the post must turn up: an address, and what must then be in its answer."""
    return {
        "page": (f"/posts/{slug}", f"Title {word}"),
        "list": ("/", f"/posts/{slug}"),
        "feed": ("/feed.atom", f"Title {word}"),
        "sitemap": ("/sitemap.xml", f"/posts/{slug}<"),
        "search": (f"/search?q={word}", f"/posts/{slug}"),
        "topic": (f"/tags/{word}", f"/posts/{slug}"),
    }


def changes_of(zone: ZoneInfo) -> list[datetime]:
    """The hours of these years in which the clocks of this zone change."""
    hours = (BEGINS + timedelta(hours=n) for n in range(YEARS * 366 * 24))
    found, before = [], None
    for hour in hours:
        offset = hour.astimezone(zone).utcoffset()
        if before is not None and offset != before:
            found.append(hour)
        before = offset
    return found


def moments(number: int) -> list[tuple[datetime, str]]:
    """Random minutes, a third of them within two hours of a change of the clocks, each with the zone it is meant in."""
    changes = {name: changes_of(ZoneInfo(name)) for name in ZONES}
    chosen = []
    for _ in range(number):
        name = random.choice(ZONES)
        if changes[name] and random.random() < 1 / 3:
            at = random.choice(changes[name]) + timedelta(minutes=random.randint(-120, 120))
        else:
            at = BEGINS + timedelta(minutes=random.randint(60, YEARS * 365 * 24 * 60))
        chosen.append((at, name))
    return sorted(chosen)


class Trial:
    def __init__(self, url: str, folder: str) -> None:
        self.url, self.folder, self.number, self.late = url, folder, 0, []
        self.app = self.started()
        with self.app.app_context():
            flask_migrate.upgrade()
            self.ada = User(email="ada@example.com", name="Ada", role=UserRole.editor)
            db.session.add_all([self.ada, Site.current()])
            db.session.commit()
            self.ada_id = self.ada.id

    def started(self) -> Flask:
        return create_app(TestConfig({"DATABASE_URL": self.url, "INSTANCE_PATH": self.folder}))

    def begin_again(self) -> None:
        """Another process, as far as memory goes; and a site that does not grow without end."""
        with self.app.app_context():
            db.session.execute(delete(Post))
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        self.app = self.started()
        self.reader, self.editor = self.app.test_client(), self.app.test_client()

    def sign_in(self) -> None:
        """Anew each time: months lie between two moments."""
        with self.app.app_context():
            secret = LoginSession.start(db.session.get_one(User, self.ada_id))
            db.session.commit()
        with self.editor.session_transaction() as session:
            session["login"] = secret

    def move(self, clock: time_machine.Traveller, to: datetime) -> None:
        """To another moment. More than a look's time goes by, which the machine's own clock does not notice."""
        clock.move_to(to)
        self.app.extensions["page_cache"].newsstand.asked = float("-inf")

    def try_one(self, at: datetime, zone: str, clock: time_machine.Traveller) -> None:
        self.number += 1
        self.sign_in()
        word = f"zq{self.number}x"
        there = at.astimezone(ZoneInfo(zone))
        form = {"base": "0", "title": f"Title {word}", "body": f"Some {word} text.", "tags": word, "zone": zone,
                "publish_at": there.strftime("%Y-%m-%dT%H:%M"), "turn": str(there.fold)}  # fmt: skip
        answer = self.editor.post("/write/posts/new/publication", data=form)
        assert answer.status_code == 302, (at, zone, answer.status_code, answer.text)
        slug = f"title-{word}"
        self.move(clock, at - EARLY)
        self.look(slug, word, at, zone, expected=False)
        self.move(clock, at + LATE)
        self.look(slug, word, at, zone, expected=True)

    def look(self, slug: str, word: str, at: datetime, zone: str, *, expected: bool) -> None:
        for name, (address, sign) in places(slug, word).items():
            if (sign in self.reader.get(address).text) is not expected:
                self.late.append(f"{name}: {at} ({zone}) was {'not there after' if expected else 'there before'}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--moments", type=int, default=10_000)
    asked.add_argument("--database", default="")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    random.seed(options.seed)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(BEGINS, tick=False) as clock:
        trial = Trial(options.database or f"sqlite:///{Path(folder) / 'trial.db'}", folder)
        for number, (at, zone) in enumerate(moments(options.moments)):
            if number % BATCH == 0:
                clock.move_to(at - timedelta(hours=1))
                trial.begin_again()
            clock.move_to(at - timedelta(minutes=30))
            trial.try_one(at, zone, clock)
            if number % 500 == 499:
                print(f"{number + 1:,} moments, {len(trial.late)} at the wrong time", flush=True)
    print(f"{options.moments:,} moments, {len(trial.late)} at the wrong time, {time.perf_counter() - began:.0f} s")
    for line in trial.late[:20]:
        print(line)
    raise SystemExit(bool(trial.late))


if __name__ == "__main__":
    main()
