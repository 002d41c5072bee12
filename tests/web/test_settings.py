"""What an admin sets about reading: the links in the head, the colour, the language."""

from datetime import UTC, datetime

import pytest
import time_machine
from factories import a_page, a_post, an_admin, an_editor, the_site
from looking import fault, filled, page, words

from blog.models import Site

LOOKS = "/admin/settings"


@pytest.fixture
def office(db, sign_in):
    return sign_in(an_admin())


def nav(answer) -> dict[str, str]:
    """The links in the head of the page."""
    return {a.get_text(): a["href"] for a in page(answer).select(".masthead nav a")}


def here(answer) -> dict[str, str]:
    return {a.get_text(): a["aria-current"] for a in page(answer).select(".masthead nav a[aria-current]")}


def save(office, **typed):
    return office.post(LOOKS, data=filled(office.get(LOOKS)) | typed)


# The links in the head


def test_a_site_that_chose_none_has_the_usual_links(client, db):
    usual = {"Posts": "/", "Topics": "/tags", "Authors": "/authors", "Archive": "/archive"}
    assert nav(client.get("/")) == nav(client.get("/nowhere")) == usual


def test_the_links_an_admin_typed_stand_in_the_head_of_every_page(office, client):
    a_page(live=True, slug="about")
    assert (
        save(office, navigation="Home | /\r\n\r\n<b>About</b> | /about\nShop | https://example.com/").status_code == 302
    )
    for path in ("/", "/about", "/auth/login", "/nowhere"):
        shown = nav(client.get(path))
        assert shown == {"Home": "/", "<b>About</b>": "/about", "Shop": "https://example.com/"}
    assert filled(office.get(LOOKS))["navigation"] == "Home | /\n<b>About</b> | /about\nShop | https://example.com/"
    assert "“” → “Home | /, <b>About</b> | /about, Shop | https://example.com/”" in words(office.get("/admin/audit"))


def test_no_links_at_all_bring_the_usual_ones_back(office, client):
    the_site(navigation=[["Home", "/"]])
    save(office, navigation=" \n ")
    assert Site.current().navigation == []
    assert "Topics" in nav(client.get("/"))


@pytest.mark.parametrize(
    ("line", "fault_said"),
    [
        ("Run | javascript:alert(1)", "Line 2: The address must be a path of this site"),
        ("Run | data:text/html,x", "Line 2: The address must be"),
        ("Run | //evil.example", "Line 2: The address must be"),
        ("Run | http://example.com", "Line 2: The address must be"),
        ("Run", "Line 2: Part the words from the address with a bar"),
        (" | /x", "Line 2: Give it a name"),
    ],
)
def test_a_link_that_may_not_be_is_refused_and_what_was_typed_is_kept(office, line, fault_said):
    typed = f"Posts | /\n{line}"
    answer = save(office, navigation=typed, tagline="Kept.")
    assert answer.status_code == 422
    assert fault(answer, "navigation").startswith(fault_said)
    assert (filled(answer)["navigation"], filled(answer)["tagline"]) == (typed, "Kept.")
    assert Site.current().navigation == []


def test_the_link_to_the_page_one_is_at_says_so(client, db):
    a_page(live=True, slug="about", title="About")
    a_post(live=True, slug="a-post", tags=["Wood"])
    assert here(client.get("/")) == {"Posts": "page"}
    assert here(client.get("/tags")) == {"Topics": "page"}
    assert here(client.get("/tags/wood")) == {"Topics": "true"}
    assert here(client.get("/posts/a-post")) == here(client.get("/about")) == {}
    the_site(navigation=[["About", "/about"], ["Wood", "/tags/wood"], ["Away", "https://localhost/about"]])
    assert here(client.get("/about")) == {"About": "page"}
    assert here(client.get("/tags/wood")) == {"Wood": "page"}
    assert here(client.get("/tags")) == {}


def test_links_of_ones_own_cost_no_query(client, db, queries):
    def cost():
        with queries() as seen:
            client.get("/")
        return len(seen)

    the_site()
    before = cost()
    the_site(navigation=[["About", "/about"]] * 12)
    assert cost() == before


# The colour


def sheet(answer) -> str:
    return page(answer).select_one("link[rel=stylesheet]")["href"]


