"""Plain text: addresses, excerpts, lengths, and characters that cannot be stored. Pure functions."""

import re
import unicodedata
from collections.abc import Callable

WORDS_A_MINUTE = 230
UNTITLED = "Untitled post"
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs by name, of which nothing is drawn
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # marks that choose a shape: a heart in colour, or not
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


def direction(language: str) -> str:
    """Which way a language runs, as HTML says it; where none is named, each part of a text shows it itself."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "auto"


def storable(text: str) -> str:
    """The text with a visible mark (�) for NUL and lone surrogates, which PostgreSQL and UTF-8 cannot hold."""
    return _UNSTORABLE.sub("\ufffd", text)


def one_line(text: str | None) -> str:
    """What a single-line field means: no line breaks or control characters, no space around it, é as one letter."""
    return " ".join(_CONTROL.sub(" ", unicodedata.normalize("NFC", text or "")).split())


def shows_something(text: str) -> bool:
    """Whether anything of it is to be seen: not only spaces, marks of direction, joiners and the like."""
    return any(unicodedata.category(char)[0] not in "ZCM" and char not in _BLANK for char in text)


def unix_lines(text: str | None) -> str:
    """What a text area means: browsers send CR LF, and the text has LF."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def slugify(text: str, *, limit: int = 80) -> str:
    """An address made of a text: lower case, words of any script joined by hyphens. May be empty.

    Marks stay (category M): without them Hindi and Thai words fall to pieces.
    """
    plain = _VARIATION.sub("", unicodedata.normalize("NFKC", text).lower())
    kept = "".join(c if _is_of_a_word(c) else " " for c in _without_latin_accents(plain) if c not in "'’")
    slug = "-".join(kept.split())
    if len(slug) > limit:
        slug = slug[: limit + 1].rpartition("-")[0] or slug[:limit]
    return slug.strip("-")


def _is_of_a_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _without_latin_accents(text: str) -> str:
    """ "Café" as "cafe": accents off Latin letters only, elsewhere they are letters of their own."""
    letters: list[str] = []
    for char in text.replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("æ", "ae").replace("đ", "d"):
        base = unicodedata.normalize("NFD", char)[0]
        if unicodedata.category(char)[0] == "M" and (letters or " ")[-1].isascii():
            continue  # İ is, in lower case, an i and a dot that no letter has
        letters.append(base if base.isascii() else char)
    return "".join(letters)


def first_free(wanted: str, *, taken: Callable[[str], bool]) -> str:
    """Of wanted, wanted-2, wanted-3, … one that nobody has taken: the first, if they were taken in order."""
    if not taken(wanted):
        return wanted
    last_taken, free = 1, 2
    while taken(f"{wanted}-{free}"):  # by doubling and halving, a thousand posts of one name need a score of questions
        last_taken, free = free, free * 2
        if free > 10**9:
            raise ValueError(f"no free address like {wanted!r}")
    while free - last_taken > 1:
        middle = (last_taken + free) // 2
        if taken(f"{wanted}-{middle}"):
            last_taken = middle
        else:
            free = middle
    return f"{wanted}-{free}"


def plain_path(path: str) -> str:
    """One spelling for every spelling of a path: lower case, letters composed, no empty parts and none of one dot."""
    parts = unicodedata.normalize("NFC", path.lower()).split("/")
    return "/" + "/".join(part for part in parts if part not in ("", "."))


def excerpt(text: str, *, limit: int = 240) -> str:
    """The beginning of a plain text, cut at a word."""
    line = " ".join(text[: limit * 8].split())
    if len(line) <= limit:
        return line
    return (line[:limit].rpartition(" ")[0] or line[:limit]).rstrip(" ,;:–—-") + "…"


def count_words(text: str) -> int:
    """Words; in scripts that do not part them, two characters count as one."""
    cjk = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text))) + (cjk + 1) // 2


def reading_minutes(words: int) -> int:
    return max(1, round(words / WORDS_A_MINUTE))
