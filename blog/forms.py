"""What the forms of every blueprint share."""

import re
from typing import Any
from zoneinfo import available_timezones

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import ValidationError

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


def needed(reason: str) -> Any:
    """Refuses an empty text with these words."""

    def check(_form: object, field: Field) -> None:
        if not field.data or not str(field.data).strip():
            raise ValidationError(reason)

    return check
