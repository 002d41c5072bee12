"""Puts code aside before a text is rewritten, so that no rule for templates or links can touch it."""

import re
from bisect import bisect_left
from html import escape

from blog.transfer.source import Source

_MARK = "\ufdd0{}\ufdd1"
_MARKS = re.compile("\ufdd0(\\d+)\ufdd1")
_BLOCK = r"\{%-?\s*(?P<block>raw|highlight|comment)\b(?P<args>[^%{}]*)%\}"
_SHORT = r"\{\{[<%]\s*highlight\b(?P<shortargs>[^<>{}%]*)[>%]\}\}"
_ELEMENT = r"<(?P<element>pre|code)\b[^<>]*>"
_FENCE = r"^(?P<lead>(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$"
_MARKDOWN = re.compile(f"{_FENCE}|(?P<ticks>`+)|{_BLOCK}|{_SHORT}|{_ELEMENT}", re.MULTILINE)
_HTML = re.compile(f"{_BLOCK}|{_SHORT}|{_ELEMENT}")
_ENDS = {name: re.compile(r"\{%-?\s*end" + name + r"\s*-?%\}") for name in ("raw", "highlight", "comment")}
_ENDS |= {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("pre", "code")}
_ENDS["short"] = re.compile(r"\{\{[<%]\s*/\s*highlight\s*[>%]\}\}")
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}")
_BRACES = re.compile(r"\{[{%]|[}%]\}")
_LANGUAGE = re.compile(r"[\w+#.-]+")


class CodeAside:
    """`text` has marks where code stood; `restored` brings the code back."""

    def __init__(self, text: str, source: Source) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.text = _Scan(text, self).run()

    def keep(self, piece: str) -> str:
        self.pieces.append(piece)
        return _MARK.format(len(self.pieces) - 1)

    def restored(self, text: str) -> str:
        return _MARKS.sub(lambda mark: self.restored(self.pieces[int(mark[1])]), text)


class _Scan:
    """One walk through a text from left to right: what opens first decides what the rest means."""

    def __init__(self, text: str, aside: CodeAside) -> None:
        self.text = text
        self.aside = aside
        self.pattern = _HTML if aside.source.is_html else _MARKDOWN
        self.absent: set[str] = set()  # ends that do not come any more: looking again would take for ever
        self.ticks: dict[int, list[int]] = {}
        for ticks in re.finditer("`+", text):
            self.ticks.setdefault(len(ticks[0]), []).append(ticks.start())

    def run(self) -> str:
        done: list[str] = []
        at = 0
        while found := self.pattern.search(self.text, at):
            done.append(self.text[at : found.start()])
            piece, at = self.piece(found)
            done.append(piece)
        return "".join(done) + self.text[at:]

    def piece(self, found: re.Match[str]) -> tuple[str, int]:
        """What stands in place of the code that opens here, and where it ends."""
        opened = found.groupdict()
        if opened.get("fence"):
            return self.fence(found)
        if opened.get("ticks"):
            return self.span(found)
        kind = (found["element"] or found["block"] or "short").lower()
        end = self.end(kind, found.end())
        if not end:
            return (found[0] if kind in ("pre", "code") else ""), found.end()
        return self.block(kind, found, end), end.end()

    def fence(self, found: re.Match[str]) -> tuple[str, int]:
        fence = found["fence"]
        closing = re.compile(rf"^[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
        closed = closing.search(self.text, found.end())
        stop = closed.end() if closed else len(self.text)
        return found["lead"] + self.code(found.end("lead"), stop), stop

    def span(self, found: re.Match[str]) -> tuple[str, int]:
        starts = self.ticks[len(found["ticks"])]
        index = bisect_left(starts, found.end())
        close = starts[index] if index < len(starts) else -1
        if close < 0 or self.text.find("\n\n", found.end(), close) >= 0:
            return found[0], found.end()
        stop = close + len(found["ticks"])
        return self.code(found.start(), stop), stop

    def block(self, kind: str, found: re.Match[str], end: re.Match[str]) -> str:
        inside = self.text[found.end() : end.start()]
        if kind in ("pre", "code"):
            return self.code(found.start(), end.end())
        if kind == "comment":
            return ""
        if kind == "raw":  # its braces mean themselves; the rest is ordinary text that may hold code of its own
            return _Scan(_BRACES.sub(lambda brace: self.aside.keep(brace[0]), inside), self.aside).run()
        arguments = found["args"] if kind == "highlight" else found["shortargs"]
        return self.aside.keep(self.highlighted(inside, arguments, found.start()))

    def code(self, start: int, stop: int) -> str:
        code = self.text[start:stop]
        return self.aside.keep(_without_raw(code) if self.aside.source.is_jekyll else code)

    def highlighted(self, code: str, arguments: str, start: int) -> str:
        named = _LANGUAGE.search(arguments)
        language = named[0].strip("-") if named else ""
        code = _without_raw(code).strip("\n")
        if self.aside.source.is_html:
            return f'<pre><code class="language-{language}">{escape(code)}</code></pre>'
        before = self.text[max(0, start - 40) : start].rpartition("\n")[2]
        indent = before if not before.strip() else ""
        code = code.rstrip()
        return f"{fence_for(code)}{language}\n{code}\n{indent}{fence_for(code)}"

    def end(self, kind: str, start: int) -> re.Match[str] | None:
        found = None if kind in self.absent else _ENDS[kind].search(self.text, start)
        if not found:
            self.absent.add(kind)
        return found


def fence_for(code: str) -> str:
    """A fence longer than any run of backticks in the code."""
    return "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))


def _without_raw(code: str) -> str:
    """Jekyll never shows `raw` tags, not even in code."""
    done: list[str] = []
    at = 0
    while (opening := _RAW.search(code, at)) and (closing := _ENDS["raw"].search(code, opening.end())):
        done += code[at : opening.start()], code[opening.end() : closing.start()]
        at = closing.end()
    return "".join(done) + code[at:]
