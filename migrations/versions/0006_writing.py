"""what is saved waits until it is published; working copies

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-26

"""

import re

from alembic import op
import sqlalchemy as sa
from blog.database import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A name, how it is declared, what the rows that are there get, and its check, if any.
LONG = {"search_title": 200, "search_description": 300, "canonical_url": 500}
TEXTS = [(name, f"VARCHAR({size})", "''", f"length({name}) <= {size}") for name, size in LONG.items()]
POSTS = [*TEXTS, ("out_revision", "INTEGER", "revision", None)]
REVISIONS = [
    *TEXTS,
    ("featured", "BOOLEAN", "(SELECT featured FROM posts WHERE posts.id = post_id)", None),
    ("is_binned", "BOOLEAN", "false", None),
]
CHECKS = {
    "has_out_revision": "out_revision BETWEEN 1 AND revision",
    "only_dated_waits": "out_revision = revision OR (published_at IS NOT NULL AND binned_at IS NULL)",
}
AT = "post_id", "by_id", "saved_at"


def upgrade():
    add("posts", POSTS, CHECKS)
    add("revisions", REVISIONS, {})
    op.create_table('working_copies',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('is_unsaved', sa.Boolean(), nullable=False),
    sa.Column('typed', sa.JSON(), nullable=False),
    sa.Column('saved_at', UTCDateTime(), nullable=False),
    sa.Column('handed_in', sa.JSON(), nullable=True),
    sa.Column('handed_as', sa.Integer(), nullable=True),
    sa.Column('handed_forms', sa.JSON(), nullable=False),
    sa.Column('handed_seq', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('handed_version', sa.Integer(), nullable=False),
    sa.Column('after_id', sa.Uuid(), nullable=True),
    sa.Column('after_version', sa.Integer(), nullable=True),
    sa.Column('began', sa.JSON(), nullable=True),
    sa.Column('is_merged', sa.Boolean(), nullable=False),
    sa.CheckConstraint('seq >= 0', name=op.f('ck_working_copies_has_seq')),
    sa.ForeignKeyConstraint(['by_id'], ['users.id'], name=op.f('fk_working_copies_by_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_working_copies_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_working_copies'))
    )
    op.create_index(op.f('ix_working_copies_by_id_saved_at'), 'working_copies', ['by_id', 'saved_at'])
    op.create_index(op.f('ix_working_copies_post_id_by_id_saved_at'), 'working_copies', list(AT))


def downgrade():
    op.drop_table('working_copies')
    take_away("revisions", REVISIONS, {})
    take_away("posts", POSTS, CHECKS)


def add(table, columns, checks):
    checks = checks | {f"{name}_length": check for name, _, _, check in columns if check}
    if op.get_bind().dialect.name == "postgresql":
        for name, kind, value, _ in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
            op.execute(f"UPDATE {table} SET {name} = {value}")
            op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with triggers to come cannot be altered
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL")
        for name, check in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check)
        return
    fresh = [f"\t{name} {kind} NOT NULL" for name, kind, _, _ in columns]
    ruled = [f"\tCONSTRAINT ck_{table}_{name} CHECK ({check})" for name, check in checks.items()]
    rebuild(table, lambda lines: with_lines(lines, fresh, ruled), {name: value for name, _, value, _ in columns})


def take_away(table, columns, checks):
    checks = checks | {f"{name}_length": check for name, _, _, check in columns if check}
    if op.get_bind().dialect.name == "postgresql":
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        for name, *_ in columns:
            op.drop_column(table, name)
        return
    gone = {f"{name} " for name, *_ in columns} | {f"CONSTRAINT ck_{table}_{name} " for name in checks}
    rebuild(table, lambda lines: [line for line in lines if not line.strip().startswith(tuple(gone))], {})


def with_lines(lines, columns, constraints):
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("CONSTRAINT"))
    return lines[:first] + columns + constraints + lines[first:]


def rebuild(table, change, values):
    """SQLite: make the table anew, of its own words with some lines more or fewer, and put all that hangs on it back.

    Alembic's batch would lose the checks and the triggers. Foreign keys are off meanwhile: see env.py.
    """
    bind = op.get_bind()
    own = bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), {"table": table})
    hanging = bind.execute(sa.text(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND (type IN ('trigger', 'view')"
        " OR (type = 'index' AND tbl_name = :table)) ORDER BY type = 'trigger', type = 'view'"
    ), {"table": table}).all()
    for kind, name, _ in reversed(hanging):
        op.execute(f"DROP {kind} {name}")
    body = own[own.index("(") + 1 : own.rindex(")")]
    lines = change(re.split(r", *\n", body.strip("\n")))
    bind.exec_driver_sql("PRAGMA legacy_alter_table = ON")  # what refers to the table goes on doing so
    bind.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_before")
    bind.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
    bind.exec_driver_sql(f"CREATE TABLE {table} (\n" + ", \n".join(line.rstrip() for line in lines) + "\n)")
    kept = [name for name in columns_of(table) if name not in values]
    names, taken = ", ".join([*kept, *values]), ", ".join([*kept, *values.values()])
    bind.exec_driver_sql(f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table}_before")
    bind.exec_driver_sql(f"DROP TABLE {table}_before")
    for *_, sql in hanging:
        bind.exec_driver_sql(sql)


def columns_of(table):
    return [row[1] for row in op.get_bind().exec_driver_sql(f"PRAGMA table_info({table})")]
