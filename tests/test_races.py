"""Several people at once, with real threads, connections and commits, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from benchmarks.admins import ANSWERS, DEEDS, Office
from blog.database import db, only_reading
from blog.models import (
    LastAdminError,
    LoginSession,
    Post,
    Purpose,
    Revision,
    StaleError,
    Tag,
    Throttle,
    Token,
    User,
    UserRole,
    hand_over,
)
from blog.models.invitation import take_in
from blog.models.throttle import Limit
from blog.models.user import hash_of

ROUNDS = 20
WRITERS = 8
Job = Callable[[], Any]


def at_once(app: Flask, *jobs: Job) -> list[Any]:
    """Do all the jobs at the same moment, each with a session of its own. Returns results, and errors as results."""
    together = Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def work(number: int, job: Job) -> None:
        with app.app_context():
            together.wait(timeout=30)
            try:
                results[number] = job()
            except Exception as error:  # noqa: BLE001 - the test wants to see it, whatever it is
                results[number] = error

    threads = [Thread(target=work, args=(number, job)) for number, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def committed(job: Job) -> Job:
    def whole() -> Any:
        result = job()
        db.session.commit()
        return result

    return whole


def kinds(results: list[Any]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


@pytest.fixture
def app(real_app):
    with real_app.app_context():
        yield real_app


def saved(*rows):
    """The ids of rows that are now committed."""
    db.session.commit()
    found = [row.id for row in rows]
    db.session.remove()
    return found if len(found) > 1 else found[0]


def in_charge() -> int:
    db.session.remove()
    return len(db.session.scalars(User.active_admins()).all())


def reinstate(ids: list[int]) -> None:
    for user in db.session.scalars(select(User).where(User.id.in_(ids))):
        user.role, user.is_active = UserRole.admin, True
    db.session.commit()
    db.session.remove()


def demote(whom: int, by: int) -> Job:
    def job() -> None:
        db.session.get(User, whom).change_role(UserRole.editor, by=db.session.get(User, by))

    return committed(job)


def deactivate(whom: int, by: int) -> Job:
    return committed(lambda: db.session.get(User, whom).deactivate(by=db.session.get(User, by)))


@pytest.mark.parametrize("deeds", [(demote, demote), (deactivate, deactivate), (demote, deactivate)])
def test_two_admins_who_remove_each_other_at_once_always_leave_one(app, deeds):
    first, second = saved(an_admin(), an_admin())
    for _round in range(ROUNDS):
        results = at_once(app, deeds[0](first, second), deeds[1](second, first))
        assert kinds(results) == ["LastAdminError", "NoneType"], results
        assert in_charge() == 1
        reinstate([first, second])


def test_whatever_two_admins_press_about_each_other_one_stays_and_neither_sees_a_fault(app):
    office = Office(app)
    for deeds in [*product(DEEDS, DEEDS)] * 2:
        answers, in_charge = office.round(deeds)
        assert in_charge >= 1, deeds
        assert set(answers) <= ANSWERS, (deeds, answers)


def test_of_three_admins_who_remove_each_other_in_a_ring_one_stays(app):
    a, b, c = saved(an_admin(), an_admin(), an_admin())
    for _round in range(ROUNDS // 2):
        results = at_once(app, demote(a, c), demote(b, a), deactivate(c, b))
        assert kinds(results) == ["LastAdminError", "NoneType", "NoneType"], results
        assert in_charge() == 1
        reinstate([a, b, c])


def test_two_admins_who_both_step_down_at_once_leave_one(app):
    first, second = saved(an_admin(), an_admin())
    for _round in range(ROUNDS // 2):
        assert kinds(at_once(app, demote(first, first), demote(second, second))) == ["LastAdminError", "NoneType"]
        assert in_charge() == 1
        reinstate([first, second])


def test_in_the_browser_too_two_admins_who_remove_each_other_leave_one(app):
    first, second = saved(an_admin(), an_admin())
    browsers = {user_id: browser_of(app, user_id) for user_id in (first, second)}

    def press(by: int, whom: int) -> Job:
        def job() -> int:
            answer = browsers[by].post(f"/admin/users/{whom}/role", data={"role": "viewer"})
            return answer.status_code

        return job

    for _round in range(ROUNDS // 2):
        results = at_once(app, press(first, second), press(second, first))
        assert in_charge() == 1
        assert set(results) <= {302, 403}, results  # 403: no admin any more by the time the request was read
        reinstate([first, second])


def browser_of(app: Flask, user_id: int):
    browser = app.test_client()
    secret = LoginSession.start(db.session.get(User, user_id))
    db.session.commit()
    db.session.remove()
    with browser.session_transaction() as session:
        session["login"] = secret
    return browser


def save(post_id: int, base: int, **changes) -> Job:
    """What the editor's page does when somebody presses Save."""

    def job() -> bool:
        post = db.session.scalars(select(Post).where(Post.id == post_id).with_for_update(of=Post)).one()
        return bool(post.revise(base=base, by=post.author, **changes))

    return committed(job)