def test_a_colour_with_a_name_is_tried_on_before_it_is_saved(office, client):
    typed = filled(office.get(LOOKS)) | {"title": "Not saved yet", "navigation": "broken"}
    answer = office.post(LOOKS, data=typed | {"try_on": "Moss"})
    assert answer.status_code == 200
    assert "This page wears Moss." in words(answer)
    assert sheet(answer).endswith("-145-80.css")
    form = filled(answer)
    assert (form["hue"], form["chroma"], form["title"], form["navigation"]) == ("145", "80", "Not saved yet", "broken")
    assert page(answer).select_one("button[aria-pressed=true]")["value"] == "Moss"
    assert not sheet(client.get("/")).endswith("-145-80.css")
    office.post(LOOKS, data=form | {"navigation": ""})
    assert sheet(client.get("/")).endswith("-145-80.css")


def test_a_colour_by_numbers_is_tried_on_too(office):
    answer = office.post(LOOKS, data={"hue": "300", "chroma": "40", "try_on": ""})
    assert "This page wears the colour you typed." in words(answer)
    assert sheet(answer).endswith("-300-40.css")
    answer = office.post(LOOKS, data={"hue": "300", "chroma": "40", "try_on": "No such name"})
    assert sheet(answer).endswith("-300-40.css")


@pytest.mark.parametrize("hue", ["361", "-1", "blue", "", "9" * 5000])
def test_a_colour_there_is_not_is_refused_beside_its_field(office, hue):
    for button in ({"try_on": ""}, {}):
        answer = office.post(LOOKS, data={"hue": hue, "chroma": "40"} | button)
        assert answer.status_code == 422
        assert fault(answer, "hue")
        assert filled(answer)["hue"] == hue
        assert "This page wears" not in words(answer)


def test_nonsense_in_the_numbers_does_not_stop_a_colour_with_a_name(office):
    answer = office.post(LOOKS, data={"hue": "blue", "chroma": "x", "try_on": "Petrol"})
    assert answer.status_code == 200
    assert (filled(answer)["hue"], filled(answer)["chroma"]) == ("205", "85")


def test_every_colour_with_a_name_can_be_seen(office):
    swatches = page(office.get(LOOKS)).select("button[name=try_on] svg path")
    assert len(swatches) >= 2 * 6
    assert all(swatch["fill"].startswith("oklch(") for swatch in swatches)


def test_only_admins_try_a_colour_on(client, sign_in, db):
    assert client.post(LOOKS, data={"try_on": "Moss"}).status_code == 401
    assert sign_in(an_editor()).post(LOOKS, data={"try_on": "Moss"}).status_code == 403


# The language


def test_pages_say_in_which_language_they_are_and_which_way_it_runs(client, sign_in, db):
    boss = an_admin()
    for language, direction in (("en", "ltr"), ("pt-BR", "ltr"), ("ar", "rtl"), ("he", "rtl")):
        the_site(language=language)
        for answer in (client.get("/"), client.get("/nowhere"), sign_in(boss).get("/admin"), client.get("/auth/login")):
            html = page(answer).html
            assert (html["lang"], html["dir"]) == (language, direction)


def test_an_english_site_marks_nothing_as_english(client, db):
    the_site(language="en-GB")
    a_post(live=True)
    html = page(client.get("/"))
    html.html.attrs.clear()
    assert not html.select('[lang="en"]')


def test_on_a_site_of_another_language_our_own_words_are_marked_as_english(client, sign_in, db):
    the_site(language="ar", title="مجلة")
    a_post(live=True, title="عن الزيت", slug="oil")
    html = page(client.get("/"))
    for ours in (".skip", ".masthead nav", ".masthead__end", ".footer", "time", ".meta"):
        found = html.select_one(ours)
        assert found.find_parent(attrs={"lang": "en"}) or found["lang"] == "en", ours
    for theirs in (".masthead__name", "main h2"):
        found = html.select_one(theirs)
        assert not found.find_parent(attrs={"lang": "en"})
        assert found.get("lang") != "en"
    assert page(client.get("/auth/login")).main["lang"] == "en"
    assert page(client.get("/nowhere")).main["dir"] == "ltr"
    assert page(sign_in(an_admin()).get("/write")).body["lang"] == "en"


def test_links_of_the_sites_own_are_in_its_own_language(client, db):
    the_site(language="de", navigation=[["Beiträge", "/"]])
    assert "lang" not in page(client.get("/")).select_one(".masthead nav").attrs


def test_a_post_in_a_language_of_its_own_says_so_within_the_page(client, db):
    the_site(language="ar")
    a_post(live=True, slug="oil", title="A note on oil", language="en")
    html = page(client.get("/posts/oil"))
    assert html.html["lang"] == "ar"
    assert html.h1["lang"] == html.select_one(".prose")["lang"] == "en"


