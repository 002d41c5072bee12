"""A site of a hundred thousand people and posts and a log of a million lines, for `benchmarks.people`.

Rows are written in bulk, past the models, and look like those of a real site: a few do nearly everything.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, func, select, text

from blog.database import Base
from blog.models import User

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=1000)
FIRST = [
    "Ada",
    "Amir",
    "Anouk",
    "Beatriz",
    "Bela",
    "Chiara",
    "Daoud",
    "Edda",
    "Emil",
    "Farah",
    "Grace",
    "Hana",
    "Ilse",
    "Imre",
    "Jonas",
    "Kofi",
    "Lena",
    "Lin",
    "Maren",
    "Mina",
    "Noor",
    "Ola",
    "Piotr",
    "Quinn",
    "Rosa",
    "Sami",
    "Tamsin",
    "Uma",
    "Vera",
    "Wim",
    "Xenia",
    "Yara",
    "Zoe",
]
LAST = [
    "Achterberg",
    "Brandt",
    "Castro",
    "Dahl",
    "Engel",
    "Fjord",
    "Garcia",
    "Holt",
    "Ito",
    "Jansen",
    "Kaya",
    "Lovelace",
    "Moreau",
    "Ng",
    "Okafor",
    "Prado",
    "Quist",
    "Rossi",
    "Silva",
    "Tran",
    "Ueda",
    "Vane",
    "Wolf",
    "Xu",
    "Young",
    "Zielinski",
]
HOSTS = ("example.com", "example.org", "mail.example.net", "harbour.example")
ACTS = {  # how many of a hundred lines
    "signed in": 52, "failed to sign in as": 16, "published": 8, "scheduled": 4, "unpublished": 2, "binned": 2,
    "restored": 1, "handed over": 3, "changed their profile": 4, "changed the role of": 2, "deactivated": 1,
    "reactivated": 1, "changed the password of": 2, "registered": 1, "changed the settings": 1,
}  # fmt: skip
ABOUT = ("changed the role of", "deactivated", "reactivated", "changed the password of", "failed to sign in as")
WORDS = [
    "wind",
    "lamp",
    "river",
    "swift",
    "clock",
    "bench",
    "stair",
    "letter",
    "harbour",
    "winter",
    "paper",
    "stone",
    "bread",
    "garden",
    "engine",
]


def bulk(connection: Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as fast as the database takes them."""
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(names))
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", map(plain, rows))
        return
    rows = iter(rows)
    while batch := list(islice(rows, 50_000)):
        sheet = io.StringIO()
        csv.writer(sheet).writerows([["\\N" if value is None else value for value in row] for row in batch])
        sheet.seek(0)
        cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", sheet)  # type: ignore[attr-defined]


def plain(row: Sequence[Any]) -> list[Any]:
    """As SQLite keeps it."""
    return [value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value for value in row]


def few_do_most(random: Random, number: int) -> Callable[[], int]:
    """Numbers from 1 on, of which the first come most often: one in proportion to its rank."""
    weights = list(accumulate(1 / rank for rank in range(1, number + 1)))
    ranks = range(1, number + 1)
    drawn: Iterator[int] = iter(())

    def draw() -> int:
        nonlocal drawn
        for found in drawn:
            return found
        drawn = iter(random.choices(ranks, cum_weights=weights, k=10_000))
        return next(drawn)

    return draw


def people(random: Random, number: int) -> Iterator[Sequence[Any]]:
    """Ten admins, one in a hundred an editor, one in twenty deactivated, one in a hundred gone."""
    for n in range(1, number + 1):
        name = f"{random.choice(FIRST)} {random.choice(LAST)}"
        role = "admin" if n <= 10 else "editor" if n <= number // 100 else "viewer"
        gone = n > 10 and random.random() < 0.01
        active = n <= 10 or not (gone or random.random() < 0.05)
        at = BEGAN + SPAN * random.random()
        email = f"{name.lower().replace(' ', '.')}.{n}@{random.choice(HOSTS)}"
        yield (n, email, "!", role, name, f"{name.lower().replace(' ', '-')}-{n}", active, at if gone else None, at, at)


