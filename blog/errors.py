"""Error pages: what went wrong, in words, with a way on, and with whatever the person had typed."""

from math import ceil
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, jsonify, redirect, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import (
    BadHost,
    Conflict,
    Forbidden,
    Gone,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    SecurityError,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
)

from blog import assets, carrying, lost, moved, refusals
from blog.access import ProofNeeded, viewer
from blog.carrying import Carried
from blog.database import db
from blog.shields import SAFE
from blog.text import plain_path
from blog.web import asked_path, load_site

TITLES = {
    400: ("That request made no sense", "Something in it was missing or garbled. Go back and try again."),
    401: ("You are signed out", "Your session has ended. Sign in again to go on."),
    403: ("This page is not for you", "You are signed in, but your role does not open it. An admin can change that."),
    404: ("There is no page here", "The address may be mistyped, or the page may have been moved or taken back."),
    405: ("That cannot be done here", "The page is there, but not for this kind of request."),
    409: ("Somebody was quicker", "Someone changed the same thing a moment ago. Go back, look, and try again."),
    410: ("This page is gone", "What stood here has been taken back by those who wrote it, and may or may not return."),
    413: (
        "That is too large",
        "The server takes at most 24 MB of text, and 32 MB with pictures, at once. Go back: your browser still has it.",
    ),
    429: ("Too many attempts", "Wait a little before you try again."),
    500: ("Something broke", "It is our fault, it has been written to the log, and nothing you saved is lost."),
    503: ("The site is catching its breath", "The database did not answer. Try again in a minute."),
}
GROWN_OLD = (
    "This form had grown old",
    "It was opened in a session that has ended since, so it was not taken. Look, and go on.",
)
DEADLOCK = "40P01"  # as PostgreSQL calls it
WORTH_ANOTHER_TRY = frozenset({409, 429, 500, 503})
FOR_SCRIPTS = {  # what the same things are called in JSON
    400: "garbled",
    401: "signed out",
    403: "gone",
    404: "gone",
    405: "not here",
    409: "busy",
    410: "gone",
    413: "too large",
    429: "busy",
    500: "broken",
    503: "busy",
}


