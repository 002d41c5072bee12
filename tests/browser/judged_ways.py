"""How a browser comes to a page, or a state of one, that no address opens: the ways of `judged`."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from factories import PASSWORD, the_site
from flask import Flask, abort, request
from picture_files import a_file, a_sketch
from sqlalchemy import delete, update
from sqlalchemy.exc import OperationalError

from blog.database import db, utcnow
from blog.models import LoginSession, Passkey, User
from browser.conftest import writing

TYPED_IN = "input:not([type=hidden], [type=radio], [type=checkbox], [type=file], [readonly]), textarea"
EMPTY = "(form, fields) => form.querySelectorAll(fields).forEach((field) => (field.value = ''))"
PICTURE = {"name": f"{'s' * 250}.png", "mimeType": "image/png", "buffer": a_file(a_sketch(400, 300))}


def gone_to(page, app: Flask, address: str) -> None:
    page.goto(address)


def press(page, button) -> None:
    with page.expect_navigation():
        button.click()


def pressed(page, words: str, **how: bool) -> None:
    press(page, page.locator("main").get_by_role("button", name=words, **how).first)


def nothing_typed(page, app: Flask, address: str) -> None:
    """The first form of the page is sent with all of its fields empty."""
    page.goto(address)
    form = page.locator("main form.form").first
    form.evaluate(EMPTY, TYPED_IN)
    press(page, form.locator("button:not([type=button])").first)


# Signing in


def password_given(page, app: Flask, address: str, *, password: str = PASSWORD) -> None:
    page.goto("/auth/login")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password").fill(password)
    pressed(page, "Sign in", exact=True)


def wrong_password(page, app: Flask, address: str) -> None:
    password_given(page, app, address, password="no partridge")


def too_many_tries(page, app: Flask, address: str) -> None:
    while not page.get_by_text("Too many attempts.").count():
        wrong_password(page, app, address)


def wrong_code(page, app: Flask, address: str) -> None:
    page.goto(address)
    page.get_by_text("Use a recovery code", exact=True).click()
    page.get_by_label("Code", exact=True).fill("12")
    pressed(page, "Go on", exact=True)


def long_ago(page, app: Flask, address: str) -> None:
    """The last proof of everybody is older than it may be."""
    with writing():
        db.session.execute(update(LoginSession).values(proved_at=utcnow() - timedelta(hours=2)))
    page.goto(address)


def asked_to_prove(page, app: Flask, address: str) -> None:
    page.goto("/auth/account")
    page.get_by_label("New address").fill("ada@elsewhere.example")
    pressed(page, "Send the letter")


# Coming in


def invitation_accepted(page, app: Flask, address: str) -> None:
    page.goto(address)
    page.get_by_label("Name").fill("Eve")
    page.get_by_label("Password").fill("eleven pipers at their pipes")
    pressed(page, "Come in")


def change_taken_back(page, app: Flask, address: str) -> None:
    """By somebody whose address another person has by now."""
    with writing():
        User.by_email("ben@example.com").email = "ben@new.example"
        db.session.flush()
        db.session.add(User(name="Quick", email="ben@example.com"))
    page.goto(address)
    pressed(page, "This was not me")


def without_mail(page, app: Flask, address: str) -> None:
    app.config["MAIL_PLACE"] = None
    page.goto(address)


def by_invitation(page, app: Flask, address: str, *, registration: str = "invitation") -> None:
    with writing():
        the_site(registration=registration)
    page.goto(address)


def closed(page, app: Flask, address: str) -> None:
    by_invitation(page, app, address, registration="closed")


# What goes wrong


def breaks(app: Flask, endpoint: str) -> None:
    """From now on this view fails as the address says, or because somebody asked too often."""

    def broken(**_holes: object):
        code = int(request.args.get("q", "429"))
        if code == 500:
            raise RuntimeError("broken for a test")
        if code == 503:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        abort(code)

    for mark, value in vars(app.view_functions[endpoint]).items():
        setattr(broken, mark, value)
    app.view_functions[endpoint] = broken


def broken(page, app: Flask, address: str) -> None:
    breaks(app, "posts.search")
    assert page.goto(address).status == int(parse_qs(urlsplit(address).query)["q"][0])


def typed(page, address: str) -> None:
    page.goto(address)
    page.fill("#title", "Typed and kept")
    page.fill("#body", "An hour of work.\n" * 20)


def saved(page) -> None:
    press(page, page.locator("[data-save]"))


def signed_out_meanwhile(page, app: Flask, address: str) -> None:
    typed(page, address)
    page.context.clear_cookies()
    saved(page)


def signed_in_again(page, app: Flask, address: str) -> None:
    """On from the page before, as an admin, who may write there too."""
    page.get_by_label("Email").fill("boss@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    pressed(page, "Sign in", exact=True)


def refused_meanwhile(page, app: Flask, address: str) -> None:
    typed(page, address)
    routes = app.url_map.bind("localhost")
    breaks(app, routes.match(address, method="POST")[0])
    saved(page)


def rule_come_meanwhile(page, app: Flask, address: str) -> None:
    typed(page, address)
    with writing():
        db.session.execute(delete(Passkey))
        the_site(factor_for=["editor"])
    saved(page)


# One's own account


def portrait_chosen(page, app: Flask, address: str) -> None:
    page.goto(address)
    page.set_input_files("#file", PICTURE)
    pressed(page, "Use this picture")
    page.locator("img.portrait").wait_for()


def wrong_password_of_now(page, app: Flask, address: str) -> None:
    page.goto("/auth/account")
    page.get_by_label("Password now").fill("a partridge in a pear tree")
    page.get_by_label("New password").fill("ada")
    pressed(page, "Change the password")


def passkey_looked_at(page, app: Flask, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Add a passkey").wait_for()
    page.locator(".passkeys summary").first.click()


def passkey_renamed_to_nothing(page, app: Flask, address: str) -> None:
    passkey_looked_at(page, app, "/auth/account/factors")
    page.get_by_label("New name").first.fill("")
    pressed(page, "Rename", exact=True)


def codes_made(page, app: Flask, address: str) -> None:
    page.goto("/auth/account/factors")
    pressed(page, "Make ten new ones")


# The desk


def nothing_written(page, app: Flask, address: str) -> None:
    page.goto("/write/posts/new")
    pressed(page, "Publish", exact=True)


def preview_link_made(page, app: Flask, address: str) -> None:
    page.goto(address)
    pressed(page, "Make a link")


def picture_uploaded(page, app: Flask, address: str) -> None:
    page.goto(address)
    page.set_input_files("#file", PICTURE)
    pressed(page, "Upload")


def met_another(page, app: Flask, address: str) -> None:
    """Two tabs change the same place."""
    other = page.context.new_page()
    for tab in (other, page):
        tab.goto(address)
    for tab, word in ((other, "Theirs"), (page, "Mine")):
        tab.fill("#body", f"{word} altogether.")
        tab.fill("#title", word)
        saved(tab)
    other.close()


# Admins


def numbers_opened(page, app: Flask, address: str) -> None:
    page.goto(address)
    for one in page.locator(".chart-numbers summary").all():
        one.click()


def invitations_looked_at(page, app: Flask, address: str, *, button: str = "Look first") -> None:
    page.goto(address)
    page.get_by_label("Addresses").fill("flo@example.com, Flo, editor\nboss@example.com\nnobody\n")
    pressed(page, button, exact=True)


def invited(page, app: Flask, address: str) -> None:
    invitations_looked_at(page, app, address, button="Invite")


def settings_shown_first(page, app: Flask, address: str) -> None:
    page.goto(address)
    page.fill("#tagline", "Other things.")
    page.set_input_files("#logo_file", PICTURE)
    pressed(page, "Show me first")
    page.wait_for_selector(".showing")


def all_checked(page, app: Flask, address: str) -> None:
    page.goto(address)
    pressed(page, "Check everything")


def renamed_as_another(page, app: Flask, address: str) -> None:
    page.goto(address)
    page.get_by_label("Name").fill("Sea")
    pressed(page, "Rename")


def all_opened(page, app: Flask, address: str) -> None:
    page.goto(address)
    for one in page.locator("main details > summary").all():
        one.click()


def on_the_person(words: str) -> Callable[..., None]:
    """The way that leads by this button, untouched else, of the page of a person."""

    def way(page, app: Flask, address: str) -> None:
        all_opened(page, app, address.rpartition("/")[0])
        pressed(page, words)

    return way


reset_link_made = on_the_person("Make a reset link")
handed_over_to_nobody = on_the_person("Hand over")
moved_to_nowhere = on_the_person("Change the address")
deleted_without_a_word = on_the_person("Delete the account")
