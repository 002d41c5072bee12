"""Every page for everybody: judged by axe, light and dark, wide and narrow. `judged` lists the pages."""

import os

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import template_rendered
from werkzeug.exceptions import MethodNotAllowed

from browser import judged_ways
from browser.conftest import PATIENCE, cookie_of
from browser.judged import GROUPS, lines
from browser.judged_world import an_empty_site, the_world
from config import mail_place

MAIL = "smtp://127.0.0.1:9?from=blog@example.org"  # where nobody answers
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
# Contrast goes by the light, and whatever else axe asks by the width: these two looks show both of each.
LOOKS = {"wide and light": (WIDE, "light"), "narrow and dark": (NARROW, "dark")}
if os.environ.get("MASTHEAD_EVERY_LOOK"):
    LOOKS |= {"narrow and light": (NARROW, "light"), "wide and dark": (WIDE, "dark")}
JUDGE = """async (tags) => {
  const found = await axe.run({ runOnly: tags, resultTypes: ["violations"], elementRef: false });
  const places = (fault) => fault.nodes.map((node) => node.target.join(" ")).join(", ");
  const faults = found.violations.map((fault) => `${fault.id}: ${places(fault)}`);
  const page = document.documentElement;
  return page.scrollWidth > page.clientWidth ? [...faults, `${page.scrollWidth} pixels wide`] : faults;
}"""


def faults(page) -> dict[str, list[str]]:
    """What is wrong, by look. The page is opened once and then looked at in other lights and widths."""
    page.evaluate(AXE_SCRIPT)
    found = {}
    for look, how in LOOKS.items():
        wear(page, *how)
        found[look] = page.evaluate(JUDGE, TAGS)
    return {look: some for look, some in found.items() if some}


def wear(page, size, light) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=light)


def endpoint_of(app, address: str) -> str:
    routes = app.url_map.bind("localhost")
    path = address.removeprefix("http://").partition("?")[0]
    path = path[path.index("/") :]
    try:
        return routes.match(path, method="GET")[0]
    except MethodNotAllowed:
        return routes.match(path, method="POST")[0]


@pytest.fixture
def shown(site):
    """The templates of the pages that were answered, in order."""
    names: list[str] = []

    def note(_app, template, **_):
        names.append(template.name)

    with template_rendered.connected_to(note, site.app):
        yield names


@pytest.fixture
def judge(site, chromium, shown):
    """A page in the browser of this person, on a site that sends mail and answers what breaks with pages."""
    site.app.config |= {"MAIL_PLACE": mail_place(MAIL), "PROPAGATE_EXCEPTIONS": False}
    home = site.address.replace("127.0.0.1", "localhost")  # where browsers take passkeys without HTTPS
    context = chromium.new_context(base_url=home)
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(6 * PATIENCE)  # the first page of a process takes its time

    def page_of(person):
        if person:
            context.add_cookies([cookie_of(site, person) | {"url": home}])
        return context.new_page()

    yield page_of
    context.close()


@pytest.mark.parametrize("group", GROUPS)
def test_axe_finds_nothing_on_any_page(site, judge, shown, group):
    people, holes = ({}, an_empty_site()) if group == "nobody yet" else the_world()
    page, found = judge(people.get(group)), {}
    for line in lines(group):
        address = line.address.format_map(holes)
        wear(page, WIDE, "light")
        getattr(judged_ways, line.way)(page, site.app, address)
        assert endpoint_of(site.app, page.url) == endpoint_of(site.app, f"http://localhost{address}"), (line, page.url)
        assert line.template in (shown[-1], "error_bare.html"), (line, shown[-1])  # which is beyond what Flask tells of
        if some := faults(page):
            found[str(line)] = some
    assert not found
