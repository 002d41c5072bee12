"""How a post moves on: what waits, what readers get of it, and what two people's changes come to."""

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import a_post, a_scheduled_post, an_admin, an_editor

from blog.database import utcnow
from blog.models import Post, PublishError, Revision, StaleError, WorkingCopy, hand_over

BODY = "The first sentence. The second sentence.\n\nThe third sentence."


@pytest.fixture
def ada(db):
    return an_editor(name="Ada")


@pytest.fixture
def bob(db):
    return an_admin(name="Bob")


@pytest.fixture
def live(ada):
    return a_post(by=ada, live=True, title="Title", slug="title", body=BODY, tags=["one"])


@pytest.fixture
def draft(ada):
    return a_post(by=ada, title="Title", slug="title", body=BODY)


def save(post, base, by, *, copy=None, **changes):
    return post.revise(base=base, by=by, waits=True, copy=copy, **changes)


def handed_in(post, by, *, base, copy_id=None, seq=0, **changes):
    """Saved from a page of the editor that goes on standing open. Returns the name of the page."""
    copy_id = copy_id or uuid4()
    copy = WorkingCopy.begun_as(copy_id, None, post, by)
    save(post, base, by, copy=copy, **changes)
    WorkingCopy.hand_in(copy_id, post, by, seq=seq, content=changes, typed={"body": changes.get("body", "")})
    return copy_id


def page_of(copy_id, post, by):
    return WorkingCopy.begun_as(copy_id, None, post, by)


# What waits


@pytest.mark.parametrize("kind", [a_post, a_scheduled_post])
def test_what_is_saved_waits_and_readers_keep_what_was_published(db, ada, kind):
    post = kind(by=ada, title="Before", body=BODY, tags=["one"], **({"live": True} if kind is a_post else {}))
    assert save(post, 1, ada, title="After", body="New.", tags=["two"], summary="S")
    db.session.flush()
    db.session.expire_all()
    assert (post.title, post.body, post.summary, [tag.name for tag in post.tags]) == ("Before", BODY, "", ["one"])
    assert (post.has_changes, post.revision, post.out_revision) == (True, 2, 1)
    assert (post.newest["title"], post.newest["body"], post.newest["tags"]) == ("After", "New.", ["two"])
    assert post.edited_at < utcnow()


def test_what_waits_is_let_out_by_publishing_and_keeps_its_date(db, ada, live):
    date = live.published_at
    save(live, 1, ada, body="New.", tags=["two"])
    assert live.publish(base=2, by=ada)
    assert (live.body, [tag.name for tag in live.tags], live.published_at) == ("New.", ["two"], date)
    assert (live.has_changes, live.revision, live.out_revision) == (False, 3, 3)
    assert not live.publish(base=3, by=ada)


def test_a_draft_and_what_is_binned_wait_for_nothing(db, ada, draft):
    save(draft, 1, ada, body="New.")
    assert (draft.body, draft.has_changes) == ("New.", False)
    draft.bin(base=2, by=ada)
    save(draft, 3, ada, body="Newer.")
    assert (draft.body, draft.has_changes) == ("Newer.", False)


@pytest.mark.parametrize("deed", ["unpublish", "bin"])
def test_what_waited_is_the_text_of_a_post_that_readers_no_longer_see(db, ada, live, deed):
    save(live, 1, ada, body="New.")
    assert getattr(live, deed)(base=2, by=ada)
    assert (live.body, live.has_changes, live.is_live) == ("New.", False, False)


def test_saving_what_readers_have_over_what_waits_is_a_change_that_waits(db, ada, live):
    save(live, 1, ada, body="New.")
    assert save(live, 2, ada, body=BODY)
    assert (live.revision, live.has_changes, live.newest["body"]) == (3, True, BODY)


def test_a_live_post_may_wait_without_a_title_but_not_go_out_so(db, ada, live):
    assert save(live, 1, ada, title="", body="")
    with pytest.raises(PublishError) as refusal:
        live.publish(base=2, by=ada)
    assert refusal.value.field == "title"
    assert (live.title, live.body, live.revision) == ("Title", BODY, 2)


