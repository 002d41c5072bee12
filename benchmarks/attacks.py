"""Every attack of the public lists through every field, opened by an admin: `python -m benchmarks.attacks LISTS`.

Counted are scripts that ran, requests to elsewhere, forms sent, pages left, and what the browser's policy had to stop,
which is the second wall: the first should have left it nothing. Each page is searched as well for what could act on a
click, draw over the page, or pass for a part of it. Needs Chromium. `--every 10` takes each tenth attack.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import flask_migrate
from flask import Flask
from playwright.sync_api import BrowserContext, Error, Page, sync_playwright

from benchmarks.hostile import CANARY, Planted, collected, planted
from benchmarks.serving import served
from blog import create_app, links
from blog.database import db
from blog.models import LoginSession, Site
from config import Config

ADDRESS = "http://127.0.0.1:8394"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ALONE = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # nothing gets out
MOST_OF_A_LIST = 40  # pages
HOOKS = """(() => {
  window.__hits = [];
  window.__stopped = [];
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => __hits.push(name);
  const stopped = ({ effectiveDirective, blockedURI, sample }) => {
    // To show a picture or XML alone, the browser makes a page of its own, with styles in it.
    if (document.contentType === "text/html" || !effectiveDirective.startsWith("style-src"))
      __stopped.push(`${effectiveDirective} ${blockedURI} ${sample}`);
  };
  addEventListener("securitypolicyviolation", stopped, true);
})()"""
# What is on the page that could act, or is where only words should be.
SEARCH = r"""() => {
  const found = [];
  const note = (what, one) => found.push(`${what}: ${one.outerHTML.slice(0, 150)}`);
  const prose = [...document.querySelectorAll(".prose")];
  const inside = (one) => prose.some((box) => box.contains(one));
  const whole = (address) => URL.canParse(address, location.href) && new URL(address, location.href);
  const adrift = (address) => whole(address) && whole(address).host !== location.host;
  const ACTING = /^[\s\x00-\x1f]*(javascript|data|vbscript|blob):/i;
  const ADDRESS = /^(href|src|srcset|action|formaction|data|background|poster|xlink:href|ping|cite|manifest)$/i;
  const LOADS = /^(src|srcset|action|formaction|background|poster|data|ping|manifest)$/i;
  const ACTS = /^(target|ping|srcdoc|contenteditable|slot|name|style|form.*|command.*|popover.*)$/i;
  const FOREIGN = "iframe, frame, object, embed, applet, base, meta[http-equiv], portal, math";
  const CONTROLS = "form, button, select, textarea, style, svg, dialog, link, template";
  for (const one of document.querySelectorAll("*")) {
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name)) note("handler", one);
      if (ADDRESS.test(name) && ACTING.test(value)) note("address that acts", one);
      if (LOADS.test(name) && adrift(value)) note("foreign", one);
      if (/^(target|ping|srcdoc)$/i.test(name)) note(name, one);
    }
    if (one.matches("script:not([nonce]):not([type='application/ld+json'])")) note("script", one);
    if (one.matches(FOREIGN)) note("element", one);
    if (one.matches("link[rel~=stylesheet]") && adrift(one.href)) note("style sheet", one);
    if (!inside(one) && one.matches("[data-canary], .canary")) note("words taken for HTML", one);
  }
  for (const one of document.querySelectorAll(".prose *")) {
    if (one.matches(CONTROLS) || one.matches("input:not([type=checkbox][disabled])")) note("control in a text", one);
    if ([...one.attributes].some(({ name }) => ACTS.test(name))) note("attribute in a text", one);
    if (["fixed", "sticky"].includes(getComputedStyle(one).position)) note("drawn over the page", one);
    if (one.matches("a[href]") && adrift(one.href) && !one.relList.contains("noopener")) note("open link", one);
    const same = one.id ? document.querySelectorAll(`[id="${CSS.escape(one.id)}"]`).length : 0;
    if (same > 1 || one.id.startsWith("site-")) note("id of the page", one);
  }
  for (const name of ["cookie", "forms", "body", "title", "getElementById", "querySelector"])
    if (Object.hasOwn(document, name)) found.push(`document.${name} is hidden`);
  const attacked = prose.length > 0 || document.documentElement.outerHTML.includes("canary");
  return { found, hits: __hits, stopped: __stopped, attacked };
}"""


@dataclass
class Seen:
    """What came to light, with the first page of each."""

    pages: int = 0
    with_attacks: int = 0
    scripts: int = 0
    foreign: int = 0
    sent: int = 0
    left: int = 0
    stopped: int = 0
    found: int = 0
    broken: int = 0
    missed: int = 0
    where: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, path: str, number: int = 1) -> int:
        self.where[f"{what}   at {path[:100]}"] += number
        return number

    @property
    def bad(self) -> int:
        return self.scripts + self.foreign + self.sent + self.left + self.stopped + self.found + self.broken


class Watch:
    """A browser tab that counts what it should never see."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.seen, self.host, self.path = Seen(), urlsplit(address).netloc, ""
        context.add_init_script(HOOKS)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)  # the machine may be busy
        self.page.on("dialog", self.asked_to_answer)
        context.on("request", self.asked)
        context.on("requestfailed", self.stopped)
        context.on("page", lambda page: page is self.page or self.ran("a window"))

    def ran(self, what: str) -> None:
        self.seen.scripts += self.seen.note(f"RAN {what}", self.path)

    def asked_to_answer(self, dialog: Any) -> None:
        if dialog.type != "beforeunload":  # which is the editor's own, about a text that is not saved
            self.ran(f"a dialog: {dialog.message}")
        dialog.accept()

    def asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc != self.host:
            self.seen.foreign += self.seen.note(f"FOREIGN {request.url[:80]}", self.path)
        elif request.method == "POST" and request.is_navigation_request() and not self.path.startswith("POST"):
            self.seen.sent += self.seen.note(f"SENT {request.url[:80]}", self.path)

    def stopped(self, request: Any) -> None:
        """One that the policy stopped has not left the browser; it is counted as that."""
        if request.failure == "csp" and urlsplit(request.url).netloc != self.host:
            self.seen.foreign -= 1

    def open(self, path: str, kind: str = "") -> bool:
        """Open a page and look. False where it is not there."""
        self.path = path
        try:
            answer = self.page.goto(path)
        except Error as error:
            if "Download is starting" in str(error):  # a feed, say
                return True
            raise
        self.seen.kinds[kind or path.partition("?")[0]] += 1
        self.look()
        if answer and answer.status >= 500:
            self.seen.broken += self.seen.note(f"BROKEN {answer.status}", path)
        return bool(answer and answer.ok)

    def look(self) -> None:
        if urlsplit(self.page.url).netloc != self.host:
            self.seen.left += self.seen.note(f"LEFT for {self.page.url}", self.path)
            return
        told = self.page.evaluate(SEARCH)
        self.seen.pages += 1
        self.seen.with_attacks += told["attacked"]
        self.seen.scripts += sum(self.seen.note(f"RAN {one}", self.path) for one in told["hits"])
        self.seen.stopped += sum(self.seen.note(f"STOPPED {one}", self.path) for one in told["stopped"])
        self.seen.found += sum(self.seen.note(f"FOUND {one}", self.path) for one in told["found"])

    def list(self, path: str, most: int = MOST_OF_A_LIST) -> None:
        """Open a list to its end, or so many pages of it."""
        for _ in range(most):
            self.open(path, f"list {path.partition('?')[0]}")
            further = self.page.query_selector("nav a[rel=next]")
            if further is None or self.page.query_selector(".article"):
                return
            path = further.get_attribute("href") or ""

    def edit(self, path: str) -> None:
        """Open the editor, with its preview of the text, and save from an old revision: that shows the merge page."""
        self.open(path, "editor")
        self.page.wait_for_selector(".toolbar", timeout=60_000)
        if not self.page.locator(".preview").is_visible():
            self.page.keyboard.press("Control+Shift+p")
        self.page.wait_for_selector(".preview > *", state="attached", timeout=60_000)  # the first may be empty
        self.look()
        self.seen.kinds["preview pane"] += 1
        self.path = f"POST {path}"
        self.send({"base": "1", "body": "Mine", "slug": "!"}, "errors of the editor")
        self.send({"base": "1", "title": "Mine", "slug": f"mine-{self.seen.pages}", "tags": "mine"}, "saved")

    def send(self, typed: dict[str, str], kind: str) -> None:
        fill = """(typed) => { const form = document.querySelector("form.editor");
            for (const [name, words] of Object.entries(typed)) form.elements[name].value = words;
            HTMLFormElement.prototype.submit.call(form); }"""
        with self.page.expect_navigation():
            self.page.evaluate(fill, typed)
        self.look()
        self.seen.kinds["merge page" if self.page.locator("form.merge").count() else kind] += 1


