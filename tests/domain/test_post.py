"""Posts: what state they are in, who sees what of them, and how they change."""

from datetime import timedelta

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, a_user, an_admin, an_editor
from sqlalchemy import func, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from blog.database import utcnow
from blog.markdown import RENDERER_VERSION, render
from blog.models import (
    Anonymous,
    AuditEntry,
    Post,
    PostStatus,
    PublishError,
    Revision,
    StaleError,
    Tag,
    Visibility,
)
from blog.models.post import BIN_KEEPS
from blog.posts.lists import featured_first

NOW = utcnow()
DAY = timedelta(days=1)
OURS = "/media/ab/ab" + "0" * 30 + "-1200x800.png"


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of posts."""

    def set_to(moment):
        for module in ("post", "revising"):
            monkeypatch.setattr(f"blog.models.{module}.utcnow", lambda: moment)
        return moment

    return set_to


def entries(db) -> list[str]:
    db.session.flush()
    return [entry.action for entry in db.session.scalars(AuditEntry.newest())][::-1]


def revisions(post) -> list[str]:
    query = select(Revision.what).where(Revision.post_id == post.id).order_by(Revision.number)
    return list(inspect(post).session.scalars(query))


# Its state


@pytest.mark.parametrize("binned", [None, NOW - DAY, NOW + DAY])
@pytest.mark.parametrize("published", [None, NOW - DAY, NOW - timedelta(microseconds=1), NOW, NOW + DAY])
def test_a_state_means_the_same_in_python_and_in_the_database(db, at, published, binned):
    at(NOW)
    post = a_post(published_at=published, binned_at=binned)
    if binned:
        expected = PostStatus.binned
    elif published is None:
        expected = PostStatus.draft
    else:
        expected = PostStatus.scheduled if published > NOW else PostStatus.published
    assert post.status is expected
    assert post.is_live == (expected is PostStatus.published)
    assert db.session.scalar(select(Post.status)) == expected
    for status in PostStatus:
        assert db.session.scalars(select(Post).where(Post.status == status)).all() == [post] * (status is expected)
        assert db.session.scalars(select(Post).where(Post.status != status)).all() == [post] * (status is not expected)
    assert db.session.scalars(Post.live()).all() == [post] * post.is_live
    assert list(Post.published()) == [post] * post.is_live


def test_a_scheduled_post_goes_live_by_itself_at_its_moment(db, at):
    post = a_post(published_at=NOW + DAY)
    for moment, live in ((NOW, False), (NOW + DAY - timedelta(microseconds=1), False), (NOW + DAY, True)):
        at(moment)
        assert post.is_live == live
        assert db.session.scalars(Post.live()).all() == [post] * live


def test_posts_can_be_counted_by_state(db):
    for build in (a_post, a_scheduled_post, a_binned_post, a_binned_post):
        build()
    status = Post.status
    rows = db.session.execute(select(status, func.count()).group_by(status)).all()
    assert sorted(tuple(row) for row in rows) == [("binned", 2), ("draft", 1), ("scheduled", 1)]


def test_the_status_of_a_post_is_not_a_thing_to_be_set(db):
    with pytest.raises((AttributeError, TypeError)):
        a_post(status=PostStatus.published)


# Reading the published


def test_the_published_posts_come_newest_first_with_their_authors_in_one_query(db, queries):
    me = an_editor(name="Ada")
    moments = (NOW - DAY, NOW - 3 * DAY, NOW - DAY, NOW - 2 * DAY)
    first, second, third, fourth = (a_post(by=me, published_at=moment).id for moment in moments)
    for build in (a_post, a_scheduled_post, a_binned_post):
        build()
    db.session.expunge_all()
    with queries() as seen:
        found = Post.published()
        assert [post.id for post in found] == [third, first, fourth, second]
        assert {post.author.name for post in found} == {"Ada"}
    assert len(seen) == 1
    assert "posts.body" not in seen[0]
    assert "posts.html" not in seen[0]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, slice(0, 20)),
        ({"limit": 5}, slice(0, 5)),
        ({"limit": 5, "offset": 3}, slice(3, 8)),
        ({"offset": 20}, slice(20, 40)),
        ({"limit": 0}, slice(0, 0)),
        ({"offset": 1000}, slice(1000, None)),
    ],
)
def test_twenty_published_posts_are_read_from_the_first_unless_asked_otherwise(db, asked, found):
    me = an_editor()
    ids = [a_post(by=me, published_at=NOW - number * DAY).id for number in range(1, 24)]
    assert [post.id for post in Post.published(**asked)] == ids[found]


def test_featured_posts_come_first_where_that_is_asked_for(db):
    me = an_editor()
    old = a_post(by=me, published_at=NOW - 3 * DAY, featured=True)
    new, older = a_post(by=me, published_at=NOW - DAY), a_post(by=me, published_at=NOW - 9 * DAY, featured=True)
    a_scheduled_post(by=me, featured=True)
    assert db.session.scalars(featured_first()).all() == [old, older, new]


def test_a_list_costs_the_same_for_one_post_and_for_ten(db, queries):
    me = an_editor()

    def listed() -> tuple[int, int]:
        db.session.flush()
        db.session.expunge_all()
        with queries() as seen:
            posts = db.session.scalars(Post.for_a_list(Post.live())).all()
            assert all(len(post.byline) == 2 and len(post.tags) == 1 for post in posts)
        return len(posts), len(seen)

    a_post(by=me, live=True, tags=["a"], co_authors=[an_editor()])
    one, few = listed()
    for _ in range(9):
        a_post(live=True, tags=["a"], co_authors=[an_editor()])
    ten, many = listed()
    assert (one, ten) == (1, 10)
    assert few == many == 3


def test_the_posts_of_a_person_are_those_they_wrote_alone_or_with_others(db):
    me, other = an_editor(), an_editor()
    alone, together, _theirs = a_post(by=me), a_post(by=other, co_authors=[me]), a_post(by=other)
    assert db.session.scalars(select(Post).where(Post.of(me.id)).order_by(Post.id)).all() == [alone, together]


# What readers are told


def test_a_members_only_post_shows_strangers_its_summary_and_nothing_of_its_body(db):
    told, silent = a_post(members=True, body="Secret.", summary="About it."), a_post(members=True, body="Secret.")
    public = a_post(body="Open.")
    stranger, member = Anonymous(), a_user()
    assert [post.standfirst(stranger) for post in (told, silent, public)] == ["About it.", "", "Open."]
    assert [post.standfirst(member) for post in (told, silent, public)] == ["About it.", "Secret.", "Open."]
    assert silent.standfirst(an_admin(is_active=False)) == ""


def test_the_byline_names_the_owner_first_and_nobody_twice(db):
    owner, anna, zoe = an_editor(name="Mona"), an_editor(name="Anna"), an_editor(name="Zoe")
    post = a_post(by=owner, co_authors=[zoe, owner, anna])
    db.session.expire_all()
    assert post.byline == [owner, anna, zoe]
    assert post.is_by(owner)
    assert post.is_by(anna)
    assert not post.is_by(an_editor())


def test_a_post_without_a_title_has_a_headline_all_the_same(db):
    assert (a_post(title="").headline, a_post(title="Mine").headline) == ("Untitled post", "Mine")


@pytest.mark.parametrize(
    ("published", "later"), [(NOW - 3 * DAY, True), (NOW - DAY, False), (NOW + DAY, False), (None, False)]
)
def test_readers_are_told_of_changes_long_after_publication(db, published, later):
    assert a_post(published_at=published, edited_at=NOW).edited_later == later


def test_a_binned_post_says_when_the_bin_may_be_emptied_of_it(db):
    assert a_post(binned_at=NOW).gone_at == NOW + BIN_KEEPS
    assert a_post().gone_at is None


# Its body


def test_the_body_is_always_rendered(db):
    body = f"# Hi\n\n*Some* <script>x</script>words.\n\n![A cat]({OURS})"
    post = a_post(body=body)
    rendered = render(body)
    db.session.expire_all()
    assert (post.html, post.excerpt, post.words) == (rendered.html, rendered.excerpt, rendered.words)
    assert (post.picture, post.picture_alt, post.picture_size) == (OURS, "A cat", (1200, 800))
    assert post.renderer == RENDERER_VERSION
    post.revise(base=1, by=None, body="Only words.")
    db.session.flush()
    db.session.expire_all()
    assert (post.html, post.excerpt, post.words) == ("<p>Only words.</p>\n", "Only words.", 2)
    assert (post.picture, post.picture_alt, post.picture_size) == ("", "", (0, 0))
    assert post.reading_minutes == 1


def test_a_post_may_be_begun_with_nothing(db):
    post = a_post(title="", body="")
    assert (post.html, post.excerpt, post.words, post.status) == ("", "", 0, PostStatus.draft)


@pytest.mark.parametrize("body", ["x" * 5000, "漢" * 5000, "<p>" + "&amp;" * 900, f"![{'a' * 5000}]({OURS})"])
def test_whatever_the_body_says_what_lists_show_of_it_fits(db, body):
    post = a_post(body=body)
    assert len(post.excerpt) <= 300
    assert len(post.picture_alt) <= 500


def test_a_post_keeps_its_name_in_feeds_whatever_changes(db):
    post, other = a_post(), a_post()
    uid = post.uid
    post.revise(base=1, by=None, title="New", slug="new", body="New.", author=other.author)
    db.session.flush()
    db.session.expire_all()
    assert post.uid == uid != other.uid


# Changing it


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "New"),
        ("slug", "new"),
        ("summary", "New"),
        ("body", "New"),
        ("language", "de"),
        ("visibility", Visibility.members),
        ("featured", True),
        ("tags", ["New"]),
    ],
)
def test_a_change_is_one_more_revision_and_the_same_change_again_is_none(db, name, value):
    me = an_editor()
    post = a_post(by=me, tags=["Old"])
    assert post.revise(base=1, by=me, **{name: value})
    assert post.revision == 2
    assert not post.revise(base=1, by=me, **{name: value})  # as when a form is sent twice
    assert not post.revise(base=2, by=me, **{name: value})
    assert post.revision == 2
    assert revisions(post) == ["started", "saved"]
    now = getattr(post, name)
    assert ([tag.name for tag in now] if name == "tags" else now) == value


def test_tags_in_another_order_or_spelling_are_no_change(db):
    post = a_post(tags=["a", "B", "c"])
    db.session.expire_all()
    assert not post.revise(base=1, by=None, tags=["c", "a", "b", "A"])
    assert post.revise(base=1, by=None, tags=["c", "a"])


@pytest.mark.parametrize("base", [None, 0, 1, 3])
def test_a_save_from_another_base_is_refused_and_nothing_changes(db, base):
    post = a_post(title="Old", tags=["old"])
    post.revise(base=1, by=None, body="Second.")
    with pytest.raises(StaleError, match=f"Old is at revision 2, not {base}"):
        post.revise(base=base, by=None, title="New", body="Third.", slug="new", tags=["new"])
    db.session.expire_all()
    assert (post.title, post.body, post.revision) == ("Old", "Second.", 2)
    assert [tag.name for tag in post.tags] == ["old"]
    assert len(revisions(post)) == 2


@pytest.mark.parametrize("deed", ["publish", "unpublish", "bin", "restore"])
def test_a_deed_from_another_base_is_refused_and_leaves_no_line_in_the_log(db, deed):
    post = a_binned_post() if deed == "restore" else a_post(live=deed != "publish")
    before = (post.published_at, post.binned_at)
    with pytest.raises(StaleError):
        getattr(post, deed)(base=7, by=post.author)
    assert (post.published_at, post.binned_at) == before
    assert entries(db) == []


def test_only_new_words_count_as_an_edit(db, at):
    at(NOW)
    post = a_post(edited_at=NOW - DAY)
    for quiet in (
        {"slug": "b"},
        {"tags": ["b"]},
        {"language": "de"},
        {"featured": True},
        {"visibility": Visibility.members},
    ):
        post.revise(base=post.revision, by=None, **quiet)
        assert post.edited_at == NOW - DAY
    for number, loud in enumerate(({"title": "b"}, {"summary": "b"}, {"body": "b"})):
        moment = at(NOW + number * DAY)
        post.revise(base=post.revision, by=None, **loud)
        assert post.edited_at == moment


# Publishing it


def test_a_draft_is_published_now_with_a_revision_and_a_line_in_the_log(db, at):
    at(NOW)
    post = a_post(title="Mine")
    assert post.publish(base=1, by=post.author, body="Final.")
    assert (post.status, post.published_at, post.body) == (PostStatus.published, NOW, "Final.")
    assert revisions(post) == ["started", "published"]
    db.session.flush()
    entry = db.session.scalars(AuditEntry.newest()).one()
    assert (entry.action, entry.subject, entry.actor) == ("published", "Mine", post.author)
    assert entry.detail == {"post": post.id, "at": NOW.isoformat()}


def test_a_draft_is_scheduled_for_later(db, at):
    at(NOW)
    post = a_post()
    assert post.publish(base=1, by=post.author, at=NOW + DAY)
    assert (post.status, post.published_at) == (PostStatus.scheduled, NOW + DAY)
    assert revisions(post) == ["started", "scheduled"]
    assert entries(db) == ["scheduled"]


def test_what_is_scheduled_can_be_put_off_and_published_at_once(db, at):
    at(NOW)
    post = a_post(published_at=NOW + DAY)
    post.publish(base=1, by=post.author, at=NOW + 2 * DAY)
    post.publish(base=2, by=post.author)
    assert (post.status, post.published_at) == (PostStatus.published, NOW)
    assert entries(db) == ["scheduled", "published"]


def test_what_is_out_keeps_its_date_when_it_is_published_again(db):
    post = a_post(published_at=NOW - DAY)
    assert post.publish(base=1, by=post.author, body="Mended.")
    assert post.published_at == NOW - DAY
    assert not post.publish(base=2, by=post.author)
    assert entries(db) == ["published"]


def test_a_date_in_the_past_may_be_given(db):
    post = a_post()
    post.publish(base=1, by=post.author, at=NOW - 400 * DAY)
    assert post.published_at == NOW - 400 * DAY
    assert post.is_live


@pytest.mark.parametrize(
    ("fields", "changes", "field"),
    [
        ({"title": ""}, {}, "title"),
        ({"body": ""}, {}, "body"),
        ({"title": "  "}, {}, "title"),
        ({"body": " \n\t"}, {}, "body"),
        ({}, {"title": ""}, "title"),
        ({}, {"body": " "}, "body"),
        ({"title": "", "body": ""}, {"body": "b"}, "title"),
    ],
)
def test_what_is_not_fit_to_be_published_is_told_and_stays_as_it_was(db, fields, changes, field):
    post = a_post(**fields)
    with pytest.raises(PublishError, match="before you publish it") as refusal:
        post.publish(base=1, by=post.author, **changes)
    assert refusal.value.field == field
    assert (post.status, post.revision) == (PostStatus.draft, 1)
    assert entries(db) == []


def test_what_was_missing_may_come_with_the_press_of_the_button(db):
    post = a_post(title="", body="")
    assert post.publish(base=1, by=post.author, title="Now", body="Words.")
    assert post.is_live


def test_an_unpublished_post_is_a_draft_again(db):
    post = a_post(live=True)
    assert post.unpublish(base=1, by=post.author, title="Not yet")
    assert (post.status, post.title) == (PostStatus.draft, "Not yet")
    assert not post.unpublish(base=2, by=post.author)
    assert revisions(post) == ["started", "unpublished"]
    assert entries(db) == ["unpublished"]


def test_a_post_in_the_bin_is_restored_as_a_draft(db, at):
    at(NOW)
    post = a_post(live=True)
    assert post.bin(base=1, by=post.author)
    assert (post.status, post.binned_at) == (PostStatus.binned, NOW)
    at(NOW + DAY)
    assert not post.bin(base=2, by=post.author)
    assert post.binned_at == NOW
    assert post.restore(base=2, by=post.author)
    assert (post.status, post.published_at, post.binned_at) == (PostStatus.draft, None, None)
    assert not post.restore(base=3, by=post.author)
    assert revisions(post) == ["started", "binned", "restored"]
    assert entries(db) == ["binned", "restored"]


def test_what_is_published_out_of_the_bin_is_out(db):
    post = a_binned_post()
    assert post.publish(base=1, by=post.author, at=NOW)
    assert post.is_live


# Its address


def test_a_post_gets_an_address_of_its_title(db):
    me = an_editor()
    assert [Post.start(me, by=me, title=title).slug for title in ("On Café", "On café!", "हिन्दी")] == [
        "on-cafe",
        "on-cafe-2",
        "हिन्दी",
    ]


def test_an_address_made_of_the_longest_title_fits(db):
    me = an_editor()
    assert all(len(Post.start(me, by=me, title="ﷺ" * 200).slug) <= 120 for _ in range(3))


# What the database itself refuses


@pytest.mark.parametrize(
    "change",
    [
        {"slug": ""},
        {"slug": "taken"},
        {"slug": "x" * 121},
        {"title": "x" * 201},
        {"title": "", "published_at": NOW},
        {"summary": "x" * 301},
        {"excerpt": "x" * 301},
        {"language": "x" * 36},
        {"revision": 0},
        {"author_id": 999_999},
        {"author_id": None},
        {"source": "taken"},
        {"body": None},
    ],
)
def test_the_database_refuses_what_no_post_can_be(db, change):
    a_post(slug="taken", source="taken")
    post = a_post()
    with pytest.raises(SQLAlchemyError), db.session.begin_nested():
        db.session.execute(update(Post).where(Post.id == post.id).values(change))


def test_the_database_knows_two_visibilities(db):
    post = a_post()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE posts SET visibility = 'secret' WHERE id = :id"), {"id": post.id})
    db.session.execute(text("UPDATE posts SET visibility = 'members' WHERE id = :id"), {"id": post.id})


@pytest.mark.parametrize(("table", "column"), [("post_tags", "tag_id"), ("post_co_authors", "user_id")])
def test_a_post_has_no_tag_or_author_that_is_not_there(db, table, column):
    post = a_post()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text(f"INSERT INTO {table} (post_id, {column}) VALUES ({post.id}, 999999)"))


@pytest.mark.parametrize(("name", "length"), [("title", 200), ("slug", 120), ("summary", 300)])
@pytest.mark.parametrize("letter", ["x", "漢", "😀"])
def test_a_text_may_be_as_long_as_its_limit(db, name, length, letter):
    post = a_post(**{name: letter * length})
    db.session.expire_all()
    assert getattr(post, name) == letter * length


def test_text_of_any_kind_comes_back_as_it_was(db):
    body = "\u202eRTL\u202c ' \" \\ % _ \t 漢字 😀 \u200b\r\n; DROP TABLE posts --"
    post = a_post(title=body[:50].replace("\r\n", " "), body=body, tags=["50% _ \\"])
    db.session.expire_all()
    assert post.body == body
    assert db.session.scalars(select(Tag.name)).all() == ["50% _ \\"]


def test_to_restore_what_is_not_in_the_bin_takes_nothing_back(db):
    post = a_post(live=True)
    assert not post.restore(base=1, by=post.author)
    assert post.is_live
