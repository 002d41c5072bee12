"""What every answer tells the browser to refuse, whichever view, error or file it comes from."""

import re
from urllib.parse import urlsplit

import pytest
from conftest import app_on
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from looking import page

from blog.database import db as the_db
from blog.posts.media import POLICY as OF_PICTURES
from blog.shields import HEADERS, POLICY

SECURE = "https://blog.example.org"
ELSEWHERE = {"posts.media", "posts.card", "posts.favicon", "posts.icon_svg", "posts.large_icon", "posts.touch_icon"}
HOLES = {"number": "1", "year": "2026", "month": "11", "name": "site", "kind": "atom", "rows": "posts"}


def every_address(app, method: str = "GET") -> list[tuple[str, str]]:
    """(endpoint, path) of every view; the holes are filled with what is mostly not there, which is answered as well."""
    return [
        (rule.endpoint, re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda hole: HOLES.get(hole[1], "1"), rule.rule))
        for rule in app.url_map.iter_rules()
        if method in rule.methods
    ]


def check(answer, *, secure: bool = False) -> None:
    where = (answer.request.method, answer.request.path, answer.status_code)
    headers = answer.headers
    names = [name for name, _ in headers]
    for name, value in HEADERS.items():
        assert names.count(name) == 1, (where, name)
        if name == "Content-Security-Policy":
            check_policy(answer, where)
        elif name not in ("Cross-Origin-Resource-Policy", "Referrer-Policy"):
            assert headers[name] == value, (where, name)
    assert headers["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin"), where
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), where
    assert "Cache-Control" in headers, where
    assert headers.get("Strict-Transport-Security") == ("max-age=63072000; includeSubDomains" if secure else None)
    if (answer.mimetype or "").startswith("text/") or (answer.mimetype or "").endswith("xml"):
        assert answer.mimetype_params.get("charset") == "utf-8", where
    assert "Server" not in headers
    assert "X-Powered-By" not in headers
    for cookie in headers.getlist("Set-Cookie"):
        assert re.search(r"; HttpOnly; Path=/; SameSite=Lax$", cookie), (where, cookie)


def check_policy(answer, where) -> None:
    """The strictest there is, but that a page with a script of ours may run that one."""
    policy = answer.headers["Content-Security-Policy"]
    html = answer.text if answer.mimetype == "text/html" else ""
    scripts = re.findall(r'<script type="module" src="[^"]+" nonce="([^"]+)">', html)
    if scripts:
        assert policy.endswith(f"trusted-types masthead; connect-src 'self'; script-src 'nonce-{scripts[0]}'"), where
    else:
        assert policy in (POLICY, OF_PICTURES), where
    for weak in ("unsafe", "*", "data:", "http:", "https:", "blob:"):
        assert weak not in policy, where
    if policy != OF_PICTURES:
        for strong in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert strong in policy, where
        assert "require-trusted-types-for 'script'" in policy, where


def test_every_view_protects_its_reader_whoever_that_is_and_whatever_it_answers(app, client, sign_in):
    post = a_post(live=True, slug="ships", tags=["sea"], by=an_editor(name="Ada"))
    admin = sign_in(an_admin())
    addresses = every_address(app)
    assert len(addresses) > 50
    there = ["/posts/ships", "/posts/ships.md", "/tags/sea", "/authors/ada", "/authors/ada/feed.json", "/nowhere"]
    there += ["/TAGS", "/write/posts/new", f"/write/posts/{post.id}", f"/write/posts/{post.id}/revisions/1"]
    there += ["/static/css/tokens.css", page(client.get("/")).select_one("[rel=stylesheet]")["href"]]
    for path in [path for _, path in addresses] + there:
        for browser in (client, admin):
            with browser.get(path, buffered=True) as answer:
                assert answer.status_code < 500, path
                check(answer)
                if browser is admin and not path.startswith("/static/"):
                    assert answer.headers["Cache-Control"] == "no-store", path
    for path in sorted({path for rule, path in every_address(app, "POST") if rule != "auth.logout"}):
        answer = admin.post(path, data={"x": "y"}, buffered=True)
        check(answer)
        assert answer.headers["Cache-Control"] == "no-store", path


