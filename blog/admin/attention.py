"""What an admin should look at. Nothing here is counted beyond what makes somebody look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask import current_app, g, url_for
from sqlalchemy import Select, exists, func, or_, select

from blog import deployment
from blog.database import db, utcnow
from blog.models import (
    AuditEntry,
    Authenticator,
    Media,
    MediaUse,
    Passkey,
    Post,
    PostKind,
    Review,
    Token,
    User,
    UserRole,
    invitation,
    mails_in_trouble,
)

MOST = 1000  # so many are counted, and no more
NEWEST = 500  # posts that are looked at for what is missing in them
MANY_FAILURES = 5
LONG_FOR_A_REVIEW = timedelta(days=3)

everybodys = partial(url_for, "posts.desk", whose="everyone")


@dataclass(frozen=True)
class Worry:
    """Something an admin should look at: how many, what, where to see it, and why it matters."""

    number: int
    what: str
    where: str
    why: str
    is_bad: bool = False

    @property
    def amount(self) -> str:
        return f"{self.number:,}" if self.number < MOST else f"{MOST:,}+"


def worries() -> list[Worry]:
    """What there is to worry about, the worst first."""
    found = [*of_the_site(), *of_people(), *of_posts()]
    return sorted((worry for worry in found if worry.number), key=lambda worry: not worry.is_bad)


def of_the_site() -> Iterator[Worry]:
    failing = [problem for problem in deployment.at_rest(current_app) if problem.is_grave]
    yield Worry(
        len(failing),
        "Check of the system fails" if len(failing) == 1 else "Checks of the system fail",
        url_for(".system"),
        failing[0].text if failing else "",
        is_bad=True,
    )
    yield Worry(
        mails_in_trouble(),
        "Letters that were given up, or wait for over an hour",
        url_for(".letters"),
        "The mail server does not take them. The queue says why.",
        is_bad=True,
    )


def of_people() -> Iterator[Worry]:
    day_ago = utcnow() - timedelta(days=1)
    failures = select(AuditEntry.id).where(AuditEntry.action == "failed to sign in as", AuditEntry.at > day_ago)
    failed = number_of(failures)
    yield Worry(
        failed if failed >= MANY_FAILURES else 0,
        "Sign-ins failed since yesterday",
        url_for(".audit"),
        "Somebody may be guessing passwords. The log says from where.",
        is_bad=True,
    )
    yield Worry(
        int(number_of(User.active_admins().with_only_columns(User.id)) == 1),
        "Active admin, and no more",
        url_for(".users", role="admin"),
        "If they lose their password, only the command line can help.",
    )
    yield Worry(
        number_of(invitation.requests().with_only_columns(Token.id)),
        "Asked to come in",
        url_for(".invitations"),
        "No mail is sent here, so they wait until an admin lets them in.",
    )
    yield without_factor()


def without_factor() -> Worry:
    roles = [UserRole(name) for name in g.site.factor_for]
    app = exists().where(Authenticator.user_id == User.id, Authenticator.confirmed_at.is_not(None))
    passkey = exists().where(Passkey.user_id == User.id)
    bare = select(User.id).where(User.role.in_(roles), User.is_active, ~app, ~passkey)
    return Worry(
        number_of(bare) if roles else 0,
        "Without the second factor that their role requires",
        url_for(".users", role=roles[0].value if len(roles) == 1 else None),
        "They are asked to set one up when they next sign in, and can do nothing before.",
    )


def of_posts() -> Iterator[Worry]:
    scheduled, drafts = left_behind()
    yield Worry(
        scheduled,
        "Scheduled by somebody who is gone",
        everybodys(state="scheduled"),
        "They go live all the same; hand them over or unpublish them.",
    )
    yield Worry(
        drafts,
        "Drafts of somebody who is gone",
        everybodys(state="draft"),
        "Nobody but an admin can finish them. Hand them over, or put them in the bin.",
    )
    yield waiting_for_a_review()
    newest = Post.live().with_only_columns(Post.id, Post.summary).limit(NEWEST).subquery()
    yield Worry(
        number_of(select(newest.c.id).where(newest.c.summary == "")),
        "Live without a summary",
        everybodys(state="published"),
        f"Lists, feeds and previews show the first words instead. Seen among the {NEWEST} newest.",
    )
    used = select(MediaUse.media_id).where(MediaUse.post_id.in_(select(newest.c.id)))
    yield Worry(
        number_of(select(Media.id).where(Media.alt == "", Media.id.in_(used))),
        "Pictures without a description",
        url_for("posts.pictures", missing="alt"),
        f"Who cannot see them learns nothing of them. Seen in the {NEWEST} newest live posts.",
    )


def left_behind() -> tuple[int, int]:
    """How many posts of people who are gone are scheduled, and how many drafts. Begins at the people: they are few."""
    unfinished = or_(Post.published_at.is_(None), Post.published_at > utcnow())
    found = select(Post.published_at.is_(None).label("is_draft")).join(Post.author).where(~User.is_active, unfinished)
    few = found.where(Post.binned_at.is_(None), Post.kind == PostKind.post).limit(2 * MOST).subquery()
    rows = select(few.c.is_draft, func.count()).group_by(few.c.is_draft)
    numbers = {bool(row[0]): min(row[1], MOST) for row in db.session.execute(rows)}
    return numbers.get(False, 0), numbers.get(True, 0)


def waiting_for_a_review() -> Worry:
    long_ago = utcnow() - LONG_FOR_A_REVIEW
    open_ones = select(Review.id).join(Post, Review.post_id == Post.id).where(Post.binned_at.is_(None))
    late = open_ones.where(Review.ended_at.is_(None), Review.verdict.is_(None), Review.asked_at < long_ago)
    first = db.session.scalar(late.order_by(Review.id).limit(1))
    return Worry(
        number_of(late) if first else 0,
        "Asked for a review more than three days ago",
        url_for("posts.review", review_id=first) if first else "",
        "Somebody waits. This leads to the one that waits longest.",
    )


def number_of(rows: Select[int]) -> int:
    few = rows.order_by(None).limit(MOST).subquery()
    return db.session.scalar(select(func.count()).select_from(few)) or 0
