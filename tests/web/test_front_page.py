"""The front page: what leads it, what stands beside, and the topics with their numbers."""

from datetime import timedelta

from factories import a_post, a_scheduled_post, an_editor, the_site
from looking import headlines, link, page, words

from blog.database import utcnow
from blog.models import PostKind


def ago(**how):
    return utcnow() - timedelta(**how)


def strip(answer) -> list[str]:
    return [heading.get_text() for heading in page(answer).select(".strip h3")]


def topics(answer, place=".side .tags") -> dict[str, str]:
    return {li.a.get_text(): li.select_one(".count").get_text() for li in page(answer).select(f"{place} li")}


def test_the_newest_featured_post_leads_the_next_stand_in_a_strip_and_none_is_repeated(client):
    the_site(posts_per_page=3)
    for n in range(5):
        a_post(live=True, title=f"Featured {n}", featured=True, published_at=ago(days=n + 10))
    for n in range(4):
        a_post(live=True, title=f"Plain {n}", published_at=ago(days=n + 1))
    first = client.get("/")
    assert page(first).select_one(".lead h2").get_text() == "Featured 0"
    assert strip(first) == ["Featured 1", "Featured 2", "Featured 3"]
    assert headlines(first)[1:] == ["Plain 0", "Plain 1", "Plain 2"]
    second = client.get(link(first, "Older"))
    assert page(second).select_one(".lead") is None
    assert strip(second) == []
    assert headlines(second) == ["Plain 3", "Featured 4"]


def test_a_site_of_one_post_shows_it(client):
    a_post(live=True, title="Only")
    assert headlines(client.get("/")) == ["Only"]


def test_topics_show_how_many_posts_readers_find_there(client):
    a_post(live=True, tags=["Rain", "Sun"])
    a_post(live=True, tags=["Rain"])
    a_scheduled_post(tags=["Rain", "Snow"])
    a_post(tags=["Fog"])
    a_post(live=True, tags=["Hail"], kind=PostKind.page)
    assert topics(client.get("/")) == {"Rain": "2 posts", "Sun": "1 post"}
    assert topics(client.get("/tags"), ".directory") == {"Rain": "2 posts", "Sun": "1 post"}
    assert "2 posts" in words(client.get("/tags/rain"))
    assert client.get("/tags/snow").status_code == client.get("/tags/hail").status_code == 404


def test_of_many_topics_the_front_page_shows_the_fullest_and_leads_to_all(client):
    me = an_editor()
    a_post(by=me, live=True, tags=[f"t{n}" for n in range(40)])
    a_post(by=me, live=True, tags=["t39"])
    answer = client.get("/")
    assert len(topics(answer)) == 30
    assert next(iter(topics(answer))) == "t39"
    assert link(answer, "All topics") == "/tags"
    assert len(topics(client.get("/tags"), ".directory")) == 40


def test_the_side_says_what_the_site_is_about(client):
    the_site(description="A river, by those who work it.")
    a_post(live=True)
    assert "A river, by those who work it." in page(client.get("/")).select_one(".side").get_text()
