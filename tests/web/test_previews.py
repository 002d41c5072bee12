"""Pictures that are drawn: cards of posts, and icons."""

from datetime import timedelta
from io import BytesIO
from xml.etree import ElementTree

import pytest
from factories import a_binned_post, a_post, a_scheduled_post, an_editor, the_site
from looking import page, rewrite
from PIL import Image

from blog.database import utcnow


def card_of(client, path) -> str:
    address = page(client.get(path)).select_one('meta[property="og:image"]')["content"]
    return address.removeprefix("http://localhost")


@pytest.fixture(autouse=True)
def cards_folder(app, monkeypatch, tmp_path):
    monkeypatch.setitem(app.config, "INSTANCE_PATH", tmp_path)
    return tmp_path / "cards"


def test_a_post_has_a_card_that_may_be_kept_for_good(client, cards_folder):
    a_post(live=True, slug="fire")
    with client.get(card_of(client, "/posts/fire")) as answer:
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        with Image.open(BytesIO(answer.data)) as picture:
            assert picture.size == (1200, 630)
    assert len(list(cards_folder.rglob("*.png"))) == 1


def test_an_earlier_card_leads_to_the_one_of_now(client, sign_in):
    ada = an_editor()
    post = a_post(by=ada, live=True, slug="fire", title="Fire")
    before = card_of(client, "/posts/fire")
    rewrite(sign_in(ada), post.id, "publish", title="Water", slug="water")
    after = card_of(client, "/posts/water")
    assert after != before
    assert client.get(before).location == after


def test_nothing_is_drawn_for_what_is_not_out_or_for_a_made_up_name(client, cards_folder):
    a_post(slug="draft")
    a_scheduled_post(slug="later")
    a_binned_post(slug="bin")
    a_post(live=True, slug="fire")
    for slug in ("draft", "later", "bin", "none"):
        assert client.get(f"/posts/{slug}/card-0000000000000000.png").status_code == 404
    assert client.get("/posts/fire/card-made-up.png").status_code == 302
    assert not cards_folder.exists()


def test_the_accent_and_the_name_of_the_site_change_the_card(client):
    a_post(live=True, slug="fire")
    first = card_of(client, "/posts/fire")
    the_site(hue=20)
    second = card_of(client, "/posts/fire")
    the_site(title="Anew")
    assert len({first, second, card_of(client, "/posts/fire")}) == 3


def test_a_cover_is_the_preview_where_there_is_one(client):
    picture = "/media/ab/ab" + "0" * 30 + "-64x40.png"
    a_post(live=True, slug="fire", cover=picture, cover_alt="Flames", published_at=utcnow() - timedelta(days=1))
    head = page(client.get("/posts/fire"))
    told = {meta["property"]: meta["content"] for meta in head.select('meta[property^="og:image"]')}
    assert told == {
        "og:image": f"http://localhost{picture}",
        "og:image:width": "64",
        "og:image:height": "40",
        "og:image:alt": "Flames",
    }


@pytest.mark.parametrize(
    ("path", "form", "side"),
    [("/favicon.ico", "ICO", 32), ("/apple-touch-icon.png", "PNG", 180), ("/icon-512.png", "PNG", 512)],
)
def test_the_icons_are_pictures_of_their_size(client, path, form, side):
    answer = client.get(path)
    with Image.open(BytesIO(answer.data)) as picture:
        assert (picture.format, picture.size) == (form, (side, side))
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_icon_shows_the_letter_and_the_accent_of_the_site(client):
    before = client.get("/icon.svg").text
    the_site(title="& Zebra", hue=20, chroma=100)
    icon = client.get("/icon.svg")
    assert ElementTree.fromstring(icon.text)[1].text == "Z"
    assert ElementTree.fromstring(icon.text)[0].get("fill") not in before
    assert "style" not in icon.text
    assert client.get("/favicon.ico").data != before


def test_every_page_names_the_icons_and_its_ground_in_both_schemes(client):
    head = page(client.get("/"))
    for link in head.select('link[rel~="icon"], link[rel="apple-touch-icon"]'):
        assert client.get(link["href"]).status_code == 200
    assert [meta["content"] for meta in head.select('meta[name="theme-color"]')] == ["#f8fbfb", "#0c1415"]
