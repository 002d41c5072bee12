"""Tags of many posts at once: one becomes another, or is called otherwise."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm.exc import StaleDataError

from blog.database import db
from blog.models.audit import record
from blog.models.content import Content
from blog.models.history import Revision
from blog.models.post import Post
from blog.models.redirect import Redirect
from blog.models.revising import in_order
from blog.models.tag import Tag, address_of, post_tags
from blog.models.user import User

ROUNDS = 10


class UsedTagError(Exception):
    """Posts have the tag. The text is for the person."""


def merge_tags(gone: Tag, into: Tag, *, by: User | None) -> int:
    """Give all posts of one tag the other in its place, what waits in them too, and delete it. Returns their number.

    What an editor still has open with the old name is joined with this when it is saved, as with any other change.
    Earlier revisions go on saying what they said. The old address leads to the new one. The caller commits.
    """
    if gone.id == into.id:
        raise ValueError("a tag cannot become itself")
    number = replace(gone, into, by=by, what="tags merged")
    record("merged the tag", by=by, subject=f"{gone.name} into {into.name}", into=into.name, posts=number)
    return number


def rename_tag(tag: Tag, name: str, *, by: User | None) -> Tag:
    """Call a tag otherwise, and return it: another one where its address changes, which no other tag may have yet."""
    was, slug = tag.name, address_of(name)
    if name == was:
        return tag
    renamed = tag
    if slug == tag.slug:  # capitals, an accent: the posts need not be touched
        _lock(tag)
        db.session.refresh(tag)
        if name == tag.name:  # by another hand, while we waited
            return tag
        tag.name = name
    else:
        renamed = Tag(name=name, slug=slug)
        db.session.add(renamed)
        db.session.flush()
        replace(tag, renamed, by=by, what="tag renamed")
    record("renamed the tag", by=by, subject=was, before=was, after=name)
    return renamed


def delete_tag(tag: Tag, *, by: User | None) -> None:
    """Raises UsedTagError while any post has it, be it a draft, in the bin, or in what waits to be published.

    Locked first, no post can get it any more: whoever has just given it to one is waited for, and others wait for us.
    """
    _lock(tag)
    if number := len(with_tag(tag)):
        posts = "post has" if number == 1 else "posts have"
        raise UsedTagError(f"{number:,} {posts} the tag “{tag.name}”. Merge it into another instead.")
    Redirect.forget_all_to(tag.path)
    record("deleted the tag", by=by, subject=tag.name)
    db.session.delete(tag)
    db.session.flush()


def unused() -> ColumnElement[bool]:
    """The condition that no post has the tag."""
    return ~exists().where(post_tags.c.tag_id == Tag.id)


def replace(gone: Tag, into: Tag, *, by: User | None, what: str) -> int:
    posts = locked(gone)
    # Writers take a post, then its tags, then the lock of the counts; so does this, that nobody waits in a circle.
    _lock(gone, into)
    for post in posts:
        post.amend(lambda content: renamed(content, gone, into), by=by, what=what)
    db.session.flush()
    Redirect.move(gone.path, to=into.path)
    db.session.delete(gone)
    db.session.flush()
    return len(posts)


def renamed(content: Content, gone: Tag, into: Tag) -> Content:
    """The content with the one tag in place of the other, once."""
    if not any(address_of(name) == gone.slug for name in content["tags"]):
        return content
    others = [name for name in content["tags"] if address_of(name) not in (gone.slug, into.slug)]
    return content | {"tags": in_order([*others, into.name])}


def _lock(*tags: Tag) -> None:
    """Raises StaleDataError where one of them was merged, renamed or deleted while we waited."""
    ids = {tag.id for tag in tags}
    held = db.session.scalars(select(Tag.id).where(Tag.id.in_(ids)).order_by(Tag.id).with_for_update()).all()
    if set(held) != ids:
        raise StaleDataError("a tag is no longer there")


def locked(tag: Tag) -> list[Post]:
    """Every post with the tag, locked, in the order of their numbers; also those that got it while we waited."""
    seen: list[int] = []
    for _ in range(ROUNDS):
        ids = with_tag(tag)
        if ids == seen:
            break
        seen = ids
        db.session.scalars(select(Post.id).where(Post.id.in_(ids)).order_by(Post.id).with_for_update(of=Post)).all()
    posts = select(Post).where(Post.id.in_(seen)).order_by(Post.id).execution_options(populate_existing=True)
    return list(db.session.scalars(posts))


def with_tag(tag: Tag) -> list[int]:
    """The numbers of the posts that have the tag, or will have once what waits in them is published."""
    shown = db.session.scalars(select(post_tags.c.post_id).where(post_tags.c.tag_id == tag.id))
    newest = (Revision.post_id == Post.id) & (Revision.number == Post.revision)
    waiting = select(Post.id, Revision.tags).join(Revision, newest).where(Post.out_revision != Post.revision)
    named = (number for number, names in db.session.execute(waiting) if tag.slug in map(address_of, names))
    return sorted({*shown, *named})
