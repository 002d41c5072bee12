"""The style sheets, and the colour of the site in them."""

import re

import pytest
from factories import an_admin, the_site
from looking import page
from werkzeug.exceptions import ServiceUnavailable

from blog import assets
from blog.errors import bare


def sheet_of(answer) -> str:
    sheets = page(answer).select("link[rel=stylesheet]")
    assert len(sheets) == 1
    return sheets[0]["href"]


def test_a_site_of_the_usual_colour_needs_no_rule_of_its_own(client, db):
    address = sheet_of(client.get("/"))
    assert re.fullmatch(r"/static/site-[0-9a-f]{12}\.css", address)
    css = client.get(address)
    assert css.status_code == 200
    assert css.text.count("--hue:") == 1
    assert "--hue:205;--chroma:.085" in css.text


def test_the_chosen_colour_is_in_the_one_sheet_of_every_page(client, sign_in, db):
    usual = sheet_of(client.get("/"))
    the_site(hue=140, chroma=60)
    for path in ("/", "/auth/login", "/nowhere"):
        address = sheet_of(client.get(path))
        assert address == usual.replace(".css", "-140-60.css")
    css = client.get(address)
    assert css.text.startswith(client.get(usual).text)
    assert css.text.endswith("@layer tokens{:root{--hue:140;--chroma:0.06}}")
    desk = sheet_of(sign_in(an_admin()).get("/admin"))
    assert re.fullmatch(r"/static/desk-[0-9a-f]{12}-140-60\.css", desk)
    assert client.get(desk).text.endswith("--chroma:0.06}}")


def test_the_sheet_of_a_colour_never_changes_and_is_kept_for_a_year(client, db):
    the_site(hue=0, chroma=0)
    address = sheet_of(client.get("/"))
    first, second = client.get(address), client.get(address)
    assert first.data == second.data
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first.mimetype == "text/css"


@pytest.mark.parametrize(("hue", "chroma"), [(0, 0), (0, 100), (360, 0), (360, 100), (205, 85), (7, 3)])
def test_every_colour_there_can_be_is_answered(client, db, hue, chroma):
    usual = sheet_of(client.get("/"))
    answer = client.get(usual.replace(".css", f"-{hue}-{chroma}.css"))
    assert answer.status_code == 200
    assert f"--hue:{hue};--chroma:{chroma / 1000:g}" in answer.text


@pytest.mark.parametrize(
    "end",
    ["361-0", "0-101", "-1-0", "007-10", "7-010", "1-2-3", "140", "140-", "a-b", "1}-2", "٣-٤", "1e2-5", "9999-1"],
)
def test_a_colour_there_is_not_is_no_sheet(client, db, end):
    usual = sheet_of(client.get("/"))
    assert client.get(usual.replace(".css", f"-{end}.css")).status_code == 404


def test_sheets_of_another_content_are_not_found(client, db):
    for name in ("site-000000000000", "site-000000000000-140-60", "none-000000000000", "site-none", "site--", "desk-"):
        assert client.get(f"/static/{name}.css").status_code == 404


def test_a_page_without_a_database_has_the_sheet_of_the_usual_colour(app, client, db):
    with app.test_request_context("/"):
        html, code = bare(ServiceUnavailable())
    assert code == 503
    address = re.search(r'href="(/static/[^"]+\.css)"', html)[1]
    assert client.get(address).status_code == 200


def test_the_joined_sheets_say_what_their_parts_say():
    css = ' a :hover , b{ color : red ; --x: "a ;  } b" ; }\n @media (width >= 4rem) { p { margin: calc(1px + 2px) } } '
    kept = "".join(each if n % 2 else assets.tight(each) for n, each in enumerate(assets._QUOTED.split(css))).strip()
    assert kept == 'a :hover,b{color :red;--x:"a ;  } b"}@media (width >= 4rem){p{margin:calc(1px + 2px)}}'


def test_the_colour_of_the_code_is_the_one_of_the_style_sheets(app):
    css = app.extensions["sheets"]["site"][1]
    assert f"--hue:{assets.HUE};--chroma:.{assets.CHROMA:03}" in css
