"""Which of many names is most like another. Cheap: it compares the threes of letters they share."""

from collections import Counter, defaultdict
from collections.abc import Iterable

ALIKE = 0.4  # the share of threes in common from which two names may mean the same


def threes(name: str) -> set[str]:
    padded = f" {name} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


class Names:
    def __init__(self, names: Iterable[str]) -> None:
        self.sizes: dict[str, int] = {}
        self.having: defaultdict[str, list[str]] = defaultdict(list)
        for name in dict.fromkeys(names):
            parts = threes(name)
            self.sizes[name] = len(parts)
            for part in parts:
                self.having[part].append(name)

    def nearest(self, word: str) -> str | None:
        """The name most like this word; None where none is like it."""
        parts = threes(word)
        shared = Counter(name for part in parts for name in self.having.get(part, ()))
        likeness = {name: 2 * number / (len(parts) + self.sizes[name]) for name, number in shared.items()}
        best = max(likeness, key=lambda name: (likeness[name], name), default=None)
        return best if best is not None and likeness[best] >= ALIKE else None
