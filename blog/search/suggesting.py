"""The nearest word, when nothing is found.

Candidates come from all the words of the index; each is tried as a search of this very reader before it is shown, so
that no word of a text they may not read is ever suggested.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, column, literal, select, table, union_all

from blog.database import db
from blog.models import Anonymous, Can, Post, User
from blog.search.matching import any_match, on_postgresql
from blog.search.query import Query, Term

SHORTEST, LONGEST = 3, 30  # letters of a word worth correcting
WORDS_CORRECTED = 3
NEAR_ENOUGH = 2  # letters
LOOKED_AT = 1500  # words that begin alike
TRIED = 8  # candidates for each word


def suggestion(posts: Select[Post], query: Query, reader: User | Anonymous) -> str | None:
    """The query with one word put right, such that this reader finds something by it."""
    doubtful = [term for term in query.wanted if _can_be_corrected(term)][:WORDS_CORRECTED]
    if not doubtful:
        return None
    known = _words_near([term.tokens[0] for term in doubtful], reader)
    tries = [_corrected(query, term, word) for term in doubtful for word in _nearest(term.tokens[0], known)]
    if not tries:
        return None
    asked = union_all(
        *(select(literal(n).label("n")).where(any_match(posts, one, reader)) for n, one in enumerate(tries))
    ).order_by("n")
    first = db.session.scalars(asked.limit(1)).first()
    return None if first is None else tries[first].typed


def _can_be_corrected(term: Term) -> bool:
    return len(term.tokens) == 1 and SHORTEST <= len(term.tokens[0]) <= LONGEST


def _corrected(query: Query, wrong: Term, word: str) -> Query:
    right = replace(wrong, typed=word, tokens=(word,))
    return Query(
        query.typed.replace(wrong.typed, word, 1), tuple(right if term is wrong else term for term in query.terms)
    )


def _words_near(typed: Iterable[str], reader: User | Anonymous) -> set[str]:
    """Words of the index that begin as one of these does, or differ from it by one letter anywhere.

    For strangers, words of members' texts are not among them: by crowding out others they would tell of themselves.
    """
    parts = []
    for words in _vocabularies(for_members=reader.can(Can.READ_MEMBERS)):
        for one in typed:
            start = one[: max(2, len(one) // 2)]
            alike = words.where(column("word") >= start, column("word") < start + "\U0010ffff").limit(LOOKED_AT)
            parts += [select(alike.subquery()), words.where(column("word").in_(one_letter_off(one)))]
    return set(db.session.scalars(union_all(*parts)))


def _vocabularies(*, for_members: bool) -> list[Select[Any]]:
    """The words this reader may be offered, as tables with one column, `word`."""
    if on_postgresql():
        words: Select[Any] = select(column("word")).select_from(table("search_words"))
        return [words if for_members else words.where(column("is_open"))]
    names = ("search_open_words", "search_members_words") if for_members else ("search_open_words",)
    known = [select(column("term").label("word")).select_from(table(name)).subquery() for name in names]
    return [select(column("word")).select_from(words) for words in known]


def one_letter_off(word: str) -> set[str]:
    """All that one slip of the finger might have meant: a letter left out, put in, exchanged or swapped."""
    letters = set(word) | {chr(ord(letter) + n) for letter in word[:1] for n in range(-1, 2)}
    letters |= set("abcdefghijklmnopqrstuvwxyz") if word.isascii() else set()
    parts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    fewer = {start + end[1:] for start, end in parts if end}
    swapped = {start + end[1] + end[0] + end[2:] for start, end in parts if len(end) > 1}
    other = {start + letter + end[1:] for start, end in parts if end for letter in letters}
    more = {start + letter + end for start, end in parts for letter in letters}
    return (fewer | swapped | other | more) - {word, ""}


def _nearest(word: str, known: set[str]) -> list[str]:
    near = [(distance(word, other), abs(len(word) - len(other)), other) for other in known if other != word]
    allowed = 1 if len(word) < 5 else NEAR_ENOUGH  # in a short word two letters are too many
    return [other for far, _, other in sorted(near) if far <= allowed][:TRIED]


def distance(one: str, other: str) -> int:
    """Letters to change, add, leave out or swap; just more than NEAR_ENOUGH where it is more."""
    if abs(len(one) - len(other)) > NEAR_ENOUGH:
        return NEAR_ENOUGH + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, start=1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
        if min(row) > NEAR_ENOUGH:
            return NEAR_ENOUGH + 1
    return row[-1]
