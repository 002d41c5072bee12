"""Search among many posts: `python -m benchmarks.searching POSTS.ndjson FOLDER`, in DATABASE_URL or SQLite there.

Each line of the file is a post with `title` and `body`; see docs/measurements.md.
The posts are written by plain INSERT statements, as the database keeps the index itself.
"""

import json
import os
import sys
import time
from pathlib import Path
from statistics import quantiles

import flask_migrate
from sqlalchemy import insert

from blog import create_app, folding
from blog.database import db, utcnow
from blog.models import Post, User, UserRole
from config import Config

QUESTIONS = ("the", "and the", "needle100df", "zzzzqq", '"of the"', "rust -the", "release notes", "comunity", "东京")


def fill(lines: Path) -> None:
    ada = User(email="ada@example.com", name="Ada", role=UserRole.editor)
    db.session.add(ada)
    db.session.flush()
    rows = []
    for number, line in enumerate(lines.open()):
        post = json.loads(line)
        rows.append(
            {"slug": f"post-{number}", "title": post["title"][:200], "body": post["body"], "author_id": ada.id,
             "terms": folding.terms(post["body"]), "html": post["body"], "published_at": utcnow()}
        )  # fmt: skip
        if len(rows) == 1000:
            db.session.execute(insert(Post), rows)
            rows.clear()
    if rows:
        db.session.execute(insert(Post), rows)
    db.session.commit()


def main() -> None:
    lines, folder = Path(sys.argv[1]), Path(sys.argv[2])
    url = os.environ.get("DATABASE_URL", f"sqlite:///{folder}/bench.db")
    app = create_app(Config({"INSTANCE_PATH": str(folder), "DATABASE_URL": url}))
    with app.app_context():
        flask_migrate.upgrade()
        began = time.perf_counter()
        fill(lines)
        print(f"filled in {time.perf_counter() - began:.0f} s")
        with db.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("COMMIT; ANALYZE")
    client = app.test_client()
    for question in QUESTIONS:
        taken = []
        for _ in range(20):
            began = time.perf_counter()
            assert client.get("/search", query_string={"q": question}).status_code == 200
            taken.append((time.perf_counter() - began) * 1000)
        taken.sort()
        print(f"{question:<16}{taken[10]:>8.0f} ms, p95 {quantiles(taken, n=20)[-1]:.0f} ms")


if __name__ == "__main__":
    main()
