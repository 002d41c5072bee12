"""The pages of one's own account: judged by axe, and the picture put in by hand."""

import pytest
from factories import a_post, a_user
from picture_files import a_file, a_sketch

from blog.database import db as the_db
from blog.models.moving import ask_to_move
from browser.test_access import faults
from browser.test_access_of_the_desk import LOOKS

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_the_pages_of_an_account(site, browser_of, ada, look):
    a_post(by=ada, live=True, title="Swifts")
    reader = a_user(name="Bob")
    to, back = ask_to_move(ada, "ada@new.example")
    the_db.session.commit()
    site.app.config["MAIL_PLACE"] = object()  # as if it sent mail: nothing is written here
    page = browser_of(ada, **LOOKS[look]).new_page()
    page.goto("/auth/account")
    page.set_input_files("#file", {"name": "me.png", "mimeType": "image/png", "buffer": a_file(a_sketch(400, 300))})
    page.get_by_role("button", name="Use this picture").click()
    page.locator("img.portrait").wait_for()
    paths = ["/auth/account", "/auth/account/departure", f"/auth/address/new/{to}", f"/auth/address/old/{back}"]
    found = {}
    for path in [*paths, "/authors", f"/authors/{ada.handle}"]:
        page.goto(path)
        found[path] = faults(page) or (["wider than the screen"] if page.evaluate(WIDER) else [])
    page = browser_of(reader, **LOOKS[look]).new_page()
    page.goto("/auth/account/departure")
    page.get_by_role("button", name="Delete my account").click()  # with nothing filled in
    found["the page of a reader who leaves, with a fault"] = faults(page)
    assert not {path: some for path, some in found.items() if some}
