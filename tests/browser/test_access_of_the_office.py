"""The dashboard and what hangs on it, judged by axe, wide and light, narrow and dark."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from factories import a_post, a_scheduled_post, an_admin
from picture_files import a_file
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Tag
from browser.conftest import writing
from browser.test_access import faults
from browser.test_access_of_the_desk import LOOKS

PICTURES = os.environ.get("MASTHEAD_SCREENSHOTS", "")  # a folder, for whoever wants to look


@pytest.fixture
def boss(site, ada):
    """An admin of a site in which something has happened."""
    with writing():
        boss = an_admin(name="Boss")
        a_scheduled_post(by=ada, title="Soon")
        for days in (0, 1, 1, 4, 9, 20):
            a_post(by=ada, published_at=utcnow() - timedelta(days=days), tags=["Tides", "Sea"])
            the_db.session.add(AuditEntry(actor_name="Ada", origin="x", action="signed in", at=utcnow()))
        Tag.named(["Alone"])
    return boss


def overflows(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page_of_the_office(browser_of, boss, look):
    page = browser_of(boss, **LOOKS[look]).new_page()
    page.set_default_navigation_timeout(60_000)  # the first page of a process takes its time on a machine that is busy
    tag = the_db.session.scalar(select(Tag.id).where(Tag.name == "Tides"))
    paths = ["/admin", "/admin?range=12-months", "/admin/tags", f"/admin/tags/{tag}"]
    paths += [f"/admin/tags/{tag}/merging?into=Sea", "/admin/settings", "/admin/system", "/admin/pages"]
    paths += ["/admin/redirects"]
    found = {}

    def judge(path):
        found[path] = faults(page) + (["wider than the screen"] if overflows(page) else [])
        if PICTURES:
            name = f"{path.strip('/').replace('/', '-').replace('?', '-')}-{look.replace(' ', '-')}.png"
            page.screenshot(path=Path(PICTURES) / name, full_page=True)

    for path in paths:
        page.goto(path)
        judge(path)
    page.goto("/admin")
    page.locator(".chart-numbers summary").first.click()
    judge("the numbers")
    page.goto("/admin/settings")
    page.fill("#tagline", "Mended things.")
    page.fill("#footer", "A magazine. [Imprint](/imprint)")
    page.set_input_files("#logo_file", {"name": "logo.png", "mimeType": "image/png", "buffer": a_file()})
    page.get_by_role("button", name="Show me first").first.click()
    page.wait_for_selector(".showing")
    judge("the preview")
    page.goto("/admin/system")
    page.get_by_role("button", name="Check everything").click()
    judge("all checks")
    assert not {path: some for path, some in found.items() if some}
