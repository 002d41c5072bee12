"""One answer as it goes over the wire: compressed as the browser likes it, with a tag by which it is known again."""

import gzip
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import brotli  # type: ignore[import-untyped]
from werkzeug.http import parse_date

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Issue = tuple[Any, ...]

VARY = ("Vary", "Accept-Encoding, Cookie")
SMALL = 200  # bytes; less is not worth compressing
SQUEEZABLE = r"text/|application/(\w+\+)?(json|xml)|application/manifest|image/svg"


@lru_cache(maxsize=256)
def encoding_for(accepted: str) -> str:
    """The best of what the browser takes; "" is none."""
    weights: dict[str, float] = {}
    for part in accepted.lower().replace(" ", "").split(","):
        name, _, weight = part.partition(";q=")
        try:
            weights[name] = float(weight or 1)
        except ValueError:
            weights[name] = 0
    anything = weights.get("*", 0)
    return next((name for name in ("br", "gzip") if weights.get(name, anything) > 0), "")


@dataclass(frozen=True)
class Finished:
    """One answer as it goes over the wire, in every encoding it was asked for so far."""

    status: str
    headers: Headers
    content: bytes
    issue: Issue | None
    is_public: bool
    for_good: bool
    bodies: dict[str, tuple[bytes, Headers, Headers]] = field(default_factory=dict)

    @property
    def may_be_kept(self) -> bool:
        return self.is_public and (self.for_good or self.issue is not None)

    @property
    def size(self) -> int:
        return len(self.content) * 2 + 2_000  # with its compressed forms and headers

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:20]

    def answer(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if encoding not in self.bodies:
            self.bodies[encoding] = self._in(encoding) if self.is_public else (self.content, self.headers, [])
        body, headers, unchanged = self.bodies[encoding]
        if unchanged and self._is_known(environ):
            start_response("304 NOT MODIFIED", unchanged)
            return ()
        start_response(self.status, headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)

    def _in(self, encoding: str) -> tuple[bytes, Headers, Headers]:
        """The body in this encoding, the headers of the full answer, and those of a 304."""
        kind = dict(self.headers)["Content-Type"]
        if len(self.content) < SMALL or not re.match(SQUEEZABLE, kind):
            encoding = ""
        body = squeezed(self.content, encoding, best=self.for_good)
        tag = ("ETag", f'"{self.digest}-{encoding}"' if encoding else f'"{self.digest}"')
        told = [pair for pair in self.headers if pair[0] not in ("Content-Length", "ETag", "Vary")]
        unchanged = [tag, VARY, *(pair for pair in told if pair[0] != "Content-Type")]
        length = [("Content-Length", str(len(body)))] + [("Content-Encoding", encoding)] * bool(encoding)
        return body, [tag, VARY, *length, *told], unchanged

    def _is_known(self, environ: Environ) -> bool:
        """Whether the browser has this very page already. What it says of tags counts before what it says of dates."""
        tags = environ.get("HTTP_IF_NONE_MATCH")
        if tags is not None:  # another encoding of it is the same page, and a proxy that compresses makes a tag weak
            known = (tag.strip().removeprefix("W/").strip('"').partition("-")[0] for tag in tags.split(","))
            return any(tag in (self.digest, "*") for tag in known)
        if "HTTP_IF_MODIFIED_SINCE" not in environ:
            return False
        since = parse_date(environ["HTTP_IF_MODIFIED_SINCE"])
        changed = parse_date(dict(self.headers).get("Last-Modified"))
        return since is not None and changed is not None and changed <= since


def squeezed(content: bytes, encoding: str, *, best: bool) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(content, quality=11 if best else 5))
    return gzip.compress(content, 9 if best else 6, mtime=0) if encoding == "gzip" else content
