"""What a person puts by for later."""

from datetime import timedelta

import pytest
from factories import a_post, a_user
from sqlalchemy import select

from blog.database import utcnow
from blog.models import Anonymous, Kept, reading_list
from blog.models.reading_list import FullListError


def kept_by(db, person):
    return [kept.post for kept in db.session.scalars(Kept.of(person))]


def test_a_post_is_kept_once_however_often_one_asks(db):
    ada, post = a_user(), a_post(live=True)
    Kept.keep(post, by=ada)
    Kept.keep(post, by=ada)
    assert kept_by(db, ada) == [post]
    assert Kept.has(post, by=ada)


def test_two_requests_at_once_keep_it_once(db, monkeypatch):
    ada, post = a_user(), a_post(live=True)
    monkeypatch.setattr(Kept, "has", classmethod(lambda *_, **__: False))  # neither has seen the other's
    Kept.keep(post, by=ada)
    Kept.keep(post, by=ada)
    assert kept_by(db, ada) == [post]


def test_a_list_is_one_persons_alone(db):
    ada, bob, post = a_user(), a_user(), a_post(live=True)
    Kept.keep(post, by=ada)
    Kept.drop(post.id, by=bob)
    assert kept_by(db, ada) == [post]
    assert kept_by(db, bob) == []
    assert not Kept.has(post, by=bob)


def test_what_is_dropped_is_off_the_list_and_dropping_it_again_does_nothing(db):
    ada, post, other = a_user(), a_post(live=True), a_post(live=True)
    for one in (post, other):
        Kept.keep(one, by=ada)
    Kept.drop(post.id, by=ada)
    Kept.drop(post.id, by=ada)
    assert kept_by(db, ada) == [other]


def test_what_was_kept_last_comes_first(db, monkeypatch):
    ada, posts = a_user(), [a_post(live=True) for _ in range(3)]
    start = utcnow()
    for minutes, post in enumerate(posts):
        monkeypatch.setattr(reading_list, "utcnow", lambda minutes=minutes: start + timedelta(minutes=minutes))
        Kept.keep(post, by=ada)
    assert kept_by(db, ada) == posts[::-1]


def test_a_full_list_takes_no_more_but_keeps_what_it_has(db, monkeypatch):
    monkeypatch.setattr(reading_list, "LIMIT", 2)
    ada, bob, posts = a_user(), a_user(), [a_post(live=True) for _ in range(3)]
    for post in posts[:2]:
        Kept.keep(post, by=ada)
    with pytest.raises(FullListError, match="2 posts"):
        Kept.keep(posts[2], by=ada)
    Kept.keep(posts[0], by=ada)  # it is there already
    Kept.keep(posts[2], by=bob)  # somebody else's list has room
    Kept.drop(posts[0].id, by=ada)
    Kept.keep(posts[2], by=ada)
    assert set(kept_by(db, ada)) == set(posts[1:])


def test_a_stranger_has_kept_nothing_and_asking_costs_nothing(db, queries):
    post = a_post(live=True)
    with queries() as seen:
        assert not Kept.has(post, by=Anonymous())
    assert not seen


@pytest.mark.parametrize("gone", ["person", "post"])
def test_with_the_person_or_the_post_the_line_goes(db, gone):
    ada, post = a_user(), a_post(live=True)
    Kept.keep(post, by=ada)
    db.session.flush()
    db.session.delete(ada if gone == "person" else post)
    db.session.flush()
    assert db.session.scalars(select(Kept.post_id)).all() == []
