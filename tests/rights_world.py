"""Everybody and all that the table of rights is about: people, and a post in every state with what hangs on it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from factories import a_page, a_picture, a_post, a_scheduled_post, a_user, an_admin, an_editor, the_site
from flask import Flask, current_app
from rights import Part, Person, State
from sqlalchemy import select, update

from blog import library
from blog.database import db, utcnow
from blog.models import (
    LoginSession,
    Mail,
    Missing,
    Passkey,
    Post,
    PreviewLink,
    Purpose,
    Redirect,
    Review,
    ReviewComment,
    Shows,
    Tag,
    Token,
    User,
    UserRole,
    WorkingCopy,
)

Holes = dict[str, Any]  # what an address has open, by name


def word(state: State, part: Part) -> str:
    """A word that stands in this part of this post, and nowhere else."""
    return f"zq{state.word.replace('_', '')}{part}qz"


@dataclass
class World:
    cookies: dict[Person, str]  # the cookie of a session that was good once
    holes: Holes
    of_post: dict[State, Holes]
    of_address: dict[str, Holes]  # of addresses that mean something else by the same name


def the_world(app: Flask) -> World:
    the_site(registration="open", factor_for=["admin"])
    people = the_people()
    posts = {state: the_post(state, people) for state in State}
    of_post = {state: what_hangs_on(post, state, people) for state, post in posts.items()}
    world = World(cookies_of(app, people), holes_of(app, people), of_post, by_address(people))
    leave(people)
    db.session.commit()
    db.session.remove()
    return world


def the_people() -> dict[Person, User]:
    return {
        Person.deactivated: an_admin(),
        Person.viewer: an_editor(),
        Person.stranger: an_editor(),
        Person.reviewer: an_editor(),
        Person.co_author: an_editor(),
        Person.owner: an_editor(handle="the-owner"),
        Person.admin: an_admin(),
        Person.late_admin: an_admin(),
        Person.unenrolled: an_admin(),
    }


def leave(people: dict[Person, User]) -> None:
    """What changes after all the rest is made: nobody's sessions end, that the next request must see it by itself."""
    people[Person.deactivated].is_active = False
    people[Person.viewer].role = UserRole.viewer
    late = LoginSession.user_id == people[Person.late_admin].id
    db.session.execute(update(LoginSession).where(late).values(proved_at=utcnow() - timedelta(hours=2)))


def the_post(state: State, people: dict[Person, User]) -> Post:
    owner = people[Person.owner]
    said = {
        "by": owner,
        "title": f"On {word(state, Part.title)}",
        "body": f"Of {word(state, Part.body)}.",
        "slug": state.word.replace("_", "-"),
        "tags": ["rain"],
    }
    match state:
        case State.draft:
            post = a_post(**said)
        case State.scheduled:
            post = a_scheduled_post(**said)
        case State.page | State.page_draft:
            post = a_page(live=state.is_live, **said)
        case _:
            post = a_post(live=True, members=state is State.members, **said)
    if post.is_live:
        post.first_published_at = post.published_at
    post.co_authors = [people[who] for who in (Person.co_author, Person.viewer, Person.deactivated)]
    db.session.flush()
    if state is State.waiting:
        post.revise(base=1, by=owner, waits=True, body=f"Of {word(state, Part.body)}. {word(state, Part.waiting)}.")
    if state is State.unpublished:
        post.unpublish(base=1, by=owner)
    if state is State.binned:
        post.bin(base=1, by=owner)
    db.session.flush()
    return post


def what_hangs_on(post: Post, state: State, people: dict[Person, User]) -> Holes:
    """A review of the newest revision, a comment in it, a preview link, and what its owner has typed and not saved."""
    admin, reviewer = people[Person.admin], people[Person.reviewer]
    secret = PreviewLink.make(post, Shows.saved, days=3, by=admin if post.is_page else post.author, uid=uuid4())
    review = Review(post_id=post.id, number=post.revision, asked_by=admin, reviewer=reviewer)
    db.session.add(review)
    db.session.flush()
    said = ReviewComment(uid=uuid4(), review_id=review.id, by=reviewer, words="Hm.")
    copy_id, typed = uuid4(), {"title": post.title, "body": f"Not yet {word(state, Part.typed)}."}
    WorkingCopy.keep(copy_id, post, post.author, base=post.revision, seq=1, typed=typed)
    db.session.add(said)
    db.session.flush()
    link = db.session.scalars(PreviewLink.to(post)).one()
    return {
        "post_id": post.id,
        "slug": post.slug,
        "version": "of-another-time",
        "secret": secret,
        "copy_id": copy_id,
        "number": post.revision,
        "link_id": link.id,
        "user_id": people[Person.viewer].id,  # a co-author, and not the one who asks
        "review_id": review.id,
        "comment_id": said.id,
    }


