"""Addresses that moved: what readers are sent to, and how admins set it up."""

import pytest
from factories import a_post, a_user, an_admin, an_editor
from looking import fault, filled, link, page, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.models import AuditEntry, Missing, PostKind, Redirect


@pytest.fixture
def boss(db):
    return an_admin(name="Boss")


@pytest.fixture
def office(boss, sign_in):
    return sign_in(boss)


def add(browser, path, target):
    return browser.post("/admin/redirects", data={"path": path, "target": target})


def rows():
    return {row.path: row.goal for row in the_db.session.scalars(select(Redirect))}


def put(path, target):
    the_db.session.add(Redirect(path=path, target=target))
    the_db.session.flush()


# What readers are sent to


def lands(client, path):
    """Where one hop leads, and that it is the last."""
    moved = client.get(path)
    assert moved.status_code == 301, path
    if moved.location.startswith("/"):
        assert client.get(moved.location).status_code == 200, moved.location
    return moved.location


def test_a_chain_of_redirects_is_one_hop(client):
    a_post(live=True, slug="ships")
    put("/a", "/B/")
    put("/b", "/c#end")
    put("/c", "/posts/ships?x=1#part")
    for path in ("/a", "/b", "/c", "/A/"):
        assert lands(client, path) == "/posts/ships?x=1#part"


def test_a_fixed_address_of_a_post_follows_it_when_it_is_renamed(client):
    post = a_post(live=True, slug="ships")
    put("/a", "/posts/ships#part")
    post.revise(base=1, by=None, slug="boats")
    assert lands(client, "/a") == "/posts/boats#part"


def test_a_target_in_another_spelling_is_one_hop_too(client):
    a_post(live=True, slug="ships", tags=["Sea"])
    put("/a", "/Tags/SEA/")
    assert lands(client, "/a") == "/tags/sea"


def test_a_page_that_stands_on_the_way_ends_the_way(client):
    a_post(live=True, tags=["Sea"])
    put("/a", "/tags/sea")
    put("/tags/sea", "/authors")
    assert lands(client, "/a") == "/tags/sea"


def test_a_circle_is_no_page(client):
    put("/a", "/b")
    put("/b", "/C")
    put("/c", "/a/")
    put("/self", "/Self")
    for path in ("/a", "/b", "/c", "/self"):
        assert client.get(path).status_code == 404


def test_a_redirect_never_hides_a_page(client):
    post = a_post(live=True, slug="ships", tags=["Sea"])
    for path in ("/posts/ships", "/tags", "/tags/sea", "/"):
        put(path, "/elsewhere")
        assert client.get(path).status_code == 200
    post.revise(base=1, by=None, slug="boats")
    assert client.get("/posts/ships").location == "/posts/boats"


def test_an_address_of_another_site_and_other_scripts_are_spelled_for_browsers(client):
    put("/out", "https://example.org/a%20b?c=d&e#f")
    put("/käse", "/posts/läufer")
    assert client.get("/out").location == "https://example.org/a%20b?c=d&e#f"
    assert client.get("/k%C3%A4se").location == "/posts/l%C3%A4ufer"


def test_a_bad_position_in_a_list_is_not_sent_elsewhere(client):
    put("/tags", "/authors")
    assert client.get("/tags?before=nonsense").status_code == 404


# Setting one up


def test_an_admin_redirects_an_address_and_it_holds_at_once(office, client):
    a_post(live=True, slug="ships")
    sent = filled(office.get("/admin/redirects"), "main section form") | {
        "path": "/Old.HTML/",
        "target": "/posts/ships",
    }
    answer = office.post("/admin/redirects", data=sent)
    assert answer.location == "/admin/redirects"
    assert "/old.html leads to /posts/ships now." in words(office.get("/admin/redirects"))
    assert lands(client, "/old.html") == "/posts/ships"
    entry = the_db.session.scalar(AuditEntry.newest())
    assert (entry.actor_name, entry.action, entry.subject) == ("Boss", "redirected", "/old.html to /posts/ships")


