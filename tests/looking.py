"""Looking at an answer as a person would: its words, its links, and what its forms hold."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from blog.database import db
from blog.mail import SEALED_AS
from blog.models import Mail
from blog.sealing import unseal

HERE = {"Origin": "http://localhost"}  # what a browser says of a form of ours
BUTTONS = {"": "", "save": "", "publish": "/publication", "unpublish": "/withdrawal", "bin": "/bin"}


def page(response):
    return parsed(response.text)


@lru_cache(maxsize=4)  # several questions are asked of one page, and reading it is the slow part
def parsed(html: str):
    return BeautifulSoup(html, "html.parser")


def words(response) -> str:
    return " ".join(page(response).get_text(" ").split())


def headlines(response) -> list[str]:
    """The titles of a list of posts, in order, the lead first."""
    return [heading.get_text(strip=True) for heading in page(response).select(".lead h2, .entry h2, .pieces h2")]


def link(response, name: str) -> str | None:
    """Where the link with these words leads."""
    return next((a["href"] for a in page(response).select("a[href]") if name in a.get_text()), None)


def value(control) -> str:
    if control.name == "textarea":
        text = control.get_text()
        return text.removeprefix("\r").removeprefix("\n")  # HTML drops the first line break
    if control.name == "select":
        chosen = control.select_one("option[selected]") or control.select_one("option")
        return chosen["value"]
    return control.get("value", "on" if control.get("type") == "checkbox" else "")


def filled(response, selector: str = "main form") -> dict[str, str]:
    """What the browser would send, were the form on this page submitted untouched."""
    form = page(response).select_one(selector)
    assert form is not None, f"no {selector} on the page"
    sent = {}
    for control in form.select("input[name], textarea[name], select[name]"):
        if control.get("type") in ("checkbox", "radio") and not control.has_attr("checked"):
            continue
        sent[control["name"]] = value(control)
    return sent


def follow(browser, path):
    """The answer at the end of all redirects."""
    seen = [path]
    while (answer := browser.get(seen[-1])).location:
        seen.append(answer.location)
        assert len(seen) < 10, f"led in circles: {seen}"
    return answer


def fault(response, field: str) -> str | None:
    """What stands beside this field as its error."""
    control = page(response).select_one(f'[name="{field}"][aria-invalid="true"]')
    return control and page(response).find(id=control["aria-describedby"]).get_text()


def write(browser, press: str = "save", **typed: str):
    """Open the page for a new post, type this, and press a button."""
    sent = filled(browser.get("/write/posts/new"), "form.editor") | typed
    return browser.post(f"/write/posts/new{BUTTONS[press]}", data=sent)


def rewrite(browser, post_id: int, press: str = "save", **typed: str):
    """Open the editor of this post, type over what is there, and press a button."""
    sent = filled(browser.get(f"/write/posts/{post_id}"), "form.editor") | typed
    return browser.post(f"/write/posts/{post_id}{BUTTONS[press]}", data=sent)


@dataclass(frozen=True)
class Letter:
    """One that waits in the outbox, unsealed."""

    kind: str
    to: str
    subject: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        return re.findall(r"https?://[^\s<>]+", self.text)

    @property
    def link(self) -> str:
        """The one address in it."""
        (only,) = self.links
        return only


def outbox(*, to: str | None = None, kind: str | None = None) -> list[Letter]:
    """The letters that wait to be sent, in the order they were written; within the context of an app."""
    db.session.commit()  # what another transaction has written since is read
    rows = db.session.scalars(select(Mail).where(Mail.sent_at.is_(None), Mail.gave_up_at.is_(None)).order_by(Mail.id))
    letters = [Letter(row.kind, row.to, row.subject, **words_of(row)) for row in rows]
    return [one for one in letters if to in (None, one.to) and kind in (None, one.kind)]


def words_of(row: Mail) -> dict[str, str]:
    kept = json.loads(unseal(row.sealed, what=SEALED_AS))
    return {name: kept[name] for name in ("text", "html")}


def heading(answer) -> str:
    return page(answer).select_one("h1").get_text()


def press(browser, answer, selector="main form", *, headers=HERE, **typed):
    """Send a form of this page as a browser does: where it says, and all of its fields, those that repeat too."""
    form = page(answer).select_one(selector)
    fields = MultiDict(hidden(answer, selector))
    for name, text in typed.items():
        fields[name] = text
    return browser.post(
        form.get("action", answer.request.path), data=fields, content_type=form.get("enctype"), headers=headers
    )


def hidden(answer, selector="main form") -> list[tuple[str, str]]:
    controls = page(answer).select_one(selector).select("input[name], textarea[name], select[name]")
    return [(one["name"], value(one)) for one in controls]


def shown(answer) -> list[str]:
    return [value(area) for area in page(answer).select("main textarea[readonly]")]
