"""Pages, such as About: at an address of one word, in no list, and for admins to write."""

from datetime import timedelta

import pytest
from factories import a_page, a_post, a_user, an_admin, an_editor, the_site
from looking import fault, filled, headlines, link, page, rewrite, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import OldSlug, Post, PostKind, PostStatus, Redirect
from blog.models.address import reserved_slugs

STATES = {
    "draft": {},
    "scheduled": {"published_at": utcnow() + timedelta(days=1)},
    "live": {"live": True},
    "binned": {"live": True, "binned_at": utcnow()},
}
PEOPLE = {"visitor": None, "viewer": a_user, "editor": an_editor, "admin": an_admin}


@pytest.fixture
def as_a(client, sign_in):
    """A browser of somebody with this role."""
    return lambda role: sign_in(PEOPLE[role]()) if PEOPLE[role] else client


def write_page(browser, press: str = "", **typed: str):
    sent = filled(browser.get("/write/posts/new?kind=page"), "form.editor") | typed
    return browser.post(f"/write/posts/new{press}", data=sent)


def the_page() -> Post:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post).where(Post.kind == PostKind.page)).one()


# Read


def test_a_page_is_read_at_its_own_address(client, db):
    a_page(live=True, slug="about", title="About us", summary="Who we are.", body="We *mend*.")
    answer = client.get("/about")
    assert answer.status_code == 200
    html = page(answer)
    assert html.h1.get_text() == "About us"
    assert html.select_one(".prose em").get_text() == "mend"
    assert html.select_one("link[rel=canonical]")["href"] == "http://localhost/about"
    assert html.select_one("meta[name=description]")["content"] == "Who we are."
    assert "Updated" in words(answer)


def test_a_page_has_no_byline_no_tags_and_no_neighbours(client, db):
    a_page(live=True, slug="about", by=an_admin(name="Boss"))
    a_post(live=True, tags=["wood"])
    answer = client.get("/about")
    assert "Boss" not in words(answer)
    assert not page(answer).select("[rel=author], [rel=tag], .pager, .tags")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", PEOPLE)
def test_only_what_is_out_is_read_whoever_asks(db, as_a, role, state):
    a_page(slug="about", title="Hush", **STATES[state])
    answer = as_a(role).get("/about")
    assert answer.status_code == (200 if state == "live" else 404)
    assert ("Hush" in answer.text) == (state == "live")


def test_a_page_for_members_shows_strangers_the_gate(client, sign_in, db):
    a_page(live=True, members=True, slug="minutes", title="Minutes", body="A secret vote.")
    answer = client.get("/minutes")
    assert "The rest is for members" in words(answer)
    assert "secret vote" not in answer.text
    assert link(answer, "Sign in to read") == "/auth/login?next=/minutes"
    assert "secret vote" in sign_in(a_user()).get("/minutes").text


def test_an_earlier_address_of_a_page_redirects_in_one_hop(client, db):
    about = a_page(live=True, slug="about", first_published_at=utcnow())
    about.revise(base=1, by=None, slug="about-us")
    about.revise(base=2, by=None, slug="who-we-are")
    for old in ("/about", "/about-us", "/posts/about", "/posts/who-we-are"):
        answer = client.get(old)
        assert (answer.status_code, answer.location) == (301, "/who-we-are")
    about.unpublish(base=3, by=an_admin())
    for old in ("/about", "/about-us", "/posts/about", "/posts/who-we-are", "/who-we-are"):
        assert client.get(old).status_code == 410


def test_a_post_asked_for_as_a_page_redirects_to_its_path_while_it_is_out(client, db):
    post = a_post(live=True, slug="six-sashes")
    assert (client.get("/six-sashes").status_code, client.get("/six-sashes").location) == (301, "/posts/six-sashes")
    post.unpublish(base=1, by=an_admin())
    assert client.get("/six-sashes").status_code == 404


@pytest.mark.parametrize("spelling", ["/About", "/about/", "/about//", "/ABOUT/"])
def test_every_spelling_of_the_address_leads_to_the_page(client, db, spelling):
    a_page(live=True, slug="about")
    answer = client.get(spelling)
    assert (answer.status_code, answer.location.removeprefix("http://localhost")) in [(301, "/about"), (308, "/about")]


