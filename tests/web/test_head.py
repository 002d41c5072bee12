"""The head of a page: its one address, what it is about, and how it is shown elsewhere."""

import json
from datetime import timedelta

import pytest
from factories import a_post, a_user, an_editor, the_site
from looking import link, page

from blog.database import utcnow

HOSTILE = 'Fire </script><script>alert("1")</script> & <!-- \u2028 “ice”'


def structured(answer) -> dict[str, dict]:
    blocks = page(answer).select('script[type="application/ld+json"]')
    assert len(page(answer).select("script")) == len(blocks)
    return {thing["@type"]: thing for block in blocks for thing in json.loads(block.string)["@graph"]}


def metas(answer) -> dict[str, str]:
    return {meta.get("property") or meta.get("name"): meta["content"] for meta in page(answer).select("meta[content]")}


def canonical(answer) -> str:
    (found,) = page(answer).select('link[rel="canonical"]')
    return found["href"].removeprefix("http://localhost")


def test_a_post_tells_previews_what_it_is(client):
    the_site(title="The Long Room", language="en-GB")
    ada = an_editor(name="Ada", handle="ada")
    moment = utcnow() - timedelta(days=3)
    a_post(
        by=ada, live=True, slug="fire", title="Fire", summary="Hot", tags=["R&D"], published_at=moment, edited_at=moment
    )
    told = metas(client.get("/posts/fire"))
    assert told["description"] == told["og:description"] == "Hot"
    assert (told["og:type"], told["og:title"], told["og:site_name"]) == ("article", "Fire", "The Long Room")
    assert told["og:url"] == "http://localhost/posts/fire"
    assert told["og:locale"] == "en_GB"
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")
    assert told["og:image:alt"] == "Fire, by Ada, on The Long Room"
    assert told["twitter:card"] == "summary_large_image"
    assert told["article:published_time"] == told["article:modified_time"] == moment.isoformat(timespec="seconds")
    assert (told["article:author"], told["article:tag"]) == ("http://localhost/authors/ada", "R&D")


def test_a_post_describes_itself_to_search_engines_and_no_title_can_break_out(client):
    ada = an_editor(name="Ada <A>")
    a_post(by=ada, live=True, slug="fire", title=HOSTILE, tags=["</script>"])
    answer = client.get("/posts/fire")
    post = structured(answer)["BlogPosting"]
    assert post["headline"] == page(answer).h1.text
    assert "</script><script>" in post["headline"]
    assert post["author"][0]["name"] == "Ada <A>"
    assert post["mainEntityOfPage"] == "http://localhost/posts/fire"
    assert post["isAccessibleForFree"] is True
    assert structured(answer)["BreadcrumbList"]["itemListElement"][1]["position"] == 2


def test_the_text_of_a_members_post_is_in_no_head_whoever_asks(client, sign_in):
    a_post(live=True, members=True, slug="inside", title="Inside", body="The combination is four.")
    for browser in (client, sign_in(a_user())):
        answer = browser.get("/posts/inside")
        head = str(page(answer).head)
        assert "combination" not in head
        assert structured(answer)["BlogPosting"]["isAccessibleForFree"] is False
        assert "inside.md" not in head


def test_the_front_page_names_the_site_and_its_search(client):
    the_site(title="The Long Room", description="Mending things.")
    answer = client.get("/")
    site = structured(answer)["WebSite"]
    assert site["potentialAction"]["target"]["urlTemplate"] == "http://localhost/search?q={search_term_string}"
    assert metas(answer)["description"] == site["description"] == "Mending things."


def test_an_author_is_a_person_with_a_profile(client):
    ada = an_editor(name="Ada", handle="ada", biography="Counts.", website="https://ada.example.org")
    a_post(by=ada, live=True)
    answer = client.get("/authors/ada")
    profile = structured(answer)["ProfilePage"]
    assert profile["mainEntity"] == {
        "@type": "Person",
        "name": "Ada",
        "url": "http://localhost/authors/ada",
        "description": "Counts.",
        "sameAs": ["https://ada.example.org"],
    }
    assert metas(answer)["og:type"] == "profile"


@pytest.mark.parametrize("path", ["/", "/tags", "/tags/rain", "/authors", "/authors/ada", "/posts/fire"])
def test_every_page_has_one_address_and_a_description_whatever_the_query(client, path):
    a_post(by=an_editor(name="Ada", handle="ada"), live=True, slug="fire", tags=["Rain"])
    answer = client.get(f"{path}?utm_source=x&fbclid=y")
    assert canonical(answer) == path
    told = metas(answer)
    assert told["description"]
    assert told["og:image"].startswith("http://localhost/")


@pytest.mark.parametrize("path", ["/", "/tags/rain", "/authors/ada"])
def test_each_page_of_a_list_is_its_own_and_says_that_it_goes_on(client, path):
    the_site(posts_per_page=2)
    ada = an_editor(name="Ada", handle="ada")
    for _ in range(6):
        a_post(by=ada, live=True, tags=["Rain"])
    first = client.get(path)
    older = link(first, "Older")
    second = client.get(f"{older}&utm=x")
    assert canonical(second) == older
    assert page(second).title.text != page(first).title.text
    assert "older posts" in page(second).title.text
    assert not structured(second)


def test_what_nobody_should_find_says_so_and_tells_nothing(client, sign_in):
    ada = an_editor()
    draft = a_post(by=ada)
    told = metas(sign_in(ada).get(f"/write/posts/{draft.id}/preview"))
    assert told["robots"] == "noindex"
    assert "og:title" not in told
    assert metas(client.get("/nowhere"))["robots"] == "noindex"
