"""The command line: `flask user`, `flask import`, `flask demo`, `flask check`, `flask serve`."""

import os
import shutil
import socket
import sys
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from blog import library
from blog.auth.forms import LONGEST, SHORTEST
from blog.bucket import BucketError
from blog.checks import problems
from blog.database import begin_writing, db, only_reading
from blog.forms import is_email
from blog.home import home
from blog.models import LastAdminError, Purpose, Site, Token, User, UserRole, record
from blog.models.user import LONGEST_NAME, lowered
from blog.text import one_line, shows_something
from blog.transfer import demo
from blog.transfer.intake import Intake, Report
from blog.transfer.markdown import files_in, read_file

T = TypeVar("T")
ROLES = click.Choice([role.value for role in UserRole])
BATCH = 50


class Plain(AppGroup):
    """Commands that say in one line what a database or a bucket has against them."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BucketError as error:
            raise click.ClickException(f"MEDIA_URL: {error}") from None
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(f"The database refused: {reason}. Is it migrated (flask db upgrade)?") from None


user = Plain("user", help="People: make them, give them a role, let them in.")
imports = Plain("import", help="Bring another blog in.")


def person(email: str) -> User:
    found = User.by_email(email)
    if found is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    return found


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="As it stands in a byline.")
@click.option("--role", type=ROLES, default="viewer", show_default=True)
@click.option("--password", envvar="MASTHEAD_PASSWORD", help="Without one, `flask user link` lets them in.")
def create_user(email: str, name: str, role: str, password: str | None) -> None:
    """Make a person."""
    name = one_line(name)
    if User.by_email(email):
        raise click.ClickException(f"{email} has an account already.")
    if not is_email(lowered(email)) or not shows_something(name) or len(name) > LONGEST_NAME:
        raise click.ClickException("Give a valid email address and a name of at most 120 characters.")
    if password and not SHORTEST <= len(password) <= LONGEST:
        raise click.ClickException(f"A password has from {SHORTEST} to {LONGEST} characters.")
    made = User(email=email, name=name, role=UserRole(role))
    if password:
        made.set_password(password)
    db.session.add(made)
    db.session.flush()
    record("created", by=None, about=made, role=role)
    db.session.commit()
    click.echo(f"{made.name} <{made.email}> is here, as {role}.")


@user.command("role")
@click.argument("email")
@click.argument("role", type=ROLES)
def change_role(email: str, role: str) -> None:
    """Change what somebody may do."""
    found = person(email)
    try:
        found.change_role(UserRole(role), by=None)
    except LastAdminError as refusal:
        raise click.ClickException(str(refusal)) from None
    db.session.commit()
    click.echo(f"{found.name} is now {role}.")


@user.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print a one-time address that signs somebody in, good for 24 hours."""
    found = person(email)
    if not found.is_active:
        raise click.ClickException(f"{found.name} is deactivated.")
    secret = Token.issue(Purpose.sign_in, user=found)
    record("made a one-time link for", by=None, about=found)
    db.session.commit()
    click.echo(home() + path_of("auth.link", secret=secret))


@user.command("list")
def list_users() -> None:
    """Everybody, by name."""
    for found in db.session.scalars(select(User).order_by(User.name, User.id).execution_options(yield_per=500)):
        state = "" if found.is_active else "  (deactivated)"
        click.echo(f"{found.role:<7} {found.email:<40} {found.name}{state}")


@imports.command("markdown")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--author", metavar="EMAIL", help="Who gets the posts that name no author; else the first admin.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
def import_markdown(folder: Path, author: str | None, dry_run: bool) -> None:
    """Read a FOLDER of Markdown or HTML files with front matter."""
    began = time.monotonic()
    folder = folder.resolve()
    owner = person(author) if author else db.session.scalar(User.active_admins().limit(1))
    if owner is None:
        raise click.ClickException("There is no admin yet to own the posts. Name somebody with --author EMAIL.")
    intake = Intake(owner=owner, by=None, storage=None if dry_run else current_app.extensions["storage"])
    files = files_in(folder)
    zone = Site.current().zone
    only_reading.set(True)
    db.session.commit()  # nobody waits while files are read
    items = [read_file(path, folder=folder, zone=zone) for path in watched(files, "Reading")]
    begin_writing()
    records = intake.plan(items)
    for number, post in enumerate(watched(records, "Writing"), 1):
        intake.write(post)
        if number % BATCH == 0 and not dry_run:
            db.session.commit()  # broken off here, the next run goes on here
    if dry_run:
        db.session.rollback()
    else:
        if records:
            record("imported", by=None, subject=folder.name, posts=intake.report.posts)
        db.session.commit()
        deque(watched(library.draw_missing(), "Drawing"), maxlen=0)  # what fails, `flask media widths` tells
    print_report(intake.report, files=len(files), seconds=time.monotonic() - began, dry_run=dry_run)


