"""Is this deployment safe and sound? What `flask check` says."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from blog import library
from blog.database import db
from blog.models import Registration, Site, User, mails_in_trouble
from blog.postman import NotSentError, Postman

LEAST_FREE = 500_000_000


@dataclass(frozen=True)
class Problem:
    text: str
    is_grave: bool = True


def problems(app: Flask) -> list[Problem]:
    return [*database(), *secret(app), *addresses(app), *disk(app), *pictures(app), *mail(app), *registration(app)]


def database() -> list[Problem]:
    try:
        with db.engine.connect() as connection:
            now = MigrationContext.configure(connection).get_current_revision()
        newest = ScriptDirectory(str(Path(__file__).parents[1] / "migrations")).get_current_head()
        if now != newest:
            return [Problem(f"the database is at migration {now}, the code at {newest}: run flask db upgrade")]
        if db.session.scalar(User.active_admins().limit(1)) is None:
            return [
                Problem("there is no active admin: run make run and open the address it prints, or flask user create")
            ]
    except SQLAlchemyError as error:
        return [Problem(f"the database does not answer: {str(error).splitlines()[0]}")]
    return []


def secret(app: Flask) -> list[Problem]:
    found = []
    if len(str(app.config["SECRET_KEY"])) < 32:
        found.append(Problem("SECRET_KEY is shorter than 32 characters: leave it unset, and one is made and kept"))
    kept = app.config["INSTANCE_PATH"] / "secret_key"
    if kept.exists() and kept.stat().st_mode & 0o077:
        found.append(Problem(f"{kept} can be read by others: chmod 600 {kept}"))
    return found


def addresses(app: Flask) -> list[Problem]:
    site = app.config["SITE_URL"]
    if not site:
        return [Problem("SITE_URL is not set: feeds and links take whatever name the reader used", is_grave=False)]
    found = []
    if not site.startswith("https://") and not any(home in site for home in ("//localhost", "//127.0.0.1")):
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


def disk(app: Flask) -> list[Problem]:
    found = []
    place = app.config["MEDIA_PLACE"]
    for folder in [app.config["INSTANCE_PATH"], *([place] if isinstance(place, Path) else [])]:
        there = folder if folder.exists() else folder.parent
        if not os.access(there, os.W_OK):
            found.append(Problem(f"{there} cannot be written to"))
        elif shutil.disk_usage(there).free < LEAST_FREE:
            found.append(Problem(f"less than {LEAST_FREE // 1_000_000} MB are free in {there}"))
    return found


def pictures(app: Flask) -> list[Problem]:
    """What keeps a bucket from holding pictures, and how many have only the size in which they came."""
    found = []
    if not isinstance(app.config["MEDIA_PLACE"], Path) and (fault := app.extensions["storage"].fault()):
        found.append(Problem(f"MEDIA_URL: {fault}"))
    try:
        number = library.number_without_widths()
    except SQLAlchemyError:  # which has been told already
        return found
    if number:
        words = "picture has" if number == 1 else "pictures have"
        found.append(
            Problem(f"{number:,} {words} no smaller versions for small screens: run flask media widths", is_grave=False)
        )
    return found


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
