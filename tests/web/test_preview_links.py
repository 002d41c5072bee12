"""Preview links: guests without an account see what is not out yet, for as long as it was meant."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from factories import a_binned_post, a_page, a_post, a_scheduled_post, a_user, an_admin, an_editor
from looking import fault, filled, page, rewrite, words
from sqlalchemy import select, text

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, PreviewLink, PreviewUse, User, UserRole
from blog.models.credentials import digest_of

FORM = 'form[action$="/preview-links"]'
DAY = timedelta(days=1)
BODY = "The sea keeps time.\n\n## A clock\n\nTick.\n\n## A moon\n\nUp.\n\n## A sun\n\nDown.\n"


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A quarter of a second is soon over on a busy machine, and what is then left out is not what is tested."""
    for module in ("database", "passing"):
        monkeypatch.setattr(f"blog.{module}.PATIENCE", 10_000)


@pytest.fixture
def draft(ada):
    return a_post(by=ada, title="Tides", body=BODY, slug="tides", members=True)


def make(browser, post, **typed):
    sent = filled(browser.get(f"/write/posts/{post.id}"), FORM)
    return browser.post(f"/write/posts/{post.id}/preview-links", data=sent | typed)


def made(browser, post, **typed) -> str:
    """The path of a new link."""
    answer = make(browser, post, **typed)
    assert answer.status_code == 201, words(answer)
    return page(answer).select_one("#address")["value"].removeprefix("http://localhost")


def links() -> list[PreviewLink]:
    the_db.session.expire_all()
    return list(the_db.session.scalars(select(PreviewLink).order_by(PreviewLink.id)))


def acts() -> list[str]:
    return list(the_db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# What guests see


def test_a_guest_reads_the_whole_of_a_draft_also_one_for_members(client, desk, draft):
    answer = client.get(made(desk, draft))
    assert answer.status_code == 200
    assert "The sea keeps time." in words(answer)
    assert "In this post" in words(answer)  # the contents are words of the body
    assert "The rest is for members" not in words(answer)
    assert page(answer).select_one("main .notice").get_text().startswith("Preview.")


def test_no_machine_keeps_a_preview_or_learns_its_address(client, desk, draft):
    answer = client.get(made(desk, draft))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page(answer).select_one('meta[name="robots"]')["content"] == "noindex"
    assert "Set-Cookie" not in answer.headers
    assert page(answer).select_one('link[rel="canonical"]') is None


def test_a_guest_is_led_to_no_desk(client, desk, draft):
    answer = client.get(made(desk, draft))
    assert not [a["href"] for a in page(answer).select("a[href]") if "/write" in a["href"]]
    assert "Back to the text" not in words(answer)


@pytest.mark.parametrize("build", [a_post, a_scheduled_post])
def test_what_waits_for_its_time_can_be_previewed(client, desk, ada, build):
    assert client.get(made(desk, build(by=ada, title="Not yet"))).status_code == 200


def test_a_page_can_be_previewed_too(client, sign_in):
    boss = an_admin()
    about = a_page(by=boss, title="About", body="Who we are.", members=True)
    answer = client.get(made(sign_in(boss), about))
    assert "Who we are." in words(answer)


def test_once_it_is_live_the_link_leads_to_the_post(client, desk, draft):
    path = made(desk, draft)
    rewrite(desk, draft.id, "publish")
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, "/posts/tides")
    assert answer.headers["Cache-Control"] == "no-store"
    rewrite(desk, draft.id, "unpublish")
    assert client.get(path).status_code == 200


# What they show


def test_a_link_follows_what_is_saved(client, desk, draft):
    path = made(desk, draft)
    rewrite(desk, draft.id, body="Saved later.")
    assert "Saved later." in words(client.get(path))


def test_or_shows_one_revision_and_no_later_one(client, desk, draft):
    rewrite(desk, draft.id, body="Second.")
    path = made(desk, draft, shows="revision", number="1")
    assert "The sea keeps time." in words(client.get(path))
    assert "Second." not in words(client.get(path))


