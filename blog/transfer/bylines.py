"""Who wrote a post: names, keys into a file of authors, and lists of either."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from blog.transfer.frontmatter import LONGEST, BrokenFrontMatter, read_mapping
from blog.transfer.records import Author
from blog.transfer.source import Source, is_inside
from blog.transfer.wording import one_line, plain

LONGEST_NAME = 120

_WITH_MAIL = re.compile(r"([^<>]*)<\s*([^<>\s@]+@[^<>\s@]+)\s*>|([^<>\s@]+@[^<>\s@]+\.[^<>\s@]+)")
_KEY = re.compile(r"@?[a-z0-9][a-z0-9_.-]*")
_AND = re.compile(r"\s+(?:and|&)\s+")
_COMMA = re.compile(r"\s*[,;]\s*(?:and\s+)?")
_TITLES = {"jr", "sr", "phd", "md", "inc", "ltd", "llc", "esq", "ii", "iii", "dr"}
_FILES = ("_data/authors.yml", "_data/authors.yaml", "authors.yml", "authors.yaml", "_data/members.yml")


def authors(source: Source) -> list[Author]:
    values = source.values
    taxonomies = values.get("taxonomies")
    listed = taxonomies.get("authors") if isinstance(taxonomies, dict) else None
    known = _known_authors(source)
    found: dict[str, Author] = {}
    for written in (values.get("authors"), values.get("author"), listed):
        for author in _read(written, known):
            found.setdefault(author.name.casefold(), author)
    return list(found.values())


def _read(written: Any, known: dict[str, Any], depth: int = 0) -> list[Author]:
    if isinstance(written, list) and depth < 5:
        return [author for inner in written for author in _read(inner, known, depth + 1)]
    if isinstance(written, dict):
        return _described(written, known)
    if not isinstance(written, str):
        return []
    return [author for name in _names(written) if (author := _named(name, known))]


def _described(entry: dict[str, Any], known: dict[str, Any]) -> list[Author]:
    handle = (
        _text(entry, "handle", "username", "github", "twitter", "login", "key", "slug", "id")
        .rpartition("/")[2]
        .lstrip("@")
    )
    name = _text(entry, "name", "full_name", "display_name", "title") or handle
    author = _named(name, known) if name else None
    if not author:
        return []
    return [Author(author.name, handle or author.handle, _text(entry, "email", "mail") or author.email)]


def _named(written: str, known: dict[str, Any]) -> Author | None:
    written = one_line(written)
    mail = _WITH_MAIL.search(written)
    if mail:
        address = mail[2] or mail[3]
        return Author((plain(mail[1] or "") or address.partition("@")[0])[:LONGEST_NAME], None, address)
    entry = known.get(written.lower().lstrip("@"))
    if entry:
        return _from_file(written, entry)
    name = plain(written).lstrip("@")[:LONGEST_NAME].strip()
    return Author(name, name if _KEY.fullmatch(written) else None) if name else None


def _from_file(key: str, entry: Any) -> Author:
    if not isinstance(entry, dict):
        return Author(plain(str(entry))[:LONGEST_NAME] or key, key)
    name = _text(entry, "name", "full_name", "display_name", "title") or key
    return Author(plain(name)[:LONGEST_NAME] or key, key.lstrip("@"), _text(entry, "email", "mail") or None)


def _text(entry: dict[str, Any], *keys: str) -> str:
    return next((value.strip() for key in keys if isinstance(value := entry.get(key), str) and value.strip()), "")


def _names(written: str) -> list[str]:
    """One name, or the names of a list that is surely one."""
    parts = [part for part in _COMMA.split(written.strip()) if part]
    if len(parts) == 1:
        return _pair(parts[0])
    lone = len(parts) == 2 and all(" " not in part and part[0].isupper() for part in parts)
    if lone or any(part.lower().rstrip(".") in _TITLES for part in parts):  # "Lovelace, Ada"; "Ann Lee, PhD"
        return [written]
    return [name for part in parts for name in _pair(part)]


def _pair(written: str) -> list[str]:
    parts = _AND.split(written)
    sure = " & " in written and not written.lower().startswith("the ")
    if len(parts) > 1 and (sure or all(_is_full_name(part) for part in parts)):
        return parts
    return [written]


def _is_full_name(name: str) -> bool:
    words = name.split()
    return 2 <= len(words) <= 4 and words[0] != "The" and all(word[0].isupper() for word in (words[0], words[-1]))


def _known_authors(source: Source) -> dict[str, Any]:
    """The file of authors that is nearest to the post."""
    top = source.folder
    places = [place for place in source.path.parents if place == top or top in place.parents]
    for path in (place / name for place in places for name in _FILES):
        if path.is_file() and is_inside(path, top) and path.stat().st_size <= LONGEST:
            return _authors_in(path, path.stat().st_mtime_ns)
    return {}


@lru_cache(maxsize=8)
def _authors_in(path: Path, changed: int) -> dict[str, Any]:
    """By key. `changed` makes an edited file a new one."""
    try:
        return read_mapping(path.read_text("utf-8", errors="replace"))
    except (OSError, BrokenFrontMatter):
        return {}
