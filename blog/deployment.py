"""What may be wrong with the settings and the machine of this deployment: nobody else is asked. See `checks`."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url

from blog.database import utcnow

LEAST_FREE = 500_000_000
FRESH = timedelta(days=7)  # a backup


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what to do about it."""

    text: str
    is_grave: bool = True


def at_rest(app: Flask) -> list[Problem]:
    """Those that only this machine and the settings are asked for."""
    here: tuple[Callable[[Flask], list[Problem]], ...] = (secret, debug, addresses, proxies, disk, privacy, backups)
    return [problem for check in here for problem in check(app)]


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
        found = [Problem("SITE_URL is not set: feeds and links take whatever name the reader used", is_grave=False)]
        if app.config["MAIL_PLACE"] is not None:
            found.append(Problem("SITE_URL is not set, and letters need it: their links lead to this machine alone"))
        return found
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
