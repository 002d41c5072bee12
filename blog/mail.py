"""Letters: worded by a template, kept in the same transaction as the act they tell of, and sent by `blog.posting`.

A letter is one template, `templates/mail/<kind>.txt`: its first line is the subject, and what follows the words. The
HTML of it is made of the same words: a line that is nothing but an address becomes a button.
"""

import json
import re
from uuid import uuid4

from flask import current_app, render_template

from blog.database import db, utcnow
from blog.models import Mail
from blog.sealing import seal
from blog.text import one_line

SEALED_AS = "mail"


def is_on() -> bool:
    """Whether this site sends mail at all. Without it, links are copied by an admin."""
    return current_app.config["MAIL_PLACE"] is not None


def write(kind: str, *, to: str, **words: object) -> None:
    """Put a letter of this kind to this address in the outbox; the caller commits. Nothing where no mail is sent."""
    if not is_on():
        return
    subject, _, body = render_template(f"mail/{kind}.txt", **words).strip().partition("\n")
    body = re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"
    page = render_template("mail/letter.html", subject=subject, paragraphs=body.strip().split("\n\n"))
    sealed = seal(json.dumps({"text": body, "html": page}), what=SEALED_AS)
    db.session.add(Mail(uid=uuid4(), kind=kind, to=to, subject=one_line(subject)[:200], sealed=sealed, due_at=utcnow()))
