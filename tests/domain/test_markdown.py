"""Markdown: what the specification says, what we add to it, and texts made to keep a server busy."""

import json
import re
from time import thread_time
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog import markdown
from blog.markdown import HIGHLIGHT_LIMIT, render

OURS = "/media/ab/ab" + "0" * 30 + "-1200x800.png"
THEIRS = "https://elsewhere.example/p.png"


def html(*lines: str) -> str:
    return render("\n".join(lines)).html


def examples(corpora, name: str) -> list[dict]:
    return json.loads((corpora / "markdown-spec" / name).read_text())


# The specification


@pytest.fixture(scope="module")
def commonmark_examples(corpora):
    found = examples(corpora, "commonmark-0.31.2-spec.json")
    assert len(found) == 652
    return found


def different(parser, examples: list[dict]) -> list[int]:
    return [example["example"] for example in examples if parser.render(example["markdown"]) != example["html"]]


def test_every_example_of_the_specification_comes_out_as_it_says(commonmark_examples):
    assert different(markdown.commonmark(), commonmark_examples) == []


def test_our_additions_change_no_example_but_those_that_say_addresses_are_no_links(commonmark_examples):
    parser = markdown._masthead()
    parser.core.ruler.disable([rule for rule in parser.core.ruler.get_active_rules() if rule.startswith("_dress")])
    assert different(parser, commonmark_examples) == [602, 608, 611, 612]
    assert {e["section"] for e in commonmark_examples if e["example"] in (602, 608, 611, 612)} == {"Autolinks"}


def test_tables_and_strikethrough_come_out_as_github_says(corpora):
    parser = markdown.commonmark().enable(["table", "strikethrough"])
    tried = 0
    for example in examples(corpora, "gfm-0.29-extensions.json"):
        if example["section"].startswith(("Tables", "Strikethrough")) and "~there~" not in example["markdown"]:
            out = re.sub(r"<div[^>]*>(?=<table>)|(?<=</table>)</div>", "", parser.render(example["markdown"]))
            out = re.sub(r'style="text-align:(\w+)"', r'align="\1"', out).replace("<s>", "<del>")
            assert out.replace("</s>", "</del>") == example["html"], example["example"]
            tried += 1
    assert tried == 10


# What we add


def test_a_table_scrolls_by_itself_and_says_how_its_columns_stand():
    out = html("| a | b | c | d |", "|---|:--|--:|:-:|", "| 1 | 2 | 3 | ~~4~~ |")
    assert '<div class="scroll" role="region" tabindex="0" aria-label="Table"><table>' in out
    assert '<th scope="col">a</th>\n<th scope="col">b</th>\n<th class="num" scope="col">c</th>' in out
    assert '<td>1</td>\n<td>2</td>\n<td class="num">3</td>\n<td class="middle"><s>4</s></td>' in out
    assert "style" not in out


def test_a_task_list_has_boxes_that_nobody_can_tick():
    out = html("- [x] done", "- [X] too", "- [ ] to do", "- [y] none", "- [x]none")
    assert '<ul class="tasks">' in out
    boxes = [set(box.split('" ')) for box in re.findall(r'<input ([^>]*)"> ?', out)]
    assert boxes == 2 * [{'checked="', 'aria-label="Done', 'disabled="', 'type="checkbox'}] + [
        {'aria-label="To do', 'disabled="', 'type="checkbox'}
    ]
    assert "<li>[y] none</li>\n<li>[x]none</li>" in out


def test_tasks_in_a_list_within_a_list_mark_only_their_own_list():
    out = html("- plain", "  1. [ ] inner", "- plain")
    assert "<ol>" in out
    assert "[ ]" not in out
    assert 'class="tasks"' not in out.partition("plain")[0]


def test_footnotes_stand_at_the_end_and_link_both_ways():
    out = html("One[^a] and two[^b], one again[^a].", "", "[^b]: Second *note*.", "[^a]: First note.")
    assert '<a href="#fn1" id="ref1" aria-label="Footnote 1" rel="noopener">1</a>' in out
    assert '<a href="#fn1" id="ref1-2" aria-label="Footnote 1" rel="noopener">1</a>' in out
    assert '<a href="#fn2" id="ref2" aria-label="Footnote 2" rel="noopener">2</a>' in out
    text, _, notes = out.partition('<section class="footnotes" aria-label="Footnotes">')
    assert "note" not in text.replace("Footnote", "")
    assert notes.index("First note.") < notes.index("Second <em>note</em>.")
    for back in ("ref1", "ref1-2", "ref2"):
        assert f'href="#{back}" aria-label="Back to reference ' in notes
        assert out.count(f'id="{back}"') == 1


def test_code_is_coloured_under_the_name_of_its_language():
    out = html("```python", "def f(): return '<b>'", "```")
    assert out.startswith('<figure class="code"><figcaption>Python</figcaption><pre tabindex="0"><code>')
    assert '<span class="k">def</span>' in out
    assert re.sub("<[^>]*>", "", out).endswith("def f(): return '&lt;b&gt;'\n\n")


