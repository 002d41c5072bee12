"""The database: how rows are typed, named and connected. Imports nothing from the blog."""

from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.sql.functions import GenericFunction

# A request that only reads says so here, and SQLite then lets it share the file with a writer. Everything else takes
# the write lock as its transaction begins: a lock asked for half-way is refused at once if another writer was quicker.
only_reading: ContextVar[bool] = ContextVar("only_reading", default=False)

# Whoever writes in passing, at the end of a request that only read, would rather not write than wait for others.
in_passing: ContextVar[bool] = ContextVar("in_passing", default=False)
PATIENCE = 250  # milliseconds


def utcnow() -> datetime:
    """The time, aware and in UTC. Tests move this clock."""
    return datetime.now(UTC)


class database_now(GenericFunction[datetime]):
    """The database's own clock, as UTCDateTime stores it."""

    type = sa.DateTime(timezone=True)
    inherit_cache = True


@compiles(database_now, "postgresql")
def _postgres_now(_element: Any, _compiler: Any, **_kw: Any) -> str:
    return "now()"


@compiles(database_now, "sqlite")
def _sqlite_now(_element: Any, _compiler: Any, **_kw: Any) -> str:
    return "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"


class walked(GenericFunction[Any]):
    """A column in a condition that SQLite is not to look up: the rows are walked in their order, within an index.

    It keeps no statistics to go by, and would rather fetch and sort all rows that fit. PostgreSQL knows better.
    """

    inherit_cache = True


@compiles(walked, "postgresql")
def _postgres_walked(element: Any, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **kw))


@compiles(walked, "sqlite")
def _sqlite_walked(element: Any, compiler: Any, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses.clauses[0], **kw)}"


class UTCDateTime(sa.TypeDecorator[datetime]):
    """Aware in, aware UTC out, on both databases. SQLite alone would hand back naive values."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("refusing a naive datetime; use utcnow()")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    # A registry, because Flask-SQLAlchemy subclasses Base and rejects a type map set on it.
    registry = registry(
        metadata=sa.MetaData(
            naming_convention={  # a constraint without a name cannot be dropped later
                "pk": "pk_%(table_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
            }
        ),
        type_annotation_map={
            datetime: UTCDateTime,
            Enum: sa.Enum(  # stored as text, by value, and checked by the database
                Enum,
                native_enum=False,
                create_constraint=True,
                length=20,
                values_callable=lambda kind: [member.value for member in kind],
            ),
        },
    )


def bound_lengths(metadata: sa.MetaData) -> None:
    """Give every limited text column a CHECK of its length: SQLite would not keep the limit otherwise."""
    for table in metadata.tables.values():
        for column in table.columns:
            kind = column.type
            if isinstance(kind, sa.String) and not isinstance(kind, sa.Enum) and kind.length:
                table.append_constraint(
                    sa.CheckConstraint(sa.func.length(column) <= kind.length, name=f"{column.name}_length")
                )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base  # db.Model is made at run time, out of a type checker's sight
else:
    Model = db.Model


def begin_writing() -> None:
    """End the transaction that only read, so that the next statement begins one that may write.

    What was loaded is read anew: by then somebody may have changed it.
    """
    db.session.rollback()
    only_reading.set(False)


@sa.event.listens_for(sa.Engine, "connect")
def set_up_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__ == "sqlite3":
        connection.isolation_level = None  # SQLAlchemy, not the driver, begins transactions
        connection.create_function("lower", 1, _lower, deterministic=True)  # its own knows only A to Z
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@sa.event.listens_for(sa.Engine, "begin")
def begin_on_sqlite(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if only_reading.get() or not in_passing.get():
        connection.exec_driver_sql("BEGIN" if only_reading.get() else "BEGIN IMMEDIATE")
        return
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")
