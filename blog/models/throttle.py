"""How often something may be tried, counted in the database so that it holds across processes and restarts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import String, case, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, db, utcnow
from blog.models.audit import record
from blog.models.base import sweep, upsert

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
SITE = 64  # bits of an IPv6 address that are one place: whoever has one such network has all the rest of it


class Per(StrEnum):
    """What tries are counted apart for."""

    account = "account"  # whether there is one of that address or not
    device = "device"  # one that has signed in to the account before
    address = "address"  # of the network
    site = "site"  # all together


@dataclass(frozen=True)
class Limit:
    """So many tries in so long a time, counted apart for each key."""

    what: str
    tries: int
    period: timedelta
    per: Per = Per.account

    def key(self, whose: str) -> str:
        # Hashed: a log of whom strangers tried to be is nobody's business, and an address may be 320 characters.
        place = network_of(whose) if self.per is Per.address else whose
        return f"{self.what}:{hashlib.sha256(place.encode()).hexdigest()}"

    def hit(self, whose: str = "", *, times: int = 1) -> timedelta | None:
        """Count one try, and say how long to wait if it is one too many. The first of those is told in the log.

        The row is locked until the transaction ends, so parallel tries are counted one after the other.
        """
        now = utcnow()
        table = Throttle.__table__
        over = Throttle.since <= now - self.period
        counted = (
            upsert(table)  # type: ignore[arg-type]  # a declared class's __table__ is a Table
            .values(key=self.key(whose), since=now, count=times)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "count": case((over, times), else_=Throttle.count + times),
                    "since": case((over, now), else_=Throttle.since),
                },
            )
            .returning(Throttle.count, Throttle.since)
        )
        count, since = db.session.execute(counted).one()
        if count - times <= self.tries < count:
            record("reached the limit of", by=None, subject=self.what)
        return since + self.period - now if count > self.tries else None

    def wait(self, whose: str = "") -> timedelta | None:
        """How long to wait before another try, if at all. Counts nothing, locks nothing."""
        return wait_for((self, whose))

    def forgive(self, whose: str = "") -> None:
        """Take the last try back: it was no failure."""
        fewer = update(Throttle).where(Throttle.key == self.key(whose), Throttle.count > 0)
        db.session.execute(fewer.values(count=Throttle.count - 1))

    def forget(self, whose: str = "") -> None:
        """Start over, after a success. Sweeps out what has long run off, too."""
        db.session.execute(delete(Throttle).where(Throttle.key == self.key(whose)))
        sweep(Throttle.key, Throttle.since <= utcnow() - timedelta(days=1))


def wait_for(*tries: tuple[Limit, str]) -> timedelta | None:
    """The longest wait before another try under all of these limits, in one query. Counts nothing."""
    now = utcnow()
    asked = {limit.key(whose): limit for limit, whose in tries}
    rows = db.session.execute(select(Throttle.key, Throttle.count, Throttle.since).where(Throttle.key.in_(asked)))
    waits = [since + asked[key].period - now for key, count, since in rows if count >= asked[key].tries]
    return max((wait for wait in waits if wait > timedelta(0)), default=None)


def network_of(address: str) -> str:
    """The place an address is at: itself, or of IPv6 the network, of whose addresses anybody has plenty."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found.packed, SITE), strict=False))


class Throttle(Model):
    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]


# All the limits there are; docs/accounts.md has them as a table. Of an account, failures count: a success starts over.

SIGN_IN_TO_ACCOUNT = Limit("sign-in to account", 10, QUARTER)  # from devices that are strange to it
SIGN_IN_FROM_DEVICE = Limit("sign-in from device", 10, QUARTER, Per.device)
SIGN_IN_FROM_ADDRESS = Limit("sign-in from address", 60, QUARTER, Per.address)
SIGN_IN_OVERALL = Limit("sign-in overall", 2_000, QUARTER, Per.site)
PROOF_TO_ACCOUNT = Limit("proof to account", 10, QUARTER)  # by whoever is signed in to it
FACTOR_TO_ACCOUNT = Limit("factor to account", 5, QUARTER)
FACTOR_FROM_ADDRESS = Limit("factor from address", 60, QUARTER, Per.address)
FACTOR_OVERALL = Limit("factor overall", 1_000, QUARTER, Per.site)
CHALLENGE_FROM_ADDRESS = Limit("challenge from address", 60, QUARTER, Per.address)  # to be signed by a passkey
RESET_TO_ACCOUNT = Limit("reset to account", 3, HOUR)
RESET_FROM_ADDRESS = Limit("reset from address", 20, HOUR, Per.address)
RESET_OVERALL = Limit("reset overall", 500, HOUR, Per.site)
REGISTER_TO_ACCOUNT = Limit("register to account", 3, HOUR)
REGISTER_FROM_ADDRESS = Limit("register from address", 20, HOUR, Per.address)
REGISTER_OVERALL = Limit("register overall", 300, HOUR, Per.site)
SEARCH_BY_ACCOUNT = Limit("search by account", 120, MINUTE)
SEARCH_FROM_ADDRESS = Limit("search from address", 120, MINUTE, Per.address)
SEARCH_OVERALL = Limit("search overall", 3_000, MINUTE, Per.site)
UPLOAD_BY_ACCOUNT = Limit("upload by account", 500, HOUR)
UPLOAD_FROM_ADDRESS = Limit("upload from address", 1_000, HOUR, Per.address)
UPLOAD_OVERALL = Limit("upload overall", 5_000, HOUR, Per.site)
REFUSAL_OF_ACCOUNT = Limit("refusal of account", 20, HOUR)  # that the log tells of
ADDRESS_BY_ACCOUNT = Limit("change of address by account", 5, HOUR)
PORTRAIT_BY_ACCOUNT = Limit("portrait by account", 20, HOUR)
EXPORT_BY_ACCOUNT = Limit("export by account", 10, HOUR)
ALL = tuple(limit for limit in list(globals().values()) if isinstance(limit, Limit))
