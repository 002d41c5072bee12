"""What readers see, and what they must not."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from factories import a_binned_post, a_post, a_scheduled_post, a_user, an_admin, an_editor, the_site
from looking import headlines, link, page, rewrite, words

from blog.database import utcnow
from blog.models import Redirect

PICTURE = "/media/ab/ab" + "0" * 30 + "-64x40.png"
SECRET = f"The combination is four, eight, fifteen.\n\n![A secret safe]({PICTURE})"


def ago(**how):
    return utcnow() - timedelta(**how)


def posts_by_age(number, **fields):
    """Live posts of one author, the newest first."""
    author = an_editor()
    return [
        a_post(by=author, live=True, title=f"No. {n}", published_at=ago(hours=n + 1), **fields) for n in range(number)
    ]


# The front page


def test_the_front_page_of_a_new_site_says_that_nothing_is_here_yet(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Nothing here yet" in answer.text
    assert "Write it" not in answer.text


def test_an_editor_is_invited_to_write_the_first_post(sign_in):
    assert link(sign_in(an_editor()).get("/"), "Write it") == "/write/posts/new"


def test_the_front_page_lists_live_posts_newest_first(client):
    for hours, title in ((3, "Middle"), (1, "Newest"), (9, "Oldest")):
        a_post(live=True, title=title, published_at=ago(hours=hours))
    a_post(title="Draft")
    a_scheduled_post(title="Scheduled")
    a_binned_post(title="Binned")
    assert headlines(client.get("/")) == ["Newest", "Middle", "Oldest"]


def test_posts_of_the_same_second_keep_one_order(client):
    moment = ago(hours=1)
    for n in range(5):
        a_post(live=True, title=f"Twin {n}", published_at=moment)
    assert headlines(client.get("/")) == [f"Twin {n}" for n in (4, 3, 2, 1, 0)]


def test_the_featured_post_leads_the_front_page_and_is_not_repeated(client):
    a_post(live=True, title="Newest", published_at=ago(hours=1))
    a_post(live=True, title="Featured one", published_at=ago(days=300), featured=True)
    answer = client.get("/")
    assert headlines(answer) == ["Featured one", "Newest"]
    assert "Featured one" in page(answer).select_one(".lead").get_text()


def test_without_a_featured_post_the_newest_leads(client):
    a_post(live=True, title="Older", published_at=ago(hours=2))
    a_post(live=True, title="Newest", published_at=ago(hours=1))
    answer = client.get("/")
    assert page(answer).select_one(".lead h2").get_text() == "Newest"
    assert page(answer).select_one(".lead .label") is None


def test_a_featured_draft_does_not_lead(client):
    a_post(title="Not yet", featured=True)
    a_post(live=True, title="Out")
    assert headlines(client.get("/")) == ["Out"]


def test_the_front_page_shows_the_picture_of_its_lead_with_its_size(client):
    a_post(live=True, body=f"![A safe]({PICTURE})")
    picture = page(client.get("/")).select_one(".lead img")
    assert (picture["src"], picture["alt"]) == (PICTURE, "A safe")
    assert (picture["width"], picture["height"]) == ("64", "40")


def test_older_and_newer_lead_through_all_posts_and_back(client):
    the_site(posts_per_page=3)
    everything = [post.title for post in posts_by_age(9)]
    seen, pages, address = [], [], "/"
    while address:
        answer = client.get(address)
        seen += headlines(answer)
        pages.append(answer.text)
        address = link(answer, "Older")
    assert seen == everything
    assert len(pages) == 3
    first = client.get(link(client.get(link(answer, "Newer")), "Newer"))
    assert headlines(first) == everything[:4]
    assert link(first, "Newer") is None


def test_a_post_published_while_somebody_pages_is_neither_repeated_nor_lost(client):
    the_site(posts_per_page=2)
    posts_by_age(6)
    older = link(client.get("/"), "Older")
    a_post(live=True, title="Just now")
    assert headlines(client.get(older)) == ["No. 3", "No. 4"]


def written(*values):
    """A cursor as the blog itself writes them, of any values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", ["/", "/tags/rain", "/authors/ada", "/tags", "/authors"])
