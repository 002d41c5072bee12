"""Which issue of the site is out: what makes a page that was drawn a while ago still the right one."""

import mmap
import os
from pathlib import Path
from threading import Lock
from time import monotonic, time_ns

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from blog.database import db, only_reading, utcnow
from blog.finished import Issue
from blog.models import Edition, Post

LOOK_AGAIN = 0.25  # seconds after which the database is asked anew
QUARTER = 900  # seconds: every time zone begins its days on a quarter of an hour


class Newsstand:
    """Knows which issue is out, never later than LOOK_AGAIN after a change anywhere, and at once after one made here.

    The bell is eight bytes in a file that all processes of this installation share; whoever commits rings it.
    """

    def __init__(self, app: Flask, bell: Path) -> None:
        self.app, self.lock = app, Lock()
        self.bell = shared_bytes(bell)
        self.heard, self.asked = b"", -LOOK_AGAIN
        self.out: Issue | None = None

    def issue(self) -> Issue | None:
        """None where the database does not say."""
        if self.bell[:] != self.heard or monotonic() - self.asked > LOOK_AGAIN:
            with self.lock:
                heard, asked = self.bell[:], monotonic()
                if heard != self.heard or asked - self.asked > LOOK_AGAIN:
                    self.out = self.ask()
                    # Who waited for a database that is away need not wait for it again, one after the other.
                    self.heard, self.asked = heard, asked if self.out else monotonic()
        return self.out

    def ask(self) -> Issue | None:
        now = utcnow()
        newest = select(func.max(Post.published_at)).where(Post.published_at <= now).scalar_subquery()
        only_reading.set(True)
        try:
            with self.app.app_context(), db.engine.connect() as connection:
                row = connection.execute(select(Edition.number, newest)).first()
        except SQLAlchemyError:
            self.app.logger.exception("which edition is out cannot be seen")
            return None
        return (*row, int(now.timestamp()) // QUARTER) if row else None

    def ring(self, _session: object) -> None:
        self.bell[:] = time_ns().to_bytes(8, "big")


def shared_bytes(path: Path) -> mmap.mmap:
    """Eight bytes that all processes see; where no such file can be made, only this one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, 8)
            return mmap.mmap(handle, 8)
        finally:
            os.close(handle)
    except OSError:
        return mmap.mmap(-1, 8)
