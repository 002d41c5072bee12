"""Finished pages and their 304 against a bare Flask view of the same bytes: `python -m benchmarks.serving`.

The same server (granian, two processes) serves both, in turn, in one run. Needs `wrk` on the PATH.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.error import HTTPError
from urllib.request import Request, urlopen

BIN = Path(sys.executable).parent
ROUNDS, SECONDS, CONNECTIONS = 5, 3, 16
OURS, BARE = "http://127.0.0.1:8391", "http://127.0.0.1:8392"


@contextmanager
def served(target: str, address: str, environ: dict[str, str]) -> Iterator[None]:
    command = [BIN / "granian", "--interface", "wsgi", "--port", address.rpartition(":")[2], "--workers", "2",
               "--blocking-threads", "4", "--log-level", "warning", target]  # fmt: skip
    server = subprocess.Popen(command, env=environ)
    try:
        for _ in range(600):
            try:
                urlopen(address, timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:  # a browser that went without a word can keep it waiting
            server.kill()
            server.wait()


def rate(address: str, headers: dict[str, str]) -> float:
    """Requests per second."""
    extra = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", str(SECONDS), *extra, address]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]


def page_of(address: str, headers: dict[str, str]) -> tuple[bytes, str]:
    try:
        with urlopen(Request(address, headers=headers), timeout=10) as answer:
            return answer.read(), answer.headers["ETag"]
    except HTTPError as answer:
        raise SystemExit(f"{address} answers {answer.code}") from None


def main() -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("NOT MEASURED: there is no `wrk` here (Debian: apt install wrk)")
    with tempfile.TemporaryDirectory() as folder:
        environ = {"PATH": os.environ["PATH"], "INSTANCE_PATH": folder, "FLASK_APP": "wsgi"}
        for command in (
            ["db", "upgrade"],
            ["user", "create", "ada@example.com", "--name", "Ada", "--role", "admin"],
            ["demo"],
        ):
            subprocess.run([BIN / "flask", *command], env=environ, check=True, capture_output=True)
        with served("wsgi:app", OURS, environ):
            for path in ("/", "/posts/" + slug_of(OURS)):
                compare(path, folder, environ)


def slug_of(address: str) -> str:
    return re.search(r'href="/posts/([^"]+)"', page_of(address, {})[0].decode())[1]  # type: ignore[index]


def compare(path: str, folder: str, environ: dict[str, str]) -> None:
    takes = {"Accept-Encoding": "br"}
    body, tag = page_of(OURS + path, takes)
    Path(folder, "page").write_bytes(body)
    with served("benchmarks.bare:app", BARE, environ | {"BARE_PAGE": str(Path(folder, "page"))}):
        assert page_of(BARE + path, takes)[0] == body
        rounds = [
            (rate(BARE + path, takes), rate(OURS + path, takes), rate(OURS + path, takes | {"If-None-Match": tag}))
            for _ in range(ROUNDS)
        ]
    bare, page, unchanged = (median(figures) for figures in zip(*rounds, strict=True))
    print(f"{path}: {len(body):,} bytes; bare Flask {bare:,.0f} a second, kept page {page:,.0f} ({page / bare:.1f} x),"
          f" 304 {unchanged:,.0f} ({unchanged / bare:.1f} x)")  # fmt: skip


if __name__ == "__main__":
    main()
