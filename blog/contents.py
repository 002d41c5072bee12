"""The table of contents of a post, read from its finished HTML. A pure function."""

import re
from dataclasses import dataclass, field
from html import unescape

FEWEST = 3  # a text with fewer headings is seen at a glance
MOST = 60  # a longer list keeps its chief headings only

_HEADING = re.compile(r'<h([23])(?= )[^<>]*? id="([^"<>]+)"[^<>]*>(.*?)</h\1>', re.DOTALL)
_ANCHOR = re.compile(r'<a class="anchor"[^<>]*>[^<>]*</a>')


@dataclass
class Entry:
    """A heading: its words, its address on the page, and the headings below it."""

    words: str
    address: str
    below: list["Entry"] = field(default_factory=list)


def contents(html: str) -> list[Entry]:
    """The second and third headings, one within the other; nothing where there are fewer than three."""
    found = [(int(level), Entry(_words(inner), address)) for level, address, inner in _HEADING.findall(html)]
    found = [(level, entry) for level, entry in found if entry.words]
    if len(found) < FEWEST:
        return []
    entries: list[Entry] = []
    for level, entry in found:
        if level == 2 or not entries:
            entries.append(entry)
        elif len(found) <= MOST:
            entries[-1].below.append(entry)
    return entries


def _words(inner: str) -> str:
    return " ".join(unescape(re.sub(r"<[^<>]*>", "", _ANCHOR.sub("", inner))).split())
