"""Texts cut into sentences, paragraphs or words, so that the pieces joined are the text again. Pure functions.

Every repetition is possessive: a text of a million dots or spaces is read once, not once per dot.
"""

import re

from blog import folding

_SPACE = r"[^\S\n]"
_ENDS = ".!?…؟۔।॥։።။៕"
_WIDE_ENDS = "。！？｡．"  # these need no space after them
_CLOSERS = "\"'”’»)\\]*_`~」』）】〉》"
_SMALL = "a-zß-öø-ÿа-џα-ώ"  # after “e.g.” the sentence goes on in lower case
_END = rf"[{_ENDS}]++[{_CLOSERS}]*+(?={_SPACE}++[^\n{_SMALL}])"
_SENTENCE = re.compile(
    rf"(?:{_SPACE}*+\n)++"  # one or more line breaks, and the space that hangs before them
    rf"|(?<=[^\n]){_SPACE}++"  # what stands between two sentences
    rf"|(?=[^\n]){_SPACE}*+(?:[^\s{_ENDS}{_WIDE_ENDS}]++|(?!{_END})[{_ENDS}]++|{_SPACE}++(?=\S))*+"
    rf"(?:[{_WIDE_ENDS}]++[{_CLOSERS}]*+|{_END})?"
)
_BLANK = rf"(?:{_SPACE}*+\n|{_SPACE}++\Z)"
_PARAGRAPH = re.compile(rf"(?:{_SPACE}*+\S[^\n]*+\n?)++{_BLANK}*+|{_BLANK}++")

_UNPARTED = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTERS = rf"[^{folding.SEPARATORS}{_UNPARTED}]++"
UNSPACED = re.compile(rf"[{_WIDE_ENDS}」』）】〉》{_UNPARTED}]")  # beside these no space is needed
# A face of several characters is one: it must not be marked as half changed.
_TRAILING = r"(?:\u200d.|[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef])*+"
_WORD = re.compile(rf"\s++|{_LETTERS}(?:['’]{_LETTERS})*+|.{_TRAILING}", re.DOTALL)


def sentences(text: str) -> list[str]:
    """The sentences, the space between them, and the line breaks. A line indented keeps its indent."""
    return _SENTENCE.findall(text)


def paragraphs(text: str) -> list[str]:
    """What blank lines part, each with the blank lines after it."""
    return _PARAGRAPH.findall(text)


def words(text: str) -> list[str]:
    """Words, spaces and signs; in scripts that do not part their words, characters."""
    return _WORD.findall(text)
