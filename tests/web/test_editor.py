"""Writing: the form of a post, what it takes, what it refuses, and that it never loses a text."""

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, a_user, an_admin, an_editor
from looking import fault, filled, headlines, link, page, rewrite, words, write
from markupsafe import escape
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.models import Post, PostStatus, Revision, Site, Tag
from blog.posts.forms import PostForm

BODY = "A *fine* text & <b>more</b>.\n\n  indented\n\ttabbed\n\n\n"


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", email="ada@example.com")


def saved() -> Post:
    """The one post there is."""
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post)).one()


def number_of(model) -> int:
    return the_db.session.scalar(select(func.count()).select_from(model))


# A new post


def test_a_new_post_is_a_draft_of_its_writer_with_all_that_was_typed(desk, ada):
    answer = write(
        desk,
        title="  A \t title ",
        body=BODY.replace("\n", "\r\n"),
        summary="About\r\nit",
        tags="Rust, #web , ,Rust",
        language="en-GB",
        visibility="members",
        slug="a-name",
    )
    post = saved()
    assert answer.location == f"/write/posts/{post.id}"
    assert "Saved as a draft." in words(desk.get(answer.location))
    assert (post.author, post.status, post.revision) == (ada, PostStatus.draft, 1)
    assert (post.title, post.body, post.summary) == ("A title", BODY, "About it")
    assert [tag.name for tag in post.tags] == ["Rust", "web"]
    assert (post.language, post.visibility, post.slug) == ("en-GB", "members", "a-name")


def test_the_editor_shows_what_is_saved(desk):
    write(desk, title="T", body=BODY, summary="S", tags="b, a", language="de", visibility="members")
    post = saved()
    shown = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")
    assert shown["body"] == BODY
    assert {name: shown[name] for name in ("title", "summary", "tags", "language", "visibility", "slug", "base")} == {
        "title": "T",
        "summary": "S",
        "tags": "a, b",
        "language": "de",
        "visibility": "members",
        "slug": "t",
        "base": "1",
    }


def test_a_post_may_be_saved_with_nothing_in_it_yet(desk):
    assert write(desk).status_code == 302
    assert (saved().title, saved().slug) == ("", "untitled-post")
    assert headlines(desk.get("/write")) == ["Untitled post"]


def test_the_same_new_form_sent_twice_makes_one_post(desk):
    sent = filled(desk.get("/write/posts/new"), "form.editor") | {"title": "Once", "body": "Words."}
    first, second = (desk.post("/write/posts/new", data=sent) for _ in range(2))
    assert first.location == second.location
    assert (saved().title, saved().revision, number_of(Revision)) == ("Once", 1, 1)


def test_the_same_new_form_sent_again_with_more_in_it_goes_on_from_what_it_saved(desk):
    sent = filled(desk.get("/write/posts/new"), "form.editor") | {"title": "Once", "body": "Words."}
    desk.post("/write/posts/new", data=sent)
    assert desk.post("/write/posts/new", data=sent | {"body": "More words."}).status_code == 302
    assert (saved().body, saved().revision) == ("More words.", 2)


def test_a_new_form_that_goes_on_after_somebody_else_changed_the_post_reverts_nothing(desk, sign_in):
    sent = filled(desk.get("/write/posts/new"), "form.editor") | {"title": "Once", "body": "Words. More."}
    desk.post("/write/posts/new", data=sent)
    rewrite(sign_in(an_admin()), saved().id, body="Words. More. Theirs.")
    assert desk.post("/write/posts/new", data=sent | {"body": "My words. More."}).status_code == 302
    assert saved().body == "My words. More. Theirs."
    answer = desk.post("/write/posts/new", data=sent | {"body": "My words. More. And mine."})
    assert answer.status_code == 409
    assert saved().body == "My words. More. Theirs."


def test_the_name_of_somebody_elses_new_form_makes_a_post_of_its_own(desk, ada):
    theirs = a_post(title="Theirs")
    answer = desk.post("/write/posts/new", data={"uid": str(theirs.uid), "title": "Mine", "base": "0"})
    assert answer.status_code == 302
    mine = the_db.session.scalar(select(Post).where(Post.title == "Mine"))
    assert mine.author == ada
    assert mine.uid != theirs.uid
    assert theirs.title == "Theirs"


