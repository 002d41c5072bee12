"""The smaller versions of a picture: never larger than it is, clean, and quickly made."""

import struct
import time
from io import BytesIO

import pytest
from picture_files import FORMATS, a_file, a_film, a_sketch
from PIL import Image

from blog.picture_names import media_type, size_in_name, version_names
from blog.pictures import Picture, accept
from blog.widths import drawn


def versions_of(picture: Picture, wanted: list[str] | None = None) -> dict[str, Image.Image]:
    found = drawn(picture.name, picture.content, version_names(picture.name) if wanted is None else wanted)
    return {name: Image.open(BytesIO(content)) for name, content in found}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_version_is_there_and_what_its_name_says(kind):
    picture = accept(a_file(a_sketch(700, 400), kind))
    made = versions_of(picture)
    assert set(made) == set(version_names(picture.name))
    for name, version in made.items():
        assert Image.MIME[version.format] == media_type(name)
        assert version.width == int(name.rpartition("-")[2].partition(".")[0]) <= 700
        assert version.height == round(version.width * 400 / 700)


def test_only_those_wanted_are_made():
    picture = accept(a_file(a_sketch(700, 400)))
    wanted = version_names(picture.name)[1:2]
    assert list(versions_of(picture, wanted)) == wanted
    assert versions_of(picture, []) == {}


def test_a_long_line_keeps_its_one_pixel():
    for version in versions_of(accept(a_file(a_sketch(900, 1)))).values():
        assert version.height == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"], ids=lambda mode: f"mode {mode}")
def test_pictures_of_every_mode_keep_their_looks(mode):
    before = a_sketch(700, 400).convert(mode, dither=0)
    left, right = shades(before.convert("L"))
    for name, version in versions_of(accept(a_file(before))).items():
        assert shades(version.convert("L")) == (pytest.approx(left, abs=8), pytest.approx(right, abs=8)), name


def test_sixteen_bits_of_grey_become_the_eight_that_a_screen_shows():
    deep = Image.frombytes("I;16", (700, 400), struct.pack("<700H", *[20_000] * 350, *[60_000] * 350) * 400)
    for version in versions_of(accept(a_file(deep))).values():
        assert shades(version.convert("L")) == (pytest.approx(78, abs=3), pytest.approx(234, abs=3))


def shades(picture: Image.Image) -> tuple[int, int]:
    """How bright it is on the left and on the right."""
    middle = picture.height // 2
    return picture.getpixel((picture.width // 10, middle)), picture.getpixel((picture.width * 9 // 10, middle))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "AVIF"])
def test_what_is_clear_stays_clear(kind):
    sketch = Image.new("RGBA", (700, 400), (255, 0, 0, 255))
    sketch.paste((0, 0, 0, 0), (0, 0, 350, 400))
    for version in versions_of(accept(a_file(sketch, kind))).values():
        left, right = (version.convert("RGBA").getpixel((int(version.width * at), 5)) for at in (0.1, 0.9))
        assert (left[3], right[3]) == (0, 255)


def test_where_it_was_taken_is_in_no_version_and_all_are_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    picture = accept(a_file(a_sketch(900, 700), "JPEG", exif=exif))
    assert size_in_name(picture.name) == (700, 900)
    for version in versions_of(picture).values():
        assert version.height > version.width
        assert not dict(version.getexif())
        top = version.convert("RGB").getpixel((version.width // 2, 5))
        assert top[0] > 200 > top[2]


def test_a_drawing_of_few_colours_does_not_grow_by_becoming_smaller():
    drawing = Image.new("P", (1600, 900))
    drawing.putpalette([0, 0, 0, 255, 255, 255, 255, 0, 0] + [0] * 759)
    for n in range(0, 1600, 40):
        drawing.paste(n // 40 % 3, (n, n % 700, n + 30, n % 700 + 90))
    picture = accept(a_file(drawing))
    for name, content in drawn(picture.name, picture.content, version_names(picture.name)):
        assert name.endswith(".png") or len(content) < len(picture.content) * 4
        assert len(content) < 60_000


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_what_moves_is_left_as_it_is(kind):
    picture = accept(a_film(kind, [Image.new("RGB", (700, 20), colour) for colour in ("red", "lime", "blue")]))
    assert "-moving." in picture.name
    assert versions_of(picture) == {}


def test_what_moves_under_a_name_of_old_has_no_still_versions():
    picture = accept(a_film("GIF", [Image.new("RGB", (700, 20), colour) for colour in ("red", "lime")]))
    old = picture.name.replace("-moving", "")
    assert list(drawn(old, picture.content, version_names(old))) == []


def test_a_photograph_of_24_megapixels_takes_seconds_and_not_minutes():
    noise = Image.effect_noise((1500, 1000), 40).resize((6000, 4000)).convert("RGB")
    raw = a_file(noise, "JPEG", quality=90)
    began = time.process_time()
    picture = accept(raw)
    made = sum(1 for _ in drawn(picture.name, picture.content, version_names(picture.name)))
    assert time.process_time() - began < 40
    assert made == 12