def test_a_cursor_nobody_gave_out_is_a_404(client, path):
    a_post(live=True, tags=["rain"], by=an_editor(name="Ada"))
    odd = [
        "x",
        "[]",
        "%F0%9F%98%80",
        "%00",
        "é",
        "W" * 5000,
        "W1tb" * 9000,
        written(),
        written(None, None),
        written(1, 2),
    ]
    odd += [written(9**30, 1), written("x", 9**30), written("x\0", 1), written("\ud800", 1), written("x", True)]
    if path.count("/") == 2 or path == "/":
        odd += [written("x", 1), written("2020-01-01T00:00:00", 5), written("2020-01-01T00:00:00+00:00", 9**30)]
        odd += [written("2020-01-01T00:00:00+00:00", "1"), written("0000-01-01T00:00:00+00:00", 1)]
    for cursor in odd:
        for way in ("before", "after"):
            assert client.get(f"{path}?{way}={cursor}").status_code == 404, cursor[:80]


def test_a_position_at_the_edge_of_time_is_a_page_or_none(client):
    a_post(live=True)
    for moment, status in (
        ("0001-01-01T00:00:00+00:00", 200),
        ("9999-12-31T23:59:59+00:00", 200),
        ("0001-01-01T00:00:00+14:00", 404),
        ("9999-12-31T23:59:59-10:00", 404),
    ):
        assert client.get(f"/?before={written(moment, 1)}").status_code == status, moment


# Who sees what


@pytest.fixture(params=["visitor", "viewer", "another editor"])
def reader(request, client, sign_in):
    """Somebody who may not see what is not out."""
    return {
        "visitor": lambda: client,
        "viewer": lambda: sign_in(a_user()),
        "another editor": lambda: sign_in(an_editor()),
    }[request.param]()


PUBLIC = ["/", "/tags", "/tags/weather", "/authors", "/authors/ada", "/feed.atom", "/posts/the-secret"]


@pytest.mark.parametrize("kind", [a_post, a_scheduled_post, a_binned_post])
def test_what_is_not_out_is_nowhere(reader, kind):
    ada = an_editor(name="Ada", biography="Writes in secret.")
    kind(by=ada, title="Top secret", slug="the-secret", body="Hush.", summary="Psst.", tags=["Weather"])
    for path in PUBLIC:
        answer = reader.get(path)
        for secret in ("Top secret", "Hush", "Psst", "Weather", "Writes in secret"):
            assert secret not in answer.text, (path, secret)
        assert answer.status_code == (404 if path.count("/") == 2 else 200), path


@pytest.mark.parametrize("kind", [a_post, a_scheduled_post, a_binned_post])
def test_only_those_who_may_edit_it_preview_what_is_not_out(sign_in, client, kind):
    ada, grace = an_editor(), an_editor()
    post = kind(by=ada, title="Top secret", body="Hush.", co_authors=[grace])
    path = f"/write/posts/{post.id}/preview"
    for insider in (ada, grace, an_admin()):
        answer = sign_in(insider).get(path)
        assert answer.status_code == 200
        assert "Top secret" in answer.text
        assert "Hush." in answer.text
        assert "noindex" in answer.text
    assert client.get(path).location.startswith("/auth/login?next=")
    assert sign_in(a_user()).get(path).status_code == 403
    assert sign_in(an_editor()).get(path).status_code == 404


def test_a_scheduled_post_appears_everywhere_when_its_moment_has_come(client):
    ada = an_editor(name="Ada")
    moment = utcnow() + timedelta(hours=2)
    a_post(by=ada, title="Top secret", slug="the-secret", tags=["Weather"], published_at=moment)
    with time_machine.travel(moment - timedelta(seconds=1), tick=False):
        assert client.get("/posts/the-secret").status_code == 404
        assert "Top secret" not in client.get("/").text
    with time_machine.travel(moment, tick=False):
        for path in PUBLIC:
            answer = client.get(path)
            assert answer.status_code == 200, path
            named = "Weather" if path == "/tags" else "Ada" if path == "/authors" else "Top secret"
            assert named in answer.text, path


