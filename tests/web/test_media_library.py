"""The library of pictures: who may bring, describe, replace and delete them, and what they are told."""

import re
import zlib
from io import BytesIO

import pytest
from factories import a_binned_post, a_post, a_user, an_admin, an_editor
from looking import filled, link, page, words
from picture_files import a_chunk, a_file, a_film, a_sketch
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.models import AuditEntry, Edition, Media, Post, Revision
from blog.picture_names import version_names
from blog.posts import uploads

JSON = {"Accept": "application/json"}


def a_picture(browser, content: bytes = b"", name: str = "a.png", **more) -> Media:
    """One that this person has brought."""
    answer = browser.post(
        "/write/media", data={"file": (BytesIO(content or a_file(a_sketch(700, 400))), name)} | more, headers=JSON
    )
    assert answer.status_code == 201, answer.text
    return the_db.session.scalars(select(Media).where(Media.name == answer.json["address"][7:])).one()


def send(browser, *files: tuple[bytes, str], path: str = "/write/media"):
    return browser.post(path, data={"file": [(BytesIO(content), name) for content, name in files]})


def number_of_media() -> int:
    return the_db.session.scalar(select(func.count()).select_from(Media))


def outcomes(answer) -> list[str]:
    return [" ".join(one.get_text(" ").split()) for one in page(answer).select("[aria-labelledby=outcomes] li")]


# Bringing them


def test_several_files_come_at_once_and_each_is_told_of_by_name(desk, ada):
    answer = send(
        desk,
        (a_file(), "one.png"),
        (b"<svg/>", "two.svg"),
        (a_file(kind="JPEG"), "C:/Pictures/three.jpg"),
        (b"%PDF-1.7", "../../four.pdf"),
    )
    assert answer.status_code == 422
    told = outcomes(answer)
    assert told[0] == "Here one.png 64 × 40"
    assert told[1].startswith("Refused two.svg SVG pictures are not accepted")
    assert told[2] == "Here three.jpg 64 × 40"
    assert told[3].startswith("Refused four.pdf PDF files are not accepted")
    kept = the_db.session.scalars(select(Media).order_by(Media.id)).all()
    assert [(one.file_name, one.owner_id) for one in kept] == [("one.png", ada.id), ("three.jpg", ada.id)]


def test_good_files_alone_are_no_error(desk):
    assert send(desk, (a_file(), "one.png")).status_code == 200


def test_nothing_chosen_is_said(desk):
    answer = desk.post("/write/media", data={"file": (BytesIO(b""), "")})
    assert (answer.status_code, outcomes(answer)) == (422, ["Nothing came Choose a picture first."])


def test_of_too_many_files_the_last_are_named(desk):
    files = [(a_file(a_sketch(10 + n, 10)), f"{n}.png") for n in range(uploads.MOST_AT_ONCE + 2)]
    told = outcomes(send(desk, *files))
    assert [line.split()[0] for line in told] == ["Here"] * uploads.MOST_AT_ONCE + ["Refused"] * 2
    assert "At most 20 pictures at once" in told[-1]


