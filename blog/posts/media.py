"""Pictures: showing them to readers, and the library of them, where they come in and are found."""

import re

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wsgi import wrap_file

from blog import library, limits
from blog.access import me, public, requires
from blog.database import db
from blog.forms import tidy
from blog.models import Can, Media, MediaUse
from blog.models.media import ALT_LIMIT, markdown_of
from blog.paging import Page, page_of
from blog.picture_names import WHERE, is_stored, media_type, original_of, smallest
from blog.posts import bp, uploads
from blog.posts.uploads import NO_FILE, Outcome

SIZE = 24
POLICY = "default-src 'none'; sandbox"
FOR_GOOD = "public, max-age=31536000, immutable"


# Showing them


@bp.get("/media/<path:name>")
@public
def media(name: str) -> ResponseReturnValue:
    """A picture. Its name is made of its content, so it never changes and may be kept for good."""
    if not is_stored(name):
        abort(404)
    try:
        response = known(name) or whole(name) or instead(name)
    except OSError:
        current_app.logger.exception("the storage of pictures did not answer")
        abort(503)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # feed readers on the web show it as well
    return response


def known(name: str) -> Response | None:
    """For whoever has the picture already, nothing more."""
    if not request.if_none_match.contains(name) or not library.storage().exists(name):
        return None
    response = Response(status=304, headers={"Cache-Control": FOR_GOOD})
    response.set_etag(name)
    return response


def whole(name: str) -> Response | None:
    stored = library.storage().open(name)
    if stored is None:
        return None
    body = wrap_file(request.environ, stored.file)
    response = Response(body, mimetype=media_type(name), direct_passthrough=True, headers={"Cache-Control": FOR_GOOD})
    response.content_length = stored.size
    response.set_etag(name)
    response.make_conditional(request, accept_ranges=True, complete_length=stored.size)
    return response


def instead(name: str) -> Response:
    """In place of a version that has not been made yet, the way to the picture itself."""
    original = original_of(name)
    if original is None or not library.storage().exists(original):
        abort(404)
    response = Response(status=302, headers={"Location": WHERE + original, "Cache-Control": "no-cache"})
    return response


# The library


@bp.get("/write/media")
@requires(Can.WRITE)
def pictures() -> ResponseReturnValue:
    if wants_json():
        return {"items": [listed(one) for one in asked_for()]}
    return shelf(asked_for())


@bp.post("/write/media")
@requires(Can.WRITE)
def upload() -> ResponseReturnValue:
    if wants_json():
        return upload_of_one()
    limits.of_uploads(me(), len(uploads.sent()))
    outcomes = uploads.all_taken()
    failed = not outcomes or any(one.refusal for one in outcomes)
    return shelf(asked_for(), outcomes or [Outcome("", NO_FILE)]), 422 if failed else 200


@bp.post("/write/media/descriptions")
@requires(Can.WRITE)
def describe_pictures() -> ResponseReturnValue:
    """What several pictures show, each in a field that its number names. Those left empty stay as they are."""
    words = {int(found[1]): tidy(alt) for field, alt in request.form.items()
             if (found := re.fullmatch(r"alt-([0-9]{1,18})", field)) and tidy(alt)}  # fmt: skip
    described = 0
    for one in db.session.scalars(select(Media).where(Media.id.in_(words)).order_by(Media.id).with_for_update()):
        if not one.is_changeable_by(me()):
            abort(403)
        if len(words[one.id]) <= ALT_LIMIT:
            one.describe(alt=words[one.id], by=me())
            described += 1
        else:
            flash(f"“{one.title}” was left as it is: at most {ALT_LIMIT} characters say what a picture shows.", "bad")
    db.session.commit()
    flash("1 picture is described." if described == 1 else f"{described} pictures are described.")
    return redirect(url_for(".pictures", missing="alt"))


def upload_of_one() -> ResponseReturnValue:
    files, alt = uploads.sent(), tidy(request.form.get("alt"))
    if len(alt) > ALT_LIMIT:
        return {"error": f"At most {ALT_LIMIT} characters say what a picture shows; these are {len(alt):,}."}, 422
    if len(files) != 1:
        return {"error": "Send one picture at a time." if files else NO_FILE}, 422
    limits.of_uploads(me())
    outcome = uploads.taken(files[0], alt=alt)
    if outcome.media is None:
        return {"error": outcome.refusal}, 422
    words = alt or outcome.media.alt
    told = listed(outcome.media) | {"alt": words, "markdown": markdown_of(outcome.media.address, words)}
    return told, 201


# Pages and answers


def asked_for() -> Page[Media]:
    """The part of the library that the address names."""
    found: Select[Media] = Media.matching(tidy(request.args.get("q"))[:200])
    if request.args.get("missing") == "alt":
        found = found.where(Media.alt == "")
    if request.args.get("whose") == "mine":
        found = found.where(Media.owner_id == me().id)
    return page_of(found.options(joinedload(Media.owner)), (Media.id,), size=SIZE, args=request.args)


def shelf(page: Page[Media], outcomes: list[Outcome] | None = None) -> str:
    numbers = MediaUse.numbers(one.id for one in page)
    return render_template(
        "posts/media.html", page=page, numbers=numbers, outcomes=outcomes or [], most=uploads.MOST_AT_ONCE
    )


def listed(one: Media) -> dict[str, str | int]:
    return {
        "address": one.address,
        "thumb": WHERE + smallest(one.name),
        "width": one.width,
        "height": one.height,
        "alt": one.alt,
    }


def wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
