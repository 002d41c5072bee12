"""How soon a key shows in a post of 50,000 words: `python -m benchmarks.typing [keys]`. Needs Chromium.

Each key is timed from its event to the frame after it, and by the browser's own Event Timing, which counts only what
took 16 ms or more, in steps of 8. Both grow when others use the machine; the longest task of the page in processor time
does not. Typed without our scripts, with them, and with the preview open.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import flask_migrate
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.serving import served
from blog import create_app
from blog.database import db
from blog.models import LoginSession, Post, User, UserRole
from config import Config

ADDRESS = "http://127.0.0.1:8393"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SENTENCE = "The *tide* is a sum of plain waves, and **none of these** ever changes its [period](/about), he said. "
PARAGRAPH = SENTENCE * 4
WORDS = 50_000
TYPED = "When the moon is full, the water comes higher than the wall.\n- and so on\n"
WATCH = """() => {
  window.shown = []; window.timed = []; window.long = [];
  addEventListener("keydown", (event) => {
    requestAnimationFrame(() => setTimeout(() => shown.push(performance.now() - event.timeStamp)));
  }, true);
  const keys = ["keydown", "keypress", "beforeinput", "input", "keyup"];
  const watch = (options, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe(options);
  watch({ type: "event", durationThreshold: 16 }, (one) => keys.includes(one.name) && timed.push(one.duration));
  watch({ type: "longtask" }, (one) => long.push(one.duration));
}"""
MIDDLE = """() => {
  const text = document.querySelector("#body");
  const at = text.value.indexOf("\\n", text.value.length / 2);
  text.setSelectionRange(at, at);
  text.focus();
}"""


def text() -> str:
    chapters = (WORDS // len(PARAGRAPH.split())) // 10
    return "\n\n".join(f"## Chapter {n}\n\n" + "\n\n".join([PARAGRAPH.strip()] * 10) for n in range(chapters))


def prepared(environ: dict[str, str]) -> dict[str, Any]:
    """A blog with one long post, and the cookie of its author."""
    app = create_app(Config(environ))
    with app.app_context(), app.test_client() as client:
        flask_migrate.upgrade()
        ada = User(email="ada@example.com", name="Ada", role=UserRole.editor)
        db.session.add(ada)
        post = Post.start(ada, by=ada, title="A long post", body=text())
        secret = LoginSession.start(ada)
        db.session.commit()
        with client.session_transaction() as session:
            session["login"] = secret
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie
        print(f"{post.words:,} words, {len(post.body):,} characters")
        return {"name": cookie.key, "value": cookie.value, "url": ADDRESS}


def type_in(page: Page, keys: int) -> None:
    """In the middle of the text, at eight keys a second, with pauses in which all that waits has its turn."""
    page.evaluate(WATCH)
    for n in range(keys):
        letter = TYPED[n % len(TYPED)]
        page.keyboard.press("Enter" if letter == "\n" else "Space" if letter == " " else letter)
        page.wait_for_timeout(1800 if n % 40 == 39 else 90)
    page.wait_for_timeout(500)


def longest_task(events: list[dict[str, Any]]) -> float:
    """Milliseconds of processor time that the main thread of a page spent without a pause."""
    pages = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks = [one for one in events if "RunTask" in one["name"] and (one["pid"], one["tid"]) in pages]
    return max((one.get("tdur", 0) / 1000 for one in tasks), default=0)


def measure(browser: Browser, cookie: Any, name: str, keys: int, *, scripts: bool, preview: bool) -> None:
    context = browser.new_context(base_url=ADDRESS, viewport={"width": 1280, "height": 800})
    context.add_cookies([cookie])
    page = context.new_page()
    if not scripts:
        page.route("**/static/js-*/**", lambda route: route.abort())
    page.goto("/write/posts/1")
    if scripts:
        page.wait_for_selector(".toolbar")
        if page.locator(".preview").is_visible() != preview:
            page.keyboard.press("Control+Shift+p")
        if preview:
            page.wait_for_selector(".preview h2", timeout=60_000)
    page.evaluate(MIDDLE)
    page.wait_for_timeout(3000)
    browser.start_tracing(page=page, categories=["toplevel"])
    type_in(page, keys)
    busiest = longest_task(json.loads(browser.stop_tracing())["traceEvents"])
    shown, timed, long = (sorted(page.evaluate(f"window.{one}")) for one in ("shown", "timed", "long"))
    assert len(shown) == keys
    print(
        f"{name:<24} p50 {shown[keys // 2]:5.1f}  p99 {shown[keys * 99 // 100]:5.1f}  max {shown[-1]:5.1f} ms;"
        f" Event Timing max {max(timed, default=0):3.0f} ms;"
        f" {len(long)} long tasks, max {max(long, default=0):.0f} ms; in processor time max {busiest:.0f} ms"
    )
    context.close()


def main() -> None:
    if CHROMIUM is None:
        raise SystemExit("NOT MEASURED: there is no Chromium here (Debian: apt install chromium)")
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "PATH": os.environ["PATH"],
            "INSTANCE_PATH": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder, 'a.db')}",
        }
        cookie = prepared(environ)
        with served("wsgi:app", ADDRESS, environ), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            measure(browser, cookie, "without our scripts", keys, scripts=False, preview=False)
            measure(browser, cookie, "with them", keys, scripts=True, preview=False)
            measure(browser, cookie, "with the preview open", keys, scripts=True, preview=True)
            browser.close()


if __name__ == "__main__":
    main()