def test_of_many_saves_from_one_base_one_wins_and_no_number_is_left_out(app):
    post_id = saved(a_post())
    for base in range(1, 6):
        jobs = [save(post_id, base, body=f"Version {base} of writer {n}", tags=[f"Tag {n}"]) for n in range(6)]
        assert kinds(at_once(app, *jobs)) == ["StaleError"] * 5 + ["bool"]
    numbers = db.session.scalars(select(Revision.number).where(Revision.post_id == post_id).order_by(Revision.number))
    assert numbers.all() == [1, 2, 3, 4, 5, 6]
    post = db.session.get(Post, post_id)
    assert post.revision == 6
    assert Revision.of(post, 6).body == post.body
    assert Revision.of(post, 6).tags == [tag.name for tag in post.tags]


def test_the_same_save_sent_twice_at_once_is_one_save(app):
    post_id = saved(a_post())
    results = at_once(app, *[save(post_id, 1, title="New", body="The same words")] * 4)
    assert sorted(results) == [False, False, False, True]
    assert db.session.get(Post, post_id).revision == 2


def test_even_without_a_lock_two_saves_never_become_one_revision(app):
    post_id = saved(a_post())

    def careless(n: int) -> Job:
        return committed(lambda: bool(db.session.get(Post, post_id).revise(base=1, by=None, body=f"Writer {n}")))

    results = at_once(app, *(careless(n) for n in range(4)))
    assert sum(result is True for result in results) == 1
    assert all(result is True or isinstance(result, IntegrityError | StaleError) for result in results), results
    assert db.session.get(Post, post_id).revision == 2


def test_eight_writers_at_once_lose_nothing_and_never_find_the_database_locked(app):
    authors = saved(*(an_editor() for _ in range(WRITERS)))

    def write(number: int) -> Job:
        def job() -> int:
            for n in range(5):
                post = a_post(
                    by=db.session.get(User, authors[number]),
                    slug=f"writer-{number}-{n}",
                    tags=["Common", f"Tag {n}", f"Tag of {number}"],
                )
                db.session.commit()
                for save_number in range(3):
                    post.revise(base=post.revision, by=post.author, body=f"{number} {n} {save_number}")
                    db.session.commit()
            return n

        return job

    results = at_once(app, *(write(number) for number in range(WRITERS)))
    assert results == [4] * WRITERS
    db.session.remove()
    for number in range(WRITERS):
        for n in range(5):
            post = db.session.scalars(select(Post).where(Post.slug == f"writer-{number}-{n}")).one()
            assert (post.body, post.revision) == (f"{number} {n} 2", 4)
            assert {tag.name for tag in post.tags} == {"Common", f"Tag {n}", f"Tag of {number}"}
    assert db.session.scalar(select(func.count()).select_from(Revision)) == WRITERS * 5 * 4
    assert db.session.scalar(select(func.count()).select_from(Tag)) == 1 + 5 + WRITERS


def test_a_reader_need_not_wait_for_a_writer(app):
    post_id = saved(a_post(title="Before"))

    def read() -> str:
        only_reading.set(True)
        return db.session.get(Post, post_id).title

    db.session.get(Post, post_id).title = "After"
    db.session.flush()  # the lock is held from here on
    assert at_once(app, read) == ["Before"]
    db.session.commit()
    assert at_once(app, read) == ["After"]


def test_tries_at_once_are_all_counted(app):
    limit = Limit("test", tries=30, period=timedelta(hours=1))

    def try_often() -> int:
        refused = 0
        for _ in range(10):
            refused += limit.hit("somebody") is not None
            db.session.commit()
        return refused

    refused = at_once(app, *[try_often] * WRITERS)
    assert db.session.scalar(select(Throttle.count)) == 10 * WRITERS
    assert sum(refused) == 10 * WRITERS - 30


def test_a_new_tag_that_several_think_of_at_once_is_one(app):
    names = ["Alpha", "Beta", "Gamma"]
    for _round in range(5):
        jobs = [
            committed(lambda order=order: [tag.slug for tag in Tag.named(order)])
            for order in (names, names[::-1], names[1:] + names[:1], names) * 2
        ]
        assert at_once(app, *jobs) == [["alpha", "beta", "gamma"]] * WRITERS
        assert db.session.scalar(select(func.count()).select_from(Tag)) == 3
        db.session.execute(delete(Tag))
        saved(a_user())


def test_a_link_that_two_use_at_once_lets_one_in(app):
    for _round in range(5):
        secret = Token.issue(Purpose.setup)
        db.session.commit()
        db.session.remove()

        @committed
        def spend() -> bool:
            token = Token.of(Purpose.setup, secret)  # noqa: B023 - used within this round
            return token is not None and token.spend()

        assert sorted(at_once(app, *[spend] * 4)) == [False, False, False, True]


