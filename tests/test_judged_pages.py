"""No page is forgotten where axe judges them (tests/browser/test_access_of_all_pages.py)."""

import re
from pathlib import Path

import pytest
from browser.judged import GROUPS, NO_PAGES, Judged, lines
from werkzeug.exceptions import MethodNotAllowed

TEMPLATES = Path(__file__).parents[1] / "templates"
HOLE, FILLED = re.compile("{(.+?)}"), {"year": "2026", "month": "11"}
LINES = [line for group in GROUPS for line in lines(group)]


def endpoint_of(app, line: Judged) -> str:
    path = HOLE.sub(lambda hole: FILLED.get(hole[1], "1"), line.address).partition("?")[0]
    routes = app.url_map.bind("localhost")
    try:
        return routes.match(path, method="GET")[0]
    except MethodNotAllowed:
        return routes.match(path, method="POST")[0]


@pytest.fixture
def judged(app) -> set[str]:
    """The views whose own pages are judged: what a broken one answers says nothing of its page."""
    return {endpoint_of(app, line) for line in LINES if "error" not in line.template}


@pytest.fixture
def pages(app) -> set[str]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    return {rule.endpoint for rule in rules if rule.endpoint.partition(".")[0] in ("auth", "admin", "posts")}


def test_every_page_is_judged_or_is_none(judged, pages):
    assert sorted(pages - judged - NO_PAGES.keys()) == [], "add them to tests/browser/judged.py"


def test_whatever_is_said_to_be_no_page_is_there_and_is_not_judged(judged, pages):
    assert sorted(NO_PAGES.keys() - pages) == []
    assert sorted(NO_PAGES.keys() & judged) == []


def test_every_template_of_a_page_is_judged():
    folders = [TEMPLATES, *(TEMPLATES / name for name in ("auth", "admin", "posts"))]
    whole = {file.relative_to(TEMPLATES).as_posix() for folder in folders for file in folder.glob("[!_]*.html")}
    assert whole == {line.template for line in LINES}
