"""Tags in the dashboard: found, renamed, made one, deleted, and where their old addresses lead."""

import pytest
from factories import a_post, a_scheduled_post, an_admin, an_editor
from looking import HERE, fault, filled, link, page, rewrite, words
from sqlalchemy import select, text

from blog.database import db as the_db
from blog.models import AuditEntry, Redirect, Revision, Tag


@pytest.fixture
def boss(db):
    return an_admin(name="Boss")


@pytest.fixture
def office(boss, sign_in):
    return sign_in(boss)


def tag(name) -> Tag | None:
    the_db.session.expire_all()
    return the_db.session.scalar(select(Tag).where(Tag.name == name))


def at(name, below="") -> str:
    return f"/admin/tags/{tag(name).id}{below}"


def rename(office, before, after):
    return office.post(at(before), data=filled(office.get(at(before)), "main form[method=post]") | {"name": after})


def merge(office, gone, into):
    asked = office.get(at(gone, "/merging"), query_string={"into": into})
    if asked.status_code != 200:
        return asked
    return office.post(at(gone, "/merging"), data=filled(asked, "main form[method=post]"))


def listed(answer) -> dict[str, str]:
    rows = page(answer).select("tbody tr")
    return {row.th.get_text(strip=True): row.select("td")[-1].get_text(" ", strip=True) for row in rows}


def lands(client, path) -> str:
    """Where one hop leads, and that a page is there."""
    moved = client.get(path)
    assert moved.status_code == 301, path
    assert client.get(moved.location).status_code == 200
    return moved.location


def test_the_list_says_how_many_posts_have_each_tag(office):
    a_post(live=True, tags=["Tides", "Sea"])
    a_scheduled_post(tags=["Tides"])
    a_post(tags=["Rope"])
    Tag.named(["Alone"])
    assert listed(office.get("/admin/tags")) == {
        "Alone": "0 Of no post",
        "Rope": "0 Of drafts only",
        "Sea": "1",
        "Tides": "2",
    }
    assert list(listed(office.get("/admin/tags?sort=posts")))[:2] == ["Tides", "Sea"]
    assert list(listed(office.get("/admin/tags?q=O"))) == ["Alone", "Rope"]
    assert list(listed(office.get("/admin/tags?state=unused"))) == ["Alone"]
    assert "No tag found" in words(office.get("/admin/tags?q=%25"))
    assert office.get("/admin/tags?sort=x&state=y&before=z").status_code == 404


def test_the_list_has_pages_in_both_orders_and_costs_the_same_for_many(office, queries):
    def cost():
        with queries() as seen:
            office.get("/admin/tags")
        return len(seen)

    Tag.named(["a"])
    few = cost()
    Tag.named([f"tag {n:03}" for n in range(120)])
    assert cost() == few
    for sort in ("name", "posts"):
        seen, answer = [], office.get(f"/admin/tags?sort={sort}")
        while True:
            seen += listed(answer)
            if not link(answer, "Next"):
                break
            answer = office.get(link(answer, "Next"))
        assert len(seen) == len(set(seen)) == 121


def test_a_renamed_tag_keeps_its_posts_and_its_old_addresses_lead_on(office, client):
    post = a_post(live=True, slug="ships", tags=["Tide", "Sea"])
    answer = rename(office, "Tide", "Low tide")
    assert "“Tide” is called “Low tide” now." in words(office.get(answer.location))
    assert lands(client, "/tags/tide") == "/tags/low-tide"
    for kind in ("atom", "rss", "json"):
        assert lands(client, f"/tags/tide/feed.{kind}") == f"/tags/low-tide/feed.{kind}"
    assert "Low tide" in words(client.get("/posts/ships"))
    rename(office, "Low tide", "Ebb")
    for old in ("/tags/tide", "/tags/low-tide", "/TAGS/Tide/"):
        assert lands(client, old) == "/tags/ebb"
    rename(office, "Ebb", "Tide")
    assert client.get("/tags/tide").status_code == 200
    assert lands(client, "/tags/ebb") == lands(client, "/tags/low-tide") == "/tags/tide"
    assert Revision.of(post, 2).what == "tag renamed"
    said = [(one.actor_name, one.action, one.detail) for one in the_db.session.scalars(AuditEntry.newest())]
    assert said[-1] == ("Boss", "renamed the tag", {"before": "Tide", "after": "Low tide"})