def test_two_who_register_one_address_at_once_are_one_person(app):
    def register(email: str) -> Job:
        return committed(lambda: a_user(email=email, handle=email.swapcase()))

    results = at_once(app, *(register(email) for email in ("me@a.org", "Me@a.org", "ME@A.ORG")))
    assert sum(isinstance(result, IntegrityError) for result in results) == 2
    assert db.session.scalars(select(User.email)).all() == ["me@a.org"]


def test_an_invitation_accepted_twice_at_once_makes_one_person_and_one_address_is_invited_once(app):
    boss = saved(an_admin())

    def invite() -> str:
        return Token.issue(Purpose.invitation, by=db.session.get(User, boss), email="me@a.org", role=UserRole.editor)

    secrets = [result for result in at_once(app, *[committed(invite)] * 3) if isinstance(result, str)]
    good = [secret for secret in secrets if Token.of(Purpose.invitation, secret)]
    assert len(good) == 1
    db.session.commit()

    def accept() -> User | None:
        token = Token.of(Purpose.invitation, good[0])
        if token is None or not token.spend():
            return None
        return take_in(name="Me", email=token.email, password_hash="!", role=UserRole.editor, is_confirmed=True)

    results = at_once(app, *[committed(accept)] * 4)
    assert [kind for kind in kinds(results) if kind != "NoneType"] == ["User"], results
    assert db.session.scalars(select(User.email).where(User.email == "me@a.org")).all() == ["me@a.org"]


def test_two_posts_of_one_title_at_once_never_share_an_address(app):
    me = saved(an_editor())

    def start() -> str:
        return Post.start(db.session.get(User, me), by=None, title="Same").slug

    results = at_once(app, *[committed(start)] * 4)
    slugs = db.session.scalars(select(Post.slug)).all()
    assert sorted(result for result in results if isinstance(result, str)) == sorted(slugs)
    assert all(isinstance(result, str | IntegrityError) for result in results)
    assert "same" in slugs


def test_editors_who_begin_posts_of_one_title_at_once_all_get_an_address(app):
    browsers = [browser_of(app, saved(an_editor())) for _ in range(6)]

    def write(browser) -> Job:
        return lambda: browser.post("/write/posts/new", data={"title": "Same", "body": "Words."}).status_code

    assert at_once(app, *map(write, browsers)) == [302] * len(browsers)
    assert sorted(db.session.scalars(select(Post.slug))) == ["same", *(f"same-{n}" for n in range(2, 7))]


def test_a_new_post_sent_twice_at_once_is_one_post(app):
    browser = browser_of(app, saved(an_editor()))
    for number in range(1, 9):
        data = {"title": "Once", "body": "Words.", "uid": uuid4().hex, "base": "0"}
        results = at_once(app, *[lambda data=data: browser.post("/write/posts/new", data=data).status_code] * 3)
        assert results == [302] * 3
        assert db.session.scalar(select(func.count(Post.id))) == number
        db.session.rollback()


def test_a_post_handed_over_while_it_is_saved_is_handed_over_and_the_save_is_told(app):
    me, to = saved(an_editor(), an_editor())
    for number in range(1, 6):
        post_id = saved(a_post(by=db.session.get(User, me)))
        handing = committed(lambda post_id=post_id: hand_over(post_id, to, by=None).id)
        results = at_once(app, handing, save(post_id, 1, body="New words"))
        assert results[0] == post_id
        assert results[1] is True or isinstance(results[1], StaleError)
        post = db.session.get(Post, post_id)
        assert post.author_id == to
        assert (post.body == "New words") == (results[1] is True)
        assert db.session.scalars(select(Revision.number).where(Revision.post_id == post_id)).all() == list(
            range(1, post.revision + 1)
        ), number
        db.session.remove()


def test_whoever_is_the_last_admin_stays_as_they_were(app):
    first, second = saved(an_admin(), an_admin())
    results = at_once(app, demote(first, second), demote(second, first))
    loser = (first, second)[next(n for n, result in enumerate(results) if isinstance(result, LastAdminError))]
    assert db.session.get(User, loser).role is UserRole.admin


def test_whoever_comes_in_with_the_old_password_at_the_moment_of_a_new_one_is_not_left_in(app):
    """A thief who knows it would else outlive the very act that was to drive them out."""
    user_id = saved(a_user(email="me@a.org", password=PASSWORD))
    hashed = {word: hash_of(word) for word in (PASSWORD, "six geese were a-laying")}
    for _round in range(ROUNDS):
        browser = app.test_client()

        def enter(browser=browser) -> int:
            return browser.post("/auth/login", data={"email": "me@a.org", "password": PASSWORD}).status_code

        @committed
        def reset() -> None:
            db.session.get(User, user_id).reset_password(hashed["six geese were a-laying"], is_confirmed=False)

        status, done = at_once(app, enter, reset)
        assert (status in (302, 422), done) == (True, None), (status, done)
        assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0
        db.session.get(User, user_id).password_hash = hashed[PASSWORD]
        db.session.execute(delete(Throttle))
        db.session.commit()
        db.session.remove()
