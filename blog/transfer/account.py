"""All that is one person's own, as one zip of open formats: Markdown, and JSON lines."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import yaml
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from blog.database import Model, db
from blog.models import AuditEntry, Can, Kept, LoginSession, Media, Passkey, Post, Revision, User, WorkingCopy
from blog.models.content import CONTENT
from blog.models.review_comment import ReviewComment
from blog.text import storable

IN_MEMORY = 2 * 1024 * 1024  # bytes; a larger one goes on in a file that has no name
AT_ONCE = 100  # rows
POSTS_AT_ONCE = 25
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # which is ten times as quick, where PyYAML was built with it
README = """This is what {site} keeps of the account {email}, as of {now:%Y-%m-%d %H:%M} UTC.

profile.json          who you are here
sessions.jsonl        where you are signed in
passkeys.jsonl        their names; what they prove with stays on your devices
reading-list.jsonl    what you kept for later
posts/                your posts and those you write with others, as Markdown with front matter: their newest text
revisions/            every revision of each of them, the oldest first
unsaved.jsonl         what you typed and have not saved yet
comments.jsonl        what you said in reviews
pictures.jsonl        pictures you brought; each is at its address on the site
log.jsonl             what you did, as the log has it

A .jsonl file holds one JSON object on each line. Times are UTC.
"""


def exported(person: User, *, site: str, now: datetime) -> IO[bytes]:
    """The finished zip, at its beginning. Only reads, a few rows at a time; keeps nothing in the session."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    who, writes, email = person.id, person.can(Can.WRITE), person.email
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4) as zipped:
        zipped.writestr("README.txt", README.format(site=site, email=email, now=now))
        zipped.writestr("profile.json", json.dumps(profile(person), ensure_ascii=False, indent=2, default=plain) + "\n")
        for name, lines in tables(who):
            write(zipped, f"{name}.jsonl", lines)
        mine = Post.of(who) if writes else Post.author_id == who  # of what others own, only while it is open to them
        for post_id, slug, text in posts(mine):
            zipped.writestr(f"posts/{slug}.md", text)
            write(zipped, f"revisions/{slug}.jsonl", revisions(post_id))
    file.seek(0)
    return file


def profile(person: User) -> dict[str, Any]:
    names = ("name", "handle", "email", "role", "biography", "website", "picture", "created_at", "confirmed_at")
    return {name: getattr(person, name) for name in names}


def tables(who: int) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    login, copy = LoginSession, WorkingCopy
    yield "sessions", rows(login, login.user_id == who, ("created_at", "used_at", "expires_at", "agent", "origin"))
    yield "passkeys", rows(Passkey, Passkey.user_id == who, ("name", "used_at"))
    yield "reading-list", kept(who)
    yield "unsaved", rows(copy, (copy.by_id == who) & copy.is_unsaved, ("post_id", "base", "saved_at", "typed"))
    said = ("review_id", "at", "paragraph", "quote", "words", "resolved_at")
    yield "comments", rows(ReviewComment, ReviewComment.by_id == who, said)
    brought = ("address", "file_name", "media_type", "width", "height", "size", "alt", "created_at")
    yield "pictures", rows(Media, Media.owner_id == who, brought)
    done = ("at", "action", "subject", "origin", "detail")
    yield "log", rows(AuditEntry, AuditEntry.actor_id == who, done)


def rows(model: type[Model], whose: ColumnElement[bool], names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """These facts of the rows, by number."""
    for row in some(select(model).where(whose), model.id):  # type: ignore[attr-defined]
        yield {name: getattr(row, name) for name in names}


def kept(who: int) -> Iterator[dict[str, Any]]:
    """Of what is out no longer, only that it was kept."""
    found = select(Kept).where(Kept.user_id == who).options(joinedload(Kept.post))
    for one in some(found, Kept.post_id):
        shown = {"title": one.post.headline, "address": one.post.path} if one.post.is_live else {}
        yield {"kept_at": one.kept_at, "post": one.post_id} | shown


def posts(mine: ColumnElement[bool]) -> Iterator[tuple[int, str, str]]:
    whole = select(Post).where(mine).options(undefer(Post.body), joinedload(Post.author))
    whole = whole.options(selectinload(Post.co_authors), selectinload(Post.tags))
    for post in some(whole, Post.id, size=POSTS_AT_ONCE):
        content = post.newest
        told = {name: content[name] for name in CONTENT if name != "body"}
        told |= {"id": post.id, "uid": str(post.uid), "kind": str(post.kind), "status": str(post.status)}
        told |= {
            "authors": [one.name for one in post.byline],
            "published": post.published_at,
            "revision": post.revision,
        }
        told = {name: plain(fact) if isinstance(fact, datetime) else fact for name, fact in told.items() if fact}
        matter = yaml.dump(told, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=10_000)
        yield post.id, post.slug, f"---\n{matter}---\n\n{content['body']}\n"


def revisions(post_id: int) -> Iterator[dict[str, Any]]:
    found = select(Revision).where(Revision.post_id == post_id).options(joinedload(Revision.by))
    for one in some(found, Revision.number, size=POSTS_AT_ONCE):
        facts = {"number": one.number, "what": one.what, "by": one.by.name if one.by else "", "at": one.created_at}
        yield facts | one.content | {"published_at": one.published_at, "is_binned": one.is_binned}


def some(found: Select[Any], key: Any, *, size: int = AT_ONCE) -> Iterator[Any]:
    """All of them in the order of this key, so many at a time, and none remembered."""
    last: Any = None
    while True:
        further = found if last is None else found.where(key > last)
        page = db.session.scalars(further.order_by(key).limit(size)).all()
        for row in page:
            last = getattr(row, key.key)
            yield row
        if len(page) < size:
            return


def write(zipped: ZipFile, name: str, lines: Iterable[dict[str, Any]]) -> None:
    with zipped.open(name, "w", force_zip64=True) as file:
        for line in lines:
            words = storable(json.dumps(line, ensure_ascii=False, default=plain))
            file.write(words.encode() + b"\n")


def plain(fact: Any) -> str:
    return fact.isoformat(timespec="seconds") if isinstance(fact, datetime) else str(fact)
