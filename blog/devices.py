"""Devices: what people call them, and the cookie by which one is known again when its person signs in."""

import re

from flask import Response, after_this_request, current_app, request

from blog.models import KnownDevice, User
from blog.models.device import LASTS

COOKIE = "device"
MOST_PEOPLE = 5  # who take turns at one browser and are all known from it
BROWSERS = (  # the first that is named: most call themselves by the names of others, too
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera\b"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bVersion/\S+ .*\bSafari/"),
)
SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Mac", r"\bMac(?:intosh| OS X)\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)


def in_words(agent: str) -> str:
    """What a person would call the device of this user agent: its browser and its system."""
    browser, system = _first(BROWSERS, agent), _first(SYSTEMS, agent)
    return f"{browser or 'A browser'} on {system}" if system else browser or "An unknown device"


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")


def known_to(user_id: int) -> str:
    """The digest by which this device is known to the person; nothing where it is a stranger's."""
    return KnownDevice.find(_secrets(), user_id)


def remember(user: User) -> None:
    """This person signs in here: known from now on, and the cookie says so once the answer goes out."""
    known = _secrets()
    fresh = KnownDevice.remember(user, known)
    value = ".".join([*known, fresh][-MOST_PEOPLE:] if fresh else known)

    @after_this_request
    def hand_out(response: Response) -> Response:
        how = {"secure": is_secure(), "httponly": True, "samesite": "Lax"}
        response.set_cookie(cookie_name(), value, max_age=LASTS, **how)  # type: ignore[arg-type]
        return response


def cookie_name() -> str:
    """With the prefix that keeps a neighbouring host from planting one, which only HTTPS knows."""
    return f"__Host-{COOKIE}" if is_secure() else COOKIE


def is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"]) or request.is_secure


def _secrets() -> list[str]:
    return re.findall(r"(?<![^.])[\w-]{43}(?![^.])", request.cookies.get(cookie_name(), "")[:500])[-MOST_PEOPLE:]
