"""Addresses of old: where they lead, and who said so."""

import pytest
from factories import a_post, an_admin
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from blog.models import AuditEntry, Redirect


def test_an_old_address_leads_to_the_new_one_and_no_other_does(db):
    db.session.add(Redirect(path="/old", target="/new"))
    db.session.flush()
    assert Redirect.of("/old").leads_to == "/new"
    assert Redirect.of("/ol") is None
    assert Redirect.of("/old/er") is None


def test_an_old_address_follows_its_post_in_one_hop_and_only_while_it_is_out(db):
    post = a_post(live=True, slug="first")
    db.session.add(Redirect(path="/old", post=post))
    post.revise(base=1, by=None, slug="second")
    assert Redirect.of("/old").leads_to == "/posts/second"
    post.unpublish(base=2, by=an_admin())
    assert Redirect.of("/old").leads_to is None


@pytest.mark.parametrize("path", ["/old", "/loop"])
def test_an_address_leads_to_one_place_and_not_to_itself(db, path):
    db.session.add(Redirect(path="/old", target="/new"))
    db.session.flush()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(Redirect).values(path=path, target="/loop"))


def test_a_redirect_is_added_changed_and_removed_in_the_log(db):
    ada, post = an_admin(name="Ada"), a_post(live=True, slug="ships")
    made = Redirect.add("/old", to=post, by=ada)
    made.change("/older", to="/tags", by=ada)
    made.change("/older", to="/tags", by=ada)
    db.session.flush()
    made.remove(by=ada)
    db.session.flush()
    assert Redirect.of("/older") is None
    log = [(entry.action, entry.subject, entry.detail) for entry in db.session.scalars(AuditEntry.newest().limit(3))]
    assert log == [
        ("removed the redirect of", "/older", {"to": "/tags"}),
        ("changed the redirect of", "/older", {"before": "/old to /posts/ships", "after": "/older to /tags"}),
        ("redirected", "/old to /posts/ships", {}),
    ]


def test_redirects_are_found_by_words_in_either_address(db):
    ada = an_admin()
    for path, to in (("/2019/a", "/tags"), ("/b", "/authors/2019"), ("/c", a_post(slug="of-2019")), ("/d", "/x")):
        Redirect.add(path, to=to, by=ada)
    db.session.flush()
    assert {row.path for row in db.session.scalars(Redirect.matching("2019"))} == {"/2019/a", "/b", "/c"}
    assert not db.session.scalars(Redirect.matching("%")).all()
    assert len(db.session.scalars(Redirect.matching("")).all()) == 4
