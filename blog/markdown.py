"""Markdown to safe HTML. Pure functions: nothing here knows a request, a user or the database.

A text goes through three doors, always in this order: the CommonMark parser with its extensions, our own dressing of
the token stream (anchors, captions, highlighted code), and the sanitiser, which trusts none of it.
"""

import re
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape, unescape
from typing import Any

from linkify_it import LinkifyIt
from linkify_it.main import Match
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.linkify import SCHEME_RE
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from blog import folding
from blog.dressing import DRESSINGS, plain_text
from blog.mending import mended
from blog.sanitiser import sanitised
from blog.text import count_words, excerpt

RENDERER_VERSION = 4  # raise it when the same text comes out as other HTML
BODY_LIMIT = 1_000_000  # characters
HIGHLIGHT_LIMIT = 60_000  # characters of code in one text; lexers are slower than the rest
PICTURE_ALT_LIMIT = 500
TRIES_IN_VAIN = 10_000  # brackets that turn out not to be a link

Env = MutableMapping[str, Any]
InlineRule = Callable[[StateInline, bool], bool]


@dataclass(frozen=True)
class Rendered:
    """What a body becomes: HTML that may stand on a page, and what lists say of it."""

    html: str
    excerpt: str
    words: int
    picture: str = ""  # the address of the first picture that is ours
    picture_alt: str = ""

    def columns(self) -> dict[str, str | int]:
        """What a post keeps of it."""
        return asdict(self) | {
            "picture_alt": self.picture_alt[:PICTURE_ALT_LIMIT],
            "terms": folding.terms(folding.text_of(self.html)),  # for search, which so reads what readers read
            "renderer": RENDERER_VERSION,
        }


@lru_cache(maxsize=8)  # what a view renders before it locks a post, the post need not render again
def render(body: str) -> Rendered:
    if _DEEP_QUOTE.search(body):
        plain = " ".join(body.split())
        return Rendered(html=f"<pre>{escape(body)}</pre>", excerpt=excerpt(plain), words=count_words(plain))
    env: Env = {}
    tokens = _parser.parse(body, env)
    dirty = _parser.renderer.render(tokens, _parser.options, env)
    plain = plain_text(tokens)
    html = mended(sanitised(dirty))
    picture = _OWN_PICTURE.search(html)
    return Rendered(
        html=html,
        excerpt=excerpt(plain),
        words=count_words(plain),
        picture=unescape(picture[1]) if picture else "",
        picture_alt=unescape(picture[2]) if picture else "",
    )


# The parser


class _Renderer(RendererHTML):
    def blockquote_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        # The specification breaks the line of an empty one too.
        return ("\n" if idx and tokens[idx - 1].hidden else "") + "<blockquote>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        token = tokens[idx]
        if "dressed" not in token.meta:
            return super().fence(tokens, idx, options, env)
        language = re.split(r"[\s,{]", unescape(token.info).strip(), maxsplit=1)[0]
        left = env.setdefault("highlight", HIGHLIGHT_LIMIT)
        name, code = _highlighted(token.content, language, plain=len(token.content) > left)
        env["highlight"] = left - len(token.content)
        caption = f"<figcaption>{escape(name)}</figcaption>" if name else ""
        return f'<figure class="code">{caption}<pre tabindex="0"><code>{code}</code></pre></figure>\n'

    code_block = fence

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        return '<div class="scroll" role="region" tabindex="0" aria-label="Table"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        return "</table></div>\n"

    def footnote_ref(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        number, again = tokens[idx].meta["id"] + 1, tokens[idx].meta.get("subId", 0)
        here = f"ref{number}" + (f"-{again + 1}" if again else "")
        return f'<sup><a href="#fn{number}" id="{here}" aria-label="Footnote {number}">{number}</a></sup>'

    def footnote_block_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        return '<section class="footnotes" aria-label="Footnotes">\n<ol>\n'

    def footnote_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        return f'<li id="fn{tokens[idx].meta["id"] + 1}">'

    def footnote_anchor(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        number, again = tokens[idx].meta["id"] + 1, tokens[idx].meta.get("subId", 0)
        there = f"ref{number}" + (f"-{again + 1}" if again else "")
        return f' <a href="#{there}" aria-label="Back to reference {number}">↩</a>'


def commonmark() -> MarkdownIt:
    """The parser as the specification wants it."""
    return MarkdownIt("commonmark", {"maxNesting": 100}, renderer_cls=_Renderer)


class _Linkify(LinkifyIt):
    def pretest(self, text: str) -> bool:
        return not _ENDLESS.search(text) and super().pretest(text)  # its patterns are slow on what never ends

    def match_at_start(self, text: str) -> Match | None:
        return None if _ENDLESS.match(text) else super().match_at_start(text)


_DEEP_QUOTE = re.compile(r"^(?:[ \t]{0,3}>){21}", re.MULTILINE)  # nobody quotes so deep, and it takes minutes
_ENDLESS = re.compile(r"\S{2001}")
_linkify = _Linkify(options={"fuzzy_link": False, "fuzzy_email": True})  # "readme.md" is no site in Moldova


def _near(rule: InlineRule) -> InlineRule:
    """The rule, where a link does begin: at each colon it would search all the text before it for a scheme."""

    def near(state: StateInline, silent: bool) -> bool:
        scheme = SCHEME_RE.search(state.pending[-20:]) if state.src[state.pos] == ":" else None
        if scheme is None:
            return False
        start = state.pos - len(scheme[1])
        return bool(_linkify.match_at_start(state.src[start : start + 2100])) and rule(state, silent)

    return near


def _frugal(name: str, rule: InlineRule) -> InlineRule:
    """The rule, until it has been tried in vain too often: a page of nothing but brackets would take minutes."""

    def frugal(state: StateInline, silent: bool) -> bool:
        vain = state.env.setdefault("vain", Counter())
        if vain[name] > TRIES_IN_VAIN:
            return False
        done = rule(state, silent)
        vain[name] += not done and state.src[state.pos] in "![^:"
        return done

    return frugal


def _masthead() -> MarkdownIt:
    parser = commonmark().enable(["table", "strikethrough"]).use(footnote_plugin)
    parser.options["linkify"] = True
    parser.enable("linkify")
    parser.linkify = _linkify
    for rule in parser.inline.ruler.__rules__:
        if rule.name in ("link", "image", "footnote_inline", "linkify"):
            rule.fn = _frugal(rule.name, _near(rule.fn) if rule.name == "linkify" else rule.fn)
    parser.inline.ruler.__compile__()
    for dress in DRESSINGS:
        parser.core.ruler.push(dress.__name__, dress)
    for name in ("footnote_ref", "footnote_block_open", "footnote_open", "footnote_anchor"):
        parser.add_render_rule(name, getattr(_Renderer, name))
    return parser


def _highlighted(code: str, language: str, *, plain: bool) -> tuple[str, str]:
    """The language's name and the code as HTML with classes; plain where the language is unknown."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        lexer = None
    if lexer is None or plain:
        return (lexer.name if lexer else ""), escape(code)
    name = "" if lexer.name == "Text only" else lexer.name
    return name, highlight(code, lexer, HtmlFormatter(nowrap=True))


_OWN_PICTURE = re.compile(r'<img src="(/media/[^"]{1,150})" alt="([^"]*)" width=')
_parser = _masthead()
