from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from wtforms import IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange, ValidationError

from blog import assets, links
from blog.forms import Form, a_language, at_most, needed, tidy
from blog.models import Registration

ZONES = sorted(available_timezones())  # asked once: it reads hundreds of files


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


class SettingsForm(Form):
    title = StringField("Title", [needed("Give the site a title."), at_most(80)], filters=[tidy])
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
    posts_per_page = IntegerField("Posts per page", [NumberRange(1, 100, "Choose a number from 1 to 100.")])
    hue = IntegerField("Hue", [NumberRange(0, 360, "Choose a number from 0 to 360.")], description="0 to 360 degrees")
    chroma = IntegerField("Strength", [NumberRange(0, 100, "Choose a number from 0 to 100.")], description="0 to 100")
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

    def validate_time_zone(self, field: StringField) -> None:
        if field.data and field.data not in ZONES:
            raise ValidationError("There is no such time zone. Write it as Europe/Lisbon or UTC.")

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
