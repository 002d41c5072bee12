"""What people typed, as something to look for. Bounded, and never an error."""

import re
from dataclasses import dataclass

from blog import folding

LENGTH_LIMIT = 200  # characters considered
TERMS_CONSIDERED = 12
_PART = re.compile(r'(-?)(?:["“”„«»]([^"“”„«»]*)["“”„«»]?|([^\s"“”„«»]+))')


@dataclass(frozen=True)
class Term:
    """A word or a phrase to be found, or to be absent."""

    typed: str
    tokens: tuple[str, ...]  # as they stand in the index
    is_phrase: bool
    is_out: bool

    @property
    def is_prefix(self) -> bool:
        """A single character where words are not parted begins pairs."""
        return len(self.tokens) == 1 and len(self.tokens[0]) == 1 and folding.is_unparted(self.tokens[0])

    @property
    def is_in_order(self) -> bool:
        """Whether the tokens must follow one another; pairs of a word overlap, and each may be looked up by itself."""
        return self.is_phrase or not any(folding.is_unparted(token[0]) for token in self.tokens)


@dataclass(frozen=True)
class Query:
    """What to look for. `typed` is what was considered of it."""

    typed: str
    terms: tuple[Term, ...]
    was_cut: bool = False

    @property
    def wanted(self) -> list[Term]:
        return [term for term in self.terms if not term.is_out]

    @property
    def unwanted(self) -> list[Term]:
        return [term for term in self.terms if term.is_out]

    def __bool__(self) -> bool:
        return bool(self.wanted)


def parse(typed: str) -> Query:
    """The query people mean; false where nothing in it can be looked for."""
    line = " ".join(typed[: LENGTH_LIMIT * 4].split())
    considered = line[:LENGTH_LIMIT]
    found = [_term(*part.groups(default="")) for part in _PART.finditer(considered)]
    terms = list({(term.tokens, term.is_out): term for term in found if term.tokens}.values())  # each once
    cut = len(typed) > LENGTH_LIMIT * 4 or considered != line or len(terms) > TERMS_CONSIDERED
    return Query(considered, tuple(terms[:TERMS_CONSIDERED]), cut)


def _term(minus: str, phrase: str, word: str) -> Term:
    text = phrase or word
    tokens = folding.terms(text).split()
    if len(tokens) > 1 and len(tokens[-1]) == 1 and len(tokens[-2]) == 2 and tokens[-2][1] == tokens[-1]:
        tokens.pop()  # it stands in the index only where a passage ends
    return Term(text, tuple(tokens), is_phrase=bool(phrase), is_out=bool(minus))