def test_a_hand_over_lets_nothing_out_that_waits(db, ada, bob, live):
    save(live, 1, ada, body="New.")
    hand_over(live.id, bob.id, by=None)
    db.session.expire_all()
    assert (live.author, live.body, live.newest["body"]) == (bob, BODY, "New.")
    assert (live.has_changes, live.revision, live.out_revision) == (True, 3, 1)
    assert live.publish(base=3, by=bob)
    assert live.body == "New."


def test_a_hand_over_of_what_is_in_step_leaves_nothing_waiting(db, bob, live):
    hand_over(live.id, bob.id, by=None)
    assert (live.revision, live.out_revision) == (2, 2)


# Amending


def with_tag(content):
    return content | {"tags": sorted([*content["tags"], "new"])}


def test_an_amendment_reaches_readers_and_what_waits_and_lets_nothing_else_out(db, ada, live):
    save(live, 1, ada, body="New.", tags=["one", "two"])
    assert live.amend(with_tag, by=None, what="tags merged")
    db.session.expire_all()
    assert (live.body, [tag.name for tag in live.tags]) == (BODY, ["new", "one"])
    assert (live.newest["body"], live.newest["tags"]) == ("New.", ["new", "one", "two"])
    assert (live.revision, live.out_revision) == (3, 1)
    assert not live.amend(dict, by=None, what="nothing")
    assert live.revision == 3


def test_an_amendment_of_a_post_in_step_is_seen_at_once(db, live):
    assert live.amend(with_tag, by=None, what="tags merged")
    assert ([tag.name for tag in live.tags], live.revision, live.out_revision) == (["new", "one"], 2, 2)


# Joined


def test_changes_of_two_in_different_places_are_joined_and_neither_is_lost(db, ada, bob, draft):
    save(draft, 1, bob, body=BODY.replace("first", "very first"), summary="Bob's", tags=["bob"])
    done = save(draft, 1, ada, body=BODY.replace("third", "very third"), title="Ada's", tags=["ada"])
    assert done.found.theirs == ("summary", "body", "tags")
    assert draft.body == "The very first sentence. The second sentence.\n\nThe very third sentence."
    assert (draft.title, draft.summary, [tag.name for tag in draft.tags]) == ("Ada's", "Bob's", ["ada", "bob"])


def test_the_same_sentence_clashes_and_names_the_place(db, ada, bob, draft):
    save(draft, 1, bob, body=BODY.replace("second", "bobbed"), title="Bob's")
    with pytest.raises(StaleError) as stale:
        save(draft, 1, ada, body=BODY.replace("second", "added"), title="Ada's")
    assert stale.value.found.clashes == ("body", "title")
    assert (draft.title, draft.revision) == ("Bob's", 2)


@pytest.mark.parametrize("base", [None, -1, 2, 999_999_999])
def test_a_base_that_never_was_is_a_clash_unless_nothing_differs(db, ada, draft, base):
    with pytest.raises(StaleError) as stale:
        save(draft, base, ada, body="New.")
    assert stale.value.found is None
    assert not save(draft, base, ada, title="Title", body=BODY)
    assert draft.revision == 1


def test_a_revision_of_another_post_is_no_base(db, ada, draft):
    other = a_post(by=ada)
    for number in range(1, 4):
        save(other, number, ada, body=f"{number}")
    with pytest.raises(StaleError):
        save(draft, 3, ada, body="New.")


def test_a_deed_to_a_post_whose_state_somebody_changed_is_a_clash_though_the_texts_go_together(db, ada, bob, draft):
    draft.bin(base=1, by=bob)
    with pytest.raises(StaleError) as stale:
        draft.publish(base=1, by=ada, body=BODY + " More.")
    assert stale.value.found.clashes == ()
    assert not draft.is_live
    assert save(draft, 1, ada, body=BODY + " More.")
    assert draft.body.endswith("More.")


