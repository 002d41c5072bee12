"""What becomes of template language, pictures, links and HTML in the body of a post."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blog.transfer.markdown import files_in, read_file
from blog.transfer.records import PostRecord

Posts = Callable[..., PostRecord]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with some posts and pictures to point at."""
    for name in ("_posts/2020-01-02-other.md", "content/deep/page.md", "bundle/index.md", "notes.v2.md", "a.png",
                 "static/b.jpg", "assets/c (1).gif", "drawing.svg", "file.txt"):  # fmt: skip
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "secret.png").write_text("x")
    files_in(tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def post(site: Path) -> Posts:
    def read(body: str, facts: str = "layout: post", name: str = "post.md") -> PostRecord:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(f"---\ntitle: A post\ndate: 2020-01-01\n{facts}\n---\n{body}", "utf-8")
        outcome = read_file(site / name, folder=site, zone=ZoneInfo("UTC"))
        assert isinstance(outcome, PostRecord), outcome
        return outcome

    return read


@pytest.mark.parametrize(
    ("body", "becomes"),
    [
        ("a\n<!--more-->\nb", "a\n\nb"),
        ("a <!-- more --> b", "a  b"),
        ("{% highlight ruby linenos %}\nputs `1`\n{% endhighlight %}", "```ruby\nputs `1`\n```"),
        ("1. x\n   {% highlight c %}\n   y\n   {% endhighlight %}", "1. x\n   ```c\n   y\n   ```"),
        ("{{< highlight go >}}\nx {{ y }}\n{{< /highlight >}}", "```go\nx {{ y }}\n```"),
        ("a {% raw %}{{ b }} `{{ c }}`{% endraw %} d", "a {{ b }} `{{ c }}` d"),
        ("`{% raw %}{{ b }}{% endraw %}` `{% raw %}`", "`{{ b }}` `{% raw %}`"),
        ("a {% raw %} b", "a  b"),
        ("a{% comment %} b {% endcomment %}c", "ac"),
        ("[x]({{ site.baseurl }}/y) {{ site.url }}/z", "[x](/y) /z"),
        ('[x]({{ "/y/" | relative_url }}) {{ "a" | append: "b" }}', "[x](/y/) ab"),
        ("{{ page.title }} {{ page.unknown }}.", "A post ."),
        ("{% assign a = 'b' %}{{ a }} {% if x %}y{% endif %}", "b y"),
        ('{{ "https://e.example/v" | embed: "x" }}', "<https://e.example/v>"),
        ('{{ "noah" | team_link }}{{ "noah" | team_photo }}!', "noah!"),
        ('{{< youtube abc >}} {{< vimeo id="12" >}}', "<https://www.youtube.com/watch?v=abc> <https://vimeo.com/12>"),
        (
            "{{< gist ada 123 >}} {% gist ada/123 %}",
            "<https://gist.github.com/ada/123> <https://gist.github.com/ada/123>",
        ),
        ('{{< gist user="ada" id="1" >}}', "<https://gist.github.com/ada/1>"),
        ('{{< tweet user="x" id="9" >}}', "<https://twitter.com/i/status/9>"),
        ('{{ youtube(id="abc") }}', "<https://www.youtube.com/watch?v=abc>"),
        ('{% include youtube.html id="abc" %}', "<https://www.youtube.com/watch?v=abc>"),
        ('{% assign video_slug="abc" %}{% include youtube %}', "<https://www.youtube.com/watch?v=abc>"),
        ("{{< youtube https://www.youtube.com/embed/q >}}", "<https://www.youtube.com/watch?v=q>"),
        ('{{< youtube >}}x{{< vimeo "a b" >}}', "x"),
        ('{{< figure src="/x.png" alt="A [1]" caption="C" >}}', "![A \\[1\\]](/x.png)\n*C*"),
        ('{% image "img/x y.png" "the alt" %}', "![the alt](</img/x y.png>)"),
        ('x{{< figure src="javascript:alert(1)" >}}', "x"),
        ("{{% notice %}}inside{{% /notice %}}", "inside"),
        ("{% quote(author='a') %}inside{% end %}", "inside"),
        ("{{</* kept */>}} {{< >}}", "{{< kept >}}"),
        ("a\n{: .lead #x }\n\n## B {#b}\n\nc {: .d}", "a\n\n## B\n\nc"),
        ("* TOC\n{:toc}\n\na", "a"),
        ('<iframe width=1 src="//player.vimeo.com/video/7"></iframe>', "<https://vimeo.com/7>"),
        ("<iframe src='https://e.example/?a=1&amp;b'></iframe>", "<https://e.example/?a=1&b>"),
        ('<script src="https://gist.github.com/a/1.js"></script>', "<https://gist.github.com/a/1>"),
        ("a\n{% do %}\n\n{% do %}\n\n{% do %}\n\n{% do %}\nb", "a\n\n\nb"),
        ("{% include {{ page.x }} %}{% %}x", "x"),
    ],
)
def test_template_language_becomes_plain_markdown(post, body, becomes):
    assert post(body).body.strip() == becomes


@pytest.mark.parametrize(
    "body",
    [
        "```liquid\n{% x %} {{ y }} {: .z} ![a](a.png)\n```",
        "~~~\n{{< x >}}\n```\n{% raw %}\n~~~",
        "```rust,ignore\nlet x = 1;\n```",
        "- ```\n  {{ x }}\n  ```",
        "```\nnever closed {{ x }}",
        "``{{ ` }}`` and `{% y %}`",
        "<pre>{{ x }}</pre> <code>{% y %}</code>",
    ],
)
def test_code_is_never_touched(post, body):
    found = post(body)
    assert found.body == body + "\n"
    assert found.changes == []


@pytest.mark.parametrize(
    "body", ["a {{closure}} b", "{{ .Title }}", "${{ secrets.X }}", "{{ }}", "{{ a b }}", "{{ {:?}"]
)
def test_braces_that_are_no_template_stay(post, body):
    assert post(body, facts="").body == body + "\n"


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ("a{{< box >}}", "the shortcode 'box' was dropped"),
        ("a{% toc %}", "the template tag 'toc' was dropped"),
        ("a{% include sig.md %}", "the include 'sig.md' was dropped"),
        ("a{{ site.x }}", "the template value 'site.x' was dropped"),
        ("a{{ y | z }}", "the template value 'y' was dropped"),
        ("a{: .b}", "Kramdown attributes such as {: .class} were dropped"),
        ("a{% link nowhere.md %}", "the link to nowhere.md was dropped: there is no such file"),
        ("a{% post_url %}", "the link to nothing was dropped: there is no such file"),
        ("![a](no.png)", "the picture no.png was not found"),
        ("![a](drawing.svg)", "the picture drawing.svg was left out: SVG pictures are not taken"),
    ],
)
def test_what_was_lost_is_told_once(post, body, change):
    assert post(f"{body}\n\n{body}").changes == [change]


