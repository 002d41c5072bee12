"""Makes the index wherever the tables are made without migrations, as the tests do."""

from typing import Any

from sqlalchemy import Connection, MetaData, event

from blog.database import Base
from blog.search import postgresql, sqlite

STATEMENTS = {"sqlite": sqlite, "postgresql": postgresql}


@event.listens_for(Base.metadata, "after_create")
def create(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    for statement in STATEMENTS[connection.dialect.name].CREATE:
        connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "before_drop")
def drop(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    for statement in STATEMENTS[connection.dialect.name].DROP:
        connection.exec_driver_sql(statement)