def test_title_and_text_are_enough_to_publish(desk):
    assert desk.post("/write/posts/new/publication", data={"title": "T", "body": "Words."}).status_code == 302
    assert (saved().is_live, saved().visibility, saved().tags) == (True, "public", [])


@pytest.mark.parametrize("uid", ["", "x", "0", "{}", "g" * 36, "\0"])
def test_a_form_with_a_garbled_name_still_makes_a_post(desk, uid):
    assert desk.post("/write/posts/new", data={"uid": uid, "title": "T", "base": "0"}).status_code == 302
    assert saved().title == "T"


def test_two_posts_of_one_title_have_two_addresses(desk):
    for _ in range(3):
        write(desk, title="Same")
    assert set(the_db.session.scalars(select(Post.slug))) == {"same", "same-2", "same-3"}


def test_any_number_of_posts_may_have_one_title(desk):
    for n in range(1, 70):
        a_post(title="Same", slug=f"same-{n}" if n > 1 else "same")
    for _ in range(3):
        assert desk.post("/write/posts/new", data={"title": "Same"}).status_code == 302
    slugs = set(the_db.session.scalars(select(Post.slug)))
    assert slugs == {"same", *(f"same-{n}" for n in range(2, 73))}


def test_the_address_of_a_draft_follows_its_title_until_it_was_chosen(desk):
    write(desk, title="First")
    post = saved()
    rewrite(desk, post.id, title="Second")
    assert saved().slug == "second"
    rewrite(desk, post.id, slug="chosen")
    rewrite(desk, post.id, title="Third")
    assert saved().slug == "chosen"
    rewrite(desk, post.id, slug="")
    assert saved().slug == "third"


def test_the_address_of_a_live_post_does_not_follow_its_title(desk):
    write(desk, "publish", title="First", body="x")
    rewrite(desk, saved().id, title="Second")
    assert saved().slug == "first"


def test_saving_what_has_not_changed_changes_nothing(desk):
    write(desk, title="T", body=BODY, tags="b, a")
    post = saved()
    before = post.updated_at
    assert rewrite(desk, post.id).status_code == 302
    assert (saved().revision, saved().updated_at, number_of(Revision)) == (1, before, 1)


def test_fields_that_were_not_sent_stay_as_they_are(desk):
    write(desk, title="T", body=BODY, summary="S", tags="a", visibility="members")
    desk.post(f"/write/posts/{saved().id}", data={"base": "1", "title": "U"})
    post = saved()
    assert (post.title, post.body, post.summary, post.visibility) == ("U", BODY, "S", "members")
    assert [tag.name for tag in post.tags] == ["a"]


def test_saving_tells_whether_readers_see_it(desk, ada):
    draft, live = a_post(by=ada), a_post(by=ada, live=True)
    rewrite(desk, draft.id, body="New.")
    assert "Readers do not see it yet." in words(desk.get("/write"))
    rewrite(desk, live.id, body="New.")
    assert "Readers do not see it yet." in words(desk.get("/write"))
    rewrite(desk, live.id, "publish")
    assert "Readers see it now." in words(desk.get("/write"))


