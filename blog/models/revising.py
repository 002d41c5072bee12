"""How a post changes. Whatever is done to one goes through `revise`: it compares `base`, joins and sets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm.exc import StaleDataError

from blog import text
from blog.database import db, utcnow
from blog.models.audit import record
from blog.models.content import CONTENT, Content, Reconciled, reconcile
from blog.models.history import Revision
from blog.models.publication import PublishError, StaleError, Visibility
from blog.models.rights import Can
from blog.models.tag import Tag
from blog.models.user import User

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.working_copy import WorkingCopy

STATE = ("published_at", "binned_at", "author", "co_authors")
NOTHING = dict.fromkeys(CONTENT, "") | {"tags": [], "featured": False, "visibility": "public"}


@dataclass(frozen=True)
class Saved:
    """What a save has done. True where it has made a revision."""

    changed: bool
    found: Reconciled | None = None
    is_late: bool = False  # it was not done: the same page has saved something newer since

    def __bool__(self) -> bool:
        return self.changed


class Revisable:
    """What a post knows of its content: what readers have of it, what waits, and how both move on."""

    # Questions

    @property
    def content(self: Post) -> Content:  # type: ignore[misc]
        """What its own columns say: what readers see, where it is out."""
        values = {name: getattr(self, name) for name in CONTENT}
        return values | {"tags": in_order(tag.name for tag in self.tags), "visibility": str(self.visibility)}

    @property
    def is_dated(self: Post) -> bool:  # type: ignore[misc]
        """Whether readers see it, or will at a set time."""
        return self.published_at is not None and self.binned_at is None

    @property
    def has_changes(self: Post) -> bool:  # type: ignore[misc]
        """Whether something saved waits to be published."""
        return self.out_revision != self.revision

    @property
    def newest(self: Post) -> Content:  # type: ignore[misc]
        """The content as it was last saved, published or not."""
        return (self.content_at(self.revision) if self.has_changes else None) or self.content

    def content_at(self: Post, number: int | None) -> Content | None:  # type: ignore[misc]
        """The content of that revision; None where there never was one."""
        if number == self.revision and not self.has_changes:
            return self.content
        if number == 0:
            return NOTHING  # the page of a new post
        then = Revision.of(self, number)
        return then.content if then else None

    # Verbs

    @classmethod
    def start(cls: type[Post], author: User, *, by: User | None, what: str = "started", **columns: Any) -> Post:  # type: ignore[misc]
        """A new post, with its first revision. `tags` are names."""
        tags = Tag.named(columns.pop("tags", ()))
        post = cls(author=author, tags=tags, **columns)
        post.out_revision = post.revision = 1
        db.session.add(post)
        db.session.flush()  # which fills in what is not said
        Revision.take(post, post.content, what, by)
        return post

    def revise(  # type: ignore[misc]
        self: Post,
        *,
        base: int | None,
        by: User | None,
        what: str = "saved",
        waits: bool = False,
        copy: WorkingCopy | None = None,
        at_once: bool = True,
        **changes: Any,
    ) -> Saved:
        """Change the post: the one way to do so. False where nothing differs, so that a save sent twice is one save.

        `base` is the revision the change began from, or what `copy`, the page it was typed in, has last saved itself.
        What others have saved since is joined with it; StaleError where both changed the same place, or the state of
        the post, or where there never was such a base. With `waits`, readers of what is out see nothing of it yet.
        Load the post with a lock; then nobody can come between the comparison and the change. Who changes many under
        locks, and so not `at_once`, flushes them together.
        """
        state = {name: changes.pop(name) for name in STATE if name in changes}
        state = {name: value for name, value in state.items() if value != getattr(self, name)}
        mine, head = self._plain(changes), self.newest
        found = self._reconciled(base, copy, mine, head, moves=bool(state.keys() & {"published_at", "binned_at"}))
        result = self._settled(found.result, head)
        if result == head and not state and (waits or not self.has_changes):
            return Saved(False, found)
        self._check_fit(result, state, waits=waits)
        was_in_step = not self.has_changes
        if self.is_live and self.first_published_at is None:
            self.first_published_at = self.published_at
        with db.session.no_autoflush:  # half a change fits no check
            for name, value in state.items():
                setattr(self, name, value)
            self.revision += 1
            if not (waits and self.is_dated) or (was_in_step and result == head):
                self._show(result)
                self.out_revision = self.revision
        self._take(result, what, by, at_once=at_once)
        return Saved(True, found)

    def amend(self: Post, change: Callable[[Content], Content], *, by: User | None, what: str) -> bool:  # type: ignore[misc]
        """The same change to what readers see and to what waits, without letting out what waits."""
        if not self.has_changes:
            return bool(self.revise(base=self.revision, by=by, what=what, **change(self.content)))
        shown, waiting = change(self.content), change(self.newest)
        if (shown, waiting) == (self.content, self.newest):
            return False
        with db.session.no_autoflush:
            self.revision += 1
            self._show(shown)
        self._take(waiting, what, by)
        return True

    def publish(self: Post, *, base: int | None, by: User, at: datetime | None = None, **changes: Any) -> Saved:  # type: ignore[misc]
        """Take the changes and go out: now, or at a set moment. Raises PublishError where something is missing."""
        at = at or (self.published_at if self.is_live else utcnow())
        assert at is not None  # noqa: S101 - what is live has a date
        what = "scheduled" if at > utcnow() else "published"
        done = self.revise(base=base, by=by, what=what, published_at=at, binned_at=None, **changes)
        if done:
            record(what, by=by, subject=self.headline, post=self.id, at=at.isoformat())
        return done

    def unpublish(self: Post, *, base: int | None, by: User, **changes: Any) -> Saved:  # type: ignore[misc]
        """Back to a draft, out of every reader's sight."""
        return self._do("unpublished", base=base, by=by, **changes | {"published_at": None})

    def bin(self: Post, *, base: int | None, by: User, **changes: Any) -> Saved:  # type: ignore[misc]
        return self._do("binned", base=base, by=by, binned_at=self.binned_at or utcnow(), **changes)

    def restore(self: Post, *, base: int | None, by: User, **changes: Any) -> Saved:  # type: ignore[misc]
        """Out of the bin, as a draft: nothing goes live that nobody has published."""
        if self.binned_at is None:  # restored already, and perhaps published since
            return self.revise(base=base, by=by, waits=True, **changes)
        return self._do("restored", base=base, by=by, **changes | {"binned_at": None, "published_at": None})

    def bring_back(self: Post, then: Revision, *, base: int | None, by: User) -> Saved:  # type: ignore[misc]
        """An earlier revision as the newest one. Its address stays behind where another post has it by now, and so
        does whether it leads the front page, which is for admins to say."""
        content = dict(then.content)
        if self.slug_is_taken(content["slug"], but=self.id):
            del content["slug"]
        if not by.can(Can.ADMINISTER):
            del content["featured"]
        return self.revise(base=base, by=by, what=f"brought back {then.number}", waits=True, **content)

    def duplicate(self: Post, *, by: User, uid: UUID) -> Post:  # type: ignore[misc]
        """A draft of this person's own with the same content."""
        content = self.newest | {"slug": self.free_slug(self.newest["slug"], kind=self.kind), "featured": False}
        twin = type(self).start(by, by=by, what="copied", uid=uid, kind=self.kind, **content)
        record("copied", by=by, subject=self.headline, post=self.id, copy=twin.id)
        return twin

    # How

    def _do(self: Post, what: str, *, base: int | None, by: User, **changes: Any) -> Saved:  # type: ignore[misc]
        done = self.revise(base=base, by=by, what=what, **changes)
        if done:
            record(what, by=by, subject=self.headline, post=self.id)
        return done

    @staticmethod
    def _plain(changes: Content) -> Content:
        """The changes as revisions keep them."""
        if "tags" in changes:
            changes["tags"] = in_order(Tag.spelled(changes["tags"]))
        return {name: str(value) if name == "visibility" else value for name, value in changes.items()}

    def _reconciled(  # type: ignore[misc]
        self: Post,
        base: int | None,
        copy: WorkingCopy | None,
        mine: Content,
        head: Content,
        *,
        moves: bool,
    ) -> Reconciled:
        before = self.content_at(base)
        if copy and copy.goes_on_from(base):  # the page goes on from what it saved, whatever it was joined with
            base, before = copy.handed_as, (before or head) | (copy.handed_in or {})
        if before is None:
            if mine == {name: head[name] for name in mine} and not moves:
                return reconcile(head, head, {})
            raise StaleError(f"{self.headline} is at revision {self.revision}, not {base}.")
        found = reconcile(before, head, mine)
        if found.clashes or (moves and self._state_moved(base)):
            raise StaleError(f"{self.headline} is at revision {self.revision}, not {base}.", found)
        return found

    def _state_moved(self: Post, base: int | None) -> bool:  # type: ignore[misc]
        """Whether somebody published it, took it back or binned it since."""
        then = Revision.of(self, base) if base and base != self.revision else None
        return then is not None and (then.published_at, then.is_binned) != (
            self.published_at,
            self.binned_at is not None,
        )

    def _settled(self: Post, result: Content, head: Content) -> Content:  # type: ignore[misc]
        """The content with tags in order and an address. One nobody chose follows the title until readers know it."""
        result = result | {"tags": in_order(result["tags"])}
        never_out = self.published_at is None and self.first_published_at is None
        made = text.slugify(head["title"] or text.UNTITLED)
        follows = never_out and re.fullmatch(re.escape(made) + r"(-\d+)?", head["slug"])
        retitled = result["title"] != head["title"] and result["slug"] == head["slug"]
        if not result["slug"] or (follows and retitled):
            return result | {"slug": self.free_slug(result["title"], but=self.id, kind=self.kind)}
        return result

    def _check_fit(self: Post, result: Content, state: dict[str, Any], *, waits: bool) -> None:  # type: ignore[misc]
        """Raises PublishError where readers would get something unfinished."""
        goes_out = state.get("published_at", self.published_at) and not state.get("binned_at", self.binned_at)
        if not goes_out or waits:
            return
        for field, name in (("title", "a title"), ("body", "some text")):
            if not result[field].strip():
                raise PublishError(field, f"Give the {self.kind} {name} before you publish it.")
        if result["slug"] != self.slug and self.slug_is_taken(result["slug"], but=self.id):
            raise PublishError("slug", "Another post has that address by now, or had it. Choose another.")

    def _show(self: Post, content: Content) -> None:  # type: ignore[misc]
        """Make the columns say this."""
        before = self.content
        changes = {name: value for name, value in content.items() if value != before[name]}
        if "slug" in changes:
            self._leave_address(content["slug"])
        if changes.keys() & {"title", "summary", "body"}:
            self.edited_at = utcnow()
        for name, value in changes.items():
            if name == "tags":
                value = Tag.named(value)
            if name == "visibility":
                value = Visibility(value)
            setattr(self, name, value)

    def _take(self: Post, content: Content, what: str, by: User | None, *, at_once: bool = True) -> None:  # type: ignore[misc]
        try:
            if at_once:
                db.session.flush()
        except StaleDataError:  # somebody was between our reading and our writing
            raise StaleError("It has just been changed.") from None
        Revision.take(self, content, what, by)


def in_order(names: Any) -> list[str]:
    return sorted(names, key=str.casefold)
