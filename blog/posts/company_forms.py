"""The forms by which others come to a post: co-authors, guests and reviewers.

Their controls have ids of their own, since they stand on a page with other forms, or with a text that has headings.
"""

import re
from uuid import UUID, uuid4

from wtforms import EmailField, HiddenField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from blog.forms import Form, at_most, lines, needed, tidy
from blog.models import Post, Revision, Shows, Verdict
from blog.models.preview_link import LONGEST
from blog.models.review import WORDS_LIMIT
from blog.models.review_comment import QUOTE_LIMIT
from blog.posts.forms import as_uuid

WEEK = 7


class CoAuthorForm(Form):
    email = EmailField(
        "Email of the co-author", [needed("Type the address of the co-author."), at_most(320)], id="co-author-email"
    )


class SentOnceForm(Form):
    """A form that names itself, so that sent twice it does once what it says."""

    uid = HiddenField(id="site-uid")

    @property
    def uid_sent(self) -> UUID:
        return as_uuid(self.uid.data or "") or uuid4()


class PreviewLinkForm(SentOnceForm):
    uid = HiddenField(id="preview-uid")
    shows = SelectField(
        "What it shows",
        id="preview-shows",
        default=Shows.saved.value,
        choices=[
            SelectChoice(Shows.saved.value, "The text as it is saved, now and later"),
            SelectChoice(Shows.copy.value, "What I type, also before I save it"),
            SelectChoice(Shows.revision.value, "One revision and no later one"),
        ],
    )
    number = StringField(
        "Which revision", [at_most(20)], filters=[tidy], id="preview-number", description="Only for one revision."
    )
    days = IntegerField("For how many days", default=WEEK, id="preview-days")

    def __init__(self, post: Post, *, sent: bool = True) -> None:
        self.post = post
        source = {} if sent else {"formdata": None}
        super().__init__(**source, data={"uid": str(uuid4()), "number": str(post.revision), "days": WEEK})

    @property
    def wants_revision(self) -> bool:
        return bool(self.shows.data == Shows.revision.value)

    @property
    def revision_number(self) -> int | None:
        typed = self.number.data or ""
        return int(typed) if self.wants_revision and re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII) else None

    def validate_shows(self, field: SelectField) -> None:
        if self.post.binned_at is not None:
            raise ValidationError("It is in the bin. Restore it first.")

    def validate_number(self, field: StringField) -> None:
        if self.wants_revision and Revision.of(self.post, self.revision_number) is None:
            raise ValidationError(f"There is no such revision. The newest is {self.post.revision}.")

    def validate_days(self, field: IntegerField) -> None:
        if field.data is None or not 1 <= field.data <= LONGEST:
            field.errors = []
            raise ValidationError(f"A whole number of days, from 1 to {LONGEST}.")


class AskForm(Form):
    email = EmailField(
        "Email of the reviewer", [needed("Type the address of a colleague."), at_most(320)], id="review-email"
    )
    note = TextAreaField("What to look at", [at_most(WORDS_LIMIT)], filters=[lines], id="review-note")


class CommentForm(SentOnceForm):
    paragraph = StringField("Paragraph", [at_most(20)], filters=[tidy], id="site-paragraph", description="Its number.")
    quote = StringField(
        "Passage", [at_most(QUOTE_LIMIT)], filters=[tidy], id="site-quote", description="Its words, copied."
    )
    words = TextAreaField(
        "Comment", [needed("Say something first."), at_most(WORDS_LIMIT)], filters=[lines], id="site-words"
    )

    def validate_paragraph(self, field: StringField) -> None:
        if field.data and not re.fullmatch(r"[0-9]{1,9}", field.data, re.ASCII):
            raise ValidationError("The number of a paragraph, as it stands beside it.")

    @property
    def paragraph_number(self) -> int | None:
        return int(self.paragraph.data) if self.paragraph.data else None


class VerdictForm(Form):
    verdict = HiddenField()
    words = TextAreaField("A word with it", [at_most(WORDS_LIMIT)], filters=[lines], id="site-verdict-words")

    def validate_verdict(self, field: HiddenField) -> None:
        if field.data not in {one.value for one in Verdict}:
            raise ValidationError("Approve it, or return it.")