def test_pictures_of_the_folder_get_tokens_and_all_else_stays_outside(post, site):
    found = post(
        '![a](a.png) ![b](/b.jpg "t") <img alt="c" src=\'c%20(1).gif\'> ![d](a.png)\n\n[e]: ./a.png\n\n'
        "![x](../secret.png) ![y](../../../etc/passwd) ![z](https://e.example/z.png) [t](file.txt) [u](#v)"
    )
    assert found.pictures == {"picture:1": site / "a.png", "picture:2": site / "static/b.jpg",
                              "picture:3": site / "assets/c (1).gif"}  # fmt: skip
    assert '![b](picture:2 "t") <img alt="c" src="picture:3"> ![d](picture:1)' in found.body
    assert "[e]: picture:1" in found.body
    assert "(../secret.png) ![y](../../../etc/passwd) ![z](https://e.example/z.png) [t](file.txt) [u](#v)" in found.body


def test_a_link_out_of_the_folder_shows_no_picture(post, site, tmp_path):
    (site / "out.png").symlink_to(tmp_path / "secret.png")
    assert post("![a](out.png)").pictures == {}


@pytest.mark.parametrize(
    "target",
    ["_posts/2020-01-02-other.md", "{% post_url 2020-01-02-other %}", "{% link _posts/2020-01-02-other.md %}",
     '{{< ref "_posts/2020-01-02-other.md" >}}', "{{< relref 2020-01-02-other >}}",
     "@/blog/_posts/2020-01-02-other.md"],
)  # fmt: skip
def test_links_to_other_posts_of_the_folder_get_tokens(post, target):
    found = post(f"[x]({target}#part)")
    assert found.body == "[x](post:1#part)\n"
    assert found.links == {"post:1": "site/_posts/2020-01-02-other.md"}


