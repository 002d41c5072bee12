"""What readers asked for in vain: noted in memory, and written now and then by a thread of its own.

Nobody waits for that, and nothing an attacker asks for can fill the memory or the database: a process notes so many
addresses between two writings, and the table keeps the newest. What cannot be written is dropped.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Timer

from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from blog.database import db, utcnow
from blog.models import Missing
from blog.models.redirect import PATH_LIMIT
from blog.moved import PRIVATE, UNFIT, is_below
from blog.text import plain_path
from blog.web import came_from

PAUSE = 4.0  # seconds from the first note to the writing of all
MOST = 50  # addresses noted in that time; more are let go
NOT_PAGES = (*PRIVATE, "/admin", "/write", "/static", "/media")
NOISE = re.compile(  # what nobody asks for who reads
    r"/\.(?!well-known/)|^/(wp|cgi|phpmyadmin|vendor|xmlrpc)\b|/wp-"
    r"|\.(php\d?|aspx?|jspx?|cgi|env|sql|bak|old|ini|log|ya?ml|zip|gz|tar|rar|7z"
    r"|m?js|css|map|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf)$"
)


@dataclass
class Asked:
    times: int
    referrer: str
    last_at: datetime


class Notebook:
    def __init__(self, app: Flask) -> None:
        self.app, self.lock = app, Lock()
        self.lines: dict[str, Asked] = {}
        self.timer: Timer | None = None

    def note(self, path: str, referrer: str) -> None:
        with self.lock:
            before = self.lines.get(path)
            if before is None and len(self.lines) >= MOST:
                return
            times, came_from = (before.times, before.referrer) if before else (0, "")
            self.lines[path] = Asked(times + 1, referrer or came_from, utcnow())
            if self.timer is None and not self.app.testing:  # tests write when they want to
                self.timer = Timer(PAUSE, self.write)
                self.timer.daemon = True
                self.timer.start()

    def write(self) -> None:
        """All that was noted, in one short transaction; or, where the database will not have it, nothing."""
        with self.lock:
            lines, self.lines, self.timer = self.lines, {}, None
        try:
            with self.app.app_context():
                for path in sorted(lines):  # in one order: two who wrote in their own could wait for each other
                    Missing.count(path, lines[path].times, lines[path].referrer, lines[path].last_at)
                Missing.sweep()
                db.session.commit()
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
            self.app.logger.warning("missing addresses could not be written: %s", reason)


def note() -> None:
    """Remember that this request found nothing, if it was a reader's."""
    path = plain_path(request.path)
    if request.method in ("GET", "HEAD") and is_of_a_reader(path):
        current_app.extensions["lost"].note(path, referrer())


def is_of_a_reader(path: str) -> bool:
    unusual = len(path) > PATH_LIMIT or UNFIT.search(path) or NOISE.search(path)
    return not unusual and not is_below(path, NOT_PAGES)


def referrer() -> str:
    """The page that led here, without its query: its path if it is ours, and none of those that are private."""
    page = came_from()
    host = page.netloc.rpartition("@")[2]
    if page.scheme not in ("http", "https") or not host:
        return ""
    if host == request.host:
        return "" if is_below(plain_path(page.path), NOT_PAGES) else page.path[:PATH_LIMIT]
    return f"{page.scheme}://{host}{page.path}"[:PATH_LIMIT]


def init_app(app: Flask) -> None:
    app.extensions["lost"] = Notebook(app)
