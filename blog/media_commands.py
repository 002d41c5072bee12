"""`flask media`: what pictures need from time to time."""

import sys

import click
from flask import Flask

from blog import library
from blog.cli import Plain

media = Plain("media", help="Pictures: make their smaller versions, tidy up after broken uploads.")


@media.command("widths")
def widths() -> None:
    """Make the smaller versions that pictures lack. It may be broken off, and goes on where it was."""
    number, failed = library.number_without_widths(), []
    with click.progressbar(length=number, label="Drawing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for failure in library.draw_missing():
            failed += [failure] * bool(failure)
            bar.update(1)
    for failure in failed:
        click.echo(f"left out  {failure}")
    click.echo(f"{number - len(failed):,} pictures have their smaller versions now.")


@media.command("sweep")
def sweep() -> None:
    """Delete files that no upload of the library knows: one was broken off, or the storage was away meanwhile."""
    swept = 0
    for name in library.strays():
        library.clear_away(name)
        swept += 1
    click.echo(f"{swept:,} pictures that nobody knew are deleted.")


def init_app(app: Flask) -> None:
    app.cli.add_command(media)
