"""A picture of ours as HTML: every width there is, its size so that nothing shifts, and both kinds. Pure functions."""

from html import escape

from blog.picture_names import MEDIA_TYPES, WHERE, name_in, size_in_name, versions

# How wide a picture stands at most, in the words of `sizes`. The style sheets say the same.
SIZES = {
    "text": "(min-width: 52rem) 47rem, 92vw",
    "cover": "(min-width: 76rem) 70rem, 92vw",
    "page": "(min-width: 76rem) 57rem, 92vw",
    "lead": "(min-width: 76rem) 37rem, (min-width: 48rem) 50vw, 92vw",
    "panel": "(min-width: 62rem) 19rem, 92vw",
    "desk": "(min-width: 62rem) 40rem, 92vw",
    "thumb": "12rem",
}


def picture(
    address: str, alt: str, *, place: str = "text", lazy: bool = True, classes: str = "", urgent: bool = False
) -> str:
    """The picture at an address of ours. Where that is none of ours, nothing."""
    name = name_in(address)
    size = size_in_name(name)
    if not size:
        return ""
    *others, own = list(_choices(name, SIZES[place]).items()) or [("", "")]
    attributes = f'width="{size[0]}" height="{size[1]}"'
    attributes += f' class="{escape(classes)}"' if classes else ""
    attributes += ' loading="lazy" decoding="async"' if lazy else ' fetchpriority="high"' if urgent else ""
    img = f'<img src="{escape(address)}" alt="{escape(alt)}" {attributes}{own[1]}>'
    sources = "".join(f'<source type="{MEDIA_TYPES[kind]}"{choices}>' for kind, choices in others)
    return f"<picture>{sources}{img}</picture>" if sources else img


def plain(address: str, alt: str) -> str:
    """The picture in its own size only, for a text that shows so many that all their widths would drown it."""
    width, height = size_in_name(address) or (0, 0)
    return (
        f'<img src="{escape(address)}" alt="{escape(alt)}" width="{width}" height="{height}"'
        ' loading="lazy" decoding="async">'
    )


def _choices(name: str, sizes: str) -> dict[str, str]:
    """By kind, the attributes that let a browser choose. The picture's own kind comes last, for the `img` itself."""
    kinds = versions(name)
    own = name.rpartition(".")[2]
    written = {
        kind: f' srcset="{", ".join(f"{WHERE}{each} {width}w" for width, each in widths.items())}" sizes="{sizes}"'
        for kind, widths in kinds.items()
        if widths
    }
    if own == "avif" and written:
        return written | {"": ""}  # the img itself is for those who know neither kind
    return written
