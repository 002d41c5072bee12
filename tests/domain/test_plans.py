"""The newest posts are found by walking an index from its end, also where SQLite has no statistics to go by."""

import pytest
from conftest import app_on
from sqlalchemy import func, select, text
from sqlalchemy.dialects import sqlite

from blog.database import db, utcnow
from blog.models import Post, PostKind, PostStatus, User, UserRole
from blog.models.audit_log import Asked
from blog.models.directory import Standing, people
from blog.paging import beyond
from blog.posts.desk import written_by

WALKS = {
    "a list": lambda: Post.live().limit(11),
    "what changed last": lambda: (
        select(Post.updated_at).where(Post.first_published_at.is_not(None)).order_by(Post.updated_at.desc()).limit(1)
    ),
    "the pages": lambda: Post.out().where(Post.kind == PostKind.page, Post.slug == "about"),
}


def plan_of(db, statement) -> str:
    compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": False})
    parameters = {name: str(value) for name, value in compiled.params.items()}
    words = str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))
    rows = db.session.execute(text("EXPLAIN QUERY PLAN " + words), parameters)
    return "\n".join(row[3] for row in rows)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A database of SQLite without a row; PostgreSQL keeps statistics by itself."""
    folder = tmp_path_factory.mktemp("plans")
    app = app_on(f"sqlite:///{folder}/plans.db", folder)
    with app.app_context():
        db.create_all()
        yield db
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("what", WALKS)
def test_nothing_is_sorted_and_no_table_read_from_end_to_end(fresh, what):
    plan = plan_of(fresh, WALKS[what]())
    assert "TEMP B-TREE" not in plan, plan
    assert "SCAN posts" not in plan.replace("SCAN posts USING", ""), plan
    assert "ix_posts_binned_at" not in plan, plan


def test_posts_are_counted_along_an_index_of_their_dates_alone(fresh):
    for dated in (Post.published_at.is_(None), Post.published_at <= utcnow()):
        plan = plan_of(fresh, select(func.count()).select_from(Post).where(Post.counted(), dated))
        assert "USING INDEX ix_posts_counted (published_at" in plan, plan


WITHIN = {  # walks of an index that has all that is asked for, until it is known which rows are shown
    "people by name": lambda: people(role=UserRole.admin, standing=Standing.active).order_by(User.name, User.id),
    "people by age": lambda: people(standing=Standing.left).order_by(User.created_at.desc(), User.id.desc()),
    "people by email": lambda: people(role=UserRole.editor).order_by(User.email, User.id),
    "a post in a state": lambda: (
        select(Post.id)
        .where(Post.kind == PostKind.post, Post.status == PostStatus.scheduled)
        .order_by(Post.updated_at.desc(), Post.id.desc())
    ),
    "posts of a person": lambda: (
        select(Post.id).where(written_by(User(id=1))).order_by(Post.updated_at.desc(), Post.id.desc())
    ),
}


@pytest.mark.parametrize("what", WITHIN)
def test_lists_of_the_dashboard_are_walked_in_their_order(fresh, what):
    plan = plan_of(fresh, WITHIN[what]())
    assert "TEMP B-TREE" not in plan, plan
    assert "USING INDEX ix_users_by_" in plan or "INDEX ix_posts_of_the_desk" in plan, plan


def test_a_search_among_people_reads_the_table_once_and_keeps_the_first_few(fresh):
    plan = plan_of(fresh, beyond(people("ada"), (User.name, User.id), ["M", 7], falling=False, searched=True))
    assert plan.splitlines() == ["SCAN users", "USE TEMP B-TREE FOR ORDER BY"], plan


@pytest.mark.parametrize("person", [None, 1])
@pytest.mark.parametrize("topic", ["", "people", "posts"])
@pytest.mark.parametrize("origin", ["", "192.0.2.1"])
def test_every_filter_of_the_log_is_a_walk_along_an_index_that_ends_with_the_number(fresh, person, topic, origin):
    plan = plan_of(fresh, Asked(person, topic, origin).lines(1000, falling=True, limit=51))
    walks = [line for line in plan.splitlines() if "audit_entries" in line and "id=?" not in line.replace("_id=?", "")]
    assert walks
    for line in walks:
        assert line.startswith("SEARCH audit_entries USING"), plan
        assert "<?)" in line, plan
        assert "ix_audit_entries_at" not in line, plan
