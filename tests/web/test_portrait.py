"""The picture of a person: theirs to choose, shown beside their name, and nothing else of theirs."""

import json
from io import BytesIO

import pytest
from factories import a_picture, a_post, a_user, an_admin, an_editor
from looking import page, words
from picture_files import a_file, a_film, a_png_that_claims, a_sketch
from PIL import Image
from sqlalchemy import func, select

from blog import library
from blog.database import db as the_db
from blog.models import AuditEntry, Media, MediaUse
from blog.picture_names import size_in_name, version_names
from blog.pictures import RefusedPicture
from blog.portraits import MOST_BYTES, portrait


def upload(browser, raw: bytes, name: str = "me.png"):
    return browser.post("/auth/account/picture", data={"file": (BytesIO(raw), name)})


def shown_on(answer) -> list[tuple[str, ...]]:
    found = page(answer).select("img.portrait")
    return [tuple(one[name] for name in ("src", "alt", "width", "height")) for one in found]


def number(model) -> int:
    return the_db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_reader_uploads_a_picture_which_becomes_a_small_square_without_metadata(app, sign_in):
    ada = a_user(name="Ada")
    browser = sign_in(ada)
    exif = Image.Exif()
    exif[0x010E] = "At home, 52.1 N"
    assert upload(browser, a_file(a_sketch(2400, 1600), "JPEG", exif=exif), "me.jpg").location == "/auth/account"
    the_db.session.expire_all()
    assert size_in_name(ada.picture) == (960, 960)
    media = the_db.session.scalars(select(Media)).one()
    assert (media.address, media.owner, media.file_name) == (ada.picture, ada, "ada.jpg")
    with app.app_context():
        content = library.storage().open(media.name).content()
    kept = Image.open(BytesIO(content))
    assert not kept.getexif()
    assert b"At home" not in content
    assert [kept.getpixel((x, 480))[0] > 128 for x in (5, 955)] == [True, False]  # the middle of the sketch
    answer = browser.get("/auth/account")
    assert shown_on(answer) == [(ada.portrait, "", "96", "96")]
    with browser.get(ada.portrait) as file:
        assert file.status_code == 200
    assert browser.get("/write/media").status_code == 403
    assert browser.post("/write/media", data={"file": (BytesIO(a_file()), "x.png")}).status_code == 403


def test_it_stands_beside_the_name_where_readers_see_that(sign_in, client):
    ada = an_editor(name="Ada", handle="ada")
    post = a_post(by=ada, live=True)
    assert shown_on(client.get(post.path)) == []
    upload(sign_in(ada), a_file())
    the_db.session.expire_all()
    assert shown_on(client.get(post.path)) == [(ada.portrait, "", "64", "64")]
    assert shown_on(client.get("/authors")) == [(ada.portrait, "", "64", "64")]
    author = client.get("/authors/ada")
    assert shown_on(author) == [(ada.portrait, "", "128", "128")]
    whole = f"http://localhost{ada.picture}"
    for answer in (author, client.get(post.path)):
        told = json.loads(page(answer).select_one('script[type="application/ld+json"]').string)
        assert whole in json.dumps(told)
    assert client.get("/feed.json").json["items"][0]["authors"][0]["avatar"] == whole


def test_what_is_no_picture_for_this_is_refused_beside_the_field(sign_in):
    browser = sign_in(a_user())
    for raw, reason in (
        (b"", "Choose a picture first."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"GIF89a nonsense", "damaged"),
        (a_png_that_claims(100_000, 100_000), ""),
        (a_file(a_sketch(31, 400)), "too small"),
    ):
        answer = upload(browser, raw, "" if not raw else "x.png")
        assert answer.status_code == 422, reason
        assert reason in page(answer).select_one("#file-help.field__error").get_text()
    assert browser.post("/auth/account/picture", data={"file": "words"}).status_code == 422
    with pytest.raises(RefusedPicture, match="larger than 10 MB"):
        portrait(b"\xff\xd8\xff" + bytes(MOST_BYTES))
    assert number(Media) == 0


def test_of_what_moves_the_first_picture_and_of_what_is_clear_the_clearness(sign_in):
    ada = a_user()
    browser = sign_in(ada)
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "lime")]
    for raw, kind in (
        (a_film("GIF", frames), "jpg"),
        (a_file(a_sketch(mode="RGBA")), "png"),
        (a_file(kind="AVIF"), "jpg"),
    ):
        assert upload(browser, raw).status_code == 302
        the_db.session.expire_all()
        assert ada.picture.endswith(kind)
        assert "moving" not in ada.picture


def test_the_one_before_is_tidied_up_with_its_files(app, sign_in):
    ada = a_user()
    browser = sign_in(ada)
    upload(browser, a_file(a_sketch(400, 400)))
    the_db.session.expire_all()
    first = ada.picture.removeprefix("/media/")
    upload(browser, a_file(a_sketch(500, 500)))
    upload(browser, a_file(a_sketch(500, 500)))  # sent twice
    assert number(Media) == 1
    with app.app_context():
        assert not [name for name in (first, *version_names(first)) if library.storage().exists(name)]
    browser.post("/auth/account/picture/removal")
    browser.post("/auth/account/picture/removal")
    the_db.session.expire_all()
    assert ada.picture == ""
    assert number(Media) == 0
    said = [entry.action for entry in the_db.session.scalars(AuditEntry.newest())]
    assert said == ["removed their picture", "changed their picture", "changed their picture"]


def test_one_that_others_use_stays_when_it_is_changed(sign_in):
    ada, bob = an_editor(), an_editor()
    same = a_file(a_sketch(400, 400))
    for person in (ada, bob):
        upload(sign_in(person), same)
    the_db.session.expire_all()
    assert ada.picture == bob.picture
    assert number(Media) == 1
    a_post(by=bob, body=f"![Ada]({ada.picture})")
    for person in (ada, bob):
        sign_in(person).post("/auth/account/picture/removal")
    assert number(Media) == 1
    assert number(MediaUse) == 1


def test_nobody_deletes_it_from_the_library_or_finds_it_there(sign_in):
    admin, ada = an_admin(), an_editor()
    picture, other = a_picture(ada), a_picture(ada)
    ada.picture = picture.address
    browser = sign_in(admin)
    shelf = browser.get("/write/media").text
    assert picture.name not in shelf
    assert other.name in shelf
    browser.post(f"/write/media/{picture.id}/removal")
    assert "It stands beside somebody's name." in words(browser.get(f"/write/media/{picture.id}"))
    assert number(Media) == 2
    ada.picture = ""
    browser.post(f"/write/media/{picture.id}/removal")
    assert number(Media) == 1


def test_no_form_chooses_the_picture_by_its_address(sign_in):
    ada = a_user()
    sign_in(ada).post("/auth/account", data={"name": "Ada", "handle": "ada", "picture": "https://evil.example/x.png"})
    the_db.session.expire_all()
    assert (ada.name, ada.picture) == ("Ada", "")


def test_too_many_in_an_hour_are_refused(sign_in):
    browser = sign_in(a_user())
    answers = [upload(browser, b"").status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


@pytest.mark.parametrize("path", ["/auth/account/picture", "/auth/account/picture/removal"])
def test_strangers_have_no_picture(client, path):
    assert client.post(path).status_code == 401