def test_a_script_is_told_the_address_and_how_to_write_it(desk):
    answer = desk.post("/write/media", data={"file": (BytesIO(a_file()), "a.png"), "alt": "A [cat]"}, headers=JSON)
    assert answer.status_code == 201
    told = answer.json
    assert told["address"].endswith("-64x40.png")
    assert told["markdown"] == f"![A \\[cat\\]]({told['address']})"
    assert (told["width"], told["height"], told["alt"]) == (64, 40, "A [cat]")
    with desk.get(told["address"]) as picture:
        assert picture.status_code == 200


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "Choose a picture first."),
        ({"file": "words"}, "Choose a picture first."),
        ({"file": (b"", "a.png")}, "This file is empty."),
        ({"file": (b"<html>", "a.png")}, "This file is not a picture."),
        ({"file": (a_file(), "a.png"), "alt": "x" * 501}, "At most 500 characters"),
        ({"file": (a_file(), "a.png"), "files": 2}, "one picture at a time"),
    ],
)
def test_a_script_is_told_why_a_picture_is_refused(desk, sent, why):
    sent = dict(sent)
    if isinstance(sent.get("file"), tuple):
        content, name = sent["file"]
        sent["file"] = [(BytesIO(content), name) for _ in range(sent.pop("files", 1))]
    answer = desk.post("/write/media", data=sent, headers=JSON, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert why in answer.json["error"]
    assert number_of_media() == 0


def test_the_same_picture_is_kept_once_as_its_first_bringers(desk, ada, sign_in):
    first = a_picture(desk, alt="Hers")
    other = sign_in(an_editor()).post(
        "/write/media", data={"file": (BytesIO(a_file(a_sketch(700, 400))), "b.png"), "alt": "His"}, headers=JSON
    )
    assert (other.status_code, other.json["address"], other.json["alt"]) == (201, first.address, "His")
    [kept] = the_db.session.scalars(select(Media))
    assert (kept.owner_id, kept.file_name, kept.alt) == (ada.id, "a.png", "Hers")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("n" * 4000 + ".png", "n" * 159 + "…" + "n" * 36 + ".png"),
        ("a\x07b.png", "a b.png"),
        ("/etc/passwd", "passwd"),
        ("Тиха ніч.png", "Тиха ніч.png"),
        ("<script>.png", "<script>.png"),
    ],
)
def test_whatever_a_file_is_called_its_name_can_be_shown(desk, sent, kept):
    answer = send(desk, (a_file(), sent))
    assert answer.status_code == 200
    assert the_db.session.scalars(select(Media.file_name)).one() == kept
    assert kept in page(desk.get("/write/media")).get_text()
    assert "<script>" not in answer.text


