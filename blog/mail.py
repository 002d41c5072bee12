"""Letters: worded by a template, kept in the same transaction as the act they tell of, and sent by `blog.posting`.

A letter is one template, `templates/mail/<kind>.txt`: its first line is the subject, and what follows the words. The
HTML of it is made of the same words: a line that is nothing but an address becomes a button. A line of more than 60
characters runs on into the next; a shorter one ends where it ends.
"""

import json
import re
import threading
from datetime import datetime
from textwrap import fill
from uuid import uuid4

from flask import current_app, render_template
from jinja2 import Environment
from sqlalchemy import event
from sqlalchemy.orm import Session

from blog.database import db, utcnow
from blog.home import home
from blog.models import Mail
from blog.sealing import seal
from blog.text import one_line, storable

SEALED_AS = "mail"
WIDTH = 76
RUNS_ON = 60
_ADDRESS = re.compile(r"https?://\S+")

# Set when this process has committed a letter, so that the thread that sends need not wait for its next round.
fresh = threading.Event()


def is_on() -> bool:
    """Whether this site sends mail at all. Without it, links are copied by an admin."""
    return current_app.config["MAIL_PLACE"] is not None


def write(kind: str, *, to: str, link: str = "", until: datetime | None = None, **words: object) -> None:
    """Put a letter of this kind to this address in the outbox; the caller commits. Nothing where no mail is sent.

    `link` is a path of this site. A letter is told no whole address: only here is one made, which no request can turn
    elsewhere. Words that people chose, such as names, are kept to one line each: they can be no second subject, and no
    button.
    After `until`, when its link has run out, the letter is not sent any more; it may say so.
    """
    if not is_on():
        return
    words |= {"until": until, "link": home() + link}
    subject, _, body = storable(worded(kind, words)).strip().partition("\n")
    blocks = blocks_of(body)
    page = render_template("mail/letter.html", subject=subject, blocks=blocks, is_address=is_address)
    sealed = seal(
        json.dumps({"text": plain(blocks), "html": page, "until": until and until.isoformat()}), what=SEALED_AS
    )
    db.session.add(Mail(uid=uuid4(), kind=kind, to=to, subject=one_line(subject)[:200], sealed=sealed, due_at=utcnow()))
    hurry()


def hurry() -> None:
    """Wake the thread that sends, as soon as this transaction is committed."""
    db.session.info["has_letters"] = True


@event.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    if not session.in_nested_transaction() and session.info.pop("has_letters", False):
        fresh.set()


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("has_letters", None)


# Wording


def worded(kind: str, words: dict[str, object]) -> str:
    """The template with its words. Each word is one line, also where it is an attribute of something."""
    current_app.update_template_context(words)
    del words["absolute"]  # which takes the name of the site from the request
    return templates().get_template(f"mail/{kind}.txt").render(words)


def templates() -> Environment:
    """Those of the application, read as letters. Made once, for it keeps what it has compiled: of a thousand letters
    of one kind each would else be compiled anew, while everybody waits to write."""
    if "letters" not in current_app.extensions:
        current_app.extensions["letters"] = current_app.jinja_env.overlay(
            finalize=lambda word: one_line(word) if isinstance(word, str) else word
        )
    found: Environment = current_app.extensions["letters"]
    return found


def blocks_of(body: str) -> list[list[str]]:
    """The paragraphs of a letter, each as its lines; an address that has a line of its own is a paragraph, too."""
    blocks: list[list[str]] = []
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        begins = True
        runs_on = False
        for line in filter(None, map(str.strip, paragraph.split("\n"))):
            alone = is_address(line)
            if alone or begins:
                blocks.append([line])
            elif runs_on:
                blocks[-1][-1] += f" {line}"
            else:
                blocks[-1].append(line)
            begins, runs_on = alone, len(line) > RUNS_ON
    return blocks


def is_address(line: str) -> bool:
    return _ADDRESS.fullmatch(line) is not None


def plain(blocks: list[list[str]]) -> str:
    """The letter as text of a width that is easy to read. No word is ever broken, and so no address."""
    return "\n\n".join("\n".join(wrapped(line) for line in lines) for lines in blocks) + "\n"


def wrapped(line: str) -> str:
    return fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
