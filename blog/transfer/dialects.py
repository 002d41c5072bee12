"""Liquid, Hugo and Zola shortcodes and Kramdown attributes, turned into what plain Markdown can say."""

import re

from blog.transfer.aside import CodeAside
from blog.transfer.embeds import Arguments, embedded, frames_as_links, link
from blog.transfer.source import Source

# Each inner part stops at the next opening, so that a page full of openings costs no more than its length.
_TEMPLATE = re.compile(
    r"\{\{(?P<edge>[<%])(?P<short>(?:(?![>%]\}\}|\{\{)[\s\S])*)[>%]\}\}"
    r"|\{%(?P<tag>(?:(?!%\}|\{%)[\s\S])*)%\}"
    r"|(?<!\$)\{\{(?P<value>(?:(?!\}\}|\{\{)[\s\S])*)\}\}"
)
_CALL = re.compile(r"([A-Za-z_][\w:]*)\s*\((.*)\)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_ASSIGNED = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')\s*")
_FILTER = re.compile(r"\|\s*([\w-]+)\s*(?::\s*(\"[^\"]*\"|'[^']*'|[^|\"']*))?")
_ADDRESS_FILTERS = {"relative_url", "absolute_url", "url", "prepend", "url_for", "uri_escape", "escape", "strip",
                    "xml_escape", "safe", "relurl", "absurl", "rellangurl", "abslangurl", "htmlbaseurl"}  # fmt: skip
_SITE_ADDRESSES = {"site.baseurl", "site.url", "site.base_url", "site.github.url", "site.base-url"}
_TEMPLATE_ROOTS = (
    "site.",
    "page.",
    "post.",
    "include.",
    "layout.",
    "paginator.",
    "collections.",
    "config.",
    "section.",
)
_QUIET = {"else", "elsif", "elif", "when", "break", "continue", "raw", "end", "comment", "highlight"}
_INCLUDES = {"include", "include_relative", "include_cached", "render", "partial"}
_REFERENCES = {"ref", "relref", "post_url", "link"}

_SEPARATOR = re.compile(
    r"<!--\s*/?(?:more|excerpt|truncate|end[ _-]excerpt|read[ _-]?more)\b[^<>]{0,80}-->", re.IGNORECASE
)
_ATTRIBUTES_LINE = re.compile(r"^[ \t>]*\{:[:/]?[^{}\n]*\}[ \t]*(?:\n|\Z)", re.MULTILINE)
_ATTRIBUTES = re.compile(r"[ \t]?\{:(?=\s*[.#]|[^{}\n=]*=)[^{}\n]*\}|\{::?/?[a-z]+[^{}\n]*/?\}(?=\s|$)")
_LIST_CONTENTS = re.compile(
    r"^[ \t]*(?:[-*+]|\d+\.)[ \t]+[^\n]{0,80}\n[ \t]*\{:\s*toc\b[^{}\n]*\}[ \t]*$", re.MULTILINE
)
_HEADING_NAME = re.compile(r"^([ \t]{0,3}#{1,6}[ \t][^\n{]*)\{#[\w:.-]+\}[ \t]*$", re.MULTILINE)
_MODULE_LINE = re.compile(r"^(?:import\s[^\n]*\bfrom\b[^\n]*|import\s+[\"'][^\n]*|export\s[^\n]*)\n?", re.MULTILINE)


def rewritten(text: str, source: Source) -> str:
    """The body without foreign template language; what was lost is noted on the source. Code stays as it is."""
    aside = CodeAside(text, source)
    text = _without_separators(aside.text, source)
    text = frames_as_links(text, source)
    text = _TEMPLATE.sub(lambda found: _replaced(found, aside), text)
    if not source.is_html:
        text = _without_attributes(text, source)
        text = _targeted(text, source)
        text = re.sub(r"\n(?:[ \t]*\n){3,}", "\n\n\n", text)
    return aside.restored(text)


def _replaced(found: re.Match[str], aside: CodeAside) -> str:
    source = aside.source
    if found["short"] is not None:
        return _shortcode(found, aside)
    if found["tag"] is not None:
        return _tag(found["tag"].strip("-+ \t\n"), source)
    value = _value(found["value"].strip("-+~ \t\n"), source)
    return found[0] if value is None else value


def _shortcode(found: re.Match[str], aside: CodeAside) -> str:
    inner = found["short"].strip()
    if inner.startswith("/*"):  # written so as to be shown
        closing = ">" if found["edge"] == "<" else "%"
        return aside.keep(f"{{{{{found['edge']} {inner.strip('/*').strip()} {closing}}}}}")
    if inner.startswith("/") or not inner:
        return ""
    name, _, rest = inner.rstrip("/").partition(" ")
    return _known(name, rest, aside.source, "shortcode")


def _tag(inner: str, source: Source) -> str:
    if call := _CALL.fullmatch(inner):
        return _known(call[1], call[2], source, "shortcode")
    word = _WORD.match(inner)
    name, rest = (word[0], inner[word.end() :].strip()) if word else ("", "")
    if not name or name in _QUIET or name.startswith("end"):
        return ""
    if name == "assign" and (assigned := _ASSIGNED.fullmatch(rest)):
        source.variables[assigned[1]] = assigned[2] or assigned[3] or ""
        return ""
    if name in _INCLUDES:
        template, _, rest = rest.partition(" ")
        template = template.strip("\"'") if "{" not in template else "with a template's name"
        return _known(template, rest, source, "include")
    return _known(name, rest, source, "template tag")


