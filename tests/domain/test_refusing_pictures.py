"""What is not let in, and what the person is told."""

import os
import random
from pathlib import Path

import pytest
from picture_files import (
    FORMATS,
    a_chunk,
    a_file,
    a_film,
    a_png_that_claims,
)
from PIL import Image

from blog import pictures
from blog.pictures import Picture, RefusedPicture, accept

UPLOADS = (
    Path(os.environ.get("MASTHEAD_CORPORA") or Path(__file__).parents[2].parent / "shared" / "corpora")
    / "given"
    / "uploads"
)


def refusal(raw: bytes) -> str:
    with pytest.raises(RefusedPicture) as refused:
        accept(raw)
    return str(refused.value)


def accepted_or_refused(raw: bytes) -> Picture | None:
    try:
        return accept(raw)
    except RefusedPicture:
        return None


def test_an_animation_cut_short_is_refused():
    raw = a_film("PNG")
    assert refusal(raw[: raw.rindex(b"fcTL") - 4] + a_chunk(b"IEND", b"")) == pictures.DAMAGED


def test_an_animation_of_too_many_frames_is_refused():
    frames = [Image.new("L", (2, 2), number % 256) for number in range(pictures.MAX_FRAMES + 1)]
    assert "more than 300 frames" in refusal(a_film("GIF", frames))


def test_an_animation_of_too_many_pixels_is_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_ANIMATED_PIXELS", 500)
    assert "frames add up to 0.1 megapixels" in refusal(a_film("WEBP"))


@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [
        (12_001, 1, "12,001 x 1 pixels; the limit is 12,000 a side"),
        (8_000, 6_251, "50.1 megapixels; the limit is 50"),
        (10_001, 10_001, "more than 50 megapixels; the limit is 50"),
        (60_000, 60_000, "more than 50 megapixels; the limit is 50"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(width, height, reason):
    assert reason in refusal(a_png_that_claims(width, height))


def test_a_gif_whose_frame_outgrows_it_is_refused():
    gif = bytearray(a_film("GIF"))
    second = gif.rindex(b",\0\0\0\0")
    gif[second + 5 : second + 9] = b"\xff\xff\xff\xff"
    assert "50 megapixels" in refusal(bytes(gif))


def test_a_file_that_is_too_long_is_refused_with_its_length():
    assert refusal(bytes(20 * 1024**2 + 1)) == "This file has 20.1 MB; the limit is 20 MB."


def test_an_empty_file_is_refused():
    assert refusal(b"") == "This file is empty."


def test_a_jpeg_of_endless_scans_is_refused():
    assert "scans; the limit is 100" in refusal(a_file(kind="JPEG") + b"\xff\xda" * 100)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'<?xml version="1.0"?>\n<SVG onload="alert(1)"/>', "SVG pictures are not accepted because they can carry"),
        (b"BM" + bytes(60), "BMP files are not accepted"),
        (b"%PDF-1.7", "PDF files are not accepted"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC or film files are not accepted"),
        (b"<?php phpinfo();", "not a picture"),
        (b"\x89PNG\r\n\x1a\n and no more", "damaged"),
        (b"GIF89a<svg>", "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(raw, reason):
    assert reason in refusal(raw)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_cut_short_is_refused(kind):
    noisy = Image.effect_noise((90, 90), 80)
    raw = a_file(noisy, kind)
    assert refusal(raw[: len(raw) * 2 // 3]) == pictures.DAMAGED


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.filterwarnings("ignore:::PIL")
def test_whatever_the_bytes_nothing_but_a_refusal_comes_out(kind):
    luck = random.Random(7)
    for raw in (a_file(kind=kind), a_film(kind) if kind != "JPEG" else a_file(kind=kind, progressive=True)):
        for _ in range(60):
            bent = bytearray(raw)
            for _ in range(luck.randint(1, 8)):
                bent[luck.randrange(len(bent))] = luck.randrange(256)
            accepted_or_refused(bytes(bent))


def test_running_out_of_memory_is_a_refusal(monkeypatch):
    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pictures, "_written_afresh", no_memory)
    assert refusal(a_file()) == pictures.DAMAGED


@pytest.mark.filterwarnings("ignore:::PIL")
def test_every_file_of_the_collection_is_accepted_or_refused():
    if not UPLOADS.is_dir():
        pytest.skip(f"NO COLLECTION OF HOSTILE UPLOADS: {UPLOADS} is missing; set MASTHEAD_CORPORA to its parent")
    outcome = {path.name: accepted_or_refused(path.read_bytes()) for path in UPLOADS.iterdir()}
    assert sum(picture is not None for picture in outcome.values()) >= 15
    assert not any(picture for name, picture in outcome.items() if name.endswith((".svg", ".php", ".htm", ".ico")))
