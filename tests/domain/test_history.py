"""What a post was before: its saved texts and its earlier addresses."""

from datetime import timedelta

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, an_editor
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from blog.database import utcnow
from blog.models import OldSlug, Post, Revision, User, Visibility


def old_slugs(db) -> set[str]:
    db.session.flush()
    return set(db.session.scalars(select(OldSlug.slug)))


def move(post: Post, slug: str) -> None:
    post.revise(base=post.revision, by=post.author, slug=slug)


def test_a_revision_is_the_post_as_it_was_at_that_number(db):
    me, other = an_editor(), an_editor()
    post = a_post(by=me, title="One", body="First.", tags=["a"], language="de", summary="S")
    post.revise(base=1, by=other, title="Two", body="Second.", tags=["a", "b"], visibility=Visibility.members)
    post.revise(base=2, by=None, what="imported", slug="elsewhere", language="")
    db.session.expire_all()
    one, two, three = (Revision.of(post, number) for number in (1, 2, 3))
    assert (one.title, one.body, one.tags, one.language, one.summary) == ("One", "First.", ["a"], "de", "S")
    assert (two.title, two.body, two.tags, two.visibility) == ("Two", "Second.", ["a", "b"], "members")
    assert (three.slug, three.language, three.body) == ("elsewhere", "", "Second.")
    assert [(r.by, r.what) for r in (one, two, three)] == [(me, "started"), (other, "saved"), (None, "imported")]


@pytest.mark.parametrize("number", [0, 2, -1, None])
def test_there_is_no_revision_of_another_number(db, number):
    assert Revision.of(a_post(), number) is None


def test_a_number_is_given_once(db):
    post = a_post()
    row = {"post_id": post.id, "number": 1, "what": "saved", "title": "", "slug": "a", "summary": "", "body": ""}
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(Revision).values(row | {"tags": [], "language": "", "visibility": "public"}))


def test_a_text_stays_when_who_wrote_it_goes(db):
    post, helper = a_post(), an_editor()
    post.revise(base=1, by=helper, body="Helped.")
    db.session.flush()
    db.session.expunge_all()
    db.session.execute(delete(User).where(User.id == helper.id))
    assert (Revision.of(post, 2).by_id, Revision.of(post, 2).body) == (None, "Helped.")


def test_with_a_post_go_its_revisions_and_old_addresses(db):
    post = a_post(live=True)
    move(post, "new")
    db.session.flush()
    db.session.delete(post)
    db.session.flush()
    assert db.session.scalars(select(Revision.id)).all() == []
    assert old_slugs(db) == set()


def test_a_live_post_that_moves_is_found_at_its_old_addresses(db):
    post = a_post(live=True, slug="a")
    move(post, "b")
    move(post, "c")
    assert old_slugs(db) == {"a", "b"}
    assert Post.renamed_from("a") is Post.renamed_from("b") is post
    assert Post.renamed_from("c") is None


def test_a_post_that_moves_back_forgets_that_address(db):
    post = a_post(live=True, slug="a")
    for slug, old in (("b", {"a"}), ("a", {"b"}), ("b", {"a"}), ("c", {"a", "b"}), ("a", {"b", "c"})):
        move(post, slug)
        assert old_slugs(db) == old


@pytest.mark.parametrize("kind", [a_post, a_scheduled_post, a_binned_post])
def test_an_address_that_readers_never_knew_is_not_kept(db, kind):
    move(kind(slug="a"), "b")
    assert old_slugs(db) == set()


def test_who_is_not_out_is_not_found_at_an_old_address_until_out_again(db):
    post = a_post(live=True, slug="a")
    move(post, "b")
    post.unpublish(base=post.revision, by=post.author)
    assert Post.renamed_from("a") is None
    post.publish(base=post.revision, by=post.author, at=utcnow() + timedelta(days=1))
    assert Post.renamed_from("a") is None
    post.publish(base=post.revision, by=post.author)
    assert Post.renamed_from("a") is post


def test_a_new_post_never_gets_an_address_that_another_once_had(db):
    post = a_post(live=True, slug="engines")
    move(post, "machines")
    assert Post.free_slug("Engines") == "engines-2"
    assert Post.free_slug("Machines") == "machines-2"
    assert Post.free_slug("Engines", but=post.id) == "engines"
    assert a_post(by=post.author, slug=Post.free_slug("Engines")).slug == "engines-2"
    assert Post.free_slug("Engines") == "engines-3"


@pytest.mark.parametrize("title", ["", "❤️", "?!"])
def test_a_post_without_words_in_its_title_gets_an_address_all_the_same(db, title):
    me = an_editor()
    first = Post.start(me, by=me, title=title)
    second = Post.start(me, by=me, title=title)
    assert (first.slug, second.slug) == ("untitled-post", "untitled-post-2")
