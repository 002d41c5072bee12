"""People who go: what goes with them, what stays, and who may not."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from factories import PASSWORD, a_page, a_picture, a_post, a_user, an_admin, an_editor
from sqlalchemy.orm.exc import StaleDataError

from blog.database import utcnow
from blog.models import (
    AuditEntry,
    Authenticator,
    HandOverError,
    Kept,
    KnownDevice,
    LastAdminError,
    LoginSession,
    Media,
    MediaUse,
    Passkey,
    Post,
    Presence,
    Purpose,
    RecoveryCode,
    Review,
    Revision,
    Token,
    User,
    UserRole,
    Verdict,
    WorkingCopy,
    leave,
    name_co_author,
)
from blog.models.leaving import OWN

ABOUT = {"biography": "Counts swifts.", "website": "https://ada.example", "confirmed_at": utcnow()}


def number(db, model, *where) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def with_all_there_is(db, person):
    """Give the person one of everything that is theirs alone, and an unsaved text."""
    LoginSession.start(person)
    Token.issue(Purpose.sign_in, user=person)
    Token.issue(Purpose.old_address, user=person)
    soon = utcnow()
    db.session.add_all(
        [
            KnownDevice(digest=uuid4().hex, user_id=person.id, expires_at=soon),
            Authenticator(user_id=person.id, sealed="x", confirmed_at=soon),
            RecoveryCode(user_id=person.id, digest=uuid4().hex),
            Passkey(user_id=person.id, digest=uuid4().hex, credential="x", public_key=b"x", name="Key"),
        ]
    )
    theirs = a_post(live=True)
    Kept.keep(theirs, by=person)
    Presence.note(theirs.id, person.id)
    WorkingCopy.keep(uuid4(), theirs, person, base=1, seq=1, typed={"body": "Half a sentence"})
    return theirs


def entry(db) -> AuditEntry:
    return db.session.scalars(AuditEntry.newest().limit(1)).one()


def test_of_a_reader_nothing_stays_but_the_log(db):
    person = a_user(name="Ada", email="ada@example.com", password=PASSWORD, **ABOUT)
    with_all_there_is(db, person)
    other = a_user()
    LoginSession.start(other)
    number_of_ada = person.id
    assert leave(person, by=person) == ""
    db.session.expunge_all()
    assert db.session.get(User, number_of_ada) is None
    for model in OWN:
        assert number(db, model, model.user_id == number_of_ada) == 0, model
    assert number(db, LoginSession) == 1
    line = entry(db)
    assert (line.action, line.subject, line.actor_name) == ("deleted the account of", "Ada", "Ada")
    assert (line.actor_id, line.about_id, line.detail) == (None, None, {"role": "viewer"})


def test_of_a_writer_the_name_stays_and_nobody_can_sign_in_with_it(db):
    person, admin = an_editor(name="Ada", email="ada@example.com", password=PASSWORD, **ABOUT), an_admin()
    live, draft = a_post(by=person, live=True), a_post(by=person)
    theirs = with_all_there_is(db, person)
    db.session.flush()
    leave(person, by=admin)
    db.session.expire_all()
    assert (person.name, person.handle, person.email) == ("Ada", "ada", f"gone-{person.id}@invalid")
    assert (person.biography, person.website, person.picture, person.confirmed_at) == ("", "", "", None)
    assert not person.is_active
    assert person.left_at
    assert not person.check_password(PASSWORD)
    assert {live.author, draft.author} == {person}
    for model in OWN:
        assert number(db, model, model.user_id == person.id) == 0, model
    assert number(db, WorkingCopy) == 0
    assert theirs.body
    assert (entry(db).action, entry(db).actor, entry(db).about) == ("deleted the account of", admin, person)
    person.reactivate(by=admin)
    assert not person.is_active
    with pytest.raises(StaleDataError):
        leave(person, by=admin)
    assert number(db, AuditEntry, AuditEntry.action == "deleted the account of") == 1
    again = a_user(email="ada@example.com", name="Ada")
    assert (again.email, again.handle) == ("ada@example.com", "ada-2")


def test_beside_posts_that_stay_a_biography_and_a_picture_may_stay_too(db):
    for has_post, wish, stays in ((True, True, True), (True, False, False), (False, True, False)):
        person = an_editor(**ABOUT)
        picture = a_picture(person)
        person.picture = picture.address
        post = a_post(by=person if has_post else None)
        post.revise(base=1, by=person, title="Named in its history")
        gone = leave(person, by=person, keeps_portrait=wish)
        assert (person.biography, person.picture) == (("Counts swifts.", picture.address) if stays else ("", ""))
        assert gone == ("" if stays else picture.name)
        assert number(db, Media, Media.name == picture.name) == stays


def test_a_picture_that_others_use_stays(db):
    used, shown, told = an_editor(), an_editor(), an_editor()
    first, second, third = a_picture(used), a_picture(shown), a_picture(told, alt="Told of")
    used.picture, shown.picture, told.picture = first.address, second.address, third.address
    a_post(body=f"![]({first.address})")
    an_editor(picture=second.address)
    for person in (used, shown, told):
        assert leave(person, by=person) == ""
    assert number(db, Media) == 3
    assert number(db, MediaUse) == 1


def test_posts_go_to_a_colleague_all_of_them_in_one(db):
    person, heir, admin = an_admin(name="Ada", **ABOUT), an_editor(name="Bob"), an_admin()
    mine = [a_post(by=person, live=True), a_post(by=person), a_page(by=person)]
    shared = a_post(by=an_editor())
    name_co_author(shared, person, by=shared.author)
    leave(person, by=person, posts_to=heir, keeps_portrait=True)
    db.session.expire_all()
    assert {post.author for post in mine} == {heir}
    assert person in shared.byline
    assert Revision.of(mine[0], 1).by is person
    assert entry(db).detail == {"role": "admin", "posts": 3, "to": "Bob"}
    assert db.session.scalars(User.active_admins()).all() == [admin]


def test_nothing_is_done_where_the_heir_may_not_write(db):
    person, reader = an_editor(email="ada@example.com"), a_user()
    post = a_post(by=person)
    LoginSession.start(person)
    with pytest.raises(HandOverError):
        leave(person, by=person, posts_to=reader)
    db.session.commit()
    db.session.expire_all()
    assert (post.author, person.email, person.is_active) == (person, "ada@example.com", True)
    assert number(db, LoginSession) == 1
    assert number(db, AuditEntry) == 0


def test_the_last_active_admin_cannot_go(db):
    person, heir = an_admin(), an_editor()
    an_admin(is_active=False)
    post = a_post(by=person)
    with pytest.raises(LastAdminError):
        leave(person, by=person, posts_to=heir)
    db.session.commit()
    db.session.expire_all()
    assert (post.author, person.is_active, person.role) == (person, True, UserRole.admin)
    an_admin()
    leave(person, by=person)
    assert person.left_at


def test_whoever_is_named_in_a_history_or_a_review_stays_by_name(db):
    for deed in (
        lambda who, post: post.revise(base=1, by=who, title="Mended"),
        lambda who, post: name_co_author(post, who, by=post.author),
        lambda who, post: Review.ask(post, who, by=post.author),
        lambda who, post: Review.ask(post, post.author, by=who),
    ):
        who, post = an_editor(), a_post()
        deed(who, post)
        leave(who, by=who)
        assert who.left_at, deed


def test_nobody_waits_for_the_verdict_of_somebody_who_left(db):
    reviewer, post, other = an_editor(), a_post(), a_post()
    decided = Review.ask(post, reviewer, by=post.author)
    decided.decide(Verdict.approved, "Good.", by=reviewer)
    waiting = Review.ask(other, reviewer, by=other.author)
    leave(reviewer, by=reviewer)
    db.session.expire_all()
    assert decided.state == "approved"
    assert waiting.state == "withdrawn"
    assert Review.approvals(post) == {1: [reviewer.name]}


def test_what_others_wrote_stays(db):
    person, colleague = an_editor(), an_editor()
    post = a_post(by=person)
    name_co_author(post, colleague, by=person)
    WorkingCopy.keep(uuid4(), post, colleague, base=2, seq=1, typed={"body": "Of a colleague"})
    post.revise(base=2, by=colleague, body="Of a colleague, saved")
    leave(person, by=person)
    assert number(db, WorkingCopy, WorkingCopy.by_id == colleague.id) == 1
    assert db.session.scalars(sa.select(Post)).all() == [post]
    assert number(db, Revision) == 3