def cookies_of(app: Flask, people: dict[Person, User]) -> dict[Person, str]:
    sign = app.session_interface.get_signing_serializer(app)
    return {who: sign.dumps({"_permanent": True, "login": LoginSession.start(user)}) for who, user in people.items()}


def holes_of(app: Flask, people: dict[Person, User]) -> Holes:
    """What fills the addresses that are about no post."""
    letter = Mail(uid=uuid4(), kind="hello", to="ada@example.org", subject="Hi", sealed="", due_at=utcnow())
    moved, missing = Redirect(path="/old", target="/new"), Missing(path="/lost")
    somebody = a_user()
    picture, session = a_picture(people[Person.owner]), LoginSession.start(somebody)
    passkeys = [a_key(people[who]) for who in (Person.admin, Person.late_admin, Person.deactivated)]
    db.session.add_all([letter, moved, missing])
    db.session.flush()
    return {
        "passkey_id": passkeys[0].id,
        "tag_id": db.session.scalars(select(Tag.id).where(Tag.slug == "rain")).one(),
        "slug": "rain",
        "handle": "the-owner",
        "kind": "atom",
        "rows": "posts",
        "number": 1,
        "year": utcnow().year,
        "month": utcnow().month,
        "version": "1",
        "filename": "css/tokens.css",
        "secret": "of-nothing",
        "name": "site",
        "user_id": somebody.id,
        "media_id": picture.id,
        "session_id": LoginSession.of(session).id,
        "mail_id": letter.id,
        "redirect_id": moved.id,
        "missing_id": missing.id,
        "digest": digest_of(Purpose.invitation, "ben@example.com", people[Person.admin]),
    }


def a_key(person: User) -> Passkey:
    """A second factor, so that this admin need not set one up."""
    return Passkey.add(person, credential=f"{person.id:08d}", name="Key", public_key=b"key")


def by_address(people: dict[Person, User]) -> dict[str, Holes]:
    """Where a secret opens something, one that does; and pages that have a name of their own."""

    def token(purpose: Purpose, **who: Any) -> Holes:
        return {"secret": Token.issue(purpose, detail={"name": "Ada", "password": "x", "browser": ""}, **who)}

    sheets, scripts = (current_app.extensions[name] for name in ("sheets", "scripts"))
    picture = a_picture()
    library.storage().save(picture.name, b"A picture.")
    asked = {"digest": digest_of(Purpose.request, "cem@example.com", people[Person.admin])}
    return {
        "/media/<path:name>": {"name": picture.name},
        "/static/<any(site, desk):name>-<version>.css": {"name": "site", "version": sheets["site"][0]},
        "/static/js-<version>/<name>.js": {"name": next(iter(scripts[1])), "version": scripts[0]},
        "/auth/address/new/<secret>": token(Purpose.new_address, user=people[Person.stranger], email="flo@example.com"),
        "/auth/address/old/<secret>": token(Purpose.old_address, user=people[Person.stranger], email="flo@example.com"),
        "/auth/link/<secret>": token(Purpose.sign_in, user=a_user()),
        "/auth/password/reset/<secret>": token(Purpose.reset, user=a_user()),
        "/auth/confirm/<secret>": token(Purpose.confirmation, email="dee@example.com"),
        "/auth/invitation/<secret>": token(
            Purpose.invitation, email="eve@example.com", role=UserRole.viewer, by=people[Person.admin]
        ),
        "/admin/invitations/requests/<digest>/admission": asked,
        "/admin/invitations/requests/<digest>/refusal": asked,
    }


def digest_of(purpose: Purpose, email: str, by: User) -> str:
    detail = {"name": "Ada", "password": "x", "browser": ""}
    secret = Token.issue(purpose, email=email, by=by, role=UserRole.viewer, detail=detail)
    db.session.flush()
    return Token.of(purpose, secret).digest
