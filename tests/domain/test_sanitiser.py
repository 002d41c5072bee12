"""What is left of hostile HTML: nothing that acts, nothing loaded from elsewhere, nothing that poses as the page."""

import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from blog.markdown import render
from blog.sanitiser import DEEPEST, MOST_WIDTHS, sanitised

OURS = "/media/ab/ab" + "0" * 30 + "-1200x800.png"
FORBIDDEN = {
    *("script", "style", "link", "meta", "base", "html", "head", "body", "title", "template", "noscript"),
    *("iframe", "frame", "frameset", "object", "embed", "applet", "portal", "svg", "math", "canvas", "marquee"),
    *("form", "button", "textarea", "select", "option", "audio", "video", "source", "track", "xmp", "plaintext"),
}
SCHEMES = {"", "http", "https", "mailto", "tel"}
ADDRESSES = {"href", "src", "cite", "action", "formaction", "poster", "background", "data", "srcset", "xlink:href"}


class Seen(HTMLParser):
    """Every tag and attribute in a piece of HTML, and what is wrong with them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.feed(html)
        self.close()
        self.faults += [f"two of id {one}" for one, number in self.ids.items() if number > 1]

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        if tag in FORBIDDEN:
            self.faults.append(f"<{tag}>")
        for name, value in attributes:
            self.see(tag, name, value or "")

    def see(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in {"style", "srcdoc", "target", "name", "ping", "download"}:
            self.faults.append(f"<{tag} {name}>")
        if name in ADDRESSES and scheme_of(value) not in SCHEMES:
            self.faults.append(f"<{tag} {name}={value}>")
        if name == "src" and not value.startswith("/media/"):
            self.faults.append(f"<{tag} src={value}> would be loaded")
        if name == "id":
            self.ids[value] += 1
            if value.startswith("site-"):
                self.faults.append(f"<{tag}> poses as #{value}")

    def handle_comment(self, data):
        self.faults.append("a comment")

    def handle_decl(self, decl):
        self.faults.append("a declaration")

    def handle_pi(self, data):
        self.faults.append("a processing instruction")

    unknown_decl = handle_decl


def scheme_of(address: str) -> str:
    """As browsers read it: without spaces and controls before it, or tabs and line breaks in it."""
    plain = re.sub(r"[\t\r\n]", "", re.sub(r"^[\x00-\x20]+", "", address))
    found = re.match(r"([a-z][a-z0-9+.-]*):", plain, re.IGNORECASE)
    return found[1].lower() if found else ""


@pytest.mark.parametrize(
    "bad",
    [
        "<script>",
        "<p onclick=x>",
        "<p style=x>",
        "<a href='java\tscript:x'>",
        "<a href=' javascript:x'>",
        "<img src=//x>",
        "<i id=a><i id=a>",
        "<i id=site-nav>",
        "<svg>",
        "<!-- a -->",
        "<a target=_blank>",
        "<blockquote cite=data:x>",
    ],
)
def test_these_tests_would_see_a_fault(bad):
    assert Seen(bad).faults


def hostile(corpora, name: str) -> list[str]:
    file = corpora / name
    if file.suffix == ".txt":
        return file.read_text().splitlines()
    rows = json.loads(file.read_text())
    return [row if isinstance(row, str) else row.get("payload", row.get("input")) for row in rows]


@pytest.mark.parametrize(
    ("name", "at_least"),
    [
        ("xss-bleach/strings.json", 250),
        ("xss-bleach/data-tests.json", 20),
        ("xss-dompurify/expect.json", 100),
        ("xss-payloadbox/payloads.txt", 3000),
    ],
)
def test_nothing_in_a_collection_of_attacks_survives(corpora, name, at_least):
    attacks = hostile(corpora, name)
    assert len(attacks) >= at_least
    for attack in attacks:
        for body in (attack, f"[a]({attack}) ![a]({attack})\n\n<p title='{attack}'>\n\na {attack}"):
            rendered = render(body)
            assert not Seen(rendered.html).faults, (body, rendered.html)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#10;script:alert(1)",
        "&#1;javascript:alert(1)",
        "&#x6A;avascript&colon;alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "blob:x",
        "ftp://a.example",
        "\u2028javascript:alert(1)",
        " \u00a0javascript:alert(1)",
        "\ufeffdata:text/html,x",
        "\u200bjavascript:alert(1)",
    ],
)
def test_an_address_of_a_scheme_we_do_not_know_is_dropped(address):
    for html in (f'<a href="{address}">a</a>', f'<img src="{address}" alt="a">', f'<q cite="{address}">a</q>'):
        assert not re.search("href|src|cite", sanitised(html))


@pytest.mark.parametrize(
    "address", ["https://a.example/?b=c", "http://a.example", "mailto:a@b.example", "tel:+1", "/a", "#b", "?c", "d"]
)
def test_ordinary_addresses_stay(address):
    assert sanitised(f'<a href="{address}">a</a>') == f'<a href="{address}" rel="noopener">a</a>'


@pytest.mark.parametrize("tag", ["title", "textarea", "select", "noscript", "iframe", "template", "T", "int"])
def test_what_is_no_tag_of_ours_is_shown_as_words_and_swallows_nothing(tag):
    out = sanitised(f"<p>Use the <{tag}> here</p><p>More</p>")
    assert out == f"<p>Use the &lt;{tag}&gt; here</p><p>More</p>"


def test_a_script_without_an_end_is_words_too():
    assert sanitised("<p>a <script> b</p>") == "<p>a &lt;script&gt; b</p>"


@pytest.mark.parametrize("tag", ["script", "style"])
def test_what_is_no_text_goes_with_its_content(tag):
    assert sanitised(f"a<{tag}>b<b>c</b></{tag}>d") == "ad"


@pytest.mark.parametrize("tag", sorted(FORBIDDEN - {"script", "style", "title", "textarea", "select", "noscript"}))
def test_a_forbidden_tag_goes(tag):
    out = sanitised(f"a<{tag} onload=b style=c>d</{tag}>e")
    assert f"<{tag}" not in out
    assert out.startswith("a")


def test_old_tags_become_their_successors():
    out = sanitised("<h1>a</h1><center>b</center><tt>c</tt><strike>d</strike>")
    assert out == "<h2>a</h2><div>b</div><code>c</code><s>d</s>"


def test_ids_are_kept_once_and_never_pose_as_the_pages_own():
    out = sanitised('<p id="a">1</p><p id="a">2</p><p id="site-nav">3</p><p id="b">4</p>')
    assert out == '<p id="a">1</p><p>2</p><p>3</p><p id="b">4</p>'
    assert sanitised('<p id="a">1</p>') == '<p id="a">1</p>'  # each text has its own


def test_an_id_written_twice_is_one_in_the_whole_body():
    assert Seen(render('## Top\n\n<p id="top">a</p>\n\n<p id="top">b</p>\n\n<p id="site-main">c</p>').html).faults == []


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<a class="anchor button" href="#a">a</a>', '<a class="anchor" href="#a" rel="noopener">a</a>'),
        ('<p class="lead">a</p>', "<p>a</p>"),
        ('<span class="k site">a</span>', '<span class="k">a</span>'),
        ('<div class="scroll modal">a</div>', '<div class="scroll">a</div>'),
        ('<td class="num">a</td>', "a"),
    ],
)
def test_only_classes_of_the_prose_style_sheet_stay(html, left):
    assert re.sub(' class=""', "", sanitised(html)) == left


def test_attributes_stay_where_they_mean_something_and_nowhere_else():
    out = sanitised('<p tabindex="5" role="alert" aria-label="a" title="b" lang="de" data-x="c" hidden>d</p>')
    assert out == '<p title="b" lang="de">d</p>'
    assert sanitised('<div role="dialog" tabindex="3">a</div>') == "<div>a</div>"
    assert sanitised('<ol start="3" reversed type="a"><li value="9">a</li></ol>').count("=") == 4


@pytest.mark.parametrize("kind", ["text", "password", "submit", "image", "file", ""])
def test_every_input_is_a_box_that_nobody_can_tick(kind):
    tag = sanitised(f'<input aria-label="Done" type="{kind}" name="a" value="b" autofocus formaction="/c">')
    assert sorted(tag[1:-1].split()) == ['aria-label="Done"', 'disabled=""', "input", 'type="checkbox"']


def test_a_box_without_a_name_is_left_out():
    assert sanitised('a<input type="checkbox" checked>b<INPUT value="x>y">c') == "abc"


def test_a_picture_of_ours_gets_its_size_and_loses_the_rest():
    out = sanitised(f'<img src="{OURS}" alt="a &amp; &quot;b&quot;" onerror="c" width="1" srcset="d 2x" sizes="e">')
    assert without_choices(out) == (
        '<picture><source type="image/webp">'
        f'<img src="{OURS}" alt="a &amp; &quot;b&quot;" width="1200" height="800" loading="lazy" decoding="async">'
        "</picture>"
    )
    assert "d 2x" not in out


def test_a_picture_of_ours_comes_in_every_width_and_both_kinds():
    out = sanitised(f'<img src="{OURS}" alt="">')
    webp, png = re.findall(r'srcset="([^"]*)" sizes="\(min-width: 52rem\) 47rem, 92vw"', out)
    assert webp == ", ".join(f"{OURS}-{width}.webp {width}w" for width in (320, 640, 960, 1200))
    assert png == ", ".join([*(f"{OURS}-{width}.png {width}w" for width in (320, 640, 960)), f"{OURS} 1200w"])


def test_a_text_of_very_many_pictures_is_not_drowned_in_addresses():
    out = sanitised(f'<img src="{OURS}" alt="">' * (MOST_WIDTHS + 1))
    assert out.count("<picture>") == MOST_WIDTHS
    assert out.count('width="1200" height="800" loading="lazy"') == MOST_WIDTHS + 1


def without_choices(html: str) -> str:
    return re.sub(r' (srcset|sizes)="[^"]*"', "", html)


@pytest.mark.parametrize(
    "source", ["https://a.example/p.png", "//a.example/p.png", "p.png", "/static/p.png", "/media/p.png"]
)
def test_any_other_picture_is_a_link(source):
    assert sanitised(f'<img src="{source}" alt="&lt;b&gt;">') == (
        f'<a href="{source}" rel="noopener">Picture: &lt;b&gt;</a>'
    )


def test_a_picture_without_an_address_is_its_words():
    assert sanitised('<img alt="a &lt;b&gt;">') == "Picture: a &lt;b&gt;"
    assert "<" not in sanitised('<img src="javascript:x">')


def test_a_picture_of_another_site_within_a_link_does_not_put_a_link_in_a_link():
    out = sanitised(
        f'<a href="/a"><img src="https://b.example/c.png" alt="d"></a><img src="/e.png" alt="f"><img src="{OURS}">'
    )
    assert out.startswith(
        '<a href="/a" rel="noopener">Picture: d</a><a href="/e.png" rel="noopener">Picture: f</a><picture><source '
    )


@pytest.mark.parametrize("character", ["<", ">", '"', "'", "&", "\x00", "\t", "\n", "\\", "`"])
def test_a_picture_cannot_break_out_of_its_attributes(character):
    body = f'<img src="x{character}onerror=y" alt="{character}>&lt;script&gt;{character}" title=\'{character}\'>'
    out = sanitised(body)
    assert not Seen(out).faults
    assert set(Seen(out).tags) <= {"a"}


def test_tags_nested_too_deep_are_shown_as_they_were_written():
    deep = "<b>" * (DEEPEST + 1)
    assert sanitised(deep) == f"<pre>{'&lt;b&gt;' * (DEEPEST + 1)}</pre>"
    assert sanitised("<b>" * DEEPEST + "a").startswith("<b><b>")
    assert sanitised("<b>a</b>" * (DEEPEST + 1)).count("<b>") == DEEPEST + 1
    assert sanitised("<br>" * (DEEPEST + 1)).count("<br>") == DEEPEST + 1


def test_what_is_clean_stays_as_it_is():
    html = '<p id="a">b <a href="/c" rel="noopener">d</a> <code>&lt;e&gt;</code></p>'
    assert sanitised(html) == html


def test_a_link_does_not_hand_over_the_page():
    assert 'rel="noopener"' in sanitised('<a href="https://a.example" rel="opener" target="_blank">a</a>')
