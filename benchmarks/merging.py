"""Merging and comparing texts: `python -m benchmarks.merging`. Medians on this machine; see docs/measurements.md."""

import random
import time
from collections.abc import Callable
from statistics import median

from blog.comparing import side_by_side
from blog.merging import merge_text

chance = random.Random(4)
WORDS = [f"word{number}" for number in range(4_000)]


def a_text(words: int) -> str:
    """Paragraphs of about ninety words, in sentences of thirteen."""
    paragraphs = []
    for _ in range(words // 90):
        chosen = chance.choices(WORDS, k=90)
        chosen[12::13] = [f"{word}." for word in chosen[12::13]]
        paragraphs.append(" ".join(chosen) + ".")
    return "\n\n".join(paragraphs) + "\n"


def edited(text: str, edits: int, name: str) -> str:
    words = text.split(" ")
    for number in chance.sample(range(len(words)), edits):
        words[number] = f"{name}{number}"
    return " ".join(words)


def milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(9):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def main() -> None:
    for words in (5_000, 50_000):
        base = a_text(words)
        for kind, edits in (("a few edits", 5), ("edits all over", words // 25)):
            theirs, mine = edited(base, edits, "theirs"), edited(base, edits, "mine")
            merging = milliseconds(lambda: merge_text(base, theirs, mine))
            comparing = milliseconds(lambda: side_by_side(base, mine))
            print(f"{words:>6,} words, {kind:<15} merge {merging:>6.1f} ms, compare {comparing:>6.1f} ms")


if __name__ == "__main__":
    main()
