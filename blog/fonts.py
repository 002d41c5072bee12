"""Which of this machine's fonts can set a text: one that has all of its letters, so that none shows as a box."""

import unicodedata
from functools import lru_cache

from PIL import ImageFont, features

Font = ImageFont.FreeTypeFont

# By file, best first: serifs of the look, then those of other scripts, then whatever has most letters.
SERIFS = ("P052-Roman.otf", "P052-Roman.ttf", "NotoSerif-Regular.ttf", "DejaVuSerif.ttf", "LiberationSerif-Regular.ttf")
SCRIPTS = (
    *("Hebrew", "Armenian", "Georgian", "Devanagari", "Bengali", "Tamil", "Telugu", "Kannada", "Malayalam", "Gujarati"),
    *("Gurmukhi", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Ethiopic", "Tibetan"),
)
OTHERS = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "DroidSansFallbackFull.ttf", "DejaVuSans.ttf")
FILES = (*SERIFS, "NotoNaskhArabic-Regular.ttf", *(f"NotoSerif{name}-Regular.ttf" for name in SCRIPTS), *OTHERS)
NOBODYS_LETTER = "\U0010ffff"  # drawn as whatever a font draws for a letter that it lacks
CAN_SHAPE = features.check("raqm")
# Scripts whose letters change with their neighbours or their place: set one by one, they are wrong.
SHAPED = (
    *("ARABIC", "SYRIAC", "DEVANAGARI", "BENGALI", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "GUJARATI", "GURMUKHI"),
    *("SINHALA", "KHMER", "MYANMAR", "TIBETAN", "HEBREW", "THAANA", "NKO", "MONGOLIAN"),
)


def settable(text: str) -> tuple[str, str | None] | None:
    """The text as it can be set, and the file of the font (None: Pillow's own); None where no font has its letters.

    Pictographs that a font lacks are left out: a title does without its crab, but not without a letter.
    """
    if not CAN_SHAPE and any(unicodedata.name(char, "").startswith(SHAPED) for char in text):
        return None
    for file in (*FILES, None):
        if _font(file, 20) is None:
            continue
        lacking = {char for char in set(text) if not _has(file, char)}
        if all(unicodedata.category(char) in ("So", "Sk", "Cn", "Co", "Cc", "Cf") for char in lacking):
            kept = " ".join("".join(char for char in text if char not in lacking and not _is_variation(char)).split())
            return (kept, file) if kept else None
    return None


def font(file: str | None, size: int) -> Font:
    found = _font(file, size)
    if found is None:
        raise ValueError(file)
    return found


def runs_to_the_left(text: str) -> bool:
    """By its first letter that has a direction."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((way for way in strong if way in ("L", "R", "AL")), "L") != "L"


@lru_cache(maxsize=200)
def _font(file: str | None, size: int) -> Font | None:
    if file is None:
        own = ImageFont.load_default(size)
        return own if isinstance(own, ImageFont.FreeTypeFont) else None
    try:
        return ImageFont.truetype(file, size)
    except OSError:
        return None


@lru_cache(maxsize=10_000)
def _has(file: str | None, char: str) -> bool:
    if char.isspace() or _is_variation(char):
        return True
    return _drawn(file, char) != _drawn(file, NOBODYS_LETTER)


@lru_cache(maxsize=10_000)
def _drawn(file: str | None, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font(file, 20).getmask(char)
    return mask.size, bytes(mask)


def _is_variation(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f"
