"""Two admins at the settings at once: each keeps what the other did, and who changed the same thing later is asked.

The page carries a mark of each setting as it was when the page was made.
"""

import hashlib
import json
from typing import Any

from blog import links
from blog.admin.forms import SettingsForm
from blog.models import Site

NOT_SETTINGS = {"csrf_token", "logo_file", "was"}
SHOWN = 80  # characters of what the other admin wrote
BESIDE = {"logo": "logo_file"}  # the field that a fault of a hidden one stands at


def mark(value: Any) -> str:
    value = sorted(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else value
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def marks(form: SettingsForm, site: Site) -> str:
    return json.dumps({name: mark(getattr(site, name)) for name in settings_in(form)})


def settings_in(form: SettingsForm) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if name not in NOT_SETTINGS}


def changed(form: SettingsForm, site: Site) -> dict[str, Any]:
    """The settings that were touched on this page. What somebody else changed meanwhile as well is refused once, and
    taken when it is sent again."""
    was = began_with(form)
    wanted = {name: value for name, value in settings_in(form).items() if mark(value) != was.get(name)}
    for name, value in wanted.items():
        now = getattr(site, name)
        if name in was and was[name] != mark(now) != mark(value):
            form.refuse(
                BESIDE.get(name, name), f"Somebody has changed this meanwhile{to(now)}. Save again to have yours."
            )
            was[name] = mark(now)
    form.was.data = json.dumps(was)
    return wanted


def began_with(form: SettingsForm) -> dict[str, str]:
    """Nothing, where a page does not say: then all of it counts as typed."""
    try:
        was = json.loads(form.was.data or "{}")
    except (ValueError, RecursionError):
        return {}
    return was if isinstance(was, dict) else {}


def to(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(value) if value and isinstance(value[0], str) else links.written(value).replace("\n", ", ")
    shown = str(value)[:SHOWN]
    return f", to “{shown}{'…' * (len(str(value)) > SHOWN)}”" if shown else ", to nothing"
