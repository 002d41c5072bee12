"""Is this deployment safe and sound? What `flask check` and the page about the system say."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_network
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import exists, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from blog import library
from blog.database import db, utcnow
from blog.models import AuditEntry, Authenticator, Passkey, User, mails_in_trouble
from blog.postman import NotSentError, Postman

LEAST_FREE = 500_000_000
FRESH = timedelta(days=7)  # a backup
SLACK = timedelta(minutes=5)  # of clocks
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right says less


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what to do about it."""

    text: str
    is_grave: bool = True


def problems(app: Flask) -> list[Problem]:
    """All of them. Takes its time: other machines are asked, and the whole database is read."""
    return [
        *at_rest(app),
        *database(app),
        *whole(app),
        *people(app),
        *clock(app),
        *pictures(app),
        *bucket(app),
        *mail(app),
    ]


def at_a_glance(app: Flask) -> list[Problem]:
    """Those that a page may look for: no other machine is asked but the database, and that nothing long."""
    return [*at_rest(app), *database(app), *people(app), *clock(app), *pictures(app)]


def at_rest(app: Flask) -> list[Problem]:
    """Those that only this machine and the settings are asked for."""
    here: tuple[Callable[[Flask], list[Problem]], ...] = (secret, debug, addresses, proxies, disk, privacy, backups)
    return [problem for check in here for problem in check(app)]


# The database


def database(_app: Flask) -> list[Problem]:
    try:
        now = migration()
        if now != newest_migration():
            return [
                Problem(f"the database is at migration {now}, the code at {newest_migration()}: run flask db upgrade")
            ]
        if db.engine.dialect.name == "postgresql":
            encoding = db.session.scalar(text("SHOW server_encoding"))
            if encoding != "UTF8":
                return [Problem(f"the database keeps text as {encoding}: make one with createdb --encoding=UTF8")]
    except SQLAlchemyError as error:
        return [Problem(f"the database does not answer: {str(error).splitlines()[0]}")]
    return []


def migration() -> str | None:
    return MigrationContext.configure(db.session.connection()).get_current_revision()


@cache
def newest_migration() -> str | None:
    return ScriptDirectory(str(Path(__file__).parents[1] / "migrations")).get_current_head()


def whole(_app: Flask) -> list[Problem]:
    """Whether SQLite's file is; PostgreSQL looks after its own."""
    try:
        if db.engine.dialect.name != "sqlite":
            return []
        found = db.session.scalar(text("PRAGMA quick_check(1)"))
    except SQLAlchemyError as error:
        found = str(getattr(error, "orig", error)).splitlines()[0]
    return [] if found == "ok" else [Problem(f"the database is damaged ({found}): go back to the last backup")]


def people(_app: Flask) -> list[Problem]:
    try:
        if db.session.scalar(User.active_admins().limit(1)) is None:
            return [
                Problem("there is no active admin: run make run and open the address it prints, or flask user create")
            ]
        app = exists().where(Authenticator.user_id == User.id, Authenticator.confirmed_at.is_not(None))
        passkey = exists().where(Passkey.user_id == User.id)
        bare = User.active_admins().where(~app, ~passkey).order_by(None).subquery()
        number = db.session.scalar(select(func.count()).select_from(bare))
    except SQLAlchemyError:  # which has been told already
        return []
    if number:
        words = "1 admin has" if number == 1 else f"{number} admins have"
        return [Problem(f"{words} no second factor: a password alone opens everything", is_grave=False)]
    return []


def clock(_app: Flask) -> list[Problem]:
    now = utcnow()
    if now < BUILT:
        return [Problem(f"the clock of this machine says {now:%Y-%m-%d}: set it, or posts come out at the wrong time")]
    try:
        last = db.session.scalar(select(AuditEntry.at).order_by(AuditEntry.at.desc()).limit(1))
        there = db.session.scalar(select(func.now())) if db.engine.dialect.name == "postgresql" else None
    except SQLAlchemyError:  # which has been told already
        return []
    if there and abs(there - now) > SLACK:
        return [Problem(f"the clock of the database says {there:%H:%M}, that of this machine {now:%H:%M}: set both")]
    if last and last > now + SLACK:
        return [
            Problem(
                f"the log has a line of {last:%Y-%m-%d %H:%M} UTC, which is yet to come: set the clock", is_grave=False
            )
        ]
    return []


# The settings


def secret(app: Flask) -> list[Problem]:
    found = []
    if len(str(app.config["SECRET_KEY"])) < 32:
        found.append(Problem("SECRET_KEY is shorter than 32 characters: leave it unset, and one is made and kept"))
    kept = app.config["INSTANCE_PATH"] / "secret_key"
    if kept.exists() and kept.stat().st_mode & 0o077:
        found.append(Problem(f"{kept} can be read by others: chmod 600 {kept}"))
    return found


def debug(app: Flask) -> list[Problem]:
    if not app.debug:
        return []
    return [Problem("debug mode is on, and shows the code to whoever meets an error: unset FLASK_DEBUG")]


