"""`flask user factors`: what somebody has besides a password, and a way back for whoever has lost it."""

import click

from blog.cli import person, user
from blog.database import db
from blog.models import User
from blog.models.factors import factors_of, reset_factors


@user.command("factors")
@click.argument("email")
@click.option("--reset", is_flag=True, help="Take all of them away, and sign the person out everywhere.")
def factors(email: str, reset: bool) -> None:
    """Say which second factors somebody has, or take lost ones away."""
    found = person(email)
    if not reset:
        click.echo(f"{found.name} has {what_there_is(found)}.")
        return
    reset_factors(found, by=None)
    db.session.commit()
    click.echo(f"{found.name} has no second factor any more, and is signed out everywhere.")


def what_there_is(found: User) -> str:
    there = factors_of(found)
    if not there:
        return "no second factor"
    parts = ["an authenticator app"] * there.has_app
    parts += [f"the passkey “{key.name}”" for key in there.passkeys]
    return ", ".join([*parts, f"{there.codes_left} recovery codes"])
