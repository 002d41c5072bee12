"""The style sheets: each audience gets one file, joined at start from the parts in static/css and named by content."""

import hashlib
import re
from pathlib import Path

from flask import Flask, Response, abort, current_app

from blog.access import public

SHEETS = {
    "site": ("tokens", "base", "layout", "components", "prose", "print"),
    "desk": ("tokens", "base", "layout", "components", "prose", "desk", "print"),
}


def joined(folder: Path, parts: tuple[str, ...]) -> bytes:
    """The parts in order, without comments and indentation."""
    css = "\n".join((folder / f"{part}.css").read_text() for part in parts)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip().encode()


def address(sheet: str) -> str:
    return f"/static/{sheet}-{current_app.extensions['sheets'][sheet][0]}.css"  # also where no routes are at hand


@public
def stylesheet(name: str, version: str) -> Response:
    known, content = current_app.extensions["sheets"].get(name, ("", b""))
    if version != known:
        abort(404)
    response = Response(content, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def init_app(app: Flask) -> None:
    folder = Path(app.static_folder or "") / "css"
    files = {name: joined(folder, parts) for name, parts in SHEETS.items()}
    app.extensions["sheets"] = {name: (hashlib.sha256(css).hexdigest()[:12], css) for name, css in files.items()}
    app.add_url_rule("/static/<name>-<version>.css", view_func=stylesheet)
    public(app.view_functions["static"])