def test_a_redirect_to_a_post_follows_it(office, client, boss):
    post = a_post(live=True, slug="ships")
    add(office, "/old", "/posts/ships")
    add(office, "/older", "http://localhost/Posts/Ships/")
    post.revise(base=1, by=boss, slug="boats")
    assert lands(client, "/old") == lands(client, "/older") == "/posts/boats"
    post.unpublish(base=2, by=boss)
    assert client.get("/old").status_code == 410


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://old.example/2019/03/A%20b.html?x=y#z", "/2019/03/a b.html"),
        ("http://old.example:8080/caf%C3%A9/", "/café"),
        (" /cafe\u0301 ", "/café"),
        ("/a//b/", "/a/b"),
        ("/a/./b", "/a/b"),
        ("/100%", "/100%"),
        ("/x?p=1", "/x"),
    ],
)
def test_a_whole_address_of_old_may_be_pasted(office, client, written, kept):
    assert add(office, written, "/tags").status_code == 302
    assert rows() == {kept: "/tags"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "Say which address of old is meant."),
        ("old.html", "Begin with a slash"),
        ("//host/x", "Begin with a slash"),
        ("javascript:alert(1)", "Begin with a slash"),
        ("/a\r\nb", "no line breaks"),
        ("/a%0d%0ab", "no line breaks"),
        ("/a\tb", "no line breaks"),
        ("/a\\b", "no line breaks"),
        ("/a/%2e%2e/b", "no line breaks"),
        ("/a\x00b", "no line breaks"),
        ("https://[x/", "no address"),
        ("/" + "x" * 500, "At most 500 characters"),
        ("/auth/account", "Nothing about signing in"),
        ("/setup/x", "Nothing about signing in"),
        ("/", "There is a page at this address"),
        ("https://old.example", "There is a page at this address"),
        ("/Tags/", "There is a page at this address"),
        ("/admin", "There is a page at this address"),
        ("/posts/ships", "There is a page at this address"),
        ("/posts/boats", "There is a page at this address"),
        ("/tags/sea", "There is a page at this address"),
        ("/authors/ada", "There is a page at this address"),
        ("/taken", "This address leads to /tags already"),
    ],
)
def test_an_address_that_cannot_be_redirected_is_refused_beside_the_field(office, path, reason):
    post = a_post(live=True, by=an_editor(name="Ada"), slug="boats", tags=["Sea"])
    post.revise(base=1, by=None, slug="ships")
    put("/taken", "/tags")
    answer = add(office, path, "/authors")
    assert answer.status_code == 422
    assert reason in fault(answer, "path")
    assert len(rows()) == 1
    assert filled(answer, "main section form")["target"] == "/authors"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("", "Say where it is to lead."),
        ("javascript:alert(1)", "Begin with a slash"),
        ("JaVaScRiPt:alert(1)", "Begin with a slash"),
        ("data:text/html,x", "Begin with a slash"),
        ("//evil.example", "Begin with a slash"),
        ("http://evil.example/", "Begin with a slash"),
        ("https://", "Begin with a slash"),
        ("https:/x", "Begin with a slash"),
        ("https://old.example:0/", "Begin with a slash"),
        ("https://old.example:99999/", "Begin with a slash"),
        ("https://a@evil.example/", "Begin with a slash"),
        ("http://localhost//evil.example", "Begin with a slash"),
        ("/\\evil.example", "no line breaks"),
        ("/a\r\nSet-Cookie: x", "no line breaks"),
        ("/\t/evil.example", "no line breaks"),
        ("/x/../old", "no line breaks"),
        ("/x/%2E./old", "no line breaks"),
        ("https://[x", "no address"),
        ("/" + "x" * 500, "At most 500 characters"),
        ("/old", "cannot lead to itself"),
        ("/Old/?x#y", "cannot lead to itself"),
        ("http://localhost/OLD", "cannot lead to itself"),
        ("/a", "lead in a circle"),
        ("/b#c", "lead in a circle"),
    ],
)
def test_a_target_that_is_no_place_to_send_readers_is_refused_beside_the_field(office, target, reason):
    put("/a", "/b")
    put("/b", "/Old/")
    answer = add(office, "/old", target)
    assert answer.status_code == 422
    assert reason in fault(answer, "target")
    assert len(rows()) == 2


def test_an_admin_is_told_when_nothing_is_at_the_target_yet(office):
    a_post(slug="soon")
    add(office, "/a", "/posts/soon")
    assert "/a leads to /posts/soon, as soon as that is out." in words(office.get("/admin/redirects"))
    add(office, "/b", "/nowhere")
    assert "though no page of this site is there now" in words(office.get("/admin/redirects"))
    add(office, "/c", "/tags?x#y")
    assert "/c leads to /tags?x#y now." in words(office.get("/admin/redirects"))


def test_a_redirect_that_a_page_has_come_to_hide_is_marked(office):
    put("/posts/ships", "/tags")
    assert "Not used" not in office.get("/admin/redirects").text
    a_post(live=True, slug="ships")
    assert "Not used: a page is there." in words(office.get("/admin/redirects"))