# What is refused


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("title", "x" * 10_000, "At most 200 characters; this has 10,000."),
        ("summary", "x" * 301, "At most 300 characters; this has 301."),
        ("body", "y" * 1_000_001, "At most 1,000,000 characters; this has 1,000,001."),
        ("slug", "Not an address", "small letters"),
        ("slug", "a--b", "small letters"),
        ("slug", "../up", "small letters"),
        ("slug", "x" * 121, "At most 120"),
        ("slug", "taken", "Another post has that address"),
        ("slug", "left", "Another post has that address"),
        ("tags", "!!!", "A tag needs a letter or a digit: “!!!”."),
        ("tags", "x" * 61, "A tag has at most 60 characters"),
        ("tags", ", ".join(f"t{n}" for n in range(51)), "At most 50 tags; these are 51."),
        ("tags", "t," * 2001, "At most 4,000 characters"),
        ("language", "english", "Write a language code"),
        ("language", "en_GB", "Write a language code"),
        ("language", "x" * 36, "At most 35"),
        ("visibility", "everyone", "Not a valid choice"),
        ("publish_at", "tomorrow", "Write it as 2026-12-31 18:00"),
        ("publish_at", "2026-13-01T00:00", "Write it as"),
        ("publish_at", "0001-01-01T00:00", ""),
        ("publish_at", "1800-01-01T00:00", "from 1900 to 2200"),
        ("publish_at", "9999-12-31T23:59", ""),
    ],
)
@pytest.mark.parametrize("press", ["save", "publish"])
@pytest.mark.parametrize("new", [True, False], ids=["a new post", "an old post"])
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    desk, ada, sign_in, field, typed, reason, press, new
):
    a_post(slug="taken")
    bob = an_editor()
    moved = a_post(by=bob, live=True, slug="left")
    rewrite(sign_in(bob), moved.id, slug="moved")

    if typed == "9999-12-31T23:59":
        site = Site.current()
        site.time_zone = "America/New_York"
        the_db.session.add(site)
    before = {"title": "My title", "body": "My body & all.", "summary": "My summary", "tags": "mine", "slug": "mine"}
    post = None if new else a_post(by=ada, title="Old")
    answer = (
        write(desk, press, **before | {field: typed})
        if new
        else rewrite(desk, post.id, press, **before | {field: typed})
    )
    assert answer.status_code == 422
    assert reason in fault(answer, field)
    kept = filled(answer, "form.editor")
    for name in set(before) - {field}:
        assert kept[name] == before[name]
    if field not in ("visibility", "publish_at"):
        assert kept[field] == typed.strip()
    if not new:
        the_db.session.expire_all()
        assert (post.title, post.revision) == ("Old", 1)


def test_a_body_of_five_megabytes_is_refused_and_comes_back(desk):
    body = ("wörds " * 1000 + "& <tags>\n") * 833
    assert len(body.encode()) > 5_800_000
    answer = write(desk, title="T", body=body)
    assert answer.status_code == 422
    assert f"At most 1,000,000 characters; this has {len(body):,}." in answer.text
    assert escape(body) in answer.text


def test_a_body_of_the_greatest_length_is_taken(desk):
    body = "word and " * 111_111 + "!"
    assert write(desk, title="x" * 200, body=body).status_code == 302
    assert saved().body == body


def test_fields_that_nobody_may_set_are_ignored(desk, ada):
    other = an_editor()
    forged = {
        "author_id": str(other.id),
        "author": str(other.id),
        "status": "published",
        "published_at": "2020-01-01",
        "revision": "99",
        "role": "admin",
        "featured": "y",
        "html": "<script>",
        "id": "7",
        "source": "x",
        "binned_at": "2020-01-01",
        "co_authors": str(other.id),
        "picture": "x",
        "words": "9",
    }
    write(desk, title="T", body="Words.", **forged)
    for _ in range(2):
        post = saved()
        assert (post.author, post.status, post.published_at, post.featured) == (ada, PostStatus.draft, None, False)
        assert (post.source, post.binned_at, post.co_authors, post.picture, post.words) == (None, None, [], "", 1)
        assert "<script>" not in post.html
        assert ada.role == "editor"
        rewrite(desk, post.id, title="Another", **forged)
    assert saved().revision == 2


def test_only_an_admin_features_a_post(desk, ada, sign_in):
    post = a_post(by=ada, live=True)
    assert "featured" not in desk.get(f"/write/posts/{post.id}").text
    boss = sign_in(an_admin())
    rewrite(boss, post.id, "publish", featured="y")
    assert saved().featured
    rewrite(desk, post.id, "publish", title="Of the editor", featured="")
    assert saved().featured
    sent = filled(boss.get(f"/write/posts/{post.id}"), "form.editor")
    assert sent.pop("featured") == "y"
    boss.post(f"/write/posts/{post.id}/publication", data=sent)
    assert not saved().featured


