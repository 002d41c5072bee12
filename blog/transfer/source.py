"""One file being read: where it lies, what stands beside it, and what had to change on the way in."""

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import unquote

from blog.transfer.wording import cleaned

POSTS = (".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".rmd", ".qmd", ".mdx", ".html", ".htm")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
PUBLIC_FOLDERS = ("", "static", "assets", "public", "content", "src")
MOST_TARGETS = 3000
DATED_NAME = re.compile(r"(\d{4})[-_](\d{1,2})[-_](\d{1,2})(?:[-_](.*))?")

_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#")
_LONGEST_TARGET = 1000

Value = TypeVar("Value")


@dataclass(slots=True)
class Source:
    path: Path
    folder: Path
    values: dict[str, Any] = field(default_factory=dict)
    is_html: bool = False
    changes: list[str] = field(default_factory=list)
    pictures: dict[str, Path] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)  # answers given so far, for the file system is slow
    variables: dict[str, str] = field(default_factory=dict)  # what `{% assign %}` set so far

    @property
    def name(self) -> str:
        return source_name(self.path, self.folder)

    @property
    def folders(self) -> tuple[str, ...]:
        """The names of the folders between the top and the file."""
        return tuple(Path(os.path.relpath(self.path, self.folder)).parts[:-1])

    @property
    def is_jekyll(self) -> bool:
        return "_posts" in self.folders or "_drafts" in self.folders or "layout" in self.values

    def note(self, change: str) -> None:
        if change not in self.changes:
            self.changes.append(change)

    def target(self, written: str) -> str:
        """What an image or a link should point to: a token for what comes in too, else what was written."""
        if written not in self.targets:
            if len(self.targets) >= MOST_TARGETS:
                self.note(f"of its pictures and links only the first {MOST_TARGETS:,} were looked up")
                return written
            self.targets[written] = self._looked_up(written)
        return self.targets[written]

    def _looked_up(self, written: str) -> str:
        suffix = PurePosixPath(_bare(written)).suffix.lower()
        if _ELSEWHERE.match(written):
            return written
        if written.startswith("@/"):
            return self.reference(written[1:]) or written
        if suffix in (*PICTURES, ".svg"):
            return self.picture(written) or written
        if suffix in POSTS or suffix == "":
            return self.post(written) or written
        return written

    def picture(self, written: str) -> str | None:
        """The token for a picture inside the folder."""
        if _ELSEWHERE.match(written):
            return None
        bare = _bare(written)
        found = self.find(written)
        if bare.lower().endswith(".svg"):
            self.note(f"the picture {bare} was left out: SVG pictures are not taken")
            return None
        if found is None or found.suffix.lower() not in PICTURES:
            self.note(f"the picture {bare} was not found")
            return None
        return _token(self.pictures, "picture", found)

    def post(self, written: str) -> str | None:
        """The token for another post inside the folder, with the fragment that was asked for."""
        target, mark, fragment = written.partition("#")
        found = self.find(target) if target.strip(" /.") else None
        if found is None or found.suffix.lower() not in POSTS or found == self.path:
            return None
        return _token(self.links, "post", source_name(found, self.folder)) + mark + fragment

    def reference(self, written: str) -> str | None:
        """The token for a post named the way site generators do: by path, from any root, or by its bare name."""
        path, mark, fragment = written.strip().partition("#")
        shorter = path.strip("/").split("/")
        tries = [path, *("/" + "/".join(shorter[start:]) for start in range(len(shorter)))][:12]
        for attempt in tries:
            if token := self.post(attempt + mark + fragment) or self.post(attempt + ".md" + mark + fragment):
                return token
        return self.post_named(written)

    def post_named(self, name: str) -> str | None:
        """The token for the post that Jekyll's `post_url` names by its file, without the extension."""
        wanted, mark, fragment = name.strip(" \"'").partition("#")
        stem = wanted.rpartition("/")[2].lower()
        names = _by_stem(self.folder)
        found = names.get(stem) or names.get(stem.rpartition(".")[0])
        return _token(self.links, "post", source_name(found, self.folder)) + mark + fragment if found else None

    def find(self, written: str) -> Path | None:
        """The file inside the folder that a relative or root-absolute address names."""
        bare = _bare(written)
        if not bare or len(bare) > _LONGEST_TARGET:
            return None
        places = [self.folder / public for public in PUBLIC_FOLDERS]
        if not bare.startswith("/"):
            places.insert(0, self.path.parent)
        found = (_file_at(place / bare.lstrip("/"), self.folder) for place in places)
        return next((file for file in found if file), None)


def source_name(path: Path, folder: Path) -> str:
    inside = Path(os.path.relpath(path, folder)).as_posix()
    return cleaned(f"{Path(os.path.abspath(folder)).name}/{inside}")


def walked(folder: Path) -> list[Path]:
    found: list[Path] = []
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(top, name) for name in names if not name.startswith("."))
        found.extend(path for path in paths if is_inside(path, folder) and path.is_file())
    return sorted(found)


def is_inside(path: Path, folder: Path) -> bool:
    """Whether the file itself lies in the folder, whatever links lead to it."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, links in a circle
        return False


def forget_names() -> None:
    _by_stem.cache_clear()


@lru_cache(maxsize=4)
def _by_stem(folder: Path) -> dict[str, Path]:
    return {path.stem.lower(): path for path in walked(folder) if path.suffix.lower() in POSTS}


def _file_at(path: Path, folder: Path) -> Path | None:
    """The file or, for the address of a folder bundle, the index in it."""
    path = Path(os.path.normpath(path))
    for candidate in (path, path / "index.md", path / "index.html"):
        try:
            if candidate.is_file() and is_inside(candidate, folder):
                return candidate
        except (OSError, ValueError):
            return None
    return None


def _bare(written: str) -> str:
    path = re.split(r"[?#]", written.strip(), maxsplit=1)[0]
    return cleaned(unquote(path))


def _token(known: dict[str, Value], kind: str, value: Value) -> str:
    for token, other in known.items():
        if other == value:
            return token
    token = f"{kind}:{len(known) + 1}"
    known[token] = value
    return token
