"""Tags: what they are called, and which of them are one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from blog.access import me, requires
from blog.admin import bp
from blog.database import db
from blog.forms import Form, at_most, needed, tidy
from blog.models import Can, Tag, UsedTagError, delete_tag, merge_tags, rename_tag
from blog.models.tag import NAME_LIMIT, address_of, post_tags
from blog.models.tagging import unused, with_tag
from blog.paging import page_of

LIST_SIZE = 50
SUGGESTED = 500  # tags named by the field that asks for one
SORTS = {"name": (Tag.name, Tag.id), "posts": (Tag.dated_posts, Tag.id)}
GONE = "That tag is no longer there: somebody has renamed, merged or deleted it."


class TagForm(Form):
    name = StringField(
        "Name",
        [needed("Give the tag a name."), at_most(NAME_LIMIT)],
        filters=[tidy],
        description="Where its address changes with it, the old one leads on to the new one.",
    )
    was = HiddenField()

    def __init__(self, tag: Tag) -> None:
        self.tag = tag
        self.same: Tag | None = None
        super().__init__(data={"name": tag.name, "was": tag.name})

    def validate_name(self, field: StringField) -> None:
        slug = address_of(field.data or "")
        if not slug:
            raise ValidationError("A tag needs a letter or a digit.")
        if "," in field.data or field.data.startswith("#"):
            raise ValidationError("A tag has no comma in it, which parts one tag from the next, and no # before it.")
        self.same = db.session.scalar(select(Tag).where(Tag.slug == slug, Tag.id != self.tag.id))
        if self.same:
            raise ValidationError(f"There is a tag “{self.same.name}” already. Merge this one into it instead.")
        if self.was.data != self.tag.name:
            raise ValidationError(f"Somebody has just renamed it to “{self.tag.name}”. Save again to rename it anyway.")


class MergeForm(Form):
    """Checked, `other` is the tag to merge into."""

    into = StringField("Merge into", [needed("Name the tag that is to stay."), at_most(NAME_LIMIT)], filters=[tidy])

    def __init__(self, tag: Tag, **how: Any) -> None:
        self.tag = tag
        super().__init__(**how)

    def validate_into(self, field: StringField) -> None:
        found = db.session.scalar(select(Tag).where(Tag.slug == address_of(field.data or "")))
        if found is None:
            raise ValidationError("There is no tag of this name. To give this one a new name, rename it.")
        if found.id == self.tag.id:
            raise ValidationError("That is this very tag. Name another.")
        self.other = found


@bp.get("/tags")
@requires(Can.ADMINISTER)
def tags() -> ResponseReturnValue:
    words, sort = tidy(request.args.get("q"))[:200], request.args.get("sort", "name")
    key = SORTS.get(sort, SORTS["name"])
    found = matching(words, only_unused=request.args.get("state") == "unused")
    page = page_of(found, key, size=LIST_SIZE, args=request.args, descending=sort == "posts")
    return render_template("admin/tags.html", page=page, words=words, sort=sort, numbers=numbers(page.items))


@bp.route("/tags/<int:tag_id>", methods=["GET", "POST"])
@requires(Can.ADMINISTER)
def edit_tag(tag_id: int) -> ResponseReturnValue:
    tag = db.session.get(Tag, tag_id)
    if tag is None:
        return to_the_list(GONE, bad=True)
    form = TagForm(tag)
    if not form.validate_on_submit():
        status = 422 if form.errors else 200
        form.was.data = tag.name
        form.was.raw_data = None
        return one_tag(tag, form), status
    before = tag.name
    renamed = rename_tag(tag, form.name.data or "", by=me())
    db.session.commit()
    flash(f"“{before}” is called “{renamed.name}” now." if before != renamed.name else "Nothing has changed.")
    return redirect(url_for(".edit_tag", tag_id=renamed.id))


@bp.get("/tags/<int:tag_id>/merging")
@requires(Can.ADMINISTER)
def ask_to_merge(tag_id: int) -> ResponseReturnValue:
    """Shows both tags and what would become of them."""
    tag = db.session.get(Tag, tag_id)
    if tag is None:
        return to_the_list(GONE, bad=True)
    form = MergeForm(tag, formdata=request.args, meta={"csrf": False})  # it only looks, so it carries no token
    if not form.validate():
        return one_tag(tag, TagForm(tag), form), 422
    both = {one.id: len(with_tag(one)) for one in (tag, form.other)}
    return render_template("admin/merge_tags.html", tag=tag, other=form.other, numbers=both)


@bp.post("/tags/<int:tag_id>/merging")
@requires(Can.ADMINISTER)
def merge(tag_id: int) -> ResponseReturnValue:
    tag = db.session.get(Tag, tag_id)
    if tag is None or request.form.get("was", tag.name) != tag.name:  # SQLite gives the number of a row away again
        return to_the_list(GONE, bad=True)
    form = MergeForm(tag)
    if not form.validate():
        return one_tag(tag, TagForm(tag), form), 422
    before, other = tag.name, form.other
    number = merge_tags(tag, other, by=me())
    db.session.commit()
    posts = "1 post has" if number == 1 else f"{number:,} posts have"
    flash(f"“{before}” is a part of “{other.name}” now. {posts} moved.")
    return redirect(url_for(".edit_tag", tag_id=other.id))


@bp.post("/tags/<int:tag_id>/deletion")
@requires(Can.ADMINISTER)
def remove_tag(tag_id: int) -> ResponseReturnValue:
    tag = db.session.get(Tag, tag_id)
    if tag is None:
        return to_the_list(GONE, bad=True)
    name = tag.name
    try:
        delete_tag(tag, by=me())
    except UsedTagError as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for(".edit_tag", tag_id=tag_id))
    db.session.commit()
    return to_the_list(f"The tag “{name}” is deleted.")


def one_tag(tag: Tag, form: TagForm, merging: MergeForm | None = None) -> str:
    others = select(Tag.name).where(Tag.id != tag.id).order_by(Tag.dated_posts.desc(), Tag.name).limit(SUGGESTED)
    return render_template(
        "admin/tag.html",
        tag=tag,
        form=form,
        merging=merging or MergeForm(tag, formdata=None),
        others=db.session.scalars(others).all(),
        number=len(with_tag(tag)),
    )


def to_the_list(words: str, *, bad: bool = False) -> ResponseReturnValue:
    flash(words, "bad" if bad else "message")
    return redirect(url_for(".tags"))


def matching(words: str, *, only_unused: bool) -> Select[Tag]:
    found = select(Tag)
    if words:
        found = found.where(Tag.name.icontains(words, autoescape=True))
    return found.where(Tag.dated_posts == 0, unused()) if only_unused else found


def numbers(listed: Any) -> dict[int, int]:
    """How many posts have each of these tags, besides those that readers see or will see."""
    few = [tag.id for tag in listed if tag.dated_posts == 0]  # the others are known to be in use
    rows = select(post_tags.c.tag_id, func.count()).where(post_tags.c.tag_id.in_(few)).group_by(post_tags.c.tag_id)
    return {row[0]: row[1] for row in db.session.execute(rows)}
