"""Every test and file that docs/asvs.md names is there: what it says is met is not met by a name alone."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
ASVS = (TESTS.parent / "docs/asvs.md").read_text()


def test_every_test_it_names_exists():
    named = re.findall(r"`((?:web/|domain/|browser/)?test_\w+\.py)(?:::(\w+))?`", ASVS)
    assert len(named) > 100
    files = {name: (TESTS / name).read_text() if (TESTS / name).is_file() else "" for name, _ in named}
    missing = [(name, test) for name, test in named if not files[name] or (test and f"def {test}(" not in files[name])]
    assert not missing


def test_every_other_file_it_names_exists():
    named = re.findall(r"`((?:blog|deploy|tests)/[\w./]+|[\w.]+\.(?:toml|txt))`", ASVS)
    assert named
    assert not [name for name in named if not (TESTS.parent / name).exists()]


def test_no_requirement_stands_there_twice_and_each_has_an_answer():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in ASVS.splitlines() if re.match(r"\| \d", line)
    ]
    assert not [row for row in rows if len(row) != 4 or not all(row)]
    numbers = [row[0] for row in rows]
    assert len(numbers) == len(set(numbers))
