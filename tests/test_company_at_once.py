"""Several people at one post at once, with real threads, connections and commits, on both databases."""

from uuid import uuid4

import pytest
from factories import a_post, an_admin, an_editor
from sqlalchemy import func, select
from test_races import at_once, browser_of, committed, saved

from blog.database import db
from blog.models import (
    AuditEntry,
    Post,
    Presence,
    PreviewLink,
    PreviewUse,
    Review,
    ReviewComment,
    Tag,
    User,
    merge_tags,
)
from blog.models.tag import post_tags

ROUNDS = 6


@pytest.fixture
def app(real_app):
    with real_app.app_context():
        yield real_app


def press(browser, path, **data):
    return lambda: browser.post(path, data=data).status_code


def number_of(model) -> int:
    return ask(select(func.count()).select_from(model)) or 0


def ask(question):
    """The answer, without holding the file that SQLite gives to one at a time."""
    db.session.rollback()
    answer = db.session.scalar(question)
    db.session.rollback()
    return answer


def test_the_same_review_asked_by_two_at_once_is_one(app):
    ada, boss, grace = saved(an_editor(), an_admin(), an_editor(email="grace@example.com"))
    browsers = [browser_of(app, user_id) for user_id in (ada, boss)]
    for number in range(1, ROUNDS):
        path = f"/write/posts/{saved(a_post(by=db.session.get(User, ada)))}/reviews"
        jobs = [press(browser, path, email="grace@example.com") for browser in browsers]
        assert at_once(app, *jobs) == [302, 302]
        assert number_of(Review) == number
    assert grace


def test_an_approval_pressed_twice_at_once_is_one_and_a_comment_too(app):
    ada, grace = saved(an_editor(), an_editor())
    browser = browser_of(app, grace)
    for number in range(1, ROUNDS):
        post = a_post(by=db.session.get(User, ada))
        at = f"/write/reviews/{saved(Review.ask(post, db.session.get(User, grace), by=post.author))}"
        said = {"words": "Hm.", "uid": str(uuid4())}
        jobs = [press(browser, f"{at}/verdict", verdict="approved")] * 3 + [
            press(browser, f"{at}/comments", **said)
        ] * 3
        assert at_once(app, *jobs) == [302] * 6
        assert number_of(ReviewComment) == number
        approved = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "approved")
        assert ask(approved) == number


def test_a_preview_link_made_twice_at_once_is_one(app):
    ada = saved(an_editor())
    browser = browser_of(app, ada)
    post_id = saved(a_post(by=db.session.get(User, ada)))
    for number in range(1, ROUNDS):
        sent = {"shows": "saved", "days": "7", "uid": str(uuid4())}
        results = at_once(app, *[press(browser, f"/write/posts/{post_id}/preview-links", **sent)] * 3)
        assert sorted(results) == [201, 302, 302]
        assert number_of(PreviewLink) == number


def test_visits_at_once_are_all_answered_and_the_count_says_what_the_log_says(app):
    post = a_post()
    secret = PreviewLink.make(post, "saved", days=1, by=post.author, uid=uuid4())
    saved(post)

    def visit() -> int:
        return app.test_client().get(f"/preview/{secret}").status_code

    assert at_once(app, *[visit] * 8) == [200] * 8
    counted = number_of(PreviewUse)
    assert 0 < counted <= 8
    assert ask(select(PreviewLink.uses)) == counted


def test_those_who_open_a_post_never_keep_anybody_from_saving_it(app):
    ada, grace = saved(an_editor(), an_editor())
    post = a_post(by=db.session.get(User, ada))
    post.co_authors.append(db.session.get(User, grace))
    path = f"/write/posts/{saved(post)}"
    browsers = [browser_of(app, user_id) for user_id in (ada, grace)]

    def open_it(browser):
        return lambda: browser.get(path).status_code

    for number in range(ROUNDS):
        sent = {"title": f"Round {number}", "base": str(1 + number)}
        jobs = [open_it(browser) for browser in browsers] + [press(browsers[0], path, **sent)]
        jobs += [press(browser, f"{path}/presence") for browser in browsers]
        assert at_once(app, *jobs) == [200, 200, 302, 200, 200], number
    db.session.rollback()
    assert db.session.get(Post, post.id).title == f"Round {ROUNDS - 1}"


def test_a_page_does_not_wait_for_a_long_writer(app):
    ada = saved(an_editor())
    path = f"/write/posts/{saved(a_post(by=db.session.get(User, ada)))}"
    browser = browser_of(app, ada)
    db.session.execute(select(Post.id).with_for_update())  # the lock is held from here on
    assert at_once(app, lambda: browser.get(path).status_code) == [200]
    db.session.commit()
    assert number_of(Presence) == 0
    assert at_once(app, lambda: browser.get(path).status_code) == [200]
    assert number_of(Presence) == 1


def test_tags_merged_while_posts_are_saved_and_begun_leave_no_post_with_the_old_one(app):
    boss, ada = saved(an_admin(), an_editor())
    browser = browser_of(app, ada)
    for number in range(ROUNDS):
        old, new = f"Old {number}", f"New {number}"
        author = db.session.get(User, ada)
        posts = [a_post(by=author, live=n % 2 == 0, tags=[old]) for n in range(4)]
        a_post(by=author, tags=[new])
        ids = saved(*posts)

        @committed
        def merge(old=old, new=new):
            tags = [db.session.scalars(select(Tag).where(Tag.name == name)).one() for name in (old, new)]
            return merge_tags(*tags, by=db.session.get(User, boss))

        jobs = [press(browser, f"/write/posts/{one}", base="1", tags=f"{old}, More {number}", title="T") for one in ids]
        jobs += [press(browser, "/write/posts/new", title="New", tags=f"More {number}", uid=str(uuid4()), base="0")]
        results = at_once(app, merge, *jobs)
        assert isinstance(results[0], int), results
        assert set(results[1:]) <= {302, 409}, results
        db.session.rollback()
        left = select(func.count()).select_from(post_tags).join(Tag).where(Tag.name == old)
        assert ask(left) == 0
        for one in ids:
            names = {tag.name for tag in db.session.get(Post, one).tags}
            assert new in names
        db.session.rollback()
