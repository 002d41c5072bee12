import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import g, request
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    FileField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from blog import text
from blog.forms import Form, a_language, at_most, lines, needed, tidy
from blog.markdown import BODY_LIMIT
from blog.models import ClockGapError, Media, Post, PostKind, Revision, Visibility
from blog.models.address import SLUG_LIMIT, reserved_slugs
from blog.models.post import SUMMARY_LIMIT, TITLE_LIMIT
from blog.models.tag import NAME_LIMIT, address_of
from blog.picture_names import name_in, size_in_name
from blog.pictures import RefusedPicture
from blog.posts import covers

TAGS_LIMIT = 50
CONTENT = ("title", "slug", "summary", "body", "tags", "language", "visibility", "featured", "cover", "cover_alt")


class MinuteField(DateTimeLocalField):
    """A date and time as browsers send them; says kindly what it cannot read."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        words = valuelist[0].strip() if valuelist else ""
        if words:
            try:
                self.data = datetime.fromisoformat(words)
            except ValueError:
                self.data = None
            if self.data is None or self.data.tzinfo:
                self.data = None
                raise ValueError("Write it as 2026-12-31 18:00, on the site’s clock, or leave it empty.")


class PostForm(Form):
    base = HiddenField()
    uid = HiddenField()
    title = StringField("Title", [at_most(TITLE_LIMIT)], filters=[tidy])
    body = TextAreaField("Text, in Markdown", [at_most(BODY_LIMIT)], filters=[lines])
    slug = StringField("Address", [at_most(SLUG_LIMIT)], filters=[tidy])
    summary = TextAreaField("Summary", [at_most(SUMMARY_LIMIT)], filters=[tidy])
    tags = StringField("Tags", [at_most(4000)], filters=[tidy], description="Parted by commas.")
    language = StringField(
        "Language", [at_most(35), a_language], filters=[tidy], description="Only if it is not the site’s: de, pt-BR, ar"
    )
    visibility = SelectField(
        "Who may read it",
        default=Visibility.public.value,
        choices=[
            SelectChoice(Visibility.public.value, "Everyone"),
            SelectChoice(Visibility.members.value, "Members"),
        ],
    )
    featured = BooleanField("Featured: it leads the front page")
    cover = HiddenField("Cover image", [at_most(200)], filters=[tidy])
    cover_file = FileField("Cover image", description="Stands large above the text. JPEG, PNG, GIF, WebP or AVIF.")
    cover_alt = StringField(
        "What the cover shows", [at_most(500)], filters=[tidy], description="For those who cannot see it."
    )
    cover_removed = BooleanField("Take the cover away")
    publish_at = MinuteField("Date and time", format=["%Y-%m-%dT%H:%M"])

    def __init__(
        self,
        post: Post | None = None,
        *,
        kind: PostKind = PostKind.post,
        may_feature: bool = False,
        sent: bool = True,
    ) -> None:
        values = shown(post) if post else {"base": "0", "uid": str(uuid4())}
        super().__init__(**({} if sent else {"formdata": None}), data=values)
        self.post = post
        self.kind = post.kind if post else kind
        if self.is_page:
            del self.tags  # a page stands in no list
        if self.is_page or not may_feature:
            del self.featured

    @property
    def is_page(self) -> bool:
        return self.kind is PostKind.page

    def take_cover(self, fresh: str) -> None:
        """Mind the file and the box: the address of a picture just kept, or none, goes into the form."""
        if fresh:
            self.cover.data = fresh
        elif self.cover_removed.data:
            self.cover.data = self.cover_alt.data = ""
        self.cover_removed.data = False
        self.take_words()

    def take_words(self) -> None:
        """A cover chosen anew brings along what the library says it shows, unless the person has said so here."""
        was, said = (self.post.cover, self.post.cover_alt) if self.post else ("", "")
        if self.cover.data and self.cover.data != was and self.cover_alt.data in ("", said):
            self.cover_alt.data = covers.words_of(self.cover.data) or self.cover_alt.data

    @property
    def covers_to_choose(self) -> list[Media]:
        """The newest pictures, but the one that is chosen already."""
        return [one for one in covers.offered() if one.address != self.cover.data]

    @property
    def cover_size(self) -> tuple[int, int] | None:
        """Of the picture to be shown in the form; None where there is none of ours."""
        return size_in_name(name_in(self.cover.data or ""))

    def validate_cover_file(self, field: FileField) -> None:
        if isinstance(refusal := covers.sent(), RefusedPicture):
            raise ValidationError(str(refusal))
        known = not self.cover.data or (self.post and self.cover.data == self.post.cover)
        if not known and not covers.is_ours(self.cover.data):
            self.cover.data = ""
            raise ValidationError("That picture is no longer here. Choose it again.")

    def validate_slug(self, field: StringField) -> None:
        if not field.data or (self.post and field.data == self.post.slug):
            return
        if field.data != text.slugify(field.data, limit=SLUG_LIMIT):
            raise ValidationError("Use small letters, digits and hyphens only.")
        if self.is_page and field.data in reserved_slugs():
            raise ValidationError(f"/{field.data} is an address of the site itself. Choose another.")
        if Post.slug_is_taken(field.data, but=self.post.id if self.post else None):
            raise ValidationError("Another post has that address, or had it.")

    def validate_tags(self, field: StringField) -> None:
        if len(self.tag_names) > TAGS_LIMIT:
            raise ValidationError(f"At most {TAGS_LIMIT} tags; these are {len(self.tag_names)}.")
        for name in self.tag_names:
            if len(name) > NAME_LIMIT:
                raise ValidationError(f"A tag has at most {NAME_LIMIT} characters: “{text.excerpt(name, limit=40)}”.")
            if not address_of(name):
                raise ValidationError(f"A tag needs a letter or a digit: “{name}”.")

    def validate_publish_at(self, field: MinuteField) -> None:
        if field.data:
            try:
                moment = g.site.moment(field.data)
            except (ClockGapError, OverflowError) as error:
                raise ValidationError(str(error)) from None
            if not 1900 <= moment.year <= 2200:
                raise ValidationError("Choose a year from 1900 to 2200.")

    @property
    def tag_names(self) -> list[str]:
        return [name for name in (tidy(part).lstrip("#") for part in (self.tags.data or "").split(",")) if name]

    @property
    def base_number(self) -> int | None:
        sent = request.form.get("base", "")  # not the field's data: unsent, that is the newest revision
        return int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else None

    @property
    def moment(self) -> datetime | None:
        """When to go out: None for now. A date that was only shown, to the minute, stays what it is to the second."""
        if not self.publish_at.data:
            return None
        shown_now = self.post and self.post.published_at and local_minute(self.post.published_at)
        return self.post.published_at if self.publish_at.data == shown_now else g.site.moment(self.publish_at.data)  # type: ignore[union-attr]

    def changes(self) -> dict[str, Any]:
        """What the person sent, for `Post.revise`. A field that was not sent stays as it is."""
        wanted: dict[str, Any] = {name: self[name].data for name in CONTENT if name in self and self.was_sent(name)}
        if "tags" in wanted:
            wanted["tags"] = self.tag_names
        if self.post and self.post.published_at and self.moment:
            wanted["published_at"] = self.moment
        if "visibility" in wanted:
            wanted["visibility"] = Visibility(wanted["visibility"])
        self.settle_slug(wanted)
        return wanted

    def was_sent(self, name: str) -> bool:
        # An empty box is not sent at all, so a page that has boxes says so by sending its text.
        unseen = (name == "featured" and "title" in request.form) or (name == "cover" and covers.sent() is not None)
        return name in request.form or unseen

    def settle_slug(self, wanted: dict[str, Any]) -> None:
        """Without an address of its own a post takes one from its title, and keeps following it while a draft."""
        title = wanted.get("title", self.post.title if self.post else "")
        if not self.post:
            wanted["slug"] = wanted.get("slug") or Post.free_slug(title, kind=self.kind)
        elif not wanted.get("slug", "x") or (
            title != self.post.title and wanted.get("slug") in (None, self.post.slug) and follows_title(self.post)
        ):
            wanted["slug"] = Post.free_slug(title, but=self.post.id, kind=self.kind)


class HandOverForm(Form):
    email = EmailField("Email of the new author", [needed("Type the address of the new author."), at_most(320)])


def shown(post: Post) -> dict[str, Any]:
    """The post as its form shows it."""
    values = {name: getattr(post, name) for name in CONTENT}
    values["tags"] = ", ".join(tag.name for tag in post.tags)
    values["base"] = str(post.revision)
    values["publish_at"] = local_minute(post.published_at) if post.published_at else None
    return values


def shown_then(revision: Revision) -> dict[str, Any]:
    """An earlier revision as the form would have shown it."""
    values = {name: getattr(revision, name) for name in CONTENT if name not in ("tags", "featured")}
    values["tags"] = ", ".join(revision.tags)
    values["publish_at"] = local_minute(revision.published_at) if revision.published_at else None
    return values


def local_minute(moment: datetime) -> datetime:
    return moment.astimezone(g.site.zone).replace(second=0, microsecond=0, tzinfo=None)


def follows_title(post: Post) -> bool:
    """Whether a post that was never out still has the address its title gave it."""
    made = text.slugify(post.title or text.UNTITLED)
    never_out = post.published_at is None and post.first_published_at is None
    return never_out and bool(re.fullmatch(re.escape(made) + r"(-\d+)?", post.slug))
