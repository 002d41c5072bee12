"""OKLCH as sRGB: what browsers show, and never a colour that no screen can."""

import pytest

from blog import colour


@pytest.mark.parametrize(
    ("lightness", "chroma", "hue", "shown"),
    [
        (1, 0, 0, "#ffffff"),
        (0, 0, 0, "#000000"),
        (0.62796, 0.25768, 29.234, "#ff0000"),
        (0.86644, 0.29483, 142.495, "#00ff00"),
        (0.45201, 0.31321, 264.052, "#0000ff"),
    ],
)
def test_known_colours_come_out_as_they_are(lightness, chroma, hue, shown):
    assert colour.hex_of(colour.srgb(lightness, chroma, hue)) == shown


def test_what_no_screen_can_show_is_greyed_until_it_can_be_shown_and_keeps_its_lightness():
    red, green, blue = colour.srgb(0.5, 0.4, 145)
    assert red == 0
    assert green < 140
    assert blue < green


def luminance(shown: colour.RGB) -> float:
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in shown]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("chroma", [0, 85, 100])
@pytest.mark.parametrize("scheme", [colour.light, colour.dark])
def test_whatever_hue_a_site_chooses_its_accent_can_be_read(scheme, chroma):
    for hue in range(0, 361, 15):
        palette = scheme(hue, chroma)
        low, high = sorted((luminance(palette.accent), luminance(palette.paper)))
        assert (high + 0.05) / (low + 0.05) > 6
