"""Which posts match, for whom, and in what order.

Each post stands in `search_open` with what everybody may read of it, and a members-only post also in `search_members`
with its body. A stranger's question is put to the first alone: what they may not read has no way into their answer.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    cast,
    column,
    exists,
    extract,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import REAL, TSQUERY

from blog.database import db, utcnow
from blog.models import Anonymous, Can, Post, Tag, User, Visibility
from blog.models.tag import post_tags
from blog.search.query import Query, Term

RANKED = 1000  # of each kind of match, the newest so many are ranked
# Where all words are found decides first: in the title, the tags and authors, the summary, or anywhere.
PLACES = ((3, "title", "A"), (2, "tags authors", "B"), (1, "summary", "C"), (0, "", ""))
WEIGHTS = "10.0, 5.0, 5.0, 2.0, 1.0"


def on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def readable(*, tag: str = "", author: str = "") -> Select[Post]:
    """What is out, newest first, with this tag and by this person, where they are named."""
    posts = Post.out()
    if tag:
        posts = posts.where(Post.id.in_(select(post_tags.c.post_id).join(Tag).where(Tag.slug == tag)))
    if author:
        posts = posts.where(Post.of(select(User.id).where(User.handle == author).scalar_subquery()))  # type: ignore[arg-type]
    return posts


def matching(posts: Select[Post], query: Query, reader: User | Anonymous) -> Select[Post]:
    """Those of the posts that match, best first."""
    arms = [
        select(arm.subquery())
        for index, whose in _open_to(reader)
        for place in PLACES
        for arm in [_arm(posts.where(whose), index, query, *place)]
    ]
    found = union_all(*arms).subquery()
    best = (
        select(found.c.id, func.max(found.c.place).label("place"), func.max(found.c.score).label("score"))
        .group_by(found.c.id)
        .subquery()
    )
    rank = best.c.place + 0.7 * best.c.score / (1 + best.c.score) + 0.2 / (1 + _years_since(utcnow()))
    return select(Post).join(best, best.c.id == Post.id).order_by(rank.desc(), Post.published_at.desc(), Post.id.desc())


def any_match(posts: Select[Post], query: Query, reader: User | Anonymous) -> ColumnElement[bool]:
    """Whether this reader would find anything at all."""
    return or_(
        *(
            exists(_of(posts.where(whose), index).where(_matches(index, query)).with_only_columns(Post.id))
            for index, whose in _open_to(reader)
        )
    )


def _open_to(reader: User | Anonymous) -> Iterator[tuple[FromClause, ColumnElement[bool]]]:
    if not reader.can(Can.READ_MEMBERS):
        yield _index("search_open"), literal(True)
        return
    yield _index("search_open"), Post.visibility == Visibility.public
    yield _index("search_members"), Post.visibility == Visibility.members


def _index(name: str) -> FromClause:
    return table(name, *(column(one) for one in ("post_id", "heads", "words", "rowid", name)))


def _of(posts: Select[Post], index: FromClause) -> Select[Any]:
    key = index.c.post_id if on_postgresql() else index.c.rowid
    return posts.join(index, key == Post.id).order_by(None)


def _arm(posts: Select[Post], index: FromClause, query: Query, place: int, columns: str, weight: str) -> Select[Any]:
    key = index.c.post_id if on_postgresql() else index.c.rowid
    found = _of(posts, index).where(_matches(index, query, columns, weight))
    score = _score(index, query)
    facts: tuple[Any, ...] = (Post.id.label("id"), literal_column(str(place)).label("place"), score.label("score"))
    return found.with_only_columns(*facts).order_by(key.desc()).limit(RANKED)


def _matches(index: FromClause, query: Query, columns: str = "", weight: str = "") -> ColumnElement[bool]:
    if not on_postgresql():
        return index.c[index.name].match(_fts5(query, columns))  # type: ignore[attr-defined]
    wanted = cast(_tsquery(query.wanted, " & ", weight), TSQUERY)
    found = (index.c.heads if weight else index.c.words).bool_op("@@")(wanted)
    if not query.unwanted:
        return found
    unwanted = cast(_tsquery(query.unwanted, " | "), TSQUERY)
    return and_(found, ~index.c.words.bool_op("@@")(unwanted))


def _score(index: FromClause, query: Query) -> ColumnElement[float]:
    if not on_postgresql():
        return -literal_column(f"bm25({index.name}, {WEIGHTS})")  # type: ignore[attr-defined]
    wanted = cast(_tsquery(query.wanted, " & "), TSQUERY)
    return 10 * cast(func.ts_rank(literal_column("'{0.1, 0.2, 0.5, 1.0}'::real[]"), index.c.words, wanted, 1), REAL)


def _fts5(query: Query, columns: str) -> str:
    """The question in FTS5's words: each token quoted, so that nothing people type is an operator."""
    wanted = " AND ".join(map(_fts5_term, query.wanted))
    asked = f"({{{columns}}} : ({wanted}))" if columns else f"({wanted})"
    unwanted = " OR ".join(map(_fts5_term, query.unwanted))
    return f"{asked} NOT ({unwanted})" if unwanted else asked


def _fts5_term(term: Term) -> str:
    if term.is_in_order:
        return f'"{" ".join(term.tokens)}"{"*" * term.is_prefix}'
    return "(" + " AND ".join(f'"{token}"' + "*" * term.is_prefix for token in term.tokens) + ")"


def _tsquery(terms: Sequence[Term], joint: str, weight: str = "") -> str:
    return joint.join(_tsquery_term(term, weight) for term in terms)


def _tsquery_term(term: Term, weight: str) -> str:
    flags = "*" * term.is_prefix + weight
    tokens = [f"'{token}'" + (f":{flags}" if flags else "") for token in term.tokens]
    return "(" + (" <-> " if term.is_in_order else " & ").join(tokens) + ")"


def _years_since(now: datetime) -> ColumnElement[float]:
    if on_postgresql():
        years = extract("epoch", literal(now) - Post.published_at) / (365 * 86400.0)
    else:
        years = (func.julianday(now) - func.julianday(Post.published_at)) / 365
    return case((years < 0, 0.0), else_=years)
