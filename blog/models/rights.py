"""Which role may do what: the whole policy on one screen."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class UserRole(StrEnum):
    admin = "admin"
    editor = "editor"
    viewer = "viewer"


class Can(StrEnum):
    READ_MEMBERS = "read members-only posts"
    KEEP_ACCOUNT = "keep an account"
    WRITE = "write and publish posts of one's own"
    EDIT_ANY = "read and change anybody's posts"
    ADMINISTER = "manage people, roles and the site"


GRANTS: dict[UserRole, frozenset[Can]] = {
    UserRole.viewer: frozenset({Can.READ_MEMBERS, Can.KEEP_ACCOUNT}),
    UserRole.editor: frozenset({Can.READ_MEMBERS, Can.KEEP_ACCOUNT, Can.WRITE}),
    UserRole.admin: frozenset(Can),
}


@dataclass(frozen=True)
class Stay:
    """How long a session lasts: unused, and at most."""

    idle: timedelta
    longest: timedelta


# The more a role may do, the sooner its sessions end. What is being written then is carried through the sign-in.
STAYS: dict[UserRole, Stay] = {
    UserRole.viewer: Stay(idle=timedelta(days=30), longest=timedelta(days=90)),
    UserRole.editor: Stay(idle=timedelta(days=7), longest=timedelta(days=30)),
    UserRole.admin: Stay(idle=timedelta(hours=12), longest=timedelta(days=7)),
}
