"""Feeds in three formats, of the site, of a tag and of an author."""

import json
import re
from datetime import timedelta

import feedparser
import pytest
from factories import a_post, a_scheduled_post, a_user, an_editor, the_site
from looking import page, rewrite

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Post, Site, Tag, User

PLACES = ("", "/tags/rain", "/authors/ada")
KINDS = ("atom", "rss", "json")
ALL = [f"{place}/feed.{kind}" for place in PLACES for kind in KINDS]
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@pytest.fixture
def ada(db):
    return an_editor(name="Ada", handle="ada")


def read(answer):
    """Title, address of the next page, and entries as (id, title, html or none), of whatever kind of feed."""
    if answer.mimetype == "application/feed+json":
        feed = json.loads(answer.data)
        entries = [(item["id"], item["title"], item.get("content_html")) for item in feed["items"]]
        return feed["title"], feed.get("next_url"), entries
    feed = feedparser.parse(answer.data, sanitize_html=False)
    assert feed.bozo == 0, feed.get("bozo_exception")
    following = next((link.href for link in feed.feed.links if link.rel == "next"), None)
    entries = [(e.id, e.title, e.content[0].value if "content" in e else None) for e in feed.entries]
    return feed.feed.title, following, entries


@pytest.mark.parametrize("path", ALL)
def test_a_feed_has_its_posts_in_full_with_whole_addresses(client, ada, path):
    post = a_post(
        by=ada, live=True, slug="fire", title="Fire & “ice”", tags=["Rain"], body="[a](/tags) [b](../x?y=1&z=2) [c](#d)"
    )
    a_scheduled_post(by=ada, tags=["Rain"])
    answer = client.get(path)
    assert answer.headers["Content-Type"] == f"{TYPES[path.rpartition('.')[2]]}; charset=utf-8"
    title, following, ((uid, headline, html),) = read(answer)
    assert title.endswith("Masthead")
    assert following is None
    assert (uid, headline) == (f"urn:uuid:{post.uid}", "Fire & “ice”")
    addresses = re.findall(r'href="([^"]*)"', html)
    assert addresses == [
        "http://localhost/tags",
        "http://localhost/x?y=1&amp;z=2",
        "http://localhost/posts/fire#d",
    ]


@pytest.mark.parametrize("path", ALL)
def test_a_members_post_is_in_a_feed_without_its_text_whoever_asks(client, sign_in, ada, path):
    a_post(by=ada, live=True, members=True, tags=["Rain"], body="The combination is four.", summary="Of locks.")
    for browser in (client, sign_in(a_user())):
        answer = browser.get(path)
        assert "combination" not in answer.text
        assert "Of locks." in answer.text


@pytest.mark.parametrize("path", ALL)
def test_following_the_pages_of_a_feed_reads_every_post_once(client, ada, path):
    for n in range(45):
        a_post(by=ada, live=True, title=f"No. {n}", tags=["Rain"], published_at=utcnow() - timedelta(hours=n + 1))
    titles, sizes, address = [], [], path
    while address:
        _, address, entries = read(client.get(address))
        titles += [title for _, title, _ in entries]
        sizes.append(len(entries))
    assert titles == [f"No. {n}" for n in range(45)]
    assert sizes == [20, 20, 5]


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_page_of_a_feed_names_itself_the_first_the_next_and_the_one_before(client, kind):
    for n in range(45):
        a_post(live=True, published_at=utcnow() - timedelta(hours=n + 1))
    first = feedparser.parse(client.get(f"/feed.{kind}").data).feed.links
    second_at = next(link.href for link in first if link.rel == "next")
    second = {link.rel: link.href for link in feedparser.parse(client.get(second_at + "&utm=x").data).feed.links}
    assert second["self"] == second_at
    assert second["first"] == f"http://localhost/feed.{kind}"
    assert "?after=" in second["previous"]
    back = feedparser.parse(client.get(second["previous"]).data)
    assert len(back.entries) == 20


