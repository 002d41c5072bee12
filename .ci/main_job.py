"""The main job of a blog, done over HTTP against a running Masthead, with nothing but the standard library.

main_job.py ready PORT           exits with 0 once the site answers
main_job.py first PORT LOG KEPT  sets the site up by the address in LOG, and does everything once
main_job.py again PORT LOG KEPT  after a restart: signs in by what KEPT says, and finds everything as it was
"""

import json
import re
import secrets
import sys
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener
from xml.etree import ElementTree

EMAIL = "ada@example.org"


class Failure(Exception):
    """What was expected, and what came instead."""


def step(words: str) -> None:
    print(f"  · {words}", flush=True)


class Forms(HTMLParser):
    """The forms of a page: where each goes, what it would send, and its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict] = []
        self.links: list[str] = []
        self.area = self.choice = self.button = None
        self.is_open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        a = dict(attributes)
        if tag in ("a", "link") and a.get("href"):
            self.links.append(a["href"])
        if tag == "form":
            self.forms.append({"action": a.get("action"), "method": a.get("method", "get"), "sends": {}, "buttons": []})
            self.is_open = True
        elif self.is_open:
            self.control(tag, a, self.forms[-1])

    def control(self, tag: str, a: dict, form: dict) -> None:
        name = a.get("name")
        if tag == "input" and name:
            if a.get("type") not in ("checkbox", "radio") or "checked" in a:
                form["sends"][name] = a.get("value") or ("y" if a.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.area, form["sends"][name] = name, ""
        elif tag == "select":
            self.choice = name
        elif tag == "option" and ("selected" in a or self.choice not in form["sends"]):
            form["sends"][self.choice] = a.get("value") or ""
        elif tag == "button":
            self.button = {"action": a.get("formaction"), "words": ""}
            form["buttons"].append(self.button)

    def handle_data(self, words: str) -> None:
        if self.area:
            self.forms[-1]["sends"][self.area] += words
        elif self.button:
            self.button["words"] += words

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            sent = self.forms[-1]["sends"]
            sent[self.area] = sent[self.area].removeprefix("\n")
            self.area = None
        elif tag == "button":
            self.button = None
        elif tag == "form":
            self.is_open = False


class Page:
    def __init__(self, answer) -> None:
        self.code, self.url, self.headers = answer.status, answer.geturl(), answer.headers
        self.text = answer.read().decode()
        self.path = urlsplit(self.url).path
        self.forms = Forms(self.text)

    def shows(self, words: str) -> "Page":
        if words not in self.text:
            title = re.search(r"<title>(.*?)</title>", self.text)
            notices = re.findall(r'class="(?:notice|field__error)[^>]*>(.*?)</', self.text)
            raise Failure(f"{self.path} ({self.code}, {title and title[1]}) does not show {words!r}; it says {notices}")
        return self


class Browser:
    """Somebody with a browser: cookies, links, forms."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.open = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar())).open

    def get(self, address: str, expect: int = 200) -> Page:
        return self.fetch(address, None, expect)

    def press(self, words: str, page: Page, **typed: str) -> Page:
        """Press the button that begins with these words, with this typed into its form."""
        for form in page.forms.forms:
            for button in form["buttons"]:
                if " ".join(button["words"].split()).startswith(words):
                    action = urljoin(page.url, button["action"] or form["action"] or page.url)
                    unknown = typed.keys() - form["sends"].keys() - {"samples", "role"}
                    if unknown:
                        raise Failure(f"the form of “{words}” on {page.path} has no {', '.join(unknown)}")
                    return self.fetch(action, urlencode(form["sends"] | typed).encode(), 200, of=page.url)
        raise Failure(f"{page.path} has no button “{words}”")

    def fetch(self, address: str, sent: bytes | None, expect: int, of: str = "") -> Page:
        request = Request(urljoin(self.site, address), sent, {"Referer": of} if of else {})
        try:
            page = Page(self.open(request, timeout=60))
        except HTTPError as error:
            page = Page(error)
        if page.code != expect:
            raise Failure(f"{address} answered {page.code}, not {expect}:\n{page.text[:2000]}")
        return page


def first(site: str, log: Path, kept: Path) -> None:
    password = secrets.token_urlsafe(18)
    admin, visitor = Browser(site), Browser(site)
    set_up(admin, log, password)
    read(visitor)
    step("signs out, and in again")
    admin.press("Sign out", admin.get("/write"))
    visitor_cannot(admin)
    sign_in(admin, password)
    slug = write(admin, visitor)
    person = change_a_role(admin)
    kept.write_text(json.dumps({"password": password, "slug": slug, "person": person}))


def set_up(admin: Browser, log: Path, password: str) -> None:
    step("sets the site up by the address that the start printed")
    found = re.search(r"https?://[^/\s]+(/setup/\S+)", log.read_text())
    if not found:
        raise Failure("the start printed no set-up address")
    form = admin.get(found[1])
    filled = {"title": "The Test", "name": "Ada", "email": EMAIL, "samples": "y"}
    admin.press("Set up the site", form, **filled, password=password).shows("Your site is ready.").shows("Sign out")
    admin.get(found[1], expect=404)


