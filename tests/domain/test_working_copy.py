"""Working copies: what is typed and not saved is kept, for its writer alone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import a_post, an_editor
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import TooManyCopiesError, WorkingCopy
from blog.models.carried_on import MOST_BEGUN
from blog.models.working_copy import MOST, SETTLED_KEPT


@pytest.fixture
def ada(db):
    return an_editor(name="Ada")


@pytest.fixture
def post(ada):
    return a_post(by=ada)


def keep(copy_id, post, by, seq=1, body="Typed.", **more):
    return WorkingCopy.keep(copy_id, post, by, base=post.revision, seq=seq, typed={"body": body}, **more)


def hand_in(copy_id, post, by, seq=1, body="Typed."):
    WorkingCopy.hand_in(copy_id, post, by, seq=seq, content={"body": body}, typed={"body": body})


def left(post, by) -> list[str]:
    return [copy.typed["body"] for copy in WorkingCopy.left(post, by)]


def test_what_is_typed_is_kept_under_the_number_of_the_page(ada, post):
    page = uuid4()
    assert keep(page, post, ada, 1, "One.") == 1
    assert keep(page, post, ada, 2, "One. Two.") == 2
    copy = WorkingCopy.of(page, post, ada)
    assert (copy.typed, copy.seq, copy.base, copy.is_unsaved) == ({"body": "One. Two."}, 2, 1, True)


def test_what_comes_late_changes_nothing_and_is_told_how_far_the_page_is(ada, post):
    page = uuid4()
    keep(page, post, ada, 5, "Five.")
    assert keep(page, post, ada, 4, "Four.") == 5
    assert keep(page, post, ada, 5, "Other.") == 5
    assert left(post, ada) == ["Five."]


def test_each_page_has_its_own_and_the_newest_comes_first(ada, post):
    for body in ("First.", "Second."):
        keep(uuid4(), post, ada, body=body)
    assert left(post, ada) == ["Second.", "First."]


def test_the_copy_of_somebody_else_or_of_another_post_is_not_touched(ada, post):
    bob, other, page = an_editor(), a_post(by=ada), uuid4()
    keep(page, post, ada, 1, "Ada's.")
    keep(page, post, bob, 9, "Bob's.")
    keep(page, other, ada, 9, "Of another.")
    hand_in(page, other, ada, 9)
    hand_in(page, post, bob, 9)
    for by, where in ((bob, post), (ada, other)):
        WorkingCopy.settle((page, 1), where, by)
        WorkingCopy.drop(page, where, by)
        assert WorkingCopy.of(page, where, by) is None
        assert left(where, by) == []
    assert left(post, ada) == ["Ada's."]


def test_there_is_room_for_a_hundred_and_the_hundredth_may_still_grow(ada, post):
    pages = [uuid4() for _ in range(MOST)]
    for page in pages:
        keep(page, post, ada)
    for seq in (0, 1, 2, 99):
        with pytest.raises(TooManyCopiesError, match="100 unsaved versions"):
            keep(uuid4(), post, ada, seq)
    assert keep(pages[-1], post, ada, 2, "More.") == 2
    assert keep(uuid4(), a_post(by=ada), ada) == 1
    assert keep(uuid4(), post, an_editor()) == 1
    WorkingCopy.drop(pages[0], post, ada)
    assert keep(uuid4(), post, ada) == 1


def test_pages_that_were_saved_take_nobodys_room(ada, post):
    for _ in range(MOST + 1):
        hand_in(uuid4(), post, ada)
    assert keep(uuid4(), post, ada) == 1


def test_what_was_saved_is_unsaved_no_more_and_says_what_the_page_goes_on_from(ada, post):
    page = uuid4()
    keep(page, post, ada, 3)
    hand_in(page, post, ada, 3)
    copy = WorkingCopy.of(page, post, ada)
    assert left(post, ada) == []
    assert (copy.handed_in, copy.handed_as, copy.handed_seq) == ({"body": "Typed."}, 1, 3)
    assert copy.goes_on_from(0)
    assert copy.goes_on_from(None)
    assert not copy.goes_on_from(1)
    assert copy.is_past(2, {}, "save")
    assert not copy.is_past(3, {}, "save")


def test_the_autosave_that_overtakes_its_own_form_is_saved_with_it(ada, post):
    page = uuid4()
    keep(page, post, ada, 4)
    hand_in(page, post, ada, 3)
    assert left(post, ada) == []
    assert keep(page, post, ada, 4) == 4
    assert left(post, ada) == []


def test_an_autosave_of_what_was_just_saved_leaves_nothing_unsaved(ada, post):
    page = uuid4()
    hand_in(page, post, ada, 3)
    assert keep(page, post, ada, 4) == 4
    assert left(post, ada) == []


def test_what_was_typed_while_the_form_was_on_its_way_stays_and_goes_on_from_it(ada, post):
    page = uuid4()
    keep(page, post, ada, 4, "Typed. And more.")
    hand_in(page, post, ada, 3)
    assert left(post, ada) == ["Typed. And more."]
    assert WorkingCopy.of(page, post, ada).handed_in == {"body": "Typed."}


def test_a_page_one_came_back_to_keeps_what_is_typed_next(ada, post):
    page = uuid4()
    hand_in(page, post, ada, 3)
    assert keep(page, post, ada, 4, "Typed. Back.") == 4
    assert left(post, ada) == ["Typed. Back."]


def test_what_was_refused_takes_the_place_of_the_last_autosave_every_time(ada, post):
    page = uuid4()
    for body in ("One.", "Two.", "Three."):  # a page without scripts counts nothing
        assert keep(page, post, ada, 0, body, pressed=True) == 0
        assert left(post, ada) == [body]
    hand_in(page, post, ada, 0, "Three, mended.")
    assert left(post, ada) == []
    keep(page, post, ada, 0, "Four.", pressed=True)
    assert left(post, ada) == ["Four."]


def test_what_is_refused_late_does_not_take_the_place_of_something_newer(ada, post):
    page = uuid4()
    keep(page, post, ada, 5, "Five.")
    assert keep(page, post, ada, 4, "Four.", pressed=True) == 5
    assert left(post, ada) == ["Five."]


def test_a_copy_that_another_page_took_over_is_settled_unless_more_was_typed_there(ada, post):
    old, busy = uuid4(), uuid4()
    keep(old, post, ada, 2)
    keep(busy, post, ada, 2)
    taken = [(page, WorkingCopy.of(page, post, ada).version) for page in (old, busy)]
    keep(busy, post, ada, 3, "More.")
    for page in taken:
        WorkingCopy.settle(page, post, ada)
    assert left(post, ada) == ["More."]


def test_a_page_that_took_a_text_over_goes_on_from_what_that_one_saved(ada, post):
    first, second = uuid4(), uuid4()
    hand_in(first, post, ada, 1)
    keep(first, post, ada, 2, "Typed. Back.")
    taken = (first, WorkingCopy.of(first, post, ada).version)
    assert WorkingCopy.begun_as(second, taken, post, ada).id == first
    WorkingCopy.keep(second, post, ada, base=0, seq=1, typed={"body": "Typed. On."}, after=taken)
    assert WorkingCopy.begun_as(second, taken, post, ada).handed_in == {"body": "Typed."}


def test_a_page_that_took_a_text_over_knows_nothing_of_what_that_one_saved_afterwards(ada, post):
    first, second = uuid4(), uuid4()
    keep(first, post, ada, 1)
    taken = (first, WorkingCopy.of(first, post, ada).version)
    hand_in(first, post, ada, 1, "Typed. And saved.")
    assert WorkingCopy.begun_as(second, taken, post, ada) is None


def test_two_tabs_that_took_over_one_text_double_none_of_it(ada):
    post = a_post(by=ada, body="Old.")
    old, one, other = uuid4(), uuid4(), uuid4()
    keep(old, post, ada, 1, "Old. Typed.")
    taken = (old, 1)
    post.revise(base=1, by=ada, copy=WorkingCopy.begun_as(one, taken, post, ada), body="Old. Typed. One.")
    hand_in(one, post, ada, 0, "Old. Typed. One.")
    WorkingCopy.settle(taken, post, ada, content={"body": "Old. Typed."})
    post.revise(base=1, by=ada, copy=WorkingCopy.begun_as(other, taken, post, ada), body="Other. Typed.")
    assert post.body == "Other. Typed. One."


def test_what_is_thrown_away_is_gone_and_nothing_else(ada, post):
    page, other = uuid4(), uuid4()
    keep(page, post, ada, body="Gone.")
    keep(other, post, ada, body="Kept.")
    WorkingCopy.drop(page, post, ada)
    assert left(post, ada) == ["Kept."]


def test_pages_that_were_saved_long_ago_are_swept_and_what_is_unsaved_never(ada, post):
    hand_in(uuid4(), post, ada)
    keep(uuid4(), post, ada, body="Unsaved.")
    long_ago = utcnow() - SETTLED_KEPT - timedelta(hours=1)
    for copy in the_db.session.scalars(select(WorkingCopy)):
        copy.saved_at = long_ago
    hand_in(uuid4(), post, ada)
    assert the_db.session.scalar(select(func.count()).select_from(WorkingCopy)) == 2
    assert left(post, ada) == ["Unsaved."]


def test_with_a_post_go_the_copies_of_it(db, ada, post):
    keep(uuid4(), post, ada)
    db.session.delete(post)
    db.session.flush()
    assert the_db.session.scalar(select(func.count()).select_from(WorkingCopy)) == 0


def test_of_a_page_that_cannot_count_a_form_that_comes_again_after_a_newer_one_is_known(post, ada):
    page = uuid4()
    for body in ("First.", "First. Second."):
        said = {"content": {"body": body}, "typed": {"body": body}, "deed": "save"}
        WorkingCopy.hand_in(page, post, ada, seq=0, **said)
    copy = WorkingCopy.of(page, post, ada)
    assert copy.is_past(0, {"body": "First."}, "save")
    assert not copy.is_past(0, {"body": "First."}, "publish")
    assert not copy.is_past(0, {"body": "First. Second."}, "save")
    assert not copy.is_past(0, {"body": "First. Third."}, "save")


def test_a_form_that_comes_twice_takes_nothing_from_what_its_page_has_typed_between(ada):
    post = a_post(by=ada, body="Old.")
    first, second = uuid4(), uuid4()
    post.revise(base=1, by=ada, body="Old. Saved.")
    hand_in(first, post, ada, 1, "Old. Saved.")
    keep(first, post, ada, seq=2, body="Old. Saved. Typed.")
    taken = first, WorkingCopy.of(first, post, ada).version
    begun(post, ada, second, taken, body="Old. Saved. Typed.")
    hand_in(first, post, ada, 1, "Old. Saved.")  # the same form, on its way for long
    assert left(post, ada) == ["Old. Saved. Typed."]
    copy = WorkingCopy.begun_as(second, taken, post, ada)
    post.revise(base=1, by=ada, copy=copy, body="Old. Saved. Typed. More.")
    assert post.body == "Old. Saved. Typed. More."


def test_a_form_that_comes_twice_leaves_what_was_refused_between(ada, post):
    page = uuid4()
    hand_in(page, post, ada, 0, "Saved.")
    WorkingCopy.keep(page, post, ada, base=1, seq=0, typed={"body": "Refused."}, pressed=True)
    hand_in(page, post, ada, 0, "Saved.")
    assert left(post, ada) == ["Refused."]


# Pages that began with each other's texts


def begun(post, by, copy_id, after, **typed):
    WorkingCopy.begin(copy_id, (post.id, by.id), after, base=post.revision, typed=typed, content=dict(typed))
    return copy_id, 1


def test_a_page_goes_on_from_what_it_took_over_though_that_was_saved_with_more(ada):
    post = a_post(by=ada, body="Old.")
    first, second = uuid4(), uuid4()
    keep(first, post, ada, seq=1, body="Old. Typed.")
    begun(post, ada, second, (first, 1), body="Old. Typed.")
    copy = WorkingCopy.begun_as(first, None, post, ada)
    post.revise(base=1, by=ada, copy=copy, body="More. Old. Typed.")
    hand_in(first, post, ada, 2, "More. Old. Typed.")
    took = WorkingCopy.begun_as(second, (first, 1), post, ada)
    assert (took.handed_in, took.handed_as) == ({"body": "Old. Typed."}, 2)
    post.revise(base=1, by=ada, copy=took, body="Old. Typed. Else.")
    assert post.body == "More. Old. Typed. Else."


def test_a_page_whose_text_was_taken_over_and_saved_there_goes_on_from_that(ada):
    post = a_post(by=ada, body="Old.")
    first, second, third = uuid4(), uuid4(), uuid4()
    keep(first, post, ada, seq=1, body="Old. Typed.")
    begun(post, ada, second, (first, 1), body="Old. Typed.")
    begun(post, ada, third, (second, 1), body="Old. Typed.")
    keep(first, post, ada, seq=2, body="More. Old. Typed.")
    post.revise(base=1, by=ada, body="Old. Typed. Third.")
    hand_in(third, post, ada, 1, "Old. Typed. Third.")
    copy = WorkingCopy.begun_as(first, None, post, ada)
    assert (copy.handed_in, copy.handed_as) == ({"body": "Old. Typed."}, 2)
    post.revise(base=1, by=ada, copy=copy, body="More. Old. Typed.")
    assert post.body == "More. Old. Typed. Third."


def test_pages_that_only_began_with_a_text_are_few_and_go_with_it(ada, post):
    first = uuid4()
    keep(first, post, ada, seq=1, body="Typed.")
    for _ in range(MOST_BEGUN + 3):
        begun(post, ada, uuid4(), (first, 1), body="Typed.")
    assert the_db.session.scalar(select(func.count()).select_from(WorkingCopy)) == MOST_BEGUN + 2
    assert [copy.id for copy in WorkingCopy.left(post, ada)] == [first]
    WorkingCopy.drop(first, post, ada)
    assert the_db.session.scalar(select(func.count()).select_from(WorkingCopy)) == 0


def test_a_text_that_another_page_took_over_is_unsaved_again_when_its_own_page_keeps_it(ada, post):
    first = uuid4()
    keep(first, post, ada, seq=1, body="Typed.")
    WorkingCopy.settle((first, 1), post, ada)
    keep(first, post, ada, seq=2, body="Typed.")
    assert [(copy.id, copy.version) for copy in WorkingCopy.left(post, ada)] == [(first, 1)]
