"""The sample posts: a small magazine, read by the importer like any other folder of Markdown."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from flask import current_app
from sqlalchemy import select

from blog import links
from blog.database import db, utcnow
from blog.models import Post, User
from blog.transfer.intake import Intake, Report
from blog.transfer.markdown import files_in, read_file
from blog.transfer.records import Author, PostRecord

FOLDER = Path(__file__).parents[1] / "demo"
TAGLINE = "Things mended, built and watched behind the bus garage."
NAVIGATION = [*links.DEFAULT, ["About", "/about"]]
FEATURED = "setting-a-clock-with-small-change"
NEWEST = "why-the-drawers-began-to-stick"


def fill(*, by: User) -> Report:
    """Bring the sample posts in, dated so that the newest came out yesterday. A second time changes nothing."""
    records = [item for item in (read_file(path, folder=FOLDER, zone=ZoneInfo("UTC")) for path in files_in(FOLDER))
               if isinstance(item, PostRecord)]  # fmt: skip
    about = yaml.safe_load((FOLDER / "authors.yml").read_text())
    for record in records:
        record.authors = [Author(name=one.name, handle=about[one.name]["handle"]) for one in record.authors]
    move_to_yesterday(records)
    intake = Intake(owner=by, by=by, storage=current_app.extensions["storage"])
    for record in intake.plan(records):
        intake.write(record)
    introduce({name: words["biography"] for name, words in about.items()})
    return intake.report


def move_to_yesterday(records: list[PostRecord]) -> None:
    newest = next(record.published_at for record in records if record.source.endswith(f"{NEWEST}.md"))
    assert newest is not None  # noqa: S101 - our own file
    away = timedelta(days=(utcnow().date() - newest.date()).days - 1)
    for record in records:
        if record.published_at:
            record.published_at += away


def introduce(biographies: dict[str, str]) -> None:
    """Give the authors their biographies, and the front page its lead."""
    for author in db.session.scalars(select(User).where(User.name.in_(biographies), User.biography == "")):
        author.biography = biographies[author.name]
    lead = db.session.scalar(select(Post).where(Post.source.endswith(f"{FEATURED}.md")))
    if lead and lead.revision == 1:
        lead.featured = True
