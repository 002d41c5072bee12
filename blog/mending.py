"""What a browser forgives and a judge of HTML does not, mended in sanitised HTML. Pure functions.

Headings that skip a level read aloud like missing chapters; a <span> around whole paragraphs is no HTML at all.
"""

import re
import unicodedata

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>")
_HEADING = re.compile(r"<(/?)h([2-6])(?=[ >])")
_LATE_SUMMARY = re.compile(
    r"(<details\b[^<>]*>)((?:[^<]|<(?!/?details\b|summary\b))*)(<summary\b[^<>]*>(?:[^<]|<(?!/?summary\b))*</summary>)"
)
_SUMMARY = re.compile(r"<summary\b[^<>]*>(?:[^<]|<(?!/?summary\b))*</summary>")
_LINK = re.compile(r"<[a-z][a-z0-9]* [^<>]*[#% ][^<>]*>")
_ADDRESS = re.compile(r'( (?:href|src|cite)=")([^"<>]*[#% ][^"<>]*)"')
_NO_SUMMARY = re.compile(r"(<details\b[^<>]*>)(?!\s*<summary\b)")
_PHRASES = frozenset(
    "abbr b bdi bdo cite code dfn em i kbd mark q s samp small span strong sub sup tt u var".split()  # noqa: SIM905
)
_BLOCKS = frozenset(
    """
    blockquote details div dl dd dt figure figcaption h2 h3 h4 h5 h6 hr li ol p pre section table ul
    """.split()  # noqa: SIM905 - a list of words is easier to read than one of strings
)
_TRANSPARENT = frozenset({"a", "del", "ins"})  # these may hold what their surroundings may
_VOID = frozenset({"br", "col", "hr", "img", "input", "source", "wbr"})


def mended(html: str) -> str:
    html = _without_phrases_around_blocks(_with_levels_in_order(html))
    html = _with_summaries_first(html).replace('<a rel="noopener">', "<a>")  # a place to jump to leads nowhere
    html = _LINK.sub(lambda tag: _ADDRESS.sub(_with_whole_escapes, tag[0]), html)
    return html if unicodedata.is_normalized("NFC", html) else unicodedata.normalize("NFC", html)


def _with_levels_in_order(html: str) -> str:
    """The headings, each at most one level below the one it belongs to; the page itself has the first."""
    above: list[int] = []  # the levels as they were written, from the outermost to the present one

    def levelled(found: re.Match[str]) -> str:
        written = int(found[2])
        if not found[1]:
            while above and above[-1] >= written:
                above.pop()
            above.append(written)
        return f"<{found[1]}h{len(above) + 1}" if above else found[0]

    return _HEADING.sub(levelled, html)


def _with_summaries_first(html: str) -> str:
    """What folds has its line to press at its head, wherever it was written, or one of ours where it has none."""
    html = _SUMMARY.sub(lambda found: re.sub(r"</?(?:p|div)(?: [^<>]*)?>", "", found[0]), html)  # words, no paragraphs
    html = _LATE_SUMMARY.sub(r"\1\3\2", html)
    return _NO_SUMMARY.sub(r"\1<summary>Details</summary>", html)


def _with_whole_escapes(found: re.Match[str]) -> str:
    """The address with a stray %, a second # or a space written out, which browsers do in silence."""
    page, mark, place = found[2].partition("#")
    address = page + mark + place.replace("#", "%23")
    return found[1] + re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", address).replace(" ", "%20") + '"'


def _without_phrases_around_blocks(html: str) -> str:
    """Without the tags of words, such as <b>, that stand around paragraphs or lists."""
    open_tags: list[tuple[str, int]] = []
    wrong: set[int] = set()  # where those tags begin
    closes: dict[int, int] = {}
    for tag in _TAG.finditer(html):
        name = tag[2]
        if name in _VOID and name != "hr":
            continue
        if tag[1]:
            if open_tags and open_tags[-1][0] == name:
                closes[open_tags.pop()[1]] = tag.start()
            continue
        if name in _BLOCKS:
            for around, start in reversed(open_tags):
                if around in _TRANSPARENT:
                    continue
                if around not in _PHRASES or start in wrong:
                    break
                wrong.add(start)
        if name != "hr":
            open_tags.append((name, tag.start()))
    gone = wrong | {closes[start] for start in wrong if start in closes}
    return _TAG.sub(lambda tag: "" if tag.start() in gone else tag[0], html) if gone else html
