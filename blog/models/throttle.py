"""How often something may be tried, counted in the database so that it holds across processes and restarts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, case, delete, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, db, utcnow
from blog.models.base import sweep, upsert


@dataclass(frozen=True)
class Limit:
    """So many tries in so long a time, counted apart for each key."""

    what: str
    tries: int
    period: timedelta

    def key(self, whose: str) -> str:
        # Hashed: a log of whom strangers tried to be is nobody's business, and an address may be 320 characters.
        return f"{self.what}:{hashlib.sha256(whose.encode()).hexdigest()}"

    def hit(self, whose: str) -> timedelta | None:
        """Count one try, and say how long to wait if it is one too many.

        The row is locked until the transaction ends, so parallel tries are counted one after the other.
        """
        now = utcnow()
        table = Throttle.__table__
        over = Throttle.since <= now - self.period
        counted = (
            upsert(table)  # type: ignore[arg-type]  # a declared class's __table__ is a Table
            .values(key=self.key(whose), since=now, count=1)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "count": case((over, 1), else_=Throttle.count + 1),
                    "since": case((over, now), else_=Throttle.since),
                },
            )
            .returning(Throttle.count, Throttle.since)
        )
        count, since = db.session.execute(counted).one()
        return since + self.period - now if count > self.tries else None

    def forgive(self, whose: str) -> None:
        """Take the last try back: it was no failure."""
        fewer = update(Throttle).where(Throttle.key == self.key(whose), Throttle.count > 0)
        db.session.execute(fewer.values(count=Throttle.count - 1))

    def forget(self, whose: str) -> None:
        """Start over, after a success. Sweeps out what has long run off, too."""
        db.session.execute(delete(Throttle).where(Throttle.key == self.key(whose)))
        sweep(Throttle.key, Throttle.since <= utcnow() - timedelta(days=1))


class Throttle(Model):
    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]


SIGN_IN_TO_ACCOUNT = Limit("sign-in to account", tries=10, period=timedelta(minutes=15))
SIGN_IN_FROM_ADDRESS = Limit("sign-in from address", tries=60, period=timedelta(minutes=15))
REGISTER_FROM_ADDRESS = Limit("register from address", tries=20, period=timedelta(hours=1))