def test_an_address_taken_between_the_check_and_the_save_costs_a_click_and_no_text(desk, monkeypatch):
    a_post(slug="taken")

    monkeypatch.setattr(PostForm, "validate_slug", lambda *_: None)  # it was free when it was checked
    answer = write(desk, title="T", slug="taken", body="An hour of work.")
    assert answer.status_code == 409
    assert "Somebody took this address" in fault(answer, "slug")
    assert filled(answer, "form.editor")["body"] == "An hour of work."
    assert number_of(Post) == 1


# History, preview, people


def test_every_save_is_in_the_history_and_can_be_read(desk, ada):
    write(desk, title="One", body="First <words>.", tags="a, b", summary="S")
    post = saved()
    rewrite(desk, post.id, title="Two", body="Second words.", tags="", visibility="members")
    history = desk.get(f"/write/posts/{post.id}/revisions")
    assert "Revision 2 saved Ada" in words(history)
    assert "Revision 1 started Ada" in words(history)
    first = desk.get(link(history, "Revision 1"))
    assert page(first).select_one("pre").get_text() == "First <words>."
    assert all(word in words(first) for word in ("One", "a, b", "S", "Everyone"))
    second = desk.get(link(history, "Revision 2"))
    assert page(second).select_one("pre").get_text() == "Second words."
    assert "Members" in words(second)


def test_a_long_history_has_pages(desk, ada):
    post = a_post(by=ada)
    for n in range(30):
        post.revise(base=post.revision, by=None if n % 2 else ada, title=f"T{n}")
    first = desk.get(f"/write/posts/{post.id}/revisions")
    assert "Revision 31" in words(first)
    assert "Revision 1 started" not in words(first)
    assert "Revision 1 started" in words(desk.get(link(first, "Older")))


@pytest.mark.parametrize("number", ["99", "0", "999999999", "99999999999999999999", "-1", "x"])
def test_a_revision_that_never_was_is_a_404(desk, ada, number):
    assert desk.get(f"/write/posts/{a_post(by=ada).id}/revisions/{number}").status_code == 404


@pytest.mark.parametrize(
    "post_id", ["0", "999999", "999999999999", "99999999999999999999999", "9" * 5000, "x", "-1", "1.5"]
)
def test_a_post_that_never_was_is_a_404(desk, post_id):
    for tail in ("", "/preview", "/revisions", "/revisions/1"):
        assert desk.get(f"/write/posts/{post_id}{tail}").status_code == 404
    for tail in ("", "/publication", "/withdrawal", "/bin", "/restoration", "/author"):
        assert desk.post(f"/write/posts/{post_id}{tail}", data={"base": "1"}).status_code == 404


def test_the_preview_is_the_page_readers_will_see(desk, ada):
    post = a_post(by=ada, title="Soon", body="**Strong** words.", tags=["rain"], members=True)
    answer = desk.get(f"/write/posts/{post.id}/preview")
    assert page(answer).select_one(".prose strong").get_text() == "Strong"
    assert "Only those who may edit this post can see this page." in words(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    live = a_post(by=ada, live=True)
    assert "Readers see this text." in words(desk.get(f"/write/posts/{live.id}/preview"))


def hand_over(browser, post, email):
    return browser.post(f"/write/posts/{post.id}/author", data={"email": email})


def test_the_owner_hands_a_post_over(desk, ada, sign_in):
    grace = an_editor(name="Grace", email="grace@example.com")
    post = a_post(by=ada, title="Given away")
    answer = hand_over(desk, post, " Grace@Example.com ")
    assert answer.location == "/write"
    assert "“Given away” now belongs to Grace." in words(desk.get("/write"))
    assert headlines(desk.get("/write")) == []
    assert headlines(sign_in(grace).get("/write")) == ["Given away"]
    assert (saved().author, saved().revision) == (grace, 2)
    assert desk.get(f"/write/posts/{post.id}").status_code == 404
    assert "handed over" in words(sign_in(an_admin()).get("/admin/audit"))


def test_an_admin_hands_anybodys_post_over(ada, sign_in):
    grace = an_editor(email="grace@example.com")
    post = a_post(by=ada)
    assert hand_over(sign_in(an_admin()), post, "grace@example.com").status_code == 302
    assert saved().author == grace


def test_a_co_author_cannot_give_a_post_away(ada, sign_in):
    grace = an_editor(email="grace@example.com")
    post = a_post(by=ada, co_authors=[grace])
    browser = sign_in(grace)
    assert browser.get(f"/write/posts/{post.id}").status_code == 200
    assert "Hand it over" not in browser.get(f"/write/posts/{post.id}").text
    assert hand_over(browser, post, "grace@example.com").status_code == 403
    assert saved().author == ada


def test_a_co_author_edits_and_publishes(ada, sign_in):
    grace = an_editor()
    post = a_post(by=ada, co_authors=[grace])
    rewrite(sign_in(grace), post.id, "publish", title="By both")
    assert (saved().title, saved().is_live, saved().author) == ("By both", True, ada)


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("", "Type the address"),
        ("nobody@example.com", "Nobody who writes here has the address “nobody@example.com”"),
        ("viewer@example.com", "Nobody who writes here has the address “viewer@example.com”"),
        ("gone@example.com", "Nobody who writes here has the address “gone@example.com”"),
        ("x" * 400, "At most 320"),
        ("\0@example.com", "Nobody who writes here"),
    ],
)
def test_a_post_goes_only_to_somebody_who_may_write(desk, ada, email, reason):
    a_user(email="viewer@example.com")
    an_editor(email="gone@example.com", is_active=False)
    post = a_post(by=ada)
    answer = hand_over(desk, post, email)
    assert answer.status_code == 422
    assert reason in fault(answer, "email")
    assert (saved().author, saved().revision) == (ada, 1)


