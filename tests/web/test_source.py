"""The Markdown of what is out."""

import pytest
import yaml
from factories import a_binned_post, a_post, a_scheduled_post, a_user, an_editor
from looking import rewrite

from blog.models import PostKind


def test_the_markdown_of_a_post_comes_with_its_facts(client):
    a_post(
        by=an_editor(name="Ada"), live=True, slug="fire", title="Fire: & “ice”", tags=["Rain"], body="# One\n\n*two*"
    )
    answer = client.get("/posts/fire.md")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    _, facts, body = answer.text.split("---\n", 2)
    facts = yaml.safe_load(facts)
    assert (facts["title"], facts["authors"], facts["tags"]) == ("Fire: & “ice”", ["Ada"], ["Rain"])
    assert facts["canonical"] == "http://localhost/posts/fire"
    assert body == "\n# One\n\n*two*\n"
    assert client.get("/posts/fire.md", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_markdown_of_a_page_stands_beside_the_page(client):
    a_post(live=True, slug="about", kind=PostKind.page)
    assert client.get("/about.md").status_code == 200
    assert client.get("/posts/about.md").location == "/about.md"


@pytest.mark.parametrize("make", [a_post, a_scheduled_post, a_binned_post])
def test_what_is_not_out_has_no_markdown(client, sign_in, make):
    ada = an_editor()
    make(by=ada, slug="secret")
    for browser in (client, sign_in(ada)):
        assert browser.get("/posts/secret.md").status_code == 404


def test_members_read_the_markdown_of_what_is_for_members_and_strangers_sign_in_first(client, sign_in):
    a_post(live=True, members=True, slug="inside", body="The combination is four.")
    assert "combination" in sign_in(a_user()).get("/posts/inside.md").text
    answer = client.get("/posts/inside.md")
    assert "combination" not in answer.text
    assert answer.location.startswith("/auth/login")


def test_an_earlier_address_leads_to_the_markdown_of_now(client, sign_in):
    ada = an_editor()
    post = a_post(by=ada, live=True, slug="before")
    rewrite(sign_in(ada), post.id, "publish", slug="after")
    answer = client.get("/posts/before.md")
    assert (answer.status_code, answer.location) == (301, "/posts/after.md")
