"""`flask bin empty`: what has been in the bin for thirty days goes for good, and nothing else does."""

from datetime import timedelta

import pytest
from factories import a_page, a_post, an_admin, an_editor
from sqlalchemy import event, func, select

from blog import emptying
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Kept, OldSlug, Post, Review, Revision, Tag
from blog.models.post import BIN_KEEPS

LONG_AGO = utcnow() - BIN_KEEPS - timedelta(hours=1)


@pytest.fixture
def empty(real_app):
    """Empties the bin; the blog's database is at hand before and after."""
    with real_app.app_context():

        def command(*options):
            the_db.session.commit()
            the_db.session.remove()
            result = real_app.test_cli_runner().invoke(args=["bin", "empty", *options])
            assert result.exception is None, result.exception
            return result.output

        yield command
        the_db.session.remove()


def left() -> list[str]:
    return list(the_db.session.scalars(select(Post.title).order_by(Post.title)))


def test_only_what_has_been_there_for_thirty_days_goes(empty):
    a_post(title="A draft")
    a_post(title="Live", live=True)
    a_post(title="Fresh", live=True, binned_at=utcnow() - BIN_KEEPS + timedelta(hours=1))
    a_post(title="Old", binned_at=LONG_AGO)
    a_page(title="Old page", binned_at=LONG_AGO)
    assert empty() == "2 posts were deleted for good.\n"
    assert left() == ["A draft", "Fresh", "Live"]
    assert empty() == "0 posts were deleted for good.\n"


def test_a_dry_run_says_what_would_go_and_deletes_nothing(empty):
    a_post(title="Old", binned_at=LONG_AGO)
    told = empty("--dry-run")
    assert "Old" in told
    assert told.endswith("1 post would be deleted for good.\n")
    assert left() == ["Old"]
    assert the_db.session.scalars(AuditEntry.newest()).all() == []


def test_all_that_hangs_on_a_post_goes_with_it_and_the_log_remembers(empty):
    ada = an_editor()
    post = a_post(by=ada, live=True, title="Old", slug="old", tags=["rain"])
    post.revise(base=1, by=ada, slug="older")
    Review.ask(post, an_admin(), by=ada)
    the_db.session.add(Kept(user_id=ada.id, post_id=post.id))
    post.bin(base=2, by=ada)
    post.binned_at = LONG_AGO
    post_id = post.id
    empty()
    for model in (Post, Revision, OldSlug, Review, Kept):
        assert the_db.session.scalar(select(func.count()).select_from(model)) == 0, model
    assert the_db.session.scalar(select(Tag.dated_posts)) == 0
    entry = the_db.session.scalar(AuditEntry.newest().limit(1))
    assert (entry.action, entry.subject, entry.origin) == ("deleted for good", "Old", "command line")
    assert entry.detail == {"post": post_id, "address": "/posts/older"}


def test_the_counts_of_tags_stay_right(empty):
    a_post(live=True, tags=["rain"])
    a_post(live=True, tags=["rain"], binned_at=LONG_AGO)
    empty()
    assert the_db.session.scalar(select(Tag.dated_posts)) == 1


def test_an_address_that_was_taken_back_is_simply_gone_afterwards(real_app, empty):
    a_post(slug="old", live=True, first_published_at=LONG_AGO, binned_at=LONG_AGO)
    the_db.session.commit()
    assert real_app.test_client().get("/posts/old").status_code == 410
    empty()
    assert real_app.test_client().get("/posts/old").status_code == 404


def test_broken_off_it_goes_on_where_it_was(real_app, empty, monkeypatch):
    monkeypatch.setattr(emptying, "BATCH", 2)
    for _ in range(7):
        a_post(binned_at=LONG_AGO)
    the_db.session.commit()
    commits = []

    def break_off(_session):
        commits.append(1)
        if len(commits) == 3:
            raise KeyboardInterrupt

    event.listen(the_db.session, "before_commit", break_off)
    try:
        result = real_app.test_cli_runner().invoke(args=["bin", "empty"])
    finally:
        event.remove(the_db.session, "before_commit", break_off)
    assert result.exit_code != 0
    the_db.session.rollback()
    assert len(left()) == 3
    assert empty() == "3 posts were deleted for good.\n"
    assert len(the_db.session.scalars(AuditEntry.newest()).all()) == 7


def test_what_somebody_restores_meanwhile_stays(empty):
    ada = an_editor()
    post = a_post(by=ada, title="Saved", binned_at=LONG_AGO)
    post.restore(base=1, by=ada)
    empty()
    assert left() == ["Saved"]
