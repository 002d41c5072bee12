"""Which role may do what: the whole policy on one screen."""

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
