"""The figures of docs/measurements.md: `make bench`, or `python -m benchmarks [FOLDER …]` to import folders too.

Each figure is a median on this machine at this moment; only ratios within one run mean much.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

import flask_migrate
from sqlalchemy import Engine, event

from blog import create_app
from blog.database import db, utcnow
from blog.markdown import render
from blog.models import Post, User, UserRole
from config import Config

FLASK = Path(sys.executable).with_name("flask")
BODY = Path("blog/demo/2026-11-18-setting-a-clock-with-small-change.md").read_text().rpartition("---\n")[2]
PAGES = (
    "/", "/posts/post-500", "/tags", "/tags/tag-3", "/authors/ada", "/archive", "/search?q=pendulum",
    "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml",
)  # fmt: skip
POSTS = 1_000
# These take more than an hour together; each tells how far it is, and Ctrl+C ends them all.
LONG = (
    ("autosave",),
    ("killing", "--times", "1000"),
    ("schedules", "--moments", "10000"),
    ("interleaving", "--steps", "1000000", "--seed", "1"),
    ("signing_in",),
)


def median_ms(work: Callable[[], object], times: int = 30) -> float:
    """The middle of so many runs, in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def rendering() -> None:
    text = (BODY * 3)[:5_000]
    print(f"Markdown to safe HTML, {len(text):,} characters: {median_ms(lambda: render.__wrapped__(text)):.1f} ms")


def pages(folder: Path) -> None:
    """Time and SELECT statements of each page, with a thousand posts on SQLite."""
    environ = {"INSTANCE_PATH": str(folder), "DATABASE_URL": f"sqlite:///{folder}/bench.db", "PAGE_CACHE": "0"}
    app = create_app(Config(environ))
    with app.app_context():
        flask_migrate.upgrade()
        ada = User(email="ada@example.com", name="Ada", role=UserRole.editor)
        db.session.add(ada)
        began = time.perf_counter()
        for number in range(POSTS):
            out = utcnow() - timedelta(hours=number + 1)
            Post.start(ada, by=ada, slug=f"post-{number}", title=f"Post {number}", body=f"{BODY}\n\nNo. {number}.",
                       tags=[f"Tag {number % 30}"], published_at=out)  # fmt: skip
        db.session.commit()
        print(f"writing {POSTS:,} posts of {len(BODY):,} characters: {time.perf_counter() - began:.1f} s")
    selects: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda _c, _cur, statement, *_: selects.append(statement))
    client = app.test_client()
    for path in PAGES:
        assert client.get(path).status_code == 200, path
        selects.clear()
        client.get(path)
        number = sum(statement.startswith("SELECT") for statement in selects)
        print(f"{path:<18}{median_ms(lambda path=path: client.get(path)):>7.1f} ms {number:>3} queries")


def imports(folder: Path, sources: list[str]) -> None:
    """Bring each folder into a fresh blog twice, by the real command."""
    environ = {"INSTANCE_PATH": str(folder), "FLASK_APP": "wsgi", "PATH": "/usr/bin:/bin"}
    ask = ("user", "create", "ada@example.com", "--name", "Ada", "--role", "admin")
    for command in (("db", "upgrade"), ask):
        subprocess.run([FLASK, *command], env=environ, check=True, capture_output=True)
    for source in sources:
        for _ in range(2):
            command = [FLASK, "import", "markdown", source]
            said = subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout
            print(Path(source).name, " ".join(said[said.rindex("Brought in:") :].split()))


def main() -> None:
    rendering()
    with tempfile.TemporaryDirectory() as folder:
        pages(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        imports(Path(folder), sys.argv[1:])
    for name, *options in LONG:
        print(f"\n{name} {' '.join(options)}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=False)


main()
