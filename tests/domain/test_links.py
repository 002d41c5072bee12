"""Links that people type."""

import pytest

from blog import links

HOSTILE = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x",
    "file:///etc/passwd",
    "mailto:a@b",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/a b",
    "/\u202egnp",
    "http://example.com",
    "https:example.com",
    "https:///example.com",
    "https://",
    "https://ex ample.com",
    "https://bank.example@evil.example/",
    "https://user:word@evil.example/",
    "https://[",
    "https://example.com:99999/",
    "https://example.com:port/",
    "https://exa<mple.com",
    "about",
    "../about",
    "?q=x",
    "#top",
    "",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_leads_where_none_of_ours_may_is_refused_and_its_line_named(address):
    with pytest.raises(links.UnfitLinkError, match=r"^Line 2: "):
        links.read(f"Posts | /\nGo | {address}")


@pytest.mark.parametrize(
    "address",
    ["/", "/about", "/من-نحن", "/search?q=wood&tag=oak", "/about#team", "https://example.com",
     "https://example.com:8443/a?b=c#d", "https://bücher.example/", "https://[2001:db8::1]/", "/%5Cx"],
)  # fmt: skip
def test_a_path_of_this_site_and_another_site_by_https_are_taken(address):
    assert links.read(f"Go | {address}") == [["Go", address]]


def test_links_are_read_line_by_line_and_written_as_they_are_read():
    typed = "  Posts |  / \r\n\r\nThis | and that|/about\nتواصل | /contact\n"
    read = links.read(typed)
    assert read == [["Posts", "/"], ["This | and that", "/about"], ["تواصل", "/contact"]]
    assert links.read(links.written(read)) == read
    assert links.read("") == links.read(" \n \n") == []


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("About /about", "Line 1: Part the words from the address with a bar"),
        ("| /about", "Line 1: Give it a name"),
        ("\n\n" + "x" * 41 + " | /", "Line 3: Give it a name of 1 to 40"),
        ("x | /" + "y" * 300, "Line 1: An address has at most 300"),
        ("x | /\n" * 13, "At most 12 links; these are 13."),
    ],
)
def test_what_is_wrong_with_a_line_is_said(typed, fault):
    with pytest.raises(links.UnfitLinkError, match=f"^{fault}"):
        links.read(typed)


def test_twelve_links_fit():
    assert len(links.read("x | /\n" * 12)) == 12


@pytest.mark.parametrize(
    ("address", "path", "place"),
    [
        ("/", "/", "page"),
        ("/", "/tags", ""),
        ("/tags", "/tags", "page"),
        ("/tags", "/tags/wood", "true"),
        ("/tags", "/tagsandmore", ""),
        ("/about#team", "/about", "page"),
        ("/%D9%85%D9%86", "/من", "page"),
        ("/من", "/من", "page"),
        ("/search?q=wood", "/search", ""),
        ("https://example.com/tags", "/tags", ""),
    ],
)
def test_a_link_knows_whether_a_reader_is_there(address, path, place):
    assert links.place(address, path) == place


@pytest.mark.parametrize("address", ["https://example.com/me", "http://example.com"])
def test_a_website_may_be_of_either_kind_of_web_address(address):
    assert links.is_web_address(address, "https", "http")


@pytest.mark.parametrize("address", [one for one in HOSTILE if one != "http://example.com"] + ["/about", "ftp://x.y"])
def test_and_nothing_else_is_a_website(address):
    assert not links.is_web_address(address, "https", "http")
