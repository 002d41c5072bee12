"""Each way of losing a text, in a browser whose scripts are off; and the text is found."""

import pytest
import sqlalchemy as sa
from conftest import app_on, database_on, worker_of
from factories import PASSWORD, a_post, an_admin, an_editor
from picture_files import a_file
from sqlalchemy import delete, select

from blog.database import db as the_db
from blog.models import LoginSession, Post, Revision
from browser.conftest import Site, sync_api, writing

expect = sync_api.expect
LONG = "An hour of work, with “quotes”, <b>tags</b> & ünïcödé שלום.\n\n" * 40 + "The very last words."


@pytest.fixture(autouse=True)
def forms_need_a_token(site):
    site.app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def writer(ada):
    ada.set_password(PASSWORD)
    the_db.session.commit()
    return ada


@pytest.fixture
def post(writer):
    made = a_post(by=writer, title="Common", body="The first sentence. The second sentence.\n\nThe last paragraph.")
    the_db.session.commit()
    return made


def plain(browser_of, person, post):
    """The editor of this post, without scripts."""
    page = browser_of(person, java_script_enabled=False).new_page()
    page.goto(f"/write/posts/{post.id}")
    return page


def body_of(post) -> str:
    the_db.session.rollback()
    return the_db.session.scalars(
        select(Revision.body).where(Revision.post_id == post.id).order_by(Revision.number)
    ).all()[-1]


