"""What runs here: facts about this deployment, for those who look after it. No secret is among them."""

import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from blog import checks
from blog.database import db, utcnow
from blog.deployment import database_file
from blog.models import Site
from blog.version import VERSION, commit
from config import BucketPlace

Facts = list[tuple[str, str]]
LIBRARIES = ("Flask", "SQLAlchemy", "Jinja2", "Pillow")


def all_of(app: Flask, site: Site) -> dict[str, Facts]:
    """Facts under headings; a name, and what is so."""
    return {
        "Program": program(app),
        "Database": database(app),
        "Pictures": pictures(app),
        "Mail": mail(app),
        "Serving": serving(app, site),
    }


def program(app: Flask) -> Facts:
    return [
        ("Masthead", f"{VERSION}, commit {commit()}" if commit() else VERSION),
        ("Python", sys.version.split()[0]),
        *((name, version(name)) for name in LIBRARIES),
        ("Debug mode", "on" if app.debug else "off"),
    ]


def database(app: Flask) -> Facts:
    if db.engine.dialect.name == "postgresql":
        kind = f"PostgreSQL {db.session.scalar(text('SHOW server_version'))}"
        size = db.session.scalar(text("SELECT pg_database_size(current_database())")) or 0
    else:
        kind = f"SQLite {db.session.scalar(text('SELECT sqlite_version()'))}"
        size = size_of(database_file(app))
    now, newest = checks.migration(), checks.newest_migration()
    return [
        ("Kind", kind),
        ("Size", in_bytes(size)),
        ("Migration", f"{now}, the newest" if now == newest else f"{now}; the newest is {newest}"),
    ]


def size_of(file: Path | None) -> int:
    """Of the file of SQLite, and of what waits beside it to get into it."""
    files = [file.with_name(file.name + end) for end in ("", "-wal")] if file else []
    return sum(each.stat().st_size for each in files if each.exists())


def pictures(app: Flask) -> Facts:
    place = app.config["MEDIA_PLACE"]
    if isinstance(place, BucketPlace):
        return [("Bucket", place.name), ("Server", place.endpoint or "Amazon S3")]
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    return [("Folder", str(place)), ("Free there", in_bytes(shutil.disk_usage(there).free))]


def mail(app: Flask) -> Facts:
    place = app.config["MAIL_PLACE"]
    if place is None:
        return [("Sent", "no; admins copy links")]
    return [("Server", f"{place.host}:{place.port}"), ("From", place.sender)]


def serving(app: Flask, site: Site) -> Facts:
    config = app.config
    kept = config["INSTANCE_PATH"] / "secret_key"
    return [
        ("Address", config["SITE_URL"] or "not set"),
        ("Hosts", ", ".join(config["TRUSTED_HOSTS"] or ()) or "any"),
        ("Proxies", ", ".join(map(str, config["TRUSTED_PROXIES"])) or "none"),
        ("Secret key", f"kept in {kept}" if is_kept(app, kept) else "set by the environment"),
        ("Own folder", str(config["INSTANCE_PATH"])),
        ("Backups", str(config["BACKUP_FOLDER"] or "not looked after")),
        ("Processes", f"{config['WEB_CONCURRENCY']}; this one is {os.getpid()}"),
        ("Memory for pages", f"{config['PAGE_CACHE']} MB in each"),
        ("Clock", f"{utcnow():%Y-%m-%d %H:%M:%S} UTC; dates are shown in {site.time_zone}"),
    ]


def is_kept(app: Flask, file: Path) -> bool:
    return file.exists() and file.read_text().strip() == app.config["SECRET_KEY"]


def in_bytes(number: int) -> str:
    for size, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"
