"""What the name of a picture tells: its size, and the addresses of its smaller versions. Pure functions.

A picture is called `ab/ab…-1200x800.jpg`, after its content. Its versions carry its name with a width and a kind behind
it, `ab/ab…-1200x800.jpg-640.webp`, so that the renderer knows them all without asking anybody.
"""

import re

MAX_SIDE = 12_000
WIDTHS = (320, 640, 960, 1280, 1920, 2560)
PREVIEW_WIDTH = 1280
WIDTHS_VERSION = 1  # raise it when there are to be other widths or kinds

MEDIA_TYPES = {"jpg": "image/jpeg"} | {kind: f"image/{kind}" for kind in ("png", "gif", "webp", "avif")}
WHERE = "/media/"
KINDS = "|".join(MEDIA_TYPES)
# What moves has no smaller versions: they would have to move too, and take a hundred times as long to make.
NAME = re.compile(
    r"(?P<shelf>[0-9a-f]{2})/(?P=shelf)[0-9a-f]{30}"
    rf"-(?P<width>[1-9][0-9]{{0,4}})x(?P<height>[1-9][0-9]{{0,4}})(?P<moves>-moving)?\.(?P<kind>{KINDS})"
)
VERSION = re.compile(rf"(?P<original>.+\.(?:{KINDS}))-(?P<width>[1-9][0-9]{{0,4}})\.(?P<kind>{KINDS})")
_MENTION = re.compile(rf"(?<=/media/){NAME.pattern}")


def size_in_name(name_or_url: str) -> tuple[int, int] | None:
    """Width and height, if this is the name of one of our pictures or a path or address that ends in one."""
    found = NAME.fullmatch("/".join(name_or_url.rsplit("/", 2)[-2:]))
    if found is None:
        return None
    width, height = int(found["width"]), int(found["height"])
    return (width, height) if max(width, height) <= MAX_SIDE else None


def name_in(address: str) -> str:
    """The name of the picture at this address of ours; empty where it is none."""
    name = address.removeprefix(WHERE)
    return name if address.startswith(WHERE) and NAME.fullmatch(name) and size_in_name(name) else ""


def names_in(text: str) -> set[str]:
    """The names of all pictures of ours that a text mentions by their addresses, or by those of their versions."""
    return {found[0] for found in _MENTION.finditer(text)}


def versions(name: str) -> dict[str, dict[int, str]]:
    """By kind, the most frugal first, and by width: everything a page may choose from, the picture itself included."""
    found = NAME.fullmatch(name)
    if found is None or found["moves"]:
        return {}
    width, own = int(found["width"]), found["kind"]
    widths = [each for each in WIDTHS if each < width] + [width] * (width <= WIDTHS[-1])
    return {
        kind: {each: name if (each, kind) == (width, own) else f"{name}-{each}.{kind}" for each in widths}
        for kind in (["avif", "webp"] if own == "avif" else dict.fromkeys(["webp", own]))
    }


def version_names(name: str) -> list[str]:
    """The smaller versions, and those of another kind, that lie beside the picture."""
    return [each for widths in versions(name).values() for each in widths.values() if each != name]


def smallest(name: str) -> str:
    """The version for a list of many: the least wide one as WebP, or the picture itself where it has none."""
    return next(iter(versions(name).get("webp", {}).values()), name)


def for_previews(name: str) -> tuple[str, int, int]:
    """What other sites are shown, with its size: they want neither AVIF nor pictures of many megabytes."""
    width, height = size_in_name(name) or (0, 0)
    kinds = versions(name)
    own = kinds.get("webp" if name.endswith(".avif") else name.rpartition(".")[2], {}) or {width: name}
    wide = max((each for each in own if each <= PREVIEW_WIDTH), default=min(own))
    return own[wide], wide, max(1, round(height * wide / width))


def original_of(name: str) -> str | None:
    """The picture that this is a version of."""
    found = VERSION.fullmatch(name)
    if found and NAME.fullmatch(found["original"]) and name in version_names(found["original"]):
        return found["original"]
    return None


def is_stored(name: str) -> bool:
    """Whether a file of the storage may be called so."""
    return bool(NAME.fullmatch(name)) or original_of(name) is not None


def media_type(name: str) -> str:
    return MEDIA_TYPES[name.rpartition(".")[2]]
