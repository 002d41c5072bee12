"""One tag becomes another, in all posts and in what waits in them."""

import pytest
from factories import a_binned_post, a_page, a_post, an_admin, an_editor
from sqlalchemy import select

from blog.models import AuditEntry, Post, Revision, Tag, merge_tags


@pytest.fixture
def boss(db):
    return an_admin(name="Boss")


def tag(db, name) -> Tag:
    return db.session.scalars(select(Tag).where(Tag.name == name)).one()


def shown(db, post) -> list[str]:
    db.session.flush()
    db.session.refresh(post)
    return [one.name for one in post.tags]


def merge(db, boss, gone="Tide", into="Tides") -> int:
    return merge_tags(tag(db, gone), tag(db, into), by=boss)


def test_every_post_has_the_other_tag_and_the_tag_is_gone(db, boss):
    one, two, other = a_post(tags=["Tide", "Sea"], live=True), a_post(tags=["Tide"]), a_post(tags=["Tides"], live=True)
    assert merge(db, boss) == 2
    assert [shown(db, post) for post in (one, two, other)] == [["Sea", "Tides"], ["Tides"], ["Tides"]]
    assert [post.revision for post in (one, two, other)] == [2, 2, 1]
    assert db.session.scalars(select(Tag.name).order_by(Tag.name)).all() == ["Sea", "Tides"]
    db.session.refresh(tag(db, "Tides"))
    assert tag(db, "Tides").dated_posts == 2
    then = Revision.of(one, 2)
    assert (then.what, then.by, then.tags) == ("tags merged", boss, ["Sea", "Tides"])


def test_a_post_with_both_has_the_one_that_stays_once(db, boss):
    post = a_post(tags=["Tide", "Tides"], live=True)
    merge(db, boss)
    assert shown(db, post) == ["Tides"]
    db.session.refresh(tag(db, "Tides"))
    assert tag(db, "Tides").dated_posts == 1


def test_what_waits_is_changed_too_and_goes_on_waiting(db, boss):
    post = a_post(tags=["Tide"], live=True, title="Out")
    a_post(tags=["Tides"])
    post.revise(base=1, by=post.author, waits=True, title="Waiting", tags=["Tide", "Sea"])
    merge(db, boss)
    assert shown(db, post) == ["Tides"]
    assert (post.title, post.has_changes) == ("Out", True)
    assert (post.newest["title"], post.newest["tags"]) == ("Waiting", ["Sea", "Tides"])


def test_also_where_only_what_waits_names_the_tag(db, boss):
    post, plain = a_post(live=True), a_post(live=True)
    a_post(tags=["Tide", "Tides"])
    post.revise(base=1, by=post.author, waits=True, tags=["TIDE"])
    plain.revise(base=1, by=plain.author, waits=True, tags=["Sea"])
    merge(db, boss)
    assert (shown(db, post), post.newest["tags"]) == ([], ["Tides"])
    assert plain.revision == 2


def test_posts_in_the_bin_and_pages_are_merged_as_well(db, boss):
    binned, page = a_binned_post(tags=["Tide"]), a_page(tags=["Tide"], live=True)
    a_post(tags=["Tides"])
    assert merge(db, boss) == 2
    assert [shown(db, post) for post in (binned, page)] == [["Tides"], ["Tides"]]
    assert (binned.status, page.status) == ("binned", "published")


def test_an_editor_whose_form_still_names_the_old_tag_keeps_the_new_one(db, boss):
    post = a_post(tags=["Tide"])
    a_post(tags=["Tides"])
    merge(db, boss)
    db.session.refresh(post)
    post.revise(base=1, by=post.author, waits=True, body="Meanwhile.", tags=["Tide", "Moon"])
    assert shown(db, post) == ["Moon", "Tides"]
    assert "Tide" not in db.session.scalars(select(Tag.name)).all()


def test_dates_and_words_stay_as_they_were(db, boss):
    post = a_post(tags=["Tide"], live=True)
    a_post(tags=["Tides"])
    before = (post.published_at, post.edited_at, post.body, post.slug)
    merge(db, boss)
    db.session.refresh(post)
    assert (post.published_at, post.edited_at, post.body, post.slug) == before


def test_it_is_recorded_once_with_the_number_of_posts(db, boss):
    a_post(tags=["Tide"])
    a_post(tags=["Tides"])
    merge(db, boss)
    [entry] = db.session.scalars(AuditEntry.newest())
    assert (entry.action, entry.subject, entry.actor) == ("merged the tag", "Tide into Tides", boss)
    assert entry.detail == {"into": "Tides", "posts": 1}


def test_a_tag_of_no_posts_only_goes(db, boss):
    Tag.named(["Tide", "Tides"])
    assert merge(db, boss) == 0
    assert db.session.scalars(select(Tag.name)).all() == ["Tides"]


def test_a_tag_cannot_become_itself(db, boss):
    a_post(tags=["Tide"])
    with pytest.raises(ValueError, match="itself"):
        merge(db, boss, "Tide", "Tide")
    assert db.session.scalar(select(Tag.name)) == "Tide"


def test_many_posts_are_merged_in_a_number_of_steps_that_their_texts_do_not_slow(db, boss):
    me = an_editor()
    posts = [a_post(by=me, tags=["Tide"], live=n % 2 == 0) for n in range(60)]
    a_post(tags=["Tides"])
    assert merge(db, boss) == 60
    assert {tuple(shown(db, post)) for post in posts} == {("Tides",)}
    assert len(db.session.scalars(select(Post)).all()) == 61
