"""Who may call which view. Every view says so itself, and silence means the app does not start."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Request, Response, abort, current_app, g, request, session
from flask_login import current_user
from werkzeug.exceptions import Unauthorized

from blog import devices
from blog.extensions import login_manager
from blog.models import Anonymous, Can, LoginSession, Site, User
from blog.models.factors import must_enrol
from blog.passing import write_in_passing

V = TypeVar("V", bound=Callable[..., Any])


class ProofNeeded(Unauthorized):
    """The person is signed in, but it is a while since they showed who they are."""


class FactorNeeded(Unauthorized):
    """The person is signed in, but their role asks for a second factor, and they have none yet."""


class UnmarkedViewError(RuntimeError):
    """A view that does not say who may call it."""


def public(view: V) -> V:
    """Anyone may call this view, signed in or not."""
    return _mark(view, None)


def requires(permission: Can, *, recent: bool = False) -> Callable[[V], V]:
    """Only people who hold the permission may call this view; if `recent`, only with a recent proof of who they are."""
    return lambda view: _mark(view, permission, recent=recent)


def enrols(view: V) -> V:
    """Open also to people who have to set up a second factor before anything else."""
    view.enrols = True  # type: ignore[attr-defined]
    return view


def _mark(view: V, rule: Can | None, *, recent: bool = False) -> V:
    view.access_rule = rule  # type: ignore[attr-defined]
    view.needs_proof = recent  # type: ignore[attr-defined]
    return view


def viewer() -> User | Anonymous:
    """The person making this request: the object itself, not Flask-Login's stand-in."""
    return cast("User | Anonymous", current_user._get_current_object())


def me() -> User:
    """The person making this request, in a view that only people who are signed in may call.

    While it waited to write, they may have been signed out, or lost the right: the guard looks again.
    """
    if g.pop("has_waited", False):
        g.pop("_login_user", None)
        guard()
    person = viewer()
    assert isinstance(person, User)  # noqa: S101 - the guard has seen to it
    return person


def sign_in(user: User, *, by_link: bool = False, has_factor: bool = False) -> None:
    """Begin a session of this person on this device. The one that was there ends, and so does what its cookie held."""
    sign_out()
    session.permanent = True
    session["login"] = LoginSession.start(
        user,
        agent=request.user_agent.string,
        origin=request.remote_addr or "",
        by_link=by_link,
        has_factor=has_factor,
    )
    devices.remember(user)


def sign_out() -> None:
    """End the session itself, so that a copy of the cookie opens nothing either."""
    LoginSession.end(str(session.get("login", "")))
    session.clear()
    for known in ("_login_user", "csrf_token"):  # this request may yet draw a page, which is about the new session
        g.pop(known, None)


def proved() -> None:
    """The person has just shown anew who they are. Whoever held a copy of the cookie of before has nothing now."""
    secret = LoginSession.renew(str(session.get("login", "")))
    if secret is None:  # it was ended meanwhile
        abort(401)
    session["login"] = secret


def stay() -> None:
    """Hold the person of this request, before what is theirs is changed: see `User.hold`.

    Raises Unauthorized where this session was ended while something else took its time.
    """
    if not me().hold() or LoginSession.of(str(session.get("login", ""))) is None:
        abort(401)


login_manager.anonymous_user = Anonymous
login_manager.session_protection = None  # our own rows say what a session is


@login_manager.request_loader
def person_of(_request: Request) -> User | None:
    """Whose session the cookie names. Read anew at every request, so that a lost right is lost at once."""
    secret = session.get("login")
    login = LoginSession.of(secret) if isinstance(secret, str) else None
    if login is None or not login.user.is_active:
        return None
    if not hasattr(_view(), "enrols") and must_enrol(login.user, g.get("site") or Site.current()):
        g.must_enrol = True  # and until then reads as a visitor does
        return None
    g.login = login
    if login.use_is_news:
        g.login_to_note = login.id
    return login.user


def _view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def guard() -> None:
    if request.endpoint is None:  # no such page
        return
    view = _view()
    rule: Can | None = view.access_rule
    if rule is None:
        return
    is_allowed = viewer().can(rule)
    if "must_enrol" in g:
        raise FactorNeeded
    if not is_allowed:
        abort(403 if current_user.is_authenticated else 401)
    if view.needs_proof:
        need_proof()


def need_proof() -> None:
    """Raises ProofNeeded where the last proof is a while ago: for a view that is dangerous only at times."""
    if not g.login.is_proved:
        raise ProofNeeded


def note_use(response: Response) -> Response:
    """Say now and then that the session is in use, once the answer is made. One that is still being made can wait."""
    if "login_to_note" in g and not response.is_streamed:
        login_id = g.pop("login_to_note")
        write_in_passing(lambda: LoginSession.note_use(login_id))
    return response


def check_views(app: Flask) -> None:
    """Raises UnmarkedViewError if any view is silent about who may call it."""
    silent = [name for name, view in app.view_functions.items() if not hasattr(view, "access_rule")]
    if silent:
        raise UnmarkedViewError(f"say who may call {', '.join(sorted(silent))}: @public or @requires(Can.…)")


def init_app(app: Flask) -> None:
    app.before_request(guard)
    app.after_request(note_use)
    app.jinja_env.filters["device"] = devices.in_words