def test_the_year_at_the_foot_is_the_one_on_the_sites_clock(client, db):
    the_site(time_zone="Pacific/Auckland")
    with time_machine.travel("2026-12-31T12:00:00+00:00"):
        assert "© 2027" in words(client.get("/"))
        the_site(time_zone="America/New_York")
        assert "© 2026" in words(client.get("/"))


def test_days_are_those_on_the_sites_clock_on_a_page_too(client, db):
    a_page(live=True, slug="about", edited_at=datetime(2026, 7, 31, 22, 30, tzinfo=UTC))
    the_site(time_zone="Europe/Berlin")
    shown = page(client.get("/about")).select_one("article time")
    assert (shown.get_text(), shown["datetime"]) == ("1 August 2026", "2026-08-01T00:30:00+02:00")


@pytest.mark.parametrize("field", ["posts_per_page", "hue", "chroma"])
@pytest.mark.parametrize("typed", ["", "x", "-1", "1e3", "361", "9" * 400, "9" * 5000])
def test_a_number_that_cannot_be_is_refused_in_words_that_say_which_can(office, field, typed):
    answer = save(office, **{field: typed})
    assert answer.status_code == 422
    assert fault(answer, field).startswith("Choose a number from ")
    assert filled(answer)[field] == typed


def test_a_site_has_a_title_that_can_be_seen(office):
    answer = save(office, title="\u200b\u202e")
    assert answer.status_code == 422
    assert fault(answer, "title") == "Give the site a title."
    assert Site.current().title == "Masthead"


# Two admins at once


@pytest.fixture
def two_pages(office, sign_in):
    """What two admins have open, and how each sends it."""
    other = sign_in(an_admin())

    def sender(browser):
        opened = filled(browser.get(LOOKS))
        return lambda **typed: browser.post(LOOKS, data=opened | typed)

    return sender(office), sender(other)


def test_two_admins_who_change_different_settings_keep_both(two_pages):
    mine, theirs = two_pages
    assert theirs(tagline="Theirs.", navigation="Home | /").status_code == 302
    assert mine(footer="Mine.", posts_per_page="7").status_code == 302
    now = Site.current()
    assert (now.tagline, now.navigation, now.footer, now.posts_per_page) == ("Theirs.", [["Home", "/"]], "Mine.", 7)


@pytest.mark.parametrize(
    ("field", "theirs_is", "mine_is", "told"),
    [
        ("tagline", "Theirs.", "Mine.", ", to “Theirs.”."),
        ("navigation", "Home | /", "Shop | /shop", ", to “Home | /”."),
        ("posts_per_page", "5", "7", ", to “5”."),
        ("registration", "open", "closed", ", to “open”."),
        ("hue", "20", "40", ", to “20”."),
    ],
)
def test_who_changes_the_same_setting_later_is_asked_and_then_believed(two_pages, field, theirs_is, mine_is, told):
    mine, theirs = two_pages
    theirs(**{field: theirs_is})
    answer = mine(**{field: mine_is}, footer="Kept.")
    assert answer.status_code == 422
    assert told in fault(answer, field)
    again = filled(answer)
    assert (again[field], again["footer"]) == (mine_is, "Kept.")
    assert str(getattr(Site.current(), field)) in (theirs_is, "[['Home', '/']]")
    assert mine(**again).status_code == 302
    assert filled(answer)[field] == mine_is
    assert Site.current().footer == "Kept."
    assert str(getattr(Site.current(), field)) in (mine_is, "[['Shop', '/shop']]")


def test_two_who_want_the_same_are_not_asked(two_pages):
    mine, theirs = two_pages
    assert theirs(tagline="Ours.").status_code == mine(tagline="Ours.").status_code == 302


def test_a_look_does_not_forget_where_the_page_began(two_pages):
    mine, theirs = two_pages
    shown = filled(mine(show="all", footer="Mine."))
    theirs(tagline="Theirs.")
    assert mine(**shown).status_code == 302
    assert (Site.current().tagline, Site.current().footer) == ("Theirs.", "Mine.")


@pytest.mark.parametrize("was", ["", "x", "[]", "1", "[" * 20_000])
def test_a_page_that_does_not_say_where_it_began_is_taken_as_typed(office, was):
    assert save(office, was=was, tagline="Mine.").status_code == 302
    assert Site.current().tagline == "Mine."
