"""The desk: where editors find, write and publish their posts."""

from collections.abc import Callable

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blog import models
from blog.access import me, requires
from blog.database import db
from blog.models import Can, HandOverError, Post, PostKind, PostStatus, PublishError, Revision, StaleError, User
from blog.models.user import lowered
from blog.paging import page_of
from blog.posts import bp, covers
from blog.posts.forms import HandOverForm, PostForm, shown, shown_then
from blog.posts.loading import editable, fresh_uid, post_form, started_before
from blog.web import clock

DESK_SIZE = 25
NO_DATE = "A draft keeps no date. Press Publish to set one, or leave this empty."
STATES = {status.value for status in PostStatus}
CLASHING = ("title", "body", "slug", "summary", "tags", "language", "visibility", "cover", "cover_alt", "publish_at")
Deed = Callable[[Post, PostForm], bool]


@bp.get("/write")
@requires(Can.WRITE)
def desk() -> ResponseReturnValue:
    state, words = request.args.get("state", ""), request.args.get("q", "").strip()[:200]
    everyone = request.args.get("whose") == "everyone" and me().can(Can.EDIT_ANY)
    posts = select(Post).where(Post.kind == PostKind.post)  # pages have a list of their own, for admins
    if not everyone:
        posts = posts.where(Post.of(me().id))
    if state and state not in STATES:
        abort(404)
    posts = posts.where(Post.status == PostStatus(state) if state else Post.binned_at.is_(None))
    if words:
        posts = posts.where(Post.title.icontains(words, autoescape=True))
    page = page_of(Post.for_a_list(posts), (Post.updated_at, Post.id), size=DESK_SIZE, args=request.args)
    return render_template("posts/desk.html", page=page, state_asked=state, words=words, everyone=everyone)


@bp.get("/write/posts/new")
@requires(Can.WRITE)
def new() -> ResponseReturnValue:
    return editor(None, post_form(None))


@bp.post("/write/posts/new")
@requires(Can.WRITE)
def create() -> ResponseReturnValue:
    return saved(None, save, "Saved as a draft. Only you and the admins can see it.")


@bp.post("/write/posts/new/publication")
@requires(Can.WRITE)
def create_and_publish() -> ResponseReturnValue:
    return saved(None, publish, "")


@bp.get("/write/posts/<int:post_id>")
@requires(Can.WRITE)
def edit(post_id: int) -> ResponseReturnValue:
    post = editable(post_id)
    return editor(post, post_form(post))


@bp.post("/write/posts/<int:post_id>")
@requires(Can.WRITE)
def update(post_id: int) -> ResponseReturnValue:
    post = editable(post_id, lock=True)
    return saved(post, save, "Saved. Readers see it now." if post.is_live else "Saved. Readers do not see it yet.")


@bp.post("/write/posts/<int:post_id>/publication")
@requires(Can.WRITE)
def publish_post(post_id: int) -> ResponseReturnValue:
    return saved(editable(post_id, lock=True), publish, "")


@bp.post("/write/posts/<int:post_id>/withdrawal")
@requires(Can.WRITE)
def unpublish_post(post_id: int) -> ResponseReturnValue:
    return saved(
        editable(post_id, lock=True), unpublish, "Unpublished. It is a draft again, and readers no longer see it."
    )


@bp.post("/write/posts/<int:post_id>/bin")
@requires(Can.WRITE)
def bin_post(post_id: int) -> ResponseReturnValue:
    return saved(editable(post_id, lock=True), put_in_bin, "Moved to the bin. It can be restored from there.")


@bp.post("/write/posts/<int:post_id>/restoration")
@requires(Can.WRITE)
def restore_post(post_id: int) -> ResponseReturnValue:
    return saved(editable(post_id, lock=True), restore, "Restored as a draft.")


@bp.post("/write/posts/<int:post_id>/author")
@requires(Can.WRITE)
def hand_over(post_id: int) -> ResponseReturnValue:
    post = editable(post_id, lock=True)
    if post.author_id != me().id and not me().can(Can.EDIT_ANY):
        abort(403)  # co-authors may write it, but not give it away
    form = HandOverForm()
    to = User.by_email(form.email.data or "")
    try:
        if not form.validate() or to is None:
            raise HandOverError(f"Nobody here has the address “{lowered(form.email.data or '')}”.")
        models.hand_over(post.id, to.id, by=me())
    except HandOverError as refusal:
        form.refuse("email", str(refusal))
        return editor(post, post_form(post, sent=False), hand_over_form=form), 422
    db.session.commit()
    flash(f"“{post.headline}” now belongs to {to.name}.")
    return redirect(lists(post))


