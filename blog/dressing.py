"""What we make of the tokens of CommonMark: anchors, boxes to tick, captions, classes, and the plain words."""

import re
from collections.abc import Sequence
from html import escape, unescape

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from blog.text import slugify


def _dress_headings(state: StateCore) -> None:
    """Give headings an address of their own, and leave the first level to the page."""
    openings = [n for n, token in enumerate(state.tokens) if token.type == "heading_open"]
    shift = any(state.tokens[n].tag == "h1" for n in openings)
    used: dict[str, int] = {}
    for n in openings:
        opening, inline, closing = state.tokens[n : n + 3]
        if shift:
            opening.tag = closing.tag = f"h{min(6, int(opening.tag[1]) + 1)}"
        title = plain_text([inline]).strip()
        slug = slugify(title, limit=60) or "section"
        used[slug] = used.get(slug, 0) + 1
        address = slug if used[slug] == 1 else f"{slug}-{used[slug]}"
        opening.attrSet("id", address)
        _append_html(
            inline,
            f' <a class="anchor" href="#{escape(address)}" aria-label="Link to “{escape(title)}”">§</a>',
        )


def _dress_tasks(state: StateCore) -> None:
    """Turn "[x] " at the head of a list item into a box that is ticked."""
    lists: list[Token] = []
    before: list[Token] = []
    for token in state.tokens:
        if token.type.endswith("_list_open"):
            lists.append(token)
        elif token.type.endswith("_list_close"):
            lists.pop()
        elif len(before) > 1 and before[-2].type == "list_item_open" and token.children:
            _dress_task(token.children, lists[-1])
        before.append(token)


def _dress_task(words: list[Token], around: Token) -> None:
    if words[0].type == "text" and (box := re.match(r"\[([ xX])\] ", words[0].content)):
        words[0].content = words[0].content[4:]
        state = ' checked="" aria-label="Done"' if box[1] != " " else ' aria-label="To do"'
        words.insert(0, Token("html_inline", "", 0, content=f'<input type="checkbox"{state}>'))
        around.attrSet("class", "tasks")


def _dress_tables(state: StateCore) -> None:
    """Alignment as a class: an inline style would be stopped at the reader's end."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open"):
            side = str(token.attrs.pop("style", "")).removeprefix("text-align:")
            if side in ("right", "center"):
                token.attrSet("class", "num" if side == "right" else "middle")
            if token.type == "th_open":
                token.attrSet("scope", "col")


def _dress_figures(state: StateCore) -> None:
    """A picture alone in its paragraph is a figure, and its title the caption."""
    for n, token in enumerate(state.tokens):
        words = token.children or []
        if token.type == "inline" and len(words) == 1 and words[0].type == "image":
            if state.tokens[n - 1].type != "paragraph_open" or state.tokens[n - 1].hidden:
                continue
            state.tokens[n - 1].tag = state.tokens[n + 1].tag = "figure"
            if caption := words[0].attrs.pop("title", ""):
                _append_html(token, f"<figcaption>{escape(str(caption))}</figcaption>")


def _dress_code(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("fence", "code_block"):
            token.meta["dressed"] = True


def _append_html(inline: Token, html: str) -> None:
    assert inline.children is not None  # noqa: S101 - inline tokens have children once the inline rule has run
    inline.children.append(Token("html_inline", "", 0, content=html))


def plain_text(tokens: Sequence[Token]) -> str:
    """The words of the text without its marks, for excerpts and counting."""
    words: list[str] = []
    for token in tokens:
        if token.type == "footnote_block_open":
            break
        if token.children:
            words += [
                child.content
                if child.type in ("text", "code_inline")
                else " " * bool(child.content or child.type.endswith("break"))
                for child in token.children
                if child.type != "html_inline"
            ]
            words.append("\n")
        elif token.type in ("fence", "code_block"):
            continue
        elif token.type == "html_block" and not _SILENT.match(token.content):
            words.append(re.sub(r"<[^<>]*>", " ", token.content))
    return unescape("".join(words))


_SILENT = re.compile(r"\s*<(script|style|textarea)\b", re.IGNORECASE)  # these go with all that is in them
DRESSINGS = (_dress_headings, _dress_tasks, _dress_tables, _dress_figures, _dress_code)
