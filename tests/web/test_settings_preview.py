"""Logo, footer, required factors, and what the settings look like before they are saved."""

from io import BytesIO

import pytest
from factories import a_picture, a_post, an_admin, the_site
from looking import fault, filled, page, words
from picture_files import a_file
from sqlalchemy import select

from blog import links
from blog.database import db as the_db
from blog.models import AuditEntry, Media, Site

PATH = "/admin/settings"


@pytest.fixture
def office(db, sign_in):
    return sign_in(an_admin(name="Boss"))


def save(office, **typed):
    return office.post(PATH, data=filled(office.get(PATH)) | typed, content_type="multipart/form-data")


def show(office, **typed):
    return save(office, show="all", **typed)


def site() -> Site:
    the_db.session.expire_all()
    return Site.current()


def a_logo(name="Our Logo.png"):
    return (BytesIO(a_file()), name)


def head(answer):
    return page(answer).select_one(".masthead__name")


# The logo


def test_a_logo_stands_in_place_of_the_title_with_its_size_and_the_title_as_its_words(office, client):
    the_site(title="The Bench")
    assert save(office, logo_file=a_logo()).status_code == 302
    img = head(client.get("/")).img
    assert (img["alt"], img["src"]) == ("The Bench", site().logo)
    assert int(img["width"]) > 0
    assert int(img["height"]) > 0
    assert "loading" not in img.attrs
    with client.get(img["src"]) as answer:
        assert answer.status_code == 200
    one = the_db.session.scalar(select(Media))
    assert (one.address, one.file_name) == (site().logo, "Our Logo.png")
    save(office, logo="")
    assert head(client.get("/")).get_text() == "The Bench"
    entry = the_db.session.scalar(AuditEntry.newest())
    assert entry.detail == {"logo": {"before": one.address, "after": ""}}


