"""The door: who is let in where, what every answer carries, and what garbage does."""

import re
from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

import pytest
import time_machine
from conftest import app_on
from factories import PASSWORD, a_picture, a_post, a_user, an_admin, an_editor, the_site
from looking import filled, page, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import (
    AuditEntry,
    Can,
    Mail,
    Missing,
    Passkey,
    Post,
    PreviewLink,
    Purpose,
    Redirect,
    Review,
    ReviewComment,
    Shows,
    Token,
    UserRole,
)

# Every view, for everybody


SAYS_WHO_IS_IN = "posts.session"  # open to all: to a stranger it answers 401 itself, and never leads to the sign-in
BEGINS_ELSEWHERE = "auth.code"  # open to all, and leads whoever has typed no password yet to where they do
CHOICES = {"kind": "atom", "rows": "posts"}  # holes that take only some words


def every_call(app, ids):
    """(endpoint, method, path, access rule) of every view, its holes filled with what exists."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda hole: str(ids[hole[1]]), rule.rule)
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, method, path, app.view_functions[rule.endpoint].access_rule


@pytest.mark.parametrize("role", [None, *UserRole])
def test_every_view_answers_each_role_as_its_mark_says(app, sign_in, role):
    the_site(registration="open")
    an_admin()
    holes = ("post_id", "user_id", "number", "slug", "handle", "name", "version", "secret", "filename")
    holes += ("redirect_id", "missing_id", "media_id", "copy_id", "link_id", "review_id", "comment_id")
    holes += ("mail_id", "session_id", "digest", "passkey_id", "tag_id")
    views = [(endpoint, method) for endpoint, method, _, _ in every_call(app, dict.fromkeys(holes, 1) | CHOICES)]
    assert len(views) > 40
    for endpoint, method in views:
        me = a_user(role) if role else None
        browser = sign_in(me) if me else app.test_client()
        writer = me if role in (UserRole.editor, UserRole.admin) else an_editor()
        live = a_post(by=writer, live=True, tags=["rain"])
        moved, missing = (
            Redirect(path=f"/old/{endpoint}/{method}", post=live),
            Missing(path=f"/lost/{endpoint}/{method}"),
        )
        letter = Mail(uid=uuid4(), kind="hello", to="ada@example.org", subject="Hi", sealed="", due_at=utcnow())
        the_db.session.add_all([moved, missing, letter])
        the_db.session.flush()
        ids = {
            "post_id": live.id,
            "user_id": a_user().id,
            "number": 1,
            "slug": live.slug,
            "handle": writer.handle,
            "name": "site",
            "version": app.extensions["sheets"]["site"][0],
            "filename": "css/tokens.css",
            "secret": Token.issue(Purpose.sign_in, user=a_user()),
            "redirect_id": moved.id,
            "missing_id": missing.id,
            "mail_id": letter.id,
            "media_id": a_picture(writer).id,
            "copy_id": uuid4(),
            "session_id": 1,
            "passkey_id": a_passkey(me or writer).id,
            "tag_id": live.tags[0].id,
        }
        ids |= company(live, me if me and me.can(Can.WRITE) else an_editor()) | coming_in(endpoint)
        ids |= CHOICES | ({"slug": "rain"} if endpoint == "posts.tag" else {})
        path, rule = next((path, rule) for e, m, path, rule in every_call(app, ids) if (e, m) == (endpoint, method))
        asked = {"from": 1, "to": 1} if endpoint == "posts.comparison" else {}
        with browser.open(path, method=method, query_string=asked) as answer:
            status = answer.status_code
            asked_in = status == 401 or (answer.location or "").startswith("/auth/login")
        where = (endpoint, method, path, status)
        assert status < 500, where
        if endpoint == SAYS_WHO_IS_IN:
            assert status == (200 if me else 401), where
        elif rule is None or (me and me.can(rule)):
            assert status != 403, where
            assert not asked_in or endpoint == BEGINS_ELSEWHERE, where
        else:
            assert status == 403 if me else asked_in, where
        assert rule is None or status != 404, where


def company(post, reviewer) -> dict[str, int]:
    """A preview link to the post, a review that this person is asked for by another, and a comment in it."""
    link = PreviewLink(uid=uuid4(), digest=uuid4().hex, shows=Shows.saved, expires_at=utcnow())
    link.post, link.by = post, post.author
    review = Review(post_id=post.id, number=1, asked_by=an_admin(), reviewer=reviewer)
    the_db.session.add_all([link, review])
    the_db.session.flush()
    said = ReviewComment(uid=uuid4(), review_id=review.id, by=reviewer, words="Hm.")
    the_db.session.add(said)
    the_db.session.flush()
    return {"link_id": link.id, "review_id": review.id, "comment_id": said.id}


def coming_in(endpoint: str) -> dict[str, str]:
    """Somebody who asks to come in, or is invited."""
    purpose = Purpose.request if endpoint in ("admin.let_in", "admin.turn_down") else Purpose.invitation
    detail = {"name": "Ada", "password": "x", "browser": ""}
    secret = Token.issue(purpose, email=f"{uuid4()}@example.com", by=an_admin(), role=UserRole.viewer, detail=detail)
    the_db.session.flush()
    return {"digest": Token.of(purpose, secret).digest}


def a_passkey(person) -> Passkey:
    key = Passkey.add(person, credential=uuid4().hex, name="Telephone", public_key=b"key")
    the_db.session.flush()
    return key


# Forged forms


@pytest.fixture
def guarded(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


@pytest.mark.usefixtures("guarded")
class TestForms:
    def test_no_form_without_its_token_is_taken(self, app, client, sign_in):
        browser = sign_in(an_admin())
        post = a_post()
        ids = {"post_id": post.id, "user_id": a_user().id, "secret": "x", "number": 1}
        ids |= {"redirect_id": 1, "missing_id": 1, "media_id": 1, "copy_id": uuid4()}
        ids |= {
            "link_id": 1,
            "review_id": 1,
            "comment_id": 1,
            "mail_id": 1,
            "session_id": 1,
            "digest": "x",
            "passkey_id": 1,
            "tag_id": 1,
        }
        calls = {
            path
            for _, method, path, _ in every_call(
                app, ids | CHOICES | dict.fromkeys(("slug", "handle", "name", "version", "filename"), "x")
            )
            if method == "POST"
        }
        assert len(calls) > 15
        for path in sorted(calls):
            answer = browser.post(path, data={"body": "An hour of <work>.", "base": "1", "csrf_token": "forged"})
            assert answer.status_code == 400, path
            assert "An hour of &lt;work&gt;." in answer.text
            assert client.post(path, data={"email": "x@example.com"}).status_code in (400, 401), path
        the_db.session.expire_all()
        assert post.revision == 1

    def test_the_token_of_another_session_is_none(self, app, sign_in):
        ada, other = sign_in(an_editor()), sign_in(an_editor())
        stolen = filled(other.get("/write/posts/new"), "form.editor")
        ada.get("/write/posts/new")
        assert ada.post("/write/posts/new", data=stolen | {"title": "T"}).status_code == 400
        assert the_db.session.scalars(select(Post)).all() == []

    def test_a_form_is_good_for_as_long_as_the_session(self, sign_in):
        browser = sign_in(an_editor())
        form = filled(browser.get("/write/posts/new"), "form.editor")
        with time_machine.travel(utcnow() + timedelta(days=6), tick=False):
            answer = browser.post("/write/posts/new", data=form | {"title": "At last", "body": "Words."})
            assert answer.status_code == 302
            assert "Saved as a draft." in words(browser.get(answer.location))

    def test_signing_in_registering_and_out_work_with_their_tokens(self, client, post_box):
        the_site(registration="open")
        form = filled(client.get("/auth/register"))
        person = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
        assert client.post("/auth/register", data=form | person).status_code == 302
        address = post_box()[0].link.removeprefix("http://localhost")
        assert client.post(address, data=filled(client.get(address))).status_code == 302
        out = page(client.get("/")).select_one('form[action="/auth/logout"] input')["value"]
        assert client.post("/auth/logout", data={"csrf_token": out}).status_code == 302
        form = filled(client.get("/auth/login"))
        assert client.post("/auth/login", data=form | person).status_code == 302
        assert client.get("/auth/account").status_code == 200


# Garbage

GARBAGE = [
    "%00",
    "%ED%A0%80",
    "%ED%BF%BF%ED%A0%80",
    "%FF%FE",
    "%C0%80",
    "%E2%80%AE",
    "%F4%90%80%80",
    "%",
    "%zz",
    "%0d%0a",
    "%EF%BF%BF",
    "%F0%9F%98%80",
    "..%2f..%2f",
    "%5c",
    "%3Cscript%3E",
    "%252e%252e",
    "a" * 3000,
    "%2e%2e",
    "%7f",
    "%85",
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_in_a_path_is_no_page(client, garbage):
    a_post(live=True)
    for path in (
        "/{}",
        "/posts/{}",
        "/tags/{}",
        "/authors/{}",
        "/media/{}",
        "/static/{}",
        "/setup/{}",
        "/auth/link/{}",
        "/auth/confirm/{}",
        "/auth/invitation/{}",
        "/auth/password/reset/{}",
        "/x/{}/",
    ):
        answer = client.get(path.format(garbage))
        while answer.location:
            assert answer.location.startswith("/")
            assert not answer.location.startswith("//")
            answer = client.get(answer.location)
        assert answer.status_code in (404, 400), path
        assert client.post(path.format(garbage)).status_code in (404, 405, 400)


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_in_a_query_breaks_nothing(client, sign_in, garbage):
    admin = sign_in(an_admin())
    for path in ("/?{0}={0}", "/?before={}", "/tags?after={}", "/auth/login?next={}", "/feed.atom?{}", "/posts/x?{0}"):
        assert client.get(path.format(garbage)).status_code < 500, path
    for path in (
        "/write?q={}",
        "/write?state={}",
        "/write?q=x&{0}={0}",
        "/admin/users?q={}",
        "/admin/users?role={}",
        "/admin/audit?before={}",
    ):
        assert admin.get(path.format(garbage)).status_code < 500, path


FORM = "application/x-www-form-urlencoded"
MULTI = "multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"email=%00&password=%00", FORM),
        (b"email=%ED%A0%80&password=x", FORM),
        (b"\xff\xfe=\xff&email=\xed\xa0\x80", FORM),
        (b"email=a&email=b&password=c", FORM),
        (b"&&&=&%=%&", FORM),
        (b"email", FORM),
        (b"{}", "application/json"),
        (b"x", "text/plain"),
        (b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n\x00\xff\r\n--b--\r\n', MULTI),
        (b"--b", MULTI),
        (b'--b\r\nContent-Disposition: form-data; name="email"; filename="\x00"\r\n\r\nx\r\n--b--\r\n', MULTI),
        (b"x" * 10, "multipart/form-data"),
        (b"email=a", "application/x-www-form-urlencoded; charset=utf-7"),
    ],
    ids=range(13),
)
def test_garbage_in_a_form_breaks_nothing(client, sign_in, data, kind):
    the_site(registration="open")
    admin = sign_in(an_admin())
    post = a_post()
    for browser, path in (
        (client, "/auth/login"),
        (client, "/auth/register"),
        (client, "/auth/password/forgot"),
        (admin, "/admin/invitations"),
        (admin, "/write/posts/new"),
        (admin, "/auth/account"),
        (admin, f"/write/posts/{post.id}"),
        (admin, "/admin/settings"),
        (admin, f"/write/posts/{post.id}/author"),
    ):
        assert browser.post(path, data=data, content_type=kind).status_code < 500, path


@pytest.mark.parametrize("kind", [FORM, MULTI])
def test_a_nul_is_kept_as_a_visible_mark(sign_in, kind):
    browser = sign_in(an_editor())
    sent = {"title": "a\0b", "body": "c\0d", "tags": "e\0f", "summary": "\0"}
    browser.post("/write/posts/new", data=sent, content_type=kind.partition(";")[0])
    post = the_db.session.scalar(select(Post))
    assert (post.title, post.body, post.summary) == ("a\ufffdb", "c\ufffdd", "\ufffd")


# What every answer carries


def test_a_plain_visitor_gets_no_cookie(client):
    a_post(live=True, members=True, slug="ships", tags=["sea"], by=an_editor(name="Ada"))
    for path in (
        "/",
        "/posts/ships",
        "/tags",
        "/tags/sea",
        "/authors",
        "/authors/ada",
        "/feed.atom",
        "/nowhere",
        "/write",
        "/healthz",
    ):
        assert "Set-Cookie" not in client.get(path).headers, path


# Proxies and hosts


@pytest.fixture
def behind_proxies(app, monkeypatch):
    monkeypatch.setattr(app.wsgi_app, "networks", [ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


def seen_from(client, peer, forwarded) -> str:
    """The address the log has of a failed sign-in."""
    client.post(
        "/auth/login",
        data={"email": "x@example.com", "password": "guess"},
        headers={"X-Forwarded-For": forwarded},
        environ_overrides={"REMOTE_ADDR": peer},
    )
    return the_db.session.scalar(AuditEntry.newest()).origin


@pytest.mark.usefixtures("behind_proxies")
class TestProxies:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "origin"),
        [
            ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
            ("10.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
            ("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
            ("fd00::1", "2001:db8::7", "2001:db8::7"),
            ("198.51.100.9", "203.0.113.7", "198.51.100.9"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", ", ,", "10.0.0.1"),
            ("10.0.0.1", "nonsense", "nonsense"),
            ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
            ("nonsense", "1.1.1.1", "nonsense"),
        ],
    )
    def test_are_believed_only_where_they_are_ours(self, client, peer, forwarded, origin):
        assert seen_from(client, peer, forwarded) == origin

    @pytest.mark.parametrize(("peer", "is_secure"), [("10.0.0.1", True), ("198.51.100.9", False)])
    def test_say_whether_the_reader_came_by_https(self, client, peer, is_secure):
        answer = client.get("/", headers={"X-Forwarded-Proto": "https"}, environ_overrides={"REMOTE_ADDR": peer})
        assert ("Strict-Transport-Security" in answer.headers) is is_secure

    @pytest.mark.parametrize("scheme", ["javascript", "", "HTTPS", "https, http"])
    def test_may_not_invent_a_scheme(self, client, scheme):
        a_post(live=True, slug="ships")
        answer = client.get(
            "/posts/ships", headers={"X-Forwarded-Proto": scheme}, environ_overrides={"REMOTE_ADDR": "10.0.0.1"}
        )
        assert page(answer).select_one("link[rel=canonical]")["href"] == "http://localhost/posts/ships"

    def test_never_choose_the_name_of_the_site(self, client):
        a_post(live=True, slug="ships")
        answer = client.get(
            "/posts/ships", headers={"X-Forwarded-Host": "evil.example"}, environ_overrides={"REMOTE_ADDR": "10.0.0.1"}
        )
        assert "evil.example" not in answer.text


def test_without_known_proxies_nobody_is_believed(client):
    assert seen_from(client, "127.0.0.1", "203.0.113.7") == "127.0.0.1"


def test_an_address_too_long_for_the_log_is_cut(client, behind_proxies):
    assert seen_from(client, "10.0.0.1", "x" * 500) == "x" * 60


def test_only_trusted_hosts_are_answered(tmp_path):
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path, TRUSTED_HOSTS="blog.example.org .example.net")
    with app.app_context():
        the_db.create_all()
        browser = app.test_client()
        for host, status in (
            ("blog.example.org", 200),
            ("a.example.net", 200),
            ("evil.example", 400),
            ("localhost", 400),
        ):
            answer = browser.get("/", base_url=f"http://{host}")
            assert answer.status_code == status, host
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        the_db.session.remove()
        the_db.engine.dispose()
