"""What an importer hands over: plain records, and refusals that say why. Another module writes them down."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    handle: str | None = None
    email: str | None = None


@dataclass(slots=True)
class PostRecord:
    """A post as its source tells it; `source` is the same for the same file in every run."""

    source: str
    title: str
    slug: str
    body: str
    summary: str = ""
    tags: list[str] = field(default_factory=list)
    authors: list[Author] = field(default_factory=list)
    published_at: datetime | None = None  # None: a draft. In the future: scheduled.
    updated_at: datetime | None = None
    language: str | None = None
    members_only: bool = False
    is_page: bool = False
    old_paths: list[str] = field(default_factory=list)
    pictures: dict[str, Path] = field(default_factory=dict)  # "picture:1" in the body -> the file
    cover: str = ""  # "picture:1", or nothing
    cover_alt: str = ""
    links: dict[str, str] = field(default_factory=dict)  # "post:1" in the body -> the other post's source
    changes: list[str] = field(default_factory=list)
    digest: str = ""  # of the file as it was read: the same content in another place is the same post


@dataclass(frozen=True, slots=True)
class Refusal:
    source: str
    reason: str
