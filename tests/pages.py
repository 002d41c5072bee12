"""What every page owes its reader, checked on every page any test happens to fetch."""

from collections import Counter
from html.parser import HTMLParser

UNLABELLED = {"hidden", "submit"}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: Counter[str] = Counter()
        self.labelled: set[str | None] = set()
        self.controls: list[dict[str, str | None]] = []
        self.faults: list[str] = []
        self.inside_label = 0
        self.posting = False
        self.inside_script = False
        self.inside_drawing = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        a = dict(attributes)
        self.inside_drawing = self.inside_drawing or tag == "svg"
        self.tags["title of a drawing" if tag == "title" and self.inside_drawing else tag] += 1
        if "id" in a:
            self.ids.append(a["id"] or "")
        if tag == "label":
            self.inside_label += 1
            self.labelled.add(a.get("for"))
        if tag in {"input", "textarea", "select"}:
            self.see_control(a)
        if tag == "img" and "alt" not in a:
            self.faults.append(f"img without alt: {a.get('src')}")
        if tag == "script":
            self.see_script(a)
        if "style" in a or any(name.startswith("on") for name in a):
            self.faults.append(f"inline script or style on <{tag}>")
        if tag == "form":
            self.see_form(a)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside_label -= 1
        if tag == "script":
            self.inside_script = False
        if tag == "svg":
            self.inside_drawing = False
        if tag == "form":
            if self.posting:
                self.faults.append("a form that posts without a token")
            self.posting = False

    def handle_data(self, data: str) -> None:
        if self.inside_script and data.strip():
            self.faults.append("words inside of a script that has an address")

    def see_script(self, a: dict[str, str | None]) -> None:
        """Facts for machines, or a module of ours by its address, with the word that lets it run and nothing inside."""
        is_module = (
            a.get("type") == "module" and (a.get("src") or "").startswith("/static/js-") and bool(a.get("nonce"))
        )
        self.inside_script = is_module
        if not is_module and a.get("type") != "application/ld+json":
            self.faults.append("a script that is no module of ours")

    def see_form(self, a: dict[str, str | None]) -> None:
        self.posting = a.get("method") == "post"

    def see_control(self, a: dict[str, str | None]) -> None:
        if a.get("name") == "csrf_token":
            self.posting = False
        has_label = self.inside_label or a.get("aria-label") or a.get("type") in UNLABELLED
        if not has_label:
            self.controls.append(a)


def check(html: str) -> None:
    """Fails if the page has not one h1 and title, unique ids, labels, alt texts and tokens, or has inline script."""
    page = Page(html)
    faults = page.faults + [f"duplicate id {one}" for one, number in Counter(page.ids).items() if number > 1]
    faults += [f"{page.tags[tag]} × <{tag}>" for tag in ("h1", "title", "main") if page.tags[tag] != 1]
    faults += [f"no label for {a}" for a in page.controls if a.get("id") not in page.labelled]
    assert not faults, faults
