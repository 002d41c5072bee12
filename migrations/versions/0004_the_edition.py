"""the edition

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-24

"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

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
    ("users", "UPDATE OF name, handle, biography, website", "1 = 1"),
    ("site", "INSERT", "1 = 1"),
    ("site", "UPDATE", "1 = 1"),
)
SQLITE = """CREATE TRIGGER {name} AFTER {change} ON {table} WHEN {noticed}
BEGIN UPDATE edition SET number = number + 1; END"""
FUNCTION = """CREATE OR REPLACE FUNCTION new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE edition SET number = number + 1 WHERE xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$"""
POSTGRESQL = """CREATE CONSTRAINT TRIGGER {name} AFTER {change} ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN ({noticed}) EXECUTE FUNCTION new_edition()"""


def upgrade():
    on_postgres = op.get_bind().dialect.name == "postgresql"
    op.execute("INSERT INTO edition (id, number) VALUES (1, 1)")
    if on_postgres:
        op.execute(FUNCTION)
    for table, change, noticed in WATCHED:
        name = f"edition_{table}_{change.split()[0].lower()}"
        statement = POSTGRESQL if on_postgres else SQLITE
        op.execute(statement.format(name=name, table=table, change=change, noticed=noticed))


def downgrade():
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for table, change, _ in WATCHED:
        name = f"edition_{table}_{change.split()[0].lower()}"
        op.execute(f"DROP TRIGGER {name} ON {table}" if on_postgres else f"DROP TRIGGER {name}")
    if on_postgres:
        op.execute("DROP FUNCTION new_edition()")
    op.execute("DELETE FROM edition")