def test_a_logo_is_chosen_from_the_library_and_then_stays_there(office, client):
    one = a_picture()
    assert page(office.get(PATH)).select_one(f'input[name=logo][value="{one.address}"]')
    save(office, logo=one.address)
    assert head(client.get("/")).img["src"] == one.address
    answer = office.post(f"/write/media/{one.id}/removal")
    assert "It is the logo of the site." in words(office.get(answer.location or f"/write/media/{one.id}"))
    assert the_db.session.scalar(select(Media.id)) == one.id


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/x.png", "/media/../x.png", "javascript:alert(1)", "/media/ab/ab" + "0" * 30 + "-4x3.png"],
)
def test_a_logo_is_only_ever_a_picture_of_the_library(office, address):
    answer = save(office, logo=address, tagline="Kept.")
    assert answer.status_code == 422
    assert "no longer in the library" in fault(answer, "logo_file")
    assert filled(answer)["tagline"] == "Kept."
    assert site().logo == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "This file is empty."),
        (b"<svg></svg>", "SVG pictures are not accepted"),
        (b"\x89PNG\r\n\x1a\nbroken", "damaged"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_beside_its_field(office, content, reason):
    answer = save(office, logo_file=(BytesIO(content), "logo.png"), tagline="Kept.")
    assert answer.status_code == 422
    assert reason in fault(answer, "logo_file")
    assert filled(answer)["tagline"] == "Kept."


def test_a_logo_need_not_be_sent_again_when_something_else_is_refused(office, client):
    answer = save(office, logo_file=a_logo(), title="")
    assert answer.status_code == 422
    kept = filled(answer)["logo"]
    assert kept.startswith("/media/")
    assert save(office, logo=kept).status_code == 302
    assert head(client.get("/")).img["src"] == kept


def test_a_site_of_the_database_alone_takes_no_strange_logo(db):
    with pytest.raises(ValueError, match="library"):
        Site(logo="https://evil.example/x.png")


# The footer


def test_the_footer_stands_at_the_foot_of_every_page_with_its_links(office, client):
    typed = (
        "A magazine of <b>things</b>.  \r\nWrite to us: [Contact](/contact), [Imprint](https://example.org/i?a=1&b=2)."
    )
    save(office, footer=typed)
    for path in ("/", "/nowhere", "/auth/login"):
        foot = page(client.get(path)).select_one(".footer__words")
        assert [line.get_text() for line in foot.select("p")] == [
            "A magazine of <b>things</b>.",
            "Write to us: Contact, Imprint.",
        ]
        assert [a["href"] for a in foot.select("a")] == ["/contact", "https://example.org/i?a=1&b=2"]
    save(office, footer=" \n ")
    assert page(client.get("/")).select_one(".footer__words") is None


@pytest.mark.parametrize(
    ("footer", "reason"),
    [
        ("x" * 501, "At most 500 characters; this has 501."),
        ("x" * 10_000, "At most 500 characters"),
        ("a\n[Run](javascript:alert)", "Line 2: The address must be"),
        ("[Run](//evil.example)", "Line 1: The address must be"),
        ("[Run](http://example.org)", "Line 1: The address must be"),
        (f"[{'x' * 41}](/x)", "Line 1: Give it a name"),
        ("\n".join("abcdefghi"), "At most 8 lines; these are 9."),
    ],
)
def test_a_footer_that_cannot_be_is_refused_and_kept_as_typed(office, footer, reason):
    answer = save(office, footer=footer)
    assert answer.status_code == 422
    assert reason in fault(answer, "footer")
    assert filled(answer)["footer"] == footer
    assert site().footer == ""


def test_brackets_that_are_no_link_are_words():
    for typed in ("[a] (b)", "[](x)", "]x[(/y)", "[a](b c)", "![", "[[", "*not* `code` <i>"):
        assert links.parts(typed) == [[(typed, "")]]
    assert links.parts("[a](/b)[c](/d)") == [[("a", "/b"), ("c", "/d")]]
    assert links.parts("") == []


# The preview


def test_what_was_typed_is_shown_before_it_is_saved(office, client):
    a_post(live=True, title="Tides", summary="How they run.")
    answer = show(
        office,
        title="The Bench",
        tagline="Mended.",
        navigation="About | /about",
        footer="[Imprint](/imprint)",
        hue="140",
        chroma="60",
        logo_file=a_logo(),
    )
    assert answer.status_code == 200
    shown = page(answer).select_one(".showing__page")
    assert shown.has_attr("inert")
    assert shown.select_one(".masthead__name img")["alt"] == "The Bench"
    assert shown.select_one(".masthead__tagline").get_text() == "Mended."
    assert [a["href"] for a in shown.select(".nav a")] == ["/about"]
    assert shown.select_one(".entry h2").get_text(strip=True) == "Tides"
    assert shown.select_one(".footer a")["href"] == "/imprint"
    assert page(answer).select_one("link[rel=stylesheet]")["href"].endswith("-140-60.css")
    assert (site().title, site().footer, site().logo) == ("Masthead", "", "")
    assert "The Bench" not in words(client.get("/"))
    form = filled(answer)
    assert (form["title"], form["footer"]) == ("The Bench", "[Imprint](/imprint)")
    assert office.post(PATH, data=form).status_code == 302
    assert head(client.get("/")).img["alt"] == "The Bench"


def test_what_cannot_be_is_shown_as_it_is_now_with_the_reason(office):
    the_site(title="Bench", footer="Old.")
    answer = show(office, title="", footer="[x](javascript:1)", tagline="New.")
    assert answer.status_code == 422
    shown = page(answer).select_one(".showing__page")
    assert shown.select_one(".masthead__name").get_text() == "Bench"
    assert shown.select_one(".masthead__tagline").get_text() == "New."
    assert "Old." in shown.get_text()
    assert fault(answer, "title")
    assert fault(answer, "footer")
    assert "No post is out yet." in shown.get_text()


def test_a_preview_changes_nothing_and_is_not_recorded(office):
    show(office, title="Other")
    save(office, try_on="Moss", title="Other")
    assert site().title == "Masthead"
    assert the_db.session.scalars(select(AuditEntry)).all() == []


# Required factors


def test_a_role_that_is_none_can_have_nothing_required(office):
    answer = save(office, factor_for="owner")
    assert answer.status_code == 422
    assert "Choose among these roles." in words(answer)
    assert site().factor_for == []