def _known(name: str, rest: str, source: Source, what: str) -> str:
    if name in _REFERENCES:
        return _reference(rest, source)
    shown = embedded(name, Arguments.read(rest), source)
    if shown is None:
        source.note(f"the {what} '{name[:60]}' was dropped")
        return ""
    if what == "include":
        source.note(f"the include '{name[:60]}' became plain Markdown")
    return shown


def _reference(rest: str, source: Source) -> str:
    """The address of another post, as Hugo's `ref` and Jekyll's `link` and `post_url` give it."""
    literal = _LITERAL.search(rest)
    wanted = (literal[1] or literal[2] or "") if literal else rest.strip()
    token = source.reference(wanted)
    if token is None:
        source.note(f"the link to {wanted[:200] or 'nothing'} was dropped: there is no such file")
    return token or ""


def _value(inner: str, source: Source) -> str | None:
    """What `{{ inner }}` stands for; None where these are probably just braces."""
    if call := _CALL.fullmatch(inner):
        return _known(call[1], call[2], source, "shortcode")
    literal, word = _LITERAL.match(inner), _WORD.match(inner)
    start = literal or word
    if not start:
        return None
    filters = [(name.lower(), argument) for name, argument in _FILTER.findall(inner[start.end() :])]
    rest = inner[start.end() :].strip()
    if rest and not rest.startswith("|") and not source.is_jekyll:
        return None
    text = (literal[1] or literal[2] or "") if literal else _looked_up(start[0], source)
    return _filtered(start[0], text, filters, source)


def _looked_up(name: str, source: Source) -> str | None:
    if name in _SITE_ADDRESSES:
        return ""
    if name in source.variables:
        return source.variables[name]
    found = source.values.get(name.removeprefix("page."))  # Eleventy calls `image` what Jekyll calls `page.image`
    return found if isinstance(found, str) else None


def _filtered(name: str, text: str | None, filters: list[tuple[str, str]], source: Source) -> str | None:
    if text is None:
        return _dropped(name, bool(filters), source)
    for filter_name, argument in filters:
        if filter_name == "append" and (literal := _LITERAL.fullmatch(argument.strip())):
            text += literal[1] or literal[2] or ""
        elif filter_name not in _ADDRESS_FILTERS:
            return _unfiltered(text, filter_name, source)
    return text


def _dropped(name: str, has_filters: bool, source: Source) -> str | None:
    is_template = source.is_jekyll or has_filters or name.startswith(_TEMPLATE_ROOTS)
    if not is_template:
        return None
    source.note(f"the template value '{name[:60]}' was dropped")
    return ""


def _unfiltered(text: str, filter_name: str, source: Source) -> str:
    """A text whose filter only the old site knew: its words are kept where they can stand alone."""
    if text.startswith(("https://", "http://")):
        return link(text, source)
    source.note(f"the template filter '{filter_name[:60]}' was not applied")
    return text if filter_name.endswith("link") else ""


def _without_separators(text: str, source: Source) -> str:
    separator = source.values.get("excerpt_separator")
    if isinstance(separator, str) and separator.startswith("<!--"):
        text = text.replace(separator.strip(), "")
    if source.path.suffix.lower() == ".mdx":
        text, dropped = _MODULE_LINE.subn("", text)
        if dropped:
            source.note("imports and exports of MDX were dropped")
        source.note("MDX components, if any, were left as they are written")
    return _SEPARATOR.sub("", text)


def _without_attributes(text: str, source: Source) -> str:
    text, contents = _LIST_CONTENTS.subn("", text)
    text, lines = _ATTRIBUTES_LINE.subn("", text)
    text, spans = _ATTRIBUTES.subn("", text)
    if contents + lines + spans:
        source.note("Kramdown attributes such as {: .class} were dropped")
    text, names = _HEADING_NAME.subn(lambda heading: heading[1].rstrip(), text)
    if names:
        source.note("the names given to headings were dropped")
    return text


_TARGET = re.compile(r"(\]\([ \n]?)(<[^<>\n]*>|[^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)")
_DEFINITION = re.compile(r"^([ ]{0,3}\[[^\[\]\n]+\]:[ \t]*)(<[^<>\n]*>|[^\s<>]+)", re.MULTILINE)
_ATTRIBUTE = re.compile(
    r"(<(?:img|a)\b[^<>]*?\s(?:src|href)\s*=\s*)(\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+)", re.IGNORECASE
)


def _targeted(text: str, source: Source) -> str:
    """Every image and link that means a file of the folder gets that file's token."""

    def bracketed(found: re.Match[str]) -> str:
        written = found[2].strip("<>")
        target = source.target(written)
        return found[0] if target == written else found[1] + target

    def quoted(found: re.Match[str]) -> str:
        written = found[2].strip("\"'")
        target = source.target(written)
        return found[0] if target == written else f'{found[1]}"{target}"'

    text = _DEFINITION.sub(bracketed, _TARGET.sub(bracketed, text))
    return _ATTRIBUTE.sub(quoted, text)
