"""Cards and icons as drawings: what they show of any title, and that each is drawn once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from blog import cards, fonts, icons

CARD = cards.Card("Why the drawers stick", "Ada Byron", "The Long Room", 205, 85)
TITLES = [
    "Why the drawers stick",
    "W" * 200,
    "many words " * 18,
    "كيف تكتب مدونة جيدة",
    "日本語のとても長いタイトル" * 10,
    "\U0001f980 crab",
    "\U0001f980",
    "\U00013000\U00013001",  # hieroglyphs, which no font here has
    "<b> & \u202e",
]


@pytest.mark.parametrize("title", TITLES)
def test_a_card_of_any_title_is_a_small_png_of_the_right_size(title):
    content = cards.drawn(replace(CARD, title=title))
    with Image.open(BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(content) < 150_000


def test_a_title_that_no_font_can_set_gives_way_to_the_name_of_the_site():
    title = "\U00013000\U00013001\ue123 a"
    if fonts.settable("\U00013000"):
        pytest.skip("this machine can write hieroglyphs")
    assert cards.drawn(replace(CARD, title=title)) == cards.drawn(replace(CARD, title=CARD.site))


def test_pictographs_that_a_font_lacks_are_left_out_and_letters_never():
    text, file = fonts.settable("\U0001f980\ufe0f crab")
    assert text.endswith("crab")
    assert all(fonts._has(file, char) for char in text)


@pytest.mark.parametrize("title", TITLES[:5])
def test_every_line_of_a_title_has_room(title):
    if (found := fonts.settable(title)) is None:
        pytest.skip(f"NOT RUN: no font of this machine can set {title[:8]}…")
    text, file = found
    lines, size = cards.set_title(text, file)
    font = fonts.font(file, size)
    assert all(font.getlength(line) <= cards.WIDTH - 2 * cards.MARGIN for line in lines)
    assert len(lines) * size * cards.LEADING <= cards.TITLE_FOOT - cards.TITLE_TOP


def test_a_title_too_long_for_any_size_ends_in_an_ellipsis():
    text = "a very long title " * 40
    lines, _ = cards.set_title(text, None)
    assert lines[-1].endswith("…")


def test_right_to_left_titles_stand_on_the_right():
    def ink(title):
        with Image.open(BytesIO(cards.drawn(replace(CARD, title=title, byline="")))) as picture:
            lightest = picture.convert("L").crop((0, 160, 1200, 520)).point(lambda value: 255 if value < 128 else 0)
            return lightest.getbbox()

    if fonts.settable("שלום") is None:
        pytest.skip("this machine has no Hebrew letters")
    left, _, right, _ = ink("שלום")
    assert left > 600
    assert right > 1100
    assert ink("peace")[0] < 100


@pytest.mark.parametrize("change", [{"title": "x"}, {"byline": "x"}, {"site": "x"}, {"hue": 1}, {"chroma": 1}])
def test_a_card_that_would_look_different_has_another_name(change):
    assert replace(CARD, **change).version != CARD.version


def test_a_card_asked_for_by_many_at_once_is_drawn_once(tmp_path, monkeypatch):
    drawings = []
    draw = cards.drawn
    monkeypatch.setattr(cards, "drawn", lambda card: drawings.append(card) or draw(card))
    with ThreadPoolExecutor(12) as pool:
        paths = set(pool.map(lambda _: cards.kept(tmp_path, "post", CARD), range(12)))
    assert len(drawings) == 1
    (path,) = paths
    assert path.read_bytes() == draw(CARD)


def test_a_new_card_of_a_post_takes_the_place_of_its_old_one_and_of_no_other(tmp_path):
    other = cards.kept(tmp_path, "other", CARD)
    old = cards.kept(tmp_path, "post", CARD)
    new = cards.kept(tmp_path, "post", replace(CARD, title="Anew"))
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


@pytest.mark.parametrize(
    ("title", "letter"),
    [
        ("Masthead", "M"),
        ("“the Ash”", "T"),
        ("émile", "É"),
        ("e\u0301mile", "E\u0301"),
        ("42", "4"),
        ("ßig", "ß"),
        ("–", "M"),
    ],
)
def test_an_icon_shows_the_first_letter_of_the_title(title, letter):
    assert icons.letter_of(title) == letter


def test_a_letter_without_a_font_gives_way_to_another_in_a_picture():
    assert icons.png("\U00013000", 1, 1, 32) == icons.png("M", 1, 1, 32) or fonts.settable("\U00013000")