def test_neighbours_are_live_posts_only(client):
    old, middle, new = (a_post(live=True, title=t, published_at=ago(days=d)) for t, d in (("O", 5), ("M", 3), ("N", 1)))
    a_binned_post(title="Binned", published_at=ago(days=2))
    a_scheduled_post(title="Soon")
    answer = client.get(f"/posts/{middle.slug}")
    assert link(answer, "Newer") == f"/posts/{new.slug}"
    assert link(answer, "Older") == f"/posts/{old.slug}"
    assert link(client.get(f"/posts/{new.slug}"), "Newer") is None
    assert link(client.get(f"/posts/{old.slug}"), "Older") is None


# Members only


def test_a_visitor_gets_title_summary_and_invitation_of_a_members_post_and_nothing_else(client):
    ada = an_editor(name="Ada")
    a_post(
        by=ada,
        live=True,
        members=True,
        title="For members",
        summary="What it is about.",
        slug="inside",
        body=SECRET,
        tags=["Safes"],
    )
    answer = client.get("/posts/inside")
    assert answer.status_code == 200
    assert "For members" in words(answer)
    assert "What it is about." in words(answer)
    assert link(answer, "Sign in to read") == "/auth/login?next=/posts/inside"
    for path in ("/posts/inside", "/", "/tags/safes", "/authors/ada", "/feed.atom"):
        text = client.get(path).text
        assert "For members" in text, path
        for secret in ("combination", "fifteen", "secret safe", PICTURE):
            assert secret not in text, (path, secret)


def test_the_first_words_of_a_members_post_never_stand_in_for_its_missing_summary(client):
    a_post(live=True, members=True, title="For members", slug="inside", body=SECRET)
    answer = client.get("/posts/inside")
    assert page(answer).select_one("meta[name=description]")["content"] == "“For members” is for members of Masthead."
    for path in ("/posts/inside", "/", "/feed.atom"):
        assert "combination" not in client.get(path).text


def test_the_invitation_offers_membership_only_where_registration_is_open(client):
    a_post(live=True, members=True, slug="inside")
    assert link(client.get("/posts/inside"), "Become a member") is None
    the_site(registration="open")
    assert link(client.get("/posts/inside"), "Become a member") == "/auth/register"


@pytest.mark.parametrize("someone", [a_user, an_editor, an_admin])
def test_whoever_is_signed_in_reads_members_posts_in_full(sign_in, someone):
    a_post(live=True, members=True, slug="inside", body=SECRET)
    browser = sign_in(someone())
    answer = browser.get("/posts/inside")
    assert "The combination is four" in words(answer)
    assert page(answer).select_one(f'.prose img[src="{PICTURE}"]')
    assert "Sign in to read" not in answer.text
    assert "The combination is four" in words(browser.get("/"))


def test_a_deactivated_members_browser_reads_as_a_visitor(sign_in):
    person = a_user()
    browser = sign_in(person)
    a_post(live=True, members=True, slug="inside", body=SECRET)
    person.is_active = False
    assert "combination" not in browser.get("/posts/inside").text


def test_pages_for_one_person_are_not_kept_by_anything_between(sign_in, client):
    a_post(live=True, members=True, slug="inside")
    assert sign_in(a_user()).get("/posts/inside").headers["Cache-Control"] == "no-store"
    assert client.get("/posts/inside").headers["Cache-Control"] == "public, no-cache"
    assert "Cookie" in client.get("/posts/inside").headers["Vary"]


# The page of a post


def test_the_page_of_a_post_has_its_text_its_people_its_topics_and_its_own_address(client):
    ada, grace = an_editor(name="Ada", biography="Counts."), an_editor(name="Grace")
    a_post(
        by=ada,
        live=True,
        co_authors=[grace],
        title="Sunk ships",
        slug="ships",
        tags=["Sea", "Iron"],
        summary="Three of them.",
        body="They **lie** deep.",
        language="en-GB",
    )
    answer = client.get("/posts/ships")
    html = page(answer)
    assert html.select_one("h1").get_text() == "Sunk ships"
    assert html.select_one("h1")["lang"] == "en-GB"
    assert html.select_one(".prose strong").get_text() == "lie"
    assert html.select_one("link[rel=canonical]")["href"] == "http://localhost/posts/ships"
    assert html.select_one("meta[name=description]")["content"] == "Three of them."
    assert [a["href"] for a in html.select("a[rel=author]")] == ["/authors/ada", "/authors/grace"]
    assert {a["href"] for a in html.select("a[rel=tag]")} == {"/tags/sea", "/tags/iron"}
    assert "Counts." in words(answer)


