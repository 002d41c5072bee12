"""People: who they are, what they may do, and what is done to them."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import CheckConstraint, Computed, Index, Select, String, Text, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship, validates

from blog import text
from blog.database import Model, db, utcnow
from blog.models.audit import record
from blog.models.base import Id, Name, Timestamped, only
from blog.models.credentials import LoginSession
from blog.models.device import KnownDevice
from blog.models.pictured import Portrayed
from blog.models.rights import GRANTS, Can, UserRole
from blog.models.token import Token

if TYPE_CHECKING:
    from blog.models.post import Post

LONGEST_NAME = 120
NO_PASSWORD = "!"  # noqa: S105 - what stands in place of a hash for a person who has never chosen one


class LastAdminError(Exception):
    """The act would leave the site without an active admin. The text is for the person."""


class AddressTakenError(Exception):
    """Somebody else has that address. The text is for whoever may know of it."""


class User(Timestamped, Portrayed, UserMixin, Model):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        CheckConstraint("name <> '' AND handle <> ''", name="has_name"),
        CheckConstraint("left_at IS NULL OR NOT is_active", name="is_gone_once_left"),
        Index(None, "picture", **only("picture <> ''")),
        # One for each order of the list of people, and in each what it is filtered by: a walk that never leaves it.
        Index("ix_users_by_name", "name", "id", "role", "is_active", "left_at"),
        Index("ix_users_by_email", "email", "id", "role", "is_active", "left_at"),
        Index("ix_users_by_age", "created_at", "id", "role", "is_active", "left_at"),
        Index("ix_users_admins", "id", **only("role = 'admin'")),
    )

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255), default=NO_PASSWORD)
    role: Mapped[UserRole] = mapped_column(default=UserRole.viewer, server_default="viewer")
    name: Mapped[Name]
    handle: Mapped[str] = mapped_column(String(60), unique=True)
    biography: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    website: Mapped[str] = mapped_column(String(300), default="", server_default="")
    picture: Mapped[str] = mapped_column(String(200), default="", server_default="")  # the address of one of ours
    is_active: Mapped[bool] = mapped_column(default=True, server_default="1")
    confirmed_at: Mapped[datetime | None]  # when the person showed that mail to their address reaches them
    left_at: Mapped[datetime | None]  # when the account was deleted; the row stays for the byline of what stays
    haystack: Mapped[str] = mapped_column(  # what a search among people looks through
        Text, Computed("lower(name || ' ' || handle || ' ' || email)", persisted=True), deferred=True
    )

    posts: WriteOnlyMapped[Post] = relationship(back_populates="author", passive_deletes="all")

    def __init__(self, **columns: Any) -> None:
        if "handle" not in columns and columns.get("name"):
            columns["handle"] = self.free_handle(columns["name"])
        super().__init__(**columns)

    # Questions

    @classmethod
    def by_email(cls, email: str) -> User | None:
        """The person with this address, whatever its case."""
        return db.session.scalar(select(cls).where(cls.email == lowered(email)))

    @classmethod
    def writer_at(cls, email: str) -> User | None:
        """The person with this address, if they write here. Of readers only admins are to learn that they exist."""
        found = cls.by_email(email)
        return found if found and found.can(Can.WRITE) else None

    @classmethod
    def free_handle(cls, wanted: str) -> str:
        return text.first_free(text.slugify(wanted, limit=40) or "someone", taken=cls._handle_taken)

    @classmethod
    def _handle_taken(cls, handle: str) -> bool:
        with db.session.no_autoflush:
            return db.session.scalar(select(cls.id).where(cls.handle == handle)) is not None

    @classmethod
    def active_admins(cls) -> Select[User]:
        # Written out, not bound: only so does SQLite see that the index of admins will do.
        admin = literal(UserRole.admin, cls.role.type, literal_execute=True)
        return select(cls).where(cls.role == admin, cls.is_active).order_by(cls.id)

    def can(self, permission: Can) -> bool:
        return self.is_active and permission in GRANTS[self.role]

    def can_read(self, post: Post) -> bool:
        """Whether the body of a live post is open to this person."""
        return not post.is_for_members or self.can(Can.READ_MEMBERS)

    def can_edit(self, post: Post) -> bool:
        """One's own posts, and those written with others. Pages speak for the site: they are for admins."""
        return self.can(Can.EDIT_ANY) or (self.can(Can.WRITE) and post.is_by(self) and not post.is_page)

    def check_password(self, password: str) -> bool:
        return same_password(self.password_hash, password)

    # Verbs

    def set_password(self, password: str) -> None:
        self.password_hash = hash_of(password)

    def change_password(self, hashed: str, *, keep: LoginSession | None = None, device: str = "") -> None:
        """A new password, hashed already. Every session ends but the one it was chosen in.

        Of known devices, one of which a thief may have, only that of this digest stays: there it was chosen.
        """
        self.password_hash = hashed
        self.shut_out(but=keep)
        KnownDevice.forget_all(self, but=device)
        record("changed the password of", by=self, about=self)

    def move_to(
        self, email: str, *, by: User | None, keep: LoginSession | None = None, confirmed: bool = False
    ) -> None:
        """Another address to sign in with, which ends every session but that one. Raises AddressTakenError.

        The links that take a change of address back stay good: an intruder would change the address twice.
        """
        before, email = self.email, lowered(email)
        if email == before:
            return
        try:
            with db.session.begin_nested():
                self.email, self.confirmed_at = email, utcnow() if confirmed else None
                db.session.flush()
        except IntegrityError:
            raise AddressTakenError(f"Somebody else has the address {email}.") from None
        self.shut_out(but=keep)
        record("changed the address of", by=by, about=self, before=before, after=email)

    def reset_password(self, hashed: str, *, is_confirmed: bool, device: str = "") -> None:
        """A new password by a link, which ends every session. `is_confirmed` if mail brought the link.

        Of known devices only that of this digest stays, as with `change_password`.
        """
        self.password_hash = hashed
        if is_confirmed and self.confirmed_at is None:
            self.confirmed_at = utcnow()
        self.shut_out()
        KnownDevice.forget_all(self, but=device)
        record("reset the password of", by=self, about=self)

    def change_role(self, role: UserRole, *, by: User | None) -> None:
        """Raises LastAdminError where nobody would be left in charge. More rights end the sessions there are."""
        if role == self.role:
            return
        if role != UserRole.admin:
            self.leave_an_admin()
        before, self.role = self.role, role
        if GRANTS[role] - GRANTS[before]:  # new rights want a new sign-in; fewer hold from the next request
            LoginSession.end_all(self)
        record("changed the role of", by=by, about=self, before=before, after=role)

    def deactivate(self, *, by: User | None) -> None:
        """Sign the person out everywhere, and in nowhere. Raises LastAdminError as `change_role` does."""
        if not self.is_active:
            return
        self.leave_an_admin()
        self.is_active = False
        self.shut_out()
        record("deactivated", by=by, about=self)

    def reactivate(self, *, by: User | None) -> None:
        if not self.is_active and self.left_at is None:
            self.is_active = True
            record("reactivated", by=by, about=self)

    def hold(self) -> bool:
        """Lock the person and read them anew. Says whether they may still come in.

        First of all, before anything that is theirs: whoever signs somebody out, deactivates or deletes them goes in
        that order, too, and two who went in opposite ones would wait for each other.
        """
        own = select(User).where(User.id == self.id).with_for_update(key_share=True)
        found = db.session.scalar(own.execution_options(populate_existing=True))
        return found is not None and found.is_active

    def shut_out(self, *, but: LoginSession | None = None) -> None:
        """End the sessions and the links of this person, but that session.

        What lets them in is changed first: whoever is just coming in has locked that, and is here by then, or waits and
        finds it changed. Then the links, each of which whoever comes in by it locks too; the sessions last.
        """
        db.session.flush()
        Token.revoke_all(self)
        LoginSession.end_all(self, but=but)

    def leave_an_admin(self) -> None:
        """Lock all admins, so that two of them demoting each other go one after the other, and look again."""
        admins = db.session.scalars(
            self.active_admins().with_for_update(key_share=True).execution_options(populate_existing=True)
        ).all()
        if [admin.id for admin in admins] == [self.id]:
            raise LastAdminError(f"{self.name} is the only active admin. Make somebody else an admin first.")

    @validates("email")
    def _lower(self, _key: str, email: str) -> str:
        return lowered(email)


