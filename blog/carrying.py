"""What was sent with a form that met an error: kept, shown, and carried on to where it was going.

Nothing is stored. The texts travel in hidden fields of the pages in between, so that they survive a database that is
away, and nobody but the person at this browser ever has them. Secrets do not travel.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import current_app, g, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from blog.models import Can
from blog.shields import SAFE
from blog.web import asked_path, came_from, safe_next

SECRETS = frozenset({"csrf_token", "password", "current_password", "code"})
UNSHOWN = frozenset(
    {"base", "uid", "copy", "seq", "taken"}
)  # they mean nothing to the person, and everything to the post
SIGN_IN, PROOF = "auth.enter", "auth.prove"
CARRIERS = frozenset({SIGN_IN, PROOF})  # the views whose forms bring another one along
MARK, GOING_TO, HAD_FILES = "carried-", "going-to", "going-without-files"
LEFT_FOR_SIGNING_IN = 20_000  # bytes of a form, and parts of it, for the words of the sign-in itself
PARTS_FOR_SIGNING_IN = 10


@dataclass(frozen=True)
class Carried:
    """The fields of a form, those that repeat among them, and where they may be sent again, if anywhere."""

    path: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    had_files: bool = False

    @property
    def texts(self) -> list[tuple[str, str]]:
        """What of it a person typed or chose."""
        return [(name, value) for name, value in self.fields if name not in UNSHOWN and value.strip()]

    @property
    def is_worth_a_page(self) -> bool:
        return bool(self.path or self.texts or self.had_files)

    @property
    def marked(self) -> list[tuple[str, str]]:
        """As hidden fields of the sign-in form, which has fields of its own."""
        about = [(GOING_TO, self.path)] + [(HAD_FILES, "1")] * self.had_files
        return about + [(MARK + name, value) for name, value in self.fields]

    def fits(self) -> bool:
        """Whether a form may be that large, with a little on top; else the very sign-in would be refused."""
        size = sum(len(name.encode()) + len(value.encode()) for name, value in self.marked)
        room: int = current_app.config["MAX_FORM_MEMORY_SIZE"] - LEFT_FOR_SIGNING_IN
        parts: int = current_app.config["MAX_FORM_PARTS"] - PARTS_FOR_SIGNING_IN
        return size <= room and len(self.fields) <= parts


def sent(*, same_person: bool = False) -> Carried:
    """What this request would have changed: the form itself, or the one that its sign-in form carries.

    Forms of an account go on only where it is sure to be the `same_person` who sends them.
    """
    if request.method in SAFE:
        return Carried()
    try:
        is_carrier = request.endpoint in CARRIERS and GOING_TO in request.form
        return (received if is_carrier else _of_this_request)(same_person=same_person)
    except HTTPException:  # the very form was too large to read
        return Carried()


def received(*, same_person: bool = False) -> Carried:
    """What came along with the sign-in form, or with that of the proof."""
    fields = [(name.removeprefix(MARK), value) for name, value in _fields() if name.startswith(MARK)]
    path = request.form.get(GOING_TO, "")
    path = path if takes_forms(path, same_person=same_person) else ""
    return Carried(path, without_secrets(fields), HAD_FILES in request.form)


def _of_this_request(*, same_person: bool = False) -> Carried:
    path = quote(asked_path(), safe="/:@!$&'()*+,;=~") + ("?" + request.query_string.decode("latin-1")).rstrip("?")
    had_files = any(file.filename for _name, file in request.files.items(multi=True))
    may_go_on = takes_forms(path, same_person=same_person) and not (same_person and _lost_a_secret())
    return Carried(path if may_go_on else "", without_secrets(_fields()), had_files)


def _lost_a_secret() -> bool:
    """Whether the form holds one: that does not travel, so the form has to be filled in anew."""
    return any(name in SECRETS - {"csrf_token"} for name, _ in _fields())


def _fields() -> list[tuple[str, str]]:
    return list(request.form.items(multi=True))


def without_secrets(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in fields if name not in SECRETS]


def takes_forms(path: str, *, same_person: bool = False) -> bool:
    """Whether this is the address of a form of this site, however it is spelled, and not of anybody else's account.

    It may come from a form that somebody tampered with, so it is read as the browser and the server will read it.
    """
    plain = unquote(urlsplit(path).path) if safe_next(path, otherwise="") else ""
    routes = request_ctx.url_adapter
    if not plain or routes is None or re.search(r"(^|/)\.{1,2}(/|$)", plain):  # browsers take the dots out
        return False
    try:
        endpoint, _holes = routes.match(plain, method="POST")
    except HTTPException:
        return False
    if not str(endpoint).startswith("auth."):
        return True
    view: Any = current_app.view_functions[endpoint]
    rule: Can | None = view.access_rule
    return same_person and rule is not None and endpoint not in CARRIERS


def is_from_here() -> bool:
    """Whether a page of this site sent the form. What a foreign one sends, nobody is asked to confirm."""
    if g.get("csrf_valid"):
        return True
    origin = request.headers.get("Origin")
    if origin is not None:
        return _is_ours(origin)
    return request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none") and _is_ours(came_from().geturl())


def _is_ours(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    ours = {request.host, urlsplit(current_app.config["SITE_URL"]).netloc} - {""}
    return parts.scheme in ("http", "https") and parts.netloc in ours


def may_go_on(carried: Carried) -> bool:
    return is_from_here() and carried.fits()


def back() -> str:
    """The page of this site to go on at after signing in again: the one the form was on, or the nearest above it."""
    page = came_from()
    pages = [page.path] * (page.netloc == request.host)
    pages += [request.path, request.path.rpartition("/")[0]]
    routes = request_ctx.url_adapter
    return next((page for page in pages if routes and safe_next(page, otherwise="") and routes.test(page, "GET")), "/")
