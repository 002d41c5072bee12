"""How Alembic meets the application: its engine, its models, and what autogenerate should write."""

from typing import Any

from alembic import context
from flask import current_app

from blog.database import UTCDateTime, database_now

migrate = current_app.extensions["migrate"]


def render_item(kind: str, item: Any, autogen: Any) -> str | bool:
    """Write our own types by name, with their import."""
    if kind == "type" and isinstance(item, UTCDateTime):
        autogen.imports.add("from blog.database import UTCDateTime")
        return "UTCDateTime()"
    if kind == "server_default" and item is not None and isinstance(getattr(item, "arg", None), database_now):
        autogen.imports.add("from blog.database import database_now")
        return "database_now()"
    return False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the index of search alone: its tables are made by hand, and those below an FTS5 table by SQLite."""
    return not (kind == "table" and (name or "").startswith("search_"))


def run() -> None:
    engine = migrate.db.engine
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":  # a batch rebuilds a table, which foreign keys would take for a delete
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            render_item=render_item,
            include_name=include_name,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.exec_driver_sql("BEGIN")


run()
