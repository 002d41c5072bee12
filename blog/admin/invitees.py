"""The people an admin wants to invite, as they were pasted: an address a line, perhaps with a name and a role."""

import csv
import re
from dataclasses import dataclass, replace

from blog.forms import is_email
from blog.models import UserRole
from blog.models.invitation import standing_of
from blog.models.user import LONGEST_NAME, lowered
from blog.text import one_line, shows_something

MOST = 1_000
LONGEST_LINE = 1_000
HEADINGS = {"email", "e-mail", "mail", "address", "email address"}
ROLES = {role.value: role for role in UserRole}
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]+)>")  # as mail programs write it


@dataclass(frozen=True)
class Invitee:
    """One line: whom it names, or why it cannot be used; and the link, once there is one."""

    number: int
    written: str
    email: str = ""
    name: str = ""
    role: UserRole = UserRole.viewer
    fault: str = ""
    link: str = ""


def read(text: str, *, role: UserRole) -> list[Invitee]:
    """Everybody named, each with the line it stands on; `role` for those who have none of their own."""
    found: list[Invitee] = []
    seen: dict[str, int] = {}
    for number, line in lines_of(text):
        invitee = read_line(number, line, role)
        if not invitee.fault and invitee.email in seen:
            invitee = replace(invitee, fault=f"stands on line {seen[invitee.email]} already")
        seen.setdefault(invitee.email, number)
        found.append(invitee)
    return found


def lines_of(text: str) -> list[tuple[int, str]]:
    """The lines that say anything, with their numbers, without the headings of a table."""
    written = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    has_headings = bool(written) and cells_of(written[0][1])[0].lower() in HEADINGS
    return written[1:] if has_headings else written


def checked(invitees: list[Invitee]) -> list[Invitee]:
    """The same, those among them marked who are here or invited already."""
    standing = standing_of([invitee.email for invitee in invitees if not invitee.fault])
    return [
        replace(invitee, fault=standing[invitee.email]) if not invitee.fault and invitee.email in standing else invitee
        for invitee in invitees
    ]


def read_line(number: int, line: str, role: UserRole) -> Invitee:
    written = one_line(line)
    if len(line) > LONGEST_LINE:
        return Invitee(number, written[:80] + "…", fault="is too long")
    cells = cells_of(line)
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    name = ""
    if named := _NAMED.fullmatch(cells[0]):
        name, cells[0] = named["name"].strip(' "'), named["email"]
    email, others = lowered(cells[0]), cells[1:]
    if others and (len(others) == 2 or others[-1].lower() in ROLES):
        wanted = others.pop()
        if wanted and wanted.lower() not in ROLES:
            return Invitee(number, written, fault=f"there is no role “{wanted[:40]}”: write viewer, editor or admin")
        role = ROLES.get(wanted.lower(), role)
    name = " ".join(others) or name
    name = name if shows_something(name) else ""
    return Invitee(number, written, email, name, role, fault=fault_of(email, name, others))


def fault_of(email: str, name: str, others: list[str]) -> str:
    if not is_email(email):
        return "is not an email address"
    if len(others) > 1:
        return "has too much in it: write the address, a name and a role"
    return "has a name that is too long" if len(name) > LONGEST_NAME else ""


def cells_of(line: str) -> list[str]:
    """The cells of a line that was typed, or pasted from a spreadsheet or a file."""
    mark = next((mark for mark in "\t;" if mark in line), ",")
    try:
        cells = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [line])
    except csv.Error:
        cells = [line]
    return [one_line(cell) for cell in cells]
