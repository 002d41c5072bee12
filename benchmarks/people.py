"""The lists of the dashboard at size: `python -m benchmarks.people [--database URL] [--size 100000] [--times 50]`.

So many people and posts, and ten times as many lines of the log, are made where the database has none, and stay there
for the next run: without `--database`, in a file of SQLite under the folder for temporary files. Each page is asked
for by an admin, again and again; told are the time on the clock that 95 of 100 answers keep within, the time of the
processor that one takes, the database's included, and the number of queries.
"""

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, event, func, select

from benchmarks.crowd import is_there, settle, vacuum
from blog import create_app
from blog.database import db
from blog.models import AuditEntry, LoginSession, Post, User
from blog.models.directory import ORDERS
from blog.paging import cursor
from config import TestConfig

BAR = 100  # milliseconds
LOG_KEY, POST_KEY = (AuditEntry.id,), (Post.updated_at, Post.id)


def pages(size: int) -> dict[str, str]:
    """A name and an address of each page; the positions are those of rows that are there."""
    found: dict[str, str] = {}
    for order, (key, falls) in ORDERS.items():
        found[f"people by {order}"] = "/admin/users?" + urlencode({"sort": order})
        rows = select(User).order_by(*(column.desc() if falls else column.asc() for column in key))
        for place in (size // 2, size - 60):
            row = db.session.scalars(rows.where(User.left_at.is_(None)).offset(int(place * 0.98)).limit(1)).one()
            asked = urlencode({"sort": order, "before": cursor(row, key)})
            found[f"people by {order} from {place:,}"] = "/admin/users?" + asked
        for what in ("q=zzzz", "q=tamsin+vane", "q=example", "q=.77", "role=admin", "role=editor&state=deactivated",
                     "state=left", "q=example&role=editor", "role=viewer&state=active"):  # fmt: skip
            if order in ("name", "newest", "-email"):
                found[f"people by {order}, {what}"] = f"/admin/users?sort={order}&{what}"
    busy, place = 1, "10.0.0.1"
    filters = ["", f"who={busy}", f"who={size // 2}", "topic=sign-ins", "topic=people", "topic=posts",
               "topic=settings", "topic=import+and+export", f"origin={place}", "origin=10.0.99.1", "origin=192.0.2.1",
               "since=2025-03-01&until=2025-03-31", "since=2026-09-01", "until=2024-01-05"]  # fmt: skip
    for number, one in enumerate(filters):
        for other in ("", *filters[number + 1 :]):
            asked = "&".join(filter(None, (one, other)))
            if asked.count("who=") < 2 and asked.count("topic=") < 2 and asked.count("origin=") < 2:
                found[f"log {asked}"] = f"/admin/audit?{asked}"
    for words in ("zzzz", "harbour", "Vane"):
        for one in filters[:10]:
            found[f"log q={words} {one}"] = f"/admin/audit?q={words}&{one}"
    for place in (size * 5, size * 10 - 60):
        row = AuditEntry(id=size * 10 - place)
        for one in ("", f"who={busy}", "topic=posts"):
            found[f"log {one} from {place:,}"] = f"/admin/audit?before={cursor(row, LOG_KEY)}&{one}"
    newest = select(Post).order_by(Post.updated_at.desc(), Post.id.desc())
    for place in (0, size // 2, size - 60):
        row = db.session.scalars(newest.offset(place).limit(1)).one()
        found[f"posts from {place:,}"] = f"/write?whose=everyone&before={cursor(row, POST_KEY)}"
    top = db.session.get_one(User, 1).handle
    for state in ("", "draft", "scheduled", "published", "changed", "binned"):
        for whose in ("", "everyone", top):
            for words in ("", "zzzz", "lamp", "the+swift"):
                found[f"posts {state or 'all'} of {whose or 'me'} q={words}"] = (
                    f"/write?state={state}&whose={whose}&q={words}"
                )
    found["a person who does much"] = f"/admin/users/{busy}"
    found["a person who does little"] = f"/admin/users/{size // 2}"
    return found


def within(times: list[float]) -> float:
    """What 95 of 100 keep within."""
    return sorted(times)[-max(1, len(times) // 20)]


def measure(ask: Callable[[], object], times: int, server: int) -> tuple[list[float], float]:
    """Milliseconds on the clock of each answer, and of the processor for one on average."""
    ask()
    clock, worked = [], time.process_time() + worked_by(server)
    for _ in range(times):
        began = time.perf_counter()
        ask()
        clock.append((time.perf_counter() - began) * 1000)
    return clock, (time.process_time() + worked_by(server) - worked) * 1000 / times


def worked_by(process: int) -> float:
    """Seconds of the processor that the server of the database has taken for us, on Linux."""
    if not process:
        return 0
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


def run(url: str, size: int, times: int) -> dict[str, tuple[list[float], float, int]]:
    """For each page: milliseconds on the clock of each answer, of the processor, and queries."""
    folder = Path(tempfile.gettempdir())
    app = create_app(
        TestConfig({"DATABASE_URL": url, "INSTANCE_PATH": str(folder / "masthead-instance"), "PAGE_CACHE": "0"})
    )
    with app.app_context():
        if not is_there(db.engine):
            began = time.perf_counter()
            settle(db.engine, size, size * 10, size)
            print(f"made in {time.perf_counter() - began:.0f} s", flush=True)
        vacuum(db.engine)
        secret = LoginSession.start(db.session.get_one(User, 2))
        db.session.commit()
        asked = pages(size)
        server = 0
        if db.engine.dialect.name == "postgresql":  # the pool gives the same connection each time
            server = db.session.scalar(select(func.pg_backend_pid()))
        db.session.remove()
    gc.freeze()  # as wsgi.py does
    client = app.test_client()
    with client.session_transaction() as session:
        session["login"] = secret
    seen: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda _c, _cur, statement, *_: seen.append(statement))
    found = {}
    for name, path in asked.items():
        seen.clear()
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        queries = sum(statement.startswith("SELECT") for statement in seen)
        found[name] = (*measure(lambda path=path: client.get(path), times, server), queries)  # type: ignore[misc]
        if (late := within(found[name][0])) > BAR / 2:
            print(f"{name:<60}{late:>8.1f} ms{found[name][1]:>8.1f} ms CPU{queries:>4} queries", flush=True)
    with app.app_context():
        db.engine.dispose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default=f"sqlite:///{tempfile.gettempdir()}/masthead-people.db")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    print(options.database, f"{options.size:,} people and posts, {options.size * 10:,} lines")
    found = run(options.database, options.size, options.times)
    for kind in ("people", "log", "posts", "a person"):
        rows = {name: row for name, row in found.items() if name.startswith(kind)}
        slowest = max(rows, key=lambda name: within(rows[name][0]))
        busiest = max(row[1] for row in rows.values())
        queries = sorted({row[2] for row in rows.values()})
        every = [one for row in rows.values() for one in row[0]]
        print(f"{kind}: {len(rows)} pages, 95 in 100 of {len(every):,} answers within {within(every):.1f} ms")
        print(f"  the slowest page {within(rows[slowest][0]):.1f} ms ({slowest}), CPU at most {busiest:.1f} ms, "
              f"{queries[0]} to {queries[-1]} queries")  # fmt: skip
    late = [name for name, row in found.items() if within(row[0]) > BAR]
    print(f"{len(found)} pages, {len(late)} over {BAR} ms")
    raise SystemExit(bool(late))


if __name__ == "__main__":
    main()
