"""`flask reseal`: what an old key of the site has sealed is sealed with the one of now, so that the old one can go."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from blog import mail
from blog.database import begin_writing, db, only_reading
from blog.models import Authenticator, Mail
from blog.models.factors import seal_of
from blog.sealing import BrokenSealError, resealed

BATCH = 200
Sealed = tuple[type[Authenticator] | type[Mail], InstrumentedAttribute[int], Callable[[int], str]]
# Each kind of row with a seal, the number of the row, and what its words were sealed as.
KINDS: tuple[Sealed, ...] = (
    (Authenticator, Authenticator.user_id, seal_of),
    (Mail, Mail.id, lambda _: mail.SEALED_AS),
)


@click.command("reseal")
def reseal() -> None:
    """Seal anew, with SECRET_KEY, what OLD_SECRET_KEYS has sealed. It may be broken off and run again."""
    done = broken = 0
    for kind in KINDS:
        ids = select(kind[1]).where(kind[0].sealed != "")
        number = db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0
        with click.progressbar(length=number, label=kind[0].__tablename__, file=sys.stderr,
                               hidden=not sys.stderr.isatty()) as bar:  # fmt: skip
            for is_whole in all_of(kind):
                done, broken = done + is_whole, broken + (not is_whole)
                bar.update(1)
    click.echo(f"{done:,} were sealed anew.")
    if broken:
        click.echo(f"{broken:,} were sealed with a key that is neither SECRET_KEY nor in OLD_SECRET_KEYS.")
        sys.exit(1)


def all_of(kind: Sealed) -> Iterator[bool]:
    """For each row whether it could be read, once it is stored anew. Commits after so many."""
    model, number, sealed_as = kind
    last = 0
    while rows := some(select(number, model.sealed).where(model.sealed != "", number > last).order_by(number)):
        last = rows[-1][0]
        begin_writing()
        for row_id, sealed in rows:
            try:
                fresh = resealed(sealed, what=sealed_as(row_id))
            except BrokenSealError:
                yield False
                continue
            # Unless it is another app, or a letter without words, since it was read.
            db.session.execute(update(model).where(number == row_id, model.sealed == sealed).values(sealed=fresh))
            yield True
        db.session.commit()


def some(rows: Any) -> list[tuple[int, str]]:
    """Only reads, so that nobody waits for it."""
    only_reading.set(True)
    db.session.rollback()
    return [(row[0], row[1]) for row in db.session.execute(rows.limit(BATCH))]


def init_app(app: Flask) -> None:
    app.cli.add_command(reseal)
