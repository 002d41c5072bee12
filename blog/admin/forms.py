from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import (
    FileField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from blog import assets, links
from blog.admin import logo as logos
from blog.forms import ZONES, Form, a_language, at_most, needed, seen, tidy, whole_number
from blog.forms import lines as unix_lines
from blog.models import Media, Registration, Site, UserRole
from blog.pictures import Picture, RefusedPicture


@dataclass(frozen=True)
class Accent:
    name: str
    hue: int
    chroma: int

    def tone(self, lightness: int) -> str:
        """As the style sheets mix it: at 43 on a light page, at 81 on a dark one."""
        return f"oklch({lightness}% {self.chroma / 1000:g} {self.hue})"


ACCENTS = (
    Accent("Petrol", 205, 85),
    Accent("Ink", 262, 95),
    Accent("Plum", 330, 90),
    Accent("Brick", 28, 95),
    Accent("Ochre", 75, 80),
    Accent("Moss", 145, 80),
    Accent("Graphite", 250, 10),
)


class LinksField(TextAreaField):
    """The links in the head of the site, one on each line."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = links.read(valuelist[0])

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else links.written(self.data or [])


SHOWN = ("title", "tagline", "language", "logo", "navigation", "footer")  # by the preview


def tidy_lines(value: str | None) -> str:
    return "\n".join(tidy(line) for line in unix_lines(value).split("\n")).strip("\n")


class SettingsForm(Form):
    was = HiddenField()  # see `meanwhile`
    title = StringField("Title", [seen("Give the site a title."), at_most(80)], filters=[tidy])
    tagline = StringField(
        "Tagline", [at_most(200)], filters=[tidy], description="One line under the title, on the front page."
    )
    description = TextAreaField(
        "Description",
        [at_most(300)],
        filters=[tidy],
        description="What the site is about, in a sentence, for search engines and previews.",
    )
    language = StringField(
        "Language",
        [needed("Name the language most of the site is written in."), at_most(35), a_language],
        filters=[tidy],
        description="As a code: en, de, pt-BR, ar. Posts may name another.",
    )
    time_zone = StringField(
        "Time zone",
        [needed("Choose a time zone.")],
        filters=[tidy],
        description="As in Europe/Lisbon. Dates are shown in it, and posts scheduled by it.",
    )
    posts_per_page = IntegerField("Posts per page", [whole_number(1, 100)])
    hue = IntegerField("Hue", [whole_number(0, 360)], description="0 to 360 degrees")
    chroma = IntegerField("Strength", [whole_number(0, 100)], description="0 to 100")
    logo = HiddenField("Logo", [at_most(200)], filters=[tidy])
    logo_file = FileField(
        "A new logo",
        description="Stands in place of the title in the head of every page, four or five lines of text high at most. "
        "The title is read aloud for it.",
    )
    navigation = LinksField(
        "Navigation",
        description="A link on each line, at most 12: About | /about. Empty: Posts, Topics, Authors, Archive.",
    )
    registration = SelectField(
        "Registration",
        choices=[
            SelectChoice(Registration.closed.value, "Closed: nobody new comes in"),
            SelectChoice(Registration.invitation.value, "By invitation: admins let people in"),
            SelectChoice(Registration.open.value, "Open: anyone may become a member"),
        ],
    )

    footer = TextAreaField(
        "Footer",
        [at_most(500)],
        filters=[tidy_lines],
        description="At the foot of every page: at most 8 lines. A link is written [Imprint](/imprint).",
    )
    factor_for = SelectMultipleField(
        "Who must have a second factor",
        choices=[
            SelectChoice(UserRole.admin.value, "Admins"),
            SelectChoice(UserRole.editor.value, "Editors"),
            SelectChoice(UserRole.viewer.value, "Viewers"),
        ],
        validate_choice=False,
    )

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.refused_logo = ""

    def take_logo(self, picture: Picture | RefusedPicture | None) -> None:
        """A file that was sent wins over what else was chosen. Commits where one was."""
        if isinstance(picture, Picture):
            try:
                self.logo.data, self.logo.raw_data = logos.kept(picture), None
            except RefusedPicture as refusal:
                self.refused_logo = str(refusal)
        elif picture:
            self.refused_logo = str(picture)

    def validate_logo_file(self, _field: FileField) -> None:
        if self.refused_logo:
            raise ValidationError(self.refused_logo)
        if self.logo.data and not logos.is_there(self.logo.data):
            self.logo.data = ""
            raise ValidationError("That picture is no longer in the library. Choose another.")

    def validate_footer(self, field: TextAreaField) -> None:
        try:
            links.parts(field.data or "")
        except links.UnfitLinkError as fault:
            raise ValidationError(str(fault)) from None

    def validate_factor_for(self, field: SelectMultipleField) -> None:
        if not {role.value for role in UserRole}.issuperset(field.data or []):
            raise ValidationError("Choose among these roles.")

    def validate_time_zone(self, field: StringField) -> None:
        if field.data and field.data not in ZONES:
            raise ValidationError("There is no such time zone. Write it as Europe/Lisbon or UTC.")

    def look(self, now: Site) -> Site:
        """The site as it would be: with what was typed, as far as that can be. Leaves no errors behind."""
        self.validate()
        values = {name: getattr(now, name) if self[name].errors else self[name].data for name in SHOWN}
        for field in self:
            field.errors = []
        return Site(**values)

    @property
    def logos_to_choose(self) -> Sequence[Media]:
        return logos.offered(self.logo.data or "")

    @property
    def accent(self) -> Accent:
        """The colour the form shows: what was typed, as far as there is such a colour."""
        hue, chroma = self.hue.data, self.chroma.data
        if hue not in assets.HUES or chroma not in assets.CHROMAS:
            hue, chroma = assets.HUE, assets.CHROMA
        same = (each.name for each in ACCENTS if (each.hue, each.chroma) == (hue, chroma))
        return Accent(next(same, ""), hue, chroma)

    def try_on(self, name: str) -> bool:
        """Fill in a colour by its name; any other name leaves the one that was typed. Whether there is such a one."""
        for accent in ACCENTS:
            if accent.name == name:
                fill_in(self.hue, accent.hue)
                fill_in(self.chroma, accent.chroma)
        return all([self.hue.validate(self), self.chroma.validate(self)])


def fill_in(field: IntegerField, number: int) -> None:
    """As if nothing had been typed: that would be shown, and judged, before what is meant."""
    field.data, field.raw_data, field.process_errors = number, None, []
