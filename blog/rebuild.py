"""`flask rebuild`: posts that an older renderer made into HTML are rendered anew."""

import sys
from typing import Any, cast

import click
from flask import Flask
from sqlalchemy import CursorResult, Select, func, select, update

from blog.database import begin_writing, db, only_reading
from blog.markdown import RENDERER_VERSION, render
from blog.models import Post

BATCH = 50


@click.command("rebuild")
@click.option("--all", "everything", is_flag=True, help="Also those that the present renderer made.")
def rebuild(everything: bool) -> None:
    """Render posts anew that an older version rendered. It may be broken off, and goes on where it was."""
    posts = select(Post.id) if everything else select(Post.id).where(Post.renderer != RENDERER_VERSION)
    number = db.session.scalar(select(func.count()).select_from(posts.subquery())) or 0
    done = last = 0
    with click.progressbar(length=number, label="Rendering", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        while batch := rendered(posts.where(Post.id > last).order_by(Post.id).limit(BATCH)):
            last = batch[-1]["id"]
            done += written(batch)
            bar.update(len(batch))
    click.echo(f"{done:,} posts were rendered anew.")


def rendered(ids: Select[int]) -> list[dict[str, Any]]:
    """Some posts, and what becomes of their texts. Only reads, so that nobody waits for it."""
    only_reading.set(True)
    db.session.rollback()
    rows = db.session.execute(select(Post.id, Post.revision, Post.body).where(Post.id.in_(ids)).order_by(Post.id)).all()
    found = [{"id": row.id, "revision": row.revision, **render(row.body).columns()} for row in rows]
    begin_writing()
    return found


def written(batch: list[dict[str, Any]]) -> int:
    """Store them, unless somebody has saved meanwhile: that text was rendered then. Says how many it stored."""
    stored = 0
    for columns in batch:
        here = (Post.id == columns.pop("id"), Post.revision == columns.pop("revision"))
        # The words are as they were, and nobody edited them: neither date moves.
        change = update(Post).where(*here).values(**columns, updated_at=Post.updated_at)
        done = db.session.execute(change, execution_options={"synchronize_session": False})
        stored += cast("CursorResult[Any]", done).rowcount
    db.session.commit()
    return stored


def init_app(app: Flask) -> None:
    app.cli.add_command(rebuild)