def test_or_what_its_maker_types_before_it_is_saved_and_nobody_elses(client, desk, sign_in, ada, draft):
    path = made(desk, draft, shows="copy")
    assert "The sea keeps time." in words(client.get(path))
    typed = {"title": "Tides", "body": "Just typed.", "base": "1", "seq": "1", "copy": str(uuid4())}
    desk.post(f"/write/posts/{draft.id}/working-copy", data=typed)
    sign_in(an_admin()).post(
        f"/write/posts/{draft.id}/working-copy", data=typed | {"body": "Not mine.", "copy": str(uuid4())}
    )
    assert "Just typed." in words(client.get(path))
    saved_only = made(desk, draft)
    assert "Just typed." not in words(client.get(saved_only))
    assert "Set-Cookie" not in client.get(path).headers


@pytest.mark.parametrize("number", ["0", "2", "x", "", "9" * 30, "-1", "١"])
def test_a_link_to_no_revision_is_refused_beside_the_field(desk, draft, number):
    answer = make(desk, draft, shows="revision", number=number)
    assert answer.status_code == 422
    assert fault(answer, "number")
    assert links() == []


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "", "1.5", "9" * 5000])
def test_a_link_lasts_from_one_day_to_ninety(desk, draft, days):
    answer = make(desk, draft, days=days)
    assert answer.status_code == 422
    assert fault(answer, "days") == "A whole number of days, from 1 to 90."
    assert links() == []


def test_a_made_up_choice_is_refused(desk, draft):
    assert make(desk, draft, shows="everything").status_code == 422
    assert links() == []


# How they end


def test_a_link_runs_out_after_its_days(client, desk, draft):
    path = made(desk, draft, days="3")
    with time_machine.travel(utcnow() + 3 * DAY - timedelta(minutes=1), tick=False):
        assert client.get(path).status_code == 200
    with time_machine.travel(utcnow() + 3 * DAY + timedelta(minutes=1), tick=False):
        assert client.get(path).status_code == 404


def test_a_revoked_link_opens_nothing_and_is_revoked_once(client, desk, draft):
    path = made(desk, draft)
    [link] = links()
    for _ in range(2):
        assert desk.post(f"/write/posts/{draft.id}/preview-links/{link.id}/revocation").status_code == 302
    assert client.get(path).status_code == 404
    assert acts() == ["made a preview link to", "revoked a preview link to"]
    assert "revoked" in words(desk.get(f"/write/posts/{draft.id}/preview-links"))


def test_dead_links_look_like_guesses(client, desk, ada, draft):
    guess = client.get(f"/preview/{'0' * 48}")
    dead = []
    revoked = made(desk, draft)
    desk.post(f"/write/posts/{draft.id}/preview-links/{links()[-1].id}/revocation")
    dead.append(client.get(revoked))
    gone, binned = a_post(by=ada), a_post(by=ada)
    to_gone, to_binned = made(desk, gone), made(desk, binned)
    desk.post(f"/write/posts/{binned.id}/bin", data={"base": "1"})
    dead.append(client.get(to_binned))
    the_db.session.delete(gone)
    dead.append(client.get(to_gone))
    for answer in dead:
        assert (answer.status_code, answer.text) == (404, guess.text)
        assert sorted(answer.headers.items()) == sorted(guess.headers.items())


def test_a_binned_post_gets_no_link_on_its_page_but_one_from_before_lives_again_when_it_is_restored(
    client, desk, draft
):
    path = made(desk, draft)
    desk.post(f"/write/posts/{draft.id}/bin", data={"base": "1"})
    assert client.get(path).status_code == 404
    assert page(desk.get(f"/write/posts/{draft.id}")).select_one(FORM) is None
    desk.post(f"/write/posts/{draft.id}/restoration", data={"base": "2"})
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("loss", ["account", "role", "post"])
def test_the_links_of_a_person_end_with_their_right_to_edit(client, desk, ada, draft, loss):
    path = made(desk, draft)
    if loss == "account":
        ada.is_active = False
    elif loss == "role":
        ada.role = UserRole.viewer
    else:
        draft.revise(base=1, by=None, author=an_editor())
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("secret", ["x", "%00", "A" * 48, "a" * 5000, "..", "%2e%2e", "a b", "é"])
def test_garbled_secrets_are_no_pages(client, secret):
    assert client.get(f"/preview/{secret}").status_code == 404