# What the buttons do to a post. Each returns whether anything changed.


def save(post: Post, form: PostForm) -> bool:
    if form.moment and not post.published_at:
        raise PublishError("publish_at", NO_DATE)
    return post.revise(base=form.base_number, by=me(), **form.changes())


def publish(post: Post, form: PostForm) -> bool:
    changes = form.changes()
    at = changes.pop("published_at", form.moment)
    return post.publish(base=form.base_number, by=me(), at=at, **changes)


def unpublish(post: Post, form: PostForm) -> bool:
    return post.unpublish(base=form.base_number, by=me(), **form.changes())


def put_in_bin(post: Post, form: PostForm) -> bool:
    return post.bin(base=form.base_number, by=me(), **form.changes())


def restore(post: Post, form: PostForm) -> bool:
    return post.restore(base=form.base_number, by=me(), **form.changes())


def saved(post: Post | None, deed: Deed, message: str) -> ResponseReturnValue:
    """Check the form, do the deed, commit; or show the form again with what is wrong and all that was typed."""
    if cover := covers.kept():
        post = post and editable(post.id, lock=True)  # keeping the picture let go of it
    post = post or started_before()
    form = post_form(post)
    form.take_cover(cover)
    if not form.validate():
        return editor(post, form), 422
    try:
        done = begin(form, deed) if post is None else (deed(post, form), post)[1]
        db.session.commit()
    except PublishError as error:
        form.refuse(error.field, str(error))
        return editor(after_rollback(post), form), 422
    except StaleError:
        return clash(after_rollback(post), form)
    except IntegrityError:
        post = after_rollback(post)
        if post is None and (twin := started_before()):  # the same form, sent twice at once
            return saved(twin, deed, message)
        form.refuse("slug", "Somebody took this address, or one of these tags, a moment ago. Save again.")
        return editor(post, form), 409
    flash(message or told(done))
    return redirect(lists(done) if done.binned_at else url_for(".edit", post_id=done.id))


def begin(form: PostForm, deed: Deed) -> Post:
    """A new post out of the form, and the deed done to it."""
    if deed is save and form.moment:
        raise PublishError("publish_at", NO_DATE)
    post = started(form)
    if deed is publish:
        post.publish(base=post.revision, by=me(), at=form.moment)
    return post


def started(form: PostForm) -> Post:
    """The new post. Where nobody typed its address, and somebody just took the free one, the next free one will do."""
    for attempts_left in reversed(range(10)):
        try:
            with db.session.begin_nested():
                return Post.start(me(), by=me(), uid=fresh_uid(), kind=form.kind, **form.changes())
        except IntegrityError:
            if form.slug.data or not attempts_left or started_before():
                raise
    raise AssertionError("the last attempt returns or raises")


def after_rollback(post: Post | None) -> Post | None:
    post_id = post.id if post else None
    db.session.rollback()
    return editable(post_id) if post_id else None


def told(post: Post) -> str:
    if post.is_live:
        return "Published. Readers see it now."
    assert post.published_at is not None  # noqa: S101 - it was published just now
    return f"Scheduled: it goes live on {clock(post.published_at)}, {g.site.time_zone}."


def lists(post: Post) -> str:
    """The address of the list it stands in."""
    return url_for("admin.pages") if post.is_page else url_for(".desk")


# The pages


def editor(post: Post | None, form: PostForm, hand_over_form: HandOverForm | None = None) -> str:
    return render_template(
        "posts/editor.html", post=post, form=form, hand_over_form=hand_over_form or HandOverForm(formdata=None)
    )


def clash(post: Post | None, form: PostForm) -> ResponseReturnValue:
    """Both texts on one page: what was saved meanwhile, and what was typed, which only another press can save."""
    assert post is not None  # noqa: S101 - only a post that exists can have moved on
    before = Revision.of(post, form.base_number)
    theirs, mine = shown(post), {name: form[name].data for name in CLASHING if name in form}
    untouched = [name for name in mine if before and mine[name] == shown_then(before)[name]]
    for name in untouched:  # where only they changed something, the result begins with theirs
        form[name].data = theirs[name]
    form.base.data = str(post.revision)
    page = render_template(
        "posts/clash.html",
        post=post,
        form=form,
        before=before and shown_then(before) | {"number": before.number},
        theirs=theirs,
        mine=mine,
        untouched=untouched,
        differing=[name for name in mine if name != "publish_at" and mine[name] != theirs[name]],
        latest=Revision.of(post, post.revision),
    )
    return page, 409
