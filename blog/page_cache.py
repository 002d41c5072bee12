"""The page cache: what a stranger reads is drawn once, kept finished and compressed, and answered in front of Flask.

A view joins in by saying `@kept(…)`, with the names of the query parameters that change its page. A kept page is good
for one *issue* of the site: a tuple of the edition (which triggers in the database raise with every change that
readers may see), the newest moment at which a post went live, and the quarter of an hour (for what a page says of
today). Nothing is ever invalidated by name, so nothing can be forgotten. PAGE_CACHE=0 switches the keeping off.
"""

import gzip
import hashlib
import mmap
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from time import monotonic, time_ns
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, current_app, request, session
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_date

from blog.database import db, only_reading, utcnow
from blog.models import Edition, Post

V = TypeVar("V", bound=Callable[..., Any])
Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Key = tuple[str, ...]
Issue = tuple[Any, ...]

LOOK_AGAIN = 0.25  # seconds after which the database is asked anew which issue is out
QUARTER = 900  # seconds: every time zone begins its days on a quarter of an hour
OWN_WORD = "masthead.kept"  # in the WSGI environment: this answer may be kept
VARY = ("Vary", "Accept-Encoding, Cookie")
FOR_GOOD = "immutable"
WITHOUT = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")
SMALL = 200  # bytes; less is not worth compressing
SQUEEZABLE = r"text/|application/(\w+\+)?(json|xml)|application/manifest|image/svg"


def kept(*parameters: str) -> Callable[[V], V]:
    """Strangers get this page out of the cache. Only these query parameters reach the view, for anybody."""

    def mark(view: V) -> V:
        view.kept = frozenset(parameters)  # type: ignore[attr-defined]
        return view

    return mark


# One finished page


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
        unchanged = [tag, VARY, *(pair for pair in told if pair[0] in ("Cache-Control", "Last-Modified"))]
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


# Which issue of the site is out


