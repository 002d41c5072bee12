"""Which language a post is in, by its front matter, its folder or its file name."""

import re
from typing import Any

from blog.transfer.source import Source

# Languages that blogs are written in, without the codes that mean something else in a path (`io`, `os`, `as`).
_CODES = """
    ar az bg bn bs ca cs cy da de el en eo es et eu fa fi fil fr ga gl gu he hi hr hu hy id it ja ka kk km kn ko ku
    lt lv mk ml mn mr ms nb ne nl nn no pa pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh
"""
LANGUAGES = frozenset(_CODES.split())
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:\.[\w-]+)?")
_NAME_TAG = re.compile(r"(.+)\.([A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)")


def tag(written: Any) -> str | None:
    """The BCP 47 spelling: 'pt-BR', 'zh-Hans'."""
    found = _TAG.fullmatch(str(written).strip()) if isinstance(written, str) else None
    if not found:
        return None
    language, script, region = found.groups()
    parts = (language.lower(), script.title() if script else "", region.upper() if region else "")
    return "-".join(part for part in parts if part)


def of_folders(folders: tuple[str, ...]) -> str | None:
    """The language of the innermost folder that is named after one."""
    known = (tag(name) for name in reversed(folders))
    return next((found for found in known if found and found.split("-")[0] in LANGUAGES), None)


def of_name(stem: str) -> tuple[str, str | None]:
    """Hugo's `post.fr`: the name without its language, and the language."""
    found = _NAME_TAG.fullmatch(stem)
    language = tag(found[2]) if found else None
    if not found or not language or language.split("-")[0] not in LANGUAGES:
        return stem, None
    return found[1], language


def of_values(source: Source) -> str | None:
    keys = ("lang", "language", "locale")
    return next((found for key in keys if (found := tag(source.values.get(key)))), None)
