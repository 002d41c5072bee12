"""The forms of the desk. They check shape and say so kindly; they neither save nor authorise."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from flask import g, request
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
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
from blog.models import Media, Post, PostKind, Visibility
from blog.models.address import SLUG_LIMIT, reserved_slugs
from blog.models.content import CONTENT, Content
from blog.models.post import SUMMARY_LIMIT, TITLE_LIMIT
from blog.models.tag import NAME_LIMIT, address_of
from blog.picture_names import name_in, size_in_name
from blog.pictures import RefusedPicture
from blog.posts import covers
from blog.posts.moments import TimedForm, known_zone, local_minute, turn_of
from blog.posts.segments import body_of_segments

TAGS_LIMIT = 50
URL_LIMIT = 500
KEPT = (*CONTENT, "publish_at", "turn", "zone")  # what a working copy keeps, as it was typed


class PostForm(TimedForm):
    base = HiddenField()
    uid = HiddenField()
    copy = HiddenField()
    seq = HiddenField()
    taken = HiddenField()
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
    search_title = StringField(
        "Title for search engines", [at_most(TITLE_LIMIT)], filters=[tidy], description="Empty: the title."
    )
    search_description = TextAreaField(
        "Description for search engines", [at_most(SUMMARY_LIMIT)], filters=[tidy], description="Empty: the summary."
    )
    canonical_url = StringField(
        "First published at",
        [at_most(URL_LIMIT)],
        filters=[tidy],
        description="Only if it came out elsewhere first: that address, for search engines.",
    )
    zone = StringField("On the clock of", [at_most(60), known_zone], filters=[tidy])

    def __init__(
        self,
        post: Post | None = None,
        *,
        kind: PostKind = PostKind.post,
        may_feature: bool = False,
        sent: bool = True,
        typed: dict[str, str] | None = None,
    ) -> None:
        values = shown(post) if post else {"base": "0", "uid": str(uuid4())}
        source = {"formdata": MultiDict(typed)} if typed is not None else {} if sent else {"formdata": None}
        super().__init__(**source, data=values)
        self.words = typed  # of a working copy, in place of a request
        if sent and typed is None and (parts := body_of_segments()) is not None:
            self.body.data = parts
        self.post = post
        self.kind = post.kind if post else kind
        if self.is_page:
            del self.tags  # a page stands in no list
        if self.is_page or not may_feature:
            del self.featured

    def show(self, content: Content, *, base: int) -> None:
        """Hold this content, as the text that began from that revision."""
        for name, value in as_words(content).items():
            if name in self:
                self[name].data = value
        self.base.data = str(base)

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

    def validate_canonical_url(self, field: StringField) -> None:
        if not field.data:
            return
        try:
            parts = urlsplit(field.data)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"\\]", field.data):
            raise ValidationError("Write a whole address: https://example.org/the-post")

    @property
    def tag_names(self) -> list[str]:
        return [name for name in (tidy(part).lstrip("#") for part in (self.tags.data or "").split(",")) if name]

    @property
    def base_number(self) -> int | None:
        sent = request.form.get("base", "")  # not the field's data: unsent, that is the newest revision
        return int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else None

    @property
    def copy_id(self) -> UUID | None:
        """The page of the editor that this comes from, as it named itself."""
        return as_uuid(request.form.get("copy", ""))

    @property
    def seq_number(self) -> int:
        sent = request.form.get("seq", "")
        return int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else 0

    @property
    def taken_over(self) -> tuple[UUID, int] | None:
        """The working copy whose text this page began with, and its version then."""
        return taken_over(request.form.get("taken", ""))

    @property
    def moment(self) -> datetime | None:
        """When to go out: None for now. A date that was only shown, to the minute, stays what it is to the second."""
        if not self.publish_at.data:
            return None
        return self.post.published_at if self.post and self.shows_its_date else self.moment_typed

    @property
    def shows_its_date(self) -> bool:
        """Whether the date in the form is the one the post has."""
        has = self.post and self.post.published_at
        if not has or self.zone_name != g.site.time_zone:
            return False
        same_turn = (self.turn.data or "0") == turn_of(has) or not self.comes_twice
        return bool(self.publish_at.data == local_minute(has) and same_turn)

    def content(self) -> Content:
        """What the person sent. A field that was not sent is not in it."""
        wanted: Content = {name: self[name].data for name in CONTENT if name in self and self.was_sent(name)}
        if "tags" in wanted:
            wanted["tags"] = self.tag_names
        return wanted

    def sound_content(self) -> Content:
        """What was sent, without the fields that were found at fault; of a title, as much as fits."""
        sound = {name: value for name, value in self.content().items() if not self[name].errors}
        return sound | {"title": (self.title.data or "")[:TITLE_LIMIT]}

    def typed(self) -> dict[str, str]:
        """The words of the form as they came, fit to be saved or not; with the cover that came along."""
        words = {name: value for name, value in request.form.items() if name in KEPT}
        came = {name: self[name].data or "" for name in ("body", "cover", "cover_alt")}
        return words | came if words else {}

    def was_sent(self, name: str) -> bool:
        if self.words is not None:
            return name in self.words or name == "featured"
        # An empty box is not sent at all, so a page that has boxes says so by sending its text.
        unseen = (name == "featured" and "title" in request.form) or (name == "cover" and covers.sent() is not None)
        in_parts = name == "body" and "segment-0" in request.form
        return name in request.form or unseen or in_parts


class HandOverForm(Form):
    email = EmailField("Email of the new author", [needed("Type the address of the new author."), at_most(320)])


def shown(post: Post) -> dict[str, Any]:
    """The post as its form shows it: as it was last saved, whether readers have that or not."""
    values = as_words(post.newest) | {"base": str(post.revision), "publish_at": None, "turn": "0"}
    if post.published_at:
        values |= {"publish_at": local_minute(post.published_at), "turn": turn_of(post.published_at)}
    return values


def as_words(content: Content) -> dict[str, Any]:
    """Content as the fields of the form hold it."""
    return content | {"tags": ", ".join(content["tags"])}


def as_uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


def taken_over(words: str) -> tuple[UUID, int] | None:
    """The copy and its version that these words of a form name."""
    name, _, number = words.partition(":")
    known = as_uuid(name)
    return (known, int(number)) if known and re.fullmatch(r"[0-9]{1,9}", number) else None
