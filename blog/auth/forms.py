from flask import g
from sqlalchemy import exists, select
from wtforms import BooleanField, EmailField, PasswordField, StringField, TextAreaField, URLField
from wtforms.validators import Email, ValidationError

from blog import links, text
from blog.database import db
from blog.forms import Form, at_most, lines, needed, tidy
from blog.models import User
from blog.models.user import lowered

SHORTEST, LONGEST = 15, 128
EMAIL = [needed("Type an email address."), at_most(320), Email("This is not an email address.")]
NAME = [needed("Type a name."), at_most(120)]
PASSWORD_HELP = f"At least {SHORTEST} characters. A short sentence is good, and easy to remember."


def good_password(form: Form, field: PasswordField) -> None:
    """Long enough, and not a repetition or somebody's name. No rules of composition."""
    password = field.data or ""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValidationError(f"Use from {SHORTEST} to {LONGEST} characters; this has {len(password)}.")
    if len(set(password)) < 5:
        raise ValidationError("This repeats a few characters; use more different ones.")
    email = form["email"].data if "email" in form else ""
    name = form["name"].data if "name" in form else ""
    for word in (g.site.title, name or "", (email or "").partition("@")[0]):
        if len(word) > 3 and word.lower() in password.lower() and len(password) - len(word) < 8:
            raise ValidationError(f"Too easy to guess: it is little more than “{word}”.")


class SignInForm(Form):
    email = EmailField("Email", [needed("Type your email address."), at_most(320)], filters=[tidy])
    password = PasswordField("Password", [needed("Type your password."), at_most(1000)])


class ProofForm(Form):
    password = PasswordField("Password", [needed("Type your password."), at_most(1000)])


class NewPersonForm(Form):
    name = StringField("Name", NAME, filters=[tidy], description="As it stands in a byline.")
    email = EmailField("Email", EMAIL, filters=[tidy, lowered])
    password = PasswordField("Password", [good_password], description=PASSWORD_HELP)


class SetupForm(NewPersonForm):
    title = StringField("Site title", [needed("Give the site a title."), at_most(80)], filters=[tidy])
    samples = BooleanField(
        "Fill it with sample posts", description="A small magazine to look at. You can bin it later."
    )

    def validate_email(self, field: EmailField) -> None:
        if db.session.scalar(select(exists().where(User.email == field.data))):
            raise ValidationError("That address already has an account. Sign in instead.")


class ProfileForm(Form):
    name = StringField("Name", NAME, filters=[tidy], description="As it stands in a byline.")
    handle = StringField(
        "Handle",
        [needed("Choose a handle."), at_most(40)],
        filters=[tidy, lowered],
        description="The address of your page: /authors/handle",
    )
    biography = TextAreaField(
        "Biography", [at_most(2000)], filters=[lines], description="A sentence or two, under your posts."
    )
    website = URLField(
        "Website", [at_most(300)], filters=[tidy], description="With https:// in front. Your page links to it."
    )

    def __init__(self, person: User, *, sent: bool = True) -> None:
        super().__init__(**({} if sent else {"formdata": None}), obj=person)
        self.person = person

    def validate_handle(self, field: StringField) -> None:
        if field.data != text.slugify(field.data or ""):
            raise ValidationError("Use small letters, digits and hyphens only.")
        if db.session.scalar(select(exists().where(User.handle == field.data, User.id != self.person.id))):
            raise ValidationError("Somebody else has that handle.")

    def validate_website(self, field: URLField) -> None:
        if field.data and not links.is_web_address(field.data, "https", "http"):
            raise ValidationError("Write the whole address, as in https://example.com/me")


class PasswordForm(Form):
    current_password = PasswordField("Password now", [needed("Type the password you have now."), at_most(1000)])
    password = PasswordField("New password", [good_password], description=PASSWORD_HELP)
