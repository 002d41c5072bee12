"""What somebody has put by."""

from datetime import timedelta

import pytest
import time_machine
from factories import a_post, a_user

from blog.database import utcnow
from blog.models import Kept
from blog.models.reading_list import FullListError


def kept(db, user):
    return [row.post.slug for row in db.session.scalars(Kept.of(user))]


def test_the_newest_kept_comes_first_and_keeping_again_changes_nothing(db):
    ada, bob = a_user(), a_user()
    posts = [a_post(live=True, slug=slug) for slug in ("a", "b", "c")]
    for hours, post in enumerate([posts[1], posts[0], posts[2], posts[1]]):
        with time_machine.travel(utcnow() + timedelta(hours=hours)):
            Kept.keep(post, by=ada)
    assert kept(db, ada) == ["c", "a", "b"]
    assert kept(db, bob) == []
    assert Kept.holds(posts[0], user=ada)
    assert not Kept.holds(posts[0], user=bob)


def test_dropping_takes_ones_own_only_and_may_be_done_twice(db):
    ada, bob, post = a_user(), a_user(), a_post(live=True, slug="a")
    Kept.keep(post, by=ada)
    Kept.keep(post, by=bob)
    Kept.drop(post.id, by=ada)
    Kept.drop(post.id, by=ada)
    assert (kept(db, ada), kept(db, bob)) == ([], ["a"])


def test_a_full_list_takes_no_more_but_what_is_on_it_may_be_kept_again(db, monkeypatch):
    monkeypatch.setattr("blog.models.reading_list.LIST_LIMIT", 2)
    ada = a_user()
    posts = [a_post(live=True) for _ in range(3)]
    for post in posts[:2]:
        Kept.keep(post, by=ada)
    with pytest.raises(FullListError, match="holds 2 posts"):
        Kept.keep(posts[2], by=ada)
    Kept.keep(posts[0], by=ada)
    Kept.drop(posts[0].id, by=ada)
    Kept.keep(posts[2], by=ada)


def test_a_post_or_person_that_goes_for_good_leaves_no_line(db):
    ada, bob, post, other = a_user(), a_user(), a_post(live=True, slug="a"), a_post(live=True, slug="b")
    for user in (ada, bob):
        Kept.keep(post, by=user)
        Kept.keep(other, by=user)
    db.session.delete(post)
    db.session.delete(bob)
    db.session.flush()
    assert kept(db, ada) == ["b"]
