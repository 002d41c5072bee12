"""`flask mail`: the outbox, for whoever runs the site."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy import func, select

from blog import posting
from blog.cli import Plain
from blog.database import db
from blog.models import Mail, MailState

mails = Plain("mail", help="Letters: send those that wait, and see what became of them.")
STATES = click.Choice([state.value for state in MailState])


@mails.command("send")
def send() -> None:
    """Send what is due. Ctrl+C lets it finish the letter in its hands."""
    place = current_app.config["MAIL_PLACE"]
    if place is None:
        raise click.ClickException("MAIL_URL is not set, so this site sends no mail.")
    number = db.session.scalar(select(func.count()).select_from(Mail.due().subquery())) or 0
    outcomes = []
    with (
        at_leisure() as stop,
        click.progressbar(length=number, label="Sending", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar,
    ):
        for outcome in posting.deliver(place, stop):
            outcomes.append(outcome)
            bar.update(1)
    posting.sweep(stop)
    for outcome in outcomes:
        if outcome.fault:
            click.echo(f"{'given up' if outcome.for_good else 'put off'}  {outcome.to}: {outcome.fault}")
    failed = sum(bool(outcome.fault) for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed:,} letters were sent, {failed:,} were not.")
    sys.exit(1 if failed else 0)


@mails.command("list")
@click.option("--state", type=STATES, help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="The newest so many.")
def list_mails(state: str | None, limit: int) -> None:
    """The letters of the last weeks, newest first. Their words are for nobody but who gets them."""
    chosen = Mail.in_state(MailState(state) if state else None).order_by(Mail.id.desc()).limit(limit)
    for mail in db.session.scalars(chosen):
        fault = f"  ({mail.fault})" if mail.fault else ""
        tries = f"{mail.tries} {'try' if mail.tries == 1 else 'tries'}"
        click.echo(f"{mail.created_at:%Y-%m-%d %H:%M}  {mail.state:<10}  {tries:<8}  {mail.kind:<20}  {mail.to}{fault}")


@contextmanager
def at_leisure() -> Iterator[threading.Event]:
    """What is set by Ctrl+C, or by the system's word to end, instead of breaking off in the midst of a letter."""
    stop = threading.Event()

    def end(*_: Any) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def init_app(app: Flask) -> None:
    app.cli.add_command(mails)
