"""The style sheets and the scripts, under names that change with their content, so that browsers keep them for good.

Each audience gets one sheet, joined at start from the parts in static/css. A site that has chosen a colour of its own
gets the same file with one more rule at its end, under a name that says so. Nothing is kept for that: any colour there
can be is answered from its name alone.

Scripts import one another by relative addresses. So they all stand in one folder, whose name says what is in all of
them: a page gets modules of one make, or none.
"""

import hashlib
import re
from pathlib import Path

from flask import Flask, Response, abort, current_app
from markupsafe import Markup

from blog.access import public
from blog.page_cache import kept
from blog.shields import nonce

SHEETS = {
    "site": ("tokens", "base", "layout", "components", "prose", "print"),
    "desk": ("tokens", "base", "layout", "components", "prose", "desk", "editor", "media", "print"),
}
HUE, CHROMA = 205, 85  # of the accent in tokens.css
HUES, CHROMAS = range(361), range(101)
FOR_GOOD = "public, max-age=31536000, immutable"
_QUOTED = re.compile(r"""("[^"\n]*"|'[^'\n]*')""")


def joined(folder: Path, parts: tuple[str, ...]) -> str:
    """The parts in order, without comments and without space that means nothing."""
    css = "\n".join((folder / f"{part}.css").read_text() for part in parts)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return "".join(each if n % 2 else tight(each) for n, each in enumerate(_QUOTED.split(css))).strip()


def tight(css: str) -> str:
    """Space before a colon stays, since it may part two selectors; space beside a bracket may be a part of a sum."""
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,]) ?|(?<=:) ", r"\1", css)
    return css.replace(";}", "}")


def address(sheet: str, hue: int = HUE, chroma: int = CHROMA) -> str:
    accent = "" if (hue, chroma) == (HUE, CHROMA) else f"-{hue}-{chroma}"
    return (
        f"/static/{sheet}-{current_app.extensions['sheets'][sheet][0]}{accent}.css"  # also where no routes are at hand
    )


def content(sheet: str, version: str) -> str | None:
    """The style sheet under this name, None where there is none such."""
    known, css = current_app.extensions["sheets"][sheet]
    if version == known:
        return str(css)
    named = re.fullmatch(rf"{known}-(0|[1-9]\d{{0,2}})-(0|[1-9]\d{{0,2}})", version, flags=re.ASCII)
    if not named or int(named[1]) not in HUES or int(named[2]) not in CHROMAS:
        return None
    return f"{css}\n@layer tokens{{:root{{--hue:{named[1]};--chroma:{int(named[2]) / 1000:g}}}}}"


@public
@kept()
def stylesheet(name: str, version: str) -> Response:
    css = content(name, version)
    if css is None:
        abort(404)
    response = Response(css, mimetype="text/css")
    response.headers["Cache-Control"] = FOR_GOOD
    return response


# Scripts


def script(name: str) -> Markup:
    """The tag of a script for the page being drawn, which may then run it and what it imports (see `shields`)."""
    address = f"/static/js-{current_app.extensions['scripts'][0]}/{name}.js"
    return Markup('<script type="module" src="{}" nonce="{}"></script>').format(address, nonce())


@public
@kept()
def module(version: str, name: str) -> Response:
    known, files = current_app.extensions["scripts"]
    if version != known or name not in files:
        abort(404)
    response = Response(files[name], content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = FOR_GOOD
    return response


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    folder = Path(app.static_folder or "")
    sheets = {name: joined(folder / "css", parts) for name, parts in SHEETS.items()}
    scripts = {path.stem: path.read_text() for path in sorted((folder / "js").glob("*.js"))}
    app.extensions["sheets"] = {name: (digest(css), css) for name, css in sheets.items()}
    app.extensions["scripts"] = (digest("".join(name + source for name, source in scripts.items())), scripts)
    app.add_url_rule(f"/static/<any({', '.join(SHEETS)}):name>-<version>.css", view_func=stylesheet)
    app.add_url_rule("/static/js-<version>/<name>.js", view_func=module)
    public(app.view_functions["static"])
