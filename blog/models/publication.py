"""The states of a post, and why a change of them may be refused."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blog.models.content import Reconciled


class PostStatus(StrEnum):
    draft = "draft"
    scheduled = "scheduled"
    published = "published"
    binned = "binned"


class PostKind(StrEnum):
    """A page, such as About, is written, kept and published as a post is, but stands in no list or feed."""

    post = "post"
    page = "page"


class Visibility(StrEnum):
    public = "public"
    members = "members"


class StaleError(Exception):
    """The post has moved on since the text was fetched that is now to be saved, at the same place.

    `found` is what comes of both; None where it is not known what the text began from.
    """

    def __init__(self, text: str, found: Reconciled | None = None) -> None:
        super().__init__(text)
        self.found = found


class PublishError(ValueError):
    """The post is not fit to be published. `field` is what to mend; the text is for the person."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
