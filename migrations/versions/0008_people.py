"""people: factors, known devices, mail, and more about accounts, sessions, links and the log

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-26

"""

import re

from alembic import op
import sqlalchemy as sa
from blog.database import UTCDateTime, database_now

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A name, how it is declared, and what the rows that are there get.
STRINGS = {"users": {"picture": 200}, "site": {"logo": 200, "footer": 500}, "tokens": {"email": 320}}
NULL = "NULL"
COLUMNS = {
    "users": [("confirmed_at", "MOMENT", NULL), ("left_at", "MOMENT", NULL)],
    "site": [("factor_for", "JSON DEFAULT '[]' NOT NULL", "'[]'")],
    "tokens": [
        ("by_id", "INTEGER", NULL), ("role", "VARCHAR(20)", NULL), ("detail", "JSON DEFAULT '{}' NOT NULL", "'{}'"),
    ],
    "login_sessions": [
        ("used_at", "MOMENT NOT NULL", "created_at"),
        ("proved_at", "MOMENT NOT NULL", "created_at"),
        ("has_factor", "BOOLEAN NOT NULL", "false"),
    ],
    "audit_entries": [("about_id", "INTEGER", NULL)],
}
HAYSTACK = "GENERATED ALWAYS AS (lower(name || ' ' || handle || ' ' || email)) STORED"
CHECKS = {
    "users": {"ck_users_is_gone_once_left": "CHECK (left_at IS NULL OR NOT is_active)"},
    "tokens": {
        "fk_tokens_by_id": "FOREIGN KEY(by_id) REFERENCES users (id) ON DELETE SET NULL",
        "ck_tokens_userrole": "CHECK (role IN ('admin', 'editor', 'viewer'))",
    },
    "audit_entries": {
        "fk_audit_entries_about_id": "FOREIGN KEY(about_id) REFERENCES users (id) ON DELETE SET NULL"
    },
}
# A check that changes: the words a column may hold, before and after.
WORDS = {
    ("site", "registration"): (["open", "closed"], ["open", "invitation", "closed"]),
    ("tokens", "purpose"): (
        ["setup", "sign-in"],
        [
            "setup", "sign-in", "second-step", "challenge", "invitation", "confirmation", "request", "reset",
            "new-address", "old-address",
        ],
    ),
}
INDEXES = {
    "tokens": [["by_id"], ["expires_at"], ["purpose", "email"]],
    "audit_entries": [
        ["actor_id", "id"], ["about_id", "id"], ["origin", "id"], ["actor_id", "action", "id"],
        ["origin", "action", "id"], ["actor_id", "origin", "id"], ["about_id", "action", "id"], ["about_id", "origin", "id"],
        ["action", "at"],
    ],
}
REPLACED = {
    "users": [["role", "is_active"], ["name", "id"]], "audit_entries": [["actor_id"]], "posts": [["updated_at", "id"]],
}
NAMED = {
    "users": {
        "ix_users_by_name": ["name", "id", "role", "is_active", "left_at"],
        "ix_users_by_email": ["email", "id", "role", "is_active", "left_at"],
        "ix_users_by_age": ["created_at", "id", "role", "is_active", "left_at"],
    },
    "posts": {
        "ix_posts_of_the_desk": [
            "updated_at", "id", "kind", "binned_at", "published_at", "author_id", "revision", "out_revision", "title",
        ],
    },
}
ADMINS = sa.text("role = 'admin'")
OF_SOME_POSTS = {
    "ix_posts_counted": ("published_at", "kind = 'post' AND binned_at IS NULL"),
    "ix_posts_waiting": ("id", "out_revision <> revision"),
}