def test_a_storage_that_is_away_costs_a_message_and_no_row(desk, app, monkeypatch):
    def away(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(type(app.extensions["storage"]), "save", away)
    answer = send(desk, (a_file(a_sketch(99, 98)), "a.png"))
    assert outcomes(answer) == [f"Refused a.png {uploads.NOT_STORED}"]
    assert number_of_media() == 0


# Bad input


def test_a_picture_of_30_000_by_30_000_pixels_is_refused_by_its_size(desk):

    raw = b"\x89PNG\r\n\x1a\n" + a_chunk(b"IHDR", b"\0\0\x75\x30\0\0\x75\x30\x01\0\0\0\0")
    raw += a_chunk(b"IDAT", zlib.compress(bytes(3_751 * 5_000), 9)) + a_chunk(b"IEND", b"")
    assert 15_000 < len(raw) < 25_000
    assert "megapixels; the limit is 50" in outcomes(send(desk, (raw, "bomb.png")))[0]


def test_an_animation_of_10_000_frames_is_refused(desk):
    frames = [a_sketch(2, 2).rotate(90 * (n % 2)) for n in range(2)]
    gif = a_film("GIF", frames)
    start = gif.index(b"\x21\xf9")
    long = gif[:start] + gif[start:-1] * 5_000 + b";"
    assert "more than 300 frames" in outcomes(send(desk, (long, "long.gif")))[0]


def test_of_a_polyglot_only_the_picture_is_left(desk, client):
    script = b"<script>alert(1)</script><?php system('id'); ?>"
    raw = a_file(kind="GIF", comment=script) + script + b"PK\x03\x04"
    with client.get(a_picture(desk, raw, "a.gif.php").address) as answer:
        assert answer.mimetype == "image/gif"
        assert script not in answer.data
        assert b"PK" not in answer.data


def test_every_file_of_the_collection_is_kept_clean_or_refused_and_served_as_a_picture(desk, client, corpora):
    kept = 0
    for path in sorted((corpora / "uploads").iterdir()):
        answer = desk.post("/write/media", data={"file": (BytesIO(path.read_bytes()), path.name)}, headers=JSON)
        assert answer.status_code in (201, 422), path
        if answer.status_code == 422:
            assert len(answer.json["error"]) > 15, path
            continue
        kept += 1
        name = answer.json["address"][7:]
        for each in (name, *version_names(name)):
            with client.get(f"/media/{each}") as picture:
                assert picture.status_code == 200, path
                assert picture.mimetype in ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif")
                assert picture.headers["X-Content-Type-Options"] == "nosniff"
                assert picture.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
                assert not re.search(rb"<script|<\?php|GPS|Exif\0\0", picture.data), path
    assert kept >= 15


# Finding them


def test_the_library_is_searched_by_what_pictures_show_and_by_the_names_of_their_files(desk):
    a_picture(desk, a_file(a_sketch(10, 10)), "boat.png", alt="A red Boat")
    a_picture(desk, a_file(a_sketch(11, 10)), "IMG_1.png", alt="Two swans")
    a_picture(desk, a_file(a_sketch(12, 10)), "100%.png")

    def found(query):
        return [one["width"] for one in desk.get(f"/write/media?{query}", headers=JSON).json["items"]]

    assert found("") == [12, 11, 10]
    assert found("q=boat") == [10]
    assert found("q=img_1") == [11]
    assert found("q=%25") == [12]
    assert found("missing=alt") == [12]
    assert found("q=boat&missing=alt") == []
    assert "Nothing found" in words(desk.get("/write/media?q=zebra"))


def test_the_chooser_is_told_of_small_versions(desk):
    one = a_picture(desk, alt="Red")
    [item] = desk.get("/write/media", headers=JSON).json["items"]
    assert item == {
        "address": one.address, "thumb": f"{one.address}-320.webp", "width": 700, "height": 400, "alt": "Red",
    }  # fmt: skip
    with desk.get(item["thumb"]) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")


def test_a_long_library_is_turned_page_by_page(desk):
    for n in range(26):
        a_picture(desk, a_file(a_sketch(10 + n, 10)), f"{n}.png")
    first = desk.get("/write/media?missing=alt")
    assert len(page(first).select(".gallery > li")) == 24
    second = desk.get(link(first, "Older pictures"))
    assert [one.get_text() for one in page(second).select(".gallery__name")] == ["1.png", "0.png"]


def test_only_mine_are_shown_where_i_ask_for_them(desk, sign_in):
    a_picture(desk, a_file(a_sketch(10, 10)), "hers.png")
    a_picture(sign_in(an_editor()), a_file(a_sketch(11, 10)), "his.png")
    assert [one.get_text() for one in page(desk.get("/write/media?whose=mine")).select(".gallery__name")] == [
        "hers.png"
    ]


# Describing them


def test_missing_descriptions_are_listed_and_written_on_one_page(desk):
    one, two = (a_picture(desk, a_file(a_sketch(10 + n, 10)), f"{n}.png") for n in range(2))
    form = filled(desk.get("/write/media?missing=alt"), "main form.form")
    assert {f"alt-{one.id}", f"alt-{two.id}"} <= form.keys()
    answer = desk.post("/write/media/descriptions", data=form | {f"alt-{one.id}": " A  cat\n"})
    assert answer.location == "/write/media?missing=alt"
    the_db.session.expire_all()
    assert (one.alt, two.alt) == ("A cat", "")
    assert "1 picture is described." in words(desk.get(answer.location))


def test_what_a_picture_shows_is_changed_on_its_page_and_logged(desk):
    one = a_picture(desk, alt="A dog")
    path = f"/write/media/{one.id}"
    desk.post(path, data=filled(desk.get(path), "main form.form") | {"alt": "A cat", "focus": "0-4"})
    the_db.session.expire_all()
    assert (one.alt, one.focus_x, one.focus_y) == ("A cat", 0, 4)
    entry = the_db.session.scalars(AuditEntry.newest()).first()
    assert (entry.action, entry.subject) == ("described the picture", "a.png")
    assert entry.detail == {"before": "A dog", "after": "A cat"}


@pytest.mark.parametrize(
    ("typed", "why"),
    [({"alt": "x" * 501}, "At most 500 characters; this has 501."), ({"focus": "9-9"}, "Choose one of the places")],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(desk, typed, why):
    one = a_picture(desk)
    answer = desk.post(f"/write/media/{one.id}", data={"alt": "Typed", "focus": "1-1"} | typed)
    assert answer.status_code == 422
    assert why in answer.text
    assert filled(answer, "main form.form")["alt"] == ({"alt": "Typed"} | typed)["alt"]


def test_a_chosen_cover_brings_along_what_it_shows(desk):
    one = a_picture(desk, alt="Two swans")
    form = filled(desk.get("/write/posts/new"), "form.editor")
    assert one.address in desk.get("/write/posts/new").text
    desk.post("/write/posts/new", data=form | {"title": "T", "cover": one.address})
    post = the_db.session.scalars(select(Post)).one()
    assert (post.cover, post.cover_alt) == (one.address, "Two swans")


def test_what_was_typed_for_a_cover_wins(desk):
    one = a_picture(desk, alt="Two swans")
    form = filled(desk.get("/write/posts/new"), "form.editor")
    desk.post("/write/posts/new", data=form | {"title": "T", "cover": one.address, "cover_alt": "Mine"})
    assert the_db.session.scalars(select(Post.cover_alt)).one() == "Mine"


def test_the_focal_point_keeps_the_lead_picture_in_sight_at_once(desk, client):
    one = a_picture(desk)
    a_post(live=True, cover=one.address, cover_alt="Red")
    assert "focus--" not in client.get("/").text
    before = the_db.session.scalar(select(Edition.number))
    desk.post(f"/write/media/{one.id}", data={"alt": "", "focus": "4-0"})
    assert page(client.get("/")).select_one(".lead img")["class"] == ["focus", "focus--x4", "focus--y0"]
    the_db.session.expire_all()
    if the_db.engine.dialect.name == "sqlite":  # PostgreSQL raises it as it commits, which this test never does
        assert the_db.session.scalar(select(Edition.number)) > before


# Where they are used


def test_a_picture_says_which_posts_use_it_and_hides_drafts_of_others(desk, ada):
    one = a_picture(desk)
    body = f"![a]({one.address})"
    a_post(by=ada, title="My draft", body=body)
    a_post(live=True, title="Their post", cover=one.address)
    a_post(title="Their secret", body=body)
    once = a_post(by=ada, title="Once", body=body)
    once.revise(base=1, by=ada, body="Gone.")
    answer = desk.get(f"/write/media/{one.id}")
    shown = words(answer)
    assert "My draft" in shown
    assert "Their post" in shown
    assert "Once in an earlier revision" in shown
    assert "Their secret" not in shown
    assert "1 further post, not open to you" in shown
    assert "in 4 posts" in words(desk.get("/write/media"))


# Replacing them


def test_a_replaced_picture_is_replaced_in_every_post_one_may_change_and_its_history_stays(desk, ada):
    one = a_picture(desk, alt="A cat")
    text_with_it = f"![a]({one.address}) and ![b]({one.address})"
    mine, theirs = (
        a_post(by=ada, live=True, body=text_with_it),
        a_post(cover=one.address, body="Words", co_authors=[ada]),
    )
    others = a_post(body=text_with_it)
    once = a_post(by=ada, body=text_with_it)
    once.revise(base=1, by=ada, body="Gone.")
    desk.post(f"/write/media/{one.id}", data={"alt": "A cat", "focus": "1-3"})
    answer = send(desk, (a_file(a_sketch(30, 20)), "new.png"), path=f"/write/media/{one.id}/replacement")
    fresh = the_db.session.scalars(select(Media).where(Media.width == 30)).one()
    assert answer.location == f"/write/media/{fresh.id}"
    told = words(desk.get(answer.location))
    assert "2 posts that showed the old one show it now. 1 of others go on showing the old one" in told
    the_db.session.expire_all()
    assert mine.body == f"![a]({fresh.address}) and ![b]({fresh.address})"
    assert fresh.address in mine.html
    assert (theirs.cover, theirs.body, once.body) == (fresh.address, "Words", "Gone.")
    assert [post.revision for post in (mine, theirs, once)] == [2, 2, 2]
    assert (others.body, others.revision) == (text_with_it, 1)
    assert (fresh.alt, fresh.focus_x, fresh.focus_y) == ("A cat", 1, 3)
    last = Revision.of(mine, 2)
    assert (last.what, last.by_id) == ("picture replaced", ada.id)
    assert Revision.of(mine, 1).body == text_with_it
    with desk.get(one.address) as old:  # which earlier revisions show
        assert old.status_code == 200


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"<svg/>", "SVG pictures are not accepted"), (a_file(a_sketch(700, 400)), "very same picture")],
)
def test_what_cannot_take_its_place_is_refused_with_the_reason(desk, content, why):
    one = a_picture(desk)
    answer = send(desk, (content, "a.png"), path=f"/write/media/{one.id}/replacement")
    assert answer.status_code == 422
    assert why in page(answer).find(id="file-help").get_text()
    assert desk.post(f"/write/media/{one.id}/replacement").status_code == 422