def show(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    headers = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
    if is_for_a_script():
        return jsonify(error=in_a_word(error)), code, headers
    title, words = TITLES.get(code, (error.name, ""))
    page = render_template(
        "error.html",
        code=code,
        title=title,
        words=how_long(error) or words,
        back=carrying.back(),
        **what_was_sent(code),
    )
    return page, code, headers


def how_long(error: HTTPException) -> str:
    """To whom tried too often: when there is another try."""
    wait = getattr(error, "retry_after", None)
    if not isinstance(error, TooManyRequests) or not isinstance(wait, int):
        return ""
    minutes = ceil(wait / 60)
    return f"Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, then try again."


def what_was_sent(code: int) -> dict[str, Any]:
    """For the page: an error may cost a click, but never a text. And whether that click can be on this very page."""
    carried = carrying.sent()
    again = code in WORTH_ANOTHER_TRY and bool(carried.path) and carrying.may_go_on(carried)
    return {"carried": carried, "again": "Try again" if again else ""}


def is_for_a_script() -> bool:
    """Whether it said `Accept: application/json`: to a browser's own "anything", pages are answered."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def in_a_word(error: HTTPException) -> str:
    for kind, word in ((CSRFError, "token"), (ProofNeeded, "proof")):
        if isinstance(error, kind):
            return word
    return FOR_SCRIPTS.get(error.code or 500, error.name.lower())


def missing(error: NotFound) -> ResponseReturnValue:
    """Somewhere else for what moved or is spelled otherwise, a notice for what was taken back, or no page at all."""
    if request.method not in SAFE or is_a_bad_place_in_a_list():
        return show(error)
    try:
        target = moved.onward(asked_path())
    except Gone as gone:
        return show(gone)
    if target is None:
        lost.note()
        return show(error)
    is_the_same_page = target == quote(plain_path(asked_path()), safe=moved.SPELLED)
    if is_the_same_page and request.query_string:
        target += "?" + quote(request.query_string, safe=moved.TARGETED)
    return redirect(target, 301)


def is_a_bad_place_in_a_list() -> bool:
    """Whether the page itself is there, but not the position in it that was asked for."""
    is_plain = request.url_rule is not None and asked_path() == plain_path(asked_path())
    return is_plain and not request.args.keys().isdisjoint({"before", "after"})


def not_for_this(error: MethodNotAllowed) -> ResponseReturnValue:
    """Sent to an address that at most a page of words answers, a form has missed its own."""
    routes: Any = request_ctx.url_adapter
    is_page = routes.test(method="GET") and routes.match(method="GET")[0] == "posts.page"
    return show(NotFound() if is_page else error)


def elsewhere(_error: HTTPException) -> ResponseReturnValue:
    """Asked by a name that is not ours, in which no address of a page could be written either."""
    return "This site does not answer to that name.\n", 400, {"Content-Type": "text/plain"}


def forbidden(error: Forbidden) -> ResponseReturnValue:
    answer = show(error)
    refusals.note(refusals.WITHOUT_RIGHT)
    return answer


def forged(error: CSRFError) -> ResponseReturnValue:
    """A form without its token: forged, or older than the session it was made in."""
    is_foreign = not carrying.is_from_here()
    answer = without_token(error)
    if is_foreign:
        refusals.note(refusals.FORGED, sent_by=request.headers.get("Origin", "")[:100])
    return answer


def without_token(error: CSRFError) -> ResponseReturnValue:
    current_app.logger.info("refused a form without its token: %s", error.description)
    if is_signed_out():
        return current_app.handle_user_exception(Unauthorized())
    carried = carrying.sent()
    if is_for_a_script() or not carried.path or not carrying.may_go_on(carried):
        return show(error)
    return grown_old(carried), 400


def grown_old(carried: Carried) -> str:
    title, words = GROWN_OLD
    return render_template("resume.html", title=title, words=words, carried=carried, again="Go on", onward="")


def is_signed_out() -> bool:
    """Whether the view asks for a person, and there is none, or none any more."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "access_rule", None) is not None and not viewer().is_authenticated


def overtaken(_error: SQLAlchemyError) -> ResponseReturnValue:
    """Two requests raced past the same check, and the database let one of them win; or what this one works on, or
    whoever sent it, was deleted before it was done."""
    afresh()
    return current_app.handle_user_exception(Unauthorized()) if is_signed_out() else show(Conflict())


def is_of_a_circle(error: SQLAlchemyError) -> bool:
    """Whether PostgreSQL has broken off this of several transactions that waited for one another."""
    return getattr(getattr(error, "orig", None), "pgcode", None) == DEADLOCK


def afresh() -> None:
    """Nothing of what was read still counts, not even who is signed in."""
    db.session.rollback()
    g.pop("_login_user", None)
    load_site()


def database_away(error: SQLAlchemyError) -> ResponseReturnValue:
    if is_of_a_circle(error):
        current_app.logger.warning("two requests waited for each other, and this one was broken off: %s", error)
        return overtaken(error)
    current_app.logger.exception("the database did not answer")
    db.session.rollback()
    return bare(ServiceUnavailable())


def broken(error: InternalServerError) -> ResponseReturnValue:
    try:
        afresh()
        return show(error)
    except Exception:  # noqa: BLE001 - the page about the error must not be a second one
        return bare(error)


def bare(error: HTTPException) -> ResponseReturnValue:
    """A page that needs no database, and so does without the words for templates."""
    code = error.code or 500
    if is_for_a_script():
        return jsonify(error=in_a_word(error)), code
    title, words = TITLES.get(code, (error.name, ""))
    page = current_app.jinja_env.get_template("error_bare.html")
    return page.render(asset=assets.address, title=title, words=words, **what_was_sent(code)), code


def init_app(app: Flask) -> None:
    app.url_map.merge_slashes = False  # `missing` does that, as for every other spelling
    for kind, answer in (
        (HTTPException, show),
        (NotFound, missing),
        (MethodNotAllowed, not_for_this),
        (SecurityError, elsewhere),
        (BadHost, elsewhere),
        (CSRFError, forged),
        (Forbidden, forbidden),
        (IntegrityError, overtaken),
        (ObjectDeletedError, overtaken),
        (StaleDataError, overtaken),
        (OperationalError, database_away),
        (InterfaceError, database_away),
        (PoolTimeoutError, database_away),
        (InternalServerError, broken),
    ):
        app.register_error_handler(kind, answer)
