"""What an admin may write into the two fields of a redirect."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app, request
from wtforms import StringField
from wtforms.validators import ValidationError

from blog.forms import Form, at_most, needed
from blog.models import Post, Redirect
from blog.models.redirect import PATH_LIMIT
from blog.moved import PRIVATE, UNFIT, end_of, is_below, is_ours, is_page
from blog.text import plain_path

HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?")


def trimmed(value: str | None) -> str:
    return (value or "").strip(" ")  # no more: a line break in an address is to be refused, not mended


class RedirectForm(Form):
    """Checked, `from_path` is the plain path to redirect, and `goal` the post or the address that it leads to."""

    path = StringField(
        "From",
        [needed("Say which address of old is meant."), at_most(2000)],
        filters=[trimmed],
        description="A path such as /2019/old.html, or a whole address of old, of which the path counts.",
    )
    target = StringField(
        "To",
        [needed("Say where it is to lead."), at_most(PATH_LIMIT)],
        filters=[trimmed],
        description="A path of this site, or an address that begins with https://",
    )

    def __init__(self, redirect: Redirect | None = None, **how: object) -> None:
        self.redirect = redirect
        data = {"path": redirect.path, "target": redirect.goal} if redirect else {}
        super().__init__(data=data, **how)

    def validate_path(self, field: StringField) -> None:
        self.from_path = plain_path(path_of(field.data or ""))
        there = Redirect.of(self.from_path)
        if len(self.from_path) > PATH_LIMIT:
            raise ValidationError(f"At most {PATH_LIMIT} characters; this has {len(self.from_path):,}.")
        if is_below(self.from_path, PRIVATE):
            raise ValidationError("Nothing about signing in can be redirected.")
        if is_page(self.from_path):
            raise ValidationError("There is a page at this address, and readers would see that page instead.")
        if there and there is not self.redirect:
            raise ValidationError(f"This address leads to {there.goal} already. Change that redirect in the list.")

    def validate_target(self, field: StringField) -> None:
        target = address_of(own_path(refuse_unfit(field.data or "")))
        self.goal: Post | str = target
        if is_ours(target):
            self.goal = Post.at(plain_path(unquote(target))) or target
            start = getattr(self, "from_path", "")
            plain = refuse_unfit(plain_path(unquote(re.split("[?#]", target)[0])))
            if plain == start:
                raise ValidationError("An address cannot lead to itself.")
            if end_of(target, start) is None:
                raise ValidationError("That would lead in a circle: this target leads back to the address itself.")


def path_of(written: str) -> str:
    """The path in a path or a whole address. Raises ValidationError where there is none."""
    refuse_unfit(written)
    parts = split(written)
    if parts.scheme in ("http", "https") and parts.netloc:
        return refuse_unfit(unquote(parts.path) or "/")
    if not is_ours(written):
        raise ValidationError("Begin with a slash, as in /2019/old.html, or with https://")
    return refuse_unfit(unquote(parts.path))


def address_of(written: str) -> str:
    """An address to send readers to. Raises ValidationError where they might end up somewhere else."""
    if is_ours(written):
        return written
    parts = split(written)
    host = parts.netloc.lower()
    if parts.scheme != "https" or not HOST.fullmatch(host) or not has_a_port_that_can_be(parts):
        raise ValidationError("Begin with a slash for a page of this site, or with https:// for another.")
    return written


def has_a_port_that_can_be(parts: SplitResult) -> bool:
    """Whether it has none, or one up to 65535: it is read, and refused, only when asked for."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def own_path(address: str) -> str:
    """The path alone, where the address is one of this site."""
    parts = split(address)
    ours = {request.host, split(current_app.config["SITE_URL"]).netloc}
    if not parts.netloc or parts.netloc.lower() not in ours:
        return address
    return (parts.path or "/") + f"?{parts.query}" * bool(parts.query) + f"#{parts.fragment}" * bool(parts.fragment)


def split(written: str) -> SplitResult:
    try:
        return urlsplit(written)
    except ValueError:
        raise ValidationError("This is no address that a browser could ask for.") from None


def refuse_unfit(written: str) -> str:
    if UNFIT.search(written):
        raise ValidationError("An address has no line breaks, tabs, backslashes or /../ in it.")
    return written
