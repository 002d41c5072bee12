"""Texts as search sees them: without marks, case and accents, in words. Pure functions.

The database folds titles and names by itself, from the same tables (see `search.sqlite` and `search.postgresql`).
"""

import re
import unicodedata
from html import unescape

WORD_LIMIT = 60  # characters of a word that count
TERMS_LIMIT = 400_000  # bytes of one text: PostgreSQL refuses an index entry of more than a megabyte

# What stands between words. Ranges and not categories, so that Python and PostgreSQL mean the same whatever the locale.
SEPARATORS = (
    r"\u0001-/:-@\[-`{-\u00bf\u00d7\u00f7\u05be\u05c0\u05c3\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965"
    r"\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe00-\ufe0f\ufe30-\ufe6f\uff01-\uff0f"
    r"\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001faff"
)
# Scripts that do not part their words, and Korean, which hangs its particles on them.
UNPARTED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\u312f\u3400-\u4dbf"
    r"\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
# What SQLite's tokenizer would leave as it is. Marks that only point vowels or stretch a word go altogether.
SPECIAL = {
    **dict.fromkeys("ßẞ", "ss"),
    **dict.fromkeys("æÆ", "ae"),
    **dict.fromkeys("œŒ", "oe"),
    **dict.fromkeys("þÞ", "th"),
    **dict(zip("øØłŁđĐıёЁάέήίόύώΆΈΉΊΌΎΏϊϋΐΰςأإآٱى", "oollddiееαεηιουωαεηιουωιυιυσااااي", strict=True)),
    **dict.fromkeys(map(chr, (0xAD, 0x640, *range(0x64B, 0x656))), ""),
}
_CASED = (range(0xC0, 0x250), range(0x386, 0x400), range(0x400, 0x528), range(0x531, 0x557), range(0x1E00, 0x1F00))
_UNLIKE_SQLITE = "Ǡǡ\u037f"


def _plain_letters() -> dict[str, str]:
    """Capitals, and Latin letters with accents, with what each is folded to."""
    plain = {letter: letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    for letter in (chr(number) for part in _CASED for number in part):
        base = unicodedata.normalize("NFD", letter)[0]
        folded = (base if base.isascii() else letter).lower()
        if unicodedata.category(letter)[0] == "L" and len(folded) == 1 and folded != letter:
            plain[letter] = folded
    return {
        letter: folded for letter, folded in plain.items() if letter not in _UNLIKE_SQLITE and letter not in SPECIAL
    }


PLAIN = _plain_letters()
_FOLDS = str.maketrans(PLAIN | SPECIAL)
_ALIGNED = str.maketrans(PLAIN | {letter: folded for letter, folded in SPECIAL.items() if len(folded) == 1})
_SEPARATING = re.compile(f"[{SEPARATORS}]+")
_PAIR = re.compile(f"([{UNPARTED}])(?=([{UNPARTED}]?))")
_ASIDE = re.compile(
    r'<a [^<>]*class="anchor"[^<>]*>[^<>]*</a>|<sup><a [^<>]*href="#fn[^<>]*>[^<>]*</a></sup>'
    r'|<a [^<>]*href="#ref[^<>]*>↩</a>'
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|del|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|var)\b[^<>]*>"
)
_TAG = re.compile(r"<[^<>]*>")


def folded(text: str) -> str:
    """The text without case, accents and pointing."""
    return unicodedata.normalize("NFC", text).translate(_FOLDS)


def aligned(text: str) -> str:
    """The same, letter by letter: what is found at a place here stands at that place in the text, once it is NFC."""
    return text.translate(_ALIGNED)


def words(text: str) -> list[str]:
    """The folded words of a text, as somebody would type them."""
    return [word for word in _SEPARATING.split(folded(text)) if word]


def terms(text: str) -> str:
    """What the index is to hold of a text: its words, and each pair of characters where words are not parted."""
    apart = _PAIR.sub(r" \1\2 ", _SEPARATING.sub(" ", folded(text)))
    line = " ".join(word[:WORD_LIMIT] for word in apart.split())
    return line.encode()[:TERMS_LIMIT].decode(errors="ignore")


def is_unparted(char: str) -> bool:
    return _PAIR.match(char) is not None


def text_of(html: str) -> str:
    """What is to be read on a page of ours, without its tags, the numbers of footnotes and the signs of anchors."""
    return unescape(_TAG.sub(" ", _INLINE.sub("", _ASIDE.sub("", html))))
