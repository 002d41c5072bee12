"""What crawlers ask for: sitemap, robots.txt, security.txt."""

from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from factories import a_binned_post, a_page, a_post, a_scheduled_post, an_editor, the_site
from sqlalchemy import update

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Post, PostKind
from blog.posts import sitemap

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(answer) -> list[str]:
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    found = [loc.text for loc in ElementTree.fromstring(answer.data).iter(f"{SPACE}loc")]
    assert all(place.startswith("http://localhost/") for place in found)
    assert len(found) == len(set(found))
    return [place.removeprefix("http://localhost") for place in found]


def everything(client) -> list[str]:
    return [place for part in places(client.get("/sitemap.xml")) for place in places(client.get(part))]


def test_the_sitemap_has_every_page_that_anyone_may_see_and_no_other(client):
    ada = an_editor(name="Ada", handle="ada")
    a_post(by=ada, live=True, slug="fire", tags=["Rain"])
    a_post(by=ada, live=True, members=True, slug="inside")
    a_post(by=ada, live=True, slug="about", kind=PostKind.page)
    for make in (a_post, a_scheduled_post, a_binned_post):
        make(by=an_editor(), tags=["Secret"])
    found = places(client.get("/sitemap.xml"))
    assert {"/", "/tags", "/authors", "/posts/fire", "/posts/inside", "/about", "/tags/rain", "/authors/ada"} <= set(
        found
    )
    assert {place for place in found if place not in ("/archive",)} == {
        *("/", "/tags", "/authors", "/posts/fire", "/posts/inside", "/about", "/tags/rain", "/authors/ada")
    }


def test_the_sitemap_says_when_a_post_last_changed(client):
    edited = utcnow() - timedelta(days=1)
    a_post(live=True, slug="fire", published_at=utcnow() - timedelta(days=9), edited_at=edited)
    for url in ElementTree.fromstring(client.get("/sitemap.xml").data):
        if url[0].text.endswith("/fire"):
            assert datetime.fromisoformat(url[1].text) == edited.replace(microsecond=0)
            break
    else:
        pytest.fail("the post is not there")


def test_a_large_site_has_an_index_whose_parts_hold_every_address_once(client, monkeypatch):
    writers = [an_editor() for _ in range(4)]
    posts = [a_post(by=writers[n % 4], live=n % 5 != 0, tags=[f"T{n % 7}"]) for n in range(23)]
    a_post(by=writers[0], live=True, slug="about", kind=PostKind.page)
    whole = set(places(client.get("/sitemap.xml")))
    monkeypatch.setattr(sitemap, "MOST", 5)
    found = everything(client)
    assert set(found) == whole
    assert len(found) == len(whole)
    assert posts[0].path not in whole
    assert all(place.startswith("/sitemap-") for place in places(client.get("/sitemap.xml")))


def test_every_part_costs_the_same_and_an_empty_one_is_not_there(client, monkeypatch, queries):
    monkeypatch.setattr(sitemap, "MOST", 3)
    author = an_editor()
    for _ in range(20):
        a_post(by=author, live=True)
    parts = [part for part in places(client.get("/sitemap.xml")) if "-posts-" in part]
    costs = []
    for part in parts[1:]:
        with queries() as seen:
            client.get(part)
        costs.append(len(seen))
    assert set(costs) == {2}
    for path in ("/sitemap-posts-0.xml", "/sitemap-posts-99999999.xml", "/sitemap-tags-1.xml", "/sitemap-cats-1.xml"):
        assert client.get(path).status_code == 404


def test_a_sitemap_that_has_not_changed_is_not_sent_again(client):
    tag = client.get("/sitemap.xml").headers["ETag"]
    assert client.get("/sitemap.xml", headers={"If-None-Match": tag}).status_code == 304


def test_crawlers_may_read_what_readers_may_and_learn_where_the_sitemap_is(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "https://blog.example.org")
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /auth/", "Disallow: /admin/", "Disallow: /write/"} <= set(lines)
    assert lines[-1] == "Sitemap: https://blog.example.org/sitemap.xml"


def test_who_finds_a_weakness_learns_whom_to_tell(client, app, monkeypatch):
    assert client.get("/.well-known/security.txt").status_code == 404
    monkeypatch.setitem(app.config, "SECURITY_CONTACT", "mailto:security@example.org")
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    told = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert told["Contact"] == "mailto:security@example.org"
    assert told["Preferred-Languages"] == "en"
    assert told.keys() == {"Contact", "Expires", "Preferred-Languages"}  # an address of http may not stand there
    ahead = datetime.fromisoformat(told["Expires"]) - utcnow()
    assert timedelta(days=100) < ahead < timedelta(days=365)


def test_security_txt_names_its_own_address_and_the_policy_where_there_is_one(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "SECURITY_CONTACT", "https://example.org/report")
    monkeypatch.setitem(app.config, "SITE_URL", "https://blog.example.org")
    the_site(language="pt-BR")

    def told() -> dict[str, str]:
        answer = client.get("/.well-known/security.txt")
        return dict(line.split(": ", 1) for line in answer.text.splitlines())

    a_page(slug="security")
    assert told()["Canonical"] == "https://blog.example.org/.well-known/security.txt"
    assert told()["Preferred-Languages"] == "pt-BR, en"
    assert "Policy" not in told()
    the_db.session.execute(update(Post).values(published_at=utcnow()))
    assert told()["Policy"] == "https://blog.example.org/security"
