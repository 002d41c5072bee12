"""What must have come of all that was done to a post: a memory of its own, held against the database."""

from collections import Counter
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from benchmarks.writers import Sent, words_of
from blog.database import db
from blog.models import Post, Revision, User, UserRole, WorkingCopy
from blog.models.content import CONTENT, Content
from blog.models.revising import Saved

FIELDS = [name for name in CONTENT if name != "featured"]  # which is for admins


class Oracle:
    """`found` counts what was done, and what was wrong; `faults` tells of that."""

    def __init__(self, random: Random, *, people: int, name: str) -> None:
        self.random, self.name = random, name
        self.mark = f"{name}-{random.getrandbits(40):x}".replace("/", "-")
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

    # What is remembered

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

    def forget_taken(self, sent: Sent, post: Post, by: User) -> WorkingCopy | None:
        """What a page took over is its own business from now on. Returns that copy, if it is as it was."""
        taken = WorkingCopy.of(sent.taken[0], post, by) if sent.taken else None
        if taken and sent.taken == (taken.id, taken.version):
            self.kept.pop(taken.id, None)
            return taken
        return None

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