# The wrong person


ROUTES_TO_READ = ["", "/preview", "/revisions", "/revisions/1"]
ROUTES_TO_ACT = ["", "/publication", "/withdrawal", "/bin", "/restoration", "/author"]


@pytest.mark.parametrize(
    ("kind", "status"), [(a_post, 404), (a_scheduled_post, 404), (a_binned_post, 404), (None, 403)]
)
def test_another_editor_is_refused_everywhere_and_learns_nothing_of_secrets(sign_in, kind, status):
    post = kind(title="Top secret") if kind else a_post(live=True)
    browser = sign_in(an_editor(email="other@example.com"))
    sent = {"base": "1", "title": "Mine now", "body": "Mine.", "email": "other@example.com", "slug": "mine"}
    for answer in [browser.get(f"/write/posts/{post.id}{tail}") for tail in ROUTES_TO_READ] + [
        browser.post(f"/write/posts/{post.id}{tail}", data=sent) for tail in ROUTES_TO_ACT
    ]:
        assert answer.status_code == status
        assert "Top secret" not in answer.text
    assert saved().revision == 1


def test_strangers_and_viewers_are_refused_everywhere(client, sign_in):
    post = a_post(live=True, title="Public")
    viewer = sign_in(a_user())
    for tail in ROUTES_TO_READ:
        assert client.get(f"/write/posts/{post.id}{tail}").location.startswith("/auth/login?next=/write/posts/")
        assert viewer.get(f"/write/posts/{post.id}{tail}").status_code == 403
    for tail in ROUTES_TO_ACT:
        assert client.post(f"/write/posts/{post.id}{tail}", data={"base": "1", "title": "X"}).status_code == 401
        assert viewer.post(f"/write/posts/{post.id}{tail}", data={"base": "1", "title": "X"}).status_code == 403
    for path in ("/write/posts/new", "/write/posts/new/publication"):
        assert client.post(path, data={"title": "X", "body": "x"}).status_code == 401
        assert viewer.post(path, data={"title": "X", "body": "x"}).status_code == 403
    assert saved().title == "Public"


def test_an_admin_edits_anybodys_post_and_it_stays_its_authors(ada, sign_in):
    post = a_post(by=ada, title="A draft")
    assert rewrite(sign_in(an_admin()), post.id, title="Mended").status_code == 302
    assert (saved().title, saved().author) == ("Mended", ada)


def test_no_tag_is_left_behind_by_a_form_that_was_refused(desk):
    write(desk, title="x" * 201, tags="leftover")
    assert number_of(Tag) == 0