class Anonymous(AnonymousUserMixin):
    """Whoever is not signed in: answers the same questions as a User, with no."""

    id = None
    name = ""

    def can(self, permission: Can) -> bool:
        return False

    def can_read(self, post: Post) -> bool:
        return not post.is_for_members

    def can_edit(self, post: Post) -> bool:
        return False


def lowered(email: str) -> str:
    return email.strip().lower()


def password_hasher() -> PasswordHasher:
    config = current_app.config
    return PasswordHasher(time_cost=config["ARGON2_PASSES"], memory_cost=config["ARGON2_MEMORY_KIB"], parallelism=1)


def hash_of(password: str) -> str:
    """What is kept of a password. It takes its time: not to be asked for while others wait to write."""
    return password_hasher().hash(password)


def same_password(kept: str, password: str) -> bool:
    """Whether the password fits the hash. Takes as long where there is none to compare as where there is."""
    hasher = password_hasher()
    try:
        return hasher.verify(kept if kept != NO_PASSWORD else hash_of_nothing(hasher), password)
    except (VerificationError, InvalidHashError):
        return False


def hash_of_nothing(hasher: PasswordHasher) -> str:
    """A hash by the settings of now which no password fits: it is random."""
    settings = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (b64encode(token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v=19${settings}${salt}${digest}"


def strengthened(kept: str, password: str) -> str:
    """The hash to keep from now on: a new one where that of the password was made with weaker settings than today's."""
    hasher = password_hasher()
    return hasher.hash(password) if hasher.check_needs_rehash(kept) else kept