def test_capitals_alone_change_neither_address_nor_posts(office, client):
    post = a_post(live=True, tags=["tide"])
    rename(office, "tide", "TIDE")
    assert "TIDE" in words(client.get("/tags/tide"))
    assert the_db.session.scalars(select(Redirect)).all() == []
    the_db.session.refresh(post)
    assert post.revision == 1


def test_what_an_editor_has_open_does_not_bring_the_old_name_back(office, sign_in):
    ada = an_editor()
    post = a_post(by=ada, live=True, tags=["Tide"])
    desk = sign_in(ada)
    open_page = filled(desk.get(f"/write/posts/{post.id}"), "form.editor")
    rename(office, "Tide", "Ebb")
    desk.post(f"/write/posts/{post.id}", data=open_page | {"body": "More words."})
    the_db.session.refresh(post)
    assert post.newest["tags"] == ["Ebb"]
    assert tag("Tide") is None
    assert rewrite(desk, post.id, "publish").status_code == 302


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Give the tag a name."),
        (" \t ", "Give the tag a name."),
        ("!?", "A tag needs a letter or a digit."),
        ("x" * 61, "At most 60 characters; this has 61."),
        ("x" * 10_000, "At most 60 characters; this has 10,000."),
        ("sea, wind", "A tag has no comma"),
        ("#sea", "no # before it"),
        ("SEA", "There is a tag “Sea” already."),
        ("Séa", "There is a tag “Sea” already."),
        ("\0", "A tag needs a letter or a digit."),
    ],
)
def test_a_name_that_cannot_be_is_refused_beside_its_field(office, name, reason):
    a_post(live=True, tags=["Tide", "Sea"])
    answer = rename(office, "Tide", name)
    assert answer.status_code == 422
    assert reason in fault(answer, "name")
    assert tag("Tide") is not None
    if "already" in reason:
        assert office.get(link(answer, "Merge it into")).status_code == 200


def test_signs_that_make_a_name_are_part_of_the_address(office, client):
    a_post(live=True, tags=["C", "Go"])
    rename(office, "Go", "C++")
    assert lands(client, "/tags/go") == "/tags/c-plus-plus"


def test_a_browser_looks_at_both_without_a_token_and_merges_with_one(office, app, monkeypatch):
    a_post(tags=["Tide"])
    a_post(tags=["Tides"])
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)  # as the site runs
    before = office.get(at("Tide"))
    form = page(before).select_one("main form:not([method])")
    assert [each["name"] for each in form.select("[name]")] == ["into"]
    asked = office.get(form["action"], query_string={"into": "Tides"})
    assert asked.status_code == 200
    sent = filled(asked, "main form[method=post]")
    assert sent["csrf_token"]
    path = at("Tide", "/merging")
    assert office.post(path, data=sent | {"csrf_token": ""}, headers=HERE).status_code == 400
    assert office.post(path, data=sent, headers=HERE).location == at("Tides")


def test_merging_shows_both_asks_and_moves_all_posts(office, client):
    a_post(live=True, tags=["Tide", "Sea"])
    a_post(tags=["Tide"])
    a_post(live=True, tags=["Tides"])
    asked = office.get(at("Tide", "/merging"), query_string={"into": " tides "})
    assert listed(asked)["Tides/tags/tides"] == "Stays."
    assert "2 posts get the tag “ Tides ” in place of “ Tide ”" in words(asked)
    assert tag("Tide") is not None
    answer = merge(office, "Tide", "Tides")
    assert "“Tide” is a part of “Tides” now. 2 posts have moved." in words(office.get(answer.location))
    assert tag("Tide") is None
    assert lands(client, "/tags/tide") == "/tags/tides"
    entry = the_db.session.scalar(AuditEntry.newest())
    assert (entry.actor_name, entry.action, entry.subject) == ("Boss", "merged the tag", "Tide into Tides")


