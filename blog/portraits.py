"""The picture of a person: of what was uploaded, the middle, as a square of moderate size, freshly written."""

from io import BytesIO

from PIL import Image

from blog.pictures import FORMATS, SAVING, Picture, RefusedPicture, accept, named

MOST_BYTES = 10 * 1024 * 1024
SIDE = 960  # pixels at most
LEAST = 32


def portrait(raw: bytes) -> Picture:
    """Raises RefusedPicture, whose text is for the person. Of what moves, the first picture."""
    if len(raw) > MOST_BYTES:
        raise RefusedPicture(f"This picture is larger than {MOST_BYTES // 1024 // 1024} MB, which is the limit here.")
    clean = accept(raw)
    if min(clean.width, clean.height) < LEAST:
        raise RefusedPicture(f"This picture is too small: at least {LEAST} pixels each way.")
    with Image.open(BytesIO(clean.content), formats=FORMATS) as picture:
        return _written(_square(picture))


def _square(picture: Image.Image) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    is_clear = picture.has_transparency_data
    square = picture.crop((left, top, left + side, top + side)).convert("RGBA" if is_clear else "RGB")
    return square.resize((SIDE, SIDE), Image.Resampling.LANCZOS) if side > SIDE else square


def _written(square: Image.Image) -> Picture:
    kind = "png" if square.mode == "RGBA" else "jpg"
    content = BytesIO()
    square.info = {}
    square.save(content, **SAVING[kind])
    return named(content.getvalue(), kind, square.size, moves=False)