def test_only_those_who_may_edit_a_post_find_its_edit_link(client, sign_in):
    ada = an_editor()
    post = a_post(by=ada, live=True, slug="ships")
    for browser, shown in (
        (client, False),
        (sign_in(a_user()), False),
        (sign_in(an_editor()), False),
        (sign_in(ada), True),
        (sign_in(an_admin()), True),
    ):
        assert (f"/write/posts/{post.id}" in browser.get("/posts/ships").text) is shown


def test_a_post_edited_long_after_it_came_out_says_so(client):
    a_post(live=True, slug="old", published_at=ago(days=9), edited_at=ago(days=2))
    a_post(live=True, slug="fresh", published_at=ago(days=9), edited_at=ago(days=9))
    assert "Updated" in words(client.get("/posts/old"))
    assert "Updated" not in words(client.get("/posts/fresh"))


def test_dates_are_those_of_the_sites_clock(client):
    the_site(time_zone="Pacific/Auckland")
    with time_machine.travel("2026-06-01T00:00:00+00:00", tick=False):
        a_post(live=True, slug="late", published_at=utcnow() - timedelta(hours=6))
        stamp = page(client.get("/posts/late")).select_one("time")
    assert (stamp["datetime"], stamp.get_text()) == ("2026-06-01T06:00:00+12:00", "1 June 2026")


# Addresses


def test_a_renamed_post_answers_at_its_old_address_with_one_redirect(client, sign_in):
    ada = an_editor()
    post = a_post(by=ada, live=True, slug="first-name")
    browser = sign_in(ada)
    assert rewrite(browser, post.id, "publish", slug="second-name").status_code == 302
    assert rewrite(browser, post.id, "publish", slug="third-name").status_code == 302
    for old in ("first-name", "second-name"):
        moved = client.get(f"/posts/{old}")
        assert (moved.status_code, moved.location) == (301, "/posts/third-name")
    assert client.get("/posts/third-name").status_code == 200


def test_an_address_only_a_draft_had_is_forgotten(client, sign_in):
    ada = an_editor()
    post = a_post(by=ada, slug="working-title")
    browser = sign_in(ada)
    rewrite(browser, post.id, slug="final-title")
    rewrite(browser, post.id, "publish")
    assert client.get("/posts/working-title").status_code == 404
    assert client.get("/posts/final-title").status_code == 200


@pytest.mark.parametrize(
    "path", ["/2019/03/old.html", "/2019/03/Old.HTML", "/2019/03/old.html/", "//2019//03/old.html"]
)
def test_an_old_address_redirects_however_it_is_spelled(client, db, path):
    db.session.add(Redirect(path="/2019/03/old.html", target="/posts/new"))
    moved = client.get("/", environ_overrides={"PATH_INFO": path})
    assert (moved.status_code, moved.location) == (301, "/posts/new")


@pytest.mark.parametrize("path", ["/posts/ships/", "/POSTS/Ships", "/tags/", "/Authors", "/feed.atom/", "/tags/SEA"])
def test_another_spelling_of_a_page_leads_to_it(client, path):
    a_post(live=True, slug="ships", tags=["sea"])
    moved = client.get(path)
    assert moved.status_code == 301
    assert moved.location == path.lower().rstrip("/")
    assert client.get(moved.location).status_code == 200


