"""What the head of a page tells machines: its one address, what it is about, and how to show it elsewhere."""

import json
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from flask import Flask, g, request, url_for
from markupsafe import Markup

from blog import cards, colour
from blog.models import Anonymous, Post, User
from blog.picture_names import WHERE, for_previews, name_in
from blog.web import absolute

STRANGER = Anonymous()  # whoever asks: what is said here is what a stranger may know
# Nothing that a parser of HTML would take for the end of the block, or a parser of scripts for the end of a line.
UNSAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Preview:
    """The picture that stands for a page elsewhere."""

    address: str
    width: int
    height: int
    alt: str


def canonical(*, paged: bool = False) -> str:
    """The address of this page, without what of its query means nothing. Each page of a list is its own."""
    way = next((way for way in ("before", "after") if way in request.args), None) if paged else None
    return absolute(f"{request.path}?{way}={request.args[way]}" if way else request.path)


def is_first() -> bool:
    """Whether this is the first page of its list."""
    return not ({"before", "after"} & request.args.keys())


def description_of(post: Post) -> str:
    return (
        post.search_description
        or post.standfirst(STRANGER)
        or (f"“{post.headline}” is for members of {g.site.title}." if post.is_for_members else post.headline)
    )


def card_of(post: Post) -> cards.Card:
    names = [] if post.is_page else [person.name for person in post.byline]  # a page speaks for the site
    byline = " and ".join([*names[:-2], " and ".join(names[-2:])]) if len(names) < 3 else f"{names[0]} and others"
    return cards.Card(post.headline, byline, g.site.title, g.site.hue, g.site.chroma)


def card_address(post: Post) -> str:
    return url_for("posts.card", slug=post.slug, version=card_of(post).version)


def preview_of(post: Post) -> Preview:
    """The cover where there is one that strangers may see, else the card."""
    cover = name_in(post.cover) if STRANGER.can_read(post) else ""
    if cover:
        name, width, height = for_previews(cover)
        return Preview(absolute(WHERE + name), width, height, post.cover_alt or post.headline)
    byline = card_of(post).byline
    alt = f"{post.headline}, by {byline}, on {g.site.title}" if byline else f"{post.headline}, on {g.site.title}"
    return Preview(absolute(card_address(post)), cards.WIDTH, cards.HEIGHT, alt)


def place_of(language: str) -> str:
    """A language as OpenGraph names it, with its country: en as en_US, pt-BR as pt_BR. Empty for one not known."""
    try:
        asked = Locale.parse(language, sep="-")
        likely = Locale.parse(get_global("likely_subtags").get(asked.language, asked.language))
    except (ValueError, UnknownLocaleError):
        return ""
    territory = asked.territory or likely.territory
    return f"{asked.language}_{territory}" if territory else ""


def theme(scheme: str) -> str:
    palette = (colour.dark if scheme == "dark" else colour.light)(g.site.hue, g.site.chroma)
    return colour.hex_of(palette.paper)


def structured(*things: dict[str, Any]) -> Markup:
    """A block of JSON-LD, which no browser runs."""
    graph = json.dumps({"@context": "https://schema.org", "@graph": things}, ensure_ascii=False)
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(graph.translate(UNSAFE)))  # noqa: S704


def posting(post: Post) -> dict[str, Any]:
    picture = preview_of(post)
    told = {
        "@type": "WebPage" if post.is_page else "BlogPosting",
        "headline": post.headline,
        "description": description_of(post),
        "url": absolute(post.path),
        "mainEntityOfPage": absolute(post.path),
        "image": {"@type": "ImageObject", "url": picture.address, "width": picture.width, "height": picture.height},
        "publisher": publisher(),
        "inLanguage": post.language or g.site.language,
        "isAccessibleForFree": not post.is_for_members,
    }
    if not post.is_page:
        told["author"] = [person(one) for one in post.byline]
        told["keywords"] = [tag.name for tag in post.tags]
    if post.published_at:
        told["datePublished"] = post.published_at.isoformat(timespec="seconds")
        told["dateModified"] = max(post.edited_at, post.published_at).isoformat(timespec="seconds")
    return told


def person(one: User) -> dict[str, Any]:
    told = {"@type": "Person", "name": one.name, "url": absolute(url_for("posts.author", handle=one.handle))}
    return told | {"image": absolute(one.picture)} if one.portrait else told


def publisher() -> dict[str, Any]:
    return {"@type": "Organization", "name": g.site.title, "url": absolute("/"), "logo": absolute("/icon-512.png")}


def website() -> dict[str, Any]:
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{absolute('/search')}?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }
    return {
        "@type": "WebSite",
        "name": g.site.title,
        "description": g.site.description or g.site.tagline,
        "url": absolute("/"),
        "inLanguage": g.site.language,
        "potentialAction": search,
    }


def profile(one: User) -> dict[str, Any]:
    told = person(one) | {"description": one.biography} if one.biography else person(one)
    if one.website.startswith(("https://", "http://")):
        told = told | {"sameAs": [one.website]}
    return {"@type": "ProfilePage", "url": told["url"], "mainEntity": told}


def trail(*steps: tuple[str, str]) -> dict[str, Any]:
    """The way from the front page to this one: names and paths."""
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": absolute(path)}
        for number, (name, path) in enumerate([(g.site.title, "/"), *steps], 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def init_app(app: Flask) -> None:
    words = (canonical, is_first, description_of, preview_of, place_of, theme, structured, posting, website, profile)
    app.jinja_env.globals.update({word.__name__: word for word in (*words, trail)})
