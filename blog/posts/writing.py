"""The editor: begin a post, go on with one, save it, and keep what is typed meanwhile."""

import re
from typing import Any
from uuid import UUID, uuid4

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog.access import me, requires
from blog.database import db, utcnow
from blog.markdown import BODY_LIMIT
from blog.models import Can, Post, Revision, TooManyCopiesError, WorkingCopy
from blog.posts import bp
from blog.posts.forms import PostForm, as_uuid
from blog.posts.loading import editable, post_form, started_before
from blog.posts.presence import opened, others_at
from blog.posts.saving import begun_with, editor, hand_in, save, saved, started, words_for
from blog.web import time_of_day

NO_COPY = "none"  # in place of a working copy: the text as it was last saved


@bp.get("/write/posts/new")
@requires(Can.WRITE)
def new() -> ResponseReturnValue:
    return editor(None, post_form(None))


@bp.post("/write/posts/new")
@requires(Can.WRITE)
def create() -> ResponseReturnValue:
    return saved(None, save, "Saved as a draft. Only you and the admins can see it.")


@bp.get("/write/posts/<int:post_id>")
@requires(Can.WRITE)
def edit(post_id: int) -> ResponseReturnValue:
    post = editable(post_id)
    left = WorkingCopy.left(post, me())
    working = chosen(left)
    if request.headers.get("Sec-Fetch-Mode") == "navigate" and "from" not in request.args:
        # A browser that comes back to a page puts what was typed into whatever we then send. So the address says which
        # text this page began from: what was typed must not stand before a base that it did not begin from.
        base = working.base if working else post.revision
        which: dict[str, Any] = {"from": base, "copy": working.id if working else NO_COPY}
        return redirect(url_for(".edit", post_id=post_id, **which))
    return opened(post_id, text_of(post, working, left))


def newest_text(post: Post, **words: Any) -> str:
    """The editor with what I have typed and not saved, where there is such, else with the newest revision."""
    left = WorkingCopy.left(post, me())
    return text_of(post, left[0] if left else None, left, **words)


def text_of(post: Post, working: WorkingCopy | None, left: list[WorkingCopy], **words: Any) -> str:
    if working is None:
        form = post_form(post, sent=False)
        began = request.args.get("from", "") if request.method == "GET" else ""
        earlier = Revision.of(post, int(began)) if re.fullmatch(r"[0-9]{1,9}", began) else None
        if earlier and earlier.number != post.revision:
            form.show(earlier.content, base=earlier.number)
        return editor(post, form, left=left, **words)
    form = post_form(post, typed=working.typed)
    form.base.data = str(working.base)
    others = [copy for copy in left if copy is not working]
    page = editor(post, form, taken=words_for(working), working=working, left=others, **words)
    return begun_with(post, working, form, page)


def chosen(left: list[WorkingCopy]) -> WorkingCopy | None:
    """The working copy that the address asks for, or the newest."""
    asked = request.args.get("copy", "")
    if asked == NO_COPY or not left:
        return None
    return next((copy for copy in left if copy.id == as_uuid(asked)), None) if asked else left[0]


@bp.post("/write/posts/<int:post_id>")
@requires(Can.WRITE)
def update(post_id: int) -> ResponseReturnValue:
    post = editable(post_id, lock=True)
    return saved(post, save, "Saved. Readers do not see it yet.")


# Working copies


@bp.post("/write/posts/<int:post_id>/working-copy")
@requires(Can.WRITE)
def keep_working_copy(post_id: int) -> ResponseReturnValue:
    """Autosave: keep what is typed, privately, whatever its faults. Answers with what has happened meanwhile."""
    return kept(editable(post_id, shared=True, whole=False))


@bp.post("/write/posts/new/working-copy")
@requires(Can.WRITE)
def keep_new() -> ResponseReturnValue:
    """The first autosave of a new post makes the draft, of those fields that are fit for one."""
    post, form = started_before(), post_form(None)
    if refusal := too_long(form):
        return refusal
    if post is None:
        form.validate()
        post = started(form, form.sound_content())
        hand_in(post, form)
        if form.errors and form.copy_id:  # the rest of it stands in the page, and is not saved
            seq = form.seq_number
            WorkingCopy.keep(form.copy_id, post, me(), base=post.revision, seq=seq, typed=form.typed(), pressed=True)
        return told(post, form, seq=form.seq_number, is_new=True)
    return kept(post, is_new=True)


@bp.post("/write/posts/<int:post_id>/working-copies/<uuid:copy_id>/removal")
@requires(Can.WRITE)
def discard_working_copy(post_id: int, copy_id: UUID) -> ResponseReturnValue:
    post = editable(post_id, whole=False)
    WorkingCopy.drop(copy_id, post, me())
    db.session.commit()
    flash("Thrown away. Here is the text as it was last saved.")
    return redirect(url_for(".edit", post_id=post.id))


def kept(post: Post, *, is_new: bool = False) -> ResponseReturnValue:
    form = post_form(post)
    if refusal := too_long(form):
        return refusal
    base = form.base_number if form.base_number is not None else post.revision
    said: dict[str, Any] = {"typed": form.typed(), "is_same": says_nothing_new(post, form)}
    after = form.taken_over
    try:
        seq = WorkingCopy.keep(form.copy_id or uuid4(), post, me(), base=base, seq=form.seq_number, after=after, **said)
    except TooManyCopiesError as error:
        return jsonify(error=str(error)), 409
    if after and seq == form.seq_number:
        WorkingCopy.settle(after, post, me())
    return told(post, form, seq=seq, is_new=is_new)


def says_nothing_new(post: Post, form: PostForm) -> bool:
    """Whether the form says just what was last saved: something was typed, and taken away again."""
    newest = post.newest
    if form.base_number != post.revision or newest | form.content() != newest:
        return False
    is_dated = bool(request.form.get("publish_at", "").strip())
    return is_dated == (post.published_at is not None) and (not is_dated or form.shows_its_date)


def too_long(form: PostForm) -> ResponseReturnValue | None:
    """The refusal of a text that no working copy can hold; of anything else it holds the faults as well."""
    over = {name: value for name, value in form.typed().items() if len(value) > BODY_LIMIT}
    if not over:
        return None
    errors = {name: f"At most {BODY_LIMIT:,} characters; this has {len(value):,}." for name, value in over.items()}
    return jsonify(errors=errors), 422


def told(post: Post, form: PostForm, *, seq: int, is_new: bool = False) -> ResponseReturnValue:
    """Commit, and say what the page should know: how far it is kept, and what others have done meanwhile."""
    answer: dict[str, Any] = {"saved_at": time_of_day(utcnow()), "seq": seq, "revision": post.revision}
    answer["moved"] = moved_on(post, form.base_number or post.revision)
    answer["presence"] = others_at(post.id)
    if is_new:
        answer |= {"post": post.id, "address": url_for(".edit", post_id=post.id), "base": post.revision}
    db.session.commit()  # last, since it lets go of all that was read
    return jsonify(answer)


def moved_on(post: Post, base: int) -> dict[str, Any] | None:
    """Who has saved since, and what; None where the text is still the newest."""
    if base == post.revision:
        return None
    newest = Revision.since(post, post.revision - 1)
    if not newest or newest[0].by_id == me().id:
        return None
    by = newest[0].by.name if newest[0].by else "Somebody"
    return {"by": by, "revision": post.revision, "at": time_of_day(newest[0].created_at)}