def test_a_page_in_another_script_is_read(client, db):
    a_page(live=True, slug="من-نحن", title="من نحن", language="ar")
    answer = client.get("/من-نحن")
    assert page(answer).h1["lang"] == "ar"
    assert page(answer).h1["dir"] == "rtl"


@pytest.mark.parametrize("path", ["/wp-login.php", "/a.b", "/no_such", "/-", "/" + "x" * 500, "/%00", "/nothing"])
def test_what_is_no_page_is_not_found(client, db, path):
    assert client.get(path).status_code == 404


def test_an_imported_address_of_one_word_still_redirects(client, db):
    db.session.add(Redirect(path="/old-news", target="/tags"))
    assert client.get("/old-news").location == "/tags"


def test_a_form_sent_to_a_page_finds_nothing_there(client, db):
    a_page(live=True, slug="about")
    assert client.post("/about", data={"title": "x"}).status_code == 404


def test_a_page_costs_few_queries_and_never_more(client, db, queries):
    a_page(live=True, slug="about")
    with queries() as seen:
        client.get("/about")
    assert len(seen) <= 3


# In no list


def test_a_page_stands_in_no_list_and_no_feed(client, db):
    boss = an_admin(handle="boss")
    a_page(live=True, by=boss, title="About these pages", slug="about", tags=["wood"])
    for path in ("/", "/tags", "/authors", "/feed.atom"):
        assert "About these pages" not in client.get(path).text
        assert "wood" not in client.get(path).text
    for path in ("/tags/wood", "/authors/boss"):
        assert client.get(path).status_code == 404


def test_the_desk_and_the_figures_count_posts_only(db, sign_in):
    boss = an_admin()
    for state in STATES.values():
        a_page(by=boss, **state)
    a_post(by=boss, live=True, title="A post", summary="Said.")
    office = sign_in(boss)
    assert headlines(office.get("/write")) == ["A post"]
    assert headlines(office.get("/write?whose=everyone")) == ["A post"]
    assert headlines(office.get("/write?state=binned")) == []
    figures = {term.get_text(): term.find_next("dd").get_text() for term in page(office.get("/admin")).select("dt")}
    assert (figures["Posts live"], figures["Drafts"], figures["Scheduled"]) == ("1", "0", "0")


def test_whoever_wrote_only_pages_has_no_public_page_of_their_own(db, sign_in):
    boss = an_admin()
    a_page(live=True, by=boss)
    answer = sign_in(boss).get(f"/admin/users/{boss.id}")
    assert link(answer, "Public page") is None
    assert "1 page of the site" in words(answer)


def test_who_leaves_hands_the_pages_over_too(db, sign_in):
    gone, heir = an_admin(), an_admin()
    about, post = a_page(live=True, by=gone), a_post(by=gone)
    answer = sign_in(heir).post(f"/admin/users/{gone.id}/posts", data={"email": heir.email})
    assert answer.status_code == 302
    assert about.author_id == post.author_id == heir.id


# Written by admins


def test_an_admin_makes_and_publishes_a_page(db, sign_in, client):
    office = sign_in(an_admin())
    assert link(office.get("/admin/pages"), "New page") == "/write/posts/new?kind=page"
    form = office.get("/write/posts/new?kind=page")
    assert page(form).title.get_text().startswith("New page")
    assert not page(form).select("[name=featured], [name=tags]")
    answer = write_page(office, "/publication", title="About us", body="We mend.")
    post = the_page()
    assert (post.slug, post.status, answer.location) == ("about-us", PostStatus.published, f"/write/posts/{post.id}")
    assert client.get("/about-us").status_code == 200
    edited = office.get(answer.location)
    assert "page" in page(edited).select_one("#publication").get_text()
    assert "/about-us" in words(edited)
    assert "Hand it over" not in words(edited)


def test_a_page_is_edited_previewed_binned_and_restored_like_a_post(db, sign_in, client):
    about = a_page(live=True, slug="about", title="About", tags=["kept"])
    office = sign_in(an_admin())
    assert rewrite(office, about.id, title="About us", body="New words.").status_code == 302
    assert "New words." not in client.get("/about").text
    assert rewrite(office, about.id, "publish").status_code == 302
    assert "New words." in client.get("/about").text
    assert [tag.name for tag in about.tags] == ["kept"]
    assert "Preview." in words(office.get(f"/write/posts/{about.id}/preview"))
    assert rewrite(office, about.id, "bin").location == "/admin/pages"
    assert "In the bin" in words(office.get("/admin/pages"))
    assert client.get("/about").status_code == 410
    sent = filled(office.get(f"/write/posts/{about.id}"), "form.editor")
    office.post(f"/write/posts/{about.id}/restoration", data=sent)
    assert (the_page().status, the_page().kind) == (PostStatus.draft, PostKind.page)