def test_the_secret_is_stored_nowhere_and_shown_once(desk, draft):
    path = made(desk, draft)
    secret = path.rpartition("/")[2]
    assert re.fullmatch("[0-9a-f]{48}", secret)
    [link] = links()
    assert link.digest == digest_of(secret)
    assert secret not in desk.get(f"/write/posts/{draft.id}/preview-links").text
    assert secret not in desk.get(f"/write/posts/{draft.id}").text
    assert secret not in str([entry.detail for entry in the_db.session.scalars(AuditEntry.newest())])


def test_the_same_form_sent_twice_makes_one_link(desk, draft):
    sent = filled(desk.get(f"/write/posts/{draft.id}"), FORM)
    first, second = (desk.post(f"/write/posts/{draft.id}/preview-links", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 302)
    assert "made already" in words(desk.get(second.location))
    assert len(links()) == 1
    assert acts() == ["made a preview link to"]


# Counting


def test_each_visit_is_counted_and_logged_and_the_makers_see_it(client, desk, draft):
    path = made(desk, draft)
    for _ in range(3):
        client.get(path)
    client.head(path)  # as machines look at a link, before anybody does
    [link] = links()
    assert link.uses == 3
    assert link.used_at is not None
    uses = the_db.session.scalars(select(PreviewUse)).all()
    assert [use.origin for use in uses] == ["127.0.0.1"] * 3
    told = words(desk.get(f"/write/posts/{draft.id}/preview-links"))
    assert "127.0.0.1" in told
    assert page(desk.get(f"/write/posts/{draft.id}/preview-links")).select_one('td[data-label="Visits"]').text == "3"


def test_a_visit_that_cannot_be_counted_is_a_visit_all_the_same(client, desk, draft):
    path = made(desk, draft)
    the_db.session.execute(text("DROP TABLE preview_uses"))
    assert client.get(path).status_code == 200
    assert links()[0].uses == 0


def test_links_that_ran_out_long_ago_are_swept_when_one_is_made(ada, draft):
    PreviewLink.make(draft, "saved", days=1, by=ada, uid=uuid4())
    with time_machine.travel(utcnow() + 92 * DAY, tick=False):
        PreviewLink.make(draft, "saved", days=1, by=ada, uid=uuid4())
    assert len(links()) == 1


# Who may


def calls(post_id, link_id):
    return [
        ("GET", f"/write/posts/{post_id}/preview-links"),
        ("POST", f"/write/posts/{post_id}/preview-links"),
        ("POST", f"/write/posts/{post_id}/preview-links/{link_id}/revocation"),
    ]


@pytest.mark.parametrize("live", [False, True])
def test_only_those_who_may_edit_the_post_make_list_and_revoke_its_links(client, sign_in, ada, live):
    post = a_post(by=ada, live=live)
    with_ada = an_editor()
    post.co_authors.append(with_ada)
    PreviewLink.make(post, "saved", days=1, by=ada, uid=uuid4())
    [link] = links()
    for method, path in calls(post.id, link.id):
        stranger = client.open(path, method=method)
        assert stranger.status_code in (302, 401)
        assert method == "POST" or stranger.location.startswith("/auth/login")
        assert sign_in(a_user()).open(path, method=method).status_code == 403
        assert sign_in(an_editor()).open(path, method=method).status_code == (403 if live else 404)
        for allowed in (with_ada, an_admin()):
            assert sign_in(allowed).open(path, method=method).status_code in (200, 201, 302, 422)


def test_a_link_is_revoked_at_its_own_post_only(desk, ada, draft):
    made(desk, draft)
    other = a_post(by=ada)
    assert desk.post(f"/write/posts/{other.id}/preview-links/{links()[0].id}/revocation").status_code == 404
    assert links()[0].revoked_at is None


def test_links_go_with_the_person_and_the_post(db, ada, draft):
    PreviewLink.make(draft, "saved", days=1, by=ada, uid=uuid4())
    db.session.flush()
    PreviewLink.use(links()[0].id, origin="192.0.2.1")
    db.session.flush()
    db.session.delete(draft)
    db.session.flush()
    assert links() == []
    assert db.session.scalars(select(PreviewUse)).all() == []
    assert db.session.get(User, ada.id)


def test_a_binned_post_gets_no_new_link(desk, ada):
    post = a_binned_post(by=ada)
    answer = desk.post(f"/write/posts/{post.id}/preview-links", data={"shows": "saved", "days": "7"})
    assert fault(answer, "shows") == "It is in the bin. Restore it first."
    assert links() == []
