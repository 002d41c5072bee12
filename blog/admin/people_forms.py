"""The forms of the list of people and of the page of one person."""

from wtforms import RadioField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from blog.forms import LONGEST_ADDRESS, Form, an_email, at_most, needed, tidy
from blog.models import User, UserRole
from blog.models.user import lowered

MOST_AT_ONCE = 500
ACTS = {
    "viewer": "Make them viewers",
    "editor": "Make them editors",
    "admin": "Make them admins",
    "sessions": "End their sessions",
    "deactivate": "Deactivate",
    "reactivate": "Let them in again",
}


class SeveralForm(Form):
    """What to do with whom."""

    act = SelectField("What to do", choices=[SelectChoice(value, words) for value, words in ACTS.items()])
    id = SelectMultipleField("Chosen", coerce=int, validate_choice=False)

    def validate_id(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError("Nobody is chosen. Tick those you mean.")
        if len(field.data) > MOST_AT_ONCE or any(not 0 < number < 2**31 for number in field.data):
            raise ValidationError("Choose people from the list.")


class RoleForm(Form):
    role = SelectField("Role", choices=[SelectChoice(role.value, role.value) for role in UserRole])


class HandOverAllForm(Form):
    email = StringField("Hand all of them over to", [needed("Type an email address."), at_most(320)], filters=[tidy])


class AddressForm(Form):
    new_email = StringField(
        "New email address",
        [
            needed("Type an email address."),
            at_most(LONGEST_ADDRESS),
            an_email("Write an address like name@example.org."),
        ],
        filters=[tidy, lowered],
    )


class DeletionForm(Form):
    """For the page of one person: deleting asks for their address, so that it is not a slip."""

    posts = RadioField(
        "Their posts",
        choices=[SelectChoice("stay", "Stay under their name"), SelectChoice("go", "Go to somebody else")],
        default="stay",
    )
    to = StringField("To whom", [at_most(320)], filters=[tidy])
    confirmation = StringField("Their email address, to be sure", [at_most(320)], filters=[tidy])

    def fits(self, person: User) -> bool:
        """Whether all is well with it; otherwise what is not stands beside its field."""
        if not self.validate():
            return False
        if lowered(self.confirmation.data or "") != person.email:
            self.refuse("confirmation", "That is not their address. Nothing is deleted.")
        if self.posts.data == "go" and (self.heir is None or self.heir.id == person.id):
            self.refuse("to", f"Nobody else here has the address “{lowered(self.to.data or '')}”.")
        if self.posts.data == "stay" and self.to.data:
            self.refuse("to", "You named somebody, but the posts would stay. Choose which, or leave this empty.")
        return not self.errors

    @property
    def heir(self) -> User | None:
        return User.by_email(self.to.data or "") if self.posts.data == "go" else None
