"""Passkeys in a real browser, with a device that the browser plays; and the same doors without scripts, by code."""

import pyotp
import pytest
from factories import PASSWORD
from sqlalchemy import select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Authenticator, Passkey
from browser.conftest import sync_api, writing

expect = sync_api.expect


@pytest.fixture
def home(site) -> str:
    """The same site by the one name that browsers take passkeys at without HTTPS."""
    return site.address.replace("127.0.0.1", "localhost")


@pytest.fixture
def ada(ada):
    ada.set_password(PASSWORD)
    the_db.session.commit()
    return ada


@pytest.fixture
def telephone(ada) -> pyotp.TOTP:
    with writing():
        sealed = Authenticator.begin(ada)
        app = pyotp.TOTP(Authenticator.secret_in(sealed, ada))
        assert Authenticator.enrol(ada, sealed, app.at(utcnow()))
        the_db.session.execute(Authenticator.__table__.update().values(last_step=0))
    return app


def page_of(browser_of, **how):
    """A page, and what went wrong on it."""
    page = browser_of(**how).new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on(
        "console",
        lambda said: page.faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    return page


def with_device(page):
    """A telephone beside the browser, whose owner says yes to everything."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    return tools, tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})["authenticatorId"]


def sign_in(page, home, ada, path="/auth/login"):
    page.goto(home + path)
    page.get_by_label("Email").fill(ada.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_added_signs_in_alone_and_is_the_second_step(browser_of, home, ada):
    page = page_of(browser_of)
    with_device(page)
    sign_in(page, home, ada)
    page.goto(f"{home}/auth/account/factors")
    page.get_by_label("Name", exact=True).fill("Telephone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    expect(page.locator(".codes li")).to_have_count(10)
    expect(page.get_by_role("button", name="Print them")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save them as a file").click()
    assert saved.value.suggested_filename == "recovery-codes.txt"
    page.goto(f"{home}/auth/account/factors")
    expect(page.locator(".passkeys")).to_contain_text("Telephone")
    page.get_by_label("Name", exact=True).fill("Again")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey for your account already")

    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{home}/auth/login?next=/write/reviews")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/write/reviews")

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, home, ada)
    page.get_by_role("heading", name="One more step").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/write")
    the_db.session.rollback()
    assert the_db.session.scalar(select(Passkey.sign_count)) >= 2
    assert page.faults == []


def test_a_device_that_says_no_leaves_the_page_as_it_is(browser_of, home, ada):
    page = page_of(browser_of)
    tools, device = with_device(page)
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"{home}/auth/login")
    page.get_by_label("Email").fill("ada@")
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was signed")
    expect(button).to_be_enabled()
    expect(page.get_by_label("Email")).to_have_value("ada@")
    assert page.faults == []


def test_without_scripts_the_same_doors_open_by_code(browser_of, home, ada, telephone):
    page = page_of(browser_of, java_script_enabled=False)
    page.goto(f"{home}/auth/login")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    sign_in(page, home, ada)
    page.get_by_label("Code", exact=True).fill(telephone.at(utcnow()))
    page.keyboard.press("Enter")
    page.wait_for_url("**/write")
    page.goto(f"{home}/auth/account/factors")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Make ten new ones").click()
        page.get_by_role("button", name="Save them as a file").click()
    code = saved.value.path().read_text().split()[-1]
    page.goto(f"{home}/auth/account/factors")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, home, ada)
    page.get_by_text("Use a recovery code", exact=True).click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Go on with it").click()
    page.wait_for_url("**/write")
    assert page.faults == []
