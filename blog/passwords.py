"""How good a password is: why one is refused, in words for whoever chose it. Pure functions."""

from collections.abc import Iterable
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

ALONE, WITH_FACTOR, LONGEST = 15, 8, 128  # characters; the second where a second factor is asked for as well
ENOUGH = 8  # characters, of what is left when all that is easy to guess is taken away
FRESH = 6  # of them, of a password that is made of runs
DIFFERENT = 5
RUN = 3  # characters that follow one another are a run from here on
ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm")
COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol", "0p")


def fault(password: str, *, shortest: int = ALONE, names: Iterable[str] = ()) -> str:
    """Why this is no good password; empty where it is one. `names` are those anybody would try first.

    No rules of composition: any characters, and only what guessing programs try first is refused.
    """
    if not shortest <= len(password) <= LONGEST:
        return f"Use from {shortest} to {LONGEST} characters; this has {len(password)}."
    plain = password.casefold()
    if len(set(plain)) < DIFFERENT:
        return "This repeats a few characters; use more different ones."
    if plain in commonest():
        return "This is one of the passwords that everybody tries first. Choose another."
    if (unit := _unit(plain)) != plain and len(unit) < ENOUGH:
        return f"Too easy to guess: it only repeats “{unit}”."
    if core := _common_core(plain):
        return f"Too easy to guess: it is little more than “{core}”, which everybody tries first."
    if _fresh(plain) < FRESH:
        return "Too easy to guess: it is little more than a run of keys or letters."
    if word := _only_names(plain, names):
        return f"Too easy to guess: it is little more than “{word}”."
    return ""


@cache
def commonest() -> frozenset[str]:
    """The commonest passwords of all that have leaked, thirty thousand of them."""
    return frozenset(word.casefold() for word in FREQUENCY_LISTS["passwords"])


def _common_core(password: str) -> str:
    """The common password that it only pads with digits and signs, or repeats."""
    core = password.strip("".join({char for char in password if not char.isalpha()}))
    if len(password) - len(core) >= ENOUGH:
        return ""
    return next((one for one in (_unit(password), core, _unit(core)) if len(one) > 3 and one in commonest()), "")


def _unit(password: str) -> str:
    """The shortest beginning of which the whole is made by repeating it; the last time perhaps not to its end."""
    for length in range(1, len(password) // 2 + 1):
        if password == (password[:length] * (len(password) // length + 1))[: len(password)]:
            return password[:length]
    return password


def _fresh(password: str) -> int:
    """How many characters there are once every run counts as one; also of two runs that are shuffled together."""
    return min(_starts(password), _starts(password[::2]) + _starts(password[1::2]))


def _starts(password: str) -> int:
    number = place = 0
    while place < len(password):
        end = place + 1
        for follows in (_after, _before, _same):
            last = place
            while last + 1 < len(password) and follows(password[last], password[last + 1]):
                last += 1
            end = max(end, last + 1)
        place = end if end - place >= RUN else place + 1
        number += 1
    return number


def _after(one: str, other: str) -> bool:
    return ord(other) - ord(one) == 1 or one + other in _neighbours()


def _before(one: str, other: str) -> bool:
    return _after(other, one)


def _same(one: str, other: str) -> bool:
    return one == other


@cache
def _neighbours() -> frozenset[str]:
    return frozenset(line[n : n + 2] for line in ROWS + COLUMNS for n in range(len(line) - 1))


def _only_names(password: str, names: Iterable[str]) -> str:
    """The first of these names in it, where little is left without all of them."""
    words = {
        part.casefold() for name in names for part in (name, name.replace(" ", ""), *name.split()) if len(part) > 3
    }
    rest, found = password, ""
    for word in sorted(words, key=lambda word: (-len(word), word)):
        if word in rest:
            rest, found = rest.replace(word, ""), found or word
    return found if len(rest) < ENOUGH else ""