def test_only_pictures_for_the_world_may_be_shown_elsewhere(app, client):
    post = a_post(live=True, slug="ships")
    open_to_all = set()
    for endpoint, path in [*every_address(app), ("posts.card", post_card(client, post))]:
        with client.get(path, buffered=True) as answer:
            if answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin":
                open_to_all.add(endpoint)
    assert open_to_all <= ELSEWHERE
    assert "posts.card" in open_to_all


def post_card(client, post) -> str:
    return urlsplit(page(client.get(post.path)).select_one("meta[property='og:image']")["content"]).path


def test_a_304_says_all_that_the_page_did(client):
    a_post(live=True, slug="ships")
    for path in ("/posts/ships", "/feed.atom", "/posts/ships.md"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        check(again)


def test_each_page_has_a_word_of_its_own_for_its_script_and_none_is_kept(app, sign_in):
    admin = sign_in(an_admin())
    words = [page(admin.get("/write")).select_one("script[nonce]")["nonce"] for _ in range(3)]
    assert len(set(words)) == 3
    assert all(len(word) >= 22 for word in words)


def test_pages_about_what_broke_protect_as_well(client, sign_in, app, monkeypatch):
    monkeypatch.setitem(app.view_functions, "posts.index", lambda: 1 / 0)
    app.view_functions["posts.index"].access_rule = None
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    for browser in (client, sign_in(a_user())):
        answer = browser.get("/")
        assert answer.status_code == 500
        check(answer)


def test_the_bare_page_while_the_database_is_away_protects_as_well(tmp_path):
    app = app_on(f"sqlite:///{tmp_path}/nowhere/blog.db", tmp_path)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        for path in ("/", "/posts/x", "/readyz"):
            answer = app.test_client().get(path)
            assert answer.status_code == 503
            check(answer)
        the_db.engine.dispose()


def test_signing_out_makes_the_browser_forget_the_pages_but_not_what_was_typed(sign_in):
    answer = sign_in(a_user()).post("/auth/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache"'


# On HTTPS


@pytest.fixture
def secure_app(tmp_path):
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path, SITE_URL=SECURE, PAGE_CACHE="1")
    with app.app_context():
        the_db.create_all()
        yield app
        the_db.session.remove()
        the_db.engine.dispose()


def test_on_https_cookies_are_of_this_host_alone_and_browsers_stay_on_it(secure_app):
    a_user(email="ada@example.com", password=PASSWORD, name="Ada")
    a_post(live=True, slug="ships")
    the_db.session.commit()
    browser = secure_app.test_client()
    signed_in = browser.post("/auth/login", data={"email": "ada@example.com", "password": PASSWORD}, base_url=SECURE)
    assert signed_in.status_code == 302
    cookies = signed_in.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-session=") for cookie in cookies)
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in cookie
        assert "Domain" not in cookie
    assert "Ada" in browser.get("/posts/ships", base_url=SECURE).text
    assert browser.get("/posts/ships", base_url=SECURE).headers["Cache-Control"] == "no-store"
    stranger = secure_app.test_client()
    for _ in range(2):  # drawn, and from the shelf
        answer = stranger.get("/posts/ships", base_url=SECURE)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        check(answer, secure=True)
    for path in ("/nowhere", "/write", "/feed.atom", "/media/x"):
        check(stranger.get(path, base_url=SECURE), secure=True)


def test_a_cookie_of_the_old_name_or_from_a_neighbour_signs_nobody_in(secure_app):
    a_user(email="ada@example.com", password=PASSWORD)
    the_db.session.commit()
    browser = secure_app.test_client()
    browser.post("/auth/login", data={"email": "ada@example.com", "password": PASSWORD}, base_url=SECURE)
    kept = browser.get_cookie("__Host-session", domain="blog.example.org")
    other = secure_app.test_client()
    other.set_cookie("session", kept.value, domain="blog.example.org", secure=True)
    assert other.get("/auth/account", base_url=SECURE).status_code == 302
    assert browser.get("/auth/account", base_url=SECURE).status_code == 200
