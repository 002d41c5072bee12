"""What a post says, whoever holds it (the post, a revision, a tab), and how two changes of it come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blog.merging import Clash, Joined, merge_names, merge_text, merge_value

CONTENT = (
    "title", "slug", "summary", "body", "tags", "language", "visibility", "featured",
    "cover", "cover_alt", "search_title", "search_description", "canonical_url",
)  # fmt: skip
Content = dict[str, Any]  # one value for each name of CONTENT; tags are names


@dataclass(frozen=True)
class Reconciled:
    """Two changes that began from the same content."""

    result: Content  # mine, where a field clashes; both in a body, theirs first
    theirs: tuple[str, ...]  # the fields that others have changed
    clashes: tuple[str, ...]  # those that both changed, at the same place
    pieces: tuple[Joined | Clash, ...]  # the body, cut where it clashes


def reconcile(before: Content, theirs: Content, mine: Content) -> Reconciled:
    """What comes of two changes. Fields that `mine` does not name are unchanged; `before` may lack some."""
    before = theirs | before
    mine = before | mine
    pieces = tuple(merge_text(before["body"], theirs["body"], mine["body"]))
    result = {"body": whole(pieces), "tags": merge_names(before["tags"], theirs["tags"], mine["tags"])}
    clashes = ["body"] if any(isinstance(piece, Clash) for piece in pieces) else []
    for name in CONTENT:
        if name not in result:
            result[name], is_clash = merge_value(before[name], theirs[name], mine[name])
            clashes += [name] * is_clash
    changed = tuple(name for name in CONTENT if theirs[name] != before[name])
    return Reconciled(result, changed, tuple(clashes), pieces)


def whole(pieces: tuple[Joined | Clash, ...]) -> str:
    """The text of all pieces; of what clashes, both sides."""
    return "".join(piece.text if isinstance(piece, Joined) else both(piece) for piece in pieces)


def both(clash: Clash) -> str:
    """Theirs, then mine, parted where nothing parts them yet."""
    glued = clash.theirs and clash.mine and not clash.theirs[-1].isspace()
    return clash.theirs + ("\n\n" if glued else "") + clash.mine
