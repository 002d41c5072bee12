"""The page where two changes of the same place meet: before, theirs, mine, and a result that is a form of its own."""

from uuid import uuid4

from flask import render_template
from flask.typing import ResponseReturnValue

from blog.comparing import compared_line
from blog.merging import Clash, Joined
from blog.models import Post, Revision
from blog.models.content import Content, Reconciled, both
from blog.posts.forms import PostForm, as_words

PRESSES = {
    "save": ("Save the result", ".update"),
    "publish": ("Publish the result", ".publish_post"),
    "unpublish": ("Unpublish, with the result", ".unpublish_post"),
    "put_in_bin": ("Move to the bin, with the result", ".bin_post"),
    "restore": ("Restore, with the result", ".restore_post"),
    "bring_back": ("Save the result", ".update"),
}


def merge_page(
    post: Post | None,
    form: PostForm,
    found: Reconciled | None,
    *,
    taken: str,
    deed: str,
    mine: Content | None = None,
) -> ResponseReturnValue:
    """What was saved meanwhile and what was typed, side by side. Nothing is saved until the result is.

    The result begins from the newest revision, so that whoever saves meanwhile is met again, and so on.
    """
    assert post is not None  # noqa: S101 - only a post that exists can have moved on
    theirs = post.newest
    mine = theirs | (form.content() if mine is None else mine)
    before = post.content_at(form.base_number)
    pieces = found.pieces if found else whole_clash(theirs["body"], mine["body"])
    result = found.result if found else mine
    names = [name for name in mine if mine[name] != theirs[name]] if found is None else list(found.clashes)
    form.show(result, base=post.revision)
    form.copy.data, form.seq.data, form.taken.data = str(uuid4()), "0", taken
    page = render_template(
        "posts/merge.html",
        post=post,
        form=form,
        before=before and as_words(before),
        theirs=as_words(theirs),
        mine=as_words(mine),
        segments=segments(pieces),
        clashing=[name for name in names if name != "body" and name in form],
        joined=found.theirs if found else (),
        since=Revision.since(post, form.base_number or 0),
        press=PRESSES[deed],
        apart=str(uuid4()),
        compared_line=compared_line,
    )
    return page, 409


def whole_clash(theirs: str, mine: str) -> tuple[Joined | Clash, ...]:
    """Where nobody knows what the text began from, all of it must be looked at."""
    return (Joined(mine),) if theirs == mine else (Clash("", theirs, mine, ""),)


def segments(pieces: tuple[Joined | Clash, ...]) -> list[dict[str, object]]:
    """The body in order: what is joined, and what is to be decided, which begins with both."""
    return [
        {"text": piece.text, "clash": None} if isinstance(piece, Joined) else {"text": both(piece), "clash": piece}
        for piece in pieces
    ]
