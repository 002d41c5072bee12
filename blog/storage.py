"""Where pictures lie: behind one small interface a folder of this machine, or a bucket (see `bucket`)."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from blog.picture_names import NAME, is_stored


@dataclass(frozen=True)
class Stored:
    """A file of the storage, opened. Whoever opened it closes it."""

    file: BinaryIO | Any  # anything that reads and closes
    size: int

    def content(self) -> bytes:
        try:
            return bytes(self.file.read())
        finally:
            self.file.close()


class Storage(Protocol):
    """Files by the names that `picture_names` gives them. What cannot be done for the moment raises an OSError."""

    def save(self, name: str, content: bytes) -> None:
        """All of it or nothing. A name stands for one content, so what is there already stays."""

    def open(self, name: str) -> Stored | None: ...

    def exists(self, name: str) -> bool: ...

    def delete(self, name: str) -> None:
        """Whether or not it was there."""

    def names(self) -> Iterator[str]:
        """Of all pictures, without their versions."""

    def fault(self) -> str:
        """What keeps it from working; empty where nothing does."""


class Folder:
    """Pictures in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def save(self, name: str, content: bytes) -> None:
        check_name(name)
        target = self.root / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)

    def path(self, name: str) -> Path | None:
        if not is_stored(name):
            return None
        path = (self.root / name).resolve()
        return path if path.is_relative_to(self.root) and path.is_file() else None

    def open(self, name: str) -> Stored | None:
        path = self.path(name)
        try:
            return Stored(path.open("rb"), path.stat().st_size) if path else None
        except FileNotFoundError:  # deleted a moment ago
            return None

    def exists(self, name: str) -> bool:
        return self.path(name) is not None

    def delete(self, name: str) -> None:
        if path := self.path(name):
            path.unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        for path in sorted(self.root.glob("??/*")):
            name = path.relative_to(self.root).as_posix()
            if NAME.fullmatch(name):
                yield name

    def fault(self) -> str:
        there = self.root if self.root.exists() else self.root.parent
        return "" if os.access(there, os.W_OK) else f"{there} cannot be written to"


def check_name(name: str) -> None:
    """Raises ValueError for a name of anybody's own making."""
    if not is_stored(name):
        raise ValueError(f"not the name of a picture: {name!r}")


def write_whole(target: Path, content: bytes) -> None:
    """All of it or nothing, whoever reads, writes or pulls the plug meanwhile."""
    descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        os.unlink(draft)
        raise
