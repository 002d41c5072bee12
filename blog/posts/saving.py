"""What every button of the editor does: check the form, do the deed, commit; or show again all that was typed."""

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from blog.access import me
from blog.database import db
from blog.models import Post, PublishError, Revision, StaleError, TooManyCopiesError, WorkingCopy
from blog.models.content import Content, Reconciled
from blog.models.revising import Saved
from blog.passing import write_in_passing
from blog.posts import covers
from blog.posts.checklist import checklist
from blog.posts.company import company_of
from blog.posts.company_forms import CoAuthorForm
from blog.posts.comparison import typed_content
from blog.posts.forms import HandOverForm, PostForm, as_uuid, taken_over
from blog.posts.loading import editable, fresh_uid, post_form, started_before
from blog.posts.merge_page import merge_page
from blog.posts.moments import local_minute, told_twice
from blog.posts.presence import opened
from blog.web import clock

SAVING_SETS_NO_DATE = "Saving changes no date. Press Publish to set this one, or put back what stood here."
Deed = Callable[[Post, PostForm, WorkingCopy | None], Saved]


# The deeds


def save(post: Post, form: PostForm, copy: WorkingCopy | None) -> Saved:
    refuse_a_date(post, form)
    return post.revise(base=form.base_number, by=me(), waits=True, copy=copy, **form.content())


def publish(post: Post, form: PostForm, copy: WorkingCopy | None) -> Saved:
    return post.publish(base=form.base_number, by=me(), at=form.moment, copy=copy, **form.content())


def unpublish(post: Post, form: PostForm, copy: WorkingCopy | None) -> Saved:
    return post.unpublish(base=form.base_number, by=me(), copy=copy, **form.content())


def put_in_bin(post: Post, form: PostForm, copy: WorkingCopy | None) -> Saved:
    return post.bin(base=form.base_number, by=me(), copy=copy, **form.content())


def restore(post: Post, form: PostForm, copy: WorkingCopy | None) -> Saved:
    return post.restore(base=form.base_number, by=me(), copy=copy, **form.content())


def refuse_a_date(post: Post | None, form: PostForm) -> None:
    """Raises PublishError where a date was typed that only publishing would set.

    One that stood there when the page was opened, and which somebody has changed since, nobody has typed.
    """
    then = Revision.of(post, form.base_number) if post and form.base_number != post.revision else None
    stood_there = then and then.published_at and form.publish_at.data == local_minute(then.published_at)
    if form.publish_at.data and not stood_there and not (post and form.shows_its_date):
        raise PublishError("publish_at", SAVING_SETS_NO_DATE)


# How they are done


def saved(post: Post | None, deed: Deed, message: str) -> ResponseReturnValue:
    """Do what the button says to the post, or to a new one, and answer."""
    post_id = post.id if post else None
    answer = done_or_shown(post, deed, message)
    return opened(post_id, answer) if post_id and deed is not put_in_bin else answer


def done_or_shown(post: Post | None, deed: Deed, message: str) -> ResponseReturnValue:
    if cover := covers.kept():
        post = post and editable(post.id, lock=True)  # keeping the picture let go of it
    post = post or started_before()
    form = post_form(post)
    form.take_cover(cover)
    if not form.validate():
        return refused(post, form), 422
    try:
        done, outcome = begun(form, deed) if post is None else (post, done_to(post, form, deed))
        db.session.commit()
    except PublishError as error:
        form.refuse(error.field, str(error))
        return refused(after_rollback(post), form), 422
    except StaleError as stale:
        post = after_rollback(post)
        taken = keep_typed(post, form)
        answer = merge_page(post, form, stale.found, taken=taken, deed=deed.__name__)
        return begun_with_a_merge(post, form, stale.found, taken, answer)
    except IntegrityError:
        post = after_rollback(post)
        if post is None and (twin := started_before()):  # the same form, sent twice at once
            return done_or_shown(twin, deed, message)
        form.refuse("slug", "Somebody took this address, or one of these tags, a moment ago. Save again.")
        return refused(post, form), 409
    if outcome.is_late:
        flash("This came late: the page it is from has saved something newer since. Here is that.")
        return redirect(url_for(".edit", post_id=done.id))
    flash(message or told(done))
    if told_of_others := joined_with(done, form, outcome):
        flash(told_of_others)
    return redirect(lists(done) if done.binned_at else url_for(".edit", post_id=done.id))


def refused(post: Post | None, form: PostForm) -> str:
    """The editor again, with what is wrong and all that was typed, which the working copy keeps too."""
    taken = keep_typed(post, form)
    page, copy = editor(post, form, taken=taken), as_uuid(taken.partition(":")[0])
    kept = WorkingCopy.of(copy, post, me()) if post and copy else None
    return begun_with(post, kept, form, page) if post and kept else page


def begun_with(post: Post, copy: WorkingCopy, form: PostForm, page: str) -> str:
    """The same page, when it is noted what text it began with: both it and that copy may yet be saved, with more."""
    fresh, of, after = as_uuid(form.copy.data or ""), (post.id, me().id), (copy.id, copy.version)
    base, typed, content = copy.base, copy.typed, typed_content(post, copy)
    if fresh:
        write_in_passing(lambda: WorkingCopy.begin(fresh, of, after, base=base, typed=typed, content=content))
    return page


def begun_with_a_merge(
    post: Post | None, form: PostForm, found: Reconciled | None, taken: str, answer: ResponseReturnValue
) -> ResponseReturnValue:
    """The same answer, a page of a merge, when it is noted what it began with: my text and the newest revision."""
    fresh, after = as_uuid(form.copy.data or ""), taken_over(taken)
    if post and found and fresh and after:
        of, base, typed, content = (post.id, me().id), post.revision, form.typed(), found.result
        begin = partial(WorkingCopy.begin, fresh, of, after, base=base, typed=typed, content=content, is_merged=True)
        write_in_passing(begin)
    return answer