def test_two_versions_of_a_page_stand_side_by_side(db, sign_in):
    about = a_page(live=True, title="About")
    office = sign_in(an_admin())
    mine = filled(office.get(f"/write/posts/{about.id}"), "form.editor") | {"body": "Mine."}
    rewrite(office, about.id, body="Theirs.")
    answer = office.post(f"/write/posts/{about.id}", data=mine)
    assert answer.status_code == 409
    assert filled(answer, "form.merge")["mine-0"] == "Mine."
    assert filled(answer, "form.merge")["theirs-0"] == "Theirs."


def test_a_page_without_words_is_not_published_and_the_refusal_speaks_of_a_page(db, sign_in):
    answer = write_page(sign_in(an_admin()), "/publication", title="", body="x")
    assert answer.status_code == 422
    assert fault(answer, "title") == "Give the page a title before you publish it."
    assert filled(answer, "form.editor")["kind"] == "page"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", PEOPLE)
def test_only_admins_touch_a_page_even_one_that_is_their_own(db, as_a, sign_in, role, state):
    browser = as_a(role)
    about = a_page(slug="about", title="Hush", **STATES[state])
    if role == "editor":
        about.author = an_editor()
        browser = sign_in(about.author)
    refused = 403 if state == "live" or role == "viewer" else 404
    refused = 302 if role == "visitor" else refused
    at = f"/write/posts/{about.id}"
    for path in (at, f"{at}/preview", f"{at}/revisions", f"{at}/revisions/1"):
        answer = browser.get(path)
        assert answer.status_code == (200 if role == "admin" else refused)
        assert role == "admin" or "Hush" not in answer.text
    if role == "admin":
        return
    sent = {"base": "1", "title": "Mine", "body": "Mine."}
    for deed in ("", "/publication", "/withdrawal", "/bin", "/restoration", "/author"):
        answer = browser.post(at + deed, data=sent)
        assert answer.status_code == (401 if role == "visitor" else refused)
    assert the_page().title == "Hush"
    assert the_page().revision == 1


@pytest.mark.parametrize("role", ["visitor", "viewer", "editor"])
def test_only_admins_make_pages_and_see_the_list_of_them(db, as_a, role):
    browser = as_a(role)
    shut = 302 if role == "visitor" else 403
    assert browser.get("/write/posts/new?kind=page").status_code == shut
    assert browser.get("/admin/pages").status_code == shut
    for path in ("/write/posts/new", "/write/posts/new/publication"):
        sent = {"kind": "page", "title": "Mine", "body": "Mine."}
        assert browser.post(path, data=sent).status_code == (401 if role == "visitor" else 403)
        assert browser.post(f"{path}?kind=page", data=sent).status_code == (401 if role == "visitor" else 403)
    assert the_db.session.scalars(select(Post)).all() == []


def test_no_form_turns_a_post_into_a_page_or_a_page_into_a_post(db, sign_in, client):
    ada, boss = an_editor(), an_admin()
    post, about = a_post(by=ada, live=True, slug="mine"), a_page(by=boss, live=True, slug="about")
    rewrite(sign_in(ada), post.id, "publish", kind="page", title="New", is_page="on")
    rewrite(sign_in(boss), post.id, "publish", kind="page", title="Newer")
    rewrite(sign_in(boss), about.id, "publish", kind="post", title="Newest", tags="wood", featured="on")
    the_db.session.expire_all()
    assert (post.kind, post.title) == (PostKind.post, "Newer")
    assert (about.kind, about.title, about.tags, about.featured) == (PostKind.page, "Newest", [], False)


def test_a_page_of_one_who_is_no_admin_any_more_is_shut_also_to_its_old_form(db, sign_in):
    boss = an_admin()
    office = sign_in(boss)
    sent = filled(office.get("/write/posts/new?kind=page"), "form.editor") | {"title": "About", "body": "Ours."}
    office.post("/write/posts/new", data=sent)
    an_admin()
    boss.role = an_editor().role
    again = {name: value for name, value in sent.items() if name != "kind"}
    answer = office.post("/write/posts/new", data=again | {"title": "Mine", "base": "1"})
    assert answer.status_code in (403, 404, 409)
    assert the_page().title == "About"


