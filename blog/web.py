"""What every request has in common: the door, addresses, and words for templates. (The headers: `shields`.)"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from html import escape, unescape
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from babel.dates import format_date, format_time, get_month_names
from flask import Flask, Request, current_app, g, request
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter

from blog import assets, links, picture_tags, text
from blog.access import viewer
from blog.database import begin_writing, only_reading, utcnow
from blog.models import Can, Post, PostStatus, Site, audit
from blog.shields import SAFE

WITHOUT_SITE = frozenset(  # these need no database
    {"static", "stylesheet", "module", "posts.media", "posts.healthz", "posts.robots"}
)
_TAG = re.compile(r"""<[a-zA-Z](?:[^"<>]|"[^"]*")*>""")
_ADDRESS = re.compile(r'''(\s(?:href|src|srcset|poster|cite|data)=")([^"]*)"''')


# The door


class CleanRequest(Request):
    """A request whose words can be stored: NUL, a 500 on PostgreSQL, comes in as a visible mark."""

    def _load_form_data(self) -> None:  # `form` and `files` both begin here, whichever is asked for first
        if "form" not in self.__dict__:
            super()._load_form_data()
            self.__dict__["form"] = _clean(self.__dict__["form"])

    @cached_property
    def args(self) -> MultiDict[str, str]:
        return _clean(super().args)


class RowNumber(IntegerConverter):
    """A number in an address that a database can hold; SQLite breaks on a longer one."""

    regex = r"[0-9]{1,18}"


def _clean(words: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict((text.storable(key), text.storable(value)) for key, value in words.items(multi=True))


class TrustedProxies:
    """WSGI middleware: believes X-Forwarded-* of the proxies we know, and of nobody else."""

    def __init__(self, app: Any, networks: list[IPv4Network | IPv6Network]) -> None:
        self.app, self.networks = app, networks

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if self.trusts(environ.get("REMOTE_ADDR", "")):
            while hops and self.trusts(environ["REMOTE_ADDR"]):
                environ["REMOTE_ADDR"] = hops.pop()
            if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
                environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
        return self.app(environ, start_response)  # type: ignore[no-any-return]

    def trusts(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self.networks)
        except ValueError:
            return False


def open_door() -> None:
    """Say from where this request comes. Every one begins as a reader, so that a slow or forged one blocks nobody."""
    only_reading.set(True)
    audit.origin.set(request.remote_addr or "unknown")
    if text.storable(request.path) != request.path or asked_path().startswith("//"):
        raise NotFound


def take_pen() -> None:
    """The last step before a view that may write: all of the form has arrived, and the guard has let it in."""
    if request.method not in SAFE:
        begin_writing()
        g.has_waited = True  # perhaps, for others to write: see `access.me`


# Addresses


def safe_next(target: str | None, *, otherwise: str) -> str:
    """Where to go after signing in: only ever a path of this site.

    Browsers read a backslash as a slash and skip tabs and line breaks, so none of these may be in it.
    """
    if not target or not target.startswith("/") or target.startswith("//") or re.search(r"[\\\x00-\x20\x7f]", target):
        return otherwise
    return otherwise if urlsplit(target).netloc else target


def asked_path() -> str:
    """The path as it was asked for: Flask’s own `request.path` has but one slash in front, whatever there was."""
    return str(request.environ["PATH_INFO"].encode("latin-1").decode(errors="replace")) or "/"


def came_from() -> SplitResult:
    """The page that the browser says it was on; empty parts where it says nothing, or nonsense."""
    try:
        return urlsplit(text.storable(request.referrer or ""))
    except ValueError:
        return urlsplit("")


def absolute(path: str) -> str:
    """The address of a path for the world outside: from SITE_URL, or as the reader called us."""
    base = current_app.config["SITE_URL"] or request.host_url.rstrip("/")
    return f"{base}{quote(path, safe='/:?&=#%~@+,;!$*()')}"


# Words for templates


def day(moment: datetime, *, year: bool = True) -> str:
    local = moment.astimezone(g.site.zone)
    return format_date(
        local, "d MMMM yyyy" if year or local.year != utcnow().astimezone(g.site.zone).year else "d MMMM", locale="en"
    )


def clock(moment: datetime) -> str:
    """Day and time on the site's clock."""
    return f"{day(moment, year=False)}, {format_time(moment.astimezone(g.site.zone), 'HH:mm', locale='en')}"


def time_of_day(moment: datetime) -> str:
    """To the second, on the site's clock."""
    return str(format_time(moment.astimezone(g.site.zone), "HH:mm:ss", locale="en"))


def hour_of_day(moment: datetime) -> str:
    """To the minute, on the site's clock."""
    return time_of_day(moment)[:5]


def short_day(moment: datetime) -> str:
    """The day, and the year only where it is not this one."""
    return day(moment, year=False)


def day_of_month(moment: datetime) -> str:
    return str(moment.astimezone(g.site.zone).day)


def month_name(number: int) -> str:
    return str(get_month_names(locale="en")[number])


def time_tag(moment: datetime, form: Callable[[datetime], str] = day) -> Markup:
    stamp = moment.astimezone(g.site.zone).isoformat(timespec="seconds")
    return Markup('<time datetime="{}"{}>{}</time>').format(stamp, in_english(), form(moment))


def in_english() -> Markup:
    """How our own words are marked on a site of another language, for whoever hears them read aloud."""
    return Markup("") if g.site.is_english else Markup(' lang="en" dir="ltr"')


def xml(words: str) -> str:
    """Without the control characters that no XML may hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", words)


def absolute_links(html: str, post: Post) -> str:
    """The HTML of a post for a reader who is elsewhere: every address in it is a whole one."""
    page = absolute(post.path)
    return _TAG.sub(lambda tag: _ADDRESS.sub(lambda found: _from(page, found), tag[0]), html)


def _from(page: str, found: re.Match[str]) -> str:
    before, address = found[1], unescape(found[2])
    try:
        if "srcset" not in before:
            return f'{before}{escape(urljoin(page, address))}"'
        choices = [choice.split() for choice in address.split(",") if choice.strip()]
        return f'{before}{escape(", ".join(" ".join([urljoin(page, where), *size]) for where, *size in choices))}"'
    except ValueError:  # an address in square brackets that is none
        return found[0]


def picture_of(address: str, alt: str, **how: Any) -> Markup:
    """A picture of ours in all its widths, or nothing where it is none."""
    return Markup(picture_tags.picture(address, alt, **how))  # noqa: S704 - it escapes what it is given


def load_site() -> None:
    if request.endpoint not in WITHOUT_SITE:
        g.site = Site.current()


def words_for_templates() -> dict[str, Any]:
    if "site" not in g:
        g.site = Site.current()
    return {
        "site": g.site,
        "viewer": viewer(),
        "Can": Can,
        "PostStatus": PostStatus,
        "asset": assets.address,
        "script": assets.script,
        "now": utcnow,
        "absolute": absolute,
        "clock": clock,
        "time_of_day": time_of_day,
        "hour_of_day": hour_of_day,
        "english": in_english(),
        "picture_of": picture_of,
        "place": links.place,
        "short_day": short_day,
        "day_of_month": day_of_month,
        "month_name": month_name,
    }


def init_app(app: Flask) -> None:
    app.request_class = CleanRequest
    app.url_map.converters["int"] = RowNumber
    app.before_request(open_door)
    app.before_request(load_site)
    app.context_processor(words_for_templates)
    app.jinja_env.filters.update(time_tag=time_tag, xml=xml, absolute_links=absolute_links)
    app.wsgi_app = TrustedProxies(app.wsgi_app, app.config["TRUSTED_PROXIES"])  # type: ignore[method-assign]
