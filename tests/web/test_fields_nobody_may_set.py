"""Forms say what they change. What else is sent with them, by whatever name a column has, changes nothing."""

from uuid import uuid4

import sqlalchemy as sa
from factories import a_picture, a_post, a_user, an_admin, an_editor
from sqlalchemy import inspect, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import LoginSession, Media, Post, Review, ReviewComment, User, UserRole, WorkingCopy

TYPED = {"title", "slug", "summary", "body", "language", "visibility", "search_title", "search_description"}
MADE_OF_IT = {"html", "terms", "excerpt", "words", "edited_at", "updated_at", "revision", "out_revision"}


def made_up(model, *, but: set[str] = frozenset()) -> dict[str, str]:
    """A field for every column and relation of the model, each with something its column could hold."""
    values: dict[type, str] = {int: "99", bool: "1"}
    columns = {
        column.key: values.get(column.type.python_type, utcnow().isoformat() if "_at" in column.key else "made-up")
        for column in inspect(model).columns
    }
    related = dict.fromkeys(inspect(model).relationships.keys(), "99")
    return {name: value for name, value in (related | columns).items() if name not in but}


def kept(row, *, but: set[str] = frozenset()) -> dict[str, object]:
    the_db.session.flush()
    table = type(row).__table__
    found = the_db.session.execute(sa.select(table).where(table.c.id == row.id)).mappings().one()
    return {name: value for name, value in found.items() if name not in but}


def test_a_post_takes_no_field_that_its_form_does_not_have(sign_in):
    me, other = an_editor(), an_editor()
    post = a_post(by=me, tags=["rain"])
    before = kept(post, but=TYPED | MADE_OF_IT)
    browser = sign_in(me)
    more = made_up(Post, but=TYPED | {"tags", "cover", "cover_alt", "canonical_url"})
    more |= {
        "author_id": str(other.id),
        "author": str(other.id),
        "featured": "y",
        "status": "published",
        "kind": "page",
    }
    answer = browser.post(f"/write/posts/{post.id}", data=more | {"title": "Anew", "body": "Anew.", "base": "1"})
    assert answer.status_code == 302
    assert kept(post, but=TYPED | MADE_OF_IT) == before
    the_db.session.expire_all()
    assert (post.title, post.revision, post.out_revision, post.co_authors) == ("Anew", 2, 2, [])
    answer = browser.post("/write/posts/new", data=more | {"kind": "post", "uid": str(uuid4()), "title": "One more"})
    assert answer.status_code == 302
    fresh = the_db.session.scalars(select(Post).where(Post.title == "One more")).one()
    assert (fresh.author_id, fresh.featured, fresh.published_at, fresh.binned_at) == (me.id, False, None, None)
    assert (fresh.first_published_at, fresh.revision, fresh.source, fresh.is_page) == (None, 1, None, False)
    assert browser.post("/write/posts/new", data={"kind": "page", "title": "About"}).status_code == 403


def test_a_person_takes_no_field_that_a_form_of_the_account_does_not_have(sign_in):
    me = a_user(password="seven swans a-swimming")
    browser = sign_in(me)
    profile = {"name", "handle", "biography", "website"}
    before = kept(me, but=profile | {"haystack", "updated_at"})
    more = made_up(User, but=profile) | {"role": "admin", "is_active": "", "email": "boss@example.com"}
    answer = browser.post("/auth/account", data=more | {"name": "Ben", "handle": "ben"})
    assert answer.status_code == 302
    assert kept(me, but=profile | {"haystack", "updated_at"}) == before
    for path in ("/auth/account/picture", "/auth/account/picture/removal", "/auth/account/sessions/end"):
        browser.post(path, data=more)
    the_db.session.expire_all()
    assert (me.name, me.role, me.is_active, me.email) == ("Ben", UserRole.viewer, True, before["email"])
    assert (me.confirmed_at, me.left_at, me.password_hash) == (None, None, before["password_hash"])


def test_an_admin_changes_of_a_person_what_the_form_is_for(sign_in):
    person = an_editor()
    before = kept(person, but={"role", "updated_at"})
    more = made_up(User) | {"role": "viewer", "is_active": ""}
    sign_in(an_admin()).post(f"/admin/users/{person.id}/role", data=more)
    assert kept(person, but={"role", "updated_at"}) == before
    assert kept(person)["role"] == "viewer"


def test_a_picture_takes_its_words_and_no_other_owner(sign_in):
    me = an_editor()
    one = a_picture(me)
    before = kept(one, but={"alt", "focus_x", "focus_y", "updated_at"})
    sent = made_up(Media) | {"owner_id": str(an_editor().id), "alt": "A ship", "focus": "1-1"}
    assert sign_in(me).post(f"/write/media/{one.id}", data=sent).status_code == 302
    assert kept(one, but={"alt", "focus_x", "focus_y", "updated_at"}) == before
    assert kept(one)["alt"] == "A ship"


def test_what_is_mine_opens_nothing_of_others_that_hangs_on_something_else(sign_in):
    me, other = an_editor(), an_editor()
    mine, theirs = a_post(by=me), a_post(by=other, body="Their secret.")
    copy_id, typed = uuid4(), {"title": "T", "body": "Their unsaved secret."}
    WorkingCopy.keep(copy_id, theirs, other, base=1, seq=1, typed=typed)
    reviews = [Review(post_id=post.id, number=1, asked_by=an_admin(), reviewer=me) for post in (mine, theirs)]
    reviews[1].reviewer = an_editor()
    reviews[0].asked_by, reviews[0].reviewer = an_editor(), an_admin()
    the_db.session.add_all(reviews)
    the_db.session.flush()
    said = ReviewComment(uid=uuid4(), review_id=reviews[1].id, by=reviews[1].reviewer, words="Their words.")
    the_db.session.add(said)
    session = LoginSession.of(LoginSession.start(other))
    the_db.session.flush()
    browser, at = sign_in(me), f"/write/posts/{mine.id}"
    for path in (f"{at}?copy={copy_id}", f"{at}/preview?copy={copy_id}", f"{at}/comparison?from={copy_id}&to=1"):
        assert "secret" not in browser.get(path).text
    browser.post(f"{at}/working-copies/{copy_id}/removal")
    assert browser.post(f"/write/reviews/{reviews[0].id}/comments/{said.id}/resolution").status_code == 404
    browser.post(f"/auth/account/sessions/{session.id}/end")
    the_db.session.expire_all()
    assert the_db.session.get(WorkingCopy, copy_id)
    assert (said.resolved_at, the_db.session.get(LoginSession, session.id)) == (None, session)
