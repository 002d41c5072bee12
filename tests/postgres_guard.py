"""Keeps a throw-away PostgreSQL server for the process that started this program: see throwaway_postgres.py.

Makes a temporary folder, starts the server in it, says where, and waits: for the word to stop, or for that process to
be gone. Then it stops the server and removes the folder: one way out for a normal end, Ctrl-C and SIGKILL alike.
"""

import ctypes
import fcntl
import locale
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PREFIX = "masthead-postgres-"
PATIENCE = 60  # seconds a start may take on a very busy machine
SOCKET_LENGTH = 100  # the system's own limit is 104 bytes on macOS and 108 on Linux
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",  # in the folder, so that nothing can be left in /dev/shm
}


def guard(binaries: Path) -> None:
    test_run = os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    user = _server_user()
    base = _base_folder(user)
    _sweep(base, user)
    with _own_folder(base, user) as folder:
        server = _start(_reachable(binaries, folder, user), folder, user)
        try:
            _wait_until_ready(server, folder)
            print(f"ready {folder}", flush=True)
            _wait_for_the_end(server, test_run)
        finally:
            server.send_signal(signal.SIGQUIT)  # no checkpoint: what it holds is thrown away
            server.wait()


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; None: it runs as whoever we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    sys.exit("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.")


def _base_folder(user: pwd.struct_passwd | None) -> Path:
    """The usual one for temporary files, unless a socket's address there is too long or its user cannot enter."""
    usual = Path(tempfile.gettempdir()).resolve()
    socket = usual / f"{PREFIX}12345678" / ".s.PGSQL.12345"
    fits = len(os.fsencode(socket)) < SOCKET_LENGTH
    return usual if fits and (user is None or _open_to_all(usual)) else Path("/tmp")


def _open_to_all(path: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


@contextmanager
def _own_folder(base: Path, user: pwd.struct_passwd | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with this process: see _sweep
        _give(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(base: Path, user: pwd.struct_passwd | None) -> None:
    """Removes what was left by guards that were killed themselves: folders that nobody holds locked."""
    ours = {os.geteuid(), user.pw_uid if user else os.geteuid()}
    for folder in base.glob(f"{PREFIX}*"):
        with suppress(OSError):  # locked, or gone meanwhile
            status = folder.lstat()
            # A very young one may be about to be locked.
            if status.st_uid in ours and time.time() - status.st_mtime > PATIENCE:
                _remove_unless_locked(folder)


def _remove_unless_locked(folder: Path) -> None:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _reachable(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The programs themselves, or a copy where they lie in a folder that the server's user cannot enter."""
    if user is None or _open_to_all(binaries / "postgres"):
        return binaries
    for part in ("bin", "lib", "share"):
        shutil.copytree(binaries.parent / part, folder / "postgresql" / part, symlinks=True)
    for path in (folder / "postgresql").rglob("*"):
        _give(path, user)
    _give(folder / "postgresql", user)
    return folder / "postgresql" / "bin"


def _give(path: Path, user: pwd.struct_passwd | None) -> None:
    if user:
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _start(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> "subprocess.Popen[bytes]":
    how: dict[str, Any] = {"cwd": folder, "preexec_fn": _die_with_guard(), "stderr": subprocess.STDOUT}
    how["env"] = {"PATH": str(binaries), "LC_ALL": _locale(), "TZ": "UTC"}
    if user:
        how |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with (folder / "log").open("wb") as log:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        made = subprocess.run([binaries / "initdb", "-D", "data", *options], check=False, stdout=log, **how)
        if made.returncode:
            sys.exit((folder / "log").read_text(errors="replace"))
        # psycopg2 asks PGPORT too, and the socket is named after it.
        settings = SETTINGS | {"unix_socket_directories": str(folder), "port": os.environ.get("PGPORT", "5432")}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return subprocess.Popen([binaries / "postgres", "-D", "data", *words], stdout=log, **how)


def _die_with_guard() -> Callable[[], None] | None:
    """Should even the guard be killed. Looked up before the change of user, which may close libc's folder to us."""
    if sys.platform != "linux":
        return None
    prctl, set_parent_death_signal = ctypes.CDLL(None).prctl, 1
    return lambda: prctl(set_parent_death_signal, signal.SIGQUIT)


def _locale() -> str:
    """One that knows letters beyond ASCII, so that lower() and full-text search work; C where there is none."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            return name
    return "C"


def _wait_until_ready(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    patience = time.monotonic() + PATIENCE
    while not _is_ready(folder / "data" / "postmaster.pid"):
        if server.poll() is not None or time.monotonic() > patience:
            sys.exit((folder / "log").read_text(errors="replace"))
        time.sleep(0.01)


def _is_ready(status: Path) -> bool:
    with suppress(FileNotFoundError):
        return status.read_text().splitlines()[7:8] == ["ready   "]
    return False


def _wait_for_the_end(server: "subprocess.Popen[bytes]", test_run: int) -> None:
    """Its death closes our input, unless a child forked from it holds the other end: so look for the parent too."""
    while server.poll() is None and os.getppid() == test_run:
        if select.select([sys.stdin], [], [], 0.25)[0]:
            return


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
