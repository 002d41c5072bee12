"""The sample posts: good enough to be seen, and brought in once."""

from datetime import timedelta

import pytest
from factories import a_post, a_user, an_admin
from looking import headlines
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Media, Post, PostKind, PostStatus, User
from blog.transfer import demo


@pytest.fixture
def run(real_app):
    with real_app.app_context():

        def command():
            the_db.session.commit()
            the_db.session.remove()
            return real_app.test_cli_runner().invoke(args=["demo"])

        yield command
        the_db.session.remove()


def number_of(model) -> int:
    return the_db.session.scalar(select(func.count()).select_from(model))


def test_the_sample_posts_come_in_once(run):
    an_admin()
    assert run().output == "15 sample texts came in, 0 were here already.\n"
    before = [number_of(model) for model in (Post, User, Media)]
    assert run().output == "0 sample texts came in, 15 were here already.\n"
    assert [number_of(model) for model in (Post, User, Media)] == before == [15, 5, 5]
    (line,) = the_db.session.scalars(AuditEntry.newest())
    assert (line.action, line.subject, line.detail) == ("imported", "the sample texts", {"posts": 15})


def test_without_an_admin_there_is_nobody_to_own_them(run):
    a_user()
    result = run()
    assert result.exit_code == 1
    assert result.output.startswith("Error: There is no admin yet.")
    assert number_of(Post) == 0


def test_the_samples_are_a_magazine_with_a_lead_drafts_to_come_and_pictures(client, db):
    demo.fill(by=an_admin())
    states = set(db.session.scalars(select(Post.status)))
    assert {PostStatus.published, PostStatus.scheduled} <= states
    newest = db.session.scalar(Post.live())
    assert timedelta(0) <= utcnow() - newest.published_at <= timedelta(days=2)
    front = client.get("/")
    assert headlines(front)[0] == "Setting a clock with small change"
    for post in db.session.scalars(Post.live()).all():
        page = client.get(f"/posts/{post.slug}")
        assert page.status_code == 200
        assert "picture:" not in page.text
        assert "post:" not in page.text
    for author in ("oonagh", "kwabena", "huda", "teodora"):
        assert client.get(f"/authors/{author}").status_code == 200


def test_what_somebody_changed_about_the_samples_stays_changed(db):
    boss = an_admin()
    demo.fill(by=boss)
    oonagh = db.session.scalar(select(User).where(User.handle == "oonagh"))
    lead = db.session.scalar(select(Post).where(Post.featured))
    oonagh.biography = "Changed."
    lead.revise(base=1, by=boss, featured=False)
    demo.fill(by=boss)
    assert oonagh.biography == "Changed."
    assert not lead.featured


def test_one_of_the_samples_is_a_page_of_the_admins(client, db):
    boss = an_admin()
    demo.fill(by=boss)
    about = db.session.scalars(select(Post).where(Post.kind == PostKind.page)).one()
    assert (about.path, about.author_id, about.is_live) == ("/about", boss.id, True)
    assert client.get("/about").status_code == 200


def test_where_about_is_taken_the_sample_page_has_the_next_address(db):
    a_post(slug="about")
    demo.fill(by=an_admin())
    assert db.session.scalar(select(Post.slug).where(Post.kind == PostKind.page)) == "about-2"
