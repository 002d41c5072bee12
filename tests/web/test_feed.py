"""The feed: for machines, and for readers who are elsewhere."""

from datetime import timedelta
from xml.etree import ElementTree

import feedparser
from factories import a_post, a_user, an_editor, the_site
from looking import rewrite

from blog.database import utcnow

ATOM = "{http://www.w3.org/2005/Atom}"
PICTURE = "/media/ab/ab" + "0" * 30 + "-64x40.png"


def parsed(answer):
    feed = feedparser.parse(answer.data)
    assert feed.bozo == 0, feed.get("bozo_exception")
    ElementTree.fromstring(answer.data)
    return feed


def test_a_feed_without_posts_is_a_sound_feed(client):
    answer = client.get("/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert parsed(answer).entries == []


def test_the_feed_has_the_newest_posts_in_full_with_absolute_links(client):
    the_site(title="Ash & <Iron>", tagline='"Quoted" & more')
    ada, bob = an_editor(name="Ada <A>"), an_editor(name="Bob")
    post = a_post(
        by=ada,
        live=True,
        co_authors=[bob],
        title="Fire & <b>",
        slug="fire",
        summary="Hot & dry",
        tags=["R&D"],
        language="fr",
        body=f"[there](/posts/x) ![p]({PICTURE}) [up](#top)\n\n## Top",
    )
    feed = parsed(client.get("/feed.atom"))
    assert (feed.feed.title, feed.feed.subtitle) == ("Ash & <Iron>", '"Quoted" & more')
    (entry,) = feed.entries
    assert entry.title == "Fire & <b>"
    assert entry.id == f"urn:uuid:{post.uid}"
    assert entry.link == "http://localhost/posts/fire"
    assert [author.name for author in entry.authors] == ["Ada <A>", "Bob"]
    assert entry.summary == "Hot & dry"
    assert (entry.tags[0].term, entry.tags[0].label) == ("r-d", "R&D")
    html = entry.content[0].value
    assert 'href="http://localhost/posts/x"' in html
    assert f'src="http://localhost{PICTURE}"' in html
    assert 'href="http://localhost/posts/fire#top"' in html
    assert ' href="/' not in html


def test_links_in_the_feed_follow_the_address_of_the_site(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "https://blog.example.org")
    a_post(live=True, slug="fire", body="[there](/tags)")
    feed = parsed(client.get("/feed.atom", base_url="http://spoofed.example"))
    assert feed.entries[0].link == "https://blog.example.org/posts/fire"
    assert "spoofed" not in client.get("/feed.atom", base_url="http://spoofed.example").text


def test_the_feed_holds_twenty_posts_newest_first(client):
    for n in range(23):
        a_post(live=True, title=f"No. {n}", published_at=utcnow() - timedelta(hours=n + 1))
    assert [entry.title for entry in parsed(client.get("/feed.atom")).entries] == [f"No. {n}" for n in range(20)]


def test_a_post_keeps_its_name_in_the_feed_when_it_moves(client, sign_in):
    ada = an_editor()
    post = a_post(by=ada, live=True, slug="before")
    before = parsed(client.get("/feed.atom")).entries[0]
    rewrite(sign_in(ada), post.id, "publish", slug="after", title="Anew")
    after = parsed(client.get("/feed.atom")).entries[0]
    assert after.id == before.id
    assert after.published == before.published
    assert (before.link, after.link) == ("http://localhost/posts/before", "http://localhost/posts/after")


def test_characters_that_no_xml_may_hold_are_left_out(client):
    bad = "a\x01\x08\x0b\x1f\ufffe\uffffz"
    a_post(live=True, title=bad, summary=bad, body=bad, by=an_editor(name=f"N{bad}"), tags=[bad])
    (entry,) = parsed(client.get("/feed.atom")).entries
    assert (entry.title, entry.summary, entry.author) == ("az", "az", "Naz")


def test_the_feed_of_members_posts_is_that_of_a_stranger_whoever_asks(client, sign_in):
    a_post(live=True, members=True, title="Inside", body="The combination is four.")
    assert "combination" not in sign_in(a_user()).get("/feed.atom").text
    (entry,) = parsed(client.get("/feed.atom")).entries
    assert entry.title == "Inside"
    assert "content" not in entry
    assert entry.summary == "This post is for members."


def test_a_feed_that_has_not_changed_is_not_sent_again(client):
    a_post(live=True)
    tag = client.get("/feed.atom").headers["ETag"]
    again = client.get("/feed.atom", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    a_post(live=True)
    assert client.get("/feed.atom", headers={"If-None-Match": tag}).status_code == 200
