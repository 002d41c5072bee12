"""Finding lines in the log, as quickly among a million as among ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Subquery, func, select, union_all

from blog.database import db
from blog.models.audit import AuditEntry

LOOKED_THROUGH = 2_000  # lines of the other filters in which words are looked for at a time
STRAYS = 100  # lines whose number and time may be in different order: two were written at the same moment
TOPICS: dict[str, tuple[str, ...]] = {
    "sign-ins": (
        "signed in",
        "failed to sign in as",
        "failed the second step of",
        "failed to prove to be",
        "proved who they are",
        "was refused a passkey used twice",
        "was refused",
        "sent a foreign form to",
        "reached the limit of",
        "ended a session of",
        "ended the sessions of",
        "ended the other sessions of",
        "set up the site",
    ),
    "people": (
        "changed the role of",
        "changed the password of",
        "changed the address of",
        "changed their profile",
        "changed their picture",
        "removed their picture",
        "created",
        "deactivated",
        "reactivated",
        "deleted the account of",
        "registered",
        "invited",
        "accepted an invitation",
        "renewed the invitation of",
        "revoked the invitation of",
        "let in",
        "turned down",
        "asked for a new password for",
        "reset the password of",
        "asked for another address",
        "took a change of address back",
        "made a one-time link for",
        "made a reset link for",
        "added a passkey",
        "renamed a passkey",
        "removed a passkey",
        "set up an authenticator app",
        "removed their authenticator app",
        "made new recovery codes",
        "reset the second factor of",
    ),
    "posts": (
        "published",
        "scheduled",
        "unpublished",
        "binned",
        "restored",
        "copied",
        "deleted for good",
        "handed over",
        "named as co-author",
        "removed as co-author",
        "asked for a review of",
        "approved",
        "returned",
        "closed the review of",
        "withdrew the review of",
        "made a preview link to",
        "revoked a preview link to",
        "described the picture",
        "replaced the picture",
        "deleted the picture",
        "merged the tag",
        "renamed the tag",
        "deleted the tag",
    ),
    "settings": (
        "changed the settings",
        "redirected",
        "changed the redirect of",
        "removed the redirect of",
        "forgot the missing address",
        "forgot all missing addresses",
        "asked to send again the letter to",
        "gave up the letter to",
        "deleted the letter to",
    ),
    "import and export": ("imported", "exported the list of people", "exported the log", "exported their account"),
}


@dataclass(frozen=True)
class Asked:
    """What of the log somebody wants to see."""

    person: int | None = None  # who did it, or whom it was done to
    topic: str = ""
    origin: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not itself

    def lines(self, here: int | None, *, falling: bool, limit: int) -> Select[AuditEntry]:
        """Some lines beyond this one, in the order of their numbers."""
        found = select(AuditEntry).where(AuditEntry.id.in_(select(self._ids(here, falling, limit).c.id)))
        return found.order_by(AuditEntry.id.desc() if falling else AuditEntry.id).limit(limit)

    def with_words(self, words: str, here: int | None, *, limit: int) -> tuple[Sequence[AuditEntry], int | None]:
        """The next lines with these words in their subject, and where to look on if there may be more."""
        some = self._ids(here, True, LOOKED_THROUGH)
        last, number = db.session.execute(select(func.min(some.c.id), func.count())).one()
        found = select(AuditEntry).where(AuditEntry.id.in_(select(some.c.id)))
        found = found.where(*(AuditEntry.subject.icontains(word, autoescape=True) for word in words.split()))
        lines = db.session.scalars(found.order_by(AuditEntry.id.desc()).limit(limit)).all()
        if len(lines) == limit:
            return lines, lines[-1].id
        return lines, last if number == LOOKED_THROUGH else None

    # How

    def _ids(self, here: int | None, falling: bool, limit: int) -> Subquery:
        """The numbers of the next lines. Each kind is walked along an index of its own, and no further than needed."""
        order = AuditEntry.id.desc() if falling else AuditEntry.id.asc()
        also = [*self._bounds()]
        if here is not None:
            also.append(AuditEntry.id < here if falling else AuditEntry.id > here)
        walks = [select(AuditEntry.id).where(*kind, *also).order_by(order).limit(limit) for kind in self._kinds()]
        if len(walks) == 1:
            return walks[0].subquery()
        every = union_all(*(select(walk.subquery().c.id) for walk in walks)).subquery()
        falls = every.c.id.desc() if falling else every.c.id.asc()
        return select(every.c.id).distinct().order_by(falls).limit(limit).subquery()

    def _kinds(self) -> list[list[ColumnElement[bool]]]:
        """What is asked for, as one or several kinds of lines that differ in the columns of an index."""
        by_whom = [AuditEntry.actor_id == self.person, AuditEntry.about_id == self.person] if self.person else [None]
        acts = [AuditEntry.action == action for action in TOPICS[self.topic]] if self.topic else [None]
        place = AuditEntry.origin == self.origin if self.origin else None
        return [[each for each in (who, place, act) if each is not None] for who in by_whom for act in acts]

    def _bounds(self) -> list[ColumnElement[bool]]:
        """Days as numbers of lines, which all the indexes end with."""
        found: list[ColumnElement[bool]] = []
        if self.since:
            found += [AuditEntry.id >= self._edge(self.since, first=True), AuditEntry.at >= self.since]
        if self.until:
            found += [AuditEntry.id <= self._edge(self.until, first=False), AuditEntry.at < self.until]
        return found

    @staticmethod
    def _edge(moment: datetime, *, first: bool) -> int:
        """The smallest number of the lines since then, or the greatest of those before."""
        side, order = (
            (AuditEntry.at >= moment, AuditEntry.at) if first else (AuditEntry.at < moment, AuditEntry.at.desc())
        )
        near = select(AuditEntry.id).where(side).order_by(order).limit(STRAYS).subquery()
        edge: int | None = db.session.scalar(select(func.min(near.c.id) if first else func.max(near.c.id)))
        if edge is None:  # nothing on that side
            return 2**31 - 1 if first else 0
        return edge
