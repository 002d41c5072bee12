"""The password, asked for once more of somebody who is signed in: each try counts, and a wrong one is in the log."""

from blog import access
from blog.access import me
from blog.database import begin_writing, db, only_reading
from blog.limits import minutes
from blog.models import User, record
from blog.models.throttle import PROOF_TO_ACCOUNT

WRONG = "This is not your password."


def fault_of(password: str) -> str:
    """What is wrong with it, if anything. Commits: the try counts, and nobody waits for the password to be checked."""
    person = me()
    wait = minutes(PROOF_TO_ACCOUNT.hit(str(person.id)))
    db.session.commit()
    if wait:
        return f"Too many attempts. Wait {wait} {'minute' if wait == 1 else 'minutes'}."
    if not is_right(person, password):
        failed(person)
        return WRONG
    PROOF_TO_ACCOUNT.forget(str(person.id))
    db.session.commit()
    return ""


def is_right(person: User, password: str) -> bool:
    """Raises Unauthorized where the session was ended meanwhile."""
    only_reading.set(True)  # the check takes its time, and others may write meanwhile
    right = person.check_password(password)
    begin_writing()
    access.stay()
    return right


def failed(person: User) -> None:
    record("failed to prove to be", by=person, about=person)
    db.session.commit()
