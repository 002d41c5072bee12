"""The migrations build what the models describe, from nothing and back, with data in the tables too."""

import re

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from factories import a_post, an_editor
from flask import current_app

import blog
from blog.checks import at_a_glance
from blog.database import db as the_db
from blog.deployment import Problem
from blog.models import Media, MediaUse, Post, User

MIGRATIONS = blog.__path__[0] + "/../migrations"

SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
POSTGRESQL = {
    "column": """
        SELECT format('%s.%s', attrelid::regclass, attname),
               format('%s %s %s', format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
        FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE attnum > 0 AND NOT attisdropped AND relkind = 'r' AND relnamespace = 'public'::regnamespace""",
    "constraint": """
        SELECT format('%s %s', conrelid::regclass, conname), pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "type": "SELECT typname, typtype FROM pg_type WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace",
}


@pytest.fixture
def database(real_app):
    """An empty database."""
    with real_app.app_context():
        the_db.drop_all()
        the_db.session.commit()
        yield the_db


def upgrade() -> None:
    flask_migrate.upgrade(MIGRATIONS)


def downgrade() -> None:
    flask_migrate.downgrade(MIGRATIONS, revision="base")


def tables() -> set[str]:
    """All tables but those of the index of search, whose names and number are the databases' own."""
    return {name for name in sa.inspect(the_db.engine).get_table_names() if not name.startswith("search_")}


def differences(connection: sa.Connection) -> list[tuple]:
    """What Alembic would change, asked as env.py asks it."""

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and (name or "").startswith("search_"))

    options = {"compare_type": True, "include_name": is_ours}
    return compare_metadata(MigrationContext.configure(connection, opts=options), the_db.metadata)


def schema() -> dict[str, object]:
    """All that the database itself knows of its tables: checks, defaults, functional indexes and triggers included."""
    with the_db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(SQLITE).all()
            found = {f"{kind} {table} {name}": lines_of(sql) for kind, name, table, sql in rows}
        else:
            found = {
                f"{kind} {name}": definition
                for kind, query in POSTGRESQL.items()
                for name, definition in connection.execute(sa.text(query))
            }
    return {name: definition for name, definition in found.items() if "alembic_version" not in name}


def lines_of(sql: str | None) -> list[str]:
    """The columns and constraints of a table, whatever their order. One that was rebuilt has its name in quotes."""
    plain = re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", sql or "")
    return sorted(line.strip().rstrip(",") for line in plain.splitlines() if line.strip())


def test_the_migrations_lead_from_nothing_to_the_newest_and_back_and_there_again(database):
    assert tables() == set()
    upgrade()
    built = schema()
    assert tables() == {*the_db.metadata.tables, "alembic_version"}
    downgrade()
    assert tables() == {"alembic_version"}
    assert schema() == {}
    upgrade()
    assert schema() == built


def test_going_where_one_is_changes_nothing(database):
    upgrade()
    built = schema()
    upgrade()
    assert schema() == built


def test_models_and_migrations_have_not_drifted_apart(database):
    upgrade()
    with the_db.engine.connect() as connection:
        assert differences(connection) == []


def test_drift_would_be_seen(database):
    upgrade()
    with the_db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE posts ADD COLUMN forgotten INTEGER")
        assert [change[0] for change in differences(connection)] == ["remove_column"]


def test_the_migrations_build_exactly_what_the_models_would(database):
    upgrade()
    migrated = schema()
    downgrade()
    the_db.create_all()
    described = schema()
    assert len(described) > len(the_db.metadata.tables)
    assert migrated == described


@pytest.mark.parametrize(
    "change",
    [
        "CREATE INDEX extra ON posts (lower(title))",
        "DROP INDEX ix_posts_binned_at",
        "ALTER TABLE posts ADD COLUMN extra INTEGER DEFAULT 1",
    ],
)
def test_a_difference_in_the_schema_would_be_seen(database, change):
    upgrade()
    before = schema()
    with the_db.engine.begin() as connection:
        connection.exec_driver_sql(change)
    assert schema() != before


