"""Records of another blog, written into this one. All importers end here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from blog import text
from blog.database import db, utcnow
from blog.models import Media, Post, PostKind, Redirect, Revision, User, UserRole, Visibility
from blog.models.address import reserved_slugs
from blog.models.post import SUMMARY_LIMIT, TITLE_LIMIT
from blog.models.tag import NAME_LIMIT
from blog.pictures import RefusedPicture, accept
from blog.storage import Storage
from blog.transfer.records import Author, PostRecord, Refusal

PATH_LIMIT = 500
TAGS_LIMIT = 50
COVER_ALT_LIMIT = 500
# Only where an address stands: "see post:1" in a sentence is not one.
TOKEN = re.compile(r"""(?:(?<=\]\()|(?<=\]\(<)|(?<=\]: )|(?<=src=["'])|(?<=href=["']))(?:picture|post):\d+\b""")
CHANGED_SINCE = "it has changed since it came in; the post here was left as it is"
NOBODY = "import.invalid"  # a domain that can never receive mail (RFC 2606)


@dataclass
class Report:
    """What came in, what was altered on the way, and what was refused and why."""

    posts: int = 0
    drafts: int = 0
    known: int = 0
    pictures: int = 0
    redirects: int = 0
    people: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    changes: dict[str, list[str]] = field(default_factory=dict)


class Intake:
    """One run of an import: plan it with all records, then write them one by one. The caller commits.

    `owner` gets the posts that name no author. Without a `storage` pictures are looked at, but not kept (a dry run).
    A file that came in before is left as it is, so a run may be broken off and started again.
    """

    def __init__(self, *, owner: User, by: User | None, storage: Storage | None) -> None:
        self.owner, self.by, self.storage = owner, by, storage
        self.report = Report()
        self.addresses: dict[str | None, str] = {}
        self.people: dict[str, User] = {}
        self.redirects: dict[str, str] = {}

    def plan(self, items: Iterable[PostRecord | Refusal | None]) -> list[PostRecord]:
        """The records that are new here. Gives every post its address first, so that they can link to one another."""
        items = list(items)
        self.report.refusals += [item for item in items if isinstance(item, Refusal)]
        rows = db.session.execute(select(Post.source, Post.source_digest, Post.slug).where(Post.source.is_not(None)))
        here = [(source, digest, slug) for source, digest, slug in rows if source]
        self.addresses = {source: slug for source, _, slug in here}
        by_digest = {digest: slug for _, digest, slug in here}
        names, fresh = set(self.addresses), []
        for record in items:
            if isinstance(record, PostRecord):
                if record.digest and record.digest in by_digest:
                    self.report.known += 1
                    self.addresses.setdefault(record.source, by_digest[record.digest])
                elif record.source in names and (not record.digest or self.is_a_newer(record)):
                    self.report.known += 1
                    self.report.changes |= {record.source: [CHANGED_SINCE]} if record.digest else {}
                else:
                    fresh.append(record)
        self.give_addresses(fresh)
        return fresh

    def is_a_newer(self, record: PostRecord) -> bool:
        """Whether the post from the file of this name was once this one. Two blogs may call their files the same."""
        first = select(Revision.slug, Revision.title).join(Post, Post.id == Revision.post_id)
        came_in = db.session.execute(first.where(Post.source == record.source, Revision.number == 1)).first()
        return came_in is not None and came_in[0].startswith(slug_of(record)) and came_in[1] == title_of(record)

    def give_addresses(self, records: list[PostRecord]) -> None:
        given: set[str] = set()
        names = set(self.addresses)
        for record in records:
            slug = self.free_slug(record, given=given)
            given.add(slug)
            self.addresses[record.source] = slug  # as the links of this run call it
            if record.source in names:
                record.source = f"{record.source} {record.digest[:12]}"
                self.addresses[record.source] = slug

    def free_slug(self, record: PostRecord, *, given: set[str]) -> str:
        never = given | reserved_slugs() if record.is_page else given
        return text.first_free(slug_of(record), taken=lambda attempt: attempt in never or Post.slug_is_taken(attempt))

    def write(self, record: PostRecord) -> None:
        """One post with its people, tags, pictures and old addresses; or, if it fits nowhere, a refusal."""
        try:
            with db.session.begin_nested():
                self._write(record)
        except (DBAPIError, ValueError) as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0][:200]
            self.report.refusals.append(Refusal(record.source, f"It does not fit into the database ({reason})."))
            self.people.clear()  # some may have come in only for this one

    def _write(self, record: PostRecord) -> None:
        authors = list(dict.fromkeys(self.person(author) for author in record.authors)) or [self.owner]
        pictures = self.pictures_of(record)
        post = Post.start(
            authors[0],
            by=self.by,
            what="imported",
            source=record.source,
            source_digest=record.digest,
            slug=self.addresses[record.source],
            title=title_of(record),
            summary=text.excerpt(storable_line(record.summary), limit=SUMMARY_LIMIT - 1),
            body=self.body_of(record, pictures),
            cover=pictures.get(record.cover, ""),
            cover_alt=storable_line(record.cover_alt)[:COVER_ALT_LIMIT],
            tags=usable_tags(record.tags),
            language=record.language if record.language and re.fullmatch(r"[\w-]{2,35}", record.language) else "",
            kind=PostKind.page if record.is_page else PostKind.post,
            visibility=Visibility.members if record.members_only else Visibility.public,
            published_at=record.published_at,
            edited_at=record.updated_at or record.published_at or utcnow(),
            co_authors=authors[1:],
        )
        self.report.posts += 1
        self.report.drafts += record.published_at is None
        for old in record.old_paths:
            self.redirect(old, post, record)
        if record.changes:
            self.report.changes[record.source] = record.changes

    def person(self, author: Author) -> User:
        """The author as a person of this site: one we have, or a new one who cannot sign in until an admin says so."""
        key = (author.email or author.handle or author.name).casefold()
        if key not in self.people:
            self.people[key] = self.known_person(author) or self.new_person(author)
        return self.people[key]

    def known_person(self, author: Author) -> User | None:
        if author.email and (user := User.by_email(author.email)):
            return user
        name = storable_line(author.name)
        same = (User.handle == text.slugify(author.handle or name, limit=40)) | (func.lower(User.name) == name.lower())
        return db.session.scalar(select(User).where(same).order_by(User.id).limit(1))

    def new_person(self, author: Author) -> User:
        name = text.excerpt(storable_line(author.name), limit=119) or "Unknown"
        handle = User.free_handle(author.handle or name)
        email = author.email if author.email and len(author.email) <= 320 else f"{handle}@{NOBODY}"
        user = User(name=name, handle=handle, email=email, role=UserRole.editor, is_active=False)
        db.session.add(user)
        db.session.flush()
        self.report.people += 1
        return user

    def pictures_of(self, record: PostRecord) -> dict[str, str]:
        """The pictures of a post, kept, and the addresses they have here."""
        places = {}
        for token, path in record.pictures.items():
            try:
                picture = accept(path.read_bytes())
            except (RefusedPicture, OSError) as error:
                record.changes.append(f"the picture {path.name} was left out: {error}")
                continue
            if self.storage:
                self.storage.save(picture.name, picture.content)
                words = words_of(token, record)
                Media.keep(picture, owner_id=self.owner.id, file_name=text.storable(path.name), alt=words)
            self.report.pictures += 1
            places[token] = f"/media/{picture.name}"
        return places

    def body_of(self, record: PostRecord, pictures: dict[str, str]) -> str:
        """The text, with the pictures and the other posts at the addresses they have here."""
        places = pictures | {token: f"/posts/{self.addresses[source]}" for token, source in record.links.items()
                             if source in self.addresses}  # fmt: skip
        body = text.storable(text.unix_lines(record.body))
        return TOKEN.sub(lambda token: places.get(token[0], token[0]), body)

    def redirect(self, old: str, post: Post, record: PostRecord) -> None:
        path, target = text.plain_path(text.storable(old)), post.path
        there = Redirect.of(path)
        taken = self.redirects.get(path) or (there and (there.leads_to or "a post that is not out"))
        if path == target or taken == target:
            return
        if taken or len(path) > PATH_LIMIT:
            record.changes.append(
                f"the old address {old[:200]} " + (f"leads to {taken} already" if taken else "is too long")
            )
            return
        db.session.add(Redirect(path=path, post=post))
        self.redirects[path] = target
        self.report.redirects += 1


def slug_of(record: PostRecord) -> str:
    """The address it would like to have."""
    return text.slugify(record.slug) or text.slugify(record.title) or text.slugify(text.UNTITLED)


def title_of(record: PostRecord) -> str:
    return text.excerpt(storable_line(record.title), limit=TITLE_LIMIT - 1) or text.UNTITLED


def storable_line(words: str) -> str:
    return text.one_line(text.storable(words))


def words_of(token: str, record: PostRecord) -> str:
    """What the post says that one of its pictures shows."""
    if token == record.cover and record.cover_alt:
        return storable_line(record.cover_alt)
    said = re.search(rf"!\[((?:[^\[\]\\]|\\.){{1,500}})\]\(<?{re.escape(token)}\b", record.body)
    return storable_line(re.sub(r"\\(.)", r"\1", said[1])) if said else ""


def usable_tags(names: list[str]) -> list[str]:
    return [name for name in (storable_line(name)[:NAME_LIMIT].strip() for name in names) if text.slugify(name)][
        :TAGS_LIMIT
    ]
