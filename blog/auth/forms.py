from flask import g
from sqlalchemy import exists, select
from wtforms import BooleanField, EmailField, PasswordField, StringField, TextAreaField, URLField
from wtforms.validators import AnyOf, ValidationError

from blog import links, passwords, text
from blog.database import db
from blog.forms import LONGEST_ADDRESS, Form, an_email, at_most, lines, needed, seen, tidy
from blog.models import User
from blog.models.factors import has_factor
from blog.models.user import LONGEST_NAME, lowered
from blog.passwords import ALONE, WITH_FACTOR

SHORTEST, LONGEST = ALONE, passwords.LONGEST
EMAIL = [needed("Type an email address."), at_most(LONGEST_ADDRESS), an_email("This is not an email address.")]
NAME = [seen("Type a name."), at_most(LONGEST_NAME)]
PASSWORD_HELP = f"At least {ALONE} characters. A short sentence is good, and easy to remember."
POSTS_GO = ("stay", "handed over")
SHORTER_HELP = f"At least {WITH_FACTOR} characters, as you also have a second factor."


def good_password(form: Form, field: PasswordField) -> None:
    """Long enough, and not what everybody tries first: see `passwords`.

    Names are taken from the fields `name` and `email` and, where the form has one, from its `person`. While a second
    factor is asked for as well it may be shorter; a form that is `alone` says that soon none will be.
    """
    person: User | None = getattr(form, "person", None)
    typed = [str(form[name].data or "") for name in ("name", "email", "title") if name in form]
    names = [g.site.title, *typed, *([person.name, person.handle, person.email] if person else [])]
    names += [name.partition("@")[0] for name in names if "@" in name]
    shorter = person is not None and not getattr(form, "alone", False) and has_factor(person)
    if fault := passwords.fault(field.data or "", shortest=WITH_FACTOR if shorter else ALONE, names=names):
        raise ValidationError(fault)


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
    title = StringField("Site title", [seen("Give the site a title."), at_most(80)], filters=[tidy])
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
    """A new password. `alone`, as when the last second factor goes, it has to be one that is long enough by itself."""

    current_password = PasswordField("Password now", [needed("Type the password you have now."), at_most(1000)])
    password = PasswordField("New password", [good_password], description=PASSWORD_HELP)

    def __init__(self, person: User, *, alone: bool = False, sent: bool = True) -> None:
        super().__init__(**({} if sent else {"formdata": None}))
        self.person, self.alone = person, alone
        if not alone and has_factor(person):
            self.password.description = SHORTER_HELP


class AddressForm(Form):
    email = EmailField("New address", EMAIL, filters=[tidy, lowered])

    def __init__(self, person: User, *, sent: bool = True) -> None:
        super().__init__(**({} if sent else {"formdata": None}))
        self.person = person

    def validate_email(self, field: EmailField) -> None:
        if field.data == self.person.email:
            raise ValidationError("That is the address you have.")


class LeaveForm(Form):
    """Goodbye: what becomes of one's posts, and one's own address typed out, so that nobody leaves by mistake."""

    posts = StringField("Your posts", [AnyOf(POSTS_GO)], default=POSTS_GO[0])
    keeps_portrait = BooleanField("Leave my biography, my website and my picture on my page")
    heir = EmailField("Their address", [at_most(320)], filters=[tidy, lowered])
    email = EmailField("Your own address", [needed("Type your address."), at_most(320)], filters=[tidy, lowered])

    def __init__(self, person: User, *, has_posts: bool, sent: bool = True) -> None:
        super().__init__(**({} if sent else {"formdata": None}))
        self.person = person
        if not has_posts:
            del self.posts, self.keeps_portrait, self.heir

    def validate_email(self, field: EmailField) -> None:
        if field.data != self.person.email:
            raise ValidationError(f"Type {self.person.email} to delete that account.")

    def validate_heir(self, field: EmailField) -> None:
        found = self.colleague if self.posts.data == "handed over" else None
        if self.posts.data == "stay" and field.data:
            raise ValidationError("You named somebody, but your posts would stay. Choose which, or leave this empty.")
        if self.posts.data == "handed over" and found is None:
            raise ValidationError("Nobody else who writes here has that address.")

    @property
    def colleague(self) -> User | None:
        """Whom the posts are to go to, if anybody; of readers nothing is said here."""
        if "posts" not in self or self.posts.data != "handed over":
            return None
        found = User.writer_at(self.heir.data or "")
        return found if found and found.id != self.person.id else None
