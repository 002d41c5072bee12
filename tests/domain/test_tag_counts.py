"""The number of posts of a tag, which the database keeps by itself."""

import threading
from pathlib import Path

import pytest
from factories import a_post, a_scheduled_post, an_editor
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Post, PostKind, Tag
from blog.models.tag import post_tags

MIGRATIONS = Path(__file__).parents[2] / "migrations/versions"


def counts() -> dict[str, int]:
    the_db.session.flush()
    return dict(the_db.session.execute(select(Tag.slug, Tag.dated_posts).where(Tag.dated_posts != 0)).all())


def live() -> dict[str, int]:
    the_db.session.flush()
    return {tag.slug: tag.live_posts for tag in the_db.session.scalars(Tag.in_use())}


def test_live_and_scheduled_posts_are_counted_and_drafts_pages_and_the_bin_are_not(db):
    a_post(live=True, tags=["a", "b"])
    a_scheduled_post(tags=["a"])
    a_post(tags=["a"])
    a_post(live=True, tags=["a"], kind=PostKind.page)
    a_post(live=True, tags=["a"], binned_at=utcnow())
    assert counts() == {"a": 2, "b": 1}


def test_what_readers_see_leaves_out_what_is_yet_to_come(db):
    a_post(live=True, tags=["a", "b"])
    a_scheduled_post(tags=["a", "c"])
    assert live() == {"a": 1, "b": 1}


def test_the_count_follows_a_post_through_its_life(db):
    me = an_editor()
    post = a_post(by=me, tags=["a"])
    assert counts() == {}
    post.publish(base=1, by=me, body="Words.")
    assert counts() == {"a": 1}
    post.bin(base=2, by=me)
    assert counts() == {}
    post.restore(base=3, by=me)
    post.publish(base=4, by=me)
    assert counts() == {"a": 1}
    post.unpublish(base=5, by=me)
    assert counts() == {}


def test_the_count_follows_the_tags_of_a_post(db):
    me = an_editor()
    post = a_post(by=me, live=True, tags=["a", "b"])
    post.revise(base=1, by=me, tags=["b", "c"])
    assert counts() == {"b": 1, "c": 1}


def test_the_count_follows_what_is_done_to_the_rows_alone(db):
    post = a_post(live=True, tags=["a", "b"])
    other = a_post(tags=["c"])
    tags = dict(db.session.execute(select(Tag.slug, Tag.id)).all())
    links = post_tags.c
    db.session.execute(update(post_tags).where(links.tag_id == tags["a"]).values(tag_id=tags["c"]))
    assert counts() == {"b": 1, "c": 1}
    db.session.execute(update(post_tags).where(links.tag_id == tags["b"]).values(post_id=other.id, tag_id=tags["a"]))
    assert counts() == {"c": 1}
    db.session.execute(update(Post).where(Post.id == post.id).values(kind=PostKind.page))
    assert counts() == {}
    db.session.execute(update(Post).where(Post.id == post.id).values(kind=PostKind.post))
    assert counts() == {"c": 1}
    db.session.execute(delete(post_tags).where(links.post_id == post.id))
    assert counts() == {}


@pytest.mark.parametrize("by_the_orm", [True, False])
def test_a_deleted_post_is_counted_no_more(db, by_the_orm):
    post = a_post(live=True, tags=["a", "b"])
    a_post(live=True, tags=["a"])
    if by_the_orm:
        db.session.delete(post)
    else:
        db.session.execute(delete(Post).where(Post.id == post.id))
    assert counts() == {"a": 1}


def test_a_deleted_draft_takes_nothing_off(db):
    a_post(live=True, tags=["a"])
    draft = a_post(tags=["a"])
    db.session.execute(delete(Post).where(Post.id == draft.id))
    assert counts() == {"a": 1}


def test_a_tag_may_be_deleted_and_the_others_stay_right(db):
    a_post(live=True, tags=["a", "b"])
    db.session.execute(delete(Tag).where(Tag.slug == "a"))
    assert counts() == {"b": 1}


def test_writers_who_tag_in_another_order_neither_wait_for_ever_nor_lose_a_count(real_app):
    with real_app.app_context():
        me = an_editor()
        for name in ("a", "b"):
            a_post(by=me, live=True, tags=[name])
        ids = [a_post(by=me, live=True).id for _ in range(8)]
        a, b = the_db.session.scalars(select(Tag.id).order_by(Tag.slug)).all()
        the_db.session.commit()
        the_db.session.remove()
    start, faults = threading.Barrier(8), []

    def tagged(post_id: int, tags: list[int]) -> None:
        with real_app.app_context():
            start.wait()
            try:
                for tag in tags:
                    the_db.session.execute(post_tags.insert().values(post_id=post_id, tag_id=tag))
                the_db.session.commit()
            except SQLAlchemyError as fault:
                faults.append(fault)
            the_db.session.remove()

    threads = [
        threading.Thread(target=tagged, args=(post_id, [a, b] if n % 2 else [b, a])) for n, post_id in enumerate(ids)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with real_app.app_context():
        assert faults == []
        assert counts() == {"a": 9, "b": 9}


def test_the_migration_counts_what_is_there_already(real_app):
    with real_app.app_context():
        a_post(live=True, tags=["a", "b"])
        a_post(live=True, tags=["a"])
        a_post(tags=["a"])
        the_db.session.execute(update(Tag).values(dated_posts=0))
        the_db.session.execute(text(so_far()))
        assert counts() == {"a": 2, "b": 1}


def so_far() -> str:
    """The statement of the migration itself."""
    source: dict[str, object] = {}
    path = MIGRATIONS / "0003_tag_counts.py"
    exec(compile(path.read_text(), path, "exec"), source)
    return str(source["SO_FAR"])
