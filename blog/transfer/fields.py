"""What the front matter of a post says: title, summary, tags, and when it was published."""

import html
import re
from datetime import UTC, datetime, tzinfo
from typing import Any

from blog.transfer import dates
from blog.transfer.aside import CodeAside
from blog.transfer.language import LANGUAGES
from blog.transfer.source import DATED_NAME, Source
from blog.transfer.wording import is_false, is_true, one_line, plain, shortened, texts, unique

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_TAG = 200, 300, 60

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+([^\n]+)$|^([^\s\n][^\n]*)\n=+[ \t]*$", re.MULTILINE)
_DAY_IN_PATH = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)")
_MONTH_IN_PATH = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})(?:/|$)")
_DRAFT_STATUSES = {"draft", "drafts", "private", "pending", "hidden", "unpublished", "trash"}
_ROOT_FOLDERS = {"docs", "src", "source", "site", "content", "collections"}


def title(source: Source, body: str, stem: str) -> str:
    written = source.values.get("title")
    words = ", ".join(texts(written)) if isinstance(written, list | dict) else str(written or "")
    found = words.strip() or first_heading(body, source) or stem.replace("-", " ").replace("_", " ").strip()
    whole = one_line(html.unescape(found) if words else plain(found))
    if len(whole) > LONGEST_TITLE:
        source.note("the title was shortened")
    return shortened(whole, LONGEST_TITLE) or "Untitled"


def first_heading(body: str, source: Source) -> str:
    """Its words; a line of code that begins with # is no heading."""
    aside = CodeAside(body, source)
    found = _HEADING.search(aside.text)
    return _words(aside.restored(found[2] or found[3])) if found else ""


def without_heading(body: str, title: str) -> str:
    """The body without a heading on top that only says the title again."""
    body = body.lstrip("\n")
    found = _HEADING.match(body)
    rest = body[found.end() :].lstrip("\n") if found else ""
    if (
        found
        and rest
        and found[1] in ("#", None)
        and _words(found[2] or found[3]).casefold() == plain(title).casefold()
    ):
        return rest
    return body


def _words(heading: str) -> str:
    return plain(heading.strip().rstrip("#"))


def summary(values: dict[str, Any]) -> str:
    for key in ("description", "summary", "excerpt", "subtitle"):
        written = values.get(key)
        words = plain(written) if isinstance(written, str) else ""
        if words and not dates.is_date(words):  # some blogs print the date there
            return shortened(words, LONGEST_SUMMARY)
    return ""


def tags(source: Source, kind: str) -> list[str]:
    values = source.values
    taxonomies = values.get("taxonomies") if isinstance(values.get("taxonomies"), dict) else {}
    found = _category_folders(source.folders)
    for key in ("categories", "category", "tags", "tag"):
        for place in (values, taxonomies or {}):
            found += _listed(place.get(key), by_space=kind == "yaml" and key != "category")
    return unique([tag for written in found if (tag := _tag(written))])


def is_draft(source: Source) -> bool:
    values = source.values
    statuses = {str(values.get(key)).strip().lower() for key in ("status", "visibility")}
    hidden = is_true(values.get("draft")) or is_false(values.get("published")) or is_true(values.get("private"))
    return hidden or bool(statuses & _DRAFT_STATUSES) or any(name == "_drafts" for name in source.folders)


def is_for_members(values: dict[str, Any]) -> bool:
    visibility = str(values.get("visibility")).strip().lower()
    return visibility in ("members", "member", "paid", "subscribers") or is_true(values.get("members_only"))


def is_page(values: dict[str, Any]) -> bool:
    return str(values.get("kind")).strip().lower() == "page"


def published_at(source: Source, zone: tzinfo) -> datetime:
    """From the front matter, else the names of file and folders, else the file itself."""
    for key in ("date", "publishdate", "published", "published_at", "pubdate", "created", "created_at"):
        if found := _written(source, key, zone):
            return found
    if found := _in_names(source, zone) or _in_addresses(source, zone):
        return found
    source.note("no date was found, so the file's own date was used")
    return dates.file_date(source.path.stat().st_mtime)


def updated_at(source: Source, zone: tzinfo) -> datetime | None:
    keys = ("updated", "lastmod", "last_modified_at", "updated_at", "modified")
    return next((found for key in keys if (found := _written(source, key, zone))), None)


def note_expiry(source: Source, zone: tzinfo) -> None:
    expiry = dates.joined(source.values, "expirydate", zone)
    if expiry and expiry < datetime.now(UTC):
        source.note(f"the post was to expire on {expiry:%Y-%m-%d}; it came in all the same")


def _written(source: Source, key: str, zone: tzinfo) -> datetime | None:
    value = source.values.get(key)
    found = dates.joined(source.values, key, zone)
    if found is None and isinstance(value, str) and value.strip() and not is_true(value) and not is_false(value):
        source.note(f"the {key} '{one_line(value)[:60]}' could not be read")
    return found


def _in_names(source: Source, zone: tzinfo) -> datetime | None:
    for name in (source.path.stem, *reversed(source.folders)):
        dated = DATED_NAME.fullmatch(name)
        day = dates.on_day(int(dated[1]), int(dated[2]), int(dated[3]), zone) if dated else None
        if day:
            return day
    return _day_in("/".join(source.folders), zone)


def _in_addresses(source: Source, zone: tzinfo) -> datetime | None:
    written = [source.values.get(key) for key in ("path", "permalink", "url")]
    for address in (address for address in written if isinstance(address, str)):
        if day := _day_in(address, zone):
            return day
    month = _MONTH_IN_PATH.search("/".join(source.folders))
    found = dates.on_day(int(month[1]), int(month[2]), 1, zone) if month else None
    if found:
        source.note("only the year and the month of its date were known")
    return found


def _day_in(path: str, zone: tzinfo) -> datetime | None:
    found = _DAY_IN_PATH.search(path)
    return dates.on_day(int(found[1]), int(found[2]), int(found[3]), zone) if found else None


def _category_folders(folders: tuple[str, ...]) -> list[str]:
    """Jekyll takes the folders above `_posts` for categories."""
    for posts in ("_posts", "_drafts"):
        if posts in folders:
            above = folders[: folders.index(posts)]
            return [name for name in above if name not in _ROOT_FOLDERS and name.lower() not in LANGUAGES]
    return []


def _listed(value: Any, *, by_space: bool) -> list[str]:
    if not isinstance(value, str):
        return texts(value)
    if "," in value:
        return value.split(",")
    return value.split() if by_space else [value]


def _tag(written: str) -> str:
    return one_line(html.unescape(written)).strip("\"'")[:LONGEST_TAG].strip()
