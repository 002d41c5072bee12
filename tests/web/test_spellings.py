"""One verdict for every spelling of a path: it leads to the page, or there is no such page, whoever asks and how."""

import re
import sys
import time
import unicodedata
from contextvars import Context
from urllib.parse import unquote_to_bytes

import pytest
from factories import a_post, an_admin
from looking import page
from werkzeug.test import Client, create_environ, run_wsgi_app

from blog.models import PostKind, Redirect
from blog.text import plain_path

PAGES = ("/", "/posts/ships", "/posts/käse-日本", "/tags", "/tags/sea", "/authors", "/authors/ada", "/feed.atom")
PRIVATE = ("/write", "/write/posts/new", "/admin", "/admin/redirects", "/auth/account", "/auth/login")


@pytest.fixture
def site(app, db):
    """Asks over the bare WSGI interface, for which a path is bytes that the server has decoded once."""
    ada = an_admin(name="Ada")
    a_post(live=True, by=ada, slug="ships", tags=["Sea"])
    a_post(live=True, by=ada, slug="käse-日本")
    a_post(live=True, by=ada, slug="about", kind=PostKind.page)
    a_post(live=True, by=ada, slug="taken-back").unpublish(base=1, by=ada)
    a_post(live=True, by=ada, slug="old-name").revise(base=1, by=None, slug="new-name")
    db.session.add(Redirect(path="/2019/old.html", target="/posts/ships"))
    db.session.commit()

    def ask(raw: str, *, method: str = "GET", query: str = ""):
        environ = create_environ("/", method=method, query_string=query)
        environ["PATH_INFO"] = unquote_to_bytes(raw).decode("latin-1")
        body, status, headers = Context().run(run_wsgi_app, app, environ, buffered=True)
        return int(status.split()[0]), headers, b"".join(body)

    return ask


def followed(site, raw):
    """The verdict at the end of all redirects, how many they were, and where it ended."""
    hops = 0
    status, headers, _ = site(raw)
    while status == 301:
        raw = headers["Location"]
        assert raw.startswith("/"), raw
        assert not raw.startswith(("//", "/\\", "/%5C", "/%09")), raw
        assert raw.isascii()
        hops += 1
        assert hops < 3, "a loop"
        status, headers, _ = site(raw.partition("?")[0])
    return status, hops, unquote_to_bytes(raw).decode("utf-8", "replace")


def upper(path):
    return path.upper()


def decomposed(path):
    return unicodedata.normalize("NFD", path)


SPELLINGS = [
    lambda path: path + "/",
    lambda path: path + "//",
    lambda path: path.replace("/", "//"),
    lambda path: "//" + path,
    lambda path: "/." + path,
    lambda path: "/%2e" + path,
    lambda path: "/%2E/." + path,
    lambda path: path + "/.",
    lambda path: path.replace("/", "%2f"),
    lambda path: path.replace("/", "%2F/"),
    lambda path: "".join(f"%{byte:02x}" for byte in path.encode()),
    upper,
    decomposed,
    lambda path: "/" + decomposed(upper(path)) + "/./",
]
NO_PAGES = [
    lambda path: path.rstrip("/") + ";jsessionid=1",
    lambda path: path.rstrip("/") + "%09",
    lambda path: path.rstrip("/") + "%0d%0aSet-Cookie:x",
    lambda path: path.rstrip("/") + "%20",
    lambda path: path.rstrip("/") + "%00",
    lambda path: path.rstrip("/") + "%5c",
    lambda path: "/%5cevil.example" + path,
    lambda path: "/%09/evil.example" + path,
    lambda path: "/x/.." + path,
    lambda path: "/%2e%2e" + path,
    lambda path: "/x/%2E%2E" + path,
    lambda path: path.rstrip("/") + "/..",
    lambda path: path.rstrip("/") + "%252f",
    lambda path: "/%252e" + path,
    lambda path: path.rstrip("/") + "/" + "x" * 10_000,
    lambda path: path.rstrip("/") + "/" * 2 + "X" * 10_000 + "/",
    lambda path: path.rstrip("/") + "%ff",
    lambda path: path.rstrip("/") + "%ed%a0%80",
]


@pytest.mark.parametrize("path", [*PAGES, *PRIVATE])
def test_every_spelling_of_a_page_leads_to_it_in_one_step(site, path):
    verdict, hops, _ = followed(site, path)
    assert hops == 0
    assert verdict == (200 if path in PAGES or path == "/auth/login" else 302)
    for number, spell in enumerate(SPELLINGS):
        status, hops, end = followed(site, spell(path))
        assert (status, end) == (verdict, path), (number, spell(path))
        assert hops <= 1, (number, spell(path))


