"""Which Masthead this is."""

import re
from functools import cache
from pathlib import Path

VERSION = "0.5.0"
ROOT = Path(__file__).parents[1]


@cache
def commit() -> str:
    """The commit that is checked out, in short; empty where that cannot be known. Asked once: a process runs one."""
    try:
        return commit_in(ROOT / ".git")[:12]
    except OSError:
        return ""


def commit_in(git: Path) -> str:
    """Read by hand, because a server need not have the program."""
    if git.is_file():  # a second working tree says where its own is
        git = (git.parent / git.read_text().partition(":")[2].strip()).resolve()
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    common = git / (git / "commondir").read_text().strip() if (git / "commondir").exists() else git
    if (common / name).exists():
        return (common / name).read_text().strip()
    packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", (common / "packed-refs").read_text(), re.MULTILINE)
    return packed[1] if packed else ""
