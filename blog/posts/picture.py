"""One picture of the library: what it shows, where it is used, another in its place, and its end."""

import re
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload, undefer
from wtforms import StringField
from wtforms.validators import ValidationError

from blog import library, limits
from blog.access import me, requires
from blog.database import db
from blog.forms import Form, at_most, tidy
from blog.models import Can, Media, MediaUse, Post, UsedPictureError, User, record
from blog.models.content import Content
from blog.models.media import ALT_LIMIT
from blog.posts import bp, uploads
from blog.posts.uploads import NO_FILE, Outcome

SHOWN_USES = 50
WHY_ALT = "For those who cannot see it, and where it does not load. Stands in the text wherever the picture is put in."


class PictureForm(Form):
    """What is said of a picture of the library."""

    alt = StringField("What it shows", [at_most(ALT_LIMIT)], filters=[tidy], description=WHY_ALT)
    focus = StringField("What must stay in sight where the picture is cropped")

    def __init__(self, *, obj: Media, **options: Any) -> None:
        super().__init__(data={"alt": obj.alt, "focus": f"{obj.focus_x}-{obj.focus_y}"}, **options)

    def validate_focus(self, field: StringField) -> None:
        if not re.fullmatch(r"[0-4]-[0-4]", field.data or ""):
            raise ValidationError("Choose one of the places on the picture.")

    @property
    def place(self) -> tuple[int, int]:
        across, down = (self.focus.data or "").split("-")
        return int(across), int(down)


@bp.get("/write/media/<int:media_id>")
@requires(Can.WRITE)
def picture(media_id: int) -> ResponseReturnValue:
    return page_of_picture(db.get_or_404(Media, media_id))


@bp.post("/write/media/<int:media_id>")
@requires(Can.WRITE)
def describe_picture(media_id: int) -> ResponseReturnValue:
    one = changeable(media_id)
    form = PictureForm(obj=one)
    if not form.validate():
        return page_of_picture(one, form), 422
    one.describe(alt=form.alt.data or "", by=me())
    one.focus_x, one.focus_y = form.place
    db.session.commit()
    flash("Saved.")
    return redirect(url_for(".picture", media_id=media_id))


@bp.post("/write/media/<int:media_id>/replacement")
@requires(Can.WRITE)
def replace_picture(media_id: int) -> ResponseReturnValue:
    files = uploads.sent()
    alt = changeable(media_id).alt
    db.session.rollback()
    limits.of_uploads(me())  # commits, so that nobody waits while the new one is decoded
    outcome = uploads.taken(files[0], alt=alt) if files else Outcome("", NO_FILE)
    old = changeable(media_id)
    if outcome.media is None:
        return page_of_picture(old, refusal=outcome.refusal), 422
    if outcome.media.id == old.id:
        return page_of_picture(old, refusal="That is the very same picture."), 422
    numbers = put_in_place(old, outcome.media, by=me())
    db.session.commit()
    flash(told(*numbers))
    return redirect(url_for(".picture", media_id=outcome.media.id))


@bp.post("/write/media/<int:media_id>/removal")
@requires(Can.WRITE)
def remove_picture(media_id: int) -> ResponseReturnValue:
    one = changeable(media_id)
    name, title = one.name, one.title
    try:
        one.delete(by=me())
    except UsedPictureError as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for(".picture", media_id=media_id))
    db.session.commit()
    try:
        library.clear_away(name)
    except OSError:  # it is out of the library; `flask media sweep` finds what lies about
        current_app.logger.exception("the files of a picture could not be deleted")
    flash(f"“{title}” is deleted.")
    return redirect(url_for(".pictures"))


# What they do


def changeable(media_id: int) -> Media:
    """The picture, held till the end, if the person may change it. Everybody who writes knows of it: 403 for others."""
    # Not so firmly that a save, which holds its post and notes the picture, would wait for us, and we for the post.
    found: Media = db.first_or_404(select(Media).where(Media.id == media_id).with_for_update(key_share=True))
    if not found.is_changeable_by(me()):
        abort(403)
    return found


def put_in_place(old: Media, fresh: Media, *, by: User) -> tuple[int, int]:
    """The posts that this person may change show the new picture from now on; what they showed stays in their history.

    Returns how many these are, and how many posts of others go on showing the old one.
    """
    if fresh.is_changeable_by(by):  # it may be one that somebody else has brought before
        fresh.focus_x, fresh.focus_y = old.focus_x, old.focus_y
    using = select(Post).join(MediaUse).where(MediaUse.media_id == old.id, shows_now(old)).order_by(Post.id)
    held = using.options(undefer(Post.body)).with_for_update(of=Post, key_share=True)

    def changed(content: Content) -> Content:
        return content | {name: content[name].replace(old.address, fresh.address) for name in ("body", "cover")}

    posts = db.session.scalars(held).all()
    mine = [post for post in posts if by.can_edit(post)]
    number = sum(post.amend(changed, by=by, what="picture replaced") for post in mine)
    record("replaced the picture", by=by, subject=old.title, posts=number)
    return number, sum(old.address in post.cover + post.body for post in posts if post not in mine)


def shows_now(one: Media) -> ColumnElement[bool]:
    """Whether a post shows the picture now, or may in what waits; not only in an earlier revision."""
    return or_(Post.cover == one.address, Post.body.contains(one.address), Post.out_revision != Post.revision)


def told(number: int, of_others: int) -> str:
    where = {0: "No post of yours showed the old one.", 1: "The post of yours that showed the old one shows it now."}
    words = where.get(number, f"{number} posts that showed the old one show it now.")
    kept = f" {of_others} of others go on showing the old one: they are theirs to change." if of_others else ""
    return f"The new picture is here. {words}{kept}"


# The page


def page_of_picture(one: Media, form: PictureForm | None = None, refusal: str = "") -> str:
    using = select(Post, shows_now(one)).join(MediaUse).where(MediaUse.media_id == one.id)
    using = using.options(joinedload(Post.author), selectinload(Post.co_authors))
    rows = db.session.execute(using.order_by(Post.updated_at.desc()).limit(SHOWN_USES)).all()
    open_to_me = [(post, now) for post, now in rows if post.is_live or me().can_edit(post)]
    return render_template(
        "posts/media_picture.html",
        picture=one,
        form=form or PictureForm(formdata=None, obj=one),
        refusal=refusal,
        uses=open_to_me,
        hidden=MediaUse.numbers([one.id]).get(one.id, 0) - len(open_to_me),
        may_change=one.is_changeable_by(me()),
    )