def watched(items: Iterable[T], label: str) -> Iterable[T]:
    """The same items, with a progress bar where somebody is looking."""
    items = list(items)
    with click.progressbar(items, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar


def print_report(report: Report, *, files: int, seconds: float, dry_run: bool) -> None:
    for refusal in report.refusals:
        click.echo(f"refused  {one_line(refusal.source)}: {refusal.reason}")
    for source, changes in report.changes.items():
        for change in changes:
            click.echo(f"changed  {one_line(source)}: {one_line(change)}")
    lines = {
        "files": files,
        "posts": report.posts,
        "of them drafts": report.drafts,
        "here already": report.known,
        "people": report.people,
        "pictures": report.pictures,
        "redirects": report.redirects,
        "refused": len(report.refusals),
        "changed": len(report.changes),
    }
    click.echo("Would bring in:" if dry_run else "Brought in:")
    for name, number in lines.items():
        click.echo(f"  {name:<15}{number:>7,}")
    click.echo(f"  {'seconds':<15}{seconds:>7.1f}")


@click.command("demo")
def demo_command() -> None:
    """Fill the site with sample posts."""
    owner = db.session.scalar(User.active_admins().limit(1))
    if owner is None:
        raise click.ClickException(
            "There is no admin yet. Open the set-up address that `make run` prints, or: flask user create"
        )
    report = demo.fill(by=owner)
    if report.posts:
        record("imported", by=None, subject="the sample texts", posts=report.posts)
    db.session.commit()
    deque(library.draw_missing(), maxlen=0)
    click.echo(f"{report.posts} sample texts came in, {report.known} were here already.")


@click.command("check")
def check() -> None:
    """Say whether this deployment is safe and sound. Exits with 1 if not."""
    only_reading.set(True)  # so that nobody waits for it
    found = problems(current_app)
    for problem in found:
        click.echo(f"{'PROBLEM' if problem.is_grave else 'advice '}  {problem.text}")
    if any(problem.is_grave for problem in found):
        sys.exit(1)
    click.echo("Nothing is wrong." if not found else "Nothing is gravely wrong.")


@click.command("serve")
def serve() -> None:
    """Migrate the database, print the set-up address if there is no admin, and serve."""
    refuse_taken_port(current_app.config["PORT"])
    migrate()
    if db.session.scalar(User.active_admins().limit(1)) is None:
        secret = Token.issue(Purpose.setup)
        db.session.commit()
        click.secho("\nNobody is in charge here yet. Open this address once, within 24 hours:", bold=True)
        click.echo(f"\n    {home()}{path_of('auth.setup', secret=secret)}\n")
    db.session.remove()
    db.engine.dispose()
    port, workers = str(current_app.config["PORT"]), str(current_app.config["WEB_CONCURRENCY"])
    if current_app.config["MAIL_PLACE"] and not current_app.config["SITE_URL"]:
        click.secho(f"SITE_URL is not set: links in letters lead to {home()}, which nobody else can open.", bold=True)
    click.echo(f"Masthead is at {home()} (stop it with Ctrl+C)")
    sys.stdout.flush()
    os.execv(  # noqa: S606 - the server takes this process over, so that signals reach it
        shutil.which("granian", path=Path(sys.executable).parent) or "granian",
        ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port, "--workers", workers,
         "--blocking-threads", "4", "--respawn-failed-workers", "--workers-kill-timeout", "10",
         "--log-level", "warning", "wsgi:app"],
    )  # fmt: skip


def refuse_taken_port(port: int) -> None:
    """Raises where somebody listens already: the server would share the port, and each answer half of the readers."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has just stopped is no hindrance
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(f"PORT: {port} cannot be used: {error.strerror}") from None


def migrate() -> None:
    try:
        db.session.execute(text("SELECT 1"))
        db.session.remove()
        flask_migrate.upgrade()
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"DATABASE_URL: the database cannot be opened: {reason}") from None


def path_of(endpoint: str, **values: Any) -> str:
    return current_app.url_map.bind("").build(endpoint, values)  # a request of our own might not be to a trusted host


def init_app(app: Flask) -> None:
    for command in (user, imports, demo_command, check, serve):
        app.cli.add_command(command)
