"""What the forms of every blueprint share."""

import re
from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

from blog import text

ZONES = sorted(available_timezones())  # asked once: it reads hundreds of files


class Form(FlaskForm):
    """A form whose fields can be marked with an error after the checks have run."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: object, formdata: Any) -> Any:
            """The fields of a form, and words only: a file in place of a text breaks the field that reads it, and so
            would a number that came as JSON."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return (request.form or None) if request.method not in ("GET", "HEAD", "OPTIONS") else None

    def refuse(self, field: str, reason: str) -> None:
        self[field].errors = [*self[field].errors, reason]


def tidy(value: str | None) -> str:
    return text.one_line(value)


def lines(value: str | None) -> str:
    return text.unix_lines(value)


def at_most(limit: int) -> Any:
    """Refuses a longer text, saying by how much."""

    def check(_form: object, field: Field) -> None:
        if field.data and len(field.data) > limit:
            raise ValidationError(f"At most {limit:,} characters; this has {len(field.data):,}.")

    return check


def a_language(_form: object, field: Field) -> None:
    """Refuses what is no language code; none at all is for others to judge."""
    if field.data and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", field.data):
        raise ValidationError("Write a language code such as en, pt-BR or zh-Hans.")


LONGEST_ADDRESS = 320  # characters of an email address


def is_email(address: str) -> bool:
    """Whether mail could be sent there, as far as its spelling tells."""
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return len(address) <= LONGEST_ADDRESS and "\ufffd" not in address  # the mark for what could not be stored


def an_email(reason: str) -> Any:
    """Refuses what is no email address with these words; none at all is for others to judge."""

    def check(_form: object, field: Field) -> None:
        if field.data and not is_email(field.data):
            raise ValidationError(reason)

    return check


def needed(reason: str) -> Any:
    """Refuses an empty text with these words."""

    def check(_form: object, field: Field) -> None:
        if not field.data or not str(field.data).strip():
            raise ValidationError(reason)

    return check


def seen(reason: str) -> Any:
    """Refuses, with these words, a text of which nobody would see anything: a name, a title."""

    def check(_form: object, field: Field) -> None:
        if not text.shows_something(field.data or ""):
            raise ValidationError(reason)

    return check


def whole_number(least: int, most: int) -> Any:
    """Refuses any other. WTForms' own check breaks on a number of four hundred digits."""

    def check(_form: object, field: Field) -> None:
        if field.data is None or not least <= field.data <= most:
            field.errors = []  # in place of what the field says of what is no number at all
            raise StopValidation(f"Choose a number from {least} to {most}.")

    return check
