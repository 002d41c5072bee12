"""Out and back: publish, schedule, unpublish, bin, restore."""

from datetime import UTC, datetime, timedelta

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, the_site
from looking import fault, filled, rewrite, words, write
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Post, PostStatus


def saved() -> Post:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post)).one()


def acts() -> list[str]:
    return list(the_db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_new_post_goes_from_nothing_to_the_front_page_with_one_press(desk, client):
    answer = write(desk, "publish", title="Out", body="Words.", tags="rain")
    assert "Published. Readers see it now." in words(desk.get(answer.location))
    assert "Out" in words(client.get("/"))
    assert client.get("/posts/out").status_code == 200
    assert acts() == ["published"]


def test_the_same_press_twice_publishes_once(desk):
    sent = filled(desk.get("/write/posts/new"), "form.editor") | {"title": "Out", "body": "Words."}
    for _ in range(2):
        assert desk.post("/write/posts/new/publication", data=sent).status_code == 302
    assert (saved().status, acts()) == (PostStatus.published, ["published"])


def test_publishing_takes_the_changes_with_it(desk, ada):
    post = a_post(by=ada, title="Before")
    rewrite(desk, post.id, "publish", title="After", body="New words.")
    assert (saved().title, saved().body, saved().is_live, saved().revision) == ("After", "New words.", True, 2)


@pytest.mark.parametrize(("field", "typed"), [("title", ""), ("title", " \t "), ("body", ""), ("body", " \r\n ")])
@pytest.mark.parametrize("new", [True, False], ids=["a new post", "an old post"])
def test_nothing_goes_out_without_title_and_text(desk, ada, field, typed, new):
    sent = {"title": "A title", "body": "Some text."} | {field: typed}
    post = None if new else a_post(by=ada)
    answer = write(desk, "publish", **sent) if new else rewrite(desk, post.id, "publish", **sent)
    assert answer.status_code == 422
    assert "before you publish it" in fault(answer, field)
    other = {"title": "body", "body": "title"}[field]
    assert filled(answer, "form.editor")[other] == sent[other]
    live = the_db.session.scalars(Post.live()).all()
    assert live == []
    assert the_db.session.scalar(select(Post.title)) == (None if new else post.title)


def test_a_refused_new_post_can_be_mended_and_sent_as_one_post(desk):
    refused = write(desk, "publish", title="", body="Some text.")
    answer = desk.post("/write/posts/new/publication", data=filled(refused, "form.editor") | {"title": "Now"})
    assert answer.status_code == 302
    assert (saved().title, saved().body, saved().is_live) == ("Now", "Some text.", True)


@pytest.mark.parametrize(
    ("zone", "typed", "moment"),
    [
        ("UTC", "2030-01-31T08:30", datetime(2030, 1, 31, 8, 30, tzinfo=UTC)),
        ("Asia/Kolkata", "2030-01-31T08:30", datetime(2030, 1, 31, 3, 0, tzinfo=UTC)),
        ("America/New_York", "2030-07-01 08:30", datetime(2030, 7, 1, 12, 30, tzinfo=UTC)),
        ("Europe/Berlin", "2030-10-27T02:30", datetime(2030, 10, 27, 0, 30, tzinfo=UTC)),
    ],  # the earlier of two
)
def test_a_post_is_scheduled_by_the_sites_clock(desk, zone, typed, moment):
    the_site(time_zone=zone)
    answer = write(desk, "publish", title="Later", body="Words.", publish_at=typed)
    assert (saved().status, saved().published_at) == (PostStatus.scheduled, moment)
    told = words(desk.get(answer.location))
    assert "Scheduled: it goes live on" in told
    assert zone in told
    assert filled(desk.get(answer.location), "form.editor")["publish_at"] == typed.replace(" ", "T")
    assert acts() == ["scheduled"]


def test_a_time_the_clocks_skip_is_refused_beside_the_field(desk):
    the_site(time_zone="Europe/Berlin")
    answer = write(desk, "publish", title="Never", body="Typed with care.", publish_at="2030-03-31T02:30")
    assert answer.status_code == 422
    assert "go forward over that time" in fault(answer, "publish_at")
    assert filled(answer, "form.editor")["body"] == "Typed with care."


def test_a_moment_in_the_past_is_the_date_of_a_live_post(desk):
    write(desk, "publish", title="Old", body="Words.", publish_at="1999-12-31T23:00")
    assert (saved().is_live, saved().published_at) == (True, datetime(1999, 12, 31, 23, 0, tzinfo=UTC))


def test_a_scheduled_post_can_be_moved_and_published_at_once(desk, ada):
    post = a_scheduled_post(by=ada)
    rewrite(desk, post.id, "publish", publish_at="2040-01-01T00:00")
    assert saved().published_at == datetime(2040, 1, 1, tzinfo=UTC)
    rewrite(desk, post.id, "publish", publish_at="")
    assert saved().is_live


def test_publishing_changes_of_a_live_post_keeps_its_date_to_the_microsecond(desk, ada):
    post = a_post(by=ada, live=True, published_at=utcnow() - timedelta(days=3))
    before = post.published_at
    rewrite(desk, post.id, "publish", title="Changed")
    assert (saved().title, saved().published_at) == ("Changed", before)
    rewrite(desk, post.id, "publish", title="Again", publish_at="")
    assert saved().published_at == before


def test_saving_a_scheduled_post_leaves_its_date_and_only_publishing_moves_it(desk, ada):
    post = a_scheduled_post(by=ada)
    before = post.published_at
    rewrite(desk, post.id, title="Changed")
    assert (saved().newest["title"], saved().published_at) == ("Changed", before)
    answer = rewrite(desk, post.id, title="Again", publish_at="2050-01-01T00:00")
    assert answer.status_code == 422
    assert "Saving changes no date" in fault(answer, "publish_at")
    assert filled(answer, "form.editor")["title"] == "Again"
    assert (saved().newest["title"], saved().published_at) == ("Changed", before)
    rewrite(desk, post.id, "publish", publish_at="2050-01-01T00:00")
    assert saved().published_at == datetime(2050, 1, 1, tzinfo=UTC)


def test_a_date_taken_out_of_the_form_stays_when_the_text_is_saved(desk, ada):
    post = a_scheduled_post(by=ada)
    before = post.published_at
    assert rewrite(desk, post.id, title="Changed", publish_at="").status_code == 302
    assert (saved().newest["title"], saved().published_at) == ("Changed", before)


def test_a_draft_keeps_no_date_and_says_so_instead_of_dropping_it(desk):
    answer = write(desk, title="Later", body="Words.", publish_at="2050-01-01T00:00")
    assert answer.status_code == 422
    assert "Saving changes no date" in fault(answer, "publish_at")
    assert "2050-01-01T00:00" in answer.text


def test_an_unpublished_post_is_a_draft_nobody_finds(desk, client, ada):
    post = a_post(by=ada, live=True, slug="out")
    rewrite(desk, post.id, "unpublish", title="Mended meanwhile")
    assert (saved().status, saved().title) == (PostStatus.draft, "Mended meanwhile")
    assert client.get("/posts/out").status_code == 410
    assert acts() == ["unpublished"]


def test_the_bin_keeps_a_post_with_what_was_typed_and_gives_it_back_as_a_draft(desk, client, ada):
    post = a_post(by=ada, live=True, slug="out")
    answer = rewrite(desk, post.id, "bin", body="Last words.")
    assert answer.location == "/write"
    assert "Moved to the bin" in words(desk.get("/write"))
    assert (saved().status, saved().body) == (PostStatus.binned, "Last words.")
    assert client.get("/posts/out").status_code == 410
    assert "In the bin." in words(desk.get(f"/write/posts/{post.id}"))
    restored = desk.post(f"/write/posts/{post.id}/restoration", data={"base": str(saved().revision)})
    assert "Restored as a draft." in words(desk.get(restored.location))
    assert saved().status is PostStatus.draft
    assert acts() == ["binned", "restored"]


def test_binning_twice_bins_once(desk, ada):
    post = a_binned_post(by=ada)
    before = post.binned_at
    assert desk.post(f"/write/posts/{post.id}/bin", data={"base": "1"}).location == "/write"
    assert (saved().binned_at, saved().revision) == (before, 1)


def test_what_is_in_the_bin_can_be_edited_without_coming_out(desk, ada):
    post = a_binned_post(by=ada)
    assert rewrite(desk, post.id, title="Better").location == "/write"
    assert (saved().title, saved().status) == ("Better", PostStatus.binned)


def test_publishing_takes_a_post_out_of_the_bin(desk, ada):
    post = a_binned_post(by=ada)
    rewrite(desk, post.id, "publish", title="Back")
    assert (saved().status, saved().binned_at) == (PostStatus.published, None)


def test_a_refused_bin_keeps_what_was_typed(desk, ada):
    post = a_post(by=ada)
    answer = rewrite(desk, post.id, "bin", title="x" * 201, body="Typed with care.")
    assert answer.status_code == 422
    assert filled(answer, "form.editor")["body"] == "Typed with care."
    assert saved().status is PostStatus.draft


def test_a_schedule_in_the_far_future_is_kept(desk):
    write(desk, "publish", title="Later", body="Words.", publish_at="2199-12-31T00:00")
    assert saved().status is PostStatus.scheduled
    assert desk.get("/write").status_code == 200
