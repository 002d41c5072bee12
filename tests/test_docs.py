"""The documents say what is so: every setting, command and file they name is there, and none is missing."""

import re
from pathlib import Path

import click
import pytest
from flask.cli import FlaskGroup

from config import SETTINGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
FLASKS_OWN = {"run", "shell", "routes", "db"}
ALSO_IN_ENVIRONMENT = {"FLASK_APP"}  # read by Flask itself


def commands(group: click.Group, path: str = "") -> dict[str, click.Command]:
    """Every command below this group, by how it is called."""
    found = {}
    for name, command in group.commands.items():
        inner = f"{path} {name}".strip()
        found |= commands(command, inner) if isinstance(command, click.Group) else {inner: command}
    return found


@pytest.fixture
def flask_commands(app) -> dict[str, click.Command]:
    own = {name for name in app.cli.commands if name not in FLASKS_OWN}
    everything = commands(app.cli) | commands(FlaskGroup(add_default_commands=True))
    return {path: command for path, command in everything.items() if path.split()[0] in own | FLASKS_OWN}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table in this section of the README, without its head."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_every_setting_stands_in_the_readme_with_its_default():
    told = {name: default for name, default, _meaning in rows("Settings")}
    assert told == {f"`{one.name}`": f"`{one.default}`" if one.default else "not set" for one in SETTINGS}


def test_every_command_of_ours_stands_in_the_readme(flask_commands):
    told = [row[0] for row in rows("Commands")]
    ours = [path for path in flask_commands if path.split()[0] not in FLASKS_OWN]
    assert ours
    assert not [path for path in ours if not any(f"flask {path}" in call for call in told)]


def test_every_command_in_the_readme_exists_and_takes_what_it_shows(flask_commands):
    for call in re.findall(r"flask ([a-z][^`\n']*)", README):
        words = call.split()
        path = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in flask_commands), None)
        assert path, f"there is no command flask {call}"
        options = {name for option in flask_commands[path].params for name in option.opts}
        assert not [word for word in words if word.startswith("--") and word not in options], call


def test_every_target_of_make_stands_in_the_readme_and_no_other():
    targets = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    told = set(re.findall(r"`make ([a-z]+)`", "".join(row[0] for row in rows("Commands"))))
    assert told == targets
    assert set(re.findall(r"\bmake ([a-z-]+)[`\n]", README)) <= targets
    assert all(re.search(rf"^{target}:", MAKEFILE, re.MULTILINE) for target in targets)


def test_the_example_of_an_environment_names_only_settings():
    lines = (ROOT / "deploy/masthead.env.example").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    assert names <= {one.name for one in SETTINGS} | ALSO_IN_ENVIRONMENT


@pytest.mark.parametrize(
    "document",
    ["README.md", "DECISIONS.md", "CHANGELOG.md", "docs/measurements.md", "docs/mail.md", "docs/accounts.md"],
)
def test_every_file_a_document_links_to_is_there(document):
    path = ROOT / document
    for link in re.findall(r"\]\(([^)#]+)", path.read_text()):
        assert "://" in link or (path.parent / link).exists(), link


def test_the_changelog_begins_with_what_is_not_yet_released():
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[:1] == ["Unreleased"]


def test_every_decision_has_its_date_and_its_cost():
    decisions = re.findall(
        r"^\*\*(.*?)\*\*(.*?)(?=^\*\*|\Z)", (ROOT / "DECISIONS.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert decisions
    for title, text in decisions:
        assert re.match(r"\d{4}-\d\d-\d\d · \w", title)
        assert re.search(r"\bcosts?\b", text), title
