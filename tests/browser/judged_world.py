"""A site in which all has happened that the judged pages have something to show of."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pyotp
from factories import PASSWORD, a_binned_post, a_page, a_post, a_scheduled_post, a_user, an_admin, an_editor, the_site
from sqlalchemy import select

from blog.database import db, utcnow
from blog.models import (
    Authenticator,
    LoginSession,
    Mail,
    Missing,
    Passkey,
    Post,
    PreviewLink,
    Purpose,
    RecoveryCode,
    Redirect,
    Review,
    ReviewComment,
    Shows,
    Tag,
    Token,
    User,
    UserRole,
)
from blog.models import invitation as coming_in
from blog.models.leaving import leave
from blog.models.moving import ask_to_move
from blog.models.reading_list import Kept
from browser.test_access import BODY

Holes = dict[str, Any]
DAY = timedelta(days=1)
LONG = "A-name-that-somebody-typed-without-a-single-space-in-it-to-see-what-becomes-of-the-page"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def an_empty_site() -> Holes:
    holes = {"setup": Token.issue(Purpose.setup)}
    db.session.commit()
    return holes


def the_world() -> tuple[dict[str, User], Holes]:
    """The people, by what `judged.GROUPS` calls them, and what the addresses have open. All of it is committed."""
    the_site(registration="open", footer="A magazine. [Imprint](/about)", tagline="Mended things.", posts_per_page=5)
    people = the_people()
    posts = the_posts(people)
    the_factors(people)
    the_letters()
    the_addresses(people["boss"], posts["post"])
    holes = links(people) | {name: post.id for name, post in posts.items()} | {n: p.id for n, p in people.items()}
    holes |= {"year": f"{utcnow():%Y}", "month": f"{utcnow():%m}", "preview": reviewed(posts["draft"], people)}
    holes["review"] = db.session.scalar(select(Review.id))
    holes["redirect"] = db.session.scalar(select(Redirect.id))
    holes["tag"] = db.session.scalar(select(Tag.id).where(Tag.name == "Tides"))
    holes["passkey"], holes["only_passkey"] = (
        db.session.scalar(select(Passkey.id).where(Passkey.user_id == people[name].id)) for name in ("ada", "ben")
    )
    db.session.commit()
    return people, holes


def the_people() -> dict[str, User]:
    boss = an_admin(name="Boss", email="boss@example.com", password=PASSWORD)
    people = {
        "reader": a_user(name="Rita"),
        "ada": an_editor(
            name="Ada", handle="ada", email="ada@example.com", biography="Mends clocks.", password=PASSWORD
        ),
        "ben": an_editor(name="Ben", email="ben@example.com", password=PASSWORD),
        "boss": boss,
        "gone": an_editor(name="Gundula"),
        "banned": an_editor(name=LONG, email=f"{LONG[:60].lower()}@example.com"),
    }
    people["banned"].deactivate(by=boss)
    for person in (people["ada"], people["ada"], people["reader"]):
        LoginSession.start(person, agent=FIREFOX, origin="203.0.113.7")
    return people


def the_posts(people: dict[str, User]) -> dict[str, Post]:
    ada = people["ada"]
    for days in range(1, 9):
        a_post(by=ada, title=f"Day {days}", published_at=utcnow() - days * 20 * DAY, tags=["Tides", "Sea"])
    a_scheduled_post(by=ada, title="Soon")
    a_binned_post(by=ada, title="Binned")
    a_page(live=True, title="About", slug="about", body=BODY)
    a_post(by=people["gone"], live=True)
    leave(people["gone"], by=people["boss"])
    gone = a_post(by=ada, live=True, title="Taken back", slug="taken-back")
    gone.first_published_at = gone.published_at
    gone.unpublish(base=1, by=ada)
    hidden = a_post(by=ada, live=True, members=True, title="For members", slug="for-members", body=BODY)
    post = a_post(by=ada, live=True, title="Tides", slug="tides", body=BODY, tags=["Tides"])
    post.revise(base=1, by=ada, waits=True, title="High tides", body=BODY.replace("Some", "Many"), tags=["Water"])
    for kept in (post, hidden, gone):
        Kept.keep(kept, by=ada)
    Tag.named(["Alone"])
    return {"post": post, "draft": a_post(by=people["ben"], title="A draft", body=BODY)}


def reviewed(post: Post, people: dict[str, User]) -> str:
    """Ask Ada for a review, and say a word in it. Returns the secret of a preview link."""
    review = Review.ask(post, people["ada"], by=people["ben"], note="Is it too long?")
    db.session.flush()
    db.session.add(ReviewComment(uid=uuid4(), review_id=review.id, by=people["ada"], words="Hm.\n\nNot too long."))
    PreviewLink.make(post, Shows.saved, days=3, by=people["ben"], uid=uuid4())
    return PreviewLink.make(post, Shows.saved, days=3, by=people["ben"], uid=uuid4())


def the_factors(people: dict[str, User]) -> None:
    for name, device in (("ada", f"Telephone {LONG}"), ("ada", "Key"), ("ben", "Telephone")):
        Passkey.add(people[name], credential=f"{name}{device}"[:40], name=device[:80], public_key=b"key")
    sealed = Authenticator.begin(people["ada"])
    app = pyotp.TOTP(Authenticator.secret_in(sealed, people["ada"]))
    assert Authenticator.enrol(people["ada"], sealed, app.at(utcnow()))
    RecoveryCode.make_anew(people["ada"])


def the_letters() -> None:
    """One in each state, some with what the mail server said."""
    now = utcnow()
    fault = "550 5.1.1 <ada@example.org>: Recipient address rejected: User unknown in virtual mailbox table"
    some: list[dict[str, Any]] = [
        {"kind": "invitation"},
        {"kind": "reset", "tries": 3, "due_at": now + DAY / 24, "fault": "timed out"},
        {"kind": "review-asked", "tries": 1, "lease": uuid4(), "leased_until": now + DAY},
        {"kind": "password_changed", "tries": 1, "sent_at": now, "sealed": ""},
        {
            "kind": "confirm_address",
            "tries": 12,
            "gave_up_at": now,
            "fault": fault,
            "to": f"{LONG}@example.org".lower(),
        },
    ]
    usual = {"to": "cem@example.org", "subject": "Hello", "sealed": "x", "due_at": now}
    db.session.add_all(Mail(uid=uuid4(), **usual | one) for one in some)


def the_addresses(boss: User, post: Post) -> None:
    Redirect.add("/old", to=post, by=boss)
    Redirect.add(f"/{LONG.lower()}", to="https://example.org/new", by=boss)
    now = utcnow()
    for path in ("/tide", f"/2019/05/{LONG.lower()}"):
        Missing.count(path, 3, f"https://example.org/{LONG}", now)


def links(people: dict[str, User]) -> Holes:
    """What is sent in letters; and invitations, open, run out and void, and people who wait to be let in."""
    ada, boss, reader = people["ada"], people["boss"], people["reader"]
    for n, (name, by) in enumerate([("", boss), ("Dee", None), (LONG[:40], boss)]):
        Token.add(
            Purpose.invitation,
            by=by,
            email=f"invited{n}@example.com",
            role=UserRole.editor,
            detail={"name": name},
            lasts=-DAY if n == 2 else None,
        )
    asked = {"name": "Cem", "password": "x", "browser": ""}
    for n in range(2):
        Token.add(Purpose.request, email=f"cem{n}@example.com", detail=asked)
    to, back = ask_to_move(ada, "ada@new.example")
    taken, _ = ask_to_move(reader, "ben@example.com")
    _, lost = ask_to_move(people["ben"], "ben@new.example")
    return {
        "sign_in": Token.issue(Purpose.sign_in, user=reader),
        "reset": Token.issue(Purpose.reset, user=reader),
        "confirmation": Token.issue(Purpose.confirmation, email="dee@example.com", detail=asked),
        "invitation": coming_in.invite("eve@example.com", UserRole.editor, by=boss, name="Eve"),
        "too_late": coming_in.invite("boss@example.com", UserRole.viewer, by=boss),
        "new_address": to,
        "old_address": back,
        "taken_address": taken,
        "lost_address": lost,
    }