def test_a_link_to_a_bundle_or_into_a_root_finds_its_post(post):
    assert post("[x](bundle/) [y](/deep/page.md) [z](post.md) [n](./) [o]({% post_url notes.v2.md %})").links == {
        "post:1": "site/notes.v2.md", "post:2": "site/bundle/index.md", "post:3": "site/content/deep/page.md",
    }  # fmt: skip


def test_only_so_many_targets_are_looked_up(post):
    found = post(" ".join(f"[x](y{n})" for n in range(3100)))
    assert "of its pictures and links only the first 3,000 were looked up" in found.changes


@pytest.mark.parametrize(
    ("facts", "cover"),
    [
        ("image: a.png", ("picture:1", "")),
        ("image: /static/b.jpg\nimage_alt: A [b]", ("picture:1", "A [b]")),
        ("cover:\n  image: a.png\n  alt: An a", ("picture:1", "An a")),
        ("feature_image: a.png", ("picture:1", "")),
        ("hero: false\nthumbnail: [a.png]", ("picture:1", "")),
        ("image: no.png", ("", "")),
        ("image: https://elsewhere.example/a.png", ("", "")),
        ("image: []", ("", "")),
    ],
)
def test_the_picture_that_the_front_matter_names_is_the_cover(post, facts, cover):
    found = post("Words.", facts)
    assert (found.cover, found.cover_alt) == cover
    assert found.body == "Words.\n"


def test_a_picture_that_the_body_shows_is_not_shown_twice(post):
    found = post("Words ![a](a.png)", "image: a.png")
    assert (found.body, found.cover) == ("Words ![a](picture:1)\n", "")


def test_mdx_loses_its_imports(post):
    found = post("import A from 'a'\nexport const b = 1\n\n<A /> words", name="x.mdx")
    assert found.body == "<A /> words\n"
    assert "imports and exports of MDX were dropped" in found.changes
    assert len(post("words", name="y.mdx").changes) == 1


def test_an_excerpt_separator_of_its_own_is_removed(post):
    assert post("a\n<!--fold-->\nb", "excerpt_separator: <!--fold-->").body == "a\n\nb\n"


def test_html_becomes_markdown_in_which_nothing_is_live(post):
    found = post(
        "<h2>Head</h2><p onclick=x>A <b>b</b> &lt;script&gt; * c<script>alert(1)</script></p>"
        '<p><img src="a.png" alt="A"> <a href="_posts/2020-01-02-other.md">o</a> <a href="javascript:x">j</a></p>'
        "<table><tr><th>x</th></tr><tr><td>1</td></tr></table>",
        name="x.html",
    )
    assert found.body.startswith("## Head\n\nA **b** \\<script\\> \\* c\n")
    assert "![A](picture:1) [o](post:1) j" in found.body
    assert "| x |\n| --- |\n| 1 |" in found.body
    assert "<" not in found.body.replace("\\<", "")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<pre><code class="language-python">a\n\n\n\n  *b* &lt;c&gt; {{ d }}</code></pre>',
         "```python\na\n\n\n\n  *b* <c> {{ d }}\n```"),
        ('<div class="language-c highlighter-rouge"><div class="highlight"><pre>x<br>y</pre></div></div>',
         "```c\nx\ny\n```"),
        ('<pre lang="go">```\nx\n```\n</pre>', "````go\n```\nx\n```\n````"),
        ("{% highlight c %}\na < b\n{% endhighlight %}", "```c\na < b\n```"),
        ('{{< youtube abc >}}', "<https://www.youtube.com/watch?v=abc>"),
        ('{{< figure src="a.png" alt="A" caption="C" >}}', "![A](picture:1)  \n*C*"),
        ("<h1>A post</h1><p>Words", "Words"),
        ('<table><tr><th>x</th></tr><tr><td><img src="a.png" alt="A"></td></tr></table>',
         "| x |\n| --- |\n| ![A](picture:1) |"),
    ],
)  # fmt: skip
def test_code_and_shortcodes_in_html_survive(post, html, markdown):
    assert post(html, name="x.html").body == markdown + "\n"