def test_a_kind_there_is_not_is_no_page_of_ours(db, sign_in):
    assert sign_in(an_admin()).get("/write/posts/new?kind=novel").status_code == 404
    assert sign_in(an_editor()).get("/write/posts/new?kind=post").status_code == 200


# Addresses that are taken


def first_words(app) -> set[str]:
    """What the addresses of the application begin with, told in another way than the code tells it."""
    starts = {rule.rule.strip("/").split("/")[0].split("<")[0].split(".")[0] for rule in app.url_map.iter_rules()}
    return {word for word in starts if word and not word.endswith("-")}  # a slug never ends with a hyphen


def test_the_reserved_words_are_those_the_application_answers(app, db):
    assert first_words(app) <= reserved_slugs()
    assert {"posts", "tags", "authors", "write", "admin", "auth", "media", "static", "healthz", "readyz", "setup",
            "feed"} <= reserved_slugs()  # fmt: skip
    assert "about" not in reserved_slugs()


def test_no_page_takes_a_reserved_address(app, db, sign_in):
    office = sign_in(an_admin())
    for slug in sorted(first_words(app)):
        answer = write_page(office, title="Ours", slug=slug)
        assert answer.status_code == 422, slug
        assert fault(answer, "slug") == f"/{slug} is an address of the site itself. Choose another."
        assert filled(answer, "form.editor")["slug"] == slug
    assert the_db.session.scalars(select(Post)).all() == []


def test_a_page_is_not_renamed_to_a_reserved_address_either(db, sign_in):
    about = a_page(live=True, slug="about")
    assert fault(rewrite(sign_in(an_admin()), about.id, slug="tags"), "slug")
    assert the_page().slug == "about"


def test_a_page_named_like_a_reserved_address_gets_the_next_free_one(db, sign_in, client):
    write_page(sign_in(an_admin()), "/publication", title="Tags", body="On labels.")
    assert the_page().slug == "tags-2"
    assert "On labels." in client.get("/tags-2").text
    assert Post.free_slug("Authors", kind=PostKind.page) == "authors-2"
    assert Post.free_slug("Authors") == "authors"


def test_a_post_may_be_called_what_a_page_may_not(db, sign_in, client):
    rewrite(sign_in(an_admin()), a_post(live=True).id, "publish", slug="tags")
    assert client.get("/posts/tags").status_code == 200


def test_a_page_and_a_post_never_share_an_address(db, sign_in):
    a_post(live=True, slug="about")
    db.session.add(OldSlug(slug="once", post=a_post(live=True)))
    office = sign_in(an_admin())
    for slug in ("about", "once"):
        assert fault(write_page(office, title="Ours", slug=slug), "slug") == "Another post has that address, or had it."


# The list


def test_the_list_of_pages_shows_state_title_and_address(db, sign_in):
    office = sign_in(an_admin())
    assert "No pages yet" in words(office.get("/admin/pages"))
    a_post(live=True, title="No page")
    for state, columns in STATES.items():
        a_page(title=f"It is {state}", slug=f"it-is-{state}", **columns)
    answer = office.get("/admin/pages")
    assert "No page" not in words(answer)
    for state, label in (("draft", "Draft"), ("scheduled", "Scheduled"), ("live", "Live"), ("binned", "In the bin")):
        row = next(row for row in page(answer).select("tbody tr") if f"It is {state}" in row.get_text())
        assert label in row.get_text()
        assert f"/it-is-{state}" in row.get_text()
        look = row.select("a")[-1]["href"]
        assert office.get(look).status_code == 200
    assert link(answer, "View “It is live”") == "/it-is-live"


def test_the_list_of_pages_has_pages_itself_and_costs_the_same(db, sign_in, queries):
    office = sign_in(an_admin())
    a_page()
    with queries() as few:
        office.get("/admin/pages")
    for _ in range(60):
        a_page()
    with queries() as many:
        first = office.get("/admin/pages")
    assert len(many) == len(few) <= 5
    assert office.get(link(first, "Next")).status_code == 200


def test_a_site_with_the_longest_of_pages_is_still_whole(client, db):
    the_site(title="S" * 80)
    a_page(live=True, slug="x" * 120, title="T" * 200, summary="s" * 300)
    assert client.get("/" + "x" * 120).status_code == 200
