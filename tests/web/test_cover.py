"""The cover of a post: chosen in the editor, kept through every refusal, and shown above the text."""

from io import BytesIO

import pytest
from factories import a_post, an_editor
from looking import filled, page
from picture_files import a_file, a_sketch
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.models import Media, Post, Revision


def upload(content: bytes = b"", name: str = "a.png"):
    return (BytesIO(content or a_file()), name)


def send(browser, path="/write/posts/new", to="", **typed):
    """Open the form, type this, and send it as a browser sends a form with a file."""
    sent = filled(browser.get(path), "form.editor") | typed
    return browser.post(path + to, data=sent, content_type="multipart/form-data")


def saved() -> Post:
    the_db.session.expire_all()
    return the_db.session.scalars(select(Post)).one()


def fault_of_cover(answer) -> str:
    return page(answer).find(id="cover_file-help").get_text()


def number_of_media() -> int:
    return the_db.session.scalar(select(func.count()).select_from(Media))


def test_a_cover_is_chosen_with_the_post_and_stands_above_its_text(desk, client):
    send(desk, to="/publication", title="T", body="Words.", cover_file=upload(), cover_alt="Red and blue")
    post = saved()
    picture = page(client.get(post.path)).select_one(".cover img")
    assert picture["src"] == post.cover
    assert (picture["alt"], picture["width"], picture["height"]) == ("Red and blue", "64", "40")
    assert picture["fetchpriority"] == "high"
    assert picture.get("loading") is None
    with client.get(post.cover) as answer:
        assert answer.status_code == 200


def test_a_saved_cover_stays_when_something_else_is_saved(desk):
    send(desk, title="T", body="Words.", cover_file=upload(), cover_alt="A")
    cover, path = saved().cover, f"/write/posts/{saved().id}"
    send(desk, path, title="Other")
    assert (saved().title, saved().cover, saved().cover_alt) == ("Other", cover, "A")
    assert page(desk.get(path)).select_one(".aside img")["src"] == cover


def test_another_picture_takes_its_place_and_the_box_takes_it_away(desk):
    send(desk, title="T", cover_file=upload(), cover_alt="A")
    first, path = saved().cover, f"/write/posts/{saved().id}"
    send(desk, path, cover_file=upload(a_file(a_sketch(30, 20))), cover_removed="y")
    assert saved().cover.endswith("-30x20.png")
    assert saved().cover != first
    send(desk, path, cover_removed="y")
    assert (saved().cover, saved().cover_alt) == ("", "")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG pictures are not accepted"),
        (b"%PDF-1.7", "PDF files are not accepted"),
        (a_file()[:60], "damaged or incomplete"),
    ],
)
@pytest.mark.parametrize("to", ["", "/publication"])
def test_a_refused_picture_says_why_beside_its_field_and_costs_no_text(desk, content, why, to):
    answer = send(desk, to=to, title="Kept", body="All kept.", cover_file=upload(content), cover_alt="Kept too")
    assert answer.status_code == 422
    assert why in fault_of_cover(answer)
    form = filled(answer, "form.editor")
    assert (form["title"], form["body"], form["cover_alt"], form["cover"]) == ("Kept", "All kept.", "Kept too", "")
    assert number_of_media() == 0
    assert the_db.session.scalar(select(Post)) is None


def test_a_picture_need_not_be_sent_again_when_another_field_is_refused(desk):
    answer = send(desk, title="T", tags="x" * 80, cover_file=upload(), cover_alt="A")
    assert answer.status_code == 422
    form = filled(answer, "form.editor")
    assert form["cover"].endswith("-64x40.png")
    assert page(answer).select_one(".aside img")["src"] == form["cover"]
    desk.post("/write/posts/new", data=form | {"tags": "x"})
    assert (saved().cover, saved().cover_alt) == (form["cover"], "A")


def test_a_picture_need_not_be_sent_again_when_publishing_is_refused(desk):
    answer = send(desk, to="/publication", title="", body="Words.", cover_file=upload())
    assert answer.status_code == 422
    form = filled(answer, "form.editor")
    assert desk.post("/write/posts/new/publication", data=form | {"title": "T"}).status_code == 302
    assert saved().cover == form["cover"]


@pytest.mark.parametrize(
    "address",
    ["/media/ab/ab" + "0" * 30 + "-64x40.png", "https://elsewhere.example/a.png", "/media/../config", "javascript:x"],
)
def test_a_cover_must_be_a_picture_that_is_here(desk, address):
    answer = send(desk, title="T", cover=address)
    assert answer.status_code == 422
    assert "no longer here" in fault_of_cover(answer)
    assert filled(answer, "form.editor")["cover"] == ""
    assert address not in answer.text


def test_words_sent_in_place_of_the_file_are_no_cover(desk):
    send(desk, title="T", cover_file="not a file")
    assert saved().cover == ""


def test_a_stale_save_shows_both_covers_and_keeps_the_new_picture(desk, ada):
    post = a_post(by=ada, title="T")
    path = f"/write/posts/{post.id}"
    form = filled(desk.get(path), "form.editor")
    send(desk, path, title="Theirs", cover_file=upload(), cover_alt="Theirs")
    theirs = saved().cover
    mine = desk.post(
        path, data=form | {"title": "Mine", "cover_file": upload(a_file(a_sketch(30, 20)))},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert mine.status_code == 409
    assert theirs in mine.text
    result = filled(mine, "form.merge")
    assert result["cover"].endswith("-30x20.png")
    desk.post(path, data=result)
    assert (saved().title, saved().cover) == ("Mine", result["cover"])


def test_a_stale_save_that_left_the_cover_alone_takes_theirs(desk, ada):
    post = a_post(by=ada, title="T")
    path = f"/write/posts/{post.id}"
    form = filled(desk.get(path), "form.editor")
    send(desk, path, cover_file=upload(), cover_alt="Theirs")
    theirs = saved().cover
    assert desk.post(path, data=form | {"title": "Mine"}).status_code == 302
    assert (saved().title, saved().cover, saved().cover_alt) == ("Mine", theirs, "Theirs")


def test_the_cover_is_in_the_history(desk):
    send(desk, title="T", cover_file=upload(), cover_alt="A")
    then = the_db.session.scalars(select(Revision)).one()
    assert (then.cover, then.cover_alt) == (saved().cover, "A")


def test_somebody_elses_post_takes_no_cover(sign_in, ada):
    post = a_post(by=ada, live=True)
    answer = sign_in(an_editor()).post(
        f"/write/posts/{post.id}", data={"base": "1", "cover_file": upload()}, content_type="multipart/form-data"
    )
    assert answer.status_code == 403
    assert number_of_media() == 0


def test_the_cover_of_a_members_post_is_kept_from_visitors(client, desk):
    send(desk, to="/publication", title="T", body="Words.", visibility="members", cover_file=upload(), cover_alt="Safe")
    for path in ("/", saved().path):
        assert "Safe" not in client.get(path).text
        assert saved().cover not in client.get(path).text
        assert saved().cover in desk.get(path).text
