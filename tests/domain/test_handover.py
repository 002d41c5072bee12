"""Posts that change hands: wholly, or with a word about what is missing and nothing changed."""

import pytest
from factories import a_binned_post, a_post, a_user, an_admin, an_editor
from sqlalchemy import select

from blog.models import AuditEntry, HandOverError, Post, Revision, UserRole, hand_over, hand_over_all

NOBODY = 999_999


def entries(db) -> list[tuple[str, str]]:
    return [(entry.action, entry.subject) for entry in db.session.scalars(AuditEntry.newest())]


def test_a_post_moves_to_its_new_author_with_a_revision_and_a_line_in_the_log(db):
    me, to, admin = an_editor(name="Ada"), an_editor(name="Bob"), an_admin()
    post = a_post(by=me, title="On Engines", live=True)
    assert hand_over(post.id, to.id, by=admin) is post
    db.session.expire_all()
    assert post.author is to
    assert post.revision == 2
    assert (Revision.of(post, 2).what, Revision.of(post, 2).by) == ("handed over", admin)
    entry = db.session.scalars(AuditEntry.newest().limit(1)).one()
    assert (entry.action, entry.subject, entry.actor) == ("handed over", "On Engines", admin)
    assert entry.detail == {"post": post.id, "before": "Ada", "after": "Bob"}
    assert entry.about.name == "Ada"  # whom it was taken from


def test_of_what_somebody_gives_away_the_log_names_whom_it_went_to(db):
    ada, bob = an_editor(name="Ada"), an_editor(name="Bob")
    hand_over(a_post(by=ada).id, bob.id, by=ada)
    entry = db.session.scalars(AuditEntry.newest().limit(1)).one()
    assert (entry.actor, entry.about) == (ada, bob)


def test_the_words_and_dates_of_a_post_stay_when_it_moves(db):
    post, to = a_post(live=True, tags=["one"]), an_editor()
    before = (post.body, post.html, post.published_at, post.edited_at, post.slug, post.uid)
    hand_over(post.id, to.id, by=None)
    db.session.expire_all()
    assert (post.body, post.html, post.published_at, post.edited_at, post.slug, post.uid) == before
    assert [tag.name for tag in post.tags] == ["one"]


@pytest.mark.parametrize("role", [UserRole.editor, UserRole.admin])
def test_it_may_go_to_anybody_who_writes(db, role):
    post, to = a_post(), a_user(role)
    assert hand_over(post.id, to.id, by=None).author is to


def test_to_who_has_it_already_nothing_happens(db):
    post = a_post()
    hand_over(post.id, post.author_id, by=None)
    assert post.revision == 1
    assert entries(db) == []


def fails(db, post_id: int, to_id: int, words: str) -> None:
    """The hand-over fails with these words, and all else that the transaction did stays."""
    other = a_post(title="Before")
    other.revise(base=1, by=None, title="After")
    before = [(post.id, post.author_id, post.revision) for post in db.session.scalars(select(Post).order_by(Post.id))]
    with pytest.raises(HandOverError, match=words):
        hand_over(post_id, to_id, by=None)
    db.session.commit()
    db.session.expire_all()
    assert other.title == "After"
    assert before == [
        (post.id, post.author_id, post.revision) for post in db.session.scalars(select(Post).order_by(Post.id))
    ]
    assert entries(db) == []


def test_a_missing_post_is_named_and_everything_stays_as_it_was(db):
    fails(db, NOBODY, an_editor().id, f"There is no post {NOBODY}.")


def test_a_missing_user_is_named_and_everything_stays_as_it_was(db):
    fails(db, a_post().id, NOBODY, f"There is no user {NOBODY}.")


@pytest.mark.parametrize("who", [{"role": UserRole.viewer}, {"role": UserRole.admin, "is_active": False}])
def test_who_may_not_write_is_named_and_everything_stays_as_it_was(db, who):
    fails(db, a_post().id, a_user(name="Carl", **who).id, "Carl may not write posts.")


def test_a_change_that_is_not_yet_saved_is_neither_lost_nor_taken_along(db):
    to, viewer, post = an_editor(), a_user(), a_post()
    me = post.author
    me.biography = "New."
    with pytest.raises(HandOverError):
        hand_over(post.id, viewer.id, by=None)
    assert me.biography == "New."
    hand_over(post.id, to.id, by=None)
    db.session.commit()
    db.session.expire_all()
    assert (me.biography, post.author) == ("New.", to)


def test_a_hand_over_that_breaks_half_way_changes_nothing(db, monkeypatch):
    post, to, other = a_post(), an_editor(), a_post(title="Before")
    me = post.author
    other.title = "After"
    monkeypatch.setattr("blog.models.handover.record", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hand_over(post.id, to.id, by=None)
    db.session.commit()
    db.session.expire_all()
    assert (post.author, post.revision, other.title) == (me, 1, "After")
    assert Revision.of(post, 2) is None


def test_all_posts_of_a_person_move_whatever_their_state_and_nobody_elses(db):
    me, to, admin = an_editor(), an_editor(), an_admin()
    mine = [a_post(by=me), a_post(by=me, live=True), a_binned_post(by=me)]
    others = a_post(live=True, co_authors=[me])
    assert hand_over_all(me, to, by=admin) == 3
    db.session.expire_all()
    assert [post.author for post in mine] == [to] * 3
    assert others.author not in (me, to)
    assert hand_over_all(me, to, by=admin) == 0
    assert len(entries(db)) == 3


def test_all_posts_move_or_none(db, monkeypatch):
    me, to, admin = an_editor(), an_editor(), an_admin()
    posts = [a_post(by=me) for _ in range(3)]
    allowed = iter([True, True, False])
    monkeypatch.setattr("blog.models.user.User.can", lambda user, permission: next(allowed))
    with pytest.raises(HandOverError):
        hand_over_all(me, to, by=admin)
    monkeypatch.undo()
    db.session.commit()
    db.session.expire_all()
    assert [(post.author, post.revision) for post in posts] == [(me, 1)] * 3
    assert entries(db) == []
    assert next(allowed, None) is None  # the third is the one that failed