def done_to(post: Post, form: PostForm, deed: Deed) -> Saved:
    """The deed, unless this form comes late: its page has saved something newer since."""
    copy = WorkingCopy.begun_as(form.copy_id, form.taken_over, post, me())
    if copy and copy.id == form.copy_id and copy.is_past(form.seq_number, form.typed(), deed.__name__):
        return Saved(False, is_late=True)
    outcome = deed(post, form, copy)
    hand_in(post, form, deed.__name__)
    return outcome


def hand_in(post: Post, form: PostForm, deed: str = "") -> None:
    """What was typed is saved, but for what was found at fault: no working copy of it is left."""
    if form.copy_id:
        seq, content, typed = form.seq_number, form.content(), form.typed()
        if form.errors:
            content, typed = form.sound_content(), {}
        WorkingCopy.hand_in(form.copy_id, post, me(), seq=seq, content=content, typed=typed, deed=deed)
    if form.taken_over and (taken := WorkingCopy.of(form.taken_over[0], post, me())):
        WorkingCopy.settle(form.taken_over, post, me(), content=typed_content(post, taken))


def keep_typed(post: Post | None, form: PostForm) -> str:
    """Keep what could not be saved as a working copy. Returns what the next page says it took over."""
    if post is None or not form.typed():
        return ""
    copy_id, after = form.copy_id or uuid4(), form.taken_over
    base = form.base_number if form.base_number is not None else post.revision
    try:
        WorkingCopy.keep(
            copy_id, post, me(), base=base, seq=form.seq_number, typed=form.typed(), after=after, pressed=True
        )
    except TooManyCopiesError:
        return ""
    if after:
        WorkingCopy.settle(after, post, me())
    kept = WorkingCopy.of(copy_id, post, me())
    db.session.commit()
    return words_for(kept) if kept else ""


def words_for(copy: WorkingCopy) -> str:
    """How the form of a page names the working copy it begins with."""
    return f"{copy.id}:{copy.version}"


def begun(form: PostForm, deed: Deed) -> tuple[Post, Saved]:
    """A new post out of the form, and the deed done to it."""
    if deed is save:
        refuse_a_date(None, form)
    post = started(form, form.content())
    outcome = post.publish(base=post.revision, by=me(), at=form.moment) if deed is publish else Saved(True)
    hand_in(post, form, deed.__name__)
    return post, outcome


def started(form: PostForm, content: Content) -> Post:
    """The new post. Where nobody typed its address, and somebody just took the free one, the next free one will do."""
    for attempts_left in reversed(range(10)):
        try:
            with db.session.begin_nested():
                return Post.start(me(), by=me(), uid=fresh_uid(), kind=form.kind, **with_address(content, form))
        except IntegrityError:
            if form.slug.data or not attempts_left or started_before():
                raise
    raise AssertionError("the last attempt returns or raises")


def with_address(content: Content, form: PostForm) -> Content:
    return content | {"slug": content.get("slug") or Post.free_slug(content.get("title", ""), kind=form.kind)}


def after_rollback(post: Post | None) -> Post | None:
    post_id = identity(post) if post else None
    db.session.rollback()
    return editable(post_id) if post_id else None


def identity(post: Post) -> int:
    """Its number, without asking a transaction that has failed."""
    known = inspect(post).identity
    assert known  # noqa: S101 - the post is one that was loaded
    return int(known[0])


# What is said then


def told(post: Post) -> str:
    if post.is_live:
        return "Published. Readers see it now."
    assert post.published_at is not None  # noqa: S101 - it was published just now
    when = f"{clock(post.published_at)}, {g.site.time_zone}"
    return f"Scheduled: it goes live on {when}.{told_twice(post.published_at)}"


def joined_with(post: Post, form: PostForm, outcome: Saved) -> str:
    """That somebody else's changes came together with these; empty where nobody else's did."""
    found, base = outcome.found, form.base_number
    if not outcome or found is None or not found.theirs or base is None:
        return ""
    others = {then.by.name if then.by else "Somebody" for then in Revision.since(post, base) if then.by_id != me().id}
    who = " and ".join(sorted(others)) or "You"
    seen = " Readers see both." if post.is_live and not post.has_changes else ""
    return f"{who} had saved changes in other places meanwhile. They and these are joined.{seen}"


def lists(post: Post) -> str:
    """The address of the list it stands in."""
    return url_for("admin.pages") if post.is_page else url_for(".desk")


def editor(
    post: Post | None,
    form: PostForm,
    *,
    taken: str = "",
    working: WorkingCopy | None = None,
    left: list[WorkingCopy] | None = None,
    hand_over_form: HandOverForm | None = None,
    co_author_form: CoAuthorForm | None = None,
) -> str:
    """The page of the editor. It names itself anew each time, so that no two can overwrite each other."""
    form.copy.data, form.seq.data, form.taken.data = str(uuid4()), "0", taken
    return render_template(
        "posts/editor.html",
        post=post,
        form=form,
        working=working,
        left=left or [],
        twin_uid=uuid4(),
        checks=checklist(post, form) if post else [],
        moved=Revision.of(post, post.revision) if post and form.base.data != str(post.revision) else None,
        hand_over_form=hand_over_form or HandOverForm(formdata=None),
        co_author_form=co_author_form or CoAuthorForm(formdata=None),
        **(company_of(post) if post else {}),
    )
