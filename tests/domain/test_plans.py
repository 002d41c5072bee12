"""The newest posts are found by walking an index from its end, also where SQLite has no statistics to go by."""

import pytest
from conftest import app_on
from sqlalchemy import func, select, text
from sqlalchemy.dialects import sqlite

from blog.database import db, utcnow
from blog.models import Post, PostKind

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
