"""`flask bin empty`: posts that have been in the bin for long enough are deleted for good."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import delete, func, select

from blog.database import begin_writing, db
from blog.models import Post, record

BATCH = 20

bins = AppGroup("bin", help="What is in the bin.")


@bins.command("empty")
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
def empty(dry_run: bool) -> None:
    """Delete for good what has been in the bin for 30 days. It may be broken off, and goes on where it was."""
    if dry_run:
        for post in db.session.scalars(Post.forgotten()):
            click.echo(f"{post.id:>7}  binned {post.binned_at:%Y-%m-%d}  {post.headline}")
    number = db.session.scalar(select(func.count()).select_from(Post.forgotten().order_by(None).subquery())) or 0
    if dry_run:
        click.echo(f"{counted(number)} would be deleted for good.")
        return
    done = 0
    with click.progressbar(length=number, label="Deleting", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        while gone := deleted():
            done += gone
            bar.update(gone)
    click.echo(f"{counted(done)} {'was' if done == 1 else 'were'} deleted for good.")


def deleted() -> int:
    """Delete a few, with all that hangs on them, and say so in the log. Returns how many there were.

    One that somebody works at just now, perhaps to restore it, is left for another time.
    """
    begin_writing()
    some = Post.forgotten().limit(BATCH).with_for_update(of=Post, skip_locked=True)
    posts = db.session.scalars(some.execution_options(populate_existing=True)).all()
    for post in posts:
        record("deleted for good", by=None, subject=post.headline, post=post.id, address=post.path)
    db.session.execute(delete(Post).where(Post.id.in_([post.id for post in posts])))
    db.session.commit()
    return len(posts)


def init_app(app: Flask) -> None:
    app.cli.add_command(bins)


def counted(posts: int) -> str:
    return f"{posts:,} {'post' if posts == 1 else 'posts'}"
