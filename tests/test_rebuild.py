"""`flask rebuild`: old HTML is made anew, and nobody's words, dates or history change."""

import pytest
from factories import a_post, an_editor
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from blog import rebuild
from blog.database import db as the_db
from blog.markdown import RENDERER_VERSION
from blog.models import Post, Revision


@pytest.fixture
def run(real_app):
    with real_app.app_context():

        def command(*args):
            the_db.session.commit()
            the_db.session.remove()
            return real_app.test_cli_runner().invoke(args=["rebuild", *args])

        yield command
        the_db.session.remove()


def aged(number: int, renderer: int = 0) -> None:
    me = an_editor()
    ids = [a_post(by=me, live=True, body=f"*Post* {n}").id for n in range(number)]
    the_db.session.execute(
        update(Post).where(Post.id.in_(ids)).values(html="old", renderer=renderer, updated_at=Post.updated_at)
    )
    the_db.session.commit()


def posts() -> list[Post]:
    the_db.session.remove()
    return list(the_db.session.scalars(select(Post).options(undefer(Post.html)).order_by(Post.id)))


def test_what_an_older_renderer_made_is_made_anew_in_batches_and_nothing_else_moves(run, monkeypatch):
    monkeypatch.setattr(rebuild, "BATCH", 2)
    aged(5)
    dates = [(post.updated_at, post.edited_at, post.revision) for post in posts()]
    assert run().output == "5 posts were rendered anew.\n"
    assert [post.html.strip() for post in posts()] == [f"<p><em>Post</em> {n}</p>" for n in range(5)]
    assert {post.renderer for post in posts()} == {RENDERER_VERSION}
    assert [(post.updated_at, post.edited_at, post.revision) for post in posts()] == dates
    assert the_db.session.scalar(select(func.count()).select_from(Revision)) == 5


def test_a_second_time_there_is_nothing_to_do_unless_all_are_asked_for(run):
    aged(3)
    run()
    assert run().output == "0 posts were rendered anew.\n"
    assert run("--all").output == "3 posts were rendered anew.\n"


def test_broken_off_it_goes_on_where_it_was(run, monkeypatch):
    monkeypatch.setattr(rebuild, "BATCH", 2)
    aged(5)
    true_render, calls = rebuild.render, []

    def breaks(body):
        calls.append(body)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return true_render(body)

    monkeypatch.setattr(rebuild, "render", breaks)
    assert run().exit_code == 1
    monkeypatch.setattr(rebuild, "render", true_render)
    assert run().output == "3 posts were rendered anew.\n"


def test_what_somebody_saves_meanwhile_is_left_alone(run, monkeypatch):
    aged(1)
    true_render = rebuild.render

    def slow(body):
        the_db.session.execute(update(Post).values(html="theirs", revision=Post.revision + 1))
        the_db.session.commit()
        return true_render(body)

    monkeypatch.setattr(rebuild, "render", slow)
    run()
    assert [post.html for post in posts()] == ["theirs"]
