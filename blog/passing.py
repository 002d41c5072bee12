"""Small writes in passing: at the end of a request that only read, when its page is made."""

from collections.abc import Callable

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from blog.database import PATIENCE, begin_writing, db, in_passing, only_reading


def write_in_passing(deed: Callable[[], object]) -> None:
    """Do this in a small transaction of its own, or leave it where the database will not have it at once.

    What was loaded before is let go of: call it last, and give it numbers, not rows.
    """
    in_passing.set(True)
    try:
        begin_writing()
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text(f"SET LOCAL lock_timeout = {PATIENCE}"))
        deed()
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        current_app.logger.info("not written in passing: %s", reason)
    finally:
        in_passing.set(False)
        only_reading.set(True)
