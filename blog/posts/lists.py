"""Lists of posts, and the posts around one, each in a number of queries that no content changes."""

from collections.abc import Sequence

from flask import g, request
from sqlalchemy import Select, func, select, tuple_, union_all
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from blog.database import db
from blog.models import Post, Tag, User
from blog.models.post import co_authors
from blog.models.tag import post_tags
from blog.paging import Page, page_of

NEWEST_FIRST = (Post.published_at, Post.id)
STRIP = 3  # further featured posts, beside the one that leads
RELATED = 4
TELLING_TAGS = 8  # a post's rarest tags tell most of its subject
NEAR = 200  # of each of them, so many of its youngest posts are looked at


def listed(posts: Select[Post], *, dress: bool = True) -> Page[Post]:
    posts = Post.for_a_list(posts) if dress else posts.options(joinedload(Post.author, innerjoin=True))
    return page_of(posts, NEWEST_FIRST, size=g.site.posts_per_page, args=request.args)


def leading() -> list[Post]:
    """The newest featured posts, the first to lead; where none is featured, the newest post."""
    posts = featured_first().limit(1 + STRIP).options(joinedload(Post.author, innerjoin=True))
    found = db.session.scalars(posts).all()
    return [post for n, post in enumerate(found) if n == 0 or post.featured]


def featured_first() -> Select[Post]:
    return Post.live().order_by(None).order_by(Post.featured.desc(), Post.published_at.desc(), Post.id.desc())


def dressed(posts: Sequence[Post]) -> None:
    """Give posts of several lists their co-authors and tags, in one query each."""
    ids = [post.id for post in posts]
    people = select(co_authors.c.post_id, User).join(User, User.id == co_authors.c.user_id).order_by(User.name)
    tags = select(post_tags.c.post_id, Tag).join(Tag, Tag.id == post_tags.c.tag_id).order_by(Tag.name)
    for name, rows in (
        ("co_authors", people.where(co_authors.c.post_id.in_(ids))),
        ("tags", tags.where(post_tags.c.post_id.in_(ids))),
    ):
        of_post: dict[int, list[object]] = {post_id: [] for post_id in ids}
        for post_id, row in db.session.execute(rows):
            of_post[post_id].append(row)
        for post in posts:
            set_committed_value(post, name, of_post[post.id])


def neighbours(post: Post) -> tuple[Post | None, Post | None]:
    """The posts that came out after and before this one."""
    here, there = tuple_(*NEWEST_FIRST), (post.published_at, post.id)
    live = Post.live().whereclause  # after the position: see `page_of`
    assert live is not None  # noqa: S101 - it says at least what is out
    after = select(Post).where(here > there, live).order_by(Post.published_at, Post.id)
    before = select(Post).where(here < there, live).order_by(Post.published_at.desc(), Post.id.desc())
    ids = [side.with_only_columns(Post.id).limit(1).scalar_subquery() for side in (after, before)]
    found = db.session.scalars(select(Post).where(Post.id.in_(ids))).all()
    newer = [one for one in found if _position(one) > _position(post)]
    older = [one for one in found if _position(one) < _position(post)]
    return next(iter(newer), None), next(iter(older), None)


def related(post: Post) -> list[Post]:
    """Posts on the same subjects: those that share most tags, and of these the newest. Looks at a bounded number."""
    tags = [tag.id for tag in sorted(post.tags, key=lambda tag: (tag.dated_posts, tag.id))[:TELLING_TAGS]]
    if not tags:
        return []
    links = [select(post_tags.c.post_id).where(post_tags.c.tag_id == tag) for tag in tags]
    near = [link.order_by(post_tags.c.post_id.desc()).limit(NEAR).subquery() for link in links]
    candidates = union_all(*(select(link.c.post_id) for link in near))
    shared = (
        Post.live()
        .join(post_tags, post_tags.c.post_id == Post.id)
        .where(Post.id.in_(candidates), post_tags.c.tag_id.in_(tags), Post.id != post.id)
        .group_by(Post.id)
        .order_by(None)
        .order_by(func.count().desc(), Post.published_at.desc(), Post.id.desc())
    )
    return list(db.session.scalars(shared.limit(RELATED)))


def _position(post: Post) -> tuple[object, int]:
    return post.published_at, post.id
