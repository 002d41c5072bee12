"""Column types and columns that several models share."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import ColumnElement, ForeignKey, String, Table, delete, select
from sqlalchemy import text as sa_text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from blog.database import database_now, db

Id = Annotated[int, mapped_column(primary_key=True)]
Name = Annotated[str, mapped_column(String(120))]
Digest = Annotated[str, mapped_column(String(64), unique=True)]


class Timestamped:
    """When the row was made and last changed, by the database's clock."""

    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=database_now(), onupdate=database_now())


def only(condition: str) -> dict[str, Any]:
    """What makes an index one of some rows only, on both databases."""
    return {"sqlite_where": sa_text(condition), "postgresql_where": sa_text(condition)}


def user_reference(*, ondelete: str) -> ForeignKey:
    return ForeignKey("users.id", ondelete=ondelete)


def sweep(key: InstrumentedAttribute[Any], stale: ColumnElement[bool]) -> None:
    """Delete some rows that are of no more use, and none that anybody else is at: nobody waits for a broom."""
    model = key.class_
    some = select(key).where(stale).limit(100).with_for_update(skip_locked=True)  # SQLite has one writer anyhow
    db.session.execute(delete(model).where(key.in_(some)), execution_options={"synchronize_session": False})


def upsert(table: Table) -> Any:
    """An INSERT that can say what to do ON CONFLICT, which both databases know under the same words."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
