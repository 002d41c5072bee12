"""Which role may do what, and what is left of it when a person is deactivated."""

import pytest
from factories import a_page, a_post, a_user

from blog.models import GRANTS, Anonymous, Can, UserRole

MAY = {
    UserRole.viewer: {Can.READ_MEMBERS, Can.KEEP_ACCOUNT},
    UserRole.editor: {Can.READ_MEMBERS, Can.KEEP_ACCOUNT, Can.WRITE},
    UserRole.admin: {Can.READ_MEMBERS, Can.KEEP_ACCOUNT, Can.WRITE, Can.EDIT_ANY, Can.ADMINISTER},
}


def test_every_role_has_its_grants():
    assert set(GRANTS) == set(UserRole) == set(MAY)


@pytest.mark.parametrize("role", UserRole)
@pytest.mark.parametrize("permission", Can)
def test_a_role_may_what_it_is_granted_and_a_deactivated_person_nothing(db, role, permission):
    assert a_user(role).can(permission) == (permission in MAY[role])
    assert not a_user(role, is_active=False).can(permission)


@pytest.mark.parametrize("permission", Can)
def test_a_stranger_may_nothing(permission):
    assert not Anonymous().can(permission)


def test_everybody_reads_public_posts_and_only_people_with_an_account_those_for_members(db):
    public, members = a_post(live=True), a_post(live=True, members=True)
    for role in UserRole:
        assert a_user(role).can_read(public)
        assert a_user(role).can_read(members)
    for stranger in (Anonymous(), a_user(UserRole.admin, is_active=False)):
        assert stranger.can_read(public)
        assert not stranger.can_read(members)


def test_editors_edit_their_own_posts_and_those_they_wrote_with_others_and_admins_all(db):
    author, other, helper = a_user(UserRole.editor), a_user(UserRole.editor), a_user(UserRole.editor)
    post = a_post(by=author, co_authors=[helper])
    assert author.can_edit(post)
    assert helper.can_edit(post)
    assert a_user(UserRole.admin).can_edit(post)
    assert not other.can_edit(post)
    assert not a_user(UserRole.viewer).can_edit(post)
    assert not Anonymous().can_edit(post)


@pytest.mark.parametrize("change", [{"role": UserRole.viewer}, {"is_active": False}])
def test_who_lost_the_right_to_write_no_longer_edits_even_their_own(db, change):
    author = a_user(UserRole.editor)
    post = a_post(by=author)
    for name, value in change.items():
        setattr(author, name, value)
    assert not author.can_edit(post)


def test_pages_are_for_admins_whoever_owns_them(db):
    author, boss = a_user(UserRole.editor), a_user(UserRole.admin)
    page = a_page(by=author, co_authors=[a_user(UserRole.editor)], live=True)
    assert boss.can_edit(page)
    assert not any(person.can_edit(page) for person in (*page.byline, a_user(UserRole.viewer), Anonymous()))
    assert all(person.can_read(page) for person in (boss, author, Anonymous()))
