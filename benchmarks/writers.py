"""People at work on one post, in pages of the editor that they open, type in, leave and come back to.

Each word they write has a number of its own, so that a word that is lost or doubled can be named.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from blog.merging import Clash, Joined
from blog.models.content import Content, both

WORD = re.compile(r"(?<!\w)zq\d+(?!\w)")
MANY = 9  # sentences, from which on people cut as much as they write


@dataclass
class Page:
    """One page of the editor, as one browser shows it."""

    who: int
    copy: UUID
    base: int
    fields: Content
    taken: tuple[UUID, int] | None = None
    counts: bool = True  # with scripts on
    seq: int = 0
    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    is_dirty: bool = False
    merging: tuple[Joined | Clash, ...] = ()
    deed: str = ""  # to be done once it is settled how the two go together

    def sent(self, deed: str = "", at: Any = None) -> "Sent":
        return Sent(self.who, self.copy, self.base, dict(self.fields), self.taken, self.counts, self.seq,
                    set(self.added), set(self.removed), deed, at)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A form on its way, as it was when its button was pressed."""

    who: int
    copy: UUID
    base: int
    fields: Content
    taken: tuple[UUID, int] | None
    counts: bool
    seq: int
    added: set[str]
    removed: set[str]
    deed: str
    at: Any

    @property
    def typed(self) -> dict[str, str]:
        return {name: ", ".join(value) if name == "tags" else value for name, value in self.fields.items()}


def read_back(typed: dict[str, str]) -> Content:
    """What a page shows of a working copy."""
    return typed | {"tags": [name for name in typed["tags"].split(", ") if name]}


def words_of(content: Content) -> Counter[str]:
    return Counter(WORD.findall("\n".join([content["title"], content["summary"], content["body"], *content["tags"]])))


class Writer:
    """A hand that types something into a page. Which, chance decides."""

    def __init__(self, random: Random, mark: str) -> None:
        self.random, self.mark = random, mark
        self.number = 0

    def fresh(self, page: Page) -> str:
        self.number += 1
        page.added.add(word := f"zq{self.number}")
        return word

    def sentence(self, page: Page) -> str:
        return f"The {self.random.choice(('wind', 'lamp', 'river'))} {self.fresh(page)} goes on."

    def type(self, page: Page) -> None:
        page.is_dirty = True
        ways = {"body": 88, "title": 3, "summary": 3, "tags": 4, "visibility": 1, "slug": 1}
        way = self.random.choices(list(ways), list(ways.values()))[0]
        getattr(self, f"type_{way}")(page)

    def type_title(self, page: Page) -> None:
        self.replace(page, "title", f"Title {self.fresh(page)}")

    def type_summary(self, page: Page) -> None:
        self.replace(page, "summary", f"All about {self.fresh(page)}")

    def type_slug(self, page: Page) -> None:
        self.number += 1
        page.fields["slug"] = f"at-{self.number}-{self.mark}"

    def type_visibility(self, page: Page) -> None:
        page.fields["visibility"] = self.random.choice(("public", "members"))

    def type_tags(self, page: Page) -> None:
        tags = list(page.fields["tags"])
        if len(tags) > 3 or (tags and self.random.random() < 0.3):
            self.forget(page, tags.pop(self.random.randrange(len(tags))))
        else:
            tags.append(self.fresh(page))
        page.fields["tags"] = tags

    def type_body(self, page: Page) -> None:
        parts = [re.split(r"(?<=\.) ", part) for part in page.fields["body"].split("\n\n")]
        size = sum(map(len, parts))
        cut = 45 if size > MANY else 8
        ways = {self.write: 30, self.amend: 25, self.part: 6, self.cut: cut, self.cut_word: 3, self.move: 4}
        self.random.choices(list(ways), list(ways.values()))[0](page, parts)
        page.fields["body"] = "\n\n".join(" ".join(part) for part in parts if part)

    def write(self, page: Page, parts: list[list[str]]) -> None:
        part = self.random.choice(parts)
        part.insert(self.random.randint(0, len(part)), self.sentence(page))

    def amend(self, page: Page, parts: list[list[str]]) -> None:
        part = self.random.choice(parts)
        place = self.random.randrange(len(part))
        words = part[place].split(" ")
        words.insert(self.random.randint(1, max(1, len(words) - 1)), self.fresh(page))
        part[place] = " ".join(words)

    def part(self, page: Page, parts: list[list[str]]) -> None:
        parts.insert(self.random.randint(0, len(parts)), [self.sentence(page)])

    def cut(self, page: Page, parts: list[list[str]]) -> None:
        if sum(map(len, parts)) > 2:
            part = self.random.choice(parts)
            self.forget(page, part.pop(self.random.randrange(len(part))))

    def cut_word(self, page: Page, parts: list[list[str]]) -> None:
        part = self.random.choice(parts)
        place = self.random.randrange(len(part))
        found = WORD.findall(part[place])
        if len(found) > 1:
            gone = self.random.choice(found)
            part[place] = part[place].replace(f"{gone} ", "", 1)
            self.forget(page, gone)

    def move(self, page: Page, parts: list[list[str]]) -> None:
        """Cut and paste."""
        part = self.random.choice(parts)
        moved = part.pop(self.random.randrange(len(part)))
        part = self.random.choice(parts)
        part.insert(self.random.randint(0, len(part)), moved)

    def replace(self, page: Page, name: str, value: str) -> None:
        self.forget(page, page.fields[name])
        page.fields[name] = value

    def forget(self, page: Page, text: str) -> None:
        found = set(WORD.findall(text))
        page.removed |= found
        page.added -= found

    # The page where two changes meet

    def settle(self, page: Page, theirs: Content, in_two_tabs: set[str]) -> set[str]:
        """Decide about each passage. Returns the words that this person has let stand twice."""
        seen: set[str] = set()
        texts = []
        for piece in page.merging:
            if isinstance(piece, Clash):
                sides = " ".join((piece.before, piece.theirs, piece.mine))
                seen |= set(WORD.findall(sides))
                texts.append(chosen := self.choice(piece))
                page.removed |= set(WORD.findall(sides)) - set(WORD.findall(chosen))
            else:
                texts.append(piece.text)
        page.fields["body"] = "".join(texts)
        for name in ("title", "summary"):
            if self.random.random() < 0.5 and page.fields[name] != theirs[name]:
                self.replace(page, name, theirs[name])
            else:
                page.removed |= set(WORD.findall(theirs[name])) - set(WORD.findall(page.fields[name]))
        page.added -= page.removed
        twice = {word for word, times in words_of(page.fields).items() if times > 1}
        return twice & (seen | in_two_tabs)

    def choice(self, clash: Clash) -> str:
        way = self.random.choice(("theirs", "mine", "both", "written"))
        if way != "written":
            return {"theirs": clash.theirs, "mine": clash.mine, "both": both(clash)}[way]
        known = set(WORD.findall(clash.theirs))
        mine = [part for part in re.split(r"(?<=\.) ", clash.mine) if not set(WORD.findall(part)) <= known]
        return both(Clash("", clash.theirs, " ".join(mine))) if mine else clash.theirs