@pytest.mark.parametrize("path", ALL)
def test_a_feed_costs_at_most_six_queries_however_many_posts_it_has(client, ada, queries, path):
    seen = []
    for number in (1, 30):
        for _ in range(number):
            a_post(by=ada, live=True, tags=["Rain", "Wind"], co_authors=[an_editor()])
        with queries() as count:
            client.get(path)
        seen.append(len(count))
    assert seen[0] == seen[1] <= 6


@pytest.mark.parametrize("kind", KINDS)
def test_who_or_what_lists_nothing_has_no_feed(client, ada, kind):
    a_post(by=ada, tags=["Rain"])
    for path in (f"/tags/rain/feed.{kind}", f"/authors/ada/feed.{kind}", f"/tags/none/feed.{kind}", "/feed.xml"):
        assert client.get(path).status_code == 404
    assert client.get(f"/feed.{kind}?before=broken").status_code == 404


def settled():
    """As if all this had been done a while ago: what changes now could change again within the second."""
    for model in (Post, Site, Tag, User):
        the_db.session.execute(model.__table__.update().values(updated_at=utcnow() - timedelta(hours=1)))


@pytest.mark.parametrize("path", ALL)
def test_a_feed_is_sent_again_only_when_it_has_changed(client, ada, path):
    a_post(by=ada, live=True, tags=["Rain"])
    settled()
    first = client.get(path)
    etag, since = first.headers["ETag"], first.headers["Last-Modified"]
    for asked in ({"If-None-Match": etag}, {"If-Modified-Since": since}):
        again = client.get(path, headers=asked)
        assert (again.status_code, again.data) == (304, b"")
    # The name of the content is the better witness of the two.
    assert client.get(path, headers={"If-None-Match": '"other"', "If-Modified-Since": since}).status_code == 200


def test_whoever_knows_only_the_date_also_learns_that_a_post_was_taken_back_or_an_author_renamed(client, sign_in, ada):
    a_post(by=ada, live=True)
    gone = a_post(by=ada, live=True)
    settled()
    since = {"If-Modified-Since": client.get("/feed.atom").headers["Last-Modified"]}
    rewrite(sign_in(ada), gone.id, press="unpublish")
    assert client.get("/feed.atom", headers=since).status_code == 200
    settled()
    since = {"If-Modified-Since": client.get("/feed.atom").headers["Last-Modified"]}
    ada.name = "Ada King"
    the_db.session.flush()
    assert client.get("/feed.atom", headers=since).status_code == 200


def test_a_json_feed_says_what_its_standard_asks_for(client, ada):
    the_site(title="Ash & <Iron>", tagline="A blog", language="fr")
    moment = utcnow() - timedelta(days=3)
    a_post(by=ada, live=True, slug="fire", summary="Hot", language="de", tags=["R&D"], published_at=moment)
    a_post(by=ada, live=True, members=True, published_at=moment - timedelta(days=1))
    feed = json.loads(client.get("/feed.json?utm=x").data)
    items = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Ash & <Iron>",
        "description": "A blog",
        "home_page_url": "http://localhost/",
        "feed_url": "http://localhost/feed.json",
        "icon": "http://localhost/icon-512.png",
        "favicon": "http://localhost/favicon.ico",
        "language": "fr",
    }
    first, second = items
    assert first["url"] == "http://localhost/posts/fire"
    assert first["authors"] == [{"name": "Ada", "url": "http://localhost/authors/ada"}]
    assert (first["tags"], first["language"], first["summary"]) == (["R&D"], "de", "Hot")
    assert first["date_published"] == moment.isoformat(timespec="seconds")
    assert "content_html" not in second
    assert second["content_text"] == "This post is for members."


def test_a_page_of_a_tag_or_an_author_names_its_own_feeds_and_those_of_the_site(client, ada):
    a_post(by=ada, live=True, tags=["Rain"])
    for place in PLACES:
        links = page(client.get(place or "/")).select('link[rel="alternate"]')
        wanted = {f"{where}/feed.{kind}" for where in {"", place} for kind in KINDS}
        assert {link["href"] for link in links} == wanted
        assert all(client.get(link["href"]).mimetype == link["type"] for link in links)
