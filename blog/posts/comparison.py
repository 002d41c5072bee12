"""Two states of a post side by side: their settings, and their texts word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from blog.access import me
from blog.comparing import Row, Run, compared_line, counted, side_by_side
from blog.models import Post, Revision, WorkingCopy
from blog.models.content import CONTENT, Content
from blog.posts.forms import as_uuid, as_words
from blog.posts.loading import post_form
from blog.web import clock

LIVE = "live"
BESIDE = 3  # paragraphs that are the same, shown on either side of a change
WORDS = {
    "title": "Title", "slug": "Address", "summary": "Summary", "tags": "Tags", "language": "Language",
    "visibility": "Who may read it", "featured": "Featured", "cover": "Cover", "cover_alt": "What the cover shows",
    "search_title": "Title for search engines", "search_description": "Description for search engines",
    "canonical_url": "First published at",
}  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One of the two: how the address calls it, how the page does, and what it says."""

    key: str
    label: str
    content: Content

    @classmethod
    def of_revision(cls, then: Revision, content: Content | None = None) -> Side:
        by = f", {then.by.name}" if then.by else ""
        return cls(str(then.number), f"Revision {then.number}, {then.what} {clock(then.created_at)}{by}", content or {})


@dataclass(frozen=True)
class Compared:
    settings: list[tuple[str, list[Run], list[Run]]]  # those that differ
    rows: list[Row | int]  # a number stands for so many paragraphs that are the same
    added: int
    removed: int


def side_of(post: Post, key: str) -> Side | None:
    """The state that the address names; None where there is none such, or it is not this person's."""
    if key == LIVE:
        return Side(LIVE, "As readers see it", post.content) if post.is_dated else None
    if re.fullmatch(r"[0-9]{1,9}", key):
        then = Revision.of(post, int(key))
        return Side.of_revision(then, then.content) if then else None
    copy = WorkingCopy.of(as_uuid(key), post, me())
    if copy is None or not copy.is_unsaved:
        return None
    return Side(key, f"Not saved yet, typed {clock(copy.saved_at)}", post.newest | typed_content(post, copy))


def typed_content(post: Post, copy: WorkingCopy) -> Content:
    """What a working copy says, as far as its fields can be read."""
    form = post_form(post, typed=copy.typed)
    form.validate()
    return form.sound_content()


def compared(before: Content, after: Content) -> Compared:
    left, right = as_words(before), as_words(after)
    differing = [name for name in CONTENT if name != "body" and left[name] != right[name]]
    settings = [(WORDS[name], *compared_line(said(left[name]), said(right[name]))) for name in differing]
    rows = side_by_side(before["body"], after["body"])
    return Compared(settings, folded(rows), *counted(rows))


def folded(rows: list[Row]) -> list[Row | int]:
    """The rows, with a few beside each change; what is further from any is only counted."""
    changed = [number for number, row in enumerate(rows) if not row.is_same]
    near = {number + beside for number in changed for beside in range(-BESIDE, BESIDE + 1)}
    found: list[Row | int] = []
    for is_near, run in groupby(enumerate(rows), key=lambda numbered: numbered[0] in near):
        some = [row for _, row in run]
        found += some if is_near or len(some) <= BESIDE else [len(some)]
    return found


def said(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)