@pytest.mark.parametrize("info", ["js", "js {1,3}", "js,linenos", "js{2}", "JavaScript title=a"])
def test_the_language_is_the_first_word_after_the_fence(info):
    assert "<figcaption>JavaScript</figcaption>" in html(f"```{info}", "let a", "```")


@pytest.mark.parametrize("info", ["", "nosuchlanguage", "text", "<script>", "{.python}"])
def test_code_of_no_known_language_is_plain(info):
    out = html(f"```{info}", "let <a> & b", "```")
    assert out == '<figure class="code"><pre tabindex="0"><code>let &lt;a&gt; &amp; b\n</code></pre></figure>\n'


def test_indented_code_looks_like_fenced_code():
    assert html("    a <b>", "", "      c") == html("```", "a <b>", "", "  c", "```")


def test_blank_lines_around_code_stay():
    assert re.sub("<[^>]*>", "", html("```python", "", "  a", "", "```")) == "Python\n  a\n\n\n"


def test_very_long_code_is_named_but_not_coloured():
    out = html("```python", "a = 1\n" * (HIGHLIGHT_LIMIT // 6 + 1), "```")
    assert "<figcaption>Python</figcaption>" in out
    assert "<span" not in out


def test_every_heading_can_be_linked_to():
    out = html("## Café *au* lait", "## हिन्दी", "## ❤️", "## `x < y`")
    for address in ("cafe-au-lait", "हिन्दी", "section", "x-y"):
        assert f' id="{address}">' in out
        assert f'<a class="anchor" href="#{address}"' in unquote(out)
    assert 'aria-label="Link to “x &lt; y”"' in out


def test_headings_of_one_name_have_addresses_of_their_own():
    assert re.findall(r'<h2 id="([^"]*)"', html("## One", "## One", "## One")) == ["one", "one-2", "one-3"]


@pytest.mark.parametrize(
    "lines",
    [
        ("## One", "## One", "## One 2"),
        ("## One 2", "## One", "## One"),
        ("## Fn1", "a[^1]", "", "[^1]: b"),
        ("## Ref1", "a[^1]", "", "[^1]: b"),
    ],
)
def test_an_address_is_never_given_twice(lines):
    addresses = re.findall(r' id="([^"]*)"', html(*lines))
    assert len(addresses) == len(set(addresses))


def test_the_first_level_of_headings_is_the_pages_own():
    assert re.findall(r"<h\d", html("# A", "## B", "###### C")) == ["<h2", "<h3", "<h4"]
    assert re.findall(r"<h\d", html("## B", "### C")) == ["<h2", "<h3"]
    assert "<h1" not in html("A", "===", "<h1>raw</h1>")


def test_a_picture_of_ours_alone_is_a_figure_with_its_caption_and_size():
    out = re.sub(r' (srcset|sizes)="[^"]*"', "", html(f'![A *cat*]({OURS} "Tom & I")'))
    assert out == (
        '<figure><picture><source type="image/webp">'
        f'<img src="{OURS}" alt="A cat" width="1200" height="800" loading="lazy" decoding="async"></picture>'
        "<figcaption>Tom &amp; I</figcaption></figure>\n"
    )


def test_a_picture_among_words_stays_among_them():
    out = html(f"See ![it]({OURS}) here.", "", f"- ![it]({OURS})")
    assert out.startswith("<p>See <picture>")
    assert out.count(f'<img src="{OURS}" alt="it" width="1200"') == 2
    assert "figure" not in out


def test_a_picture_of_another_site_is_a_link_to_it():
    out = html(f'![A cat]({THEIRS} "Tom")', "", f"Here ![]({THEIRS}) too")
    assert "<img" not in out
    assert f'<a href="{THEIRS}" rel="noopener">Picture: A cat</a><figcaption>Tom</figcaption>' in out
    assert f'<a href="{THEIRS}" rel="noopener">Picture: p.png</a>' in out


@pytest.mark.parametrize("source", ["/media/cat.png", OURS + "?x=1", "/media/../" + OURS[7:], "//evil.example" + OURS])
def test_only_what_our_storage_names_is_a_picture_of_ours(source):
    rendered = render(f"![a]({source})")
    assert "<img" not in rendered.html
    assert rendered.picture == ""


def test_addresses_become_links_but_file_names_do_not():
    out = html(
        "See https://a.example/x_y. Mail me@a.example.org or read readme.md on www.a.example (http://b.example/c)."
    )
    assert re.findall(r'href="([^"]*)"', out) == [
        "https://a.example/x_y",
        "mailto:me@a.example.org",
        "http://b.example/c",
    ]


def test_an_address_is_found_right_after_other_words_and_marks():
    out = html("中文https://a.example and *http://b.example* and word:http://c.example and xhttp://d.example")
    assert re.findall(r'href="([^"]*)"', out) == ["https://a.example", "http://b.example", "http://c.example"]


# What lists say of a body


def test_the_excerpt_is_the_words_without_their_marks():
    rendered = render("# Title\n\nSome *fine* `code` & [link](/x)[^1].\n\n```\nnot this\n```\n\n[^1]: nor this")
    assert rendered.excerpt == "Title Some fine code & link."
    assert rendered.words == 5


@pytest.mark.parametrize("tag", ["script", "style", "STYLE"])
def test_what_readers_never_see_is_not_in_the_excerpt(tag):
    rendered = render(f"<{tag}>\nno words\n</{tag}>\n\n<p>Two</p>\n\nwords")
    assert (rendered.excerpt, rendered.words) == ("Two words", 2)
    assert "no words" not in rendered.html


def test_line_breaks_part_words():
    assert render("one\ntwo  \nthree\n\n- four\n- five").excerpt == "one two three four five"


def test_a_list_shows_the_first_picture_of_ours():
    other = OURS.replace("ab", "cd")
    rendered = render(f'![x]({THEIRS})\n\n![A "cat" & dog]({OURS})\n\n![b]({other})')
    assert (rendered.picture, rendered.picture_alt) == (OURS, 'A "cat" & dog')


def test_an_empty_body_is_an_empty_page():
    assert render("") == markdown.Rendered(html="", excerpt="", words=0)


def test_the_same_body_comes_out_the_same_every_time():
    body = "[" * 12_000 + " a[^1] [b](/c)\n\n[^1]: d\n\n# e\n# e"
    assert render(body) == render(body)
    assert '<a href="/c"' in html("[b](/c)")  # what one text used up, the next has again


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("ab \n\t*_`~[]()!<>&#|-+=.:/\\\"'^1@{}x\0\u202e漢"), max_size=200))
def test_any_text_comes_out_in_whole_tags(body):
    out = render(body).html
    assert not re.search(r"<(?!/?[a-z])", out)
    assert render(body).html == out