# Deleting them


def test_a_picture_of_no_post_is_deleted_with_all_its_files(desk, app):
    one = a_picture(desk, a_file(a_sketch(701, 400)))
    name = one.name
    answer = desk.post(f"/write/media/{one.id}/removal")
    assert answer.location == "/write/media"
    assert "“a.png” is deleted." in words(desk.get(answer.location))
    assert number_of_media() == 0
    for each in (name, *version_names(name)):
        assert desk.get(f"/media/{each}").status_code == 404
    assert the_db.session.scalars(AuditEntry.newest()).first().action == "deleted the picture"


@pytest.mark.parametrize("where", ["live", "draft", "binned", "revision", "cover"])
def test_a_picture_in_use_stays(desk, ada, where):
    one = a_picture(desk)
    body = f"![a]({one.address})"
    if where == "cover":
        a_post(cover=one.address)
    elif where == "binned":
        a_binned_post(body=body)
    else:
        post = a_post(by=ada, live=where == "live", body=body)
        if where == "revision":
            post.revise(base=1, by=ada, body="Gone.")
    assert "Delete the picture" not in words(desk.get(f"/write/media/{one.id}"))
    answer = desk.post(f"/write/media/{one.id}/removal")
    assert "1 post uses it" in words(desk.get(answer.location))
    with desk.get(one.address) as picture:
        assert picture.status_code == 200
    assert number_of_media() == 1


