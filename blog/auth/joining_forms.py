"""What is typed by those who come in, or have lost their password."""

from wtforms import EmailField, PasswordField, StringField

from blog.auth.forms import EMAIL, NAME, PASSWORD_HELP, good_password
from blog.forms import Form, at_most, needed, tidy
from blog.models import Token, User
from blog.models.user import lowered


class InvitedForm(Form):
    """The address is the one that was invited, whatever is sent in its place."""

    name = StringField("Name", NAME, filters=[tidy], description="As it stands in a byline.")
    email = EmailField("Email", render_kw={"readonly": True}, description="The invitation is for this address.")
    password = PasswordField("Password", [good_password], description=PASSWORD_HELP)

    def __init__(self, invitation: Token) -> None:
        super().__init__(data={"name": invitation.detail.get("name", "")})
        self.email.data = invitation.email


class ConfirmForm(Form):
    password = PasswordField("Password", [needed("Type the password you chose when you registered."), at_most(1000)])


class ForgottenForm(Form):
    email = EmailField("Email", EMAIL, filters=[tidy, lowered])


class ResetForm(Form):
    password = PasswordField("New password", [good_password], description=PASSWORD_HELP)

    def __init__(self, person: User) -> None:
        super().__init__()
        self.person = person  # whose name it may not be, and who may have a second factor