def plain_addresses(app: Flask) -> list[str]:
    """Every page that takes no more than its address."""
    skipped = {"auth.logout", "posts.healthz", "posts.readyz", "posts.session", "posts.suggestions"}
    rules = [rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    return sorted({rule.rule for rule in rules if rule.endpoint not in skipped and "." in rule.endpoint})


def visits(watch: Watch, app: Flask, blog: Planted, *, every: int = 1) -> Iterator[str]:
    """Open it all, but of the posts each so-manieth; says what is next, before which the settings may change."""
    for n, path in list(enumerate(blog.pages))[::every]:
        yield path
        watch.open(quote(path), "post")
        words = blog.titles[n % len(blog.titles)]
        watch.open(f"/search?q={quote(words, safe='')}", "search")
        yield path
        watch.open(f"/{quote(words)}", "no such page")
        if n // every % 8 == 0:
            watch.open(f"/auth/login?next={quote(words, safe='')}", "sign-in")
            for address in ("/admin/users", "/write", "/write/media", "/admin/redirects"):
                watch.open(f"{address}?q={quote(words, safe='')}", f"search in {address}")
    for path in plain_addresses(app):
        yield path
        watch.list(path)
    for paths in blog.desk:
        for path in paths[1:]:
            yield path
            watch.open(path, path_kind(path))
        yield paths[0]
        watch.edit(paths[0])


def path_kind(path: str) -> str:
    parts = path.partition("?")[0].split("/")
    return "/".join("…" if any(char.isdigit() for char in part) or n > 4 else part for n, part in enumerate(parts))


def prove(watch: Watch) -> None:
    """That the watch sees what it should: on a page without our walls, and on one with the second alone."""
    html = "<title>x</title><script>alert(1)</script><img src='https://evil.example/x.png'><b onclick=x>x</b>"
    for policy, ran in (("", 1), ("default-src 'none'", 0)):
        headers = {"Content-Type": "text/html", "Content-Security-Policy": policy}
        watch.page.route("**/proof", lambda route: route.fulfill(body=html, headers=headers))
        watch.open("/proof")
        watch.page.wait_for_timeout(500)  # that a request has failed is told later
        seen, watch.seen = watch.seen, Seen()
        watch.page.unroute("**/proof")
        assert (seen.scripts, seen.foreign, bool(seen.stopped)) == (ran, ran, not ran), seen
        assert seen.found >= 3, seen


def settings_of(blog: Planted) -> Iterator[dict[str, Any]]:
    for words, line in zip(cycle(blog.attacks), cycle(blog.titles), strict=False):
        text = " ".join(words.split())
        yield {
            "title": f"{CANARY} {text}"[:80], "tagline": line[:200], "description": line[:300],
            "footer": line[:500] if fits(line[:500]) else "",  # a page is drawn only of what the form takes
            "navigation": [[text[:60] or "x", "/about"], [line[:60], f"https://example.com/?{text}"[:300]]],
        }  # fmt: skip


def fits(footer: str) -> bool:
    try:
        return bool(links.parts(footer))
    except links.UnfitLinkError:
        return False


def run(app: Flask, address: str, blog: Planted, context: BrowserContext, *, every: int, minutes: float) -> Seen:
    watch = Watch(context, address)
    prove(watch)
    dressed, began, settings = settings_of(blog), time.monotonic(), 0
    for n, _path in enumerate(visits(watch, app, blog, every=every)):
        with app.app_context():
            db.session.execute(db.update(Site).values(next(dressed)))
            db.session.commit()
        settings += 1
        if n % 250 == 0:
            bad = f", {watch.seen.bad} FINDINGS" if watch.seen.bad else ""
            print(f"{(time.monotonic() - began) / 60:5.1f} minutes: {watch.seen.pages:,} pages{bad}", flush=True)
        if time.monotonic() - began > minutes * 60:
            watch.seen.missed = 1
            break
    blog.used["settings (title, tagline, description, footer, links)"] = settings
    return watch.seen


def report(seen: Seen, blog: Planted) -> None:
    fields = "title, summary, search title, body, slug, handle, email, website, canonical address, cover, log, "
    fields += "lost address, referrer, redirect, user agent, working copy, revision, search words, missing address"
    print(f"{len(blog.attacks):,} attacks, packed into {len(blog.titles):,} lines for each of: {fields};")
    print("and " + ", ".join(f"{number:,} × {name}" for name, number in sorted(blog.used.items())))
    print(
        f"{seen.pages:,} pages opened, {seen.with_attacks:,} of them with attacks"
        + ("; STOPPED BY THE CLOCK" if seen.missed else "")
    )
    for kind, number in sorted(seen.kinds.items(), key=lambda pair: -pair[1]):
        print(f"  {number:>6,}  {kind}")
    print(
        f"scripts run {seen.scripts}, foreign requests {seen.foreign}, forms sent {seen.sent}, pages left {seen.left}, "
        f"stopped by the policy {seen.stopped}, found in pages {seen.found}, broken {seen.broken}"
    )
    for line, number in seen.where.most_common(40):
        print(f"  {number:>4} × {line}")


def cookie_of(app: Flask, blog: Planted, address: str) -> dict[str, str]:
    with app.test_client() as client:
        secret = LoginSession.start(blog.admin)
        db.session.commit()
        with client.session_transaction() as session:
            session["login"] = secret
        kept = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert kept
        return {"name": kept.key, "value": kept.value, "url": address}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("corpora", type=Path)
    options.add_argument("--every", type=int, default=1, help="take each so-manieth attack")
    options.add_argument(
        "--desk-every", type=int, default=20, help="open the pages of the desk for each so-manieth post"
    )
    options.add_argument("--posts-every", type=int, default=1, help="and the page of each so-manieth post")
    options.add_argument("--minutes", type=float, default=1e9)
    chosen = options.parse_args()
    attacks = collected(chosen.corpora)[:: chosen.every]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environ = {
            "INSTANCE_PATH": folder,
            "DATABASE_URL": f"sqlite:///{folder}/attacked.db",
            "PATH": os.environ["PATH"],
        }
        app = create_app(Config(environ))
        with app.app_context():
            flask_migrate.upgrade()
            began = time.monotonic()
            db.session.add(Site(posts_per_page=50))
            blog = planted(attacks, desk_every=chosen.desk_every, full_every=chosen.posts_every)
            cookie = cookie_of(app, blog, ADDRESS)
            print(f"planted in {time.monotonic() - began:.0f} s", flush=True)
        with served("wsgi:app", ADDRESS, environ):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ALONE)
            try:  # the server ends only when the browser has
                context = browser.new_context(base_url=ADDRESS)
                context.add_cookies([cookie])  # type: ignore[list-item]
                began = time.monotonic()
                seen = run(app, ADDRESS, blog, context, every=chosen.posts_every, minutes=chosen.minutes)
                report(seen, blog)
                print(f"in {(time.monotonic() - began) / 60:.1f} minutes")
            finally:
                browser.close()
    raise SystemExit(1 if seen.bad else 0)


if __name__ == "__main__":
    main()