@pytest.mark.parametrize("path", [*PAGES, *PRIVATE])
def test_what_is_not_a_spelling_of_a_page_is_no_page(site, path):
    for number, spoil in enumerate(NO_PAGES):
        assert followed(site, spoil(path))[0] == 404, (number, spoil(path)[:60])


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("/posts/OLD-name/", "/posts/new-name"),
        ("//posts/./Old-Name", "/posts/new-name"),
        ("/2019/OLD.html/", "/posts/ships"),
        ("/2019//old%2Ehtml", "/posts/ships"),
        ("/Posts/New-Name/", "/posts/new-name"),
    ],
)
def test_another_spelling_of_an_old_address_is_one_step_too(site, path, end):
    assert followed(site, path) == (200, 1, end)


@pytest.mark.parametrize("path", ["/posts/taken-back", "/Posts/TAKEN-back/", "//posts/./taken-back"])
def test_what_is_gone_is_gone_in_every_spelling(site, path):
    assert followed(site, path)[0] == 410


@pytest.mark.parametrize("path", ["/auth/link/SECRET", "/auth/link/secret/", "/setup/Secret//", "/AUTH/link/%2e/x"])
def test_where_secrets_stand_in_addresses_no_spelling_is_mended(site, path):
    status, headers, _ = site(path)
    assert status == 404
    assert "Location" not in headers


@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        ("/Tags/", "before=x&q=a%20b", "/tags?before=x&q=a%20b"),
        ("/POSTS/käse-日本/", "a=b", "/posts/k%C3%A4se-%E6%97%A5%E6%9C%AC?a=b"),
        ("/tags/", "x=\xe4\xf6", "/tags?x=%C3%A4%C3%B6"),
        ("/2019/old.html", "p=1", "/posts/ships"),
        ("/posts/old-name/", "p=1", "/posts/new-name"),
    ],
)
def test_another_spelling_keeps_the_question_and_another_address_does_not(site, path, query, location):
    assert site(path, query=query)[1]["Location"] == location


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        *PRIVATE,
        "/Tags/",
        "/nothing",
        "/posts/taken-back",
        "/posts/old-name",
        "/2019/old.html",
        "/tags/none",
        "/%2e%2e/x",
        "/healthz",
        "/static/icon.svg",
        "/" + "x" * 10_000,
    ],
)
def test_head_answers_as_get_does_without_the_words(site, path):
    status, headers, body = site(path)
    bare_status, bare_headers, bare_body = site(path, method="HEAD")
    assert bare_status == status
    assert bare_body == b""
    varying = {"Date", "Set-Cookie"}
    told = [
        {name: re.sub(r"'nonce-[^']+'", "", value) for name, value in these.items() if name not in varying}
        for these in (headers, bare_headers)
    ]
    assert told[0] == told[1]
    assert body or status == 304


@pytest.mark.parametrize(
    "path",
    [
        "/posts/" + "x" * 10_000,
        "/tags/" + "%C3%84" * 3_000,
        "/authors/" + "e%CC%81" * 3_000,
        "/" + "/" * 10_000 + "x",
        "/" + "./" * 5_000 + "x",
        "/" + "../" * 3_000 + "x",
        "/" + "a/" * 5_000,
        "/auth/" + "a/" * 5_000,
    ],
)
def test_a_path_of_ten_kilobytes_is_answered_fast(site, path):
    began = time.monotonic()
    assert followed(site, path)[0] == 404
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    "path", ["/tags?before=x", "/tags?after=", "/?before=%00", "/tags/none", "/authors/none", "/posts/none"]
)
def test_what_nobody_wrote_is_no_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert page(answer).select_one(".masthead")


def test_the_plain_spelling_of_a_plain_spelling_is_itself():
    for number in range(sys.maxunicode + 1):
        once = plain_path(f"/a{chr(number)}b/{chr(number)}")
        assert plain_path(once) == once, hex(number)


def test_digits_of_other_scripts_are_no_year(client, db):
    a_post(live=True)
    assert client.get("/archive/%D9%A2%D9%A0%D9%A2%D9%A6").status_code == 404


@pytest.mark.parametrize("host", ["a..b", ".", "a" * 64, "x." + "b" * 64 + ":80", "a" * 5_000])
def test_a_host_that_cannot_be_is_told_so_in_plain_words(app, db, host):
    for path in ("/", "/healthz", "/nothing"):
        answer = Context().run(Client(app).get, path, headers={"Host": host})
        assert answer.status_code == 400, path
        assert answer.mimetype == "text/plain"
