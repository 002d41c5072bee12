"""The block of facts on top of a post: YAML, TOML or JSON, read without trusting it."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import yaml

from blog.transfer.wording import cleaned

LONGEST = 64 * 1024  # characters; the YAML reader is slow, and no honest front matter comes near
DEEPEST = 20
MENDS = 12

_OPENING = re.compile(r"(---|\+\+\+)(yaml|toml|json)?[ \t]*(?:\n|\Z)")
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}
_KEY_LINE = re.compile(r"[A-Za-z_][\w.-]*[ \t]*[:=]")
_PLAIN_ENTRY = re.compile(r"([A-Za-z_][\w-]*):[ \t]+([^\s\[{|>&!#].*?)[ \t]*")
_ALIAS = re.compile(r"\*[\w-]+")
_IMPOSSIBLE = "it holds an impossible number"
_INDENTED = re.compile(r"([ \t]*)(.*)")
_NULLS = ("", "~", "null", "Null", "NULL")


class BrokenFrontMatter(Exception):
    """The text says where the front matter is broken, and how."""


@dataclass(slots=True)
class FrontMatter:
    values: dict[str, Any]
    body: str
    kind: str = ""  # "yaml", "toml", "json"; empty where a file has no front matter
    changes: list[str] = field(default_factory=list)


class _Loader(yaml.BaseLoader):
    """Every scalar stays text, so that no date loses its zone, no `1.10` its zero and no `no` its letters."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):  # a few lines of aliases can unfold into gigabytes
            raise self.stopped("aliases are not read")
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.stopped("it is nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def stopped(self, problem: str) -> yaml.MarkedYAMLError:
        parser: Any = self
        return yaml.MarkedYAMLError(problem=problem, problem_mark=parser.peek_event().start_mark)

    def construct_scalar(self, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _NULLS:
            return None
        return super().construct_scalar(node)


def split(text: str) -> FrontMatter:
    """The facts and the body beneath them. Raises BrokenFrontMatter; a file without any gives no facts."""
    if text.startswith("{"):
        return _json_on_top(text)
    opening = _OPENING.match(text)
    if not opening:
        return FrontMatter({}, text)
    closing = _CLOSING[opening[1]].search(text, opening.end())
    if not closing:
        return _unclosed(text, opening.end())
    return _between(text, opening, closing)


def read_mapping(text: str) -> dict[str, Any]:
    """A whole YAML file of facts, such as a list of authors; empty if it is anything else."""
    try:
        values = _yaml(text)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return {}
    return tidied(values) if isinstance(values, dict) else {}


def tidied(value: Any, depth: int = 0) -> Any:
    """Facts with small keys and clean texts, and every other scalar as the text it was written as."""
    if depth > DEEPEST:
        raise BrokenFrontMatter("it is nested too deeply")
    if isinstance(value, dict):
        return {cleaned(str(key)).strip().lower(): tidied(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [tidied(inner, depth + 1) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    return cleaned(value.isoformat() if isinstance(value, date | datetime | time) else str(value))


def _between(text: str, opening: re.Match[str], closing: re.Match[str]) -> FrontMatter:
    kind = opening[2] or ("toml" if opening[1] == "+++" else "yaml")
    block = text[opening.end() : closing.start()]
    if len(block) > LONGEST:
        raise BrokenFrontMatter(f"it is longer than {LONGEST // 1024} KB")
    changes: list[str] = []
    values = _READERS[kind](block, changes)
    if values is None:
        values = {}
    if not isinstance(values, dict):  # two rules across the page with prose between them
        return FrontMatter({}, text)
    return FrontMatter(tidied(values), text[closing.end() :].lstrip("\n"), kind, changes)


def _unclosed(text: str, start: int) -> FrontMatter:
    if _KEY_LINE.match(text, start):
        raise BrokenFrontMatter("line 1 opens it, but no line closes it")
    return FrontMatter({}, text)


def _json_on_top(text: str) -> FrontMatter:
    try:
        values, end = json.JSONDecoder(strict=False).raw_decode(text[: 2 * LONGEST])
    except json.JSONDecodeError as error:
        if re.match(r"\{\s*(?:\"|\Z)", text):
            raise BrokenFrontMatter(f"line {error.lineno}: {error.msg}") from None
        return FrontMatter({}, text)  # a template tag or an attribute list, not JSON
    except (ValueError, RecursionError):
        raise BrokenFrontMatter(f"it is nested too deeply, or {_IMPOSSIBLE}") from None
    return FrontMatter(tidied(values), text[end:].lstrip(), "json")


def _read_json(block: str, changes: list[str]) -> Any:
    return _json_on_top(block.strip()).values


def _read_toml(block: str, changes: list[str]) -> Any:
    try:
        return tomllib.loads(block)
    except RecursionError:
        raise BrokenFrontMatter("it is nested too deeply") from None
    except ValueError as error:
        where = re.search(r"\(at line (\d+), column \d+\)", str(error))
        problem = re.sub(r" \(at .*\)$", "", str(error)) if isinstance(error, tomllib.TOMLDecodeError) else _IMPOSSIBLE
        raise BrokenFrontMatter((f"line {int(where[1]) + 1}: " if where else "") + problem) from None


def _read_yaml(block: str, changes: list[str]) -> Any:
    lines = block.split("\n")
    for _ in range(MENDS):
        try:
            return _yaml("\n".join(lines))
        except yaml.MarkedYAMLError as error:
            if not _mend(lines, error, changes):
                raise BrokenFrontMatter(_told(error)) from None
        except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
            raise BrokenFrontMatter(str(error).split("\n")[0] or "it is nested too deeply") from None
    raise BrokenFrontMatter("too many of its lines are broken")


def _yaml(text: str) -> Any:
    loader = _Loader(text[: 8 * LONGEST])
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _mend(lines: list[str], error: yaml.MarkedYAMLError, changes: list[str]) -> bool:
    """Mend the line that YAML stumbled over, where it can only have meant one thing."""
    number = error.problem_mark.line if error.problem_mark else len(lines)
    if number >= len(lines):
        return False
    return _without_tabs(lines, number, changes) or _quoted(lines, number, changes)


def _without_tabs(lines: list[str], number: int, changes: list[str]) -> bool:
    indent, text = _INDENTED.fullmatch(lines[number]).groups()  # type: ignore[union-attr]  # it fits every line
    mended = indent.replace("\t", "  ") + text.rstrip()
    if mended == lines[number] or "\t" not in lines[number]:
        return False
    lines[number] = mended
    changes.append(f"tabs in line {number + 2} of the front matter were read as spaces")
    return True


def _quoted(lines: list[str], number: int, changes: list[str]) -> bool:
    """A text with a colon or a quotation mark that nobody put in quotes."""
    entry = _PLAIN_ENTRY.fullmatch(lines[number])
    if not entry or _ALIAS.fullmatch(entry[2]):
        return False
    text = entry[2]
    if text[0] in "\"'" and text[-1] == text[0] and len(text) > 1:
        text = text[1:-1].replace("\\" + text[0], text[0])
    mended = f"{entry[1]}: '{text.replace(chr(39), chr(39) * 2)}'"
    if mended == lines[number] or _goes_on(lines, number):
        return False
    lines[number] = mended
    changes.append(f"line {number + 2} of the front matter was broken YAML and was read as plain text")
    return True


def _goes_on(lines: list[str], number: int) -> bool:
    return number + 1 < len(lines) and bool(re.match(r"[ \t]+\S", lines[number + 1]))


def _told(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 2}: " if mark else ""
    return where + (error.problem or error.context or "it cannot be read")


_READERS: dict[str, Callable[[str, list[str]], Any]] = {"yaml": _read_yaml, "toml": _read_toml, "json": _read_json}
