"""Picture files made in memory, sound ones and strange ones."""

import struct
import threading
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageSequence

from blog.pictures import Picture

FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]


def a_sketch(width: int = 64, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, so that one sees how it is turned."""
    sketch = Image.new(mode, (width, height), "blue")
    sketch.paste("red", (0, 0, width // 2, height))
    return sketch


def a_file(picture: Image.Image | None = None, kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    (picture or a_sketch()).save(file, kind, **options)
    return file.getvalue()


def a_film(kind: str, frames: list[Image.Image] | None = None, **options: Any) -> bytes:
    first, *rest = frames or [Image.new("RGB", (20, 10), colour) for colour in ("red", "lime", "blue")]
    return a_file(first, kind, save_all=True, append_images=rest, **{"duration": 80, "loop": 0} | options)


def opened(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.content))


def frames_of(raw: bytes) -> list[Image.Image]:
    return [frame.convert("RGBA") for frame in ImageSequence.Iterator(Image.open(BytesIO(raw)))]


def a_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_png_that_claims(width: int, height: int) -> bytes:
    header = a_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + a_chunk(b"IDAT", zlib.compress(b"\0")) + a_chunk(b"IEND", b"")


def wide_gamut_profile() -> bytes:
    """A display's profile whose red and blue are swapped: plain to see if it was minded."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))


def in_parallel(work: Callable[[], None], number: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