def test_a_chain_of_merged_tags_is_one_hop(office, client):
    for name in ("One", "Two", "Three"):
        a_post(live=True, tags=[name])
    merge(office, "One", "Two")
    merge(office, "Two", "Three")
    assert lands(client, "/tags/one") == lands(client, "/tags/two") == "/tags/three"


@pytest.mark.parametrize(
    ("into", "reason"),
    [
        ("", "Name the tag that is to stay."),
        ("Nowhere", "There is no tag of this name."),
        ("TIDE", "That is this very tag."),
        ("x" * 10_000, "At most 60 characters"),
    ],
)
def test_a_tag_merges_only_into_another_that_is_there(office, into, reason):
    a_post(live=True, tags=["Tide"])
    for answer in (
        office.get(at("Tide", "/merging"), query_string={"into": into}),
        office.post(at("Tide", "/merging"), data={"into": into}),
    ):
        assert answer.status_code == 422
        assert reason in fault(answer, "into")


def test_an_old_address_tells_nothing_of_a_tag_of_drafts_only(office, client):
    a_post(tags=["Secret"])
    rename(office, "Secret", "Hush")
    assert client.get("/tags/secret").status_code == 404
    assert client.get("/tags/hush").status_code == 404


def test_only_a_tag_of_no_post_is_deleted(office, client):
    a_post(tags=["Draft"])
    a_post(live=True, tags=["Old"])
    Tag.named(["Alone"])
    answer = office.post(at("Draft", "/deletion"))
    assert "1 post has the tag “Draft”." in words(office.get(answer.location))
    assert link(office.get(at("Draft")), "Delete") is None
    merge(office, "Old", "Alone")
    rename(office, "Alone", "Lone")
    post = a_post(live=True, tags=["Short"])
    rename(office, "Short", "Brief")
    post.revise(base=2, by=post.author, tags=[])
    answer = office.post(at("Brief", "/deletion"))
    assert "The tag “Brief” is deleted." in words(office.get(answer.location))
    assert tag("Brief") is None
    assert client.get("/tags/short").status_code == 404
    assert the_db.session.scalar(AuditEntry.newest()).action == "deleted the tag"


def test_two_admins_at_once_are_told_what_the_other_did(office, boss, sign_in):
    a_post(live=True, tags=["Tide", "Sea"])
    other = sign_in(an_admin())
    path, form = at("Tide"), filled(other.get(at("Tide")), "main form[method=post]")
    rename(office, "Tide", "TIDE")
    late = other.post(path, data=form | {"name": "tide"})
    assert late.status_code == 422
    assert "Somebody has just renamed it to “TIDE”." in fault(late, "name")
    again = filled(late, "main form[method=post]")
    assert other.post(path, data=again | {"name": "tide"}).status_code == 302
    rename(office, "tide", "Ebb")
    for method, below, sent in (
        ("GET", "", {}),
        ("POST", "", form),
        ("GET", "/merging?into=Sea", {}),
        ("POST", "/merging", {"into": "Sea"}),
        ("POST", "/deletion", {}),
    ):
        answer = other.open(path + below, method=method, data=sent)
        assert answer.location == "/admin/tags"
        assert "That tag is no longer there" in words(other.get(answer.location))


def test_pages_that_were_kept_are_drawn_anew(office, client):
    def edition():
        if the_db.engine.dialect.name == "postgresql":
            the_db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # as a commit would
        return the_db.session.execute(text("SELECT number FROM edition")).scalar()

    a_post(live=True, tags=["Tide"])
    before = edition()
    rename(office, "Tide", "TIDE")
    assert edition() != before