class Newsstand:
    """Knows which issue is out, never later than LOOK_AGAIN after a change anywhere, and at once after one made here.

    The bell is eight bytes in a file that all processes of this installation share; whoever commits rings it.
    """

    def __init__(self, app: Flask, bell: Path) -> None:
        self.app, self.lock = app, Lock()
        self.bell = shared_bytes(bell)
        self.heard, self.asked = b"", -LOOK_AGAIN
        self.out: Issue | None = None

    def issue(self) -> Issue | None:
        """None where the database does not say."""
        if self.bell[:] != self.heard or monotonic() - self.asked > LOOK_AGAIN:
            with self.lock:
                heard, asked = self.bell[:], monotonic()
                if heard != self.heard or asked - self.asked > LOOK_AGAIN:
                    self.out = self.ask()
                    self.heard, self.asked = heard, asked
        return self.out

    def ask(self) -> Issue | None:
        now = utcnow()
        newest = select(func.max(Post.published_at)).where(Post.published_at <= now).scalar_subquery()
        only_reading.set(True)
        try:
            with self.app.app_context(), db.engine.connect() as connection:
                row = connection.execute(select(Edition.number, newest)).first()
        except SQLAlchemyError:
            self.app.logger.exception("which edition is out cannot be seen")
            return None
        return (*row, int(now.timestamp()) // QUARTER) if row else None

    def ring(self, _session: object) -> None:
        self.bell[:] = time_ns().to_bytes(8, "big")


def shared_bytes(path: Path) -> mmap.mmap:
    """Eight bytes that all processes see; where no such file can be made, only this one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, 8)
            return mmap.mmap(handle, 8)
        finally:
            os.close(handle)
    except OSError:
        return mmap.mmap(-1, 8)


# The shelves


class Shelf:
    """Finished pages up to so many bytes; those not asked for longest go first."""

    def __init__(self, room: int) -> None:
        self.room, self.used, self.lock = room, 0, Lock()
        self.pages: OrderedDict[Key, Finished] = OrderedDict()

    def find(self, key: Key, issue: Issue | None) -> Finished | None:
        page = self.pages.get(key)
        if page is None or not (page.for_good or page.issue == issue):
            return None
        with suppress(KeyError):  # where another thread has put it away a moment ago
            self.pages.move_to_end(key)
        return page

    def put(self, key: Key, page: Finished) -> None:
        with self.lock:
            if old := self.pages.pop(key, None):
                self.used -= old.size
            if page.size <= self.room // 4:
                self.pages[key] = page
                self.used += page.size
            while self.used > self.room:
                self.used -= self.pages.popitem(last=False)[1].size


class PageCache:
    """WSGI middleware: kept pages to strangers from the shelf, everything else on to Flask."""

    def __init__(self, app: Flask, *, room: int, bell: Path) -> None:
        self.flask, self.app = app, app.wsgi_app
        self.cookie = app.config["SESSION_COOKIE_NAME"] + "="
        self.newsstand = Newsstand(app, bell)
        self.is_on = room > 0
        # Addresses with a query can be made up without end; on a shelf of their own they crowd out only each other.
        self.plain, self.asked = Shelf(room * 3 // 4), Shelf(room // 4)
        self.turns = [Lock() for _ in range(64)]

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.app(environ, start_response)
        if environ.get("QUERY_STRING"):
            self.tidy(environ)
        if self.cookie in environ.get("HTTP_COOKIE", ""):
            return self.app(environ, start_response)
        query = environ.get("QUERY_STRING", "")
        key = (environ.get("HTTP_HOST", ""), environ["wsgi.url_scheme"], environ["PATH_INFO"], query)
        shelf = self.asked if query else self.plain
        page = shelf.find(key, self.newsstand.issue()) if self.is_on else None
        if page is None:
            if self.parameters(environ) is None:
                return self.app(environ, start_response)
            page = self.drawn_once(key, shelf, environ) if self.is_on else self.draw(environ, None)
        return page.answer(environ, start_response)

    def tidy(self, environ: Environ) -> None:
        """Take out of the query what the view does not know, so that it neither changes the page nor fills a shelf."""
        known = self.parameters(environ)
        if known is not None:
            sent = environ["QUERY_STRING"].encode("latin-1", "replace").decode("utf-8", "replace")
            asked = dict(reversed(parse_qsl(sent, keep_blank_values=True)))  # of two, the first counts
            environ["QUERY_STRING"] = urlencode(sorted(pair for pair in asked.items() if pair[0] in known))

    def parameters(self, environ: Environ) -> frozenset[str] | None:
        """The query parameters that the view at this address knows; None where its pages are not kept."""
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        try:
            endpoint, _ = self.flask.url_map.bind("").match(path, method="GET")
        except HTTPException:
            return None
        return getattr(self.flask.view_functions[endpoint], "kept", None)

    def drawn_once(self, key: Key, shelf: Shelf, environ: Environ) -> Finished:
        """The page, drawn by whoever asked first; those who asked meanwhile find it on the shelf."""
        with self.turns[hash(key) % len(self.turns)]:
            issue = self.newsstand.issue()  # before drawing: what changes meanwhile makes the page old at once
            page = shelf.find(key, issue)
            if page is None:
                page = self.draw(environ, issue)
                if page.may_be_kept:
                    shelf.put(key, page)
            return page

    def draw(self, environ: Environ, issue: Issue | None) -> Finished:
        """What Flask answers to a stranger who has nothing yet."""
        bare = {name: value for name, value in environ.items() if name not in WITHOUT} | {"REQUEST_METHOD": "GET"}
        said: list[Any] = []

        def start(*words: Any) -> Callable[[bytes], object]:
            said[:] = words
            return lambda _more: None

        body = self.app(bare, start)
        try:
            content = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        status, headers = said[:2]
        if any(name == "Set-Cookie" for name, _ in headers):  # it is for one person, whatever the view has said
            headers = [pair for pair in headers if pair[0] != "Cache-Control"] + [("Cache-Control", "no-store")]
            bare.pop(OWN_WORD, None)
        for_good = any(name == "Cache-Control" and FOR_GOOD in value for name, value in headers)
        return Finished(
            status,
            headers,
            content,
            issue=None if for_good else issue,
            is_public=OWN_WORD in bare,
            for_good=for_good,
        )


def mark(response: Response) -> Response:
    """Say of this answer whether it may be kept: a whole page, of a view that joins in, drawn for a stranger."""
    view = current_app.view_functions.get(request.endpoint or "")
    if hasattr(view, "kept") and response.status_code == 200 and "login" not in session:
        request.environ[OWN_WORD] = True
        if FOR_GOOD not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "public, no-cache"  # to be asked about each time, which is cheap
    return response


def init_app(app: Flask) -> None:
    cache = PageCache(app, room=app.config["PAGE_CACHE"] * 1_000_000, bell=Path(app.instance_path) / "bell")
    app.extensions["page_cache"] = cache
    app.after_request(mark)
    event.listen(db.session, "after_commit", cache.newsstand.ring)
    app.wsgi_app = cache  # type: ignore[method-assign]