# Who may


CHANGES = ("", "/replacement", "/removal")


def test_readers_and_strangers_see_nothing_of_the_library(desk, client, sign_in):
    one = a_picture(desk)
    reader = sign_in(a_user())
    for path in ("/write/media", f"/write/media/{one.id}"):
        assert reader.get(path).status_code == 403
        assert client.get(path).location.startswith("/auth/login")
    for path in (
        "/write/media",
        "/write/media/descriptions",
        *(f"/write/media/{one.id}{change}" for change in CHANGES),
    ):
        assert reader.post(path).status_code == 403
        assert client.post(path).status_code == 401
    assert number_of_media() == 1


def test_another_editor_may_use_a_picture_but_not_change_it(desk, sign_in):
    one = a_picture(desk, alt="Hers")
    other = sign_in(an_editor())
    assert one.address in other.get("/write/media").text
    assert "Delete" not in words(other.get(f"/write/media/{one.id}"))
    for change in CHANGES:
        sent = {"alt": "His", "focus": "0-0", "file": (BytesIO(a_file()), "b.png")}
        assert other.post(f"/write/media/{one.id}{change}", data=sent).status_code == 403
    assert other.post("/write/media/descriptions", data={f"alt-{one.id}": "His"}).status_code == 403
    the_db.session.expire_all()
    assert (one.alt, one.focus_x, number_of_media()) == ("Hers", 2, 1)


def test_an_admin_may_change_everybodys_pictures_and_those_of_nobody(desk, sign_in):
    one = a_picture(desk)
    one.owner_id = None
    admin = sign_in(an_admin())
    assert desk.post(f"/write/media/{one.id}", data={"alt": "Mine?", "focus": "2-2"}).status_code == 403
    assert admin.post(f"/write/media/{one.id}", data={"alt": "A", "focus": "2-2"}).status_code == 302
    assert admin.post(f"/write/media/{one.id}/removal").location == "/write/media"
    assert number_of_media() == 0


def test_a_picture_that_is_not_there_is_404(desk):
    assert desk.get("/write/media/999").status_code == 404
    for change in CHANGES:
        assert desk.post(f"/write/media/999{change}").status_code == 404


def test_the_library_costs_as_many_queries_for_many_pictures_as_for_one(desk, queries):
    def cost():
        with queries() as seen:
            desk.get("/write/media")
        return len(seen)

    a_picture(desk, a_file(a_sketch(9, 9)))
    few = cost()
    for n in range(12):
        a_picture(desk, a_file(a_sketch(10 + n, 10)))
    assert cost() == few