def test_a_redirect_never_leads_to_another_site(client):
    for path in ("//evil.example/", "///evil.example", "/\\evil.example/", "/\t/evil.example/", "/ /evil.example/"):
        answer = client.get("/", environ_overrides={"PATH_INFO": path})
        assert answer.status_code in (301, 404), path
        assert answer.status_code == 404 or not answer.location.startswith(("//", "/\\", "http")), path


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/posts/nothing",
        "/tags/nothing",
        "/authors/nobody",
        "/media/none.png",
        "/media/../../config.py",
        "/posts",
        "/static/site-000000000000.css",
        "/static/none-000000000000.css",
        "/setup/x",
    ],
)
def test_what_does_not_exist_is_a_404_in_the_sites_look(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no page here" in answer.text
    assert page(answer).select_one(".masthead")


def test_an_unknown_page_cannot_be_posted_to(client):
    assert client.post("/nothing/", data={"body": "Typed with care."}).status_code == 404


# Topics and authors


def test_topics_and_authors_list_what_is_in_use_by_name(client):
    ada, bob = an_editor(name="Ada"), an_editor(name="Bob")
    an_editor(name="Silent")
    a_post(by=bob, live=True, tags=["Zinc", "Ash"], co_authors=[ada])
    a_post(by=bob, tags=["Unused"])
    assert [a.get_text() for a in page(client.get("/tags")).select(".directory a")] == ["Ash", "Zinc"]
    assert [a.get_text() for a in page(client.get("/authors")).select(".directory a")] == ["Ada", "Bob"]
    assert page(client.get("/")).select(".side .tags a")[0]["href"] == "/tags/ash"


def test_without_posts_topics_and_authors_say_so(client):
    assert "No post has a topic yet." in client.get("/tags").text
    assert "Nobody has published anything yet." in client.get("/authors").text


def test_the_page_of_a_topic_has_its_posts_and_no_others(client):
    the_site(posts_per_page=2)
    for n in range(3):
        a_post(live=True, title=f"Wet {n}", tags=["Rain"], published_at=ago(hours=9 - n))
    a_post(live=True, title="Dry", tags=["Sun"])
    first = client.get("/tags/rain")
    assert headlines(first) == ["Wet 2", "Wet 1"]
    second = client.get(link(first, "Older"))
    assert headlines(second) == ["Wet 0"]
    assert headlines(client.get(link(second, "Newer"))) == ["Wet 2", "Wet 1"]


def test_the_page_of_an_author_has_what_they_wrote_alone_or_with_others(client):
    ada, bob = an_editor(name="Ada", biography="Counts."), an_editor(name="Bob")
    a_post(by=ada, live=True, title="Hers", published_at=ago(hours=1))
    a_post(by=bob, live=True, title="Theirs", co_authors=[ada], published_at=ago(hours=2))
    a_post(by=bob, live=True, title="His")
    answer = client.get("/authors/ada")
    assert headlines(answer) == ["Hers", "Theirs"]
    assert "Counts." in answer.text


# Style sheets, health


def test_style_sheets_are_named_by_their_content(client):
    address = page(client.get("/")).select_one("link[rel=stylesheet]")["href"]
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(address.replace("site-", "site-0")).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_process_and_the_database_say_that_they_are_well(client, path):
    assert client.get(path).text == "ok"


# What a page costs


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 6),
        ("/posts/p0", 6),
        ("/tags/rain", 5),
        ("/authors/ada", 5),
        ("/archive", 4),
        ("/feed.atom", 5),
        ("/tags", 2),
        ("/authors", 2),
    ],
)
def test_a_page_costs_as_many_queries_for_thirty_posts_as_for_one(client, queries, path, most):
    the_site(posts_per_page=30)
    ada, bob = an_editor(name="Ada"), an_editor(name="Bob")

    def cost():
        with queries() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    # Neighbours to both sides, so that the page of the first post asks the same in both rounds.
    a_post(by=ada, live=True, slug="older", tags=["rain"], co_authors=[bob], published_at=ago(days=99))
    a_post(by=ada, live=True, slug="p0", tags=["rain", "sun"], co_authors=[bob], published_at=ago(days=50))
    a_post(by=ada, live=True, slug="newer", tags=["rain"], co_authors=[bob])
    few = cost()
    for n in range(1, 31):
        a_post(
            by=an_editor(), live=True, slug=f"p{n}", tags=[f"t{n}", "rain"], co_authors=[ada], published_at=ago(days=n)
        )
    assert cost() == few <= most
