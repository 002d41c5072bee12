"""The smaller versions of a picture: never larger than it is, in its own kind and as WebP. Pure functions."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from PIL import Image

from blog.picture_names import size_in_name, versions
from blog.pictures import FORMATS

SAVING: dict[str, dict[str, Any]] = {
    "jpg": {"format": "JPEG", "quality": 82, "progressive": True, "optimize": True},
    "png": {"format": "PNG"},
    "gif": {"format": "GIF"},
    "webp": {"format": "WEBP", "quality": 80, "method": 2},
    "avif": {"format": "AVIF", "quality": 60, "speed": 9},
}
PLAIN = ("1", "P")  # modes of drawings and screens, in which lossy compression shows


def drawn(name: str, content: bytes, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Of a stored picture these versions, by name. What moves has none."""
    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        by_width = _by_width(name, set(wanted))
        if not by_width or getattr(picture, "is_animated", False):
            return
        mode = picture.mode
        picture.draft("RGB", (next(iter(by_width)), 1))  # a JPEG is decoded no larger than need be
        reduced = _workable(picture)
        for width, names in by_width.items():  # each from the one before it, the largest first
            reduced = _reduced(reduced, width, _height(name, width))
            for each in names:
                yield each, _written(reduced, each, mode)


def _by_width(name: str, wanted: set[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for widths in versions(name).values():
        for width, each in widths.items():
            if each in wanted:
                found.setdefault(width, []).append(each)
    return dict(sorted(found.items(), reverse=True))


def _height(name: str, width: int) -> int:
    across, down = size_in_name(name) or (1, 1)
    return max(1, round(width * down / across))


def _workable(picture: Image.Image) -> Image.Image:
    """In a mode that can be made smaller smoothly."""
    if picture.mode.startswith("I"):  # sixteen bits of grey, of which a screen shows eight
        return picture.point(lambda value: value / 256).convert("L") if picture.mode == "I;16" else picture.convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _reduced(picture: Image.Image, width: int, height: int) -> Image.Image:
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _written(picture: Image.Image, name: str, mode: str) -> bytes:
    kind = name.rpartition(".")[2]
    options = SAVING[kind] | ({"lossless": True} if kind == "webp" and mode in PLAIN else {})
    if kind == "png" and mode == "P":  # all colours there are would make the smaller one the larger file
        picture = picture.quantize(256, method=Image.Quantize.FASTOCTREE)
    content = BytesIO()
    picture.save(content, **options)
    return content.getvalue()
