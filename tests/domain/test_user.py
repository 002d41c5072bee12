"""People: who they are, how they are found, and what both databases refuse to store of them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from factories import a_post, a_user, an_admin, an_editor
from sqlalchemy.exc import IntegrityError, InvalidRequestError, SQLAlchemyError

from blog.database import utcnow
from blog.models import AuditEntry, LastAdminError, LoginSession, Post, Purpose, Token, User, UserRole
from blog.models.directory import people
from blog.models.user import NO_PASSWORD, hash_of, hash_of_nothing, password_hasher, same_password, strengthened

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
INSERT = "INSERT INTO users (email, password_hash, name, handle) VALUES (:email, '!', :name, :handle)"


@pytest.fixture
def refused(db):
    """Whether the database itself refuses a statement."""

    def is_refused(statement: str, **values) -> bool:
        try:
            with db.session.begin_nested():
                db.session.execute(sa.text(statement), values)
        except SQLAlchemyError:
            return True
        return False

    return is_refused


def test_a_person_is_found_by_their_address_whatever_its_case(db):
    me = a_user(email="Me.Myself@Example.ORG")
    for spelling in ("me.myself@example.org", "ME.MYSELF@EXAMPLE.ORG", "  Me.Myself@example.org "):
        assert User.by_email(spelling) is me
    assert me.email == "me.myself@example.org"


@pytest.mark.parametrize("other", ["", "me@example.or", "me@example.org.", "%@example.org", "m_@example.org", "\ufffd"])
def test_nobody_is_found_by_another_address(db, other):
    a_user(email="me@example.org")
    assert User.by_email(other) is None


@pytest.mark.parametrize(
    "address", ["ÄÖ@ü.example", "ΟΔΟΣ@x.example", "İ@x.example", "ẞ@x.example", "ПРИВЕТ@x.example"]
)
def test_an_address_of_any_script_is_stored_and_found(db, address):
    me = a_user(email=address)
    assert User.by_email(address) is me
    assert User.by_email(address.lower()) is me


def test_one_address_is_one_person(db):
    a_user(email="me@example.org")
    with pytest.raises(IntegrityError), db.session.begin_nested():
        a_user(email="ME@example.org")


def test_the_database_itself_takes_no_address_in_capitals_and_none_twice(refused):
    assert not refused(INSERT, email="me@x.org", name="Me", handle="me")
    assert refused(INSERT, email="Me@x.org", name="Me", handle="me2")
    assert refused(INSERT, email="Ä@x.org", name="Me", handle="me3")
    assert refused(INSERT, email="me@x.org", name="Me", handle="me4")
    assert refused(INSERT, email="other@x.org", name="Me", handle="me")


@pytest.mark.parametrize(
    ("column", "limit"),
    [("email", 320), ("name", 120), ("handle", 60), ("biography", 2000), ("password_hash", 255)],
)
@pytest.mark.parametrize("letter", ["x", "漢", "😀"])
def test_a_text_may_be_as_long_as_its_limit_and_no_longer(db, column, limit, letter):
    assert getattr(a_user(**{column: letter * limit}), column) == letter * limit
    with pytest.raises(SQLAlchemyError), db.session.begin_nested():
        a_user(**{column: letter * (limit + 1)})


@pytest.mark.parametrize(
    "change",
    [
        "name = ''",
        "handle = ''",
        "role = 'owner'",
        "role = 'Admin'",
        "role = NULL",
        "email = NULL",
        "is_active = NULL",
        "created_at = NULL",
    ],
)
def test_the_database_refuses_what_no_person_can_be(db, refused, change):
    me = a_user()
    assert refused(f"UPDATE users SET {change} WHERE id = :id", id=me.id)
    assert not refused("UPDATE users SET role = 'editor', is_active = :no WHERE id = :id", no=False, id=me.id)


def test_a_new_person_is_an_active_viewer_without_a_password(db):
    me = User(name="Me", email="me@example.org")
    db.session.add(me)
    db.session.flush()
    assert (me.role, me.is_active, me.biography, me.password_hash) == (UserRole.viewer, True, "", NO_PASSWORD)


def test_the_database_fills_in_what_is_not_said(db, refused):
    before = utcnow() - timedelta(minutes=5)
    assert not refused(INSERT, email="me@x.org", name="Me", handle="me")
    me = User.by_email("me@x.org")
    assert (me.role, me.is_active, me.biography) == (UserRole.viewer, True, "")
    assert before < me.created_at < utcnow() + timedelta(minutes=5)
    assert me.updated_at.tzinfo is UTC


def test_the_database_says_when_a_person_was_changed(db):
    me = a_user()
    db.session.execute(sa.update(User).values(created_at=LONG_AGO, updated_at=LONG_AGO))
    db.session.refresh(me)
    me.biography = "More of me."
    db.session.flush()
    db.session.refresh(me)
    assert me.created_at == LONG_AGO
    assert utcnow() - me.updated_at < timedelta(minutes=5)


def test_a_moment_without_a_zone_is_refused(db):
    with pytest.raises(SQLAlchemyError, match="naive"), db.session.begin_nested():
        a_user(created_at=datetime(2020, 1, 1))


def test_moments_keep_their_instant_to_the_microsecond(db):
    moment = datetime(2021, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    me = a_user(created_at=moment)
    db.session.expire(me)
    assert me.created_at == moment
    assert me.created_at.tzinfo is UTC
    assert db.session.scalars(sa.select(User.id).where(User.created_at == moment)).all() == [me.id]


@pytest.mark.parametrize(
    ("names", "handles"),
    [
        (["Ada Lovelace"] * 3, ["ada-lovelace", "ada-lovelace-2", "ada-lovelace-3"]),
        (["Åsa Öhman", "李白", "हिन्दी"], ["asa-ohman", "李白", "हिन्दी"]),
        (["❤️", "…"], ["someone", "someone-2"]),
        (["x" * 120] * 2, ["x" * 40, "x" * 40 + "-2"]),
    ],
)
def test_a_handle_is_made_of_the_name_and_is_nobody_elses(db, names, handles):
    assert [a_user(name=name).handle for name in names] == handles


def test_a_chosen_handle_stays(db):
    assert a_user(name="Ada", handle="countess").handle == "countess"


# Passwords


def test_a_password_is_stored_only_as_an_argon2id_hash_and_fits(db):
    me = a_user(password="pass word ✓")
    assert me.password_hash.startswith("$argon2id$")
    assert "pass" not in me.password_hash
    assert me.check_password("pass word ✓")
    for wrong in ("pass word", "pass word ✓ ", "PASS WORD ✓", "", me.password_hash):
        assert not me.check_password(wrong)


def test_one_password_has_a_different_hash_each_time(db):
    assert a_user(password="the same").password_hash != a_user(password="the same").password_hash


@pytest.mark.parametrize("guess", ["", "!", NO_PASSWORD * 2, "anything"])
def test_without_a_password_nothing_fits(db, guess):
    me = a_user()
    assert not me.check_password(guess)
    assert me.password_hash == NO_PASSWORD


@pytest.mark.parametrize("broken", ["x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "plain text"])
def test_a_broken_hash_fits_nothing(db, broken):
    assert not a_user(password_hash=broken).check_password("plain text")


def test_a_weaker_hash_is_made_anew_when_its_password_is_typed(db):
    weak = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("the password")
    fresh = strengthened(weak, "the password")
    assert fresh != weak
    assert same_password(fresh, "the password")
    assert strengthened(fresh, "the password") == fresh


def test_where_there_is_no_hash_one_of_nothing_is_compared_that_no_password_fits(db):
    nothing = hash_of_nothing(password_hasher())
    assert extract_parameters(nothing) == extract_parameters(password_hasher().hash("a password"))
    assert not same_password(nothing, "")
    assert not same_password(NO_PASSWORD, NO_PASSWORD)
    assert nothing != hash_of_nothing(password_hasher())


def test_a_new_password_ends_every_session_but_the_one_it_was_chosen_in(db):
    me, other = a_user(password="old"), a_user()
    here, there, others = LoginSession.start(me), LoginSession.start(me), LoginSession.start(other)
    me.change_password(hash_of("new"), keep=LoginSession.of(here))
    assert me.check_password("new")
    assert not me.check_password("old")
    assert LoginSession.of(here) is not None
    assert LoginSession.of(there) is None
    assert LoginSession.of(others) is not None
    assert last_entry(db).action == "changed the password of"


def last_entry(db) -> AuditEntry:
    return db.session.scalars(AuditEntry.newest().limit(1)).one()


# Posts


def test_the_posts_of_a_person_are_never_loaded_at_once(db, queries):
    me = an_editor()
    for _ in range(3):
        a_post(by=me)
    a_post()
    with pytest.raises((InvalidRequestError, TypeError)):
        list(me.posts)
    with queries() as seen:
        two = db.session.scalars(me.posts.select().order_by(Post.id).limit(2)).all()
    assert len(seen) == 1
    assert [post.author_id for post in two] == [me.id] * 2
    assert len(db.session.scalars(me.posts.select()).all()) == 3


def test_who_has_posts_cannot_be_deleted(db):
    me = an_editor()
    a_post(by=me)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(sa.delete(User).where(User.id == me.id))


def test_with_a_person_go_their_sessions_and_links_and_the_log_keeps_their_name(db):
    me = an_admin(name="Ada")
    other = a_user()
    secret, link = LoginSession.start(me), Token.issue(Purpose.sign_in, user=me)
    other.change_role(UserRole.editor, by=me)
    db.session.flush()
    db.session.expunge_all()
    db.session.execute(sa.delete(User).where(User.id == me.id))
    assert LoginSession.of(secret) is None
    assert Token.of(Purpose.sign_in, link) is None
    entry = last_entry(db)
    assert (entry.actor_id, entry.actor_name) == (None, "Ada")


# Searching


@pytest.fixture
def crowd(db):
    for name, email in (("Ada Lovelace", "ada@a.org"), ("100% Bob", "bob@b.org"), ("Änne_Ö", "anne@c.org")):
        a_user(name=name, email=email)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("love", ["Ada Lovelace"]),
        ("LOVE", ["Ada Lovelace"]),
        ("@b.org", ["100% Bob"]),
        ("%", ["100% Bob"]),
        ("_", ["Änne_Ö"]),
        ("änne", ["Änne_Ö"]),
        ("ÄNNE", ["Änne_Ö"]),
        ("ada-l", ["Ada Lovelace"]),
        ("lace  a.org", ["Ada Lovelace"]),
        ("lace b.org", []),
        ("\\", []),
        ("' OR 1=1", []),
    ],
)
def test_people_are_found_by_part_of_a_name_handle_or_address(db, crowd, words, names):
    assert [user.name for user in db.session.scalars(people(words))] == names


def test_no_words_find_everybody(db, crowd):
    assert len(db.session.scalars(people()).all()) == 3


# Who is in charge


def test_the_only_active_admin_can_be_neither_demoted_nor_deactivated(db):
    me, other = an_admin(name="Ada"), an_admin()
    other.deactivate(by=me)
    an_editor()
    for deed in (lambda: me.change_role(UserRole.viewer, by=me), lambda: me.deactivate(by=me)):
        with pytest.raises(LastAdminError, match="Ada is the only active admin"):
            deed()
        assert (me.role, me.is_active) == (UserRole.admin, True)
    assert last_entry(db).subject == other.name


def test_with_a_second_admin_the_first_may_go(db):
    me, other = an_admin(), an_admin()
    me.change_role(UserRole.editor, by=other)
    assert db.session.scalars(User.active_admins()).all() == [other]
    with pytest.raises(LastAdminError):
        other.deactivate(by=me)


def test_others_may_always_be_demoted_and_deactivated(db):
    me, editor = an_admin(), an_editor()
    editor.change_role(UserRole.viewer, by=me)
    editor.deactivate(by=me)
    assert (editor.role, editor.is_active) == (UserRole.viewer, False)


def test_a_deactivated_admin_may_be_demoted_and_keeps_nobody_in_charge(db):
    me, gone = an_admin(), an_admin(is_active=False)
    with pytest.raises(LastAdminError):
        me.deactivate(by=me)
    gone.change_role(UserRole.viewer, by=me)
    assert gone.role is UserRole.viewer


def test_an_admin_made_admin_is_no_change(db):
    me = an_admin()
    me.change_role(UserRole.admin, by=me)
    assert db.session.scalars(AuditEntry.newest()).all() == []


def test_a_changed_role_is_in_the_log_with_before_and_after(db):
    me, other = an_admin(), a_user(name="Bob")
    other.change_role(UserRole.editor, by=me)
    entry = last_entry(db)
    assert (entry.action, entry.subject, entry.actor_id) == ("changed the role of", "Bob", me.id)
    assert entry.detail == {"before": "viewer", "after": "editor"}


def test_deactivation_ends_all_sessions_and_links_and_happens_once(db):
    me, other = an_admin(), an_editor()
    secret, link = LoginSession.start(other), Token.issue(Purpose.sign_in, user=other)
    mine = LoginSession.start(me)
    other.deactivate(by=me)
    other.deactivate(by=me)
    assert LoginSession.of(secret) is None
    assert Token.of(Purpose.sign_in, link) is None
    assert LoginSession.of(mine) is not None
    other.reactivate(by=me)
    other.reactivate(by=me)
    assert other.is_active
    assert [entry.action for entry in db.session.scalars(AuditEntry.newest())] == ["reactivated", "deactivated"]
    assert LoginSession.of(secret) is None