def test_what_readers_see_when_two_publish_is_both(db, ada, bob, live):
    live.publish(base=1, by=bob, body=BODY.replace("first", "very first"))
    live.publish(base=1, by=ada, body=BODY.replace("third", "very third"))
    assert live.body == "The very first sentence. The second sentence.\n\nThe very third sentence."
    assert not live.has_changes


# The same page goes on


def test_a_page_that_was_saved_goes_on_after_back_without_a_conflict(db, ada, draft):
    page = handed_in(draft, ada, base=1, body=BODY.replace("second", "mended"))
    assert save(draft, 1, ada, copy=page_of(page, draft, ada), body=BODY.replace("second", "twice mended"))
    assert draft.body == BODY.replace("second", "twice mended")
    assert draft.revision == 3


def test_a_page_that_was_joined_with_others_goes_on_and_reverts_nothing_of_theirs(db, ada, bob, draft):
    save(draft, 1, bob, body=BODY.replace("first", "very first"), summary="Bob's")
    mine = BODY.replace("third", "my third")
    page = handed_in(draft, ada, base=1, body=mine, summary="")
    for words in ("my own third", "my only third"):
        mine = BODY.replace("third", words)
        handed_in(draft, ada, base=1, copy_id=page, body=mine, summary="")
        assert draft.body == f"The very first sentence. The second sentence.\n\nThe {words} sentence."
        assert draft.summary == "Bob's"


def test_what_others_took_out_meanwhile_does_not_come_back_with_a_page_that_goes_on(db, ada, bob, draft):
    page = handed_in(draft, ada, base=1, body=BODY + "\n\nMine.")
    save(draft, 2, bob, body=BODY.replace(" The second sentence.", "") + "\n\nMine.")
    save(draft, 1, ada, copy=page_of(page, draft, ada), body=BODY + "\n\nMine, and more.")
    assert draft.body == "The first sentence.\n\nThe third sentence.\n\nMine, and more."


def test_a_newer_base_counts_for_more_than_what_the_page_once_saved(db, ada, bob, draft):
    page = handed_in(draft, ada, base=1, body=BODY.replace("second", "mended"))
    save(draft, 2, bob, body=BODY.replace("second", "bobbed"))
    assert save(draft, 3, ada, copy=page_of(page, draft, ada), body=BODY.replace("second", "settled"))
    assert draft.body == BODY.replace("second", "settled")


def test_the_state_is_compared_with_what_the_page_itself_has_done(db, ada, draft):
    copy_id = uuid4()
    draft.publish(base=1, by=ada)
    WorkingCopy.hand_in(copy_id, draft, ada, seq=0, content={"body": BODY}, typed={})
    assert draft.unpublish(base=1, by=ada, copy=page_of(copy_id, draft, ada))
    assert not draft.is_live


# Back to what was


def test_a_revision_is_brought_back_as_the_newest_and_readers_wait_for_it(db, ada, live):
    live.publish(base=1, by=ada, body="New.", tags=["two"])
    assert live.bring_back(Revision.of(live, 1), base=2, by=ada)
    assert (live.body, live.newest["body"], live.newest["tags"]) == ("New.", BODY, ["one"])
    assert Revision.of(live, 3).what == "brought back 1"
    assert not live.bring_back(Revision.of(live, 1), base=3, by=ada)


def test_bringing_back_over_what_somebody_saved_meanwhile_joins_or_clashes(db, ada, bob, draft):
    save(draft, 1, ada, body=BODY.replace("first", "very first"))
    save(draft, 2, bob, body=BODY.replace("first", "very first").replace("third", "bobbed"))
    draft.bring_back(Revision.of(draft, 1), base=2, by=ada)
    assert draft.body == BODY.replace("third", "bobbed")
    save(draft, 4, bob, body=BODY.replace("first", "bobbed"))
    with pytest.raises(StaleError):
        draft.bring_back(Revision.of(draft, 2), base=4, by=ada)


