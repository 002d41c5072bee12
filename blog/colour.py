"""The colours of `static/css/tokens.css` for what reads no style sheet: OKLCH as sRGB. Pure functions."""

import math
from dataclasses import dataclass

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """What a site's hue and chroma make of the design's fixed lightnesses, in one scheme."""

    paper: RGB
    ink: RGB
    soft: RGB
    accent: RGB


def light(hue: int, chroma: int) -> Palette:
    """`chroma` in thousandths, as the site keeps it."""
    return Palette(
        paper=srgb(0.986, 0.003, hue),
        ink=srgb(0.23, 0.02, hue),
        soft=srgb(0.45, 0.02, hue),
        accent=srgb(0.43, chroma / 1000, hue),
    )


def dark(hue: int, chroma: int) -> Palette:
    return Palette(
        paper=srgb(0.185, 0.012, hue),
        ink=srgb(0.92, 0.008, hue),
        soft=srgb(0.74, 0.015, hue),
        accent=srgb(0.81, chroma / 1000, hue),
    )


def hex_of(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def srgb(lightness: float, chroma: float, hue: float) -> RGB:
    """The colour, with as much of its chroma as a screen can show: lightness and hue stay, and so does contrast."""
    if not _is_shown(_linear(lightness, chroma, hue)):
        most, least = chroma, 0.0
        for _ in range(20):
            middle = (most + least) / 2
            least, most = (middle, most) if _is_shown(_linear(lightness, middle, hue)) else (least, middle)
        chroma = least
    red, green, blue = (round(255 * _encoded(part)) for part in _linear(lightness, chroma, hue))
    return red, green, blue


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _is_shown(linear: tuple[float, float, float]) -> bool:
    return all(-0.0001 <= part <= 1.0001 for part in linear)


def _encoded(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
