"""Random interleavings of writers over every way of saving: `python -m benchmarks.interleaving --steps N --seed S`.

Nothing acknowledged may be lost or doubled, and one person in one tab is never told of a conflict. `--database` names
the database; without it, SQLite in a temporary file. The tests take a few thousand of the same steps.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from sqlalchemy import event
from sqlalchemy.engine import Engine

from benchmarks.world import World
from blog import create_app
from blog.database import db
from config import TestConfig

EPISODE = 250  # steps at one post
REPORT = 10_000


def run(steps: int, seed: int, *, report: int = 0) -> Counter[str]:
    """So many steps, a new post and other people every so often, every fourth time one person alone in one tab."""
    found: Counter[str] = Counter()
    began = time.perf_counter()
    for number in range(-(-steps // EPISODE)):
        random = Random(f"{seed}/{number}")
        world = World(random, people=1 if number % 4 == 3 else random.randint(2, 4), name=f"{seed}/{number}")
        for _ in range(min(EPISODE, steps - found["steps"])):
            world.step()
            found["steps"] += 1
            if report and found["steps"] % report == 0:
                rate = found["steps"] / (time.perf_counter() - began)
                print(f"{told(found + world.found)}; {rate:,.0f} steps/s", flush=True)
        world.check_all()
        found += world.found
        for fault in world.faults:
            print(fault, flush=True)
    return found


def told(found: Counter[str]) -> str:
    names = (
        "steps",
        "saves",
        "clashes",
        "joined",
        "lost",
        "doubled",
        "broken",
        "false conflicts",
        "kept from two tabs",
    )
    return ", ".join(f"{found[name]:,} {name}" for name in names)


def hurry(connection: object, _record: object) -> None:
    """A bench needs no disk: what is measured here is not whether the file survives."""
    if type(connection).__module__ == "sqlite3":
        connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/bench.db"
        event.listen(Engine, "connect", hurry)
        app = create_app(TestConfig({"DATABASE_URL": url, "INSTANCE_PATH": str(Path(folder) / "instance")}))
        with app.app_context():
            db.create_all()
            began = time.perf_counter()
            found = run(asked.steps, asked.seed, report=REPORT)
            took = time.perf_counter() - began
            print(f"{told(found)} in {took:,.0f} s, {found['steps'] / took:,.0f} steps/s, seed {asked.seed}")
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()
