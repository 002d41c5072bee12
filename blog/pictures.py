"""Pictures as they come in: what was uploaded is decoded, cleaned, written afresh and named by its content."""

import contextlib
import hashlib
import math
import re
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any

from PIL import GifImagePlugin, Image, ImageCms, ImageOps, UnidentifiedImageError

from blog.picture_names import MAX_SIDE, MEDIA_TYPES

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_FRAMES = 300
MAX_ANIMATED_PIXELS = 100_000_000
# Both cost a moment for a few bytes, so a small file could keep a worker busy for hours.
JPEG_REPEATS = {b"\xff\xda": ("scans", 100), b"Exif\0\0": ("Exif blocks", 100)}

# A phone's JPEG with a second picture inside (a depth or gain map) calls itself MPO; the first is the photograph.
EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}
FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]
SAVING: dict[str, dict[str, Any]] = {
    "jpg": {"format": "JPEG", "quality": 88, "progressive": True},
    "png": {"format": "PNG", "optimize": True},
    "gif": {"format": "GIF", "optimize": True},
    "webp": {"format": "WEBP", "quality": 88, "method": 4},
    "avif": {"format": "AVIF", "quality": 75, "speed": 8},
}
# Best compression of a large picture or an animation takes ten times as long as good compression.
LEISURE_PIXELS = 5_000_000
IN_HASTE: dict[str, dict[str, Any]] = {"png": {"optimize": False}, "webp": {"method": 1}, "avif": {"speed": 10}}
DAMAGED = "This picture is damaged or incomplete."
WELCOME = "Pictures may be JPEG, PNG, GIF, WebP or AVIF."
OURS = re.compile(rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftypavi[fs]", re.DOTALL)
OTHERS = {b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"\0\0\1\0": "ICO", b"%PDF": "PDF", b"PK\3\4": "ZIP"}

# Set once, here: they belong to the whole process, and requests run in threads.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY


class RefusedPicture(ValueError):
    """Its text is for the person who sent the picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    content: bytes
    media_type: str
    width: int
    height: int


def accept(raw: bytes) -> Picture:
    """The picture in these bytes, upright, without metadata and freshly written; raises only RefusedPicture."""
    _check_bytes(raw)
    try:
        with Image.open(BytesIO(raw), formats=FORMATS) as picture:
            return _written_afresh(picture, raw)
    except RefusedPicture:
        raise
    except UnidentifiedImageError:
        raise RefusedPicture(_why_unknown(raw)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RefusedPicture(_too_many_pixels("more than 50")) from None
    except Exception as error:  # hostile bytes make a decoder raise nearly anything
        raise RefusedPicture(DAMAGED) from error


def _check_bytes(raw: bytes) -> None:
    if not raw:
        raise RefusedPicture("This file is empty.")
    if len(raw) > MAX_BYTES:
        raise RefusedPicture(f"This file has {_tenths(len(raw) / 1024**2)} MB; the limit is {MAX_BYTES // 1024**2} MB.")
    if raw.startswith(b"\xff\xd8"):
        for marker, (parts, limit) in JPEG_REPEATS.items():
            if (number := raw.count(marker)) > limit:
                raise RefusedPicture(f"This JPEG picture has {number:,} {parts}; the limit is {limit}.")


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise RefusedPicture(f"This picture is {width:,} x {height:,} pixels; the limit is {MAX_SIDE:,} a side.")
    if width * height > MAX_PIXELS:
        raise RefusedPicture(_too_many_pixels(_tenths(width * height / 1e6)))


def _too_many_pixels(megapixels: str) -> str:
    return f"This picture has {megapixels} megapixels; the limit is {MAX_PIXELS // 1_000_000}."


def _tenths(number: float) -> str:
    """Rounded up, so that what is just over a limit does not read as if it were within."""
    return f"{math.ceil(number * 10) / 10:,.1f}"


def _why_unknown(raw: bytes) -> str:
    if OURS.match(raw):
        return DAMAGED
    if b"<svg" in raw[:4096].lower():
        return "SVG pictures are not accepted because they can carry scripts."
    kinds = [kind for start, kind in OTHERS.items() if raw.startswith(start)]
    if raw[4:8] == b"ftyp":
        kinds.append("HEIC or film")
    return f"{kinds[0]} files are not accepted. {WELCOME}" if kinds else f"This file is not a picture. {WELCOME}"


def _written_afresh(picture: Image.Image, raw: bytes) -> Picture:
    _check_size(*picture.size)
    extension = EXTENSIONS[picture.format or ""]
    moves = extension != "jpg" and getattr(picture, "is_animated", False)
    frames, durations = _motion(picture) if moves else ([_cleaned(picture, picture.size)], [])
    first = frames[0]
    options = SAVING[extension] | {"lossless": extension == "webp" and b"VP8L" in raw and b"VP8 " not in raw}
    if moves or first.width * first.height > LEISURE_PIXELS:
        options |= IN_HASTE.get(extension, {})
    if moves:
        options |= _playback(first, picture.info) | {"append_images": frames[1:], "duration": durations}
    content = BytesIO()
    first.save(content, **options)
    return named(content.getvalue(), extension, first.size, moves=moves)


def _playback(first: Image.Image, info: dict[Any, Any]) -> dict[str, Any]:
    options = {"save_all": True} | ({"loop": info["loop"]} if "loop" in info else {})
    if first.has_transparency_data and first.mode == "P":
        # In a GIF nothing can become transparent again unless every frame is cleared before the next.
        options["disposal"] = 2
    return options


def _motion(picture: Image.Image) -> tuple[list[Image.Image], list[float]]:
    """The frames, and how many milliseconds each is shown."""
    size = picture.size
    frames: list[Image.Image] = []
    durations: list[float] = []
    start = 1 if picture.info.get("default_image") else 0  # an APNG's stand-in is not part of its motion
    for number in count(start):
        try:
            picture.seek(number)
        except EOFError:
            break
        _check_motion(len(frames) + 1, *picture.size)
        frames.append(_cleaned(picture, size))
        durations.append(picture.info.get("duration", 0))
    return frames, durations


def _check_motion(frames: int, width: int, height: int) -> None:
    _check_size(width, height)
    if frames > MAX_FRAMES:
        raise RefusedPicture(f"This animation has more than {MAX_FRAMES} frames, which is the limit.")
    if frames * width * height > MAX_ANIMATED_PIXELS:
        total, limit = _tenths(frames * width * height / 1e6), MAX_ANIMATED_PIXELS // 1_000_000
        raise RefusedPicture(f"This animation's frames add up to {total} megapixels or more; the limit is {limit}.")


def _cleaned(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A copy of the present frame: upright, its colours in sRGB, and nothing beside the pixels."""
    frame = picture.crop((0, 0, *size))
    with contextlib.suppress(Exception):  # broken Exif data is no reason to refuse a sound picture
        ImageOps.exif_transpose(frame, in_place=True)
    frame = _in_srgb(frame)
    if frame.mode == "CMYK":
        frame = frame.convert("RGB")
    # Some savers write what they find in here: comments, profiles, texts.
    frame.info = {key: value for key, value in frame.info.items() if key == "transparency"}
    return frame


def _in_srgb(frame: Image.Image) -> Image.Image:
    profile = frame.info.get("icc_profile")
    if not profile:
        return frame
    with contextlib.suppress(ImageCms.PyCMSError, OSError):  # an unusable profile is left out
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        if not ImageCms.getProfileDescription(own).startswith("sRGB"):
            return _converted(frame, own)
    return frame


def _converted(frame: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    mode = "RGBA" if frame.has_transparency_data else "RGB"
    if mode == "RGBA" or frame.mode == "P":
        frame = frame.convert(mode)
    return ImageCms.profileToProfile(frame, profile, ImageCms.createProfile("sRGB"), outputMode=mode) or frame


def named(content: bytes, extension: str, size: tuple[int, int], *, moves: bool) -> Picture:
    digest = hashlib.sha256(content).hexdigest()[:32]
    name = f"{digest[:2]}/{digest}-{size[0]}x{size[1]}{'-moving' * moves}.{extension}"
    return Picture(name, content, MEDIA_TYPES[extension], *size)