def test_every_constraint_has_a_name_by_which_it_can_be_dropped(database):
    upgrade()
    inspector = sa.inspect(the_db.engine)
    for table in the_db.metadata.tables:
        named = [inspector.get_pk_constraint(table)]
        named += inspector.get_unique_constraints(table) + inspector.get_foreign_keys(table)
        named += inspector.get_check_constraints(table)
        assert all(one["name"] for one in named), (table, named)


def test_every_limited_text_is_limited_by_a_check(database):
    upgrade()
    inspector = sa.inspect(the_db.engine)
    for table in the_db.metadata.tables.values():
        checks = " ".join(str(check["sqltext"]) for check in inspector.get_check_constraints(table.name))
        for column in table.columns:
            if isinstance(column.type, sa.String) and column.type.length:
                assert column.name in checks, f"{table.name}.{column.name}"


def test_posts_that_were_here_before_the_library_keep_their_pictures(database):
    flask_migrate.upgrade(MIGRATIONS, revision="0004")
    with the_db.engine.begin() as connection:
        fill_as_before_the_library(connection)
    upgrade()
    rows = the_db.session.execute(sa.select(MediaUse.post_id, MediaUse.media_id).order_by(MediaUse.media_id)).all()
    assert [tuple(row) for row in rows] == [
        (1, 1),
        (1, 2),
        (1, 3),
    ]  # now, as a cover, in a revision; the fourth nowhere
    kept = the_db.session.scalars(sa.select(Media).order_by(Media.id)).all()
    assert {(one.alt, one.file_name, one.focus, one.widths) for one in kept} == {("", "", "", 0)}


def fill_as_before_the_library(connection):
    """A post, a revision and four pictures, as the tables were then."""
    names = [f"{n}a/{n}a{'0' * 30}-4x3.png" for n in range(1, 5)]
    table = {
        name: sa.Table(name, sa.MetaData(), autoload_with=connection)
        for name in ("users", "posts", "revisions", "media")
    }
    when = sa.text("CURRENT_TIMESTAMP")
    connection.execute(
        table["users"]
        .insert()
        .values(id=1, email="a@example.com", password_hash="!", name="A", handle="a", role="editor", is_active=True)
    )
    connection.execute(
        table["media"].insert(),
        [
            {"id": n, "name": name, "media_type": "image/png", "width": 4, "height": 3, "size": 5}
            for n, name in enumerate(names, 1)
        ],
    )
    common = {"title": "T", "slug": "t", "summary": "", "language": "", "visibility": "public", "cover_alt": ""}
    connection.execute(
        table["posts"]
        .insert()
        .values(
            id=1,
            uid="0" * 32,
            kind="post",
            body=f"![a](/media/{names[0]})",
            html="",
            terms="",
            excerpt="",
            picture="",
            picture_alt="",
            words=1,
            renderer=2,
            featured=False,
            author_id=1,
            edited_at=when,
            revision=2,
            cover=f"/media/{names[1]}",
            **common,
        )
    )
    connection.execute(
        table["revisions"]
        .insert()
        .values(
            id=1,
            post_id=1,
            number=1,
            what="started",
            body=f"![a](/media/{names[2]})",
            tags=sa.text("'[]'"),
            cover="",
            **common,
        )
    )


def test_there_is_one_newest_migration():
    assert len(ScriptDirectory(MIGRATIONS).get_heads()) == 1


def test_what_the_migrations_build_can_be_written_to(database):
    upgrade()
    me = an_editor()
    post = a_post(by=me, live=True, tags=["one"])
    the_db.session.commit()
    assert [found.id for found in Post.published()] == [post.id]
    assert the_db.session.get(User, me.id).updated_at is not None


def test_rows_do_not_keep_anybody_from_going_back(database):
    upgrade()
    a_post(live=True, tags=["one"])
    the_db.session.commit()
    the_db.session.remove()
    downgrade()
    assert tables() == {"alembic_version"}


def test_a_database_that_is_behind_is_reported(database):
    newest = ScriptDirectory(MIGRATIONS).get_current_head()
    words = f"the database is at migration None, the code at {newest}: run flask db upgrade"
    assert Problem(words) in at_a_glance(current_app)
    the_db.session.remove()
    upgrade()
    problems = [problem.text for problem in at_a_glance(current_app) if problem.is_grave]
    assert [text.partition(":")[0] for text in problems] == ["there is no active admin"]