def test_an_address_that_another_post_has_by_now_stays_behind(db, ada, draft):
    save(draft, 1, ada, slug="elsewhere", body="New.")
    a_post(slug="title")
    draft.bring_back(Revision.of(draft, 1), base=2, by=ada)
    assert (draft.slug, draft.body) == ("elsewhere", BODY)


def test_out_of_the_bin_comes_a_draft_with_what_was_typed(db, ada, live):
    live.bin(base=1, by=ada)
    assert live.restore(base=2, by=ada, body="New.")
    assert (live.published_at, live.binned_at, live.body) == (None, None, "New.")


def test_restoring_what_is_restored_and_published_already_lets_nothing_out(db, ada, live):
    assert live.restore(base=1, by=ada, body="New.")
    assert (live.is_live, live.body, live.newest["body"]) == (True, BODY, "New.")


# A second post of it


def test_a_copy_is_a_draft_of_ones_own_with_what_was_last_saved(db, ada, bob, live):
    live.revise(base=1, by=bob, featured=True)
    save(live, 2, ada, body="New.", title="Anew")
    twin = live.duplicate(by=bob, uid=uuid4())
    assert (twin.author, twin.title, twin.body, twin.revision) == (bob, "Anew", "New.", 1)
    assert (twin.published_at, twin.featured, twin.slug, twin.uid != live.uid) == (None, False, "title-2", True)
    assert [tag.name for tag in twin.tags] == ["one"]
    assert (live.body, live.revision) == (BODY, 3)


# Its address


def test_an_address_nobody_chose_follows_the_title_until_readers_know_it(db, ada):
    post = Post.start(ada, by=ada, title="First", body=BODY)
    save(post, 1, ada, title="Second", slug="first")
    assert post.slug == "second"
    post.publish(base=2, by=ada, title="Third")
    save(post, 3, ada, title="Fourth")
    assert (post.slug, post.newest["slug"]) == ("third", "third")
    post.unpublish(base=4, by=ada)
    save(post, 5, ada, title="Fifth")
    assert post.slug == "third"


def test_a_chosen_address_stays_whatever_the_title(db, ada, draft):
    save(draft, 1, ada, slug="chosen")
    save(draft, 2, ada, title="Another")
    assert draft.slug == "chosen"


def test_an_address_that_waited_and_was_taken_meanwhile_is_refused_when_it_would_go_out(db, ada, live):
    save(live, 1, ada, slug="new-name", body="New.")
    a_post(slug="new-name")
    with pytest.raises(PublishError) as refusal:
        live.publish(base=2, by=ada)
    assert refusal.value.field == "slug"
    assert (live.slug, live.body, live.has_changes) == ("title", BODY, True)
    assert live.publish(base=2, by=ada, slug="newer-name")
    assert (live.slug, [old.slug for old in live.old_slugs]) == ("newer-name", ["title"])


def test_a_rename_that_waits_leaves_no_old_address_until_it_is_out(db, ada, live):
    save(live, 1, ada, slug="new-name")
    assert (live.slug, live.old_slugs) == ("title", [])
    live.publish(base=2, by=ada)
    assert [old.slug for old in live.old_slugs] == ["title"]


def test_revisions_have_no_gaps_and_the_newest_is_what_the_post_says(db, ada, live):
    save(live, 1, ada, body="New.")
    live.amend(with_tag, by=None, what="tags merged")
    live.publish(base=3, by=ada, at=utcnow() + timedelta(days=1))
    live.unpublish(base=4, by=ada)
    db.session.flush()
    numbers = [then.number for then in Revision.since(live, 0)]
    assert numbers == [5, 4, 3, 2, 1]
    assert Revision.of(live, 5).content == live.content == live.newest


def test_joined_tags_are_in_order_and_sent_again_they_are_no_change(db, ada, bob, draft):
    save(draft, 1, bob, tags=["b", "y"])
    save(draft, 1, ada, tags=["a", "x"])
    assert draft.newest["tags"] == ["a", "b", "x", "y"] == Revision.of(draft, 3).tags
    assert not save(draft, 3, ada, tags=["a", "b", "x", "y"])
