from zoneinfo import available_timezones

from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import NumberRange, ValidationError

from blog.forms import Form, at_most, needed, tidy
from blog.models import Registration, UserRole

ZONES = sorted(available_timezones())  # asked once: it reads hundreds of files


class SettingsForm(Form):
    title = StringField("Title", [needed("Give the site a title."), at_most(80)], filters=[tidy])
    tagline = StringField(
        "Tagline", [at_most(200)], filters=[tidy], description="One line under the title, on the front page."
    )
    time_zone = StringField(
        "Time zone",
        [needed("Choose a time zone.")],
        filters=[tidy],
        description="As in Europe/Lisbon. Dates are shown in it, and posts scheduled by it.",
    )
    posts_per_page = IntegerField("Posts per page", [NumberRange(1, 100, "Choose a number from 1 to 100.")])
    registration = SelectField(
        "Registration",
        choices=[
            SelectChoice(Registration.closed.value, "Closed: only admins let people in"),
            SelectChoice(Registration.open.value, "Open: anyone may become a member"),
        ],
    )

    def validate_time_zone(self, field: StringField) -> None:
        if field.data and field.data not in ZONES:
            raise ValidationError("There is no such time zone. Write it as Europe/Lisbon or UTC.")


class RoleForm(Form):
    role = SelectField("Role", choices=[SelectChoice(role.value, role.value) for role in UserRole])


class HandOverAllForm(Form):
    email = StringField("Hand all of them over to", [needed("Type an email address."), at_most(320)], filters=[tidy])
