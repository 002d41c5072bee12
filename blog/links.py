"""Links that people type: those in the head of every page, and the address of a website. Pure functions."""

import re
from urllib.parse import unquote, urlsplit

MOST, LONGEST_WORDS, LONGEST_ADDRESS = 12, 40, 300
MOST_LINES = 8  # of a text with links
_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
DEFAULT = [["Posts", "/"], ["Topics", "/tags"], ["Authors", "/authors"], ["Archive", "/archive"]]
# Browsers skip tabs and line breaks in an address and take a backslash for a slash: /\t/host is another site.
_UNFIT = re.compile(r"[\s\\\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class UnfitLinkError(ValueError):
    """A link that cannot stand there. The text is for the person."""


def is_web_address(address: str, *schemes: str) -> bool:
    """Whether this leads to a site of the web, by one of these schemes, and hides nothing on the way."""
    if _UNFIT.search(address):
        return False
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and parts.port != 0  # the port is read, and refused, only when asked for
    except ValueError:
        return False
    plain = not re.search("""[@<>"'`{}|^]""", parts.netloc)
    return parts.scheme in schemes and has_host and plain


def is_path(address: str) -> bool:
    """Whether this is an address of this very site."""
    return address.startswith("/") and not address.startswith("//") and not _UNFIT.search(address)


def check(words: str, address: str) -> None:
    """Raises UnfitLinkError where a link of these would be empty, too long, or lead where no link of ours may."""
    if not words or len(words) > LONGEST_WORDS:
        raise UnfitLinkError(f"Give it a name of 1 to {LONGEST_WORDS} characters.")
    if len(address) > LONGEST_ADDRESS:
        raise UnfitLinkError(f"An address has at most {LONGEST_ADDRESS} characters.")
    if not is_path(address) and not is_web_address(address, "https"):
        raise UnfitLinkError("The address must be a path of this site, such as /about, or begin with https://")


def read(typed: str) -> list[list[str]]:
    """The links in a text with one on each line. Raises UnfitLinkError, which names the line."""
    links = []
    for number, line in enumerate(typed.splitlines(), 1):
        if line.strip():
            links.append(_read_line(number, line))
    if len(links) > MOST:
        raise UnfitLinkError(f"At most {MOST} links; these are {len(links)}.")
    return links


def _read_line(number: int, line: str) -> list[str]:
    words, bar, address = (part.strip() for part in line.rpartition("|"))
    try:
        if not bar:
            raise UnfitLinkError("Part the words from the address with a bar, as in: About | /about")
        check(" ".join(words.split()), address)
    except UnfitLinkError as fault:
        raise UnfitLinkError(f"Line {number}: {fault}") from None
    return [" ".join(words.split()), address]


def written(links: list[list[str]]) -> str:
    """The links as `read` reads them."""
    return "\n".join(f"{words} | {address}" for words, address in links)


def parts(typed: str) -> list[list[tuple[str, str]]]:
    """The lines of a text, each in parts: words, and the address they lead to, empty where they lead nowhere.

    A link is written as in Markdown, [words](address); nothing else of that is known here. Raises UnfitLinkError.
    """
    lines = typed.split("\n") if typed else []
    if len(lines) > MOST_LINES:
        raise UnfitLinkError(f"At most {MOST_LINES} lines; these are {len(lines)}.")
    return [_parts_of(number, line) for number, line in enumerate(lines, 1)]


def _parts_of(number: int, line: str) -> list[tuple[str, str]]:
    found, end = [], 0
    for link in _LINK.finditer(line):
        try:
            check(link[1], link[2])
        except UnfitLinkError as fault:
            raise UnfitLinkError(f"Line {number}: {fault}") from None
        found += [(line[end : link.start()], ""), (link[1], link[2])]
        end = link.end()
    return [part for part in [*found, (line[end:], "")] if part[0]]


def place(address: str, path: str) -> str:
    """What a link is to a reader at this path, as aria-current says it: their page, a page above it, or nothing."""
    target = unquote(urlsplit(address).path)
    if not is_path(address) or "?" in address:
        return ""
    if target == path:
        return "page"
    return "true" if target != "/" and path.startswith(f"{target.rstrip('/')}/") else ""
