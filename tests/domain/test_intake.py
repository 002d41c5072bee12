"""Records of another blog written into this one: what they become, and what gives way."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import a_post, a_user, an_admin, an_editor
from picture_files import a_file, a_sketch
from sqlalchemy import func, select

from blog.models import Media, Post, Redirect, User, UserRole
from blog.transfer.intake import Intake
from blog.transfer.records import Author, PostRecord, Refusal

MOMENT = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_record(source="blog/a.md", **fields) -> PostRecord:
    return PostRecord(**{"source": source, "title": "A title", "slug": "a", "body": "Words.\n"} | fields)


@pytest.fixture
def take(app, db):
    """Brings records in, in one run."""

    def taken(*records, owner=None, storage=True):
        intake = Intake(owner=owner or an_admin(), by=None, storage=app.extensions["storage"] if storage else None)
        for record in intake.plan(records):
            intake.write(record)
        db.session.flush()
        return intake.report

    return taken


def posts(db) -> list[Post]:
    return list(db.session.scalars(select(Post).order_by(Post.id)))


def test_a_record_becomes_a_post_as_it_says(take, db):
    report = take(
        a_record(
            summary="S",
            tags=["x", "Y"],
            language="pt-BR",
            members_only=True,
            published_at=MOMENT,
            updated_at=datetime(2021, 1, 1, tzinfo=UTC),
            old_paths=["/x"],
        )
    )
    (post,) = posts(db)
    assert (post.title, post.slug, post.summary, post.body, post.language) == ("A title", "a", "S", "Words.\n", "pt-BR")
    assert (post.visibility, post.published_at, post.edited_at.year, post.source) == (
        "members",
        MOMENT,
        2021,
        "blog/a.md",
    )
    assert sorted(tag.name for tag in post.tags) == ["Y", "x"]
    assert (report.posts, report.drafts, report.redirects, report.people) == (1, 0, 1, 0)


def test_refusals_and_pictures_by_themselves_are_no_posts(take, db):
    refusal = Refusal("blog/x.txt", "It is not a Markdown or HTML file.")
    assert take(refusal, None).refusals == [refusal]
    assert posts(db) == []


def test_an_address_that_is_taken_here_or_by_another_record_is_numbered(take, db):
    a_post(slug="a")
    take(a_record("1"), a_record("2"), a_record("3", slug="???", title="A"), a_record("4", slug="", title="!!!"))
    assert [post.slug for post in posts(db)] == ["a", "a-2", "a-3", "a-4", "untitled-post"]


def test_what_came_in_before_is_left_as_it_is(take, db):
    take(a_record())
    (post,) = posts(db)
    post.revise(base=1, by=None, title="Changed here")
    report = take(a_record(title="Changed there"), a_record("blog/b.md", slug="b"))
    assert (report.known, report.posts) == (1, 1)
    assert [post.title for post in posts(db)] == ["Changed here", "A title"]


def test_posts_link_to_one_another_at_their_new_addresses_also_over_two_runs(take, db):
    take(a_record("1", slug="one"))
    take(
        a_record(
            "2",
            slug="two",
            body="[a](post:1#part) [b](post:2) [c](post:3) post:10 xpost:1\n",
            links={"post:1": "1", "post:2": "2", "post:3": "nowhere"},
        )
    )
    assert posts(db)[1].body == "[a](/posts/one#part) [b](/posts/two) [c](post:3) post:10 xpost:1\n"


# People


def test_a_post_without_authors_goes_to_the_owner(take, db):
    owner = an_editor()
    take(a_record(), owner=owner)
    assert posts(db)[0].author == owner


def test_authors_are_known_by_address_handle_or_name(take, db):
    ada = an_editor(name="Ada", email="ada@example.com")
    bob = an_editor(name="Bob Ross", handle="bobby")
    cyd = an_editor(name="ÇYD")
    report = take(a_record(authors=[Author("Somebody", None, "ADA@example.com"), Author("B", "Bobby"), Author("çyd")]))
    assert posts(db)[0].byline[0] == ada
    assert set(posts(db)[0].byline) == {ada, bob, cyd}
    assert report.people == 0


def test_an_unknown_author_becomes_a_person_who_cannot_sign_in(take, db):
    report = take(
        a_record("1", authors=[Author("New One", None, "new@example.com")]),
        a_record("2", slug="b", authors=[Author("new one", None, "NEW@example.com"), Author("x" * 300)]),
        a_record("3", slug="c", authors=[Author("\0\n", None, None), Author("New One", None, "e" * 400)]),
    )
    first, second, third = posts(db)
    assert first.author == second.author
    assert (first.author.role, first.author.is_active, first.author.email) == (
        UserRole.editor,
        False,
        "new@example.com",
    )
    assert len(second.byline[1].name) <= 120
    assert third.author.email.endswith("@import.invalid")
    assert report.people == db.session.scalar(select(func.count(User.id))) - 1


def test_an_author_named_twice_stands_in_the_byline_once(take, db):
    ada = an_editor(name="Ada", email="ada@example.com")
    take(a_record(authors=[Author("Ada"), Author("ADA"), Author("x", None, "ada@example.com")]))
    assert posts(db)[0].byline == [ada]


# What gives way


def test_what_does_not_fit_is_cut_and_nothing_breaks(take, db):
    take(
        a_record(
            title="word " * 100,
            summary="word " * 100,
            tags=["x" * 90, "!!!", "a\0b", *(f"t{n}" for n in range(99))],
            body="a\0b\r\nc\ud800",
            language="english please",
            slug="s" * 300,
        )
    )
    (post,) = posts(db)
    assert post.title.endswith("word…")
    assert len(post.title) <= 200
    assert len(post.summary) <= 300
    assert len(post.tags) == 50
    assert (post.body, post.language) == ("a\ufffdb\nc\ufffd", "")
    assert len(post.slug) <= 120


def test_a_title_of_nothing_is_untitled(take, db):
    take(a_record(title=" \n\t"))
    assert posts(db)[0].title == "Untitled post"


# Pictures


def test_pictures_are_kept_once_and_stand_at_their_new_address(take, db, app, tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(a_file())
    report = take(
        a_record(
            body="![x](picture:1) ![y](picture:2)\n",
            pictures={"picture:1": tmp_path / "a.png", "picture:2": tmp_path / "b.png"},
        )
    )
    kept = db.session.scalars(select(Media)).one()
    assert posts(db)[0].body == f"![x](/media/{kept.name}) ![y](/media/{kept.name})\n"
    assert app.extensions["storage"].path(kept.name)
    assert report.pictures == 2


def test_a_picture_that_is_refused_or_gone_is_left_out_and_said(take, db, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    report = take(
        a_record(
            body="![x](picture:1) ![y](picture:2)\n",
            pictures={"picture:1": tmp_path / "bad.png", "picture:2": Path("/nowhere/gone.png")},
        )
    )
    (changes,) = report.changes.values()
    assert changes[0].startswith("the picture bad.png was left out: This file is not a picture.")
    assert changes[1].startswith("the picture gone.png was left out: ")
    assert (report.pictures, db.session.scalar(select(func.count(Media.id)))) == (0, 0)


def test_without_a_storage_pictures_are_looked_at_and_not_kept(take, db, tmp_path):
    (tmp_path / "a.png").write_bytes(a_file())
    assert (
        take(a_record(body="![x](picture:1)\n", pictures={"picture:1": tmp_path / "a.png"}), storage=False).pictures
        == 1
    )
    assert db.session.scalar(select(func.count(Media.id))) == 0


def test_the_library_learns_from_the_post_what_its_pictures_show(take, db, tmp_path):
    for width in (1, 2, 3):
        (tmp_path / f"{width}.png").write_bytes(a_file(a_sketch(10 * width, 9)))
    take(
        a_record(
            body="![A \\[red\\] boat](picture:1) ![](picture:2)\n",
            cover="picture:3",
            cover_alt="Two\nswans",
            pictures={f"picture:{n}": tmp_path / f"{n}.png" for n in (1, 2, 3)},
        )
    )
    rows = db.session.execute(select(Media.file_name, Media.alt).order_by(Media.width)).all()
    assert [tuple(row) for row in rows] == [("1.png", "A [red] boat"), ("2.png", ""), ("3.png", "Two swans")]


# Old addresses


def test_an_old_address_leads_to_its_post_whatever_its_spelling(take, db):
    report = take(a_record(old_paths=["/Old/Place.html", "/old/place.html/", "//old//place.html", "/posts/a", "/a\0b"]))
    rows = {row.path: f"/posts/{row.post.slug}" for row in db.session.scalars(select(Redirect))}
    assert rows == {"/old/place.html": "/posts/a", "/a\ufffdb": "/posts/a"}
    assert report.redirects == 2
    assert report.changes == {}


def test_an_old_address_that_leads_elsewhere_already_or_is_too_long_is_said(take, db):
    db.session.add(Redirect(path="/taken", target="/posts/other"))
    db.session.flush()
    report = take(
        a_record("1", old_paths=["/taken", "/" + "x" * 600, "/mine"]), a_record("2", slug="b", old_paths=["/mine"])
    )
    assert report.changes["1"] == [
        "the old address /taken leads to /posts/other already",
        f"the old address /{'x' * 199} is too long",
    ]
    assert report.changes["2"] == ["the old address /mine leads to /posts/a already"]
    assert report.redirects == 1


def test_what_was_changed_while_reading_is_in_the_report(take):
    assert take(a_record(changes=["the title was shortened"])).changes == {"blog/a.md": ["the title was shortened"]}


def test_a_person_who_has_an_account_already_keeps_it(take, db):
    ada = a_user(name="Ada", email="ada@example.com")
    take(a_record(authors=[Author("Ada Renamed", "other", "ada@example.com")]))
    assert (ada.name, ada.role, ada.is_active) == ("Ada", UserRole.viewer, True)
    assert posts(db)[0].author == ada


def test_a_page_comes_in_as_one_and_takes_no_address_of_the_site(take, db):
    take(
        a_record(source="a.md", slug="about", is_page=True, published_at=MOMENT, old_paths=["/about/", "/who"]),
        a_record(source="t.md", slug="tags", is_page=True),
        a_record(source="p.md", slug="authors"),
    )
    assert [post.path for post in posts(db)] == ["/about", "/tags-2", "/posts/authors"]
    assert [redirect.path for redirect in db.session.scalars(select(Redirect))] == ["/who"]
    assert Redirect.of("/who").leads_to == "/about"
