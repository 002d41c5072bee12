"""Every address, method, person and state of a post: who is let in, who is not, and who gets to know what."""

import re
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass
from itertools import product
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from rights import OF_POSTS, PLAIN, SHOWS_THE_POST, Answer, Line, Part, Person, State, lines, may_know
from rights_world import World, the_world, word

from blog.database import db as the_db

HOLE = re.compile(r"<(?:[^:<>]+(?:\([^)]*\))?:)?(\w+)>")
SECRET = re.compile("zq[a-z]+qz")
SECRETS = {word(state, part): (state, part) for state, part in product(State, Part)}
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
NOTED_IN_PASSING = {"login_sessions", "presences", "throttles"}  # which a refusal may write as well
SENT = {
    "title": "Anew",
    "body": "Other words.",
    "words": "Fine.",
    "verdict": "approved",
    "shows": "saved",
    "days": "3",
    "email": "nobody@example.com",
    "uid": str(uuid4()),
}


@dataclass(frozen=True)
class Cell:
    """One question to the table, or to the blog."""

    line: Line
    who: Person
    state: State | None

    @property
    def expected(self) -> set[Answer]:
        return self.line.rule(self.who, self.state or State.draft)

    @property
    def shows_the_post(self) -> bool:
        return self.line.address in SHOWS_THE_POST and self.line.method == "GET"


def cells(table: str) -> Iterator[Cell]:
    states = State if table is OF_POSTS else [None]
    for line, who, state in product(lines(table), Person, states):
        if state is None or who is not Person.late_admin:  # nothing that is done to a post asks for proof
            yield Cell(line, who, state)


def all_addresses(app) -> set[tuple[str, str]]:
    return {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}


class Asking:
    """Asks the blog, and takes back whatever that has changed."""

    def __init__(self, app, world: World) -> None:
        self.app, self.world = app, world
        self.client = FlaskClient(app, app.response_class, use_cookies=False)
        self.connection = the_db.engines[None]
        self.written: set[str] = set()

    def path(self, cell: Cell) -> str:
        holes = self.world.holes | self.world.of_address.get(cell.line.address, {})
        holes |= self.world.of_post[cell.state] if cell.state else {}
        return HOLE.sub(lambda hole: str(holes[hole[1]]), cell.line.address)

    def __call__(self, cell: Cell):
        cookie = self.world.cookies.get(cell.who)
        headers = {"Cookie": f"{self.app.config['SESSION_COOKIE_NAME']}={cookie}"} if cookie else {}
        asked = {"method": cell.line.method, "headers": headers}
        if cell.line.method == "POST":  # refusals in a word: the pages of errors take longer, and GET sees enough
            headers["Accept"] = "application/json"
            asked["data"] = SENT | {"base": self.world.of_post[cell.state]["number"]} if cell.state else {}
        self.written.clear()
        with self.connection.begin_nested() as attempt:
            answer = Context().run(self.client.open, self.path(cell), buffered=True, **asked)
            attempt.rollback()
        return answer

    def read(self, path: str, **asked):
        """The answer, whole: some are still being made when they begin."""
        with self.client.open(path, **asked) as answer:
            answer.get_data()
        return answer

    def note(self, _connection, _cursor, statement, *_rest) -> None:
        if found := WRITES.match(statement):
            self.written.add(found[1])


@pytest.fixture
def ask(app, db):
    asking = Asking(app, the_world(app))
    sa.event.listen(sa.Engine, "before_cursor_execute", asking.note)
    yield asking
    sa.event.remove(sa.Engine, "before_cursor_execute", asking.note)


def what_became(answer, cell: Cell) -> Answer:
    where = answer.location or ""
    if where.startswith("/auth/proof") or answer.data == b'{"error":"proof"}\n':
        return Answer.proof
    if where == "/auth/account/factors" and Answer.enrol in cell.expected:  # which is where some acts end, too
        return Answer.enrol
    if answer.status_code == 401 or where.startswith("/auth/login"):
        return Answer.sign_in
    by_code = {403: Answer.forbidden, 404: Answer.missing, 410: Answer.gone}
    return by_code.get(answer.status_code, Answer.open)


def faults(ask: Asking, cell: Cell) -> list[str]:
    answer = ask(cell)
    path, became = ask.path(cell), what_became(answer, cell)
    found = []
    if answer.status_code >= 500 or became not in cell.expected:
        found.append(f"answered {answer.status_code}, expected {' or '.join(cell.expected)}")
    noted = NOTED_IN_PASSING | ({"audit_entries"} if became is Answer.forbidden else set())  # the log tells of it
    if became is not Answer.open and (written := ask.written - noted):
        found.append(f"refused, and yet wrote {written}")
    told = {SECRETS[secret] for secret in SECRET.findall(answer.get_data().decode(errors="replace"))}
    found += [f"tells the {part} of {state}" for state, part in told if not may_know(cell.who, state, part, path)]
    if cell.shows_the_post and answer.status_code == 200 and not {(cell.state, part) for part in Part} & told:
        found.append("is blank")
    return [f"{cell.line.method} {path} by {cell.who}: {fault}" for fault in found]


def test_every_address_stands_in_the_table_of_rights_once(app):
    table = [(line.method, line.address) for line in lines(PLAIN) + lines(OF_POSTS)]
    assert sorted(table) == sorted(all_addresses(app))


@pytest.mark.parametrize("table", [PLAIN, OF_POSTS], ids=["plain", "posts"])
def test_every_person_is_answered_as_the_table_of_rights_says(ask, table, record_property):
    asked = list(cells(table))
    record_property("cells", len(asked))
    found = [fault for cell in asked for fault in faults(ask, cell)]
    assert not found, "\n".join(found)
