"""Is this deployment safe and sound? What `flask check` and the page about the system say."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import exists, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from blog import library
from blog.database import db, utcnow
from blog.deployment import Problem, at_rest
from blog.models import AuditEntry, Authenticator, Passkey, Registration, Site, User, mails_in_trouble
from blog.postman import NotSentError, Postman

SLACK = timedelta(minutes=5)  # of clocks
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right says less


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
        *registration(app),
    ]


def at_a_glance(app: Flask) -> list[Problem]:
    """Those that a page may look for: no other machine is asked but the database, and that nothing long."""
    return [*at_rest(app), *database(app), *people(app), *clock(app), *pictures(app), *registration(app)]


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
    """Whether letters can be sent, in private, and whether any are stuck."""
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


def registration(app: Flask) -> list[Problem]:
    if app.config["MAIL_PLACE"] is not None:
        return []
    try:
        if Site.current().registration is not Registration.open:
            return []
    except SQLAlchemyError:  # which has been told already
        return []
    return [
        Problem(
            "registration is open, but no mail is sent: whoever registers waits for an admin to let them in "
            "(set MAIL_URL, or look at /admin/invitations)",
            is_grave=False,
        )
    ]
