"""The door: forged forms, garbage, cookies, proxies. Who is let in where is in test_rights_table.py."""

import re
from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

import pytest
import time_machine
from conftest import app_on
from factories import PASSWORD, a_post, an_admin, an_editor, the_site
from looking import filled, page, words
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import (
    AuditEntry,
    Post,
)

# Forged forms


def filled_in(rule: str, **known: object) -> str:
    """The address with something of the right kind in all its holes."""
    kinds = {"int": 1, "uuid": uuid4()}
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda hole: str(known.get(hole[2], kinds.get(hole[1], "x"))), rule)


@pytest.fixture
def guarded(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


@pytest.mark.usefixtures("guarded")
class TestForms:
    def test_no_form_without_its_token_is_taken(self, app, client, sign_in):
        browser = sign_in(an_admin())
        post = a_post()
        rules = (rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods)
        calls = {filled_in(rule, post_id=post.id) for rule in rules}
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
