"""Cards: the picture by which a post is shown elsewhere, set like the head of its page. Drawing, and keeping."""

import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from blog import colour, fonts
from blog.storage import write_whole

DRAWING = 1  # raise it when cards are to look different
WIDTH, HEIGHT = 1200, 630
MARGIN = 72
TITLE_TOP, TITLE_FOOT = 168, 500
SIZES = range(92, 35, -4)
LEADING = 1.16
# Scripts that may be broken between any two letters.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Card:
    """All that a card shows."""

    title: str
    byline: str
    site: str
    hue: int
    chroma: int

    @property
    def version(self) -> str:
        """Its name: another wherever it would look different."""
        return hashlib.sha256(json.dumps([DRAWING, *astuple(self)]).encode()).hexdigest()[:16]


def kept(folder: Path, name: str, card: Card) -> Path:
    """The file of this card, drawn if it is not there yet. One is kept for each name: the one before it goes."""
    path = folder / name / f"{card.version}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            if not path.exists():  # whoever waited finds it drawn
                write_whole(path, drawn(card))
                for old in path.parent.glob("*.png"):
                    if old != path:
                        old.unlink(missing_ok=True)
    return path


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One card is drawn at a time, whatever threads and processes ask: a rush of previews must not starve readers."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def drawn(card: Card) -> bytes:
    """The card as a PNG. What no font here can set is left out; then the site's name stands in the title's place."""
    palette = colour.light(card.hue, card.chroma)
    picture = Image.new("RGB", (WIDTH, HEIGHT), palette.paper)
    draw = ImageDraw.Draw(picture)
    _line(draw, card.site, 60, 38, palette.ink)
    draw.rectangle((MARGIN, 118, WIDTH - MARGIN - 1, 126), fill=palette.ink)
    draw.rectangle((MARGIN, 132, WIDTH - MARGIN - 1, 133), fill=palette.ink)
    _title(draw, card.title if fonts.settable(card.title) else card.site, palette.ink)
    _line(draw, card.byline, 536, 34, palette.soft)
    end = MARGIN if fonts.runs_to_the_left(card.byline) else WIDTH - MARGIN - 26
    draw.rectangle((end, 545, end + 25, 570), fill=palette.accent)
    content = BytesIO()
    picture.save(content, format="PNG", optimize=True)
    return content.getvalue()


def _line(draw: ImageDraw.ImageDraw, text: str, top: int, size: int, fill: colour.RGB) -> None:
    """One line, cut where it is too long."""
    found = fonts.settable(text)
    if found is None:
        return
    text, file = found
    font = fonts.font(file, size)
    _put(draw, fitted(text, font, WIDTH - 2 * MARGIN - 60), top, font, fill, leftwards=fonts.runs_to_the_left(text))


def _title(draw: ImageDraw.ImageDraw, text: str, fill: colour.RGB) -> None:
    found = fonts.settable(text)
    if found is None:
        return
    text, file = found
    lines, size = set_title(text, file)
    font, leftwards = fonts.font(file, size), fonts.runs_to_the_left(text)
    for number, line in enumerate(lines):
        _put(draw, line, TITLE_TOP + round(number * size * LEADING), font, fill, leftwards=leftwards)


def set_title(text: str, file: str | None) -> tuple[list[str], int]:
    """The lines of a title and the size they are set in: the largest that leaves room, at least the smallest."""
    for size in SIZES:
        lines = broken(text, fonts.font(file, size), WIDTH - 2 * MARGIN)
        room = int((TITLE_FOOT - TITLE_TOP) // (size * LEADING))
        if len(lines) <= min(room, 3 if size > 60 else room):
            return lines, size
    last = fitted(" ".join(lines[room - 1 :]), fonts.font(file, size), WIDTH - 2 * MARGIN)
    return [*lines[: room - 1], last], size


def broken(text: str, font: fonts.Font, width: int) -> list[str]:
    """The text in lines no wider than this, parted between words where there are any."""
    lines, line = [], ""
    for piece in _pieces(text):
        while font.getlength((line + piece).rstrip()) > width:
            if line.strip():
                lines.append(line.strip())
                line = ""
                continue
            head = _head(piece, font, width)
            lines.append(head)
            piece = piece[len(head) :]
        line += piece
    return [*lines, line.strip()] if line.strip() else lines


def fitted(text: str, font: fonts.Font, width: int) -> str:
    """The text, or as much of it as has room."""
    if font.getlength(text) <= width:
        return text
    return _head(text, font, width - round(font.getlength("…"))).rstrip() + "…"


def _pieces(text: str) -> list[str]:
    """What stays on one line: words with the space behind them, or single letters where a script parts no words."""
    pieces: list[str] = []
    for word in re.findall(r"\S+\s*", text):
        pieces += list(word) if _UNSPACED.search(word) else [word]
    return pieces


def _head(text: str, font: fonts.Font, width: int) -> str:
    """The longest beginning with room on a line; at least a letter."""
    fits, too_long = 1, len(text) + 1
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        fits, too_long = (middle, too_long) if font.getlength(text[:middle]) <= width else (fits, middle)
    return text[:fits]


def _put(
    draw: ImageDraw.ImageDraw, line: str, top: int, font: fonts.Font, fill: colour.RGB, *, leftwards: bool
) -> None:
    place, anchor = (WIDTH - MARGIN, "ra") if leftwards else (MARGIN, "la")
    direction = ("rtl" if leftwards else "ltr") if fonts.CAN_SHAPE else None
    draw.text((place, top), line, fill=fill, font=font, anchor=anchor, direction=direction)
