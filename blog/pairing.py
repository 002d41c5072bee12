"""Which of some paragraphs were rewritten into which of others: those that share the words few others have."""

from collections import Counter, defaultdict

from blog.aligning import longest_rise
from blog.splitting import words

ALIKE = 0.3  # the share of telling words in common from which a paragraph may be another one rewritten
FEW = 12  # a word that more paragraphs have tells nothing about one of them
LOOK = 4_000  # characters of a paragraph that are looked at


def pairs(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Places on both sides that belong together, in an order that runs forward on both."""
    old, new = [_words_of(part) for part in left], [_words_of(part) for part in right]
    having = _telling(old, new)
    weights = [sum(word in having for word in part) for part in new]
    found = []
    for place, part in enumerate(old):
        shared = Counter(other for word in part for other in having.get(word, ()))
        size = sum(word in having for word in part)
        likeness = {other: 2 * number / (size + weights[other]) for other, number in shared.items()}
        best = max(likeness, key=lambda other: (likeness[other], -abs(other - place)), default=None)
        if best is not None and likeness[best] >= ALIKE:
            found.append((place, best))
    return [found[number] for number in longest_rise([other for _, other in found])]


def _words_of(paragraph: str) -> set[str]:
    return {word for word in words(paragraph[:LOOK].casefold()) if word.isalnum()}


def _telling(old: list[set[str]], new: list[set[str]]) -> dict[str, list[int]]:
    """Where on the right each word stands that is in few paragraphs; on the right nowhere, if on the left only."""
    having: defaultdict[str, list[int]] = defaultdict(list)
    for place, part in enumerate(new):
        for word in part:
            having[word].append(place)
    times = Counter(word for part in old for word in part)
    return {
        word: having.get(word, [])
        for word in {*having, *times}
        if times[word] <= FEW and len(having.get(word, ())) <= FEW
    }