SEEN = "name, handle, biography, website"
KEPT = "id", "at", "actor_name", "origin", "action", "subject"
CHANGED = " OR ".join(
    [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in KEPT]
    + ["NEW.detail::text IS DISTINCT FROM OLD.detail::text"]
    + [f"(NEW.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in ("actor_id", "about_id")]
)


def upgrade():
    for table in ("users", "site", "tokens", "login_sessions", "audit_entries"):
        alter(table)
    op.create_index("ix_tokens_invited", "tokens", ["email"], unique=True, **only("purpose = 'invitation'"))
    op.create_index("ix_users_picture", "users", ["picture"], sqlite_where=sa.text("picture <> ''"), postgresql_where=sa.text("picture <> ''"))
    swap_indexes("posts")
    op.create_index("ix_users_admins", "users", ["id"], sqlite_where=ADMINS, postgresql_where=ADMINS)
    watch_users(f"{SEEN}, picture")
    keep_the_log()
    for name, (column, condition) in OF_SOME_POSTS.items():
        rule = sa.text(condition)
        op.create_index(name, "posts", [column], sqlite_where=rule, postgresql_where=rule)
    op.create_table('mails',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('recipient', sa.String(length=320), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('due_at', UTCDateTime(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('lease', sa.Uuid(), nullable=True),
    sa.Column('leased_until', UTCDateTime(), nullable=True),
    sa.Column('sent_at', UTCDateTime(), nullable=True),
    sa.Column('gave_up_at', UTCDateTime(), nullable=True),
    sa.Column('fault', sa.String(length=300), nullable=False),
    sa.CheckConstraint('(lease IS NULL) = (leased_until IS NULL)', name=op.f('ck_mails_has_whole_lease')),
    sa.CheckConstraint('length(fault) <= 300', name=op.f('ck_mails_fault_length')),
    sa.CheckConstraint('length(kind) <= 40', name=op.f('ck_mails_kind_length')),
    sa.CheckConstraint('length(recipient) <= 320', name=op.f('ck_mails_recipient_length')),
    sa.CheckConstraint('length(subject) <= 200', name=op.f('ck_mails_subject_length')),
    sa.CheckConstraint('sent_at IS NULL OR gave_up_at IS NULL', name=op.f('ck_mails_ends_once')),
    sa.CheckConstraint('lease IS NULL OR (sent_at IS NULL AND gave_up_at IS NULL)', name=op.f('ck_mails_is_leased_while_waiting')),
    sa.CheckConstraint("sent_at IS NULL OR sealed = ''", name=op.f('ck_mails_is_wordless_once_sent')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mails')),
    sa.UniqueConstraint('uid', name=op.f('uq_mails_uid'))
    )
    op.create_index('ix_mails_waiting', 'mails', ['due_at', 'id'], sqlite_where=sa.text('sent_at IS NULL AND gave_up_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL AND gave_up_at IS NULL'))
    op.create_index('ix_mails_given_up', 'mails', ['id'], sqlite_where=sa.text('gave_up_at IS NOT NULL'), postgresql_where=sa.text('gave_up_at IS NOT NULL'))
    op.create_index('ix_mails_sent_at', 'mails', ['sent_at'], sqlite_where=sa.text('sent_at IS NOT NULL'), postgresql_where=sa.text('sent_at IS NOT NULL'))
    op.create_table('authenticators',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.String(length=300), nullable=False),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.Column('confirmed_at', UTCDateTime(), nullable=False),
    sa.CheckConstraint('length(sealed) <= 300', name=op.f('ck_authenticators_sealed_length')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_authenticators_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_authenticators'))
    )
    op.create_table('known_devices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('expires_at', UTCDateTime(), nullable=False),
    sa.CheckConstraint('length(digest) <= 64', name=op.f('ck_known_devices_digest_length')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_known_devices_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_devices')),
    sa.UniqueConstraint('digest', name=op.f('uq_known_devices_digest'))
    )
    op.create_index(op.f('ix_known_devices_expires_at'), 'known_devices', ['expires_at'])
    op.create_index(op.f('ix_known_devices_user_id'), 'known_devices', ['user_id'])
    op.create_table('passkeys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('credential', sa.Text(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('transports', sa.String(length=100), nullable=False),
    sa.Column('created_at', UTCDateTime(), server_default=database_now(), nullable=False),
    sa.Column('used_at', UTCDateTime(), nullable=True),
    sa.CheckConstraint("name <> ''", name=op.f('ck_passkeys_has_name')),
    sa.CheckConstraint('length(digest) <= 64', name=op.f('ck_passkeys_digest_length')),
    sa.CheckConstraint('length(name) <= 80', name=op.f('ck_passkeys_name_length')),
    sa.CheckConstraint('length(transports) <= 100', name=op.f('ck_passkeys_transports_length')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_passkeys_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
    sa.UniqueConstraint('digest', name=op.f('uq_passkeys_digest'))
    )
    op.create_index(op.f('ix_passkeys_user_id'), 'passkeys', ['user_id'])
    op.create_table('recovery_codes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.CheckConstraint('length(digest) <= 64', name=op.f('ck_recovery_codes_digest_length')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes')),
    sa.UniqueConstraint('digest', name=op.f('uq_recovery_codes_digest'))
    )
    op.create_index(op.f('ix_recovery_codes_user_id'), 'recovery_codes', ['user_id'])


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_entries_stay_update ON audit_entries")
        op.execute("DROP TRIGGER audit_entries_stay_delete ON audit_entries")
        op.execute("DROP FUNCTION audit_entries_stay()")
    else:
        op.execute("DROP TRIGGER audit_entries_stay_update")
        op.execute("DROP TRIGGER audit_entries_stay_delete")
    for table in ("mails", "authenticators", "known_devices", "passkeys", "recovery_codes"):
        op.drop_table(table)
    for name in OF_SOME_POSTS:
        op.drop_index(name, "posts")
    op.drop_index("ix_tokens_invited", "tokens")
    op.execute("DELETE FROM tokens WHERE purpose NOT IN ('setup', 'sign-in')")
    op.execute("UPDATE site SET registration = 'closed' WHERE registration = 'invitation'")
    watch_users(SEEN)
    op.drop_index("ix_users_picture", "users")
    op.drop_index("ix_users_admins", "users")
    swap_indexes_back("posts")
    for table in ("audit_entries", "login_sessions", "tokens", "site", "users"):
        put_back(table)


def watch_users(columns):
    """The edition rises with what readers see of a person."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER edition_users_update ON users")
        op.execute(
            f"CREATE CONSTRAINT TRIGGER edition_users_update AFTER UPDATE OF {columns} ON users"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (1 = 1) EXECUTE FUNCTION new_edition()"
        )
        return
    op.execute("DROP TRIGGER edition_users_update")
    op.execute(f"""CREATE TRIGGER edition_users_update AFTER UPDATE OF {columns} ON users WHEN 1 = 1
BEGIN UPDATE edition SET number = number + 1; END""")


def keep_the_log():
    """Append-only, but for the account of somebody who is deleted."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""CREATE OR REPLACE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$""")
        op.execute(f"""CREATE TRIGGER audit_entries_stay_update BEFORE UPDATE ON audit_entries
FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION audit_entries_stay()""")
        op.execute("""CREATE TRIGGER audit_entries_stay_delete BEFORE DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION audit_entries_stay()""")
        return
    op.execute(f"""CREATE TRIGGER audit_entries_stay_update BEFORE UPDATE ON audit_entries
WHEN {CHANGED.replace("::text", "").replace("IS DISTINCT FROM", "IS NOT")}
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""")
    op.execute("""CREATE TRIGGER audit_entries_stay_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""")


def only(condition):
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def columns(table):
    """What the table gets: name, declaration on this database, value for the rows there are."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    found = [(name, f"VARCHAR({size}) DEFAULT '' NOT NULL", "''") for name, size in STRINGS.get(table, {}).items()]
    found += COLUMNS[table]
    if table == "tokens":
        found.append(("created_at", f"MOMENT DEFAULT {'now()' if on_postgresql else NOW} NOT NULL", "expires_at"))
    moment = "TIMESTAMP WITH TIME ZONE" if on_postgresql else "DATETIME"
    return [(name, kind.replace("MOMENT", moment), value) for name, kind, value in found]


NOW = "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"


def constraints(table):
    lengths = {
        f"ck_{table}_{name}_length": f"CHECK (length({name}) <= {size})" for name, size in STRINGS.get(table, {}).items()
    }
    return CHECKS.get(table, {}) | lengths


def words(table, which):
    return {
        f"ck_{table}_{column}": f"CHECK ({column} IN ({', '.join(repr(word) for word in both[which])}))"
        for (named, column), both in WORDS.items() if named == table
    }


def swap_indexes(table):
    for names in REPLACED.get(table, []):
        op.drop_index(op.f("_".join(["ix", table, *names])), table)
    for name, names in NAMED.get(table, {}).items():
        op.create_index(name, table, names)


def swap_indexes_back(table):
    for name in NAMED.get(table, {}):
        op.drop_index(name, table)
    for names in REPLACED.get(table, []):
        op.create_index(op.f("_".join(["ix", table, *names])), table, names)


def alter(table):
    for names in REPLACED.get(table, []):
        op.drop_index(op.f("_".join(["ix", table, *names])), table)
    if op.get_bind().dialect.name == "postgresql":
        for name, kind, value in columns(table):
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind.removesuffix(' NOT NULL')}")
            if value != NULL:
                op.execute(f"UPDATE {table} SET {name} = {value}")
            op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with triggers to come cannot be altered
            if kind.endswith(" NOT NULL"):
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL")
        if table == "users":
            op.execute(f"ALTER TABLE users ADD COLUMN haystack TEXT {HAYSTACK} NOT NULL")
        for name in words(table, 1):
            op.drop_constraint(op.f(name), table)
        for name, rule in (constraints(table) | words(table, 1)).items():
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
    else:
        fresh = [f"\t{name} {kind}" for name, kind, _ in columns(table)]
        fresh += [f"\thaystack TEXT NOT NULL {HAYSTACK}"] if table == "users" else []
        ruled = [f"\tCONSTRAINT {name} {rule}" for name, rule in (constraints(table) | words(table, 1)).items()]
        gone = tuple(f"CONSTRAINT {name} " for name in words(table, 1))
        rebuild(
            table,
            lambda lines: with_lines([line for line in lines if not is_one_of(line, gone)], fresh, ruled),
            {name: value for name, _, value in columns(table)},
        )
    for names in INDEXES.get(table, []):
        op.create_index(op.f("_".join(["ix", table, *names])), table, names)
    for name, names in NAMED.get(table, {}).items():
        op.create_index(name, table, names)


def put_back(table):
    for names in INDEXES.get(table, []):
        op.drop_index(op.f("_".join(["ix", table, *names])), table)
    for name in NAMED.get(table, {}):
        op.drop_index(name, table)
    names = [name for name, *_ in columns(table)] + (["haystack"] if table == "users" else [])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in constraints(table) | words(table, 1):
            op.drop_constraint(op.f(name), table)
        for name, rule in words(table, 0).items():
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
        for name in reversed(names):
            op.drop_column(table, name)
    else:
        gone = {f"{name} " for name in names}
        gone |= {f"CONSTRAINT {name} " for name in constraints(table) | words(table, 1)}
        ruled = [f"\tCONSTRAINT {name} {rule}" for name, rule in words(table, 0).items()]
        rebuild(
            table,
            lambda lines: with_lines([line for line in lines if not is_one_of(line, tuple(gone))], [], ruled),
            {},
        )
    for names in REPLACED.get(table, []):
        op.create_index(op.f("_".join(["ix", table, *names])), table, names)


def is_one_of(line, beginnings):
    return line.strip().startswith(beginnings)


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
