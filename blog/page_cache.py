"""The page cache: what a stranger reads is drawn once, kept finished and compressed, and answered in front of Flask.

A view joins in by saying `@kept(…)`, with the names of the query parameters that change its page. A kept page is good
for one *issue* of the site: a tuple of the edition (which triggers in the database raise with every change that
readers may see), the newest moment at which a post went live, and the quarter of an hour (for what a page says of
today). Nothing is ever invalidated by name, so nothing can be forgotten. PAGE_CACHE=0 switches the keeping off.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, Response, current_app, g, request
from sqlalchemy import event
from werkzeug.exceptions import HTTPException

from blog.database import db
from blog.finished import Environ, Finished, Issue
from blog.newsstand import Newsstand

V = TypeVar("V", bound=Callable[..., Any])
Key = tuple[str, ...]

OWN_WORD = "masthead.kept"  # in the WSGI environment: this answer may be kept
FOR_GOOD = "immutable"
MOST_LOOSE = 5_000
WITHOUT = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")


def kept(*parameters: str) -> Callable[[V], V]:
    """Strangers get this page out of the cache. Only these query parameters reach the view, for anybody."""

    def mark(view: V) -> V:
        view.kept = frozenset(parameters)  # type: ignore[attr-defined]
        return view

    return mark


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
                self.used -= old.size + len(key[-1])
            if page.size <= self.room // 4:
                self.pages[key] = page
                self.used += page.size + len(key[-1])
            while self.used > self.room:
                first, gone = self.pages.popitem(last=False)
                self.used -= gone.size + len(first[-1])


class PageCache:
    """WSGI middleware: kept pages to strangers from the shelf, everything else on to Flask."""

    def __init__(self, app: Flask, *, room: int, bell: Path) -> None:
        self.flask, self.app = app, app.wsgi_app
        self.cookie = app.config["SESSION_COOKIE_NAME"] + "="
        self.newsstand = Newsstand(app, bell)
        self.is_on = room > 0
        self.home = urlsplit(app.config["SITE_URL"]).netloc
        # Queries and names of the site can be made up without end; on a shelf of their own they crowd out each other.
        self.plain, self.asked = Shelf(room * 3 // 4), Shelf(room // 4)
        self.turns = [Lock() for _ in range(64)]
        self.loose: set[Key] = set()  # addresses that lately gave nothing to keep

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.app(environ, start_response)
        if environ.get("QUERY_STRING"):
            self.tidy(environ)
        if self.cookie in environ.get("HTTP_COOKIE", ""):
            return self.app(environ, start_response)
        query, host = environ.get("QUERY_STRING", ""), environ.get("HTTP_HOST", "")
        key = (host, environ["wsgi.url_scheme"], environ["PATH_INFO"], query)
        shelf = self.asked if query or (self.home and host != self.home) else self.plain
        page = shelf.find(key, None)  # what is good for good needs no look at the database
        if page is None and key not in shelf.pages and self.parameters(environ) is None:
            return self.app(environ, start_response)
        if page is None and self.is_on:
            page = shelf.find(key, self.newsstand.issue()) or self.drawn_once(key, shelf, environ)
        page = page or self.draw(environ, None)
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
        if key in self.loose:  # nobody need wait for another's 404
            return self.drawn(key, shelf, environ)
        with self.turns[hash(key) % len(self.turns)]:
            return shelf.find(key, self.newsstand.issue()) or self.drawn(key, shelf, environ)

    def drawn(self, key: Key, shelf: Shelf, environ: Environ) -> Finished:
        issue = self.newsstand.issue()  # before drawing: what changes meanwhile makes the page old at once
        page = self.draw(environ, issue)
        if page.may_be_kept:
            self.loose.discard(key)
            shelf.put(key, page)
        elif len(self.loose) < MOST_LOOSE:
            self.loose.add(key)
        else:
            self.loose.clear()
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
    is_strangers = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"]) is None
    if hasattr(view, "kept") and response.status_code == 200 and is_strangers and "nonce" not in g:
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