def posts(random: Random, number: int, writers: int) -> Iterator[Sequence[Any]]:
    author, body = few_do_most(random, writers), " ".join(WORDS) * 12
    for n in range(1, number + 1):
        title = f"The {random.choice(WORDS)} and the {random.choice(WORDS)} {n}"
        at = BEGAN + SPAN * random.random()
        state = random.random()
        out = None if state < 0.08 else at if state < 0.99 else datetime(2036, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
        binned = at if 0.08 <= state < 0.11 else None
        changed = 2 if out and not binned and random.random() < 0.01 else 1
        yield (n, UUID(int=n).hex, "post", f"post-{n}", title, "", body, f"<p>{body}</p>", body[:200], "", 180, 1,
               "public", False, author(), out, out, binned, at, at, at, changed, 1,
               "", "", "", "", "", "", "", "")  # fmt: skip


POST_COLUMNS = [
    "id",
    "uid",
    "kind",
    "slug",
    "title",
    "summary",
    "body",
    "html",
    "excerpt",
    "terms",
    "words",
    "renderer",
    "visibility",
    "featured",
    "author_id",
    "published_at",
    "first_published_at",
    "binned_at",
    "edited_at",
    "created_at",
    "updated_at",
    "revision",
    "out_revision",
    "cover",
    "cover_alt",
    "search_title",
    "search_description",
    "canonical_url",
    "picture",
    "picture_alt",
    "language",
]
USER_COLUMNS = [
    "id",
    "email",
    "password_hash",
    "role",
    "name",
    "handle",
    "is_active",
    "left_at",
    "created_at",
    "updated_at",
]
LINE_COLUMNS = ["id", "at", "actor_id", "about_id", "actor_name", "origin", "action", "subject", "detail"]


def lines(random: Random, number: int, crowd: int, names: dict[int, str]) -> Iterator[Sequence[Any]]:
    who, where = few_do_most(random, crowd), few_do_most(random, 50_000)
    acts, weights = list(ACTS), list(accumulate(ACTS.values()))
    for n in range(1, number + 1):
        action = random.choices(acts, cum_weights=weights)[0]
        actor = None if action.startswith("failed") else who()
        about = who() if action in ABOUT else None
        place = where()
        subject = names[about] if about else f"The {random.choice(WORDS)} {n}" if "ed in" not in action else ""
        detail = {"before": "viewer", "after": "editor"} if action == "changed the role of" else {}
        yield (n, BEGAN + SPAN * (n / number), actor, about, names[actor] if actor else "",
               f"10.{place // 256 // 256}.{place // 256 % 256}.{place % 256}", action, subject,
               json.dumps(detail))  # fmt: skip


def is_there(engine: Engine) -> bool:
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "users"):
            return False
        return connection.scalar(select(func.count(User.id))) > 0


def settle(engine: Engine, people_number: int, lines_number: int, posts_number: int) -> None:
    """All of them, in a database that is empty."""
    random = Random(1)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # what hangs on the rows would be right anyway, and takes an hour
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        crowd = list(people(random, people_number))
        bulk(connection, "users", USER_COLUMNS, crowd)
        names = {row[0]: row[4] for row in crowd}
        bulk(connection, "posts", POST_COLUMNS, posts(random, posts_number, max(10, people_number // 100)))
        bulk(connection, "audit_entries", LINE_COLUMNS, lines(random, lines_number, people_number, names))
        if engine.dialect.name == "postgresql":
            for table in ("users", "posts", "audit_entries"):
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
                )


def vacuum(engine: Engine) -> None:
    """What PostgreSQL does by itself in time: until then it reads rows that an index would have answered for."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