def test_an_ended_session_asks_for_the_password_and_goes_on_with_the_text(browser_of, writer, post):
    page = plain(browser_of, writer, post)
    page.fill("#body", LONG)
    with writing():
        the_db.session.execute(delete(LoginSession))
    page.click("[data-save]")
    assert "The very last words." in page.content()
    page.fill("input[name=email]", writer.email)
    page.fill("input[name=password]", "not the password")
    page.click("main form button")
    page.fill("input[name=email]", writer.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.click("main form button")
    expect(page.locator("#body")).to_have_value(LONG)
    assert body_of(post) == LONG


def test_a_form_that_has_grown_old_goes_on_with_one_press(browser_of, writer, post):
    page = plain(browser_of, writer, post)
    page.fill("#body", LONG)
    page.context.clear_cookies()
    fresh = browser_of(writer)
    page.context.add_cookies(fresh.cookies())
    page.click("[data-save]")
    assert "The very last words." in page.content()
    page.click("main form button")
    expect(page.locator("#body")).to_have_value(LONG)
    assert body_of(post) == LONG


def test_a_title_that_is_too_long_costs_nothing_even_if_the_page_is_shut(browser_of, writer, post):
    page = plain(browser_of, writer, post)
    page.fill("#body", LONG)
    page.fill("#title", "x" * 201)
    page.click("[data-save]")
    expect(page.locator(".field__error")).to_contain_text("At most 200 characters; this has 201.")
    again = page.context.new_page()
    page.close()
    again.goto(f"/write/posts/{post.id}")
    expect(again.locator("#body")).to_have_value(LONG)
    expect(again.locator("#title")).to_have_value("x" * 201)


def test_an_upload_that_fails_costs_only_the_upload(browser_of, writer, post):
    page = plain(browser_of, writer, post)
    page.fill("#body", LONG)
    page.set_input_files(
        "input[name=cover_file]", {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    )
    page.click("[data-save]")
    expect(page.locator(".field__error")).to_contain_text("not a picture")
    expect(page.locator("#body")).to_have_value(LONG)
    page.set_input_files(
        "input[name=cover_file]", {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": a_file(kind="JPEG")}
    )
    page.fill("input[name=cover_alt]", "A beach.")
    page.click("[data-save]")
    assert body_of(post) == LONG


def test_two_tabs_in_different_places_are_joined(browser_of, writer, post):
    context = browser_of(writer, java_script_enabled=False)
    one, two = context.new_page(), context.new_page()
    for page in (one, two):
        page.goto(f"/write/posts/{post.id}")
    text = one.input_value("#body")
    one.fill("#body", text.replace("first sentence", "first sentence of all"))
    one.click("[data-save]")
    two.fill("#body", text + "\n\nMore at the end.")
    two.click("[data-save]")
    expect(two.locator(".notice").first).to_be_visible()
    assert body_of(post) == text.replace("first sentence", "first sentence of all") + "\n\nMore at the end."


def test_two_people_at_the_same_sentence_are_shown_both_and_decide(browser_of, writer, post):
    with writing():
        boss = an_admin(name="Boss")
    theirs = browser_of(boss, java_script_enabled=False).new_page()
    mine = browser_of(writer, java_script_enabled=False).new_page()
    for page in (theirs, mine):
        page.goto(f"/write/posts/{post.id}")
    text = mine.input_value("#body")
    theirs.fill("#body", text.replace("first sentence", "FIRST sentence"))
    theirs.click("[data-save]")
    expect(theirs.locator(".notice--good")).to_be_visible()
    mine.fill("#body", text.replace("first sentence", "opening sentence"))
    mine.click("[data-save]")
    expect(mine.locator("h1")).to_have_text("Boss changed the same place")
    mine.get_by_label("Mine", exact=True).check()
    mine.click("text=Save the result")
    expect(mine.locator("#body")).to_have_value(text.replace("first sentence", "opening sentence"))
    assert body_of(post) == text.replace("first sentence", "opening sentence")
    bodies = the_db.session.scalars(select(Revision.body).where(Revision.post_id == post.id)).all()
    assert any("FIRST sentence" in body for body in bodies)


def test_leaving_the_page_of_the_merge_loses_nothing(browser_of, writer, post):
    context = browser_of(writer, java_script_enabled=False)
    one, two = context.new_page(), context.new_page()
    for page in (one, two):
        page.goto(f"/write/posts/{post.id}")
    one.fill("#body", "All else.")
    one.click("[data-save]")
    two.fill("#body", LONG)
    two.click("[data-save]")
    two.goto("/")
    two.goto(f"/write/posts/{post.id}")
    expect(two.locator("#body")).to_have_value(LONG)


def test_a_database_that_restarts_under_the_press_is_waited_for(request, chromium, tmp_path):
    """On PostgreSQL: all its connections are cut and none is let in, then it is back."""
    with database_on("postgresql", tmp_path, f"{worker_of(request)}_restarted") as url:
        app = app_on(url, tmp_path)
        with app.app_context():
            the_db.create_all()
            ada = an_editor(name="Ada")
            post = a_post(by=ada, title="Common", body="Before.")
            secret = LoginSession.start(ada)
            the_db.session.commit()
            post_id = post.id
            the_db.session.remove()
        site = Site(app)
        context = chromium.new_context(base_url=site.address, java_script_enabled=False)
        with app.test_client() as browser:
            with browser.session_transaction() as session:
                session["login"] = secret
            kept = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
        context.add_cookies([{"name": kept.key, "value": kept.value, "url": site.address}])
        page = context.new_page()
        page.goto(f"/write/posts/{post_id}")
        page.fill("#body", LONG)
        name = sa.engine.make_url(url).database
        server = sa.create_engine(sa.engine.make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            connection.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            page.click("[data-save]")
            assert "The very last words." in page.content()
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        page.click("main form button")
        expect(page.locator("#body")).to_have_value(LONG)
        context.close()
        site.stop()
        with app.app_context():
            assert the_db.session.get_one(Post, post_id).body == LONG
            the_db.session.remove()
            the_db.engine.dispose()
        server.dispose()


def test_a_page_left_by_mistake_and_come_back_to_takes_nothing_away_that_others_saved(browser_of, writer, post):
    page = plain(browser_of, writer, post)
    text = page.input_value("#body")
    page.fill("#body", text + "\n\nMine at the end.")
    page.click("text=History")
    with writing():
        boss = an_admin(name="Boss")
    theirs = plain(browser_of, boss, post)
    theirs.fill("#body", "Theirs at the start.\n\n" + text)
    theirs.click("[data-save]")
    page.go_back()
    expect(page.locator("#body")).to_have_value(text + "\n\nMine at the end.")
    page.click("[data-save]")
    assert body_of(post) == "Theirs at the start.\n\n" + text + "\n\nMine at the end."
