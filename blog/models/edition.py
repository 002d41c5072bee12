"""The edition: a number that the database raises whenever anything changes that readers may see."""

from __future__ import annotations

from sqlalchemy import DDL, CheckConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Base, Model
from blog.models.base import Id


class Edition(Model):
    """One row, always the same one. Finished pages are kept for one edition of the site: see `blog.page_cache`."""

    __tablename__ = "edition"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[Id] = mapped_column(default=1, autoincrement=False)
    number: Mapped[int] = mapped_column(default=1)


# What readers may see, and which of its changes they may notice. The triggers see every one, also a bulk update or a
# command typed into the database. Redirects and addresses that are gone are not kept as pages, so they are not here.
WATCHED = (
    ("posts", "INSERT", "NEW.published_at IS NOT NULL"),
    ("posts", "UPDATE", "OLD.published_at IS NOT NULL OR NEW.published_at IS NOT NULL"),
    ("posts", "DELETE", "OLD.published_at IS NOT NULL"),
    ("post_tags", "INSERT", "1 = 1"),
    ("post_tags", "UPDATE", "1 = 1"),
    ("post_tags", "DELETE", "1 = 1"),
    ("post_co_authors", "INSERT", "1 = 1"),
    ("post_co_authors", "UPDATE", "1 = 1"),
    ("post_co_authors", "DELETE", "1 = 1"),
    ("tags", "UPDATE OF name, slug", "1 = 1"),
    ("users", "UPDATE OF name, handle, biography, website, picture", "1 = 1"),
    ("media", "UPDATE OF focus_x, focus_y", "1 = 1"),
    ("site", "INSERT", "1 = 1"),
    ("site", "UPDATE", "1 = 1"),
)
FIRST = "INSERT INTO edition (id, number) VALUES (1, 1)"
SQLITE = """CREATE TRIGGER {name} AFTER {change} ON {table} WHEN {noticed}
BEGIN UPDATE edition SET number = number + 1; END"""
# PostgreSQL writes as it commits, once in a transaction: in its midst, everybody who writes would wait for everybody.
FUNCTION = """CREATE OR REPLACE FUNCTION new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE edition SET number = number + 1 WHERE xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$"""
POSTGRESQL = """CREATE CONSTRAINT TRIGGER {name} AFTER {change} ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN ({noticed}) EXECUTE FUNCTION new_edition()"""


def triggers(template: str) -> list[str]:
    names = (f"edition_{table}_{change.split()[0].lower()}" for table, change, _ in WATCHED)
    return [
        template.format(name=name, table=table, change=change, noticed=noticed)
        for name, (table, change, noticed) in zip(names, WATCHED, strict=True)
    ]


for dialect, statements in (
    ("sqlite", [FIRST, *triggers(SQLITE)]),
    ("postgresql", [FIRST, FUNCTION, *triggers(POSTGRESQL)]),
):
    for statement in statements:
        event.listen(Base.metadata, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
FORGET = DDL("DROP FUNCTION IF EXISTS new_edition()")  # type: ignore[no-untyped-call]
event.listen(Base.metadata, "after_drop", FORGET.execute_if(dialect="postgresql"))
