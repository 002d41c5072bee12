"""When a post goes out: a time on a clock of the site's zone or another, with the nights on which clocks change."""

from datetime import UTC, datetime
from typing import Any

from flask import g
from wtforms import DateTimeLocalField, RadioField, SelectChoice
from wtforms.validators import Optional, ValidationError

from blog.forms import ZONES, Form
from blog.models import ClockGapError
from blog.models.site import moment_on

YEARS = range(1900, 2201)


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
                raise ValueError("Write it as 2026-12-31 18:00, on the clock named below, or leave it empty.")


class TimedForm(Form):
    """The part of a form that says when. `zone` and `turn` are shown only where they matter."""

    publish_at = MinuteField("Date and time", format=["%Y-%m-%dT%H:%M"])
    turn = RadioField(
        "That night the clocks go back, and this time comes twice",
        default="0",
        choices=[SelectChoice("0", "The first time"), SelectChoice("1", "The second time")],
        validators=[Optional()],
    )

    @property
    def zone_name(self) -> str:
        """The zone of the clock that is meant: the site's, unless the form names another."""
        named = self["zone"].data if "zone" in self else ""
        return named or g.site.time_zone

    @property
    def comes_twice(self) -> bool:
        """Whether the time typed is one that the clocks show twice."""
        typed = self.publish_at.data
        if typed is None or self.zone_name not in ZONES:
            return False
        try:
            return len({moment_on(typed, self.zone_name, turn) for turn in (0, 1)}) == 2
        except (ValueError, OverflowError):
            return False

    def validate_publish_at(self, field: MinuteField) -> None:
        if not field.data or self.zone_name not in ZONES:
            return
        try:
            year = self.moment_typed.year
        except ClockGapError as error:
            raise ValidationError(str(error)) from None
        except OverflowError:  # in a year that no clock of this zone could show as UTC
            year = 0
        if year not in YEARS:
            raise ValidationError("Choose a year from 1900 to 2200.")

    @property
    def moment_typed(self) -> datetime:
        assert self.publish_at.data is not None  # noqa: S101 - asked only where a time was typed
        return moment_on(self.publish_at.data, self.zone_name, int(self.turn.data == "1"))


def local_minute(moment: datetime) -> datetime:
    return moment.astimezone(g.site.zone).replace(second=0, microsecond=0, tzinfo=None)


def turn_of(moment: datetime) -> str:
    """Which of two times of the same name on the site's clock this moment is."""
    return str(moment.astimezone(g.site.zone).fold)


def told_twice(moment: datetime) -> str:
    """What to say where the clocks show this time twice; empty where they do not."""
    here = moment.astimezone(g.site.zone)
    other = here.replace(fold=1 - here.fold)
    if other.utcoffset() == here.utcoffset() or other.astimezone(UTC).astimezone(g.site.zone).replace(
        tzinfo=None
    ) != here.replace(tzinfo=None):
        return ""
    which, offset = ("second", "first")[here.fold == 0], here.strftime("%z")
    return (
        f" The clocks go back that night and show this time twice: the {which} is meant, UTC{offset[:3]}:{offset[3:]}."
    )


def known_zone(_form: object, field: Any) -> None:
    """Refuses what is no time zone."""
    if field.data and field.data not in ZONES:
        raise ValidationError("Write a time zone such as Europe/Lisbon, America/New_York or UTC.")