def read(visitor: Browser) -> None:
    step("reads the public pages as a visitor: front page, post, topics, authors, archive, search, feeds, icons")
    front = visitor.get("/").shows("The Test")
    for kind in ("/posts/", "/tags/", "/authors/"):
        link = next((link for link in front.forms.links if link.startswith(kind)), None)
        if link is None:
            raise Failure(f"the front page has no link to {kind}")
        visitor.get(link)
        visitor.get(kind.rstrip("/")) if kind != "/posts/" else None
    sheet = next(link for link in front.forms.links if link.endswith(".css"))
    if "immutable" not in visitor.get(sheet).headers["Cache-Control"]:
        raise Failure("the style sheet may not be kept")
    visitor.get("/archive").shows("Archive")
    visitor.get("/search?q=clock").shows("<mark>")
    for address in ("/feed.rss", "/sitemap.xml", "/opensearch.xml"):
        ElementTree.fromstring(visitor.get(address).text.encode())
    if not json.loads(visitor.get("/feed.json").text)["items"]:
        raise Failure("the JSON feed has no items")
    visitor.get("/robots.txt").shows("Sitemap:")
    visitor.get("/icon.svg")
    feed = ElementTree.fromstring(visitor.get("/feed.atom").text)
    if not feed.findall("{http://www.w3.org/2005/Atom}entry"):
        raise Failure("the feed has no entries")
    visitor.get("/there-is-no-such-page", expect=404)
    visitor_cannot(visitor)


def visitor_cannot(visitor: Browser) -> None:
    for address in ("/write", "/admin"):
        if visitor.get(address).path != "/auth/login":
            raise Failure(f"{address} is open to a visitor")


def sign_in(person: Browser, password: str) -> Page:
    form = person.get("/auth/login")
    person.fetch("/auth/login", urlencode({"email": EMAIL, "password": password}).encode(), 400)  # without its token
    return person.press("Sign in", form, email=EMAIL, password=password).shows("Sign out")


def write(editor: Browser, visitor: Browser) -> str:
    step("writes a draft, publishes, edits, unpublishes and publishes it again")
    page = editor.press("Save", editor.get("/write/posts/new"), title="Häuser & <b>", body="First *words*.")
    slug = slug_on(page.shows("Saved as a draft"))
    visitor.get(f"/posts/{slug}", expect=404)
    page = editor.press("Publish", page).shows("Published. Readers see it now.")
    visitor.get(f"/posts/{slug}").shows("First <em>words</em>.").shows("Häuser &amp; &lt;b&gt;")
    visitor.get("/").shows(f"/posts/{slug}")
    visitor.get("/feed.atom").shows(f"/posts/{slug}")
    page = editor.press("Publish the changes", page, body="Other **words**.").shows("Readers see it now.")
    visitor.get(f"/posts/{slug}").shows("Other <strong>words</strong>.")
    page = editor.press("Unpublish", page).shows("Unpublished.")
    visitor.get(f"/posts/{slug}", expect=410)
    editor.press("Publish", page).shows("Published. Readers see it now.")
    visitor.get(f"/posts/{slug}").shows("Other <strong>words</strong>.")
    return slug


def slug_on(page: Page) -> str:
    return next(form["sends"]["slug"] for form in page.forms.forms if "slug" in form["sends"])


def change_a_role(admin: Browser) -> str:
    step("changes a role as the admin")
    admin.get("/admin").shows("Ada")
    people = admin.get("/admin/users")
    own = admin.get("/admin/users?role=admin").forms.links
    person = next(link for link in people.forms.links if re.fullmatch(r"/admin/users/[0-9]+", link) and link not in own)
    admin.press("Change role", admin.get(person), role="viewer").shows("is now a viewer")
    return person


def again(site: str, _log: Path, kept: Path) -> None:
    step("after a restart: signs in, and finds the post and the role as they were")
    known = json.loads(kept.read_text())
    admin = Browser(site)
    admin.get(f"/posts/{known['slug']}").shows("Other <strong>words</strong>.")
    sign_in(admin, known["password"])
    admin.get("/write").shows(known["slug"])
    if not re.search(r'value="viewer"[^>]* checked', admin.get(known["person"]).text):
        raise Failure(f"{known['person']} is no viewer any more")


def ready(site: str) -> None:
    try:
        Browser(site).get("/readyz").shows("ok")
    except (URLError, ConnectionError, TimeoutError, Failure):
        sys.exit(1)


if __name__ == "__main__":
    what, port, *files = sys.argv[1:]
    try:
        {"ready": ready, "first": first, "again": again}[what](f"http://127.0.0.1:{port}", *map(Path, files))
    except Failure as failure:
        sys.exit(f"  FAILED: {failure}")
