"""A post and the people at it, who do by chance whatever can be done.

It does at the models what the views do with a form: see `posts/saving.py` and `posts/writing.py`.
"""

from datetime import timedelta
from random import Random
from uuid import UUID

from benchmarks.oracle import FIELDS, Oracle
from benchmarks.presses import PRESSES
from benchmarks.writers import Page, Sent, Writer, read_back, words_of
from blog.database import db, utcnow
from blog.models import Revision, StaleError, WorkingCopy, hand_over
from blog.models.content import Content
from blog.models.revising import Saved

DEEDS = {
    "type": 1400, "autosave": 70, "save": 60, "publish": 25, "schedule": 8, "unpublish": 8, "bin": 6, "restore": 6,
    "open": 30, "leave": 8, "back": 25, "again": 15, "late": 15, "late_autosave": 10, "bring_back": 4, "discard": 3,
    "hand_over": 3, "co_authors": 3, "amend": 3,
}  # fmt: skip
AHEAD = timedelta(days=30)


class World(Oracle):
    """What is done, chance says; the oracle remembers it."""

    def __init__(self, random: Random, *, people: int, name: str) -> None:
        super().__init__(random, people=people, name=name)
        self.writer = Writer(random, self.mark)
        self.past: dict[int, Page] = {}  # the page before, to which Back leads
        self.pages: list[Page] = []
        self.sent: list[Sent] = []
        self.autosaved: list[Sent] = []

    def page(self) -> Page:
        if len(self.pages) < len(self.people) or (not self.is_solo and self.random.random() < 0.02):
            taken = {page.who for page in self.pages}
            free = [who for who in self.people if who not in taken]
            return self.open(self.random.choice(free or self.people))
        return self.random.choice(self.pages)

    # The steps

    def step(self) -> None:
        deed = self.random.choices(list(DEEDS), list(DEEDS.values()))[0]
        page = self.page()
        if deed == "type" and not page.merging:
            self.writer.type(page)
            return
        if page.merging and deed in ("type", "autosave", "open", "back", "leave", *PRESSES):
            if deed == "leave":
                self.move_on(page)
            else:
                self.resolve(page)
        elif deed in PRESSES:
            at = utcnow() + AHEAD if deed == "schedule" else None
            self.press(page, deed, at)
        else:
            getattr(self, f"do_{deed}")(page)
        self.check(deed)

    def open(self, who: int, *, instead_of: Page | None = None) -> Page:
        """The newest text: what was typed and not saved, or the newest revision."""
        post, by = self.post(), self.user(who)
        left = WorkingCopy.left(post, by)
        copy = UUID(int=self.random.getrandbits(128))
        counts = self.random.random() < 0.7
        if left and (self.is_solo or self.random.random() < 0.9):
            newest = left[0]
            fields, taken = read_back(newest.typed), (newest.id, newest.version)
            began = {"base": newest.base, "typed": newest.typed, "content": fields}
            WorkingCopy.begin(copy, (post.id, by.id), taken, **began)
            page = Page(who, copy, newest.base, dict(fields), taken, counts)
            if newest.id in self.kept:
                typed = self.kept[newest.id][1]
                page.added, page.removed, page.is_dirty = set(typed.added), set(typed.removed), True
                for other in [other for other in (*self.pages, *self.past.values()) if other.who == who]:
                    self.in_two_tabs |= page.added & set(words_of(other.fields))
        else:
            fields = {name: post.newest[name] for name in FIELDS}
            page = Page(who, copy, post.revision, fields, None, counts)
        db.session.commit()
        if instead_of in self.pages:
            self.pages.remove(instead_of)
        self.pages.append(page)
        return page

    def move_on(self, page: Page) -> None:
        """The page is left for a fresh one; Back leads to it again."""
        self.past[page.who] = page
        self.open(page.who, instead_of=page)

    def do_open(self, page: Page) -> None:
        if not page.is_dirty:
            self.open(page.who, instead_of=page)
            self.past.pop(page.who, None)

    def do_leave(self, page: Page) -> None:
        """By mistake: what was not kept is gone with the page. (In a browser it is still on the device.)"""
        self.open(page.who, instead_of=page)
        self.past.pop(page.who, None)

    def do_back(self, page: Page) -> None:
        before = self.past.pop(page.who, None)
        if before is not None and not page.is_dirty and page.taken is None and page in self.pages:
            self.pages[self.pages.index(page)] = before

    def do_autosave(self, page: Page) -> None:
        if not page.counts:
            return
        page.seq += 1
        sent = page.sent()
        self.autosaved.append(sent)
        if self.autosave(sent) != sent.seq:
            self.fault("broken", f"the autosave {sent.seq} of {sent.copy} was not kept")

    def do_late_autosave(self, _page: Page) -> None:
        if self.autosaved:
            self.autosave(self.autosaved.pop(self.random.randrange(len(self.autosaved))))

    def autosave(self, sent: Sent) -> int:
        post, by = self.post(), self.user(sent.who)
        same = sent.base == post.revision and all(post.newest[name] == sent.fields[name] for name in FIELDS)
        kept = {"base": sent.base, "seq": sent.seq, "typed": sent.typed, "after": sent.taken, "is_same": same}
        seq = WorkingCopy.keep(sent.copy, post, by, **kept)
        if sent.taken and seq == sent.seq:
            self.forget_taken(sent, post, by)
            WorkingCopy.settle(sent.taken, post, by)
        db.session.commit()
        if seq == sent.seq > self.counted.get(sent.copy, -1):
            self.counted[sent.copy] = seq
            began = post.content_at(sent.base) or {}
            if all(began.get(name) == sent.fields[name] for name in FIELDS):  # nothing is typed in it
                self.kept.pop(sent.copy, None)
            elif self.handed.get(sent.copy) != sent.typed or sent.copy in self.kept:  # more than what was saved
                self.kept[sent.copy] = seq, sent
        return seq

    def do_discard(self, page: Page) -> None:
        """Throw away one of the texts that are offered; not the one that stands in the page."""
        post, by = self.post(), self.user(page.who)
        mine = {other.copy for other in self.pages} | {other.taken[0] for other in self.pages if other.taken}
        mine |= {other.copy for other in self.past.values()}
        for left in WorkingCopy.left(post, by):
            if left.id not in mine:
                WorkingCopy.drop(left.id, post, by)
                for memory in (self.kept, self.handed, self.counted):
                    memory.pop(left.id, None)
        db.session.commit()

    # Pressing a button

    def press(self, page: Page, deed: str, at: object = None) -> None:
        page.seq += page.counts
        sent = page.sent(deed, at)
        outcome = self.deliver(sent)
        self.found["saves"] += 1
        if isinstance(outcome, StaleError):
            self.meet(page, sent, outcome)
            return
        page.added, page.removed, page.is_dirty = set(), set(), False
        if self.random.random() < 0.5:
            self.sent.append(sent)
        self.move_on(page)

    def deliver(self, sent: Sent) -> Saved | StaleError | None:
        """What `saved` does. None for a form that comes late."""
        post, by = self.post(), self.user(sent.who)
        copy = WorkingCopy.begun_as(sent.copy, sent.taken, post, by)
        if copy and copy.id == sent.copy and copy.is_past(sent.seq, sent.typed, sent.deed):
            db.session.commit()
            return None
        before, handed = post.revision, dict(sent.fields)
        try:
            outcome = PRESSES[sent.deed](post, sent, by, copy)
            WorkingCopy.hand_in(sent.copy, post, by, seq=sent.seq, content=handed, typed=sent.typed, deed=sent.deed)
            if sent.taken and (taken := self.forget_taken(sent, post, by)):
                WorkingCopy.settle(sent.taken, post, by, content=read_back(taken.typed))
            db.session.commit()
        except StaleError as stale:
            db.session.rollback()
            self.keep_typed(sent)
            return stale
        self.saved(sent, outcome, before, post)
        return outcome

    def keep_typed(self, sent: Sent) -> None:
        post, by = self.post(), self.user(sent.who)
        seq = WorkingCopy.keep(
            sent.copy, post, by, base=sent.base, seq=sent.seq, typed=sent.typed, after=sent.taken, pressed=True
        )
        if sent.taken:
            self.forget_taken(sent, post, by)
            WorkingCopy.settle(sent.taken, post, by)
        db.session.commit()
        left = {copy.id: copy for copy in WorkingCopy.left(post, by)}
        if sent.copy in left and left[sent.copy].typed == sent.typed:
            self.kept[sent.copy] = seq, sent
        self.counted[sent.copy] = seq
        kept = WorkingCopy.of(sent.copy, post, by)
        self.last_kept = (kept.id, kept.version) if kept else None

    def meet(self, page: Page, sent: Sent, stale: StaleError) -> None:
        """The page of the clash."""
        self.found["clashes"] += 1
        self.two_ways |= self.in_two_tabs & set(words_of(sent.fields))
        self.found["false conflicts"] += self.is_solo
        if self.is_solo:
            self.faults.append(f"{self.name}: one person in one tab was told of a conflict: {self.log[-8:]}")
        is_kept = sent.copy in self.kept and self.kept[sent.copy][1].typed == sent.typed
        if not is_kept and self.handed.get(sent.copy) != sent.typed:
            self.fault("lost", "what clashed is in no working copy")
        post = self.post()
        fields, pieces = dict(sent.fields), ()
        if stale.found:
            fields, pieces = {name: stale.found.result[name] for name in FIELDS}, stale.found.pieces
        copy = UUID(int=self.random.getrandbits(128))
        fresh = Page(page.who, copy, post.revision, fields, self.last_kept, page.counts, 0,
                     set(page.added), set(page.removed), True, pieces, page.deed or sent.deed)  # fmt: skip
        if self.last_kept and stale.found:
            began = {"base": post.revision, "typed": fresh.sent().typed, "content": fields}
            WorkingCopy.begin(copy, (post.id, page.who), self.last_kept, is_merged=True, **began)
        db.session.commit()
        self.pages[self.pages.index(page)] = fresh
        self.past[page.who] = page

    def resolve(self, page: Page) -> None:
        self.by_hand |= self.writer.settle(page, self.post().newest, self.in_two_tabs)
        db.session.commit()
        page.merging = ()
        self.press(page, page.deed, utcnow() + AHEAD if page.deed == "schedule" else None)

    def do_again(self, _page: Page) -> None:
        """The same form twice, one after the other."""
        if self.pages and (page := self.random.choice(self.pages)) and not page.merging:
            page.seq += page.counts
            sent = page.sent("save")
            first = self.deliver(sent)
            if isinstance(first, StaleError):
                self.found["saves"] += 1
                self.meet(page, sent, first)
                return
            if second := self.deliver(sent):
                self.fault("broken", f"twice the same submit was not one save: {second}")
            page.added, page.removed, page.is_dirty = set(), set(), False
            self.move_on(page)

    def do_late(self, _page: Page) -> None:
        """A form that was sent before arrives once more, whatever has been done since."""
        if not self.sent:
            return
        sent = self.sent.pop(self.random.randrange(len(self.sent)))
        late = self.deliver(sent)
        self.found["clashes"] += isinstance(late, StaleError)

    # What else is done to a post

    def do_bring_back(self, page: Page) -> None:
        post, by = self.post(), self.user(page.who)
        if self.is_solo and (page.is_dirty or page.taken or WorkingCopy.left(post, by)):
            db.session.commit()
            return  # whoever goes on with an older text over a restored one has two texts
        then = Revision.of(post, self.random.randint(1, post.revision))
        before, after = words_of(post.newest), words_of(then.content)
        base = post.revision
        post.bring_back(then, base=base, by=by)
        self.cut |= set(before) - set(after)
        self.by_hand |= {word for word, times in after.items() if times > 1}
        db.session.commit()
        self.past.pop(page.who, None)
        if not page.is_dirty:
            self.open(page.who, instead_of=page)

    def do_hand_over(self, _page: Page) -> None:
        hand_over(self.post_id, self.random.choice(self.people), by=None)
        db.session.commit()

    def do_co_authors(self, _page: Page) -> None:
        post = self.post()
        others = [self.user(who) for who in self.people if who != post.author_id]
        self.random.shuffle(others)
        post.revise(base=post.revision, by=None, what="co-authors", waits=True, co_authors=others)
        db.session.commit()

    def do_amend(self, _page: Page) -> None:
        """An admin takes a tag off, or puts one on, for readers and in what waits alike."""
        post, name = self.post(), f"tag {self.random.randint(1, 3)}"

        def change(content: Content) -> Content:
            tags = [tag for tag in content["tags"] if tag != name]
            return content | {"tags": tags if len(tags) < len(content["tags"]) else sorted([*tags, name])}

        if self.shown is not None:
            self.shown = change(self.shown)
        post.amend(change, by=None, what="tags merged")
        db.session.commit()
