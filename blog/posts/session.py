"""Whether somebody is signed in, and the token of the forms: for an editor page that has been open for long."""

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from blog.access import public, viewer
from blog.posts import bp

NOT_KEPT = {"Cache-Control": "no-store"}


@bp.get("/write/session")
@public
def session() -> ResponseReturnValue:
    """Asked by scripts alone, so it leads nobody to the sign-in page."""
    person = viewer()
    if not person.is_authenticated:
        return jsonify(error="signed out"), 401, NOT_KEPT
    return jsonify(person=person.id, name=person.name, token=generate_csrf()), 200, NOT_KEPT
