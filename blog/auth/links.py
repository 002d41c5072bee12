"""One-time links: told kindly when they open nothing, and passed on to nobody."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from blog.auth import bp


def void_link() -> ResponseReturnValue:
    """One answer for what was tampered with, used, replaced, or has run out: nobody need know which."""
    return render_template("auth/void_link.html"), 404


def closed_page() -> ResponseReturnValue:
    return render_template("auth/register_closed.html"), 403


@bp.after_request
def keep_secret(response: Response) -> Response:
    """The secret stands in the address, which no other page, and no log of one, is to learn from the browser."""
    if "secret" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"
    return response