# Texts made to keep a server busy

UNITS = [
    "[", "![", "](", "[a](", "[](<", "[a]: ", "[a]: b\n", "[a][", "^[", "[^", "[^1]: x\n\n", "a[^1]",
    "http://a.", "http://a ", "http://! ", "xhttp://a.b ", "http://a.b)))))", "a@a.", "a@b.c ", "//a.", "mailto:a@",
    "*a ", "*a", "**a*", "_a_b", "~~a", "`a``", "a`", "\\", "&#x;", "&", "<", "<a ", "<!--", "<?", "<![CDATA[",
    "<div>", "</div>\n\n", "<b>", "<a><b>", "- [x] a\n", "- ", "> ", "> - ", "1. ", "\t- ", "# a\n", "a\n=\n",
    "|a", "|a|b\n", "|-", "```c\n", "~~~\n", '"', "a  \n", "![a](/media/x) ", "<img src=x>", "\n\n", "é", "\u202e",
]  # fmt: skip


def seconds(body: str) -> float:
    """Of work, so that other programs do not count."""
    start = thread_time()
    render(body)
    return thread_time() - start


@pytest.mark.parametrize("unit", UNITS)
def test_no_pattern_costs_more_than_its_length(unit):
    short, long = ((unit * size)[:size] for size in (5_000, 40_000))
    first = max(seconds(short), 0.01)  # below that, the clock says more about the machine
    for _try in range(3):  # a busy machine may be slow once, a slow pattern is slow every time
        second = seconds(long)
        if second < 24 * first:  # eight times as long: 8 would be linear, 64 quadratic
            return
        first = max(first, seconds(short))
    pytest.fail(f"{unit!r}: {first:.2f} s, and {second:.2f} s for eight times as much")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 200_000, id="brackets"),
        pytest.param("http://a." * 20_000, id="addresses"),
        pytest.param("x" * 200_000 + "http://! " * 5_000, id="addresses after a long word"),
        pytest.param("<div>" * 100_000, id="open tags"),
        pytest.param("> " * 20_000 + "a", id="quotes in quotes"),
        pytest.param("".join(f"{'  ' * depth}- a\n" for depth in range(400)), id="lists in lists"),
        pytest.param("|a" * 300 + "\n" + "|-" * 300 + "\n" + "|\n" * 3_000, id="a wide table of empty rows"),
        pytest.param("[a][a]" * 5_000 + f"\n\n[a]: /{'x' * 20_000}", id="one long address often"),
        pytest.param("<b " + "a=1 " * 50_000 + ">", id="attributes"),
        pytest.param("```python\n" + "((((" * 14_000, id="code"),
        pytest.param("漢" * 300_000, id="one long word"),
    ],
)
def test_a_text_made_to_keep_a_server_busy_does_not(body):
    assert seconds(body) < 10