def addresses(app: Flask) -> list[Problem]:
    site = app.config["SITE_URL"]
    if not site:
        return [Problem("SITE_URL is not set: feeds and links take whatever name the reader used", is_grave=False)]
    found = []
    if not site.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        found.append(Problem("SITE_URL is not https: passwords and sessions travel in the clear"))
    if not app.config["SECURITY_CONTACT"]:
        found.append(
            Problem("SECURITY_CONTACT is not set: who finds a weakness cannot learn whom to tell", is_grave=False)
        )
    if not app.config["TRUSTED_HOSTS"]:
        found.append(Problem("TRUSTED_HOSTS is not set: any host name is answered", is_grave=False))
    if not app.config["TRUSTED_PROXIES"]:
        found.append(
            Problem("TRUSTED_PROXIES is not set: behind a proxy all readers share one address", is_grave=False)
        )
    return found


def proxies(app: Flask) -> list[Problem]:
    everybody = {ip_network("0.0.0.0/0"), ip_network("::/0")}
    if everybody.isdisjoint(app.config["TRUSTED_PROXIES"]):
        return []
    return [Problem("TRUSTED_PROXIES holds every address, so anybody may claim any: name the proxy's own")]


# The machine


def disk(app: Flask) -> list[Problem]:
    found = []
    for folder in folders(app):
        there = folder if folder.exists() else folder.parent
        if not os.access(there, os.W_OK):
            found.append(Problem(f"{there} cannot be written to: give it to the user that runs the site"))
        elif shutil.disk_usage(there).free < LEAST_FREE:
            found.append(Problem(f"less than {LEAST_FREE // 1_000_000} MB are free in {there}: make room"))
    return found


def folders(app: Flask) -> list[Path]:
    place = app.config["MEDIA_PLACE"]
    return [app.config["INSTANCE_PATH"], *([place] if isinstance(place, Path) else [])]


def privacy(app: Flask) -> list[Problem]:
    """Whether everybody on this machine may read the database."""
    file = database_file(app)
    if file is None or not file.exists() or not file.stat().st_mode & 0o004:
        return []
    if not all(folder.stat().st_mode & 0o001 for folder in file.parents):
        return []
    return [Problem(f"{file} can be read by everybody on this machine: chmod 640 {file}", is_grave=False)]


def database_file(app: Flask) -> Path | None:
    """The file of SQLite; None elsewhere."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    return Path(app.instance_path, url.database or "") if url.drivername == "sqlite" else None


def backups(app: Flask) -> list[Problem]:
    folder = app.config["BACKUP_FOLDER"]
    if folder is None:
        words = "BACKUP_FOLDER is not set: name the folder that backups go to, and they are looked after here"
        return [Problem(words, is_grave=False)]
    try:
        newest = max((file.stat().st_mtime for file in folder.iterdir() if is_backup(file)), default=None)
    except OSError as error:
        return [Problem(f"BACKUP_FOLDER: {folder} cannot be read: {error.strerror}")]
    if newest is None:
        return [Problem(f"BACKUP_FOLDER: there is no backup in {folder}: make one")]
    age = utcnow() - datetime.fromtimestamp(newest, UTC)
    if age > FRESH:
        return [Problem(f"BACKUP_FOLDER: the newest backup in {folder} is {age.days} days old: see what stopped them")]
    return []


def is_backup(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.stat().st_size > 0


# The pictures


def pictures(_app: Flask) -> list[Problem]:
    """How many have only the size in which they came."""
    try:
        number = library.number_without_widths()
    except SQLAlchemyError:  # which has been told already
        return []
    if not number:
        return []
    words = "picture has" if number == 1 else "pictures have"
    return [
        Problem(f"{number:,} {words} no smaller versions for small screens: run flask media widths", is_grave=False)
    ]


def bucket(app: Flask) -> list[Problem]:
    """What keeps a bucket from holding pictures."""
    if isinstance(app.config["MEDIA_PLACE"], Path) or not (fault := app.extensions["storage"].fault()):
        return []
    return [Problem(f"MEDIA_URL: {fault}")]


# The mail


def mail(app: Flask) -> list[Problem]:
    """Whether letters can be sent, in private and with true addresses in them, and whether any are stuck."""
    found, place = [], app.config["MAIL_PLACE"]
    if place is not None:
        postman = Postman(place)
        db.session.rollback()  # nobody waits for a lock of ours while we wait for a server
        try:
            postman.greet(within=5)
            if not postman.is_private:
                found.append(Problem("MAIL_URL: the server offers no TLS, and letters hold links that open accounts"))
        except NotSentError as error:
            found.append(Problem(f"MAIL_URL: {error}"))
        postman.close()
        if not app.config["SITE_URL"]:
            found.append(Problem("SITE_URL is not set, and letters need it: their links would go where a request says"))
    try:
        number = mails_in_trouble()
    except SQLAlchemyError:  # which has been told already
        return found
    if number:
        words = "letter was given up or waits" if number == 1 else "letters were given up or wait"
        found.append(
            Problem(f"{number:,} {words} for over an hour: see /admin/mail or flask mail list", is_grave=False)
        )
    return found
