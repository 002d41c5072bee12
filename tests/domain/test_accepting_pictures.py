"""What is left of a picture that is let in: its pixels, upright, in its own format, and nothing else."""

import hashlib
from io import BytesIO

import pytest
from picture_files import (
    FORMATS,
    a_file,
    a_film,
    a_sketch,
    frames_of,
    in_parallel,
    opened,
    wide_gamut_profile,
)
from PIL import Image, ImageCms, ImageSequence
from PIL.PngImagePlugin import PngInfo

from blog import pictures
from blog.pictures import accept

SECRET = b"taken in the kitchen"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_keeps_its_format_and_size_and_is_named_by_its_content(kind):
    picture = accept(a_file(kind=kind))
    digest = hashlib.sha256(picture.content).hexdigest()[:32]
    extension = pictures.EXTENSIONS[kind]
    assert picture.name == f"{digest[:2]}/{digest}-64x40.{extension}"
    assert picture.media_type == pictures.MEDIA_TYPES[extension]
    assert (opened(picture).format, opened(picture).size) == (kind, (picture.width, picture.height))


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_upload_gives_the_same_bytes_each_time(kind):
    assert accept(a_file(kind=kind)) == accept(a_file(kind=kind))


@pytest.mark.parametrize("kind", FORMATS)
def test_what_hangs_on_behind_a_picture_is_gone(kind):
    assert b"<script>" not in accept(a_file(kind=kind) + b"<script>alert(1)</script>").content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_data_and_xmp_are_removed(kind):
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    raw = a_file(kind=kind, exif=exif, **({} if kind == "PNG" else {"xmp": SECRET}))
    picture = accept(raw)
    assert SECRET in raw
    assert SECRET not in picture.content
    assert not dict(opened(picture).getexif())


@pytest.mark.parametrize("kind", ["JPEG", "GIF"])
def test_comments_are_removed(kind):
    raw = a_file(kind=kind, comment=SECRET)
    assert SECRET in raw
    assert SECRET not in accept(raw).content


def test_texts_in_a_png_are_removed():
    texts = PngInfo()
    texts.add_text("Comment", SECRET.decode())
    assert SECRET not in accept(a_file(pnginfo=texts)).content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_lying_on_its_side_is_put_upright(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = accept(a_file(kind=kind, exif=exif))
    top = opened(picture).convert("RGB").getpixel((20, 5))
    assert (picture.width, picture.height) == (40, 64)
    assert top[0] > 200
    assert top[2] < 60


@pytest.mark.filterwarnings("ignore:::PIL")
def test_broken_exif_data_is_no_reason_to_refuse():
    assert accept(a_file(kind="JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01")).width == 64


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], ids=lambda mode: f"mode {mode}")
def test_a_png_of_every_mode_is_kept_pixel_for_pixel(mode):
    before = a_sketch().convert("L").convert("I;16") if mode == "I;16" else a_sketch(mode="RGBA").convert(mode)
    after = opened(accept(a_file(before)))
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()


def test_a_lossless_webp_stays_lossless():
    assert opened(accept(a_file(kind="WEBP", lossless=True))).convert("RGB").tobytes() == a_sketch().tobytes()


def test_colours_are_brought_to_srgb_and_the_profile_is_dropped():
    profile = wide_gamut_profile()
    for sketch in (a_sketch(), a_sketch().quantize(4), a_sketch(mode="RGBA")):
        after = opened(accept(a_file(sketch, icc_profile=profile)))
        assert "icc_profile" not in after.info
        red, _, blue = after.convert("RGB").getpixel((0, 0))
        assert (red < 90, blue > 200) == (True, True)


def test_a_profile_that_is_srgb_already_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert accept(a_file(icc_profile=profile)) == accept(a_file())


def test_an_unusable_profile_is_ignored():
    assert accept(a_file(icc_profile=b"no profile at all")) == accept(a_file())


def test_a_print_shops_jpeg_becomes_one_for_screens():
    assert opened(accept(a_file(a_sketch().convert("CMYK"), "JPEG"))).mode == "RGB"


def test_of_a_phones_jpeg_with_two_pictures_the_first_is_taken():
    raw = a_file(a_sketch(), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
    assert Image.open(BytesIO(raw)).format == "MPO"
    assert (accept(raw).media_type, accept(raw).width) == ("image/jpeg", 64)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_keeps_its_frames_and_its_pace(kind):
    after = opened(accept(a_film(kind, duration=[40, 120, 200])))
    pace = []
    for frame in ImageSequence.Iterator(after):
        frame.load()
        pace.append(frame.info["duration"])
    assert pace == [40, 120, 200]
    assert kind == "AVIF" or after.info["loop"] == 0


def test_an_animation_that_runs_once_still_runs_once():
    first, second = Image.new("L", (4, 4)), Image.new("L", (4, 4), 200)
    once = a_file(first, "GIF", save_all=True, append_images=[second])
    assert "loop" not in opened(accept(once)).info


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_an_animation_with_clear_parts_looks_as_before_in_every_frame(kind):
    frames = [Image.new("RGBA", (30, 30)) for _ in range(4)]
    for number, frame in enumerate(frames):
        frame.paste((255, 40 * number, 0, 255), (number * 6, 4, number * 6 + 8, 20))
    raw = a_film(kind, frames, disposal=2 if kind == "GIF" else 1)
    after = accept(raw).content
    assert [f.tobytes() for f in frames_of(after)] == [f.tobytes() for f in frames_of(raw)]


def test_the_stand_in_of_an_animated_png_is_not_part_of_its_motion():
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("white", "red", "blue")]
    raw = a_film("PNG", frames, default_image=True)
    assert [f.getpixel((0, 0))[:3] for f in frames_of(accept(raw).content)] == [(255, 0, 0), (0, 0, 255)]


def test_a_large_picture_is_compressed_in_haste(monkeypatch):
    monkeypatch.setattr(pictures, "LEISURE_PIXELS", 100)
    assert accept(a_file()).width == 64


def test_pictures_are_accepted_in_many_threads_at_once():
    expected = {kind: accept(a_file(kind=kind)) for kind in FORMATS}
    seen: list[bool] = []
    in_parallel(lambda: seen.extend(accept(a_file(kind=kind)) == expected[kind] for kind in FORMATS), 6)
    assert seen == [True] * 6 * len(FORMATS)
