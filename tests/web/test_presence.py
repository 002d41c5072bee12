"""Who else has a post open: said on the page of the editor, and to its scripts; nobody is kept out by it."""

from datetime import timedelta

import pytest
import time_machine
from factories import a_post, a_user, an_admin, an_editor
from looking import page, rewrite
from sqlalchemy import select, text

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Post, Presence

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A quarter of a second is soon over on a busy machine, and what is then left out is not what is tested."""
    for module in ("database", "passing"):
        monkeypatch.setattr(f"blog.{module}.PATIENCE", 10_000)


@pytest.fixture
def grace(db):
    return an_editor(name="Grace")


@pytest.fixture
def post(ada, grace):
    shared = a_post(by=ada, title="Tides")
    shared.co_authors.append(grace)
    return shared


def there(browser, post) -> str:
    """What the editor page says of others."""
    notice = page(browser.get(f"/write/posts/{post.id}")).select_one(".presence")
    return " ".join(notice.get_text(" ").split()) if notice else ""


def beat(browser, post, **fields):
    return browser.post(f"/write/posts/{post.id}/presence", data=fields)


def test_the_editor_says_who_else_has_the_post_open_and_since_when(sign_in, ada, grace, post):
    with time_machine.travel("2026-11-26T09:04:30Z", tick=False):
        assert there(sign_in(grace), post) == ""
    with time_machine.travel("2026-11-26T09:10:00Z", tick=False):
        told = there(sign_in(ada), post)
    assert told.startswith("Grace has had this post open since 09:04")
    assert "If you both change the same lines, you will be shown both versions." in told


def test_nobody_is_kept_out(sign_in, ada, grace, post):
    sign_in(grace).get(f"/write/posts/{post.id}")
    assert rewrite(sign_in(ada), post.id, body="Mine all the same.").status_code == 302


def test_without_scripts_it_lasts_twenty_minutes_from_opening(sign_in, ada, grace, post):
    began = utcnow()
    with time_machine.travel(began, tick=False):
        sign_in(grace).get(f"/write/posts/{post.id}")
    with time_machine.travel(began + 19 * MINUTE, tick=False):
        assert "Grace" in there(sign_in(ada), post)
    with time_machine.travel(began + 20 * MINUTE, tick=False):
        assert there(sign_in(ada), post) == ""


def test_with_them_it_lasts_two_minutes_from_the_last_sign_of_life(sign_in, ada, grace, post):
    began = utcnow()
    browser = sign_in(grace)
    with time_machine.travel(began, tick=False):
        browser.get(f"/write/posts/{post.id}")
    with time_machine.travel(began + 3 * MINUTE, tick=False):
        assert beat(browser, post).json == {"presence": []}
    with time_machine.travel(began + 4 * MINUTE, tick=False):
        [one] = beat(sign_in(ada), post).json["presence"]
        assert (one["name"], one["since"]) == ("Grace", began.strftime("%H:%M"))
    with time_machine.travel(began + 5 * MINUTE, tick=False):
        assert there(sign_in(ada), post) == ""


def test_whoever_leaves_is_gone_at_once_and_whoever_only_loads_anew_never_was(sign_in, ada, grace, post):
    began = utcnow()
    browser, other = sign_in(grace), sign_in(ada)
    with time_machine.travel(began, tick=False):
        browser.get(f"/write/posts/{post.id}")
    with time_machine.travel(began + 5 * MINUTE, tick=False):
        assert beat(browser, post, leaving="1").status_code == 200
        assert there(other, post) == ""
        browser.get(f"/write/posts/{post.id}")
        [one] = beat(other, post).json["presence"]
        assert one["since"] == began.strftime("%H:%M")


def test_whoever_comes_back_later_is_there_since_then(sign_in, ada, grace, post):
    began = utcnow()
    for hours in (0, 2):
        with time_machine.travel(began + hours * 60 * MINUTE, tick=False):
            sign_in(grace).get(f"/write/posts/{post.id}")
    the_db.session.expire_all()
    assert the_db.session.get(Presence, (post.id, grace.id)).since == began + 120 * MINUTE


def test_a_save_is_a_sign_of_life_and_the_bin_is_none(sign_in, ada, grace, post):
    browser = sign_in(grace)
    began = utcnow()
    with time_machine.travel(began, tick=False):
        sent = browser.fill(post, title="Anew")
    with time_machine.travel(began + 30 * MINUTE, tick=False):
        browser.post(f"/write/posts/{post.id}", data=sent)
        assert "Grace" in there(sign_in(ada), post)
    other = a_post(by=ada)
    sign_in(ada).post(f"/write/posts/{other.id}/bin", data={"base": "1"})
    assert the_db.session.get(Presence, (other.id, ada.id)) is None


def test_autosave_tells_who_is_there_and_writes_nothing_of_it(sign_in, ada, grace, post):
    sign_in(grace).get(f"/write/posts/{post.id}")
    sent = {"title": "T", "body": "B", "base": "1", "seq": "1"}
    answer = sign_in(ada).post(f"/write/posts/{post.id}/working-copy", data=sent)
    assert [one["name"] for one in answer.json["presence"]] == ["Grace"]
    assert the_db.session.get(Presence, (post.id, ada.id)) is None


def test_the_page_comes_also_when_it_cannot_be_noted(sign_in, ada, post):
    the_db.session.execute(text("ALTER TABLE presence RENAME TO presence_away"))
    view = "CREATE VIEW presence AS SELECT * FROM presence_away"  # which can be read and not written
    the_db.session.execute(text(view + (" GROUP BY 1, 2, 3, 4, 5" if the_db.engine.dialect.name != "sqlite" else "")))
    assert sign_in(ada).get(f"/write/posts/{post.id}").status_code == 200


def test_only_those_who_may_edit_the_post_say_or_hear_it(client, sign_in, post):
    live = a_post(live=True)
    assert beat(client, post).status_code == 401
    assert beat(sign_in(a_user()), post).status_code == 403
    assert beat(sign_in(an_editor()), post).status_code == 404
    assert beat(sign_in(an_editor()), live).status_code == 403
    assert beat(sign_in(an_admin()), post).status_code == 200
    assert beat(sign_in(an_admin()), live).status_code == 200


def test_nobody_is_told_of_a_person_whose_account_is_closed(sign_in, ada, grace, post):
    sign_in(grace).get(f"/write/posts/{post.id}")
    grace.is_active = False
    assert there(sign_in(ada), post) == ""


def test_presence_makes_no_revision_and_goes_with_the_post(sign_in, ada, post):
    sign_in(ada).get(f"/write/posts/{post.id}")
    the_db.session.expire_all()
    assert the_db.session.get(Post, post.id).revision == 1
    the_db.session.delete(the_db.session.get(Post, post.id))
    the_db.session.flush()
    assert the_db.session.scalars(select(Presence)).all() == []
