"""The forms of second factors."""

from wtforms import HiddenField, PasswordField, StringField

from blog.forms import Form, at_most, needed, tidy

MOST_JSON = 20_000  # characters of what a browser says of a passkey; the longest honest ones have some 6,000
NEEDS_NAME = [needed("Give it a name, such as the device it is on."), at_most(80)]


class CodeForm(Form):
    """A code of the app or a recovery code; pages have a second field, since telephones offer only digits for one."""

    code = StringField("Code", [at_most(200)], filters=[tidy])
    recovery = StringField("Recovery code", [at_most(200)], filters=[tidy])

    @property
    def typed(self) -> str:
        return self.code.data or self.recovery.data or ""


class AppForm(Form):
    sealed = HiddenField()
    code = StringField("Code", [needed("Type the six digits that the app shows."), at_most(200)], filters=[tidy])


class PasskeyForm(Form):
    name = StringField(
        "Name", NEEDS_NAME, filters=[tidy], description="The device it is on, so that you know it again."
    )
    credential = HiddenField(validators=[at_most(MOST_JSON)])


class NameForm(Form):
    name = StringField("Name", NEEDS_NAME, filters=[tidy])


class RemovalForm(Form):
    """The password is asked for where it is all that will be left."""

    password = PasswordField("Password", [needed("Type your password."), at_most(1000)])