def test_redirects_are_listed_by_address_searched_and_paged(office, monkeypatch):
    monkeypatch.setattr("blog.admin.redirects.LIST_SIZE", 2)
    for n in (3, 1, 2):
        put(f"/old-{n}", "/tags")
    put("/zzz", "/authors")

    def listed(answer):
        return [cell.get_text() for cell in page(answer).select("tbody th bdi")]

    first = office.get("/admin/redirects?q=old")
    assert listed(first) == ["/old-1", "/old-2"]
    assert listed(office.get(link(first, "Next"))) == ["/old-3"]
    assert listed(office.get("/admin/redirects?q=author")) == ["/zzz"]
    assert "No redirect found" in words(office.get("/admin/redirects?q=%25"))
    assert office.get("/admin/redirects?before=x").status_code == 404


def test_a_redirect_is_changed_and_deleted(office, client):
    put("/old", "/nowhere")
    listed = office.get("/admin/redirects")
    edit = link(listed, "/old")
    shown = filled(office.get(edit), "main form.form")
    assert (shown["path"], shown["target"]) == ("/old", "/nowhere")
    assert office.post(edit, data={"path": "/old", "target": "//evil"}).status_code == 422
    assert office.post(edit, data={"path": "/older", "target": "/tags"}).status_code == 302
    assert rows() == {"/older": "/tags"}
    assert office.post(f"{edit}/deletion").status_code == 302
    assert client.get("/older").status_code == 404
    assert office.get(edit).status_code == 404
    assert office.post(f"{edit}/deletion").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/admin/redirects"),
        ("post", "/admin/redirects"),
        ("get", "/admin/redirects/1"),
        ("post", "/admin/redirects/1/deletion"),
        ("post", "/admin/redirects/missing/1/deletion"),
        ("post", "/admin/redirects/missing/deletion"),
    ],
)
def test_only_admins_may_see_or_set_up_redirects(client, sign_in, method, path):
    for person in (an_editor(), a_user()):
        assert getattr(sign_in(person), method)(path).status_code == 403
    assert getattr(client, method)(path).status_code in (302, 401)


# Mending what was asked for in vain


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("/2019/03/iron_ships.html", "/posts/iron-ships"),
        ("/posts/iron-ship", "/posts/iron-ships"),
        ("/blog/2019-03-05-iron-ships", "/posts/iron-ships"),
        ("/iron-ships/index.html", "/posts/iron-ships"),
        ("/about-us", "/about-us-all"),
        ("/quite/other/thing", ""),
        ("/2019", ""),
    ],
)
def test_a_missing_address_is_mended_with_one_click_where_the_post_can_be_guessed(office, client, asked, offered):
    a_post(live=True, slug="iron-ships")
    a_post(live=True, slug="about-us-all", kind=PostKind.page)
    a_post(slug="quite-another-thing")
    the_db.session.add(Missing(path=asked, times=3, referrer="https://example.org/links"))
    listed = office.get("/admin/redirects")
    assert "3 times" in words(listed)
    assert "https://example.org/links" in words(listed)
    sent = filled(listed, "#missing form.mend")
    assert (sent["path"], sent["target"]) == (asked, offered)
    if offered:
        assert office.post("/admin/redirects", data=sent).status_code == 302
        assert client.get(asked).location == offered
        assert the_db.session.scalar(select(Missing)) is None


def test_a_mending_that_fails_shows_why_and_keeps_what_was_typed(office):
    the_db.session.add(Missing(path="/lost"))
    answer = add(office, "/lost", "")
    assert answer.status_code == 422
    assert fault(answer, "target") == "Say where it is to lead."
    assert filled(answer, "main section form")["path"] == "/lost"
    assert the_db.session.scalar(select(Missing))


def test_missing_addresses_are_forgotten_one_by_one_or_all(office):
    for n in range(3):
        the_db.session.add(Missing(path=f"/lost-{n}"))
    the_db.session.flush()
    one = the_db.session.scalar(select(Missing).where(Missing.path == "/lost-1"))
    assert office.post(f"/admin/redirects/missing/{one.id}/deletion").status_code == 302
    assert {row.path for row in the_db.session.scalars(select(Missing))} == {"/lost-0", "/lost-2"}
    assert office.post("/admin/redirects/missing/deletion").status_code == 302
    assert "Nobody has asked for a page that is not there." in words(office.get("/admin/redirects"))
