"""A post, the people at it, and a memory of its own of what must have come of all they did.

It does at the models what the views do with a form: see `posts/saving.py` and `posts/writing.py`.
"""

from collections import Counter
from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from benchmarks.writers import Page, Sent, Writer, read_back, words_of
from blog.database import db, utcnow
from blog.models import Post, Revision, StaleError, User, UserRole, WorkingCopy, hand_over
from blog.models.content import CONTENT, Content
from blog.models.revising import Saved

FIELDS = [name for name in CONTENT if name != "featured"]  # which is for admins
DEEDS = {
    "type": 1400, "autosave": 70, "save": 60, "publish": 25, "schedule": 8, "unpublish": 8, "bin": 6, "restore": 6,
    "open": 30, "leave": 8, "back": 25, "again": 15, "late": 15, "late_autosave": 10, "bring_back": 4, "discard": 3,
    "hand_over": 3, "co_authors": 3, "amend": 3,
}  # fmt: skip
AHEAD = timedelta(days=30)


class World:
    """What is done, chance says; `found` counts it, and what was wrong."""

    def __init__(self, random: Random, *, people: int, name: str) -> None:
        self.random, self.name = random, name
        self.mark = f"{name}-{random.getrandbits(40):x}".replace("/", "-")
        self.writer = Writer(random, self.mark)
        self.found: Counter[str] = Counter()
        self.faults: list[str] = []
        self.log: list[str] = []
        self.written: set[str] = set()  # acknowledged as saved
        self.cut: set[str] = set()  # by somebody's hand
        self.by_hand: set[str] = set()  # doubled by a choice on the page of a clash
        self.in_two_tabs: set[str] = set()  # before it was saved; on the page of a clash both are seen
        self.two_ways: set[str] = set()  # the same words of one person in two tabs, of which one met others' changes
        self.kept: dict[UUID, tuple[int, Sent]] = {}  # the working copies there must be
        self.counted: dict[UUID, int] = {}  # how far each page has come
        self.handed: dict[UUID, dict[str, str]] = {}  # what each has saved last
        self.shown: Content | None = None  # what readers must see
        self.pages: list[Page] = []
        self.past: dict[int, Page] = {}  # the page before, to which Back leads
        self.sent: list[Sent] = []
        self.autosaved: list[Sent] = []
        self.is_solo = people == 1
        self.people = self.begin(people)

    def begin(self, people: int) -> list[int]:
        mark = self.mark
        team = [User(name="Writer", handle=f"w{n}-{mark}", email=f"w{n}-{mark}@example.com", role=UserRole.editor)
                for n in range(people)]  # fmt: skip
        db.session.add_all(team)
        db.session.flush()
        body = "Once there was a tower. It had a clock.\n\nNobody knew why. It stood still."
        post = Post.start(team[0], by=team[0], title="The tower", slug=f"tower-{mark}", body=body)
        post.co_authors = team[1:]
        db.session.commit()
        self.post_id = post.id
        return [user.id for user in team]

    # What is there

    def post(self) -> Post:
        found = select(Post).where(Post.id == self.post_id).options(undefer(Post.body), undefer(Post.html))
        return db.session.scalars(found.with_for_update(of=Post)).one()

    def user(self, who: int) -> User:
        return db.session.get_one(User, who)

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

    def forget_taken(self, sent: Sent, post: Post, by: User) -> WorkingCopy | None:
        """What a page took over is its own business from now on. Returns that copy, if it is as it was."""
        taken = WorkingCopy.of(sent.taken[0], post, by) if sent.taken else None
        if taken and sent.taken == (taken.id, taken.version):
            self.kept.pop(taken.id, None)
            return taken
        return None

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

    def saved(self, sent: Sent, outcome: Saved, before: int, post: Post) -> None:
        self.found["joined"] += bool(outcome and outcome.found and outcome.found.theirs)
        self.written |= sent.added
        self.cut |= sent.removed
        newer = self.kept.get(sent.copy)
        if newer is None or newer[0] <= sent.seq or newer[1].typed == sent.typed:
            self.kept.pop(sent.copy, None)
            self.handed[sent.copy] = sent.typed
        self.counted[sent.copy] = max(sent.seq, self.counted.get(sent.copy, 0))
        if post.revision != before + bool(outcome):
            self.fault("broken", f"revision {post.revision} after {before}")
        if sent.deed in ("publish", "schedule"):
            self.shown = post.newest

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

    # What must be so

    def fault(self, kind: str, words: str) -> None:
        self.found[kind] += 1
        self.faults.append(f"{self.name}: {words}; after {self.log[-12:]}")

    def check(self, deed: str) -> None:
        post = self.post()
        self.log.append(f"{deed} {post.revision}")
        newest = post.newest
        there = words_of(newest)
        if lost := self.written - self.cut - set(there):
            self.fault("lost", f"lost {lost} of {newest['body']!r}")
            self.written -= lost
        doubled = {word for word, times in there.items() if times > 1} - self.by_hand - self.cut
        self.found["kept from two tabs"] += len(doubled & self.two_ways)
        self.by_hand |= doubled & self.two_ways
        if doubled := doubled - self.two_ways:
            self.fault("doubled", f"doubled {doubled} in {newest['body']!r}")
            self.by_hand |= doubled
        shown = self.shown if post.is_dated else newest
        if post.content != shown:
            self.fault("broken", f"readers see {post.content}, not {shown}")
            self.shown = post.content
        db.session.commit()

    def check_all(self) -> None:
        numbers = db.session.scalars(select(Revision.number).where(Revision.post_id == self.post_id))
        post = self.post()
        if sorted(numbers) != list(range(1, post.revision + 1)):
            self.fault("broken", "a revision is missing")
        then = Revision.of(post, post.revision)
        if then is None or then.content != post.newest:
            self.fault("broken", "the newest revision is not the newest text")
        rows = select(WorkingCopy).where(WorkingCopy.post_id == post.id, WorkingCopy.is_unsaved)
        unsaved = {copy.id: copy.typed for copy in db.session.scalars(rows)}
        for copy, (_, sent) in self.kept.items():
            if unsaved.get(copy) != sent.typed:
                self.fault("lost", f"the working copy {copy} is {unsaved.get(copy)}, not {sent.typed}")
        db.session.commit()


def save(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.revise(base=sent.base, by=by, waits=True, copy=copy, **sent.fields)


def publish(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.publish(base=sent.base, by=by, at=sent.at, copy=copy, **sent.fields)


def unpublish(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.unpublish(base=sent.base, by=by, copy=copy, **sent.fields)


def put_in_bin(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.bin(base=sent.base, by=by, copy=copy, **sent.fields)


def restore(post: Post, sent: Sent, by: User, copy: WorkingCopy | None) -> Saved:
    return post.restore(base=sent.base, by=by, copy=copy, **sent.fields)


PRESSES = {
    "save": save, "publish": publish, "schedule": publish, "unpublish": unpublish, "bin": put_in_bin,
    "restore": restore,
}  # fmt: skip
