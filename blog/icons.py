"""The site's icon: its first letter on a tile of its accent, which is told from light and from dark alike. Pure."""

import unicodedata
from functools import lru_cache
from html import escape
from io import BytesIO

from PIL import Image, ImageDraw

from blog import colour, fonts

STAND_IN = "M"
WHITE = (255, 255, 255)


def letter_of(title: str) -> str:
    """The first letter or figure of a title, with the marks that belong to it."""
    for place, char in enumerate(title):
        if char.isalnum():
            marks = ""
            for following in title[place + 1 :]:
                if not unicodedata.category(following).startswith("M"):
                    break
                marks += following
            upper = (char + marks).upper()
            return upper if len(upper) == len(char + marks) else char + marks  # ß would become two letters
    return STAND_IN


def svg(letter: str, hue: int, chroma: int) -> str:
    fill = colour.hex_of(colour.light(hue, chroma).accent)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="3" fill="{fill}"/>'
        '<text x="16" y="23.5" font-size="22" text-anchor="middle" fill="#fff" '
        f'font-family="P052, Palatino, Georgia, serif">{escape(letter)}</text></svg>'
    )


@lru_cache(maxsize=32)
def png(letter: str, hue: int, chroma: int, size: int) -> bytes:
    """Square, to its edges: whoever shows it rounds the corners."""
    content = BytesIO()
    _tile(letter, hue, chroma, size).save(content, format="PNG", optimize=True)
    return content.getvalue()


@lru_cache(maxsize=8)
def ico(letter: str, hue: int, chroma: int) -> bytes:
    content = BytesIO()
    _tile(letter, hue, chroma, 32).save(content, format="ICO", sizes=[(32, 32)])
    return content.getvalue()


def _tile(letter: str, hue: int, chroma: int, size: int) -> Image.Image:
    large = size * 4  # drawn large and made small, its edges are smooth
    tile = Image.new("RGB", (large, large), colour.light(hue, chroma).accent)
    letter, file = fonts.settable(letter) or fonts.settable(STAND_IN) or (STAND_IN, None)
    draw = ImageDraw.Draw(tile)
    draw.text((large / 2, large * 0.73), letter, fill=WHITE, font=fonts.font(file, round(large * 0.66)), anchor="ms")
    return tile.resize((size, size), Image.Resampling.LANCZOS)
