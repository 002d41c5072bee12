"""Rules about the code itself, so that a review need not look for them."""

import ast
from pathlib import Path

import pytest

import blog
from blog import access

ROOT = Path(blog.__file__).parent
# A module may import from its own layer and from those to its left.
LAYERS = [
    {
        "charts",
        "contents",
        "database",
        "folding",
        "links",
        "mending",
        "months",
        "nearest",
        "text",
        "colour",
        "fonts",
        "version",
    }
    | {"aligning", "comparing", "meeting", "merging", "pairing", "passing", "splitting", "picture_names"}
    | {"passwords"},
    {"picture_tags", "pictures", "storage"},
    {"sanitiser", "dressing", "finished", "cards", "icons", "widths", "bucket", "portraits"},
    {"markdown"},
    {"extensions", "sealing", "postman", "shields", "home"},
    {"models"},
    {"newsstand", "search", "library"},
    {"page_cache"},
    {"access", "assets", "paging", "forms", "mail", "deployment", "devices", "limits", "tables"},
    {"web"},
    {"carrying", "moved", "posting"},
    {"lost", "refusals"},
    {"errors", "head", "transfer", "checks"},
    {"facts"},
    {"auth", "posts", "admin"},
    {"cli", "emptying", "rebuild", "resealing", "media_commands", "factor_commands", "mail_commands"},
    {""},
]
APART = ("auth", "posts", "admin")


def part(module: str) -> str:
    return module.removeprefix("blog").lstrip(".").partition(".")[0]


def layer(module: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if part(module) in names)


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "blog":
            yield from (f"blog.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("blog."):
            yield node.module or ""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def modules():
    return [(module_name(path), target) for path in ROOT.rglob("*.py") for target in imports(path)]


def test_imports_point_one_way():
    assert not [f"{name} imports {target}" for name, target in modules() if layer(target) > layer(name)]


def test_the_blueprints_never_import_one_another():
    crossing = [
        f"{name} imports {target}"
        for name, target in modules()
        if part(name) in APART and part(target) in APART and part(name) != part(target)
    ]
    assert not crossing


def test_models_neither_commit_nor_know_the_request():
    for path in (ROOT / "models").rglob("*.py"):
        source = path.read_text()
        assert ".commit(" not in source, path
        assert "import request" not in source, path
        assert "current_user" not in source, path


def test_nothing_is_imported_inside_a_function():
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                inner = [child for child in ast.walk(node) if isinstance(child, ast.Import | ast.ImportFrom)]
                assert not inner, f"{path}:{node.lineno}"


def test_no_query_is_in_the_old_style():
    for path in ROOT.rglob("*.py"):
        assert ".query(" not in path.read_text(), path


def test_files_and_functions_stay_easy_to_hold_in_the_head():
    lengths = []
    for path in ROOT.rglob("*.py"):
        source = path.read_text()
        assert source.count("\n") <= 300, f"{path} is too long"
        functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
        lengths += sorted((node.end_lineno or 0) - node.lineno + 1 for node in functions)
    lengths.sort()
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[len(lengths) * 9 // 10] <= 25


def test_a_view_that_does_not_say_who_may_call_it_stops_the_start(app):
    app.view_functions["forgotten"] = lambda: "open to all"
    try:
        with pytest.raises(access.UnmarkedViewError, match="forgotten"):
            access.check_views(app)
    finally:
        del app.view_functions["forgotten"]
