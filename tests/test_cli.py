"""The commands: people, import, and what they say when something is wrong."""

import socket
from datetime import UTC, datetime

import pytest
from conftest import app_on
from factories import PASSWORD, a_post, a_user, an_admin, an_editor
from picture_files import a_file
from pyotp import TOTP
from sqlalchemy import func, select

from blog.database import db as the_db
from blog.database import utcnow
from blog.models import (
    AuditEntry,
    Authenticator,
    Media,
    Passkey,
    Post,
    PostStatus,
    RecoveryCode,
    Redirect,
    User,
    UserRole,
    Visibility,
)


@pytest.fixture
def run(real_app):
    """Runs a command; the blog's database is at hand before and after."""
    with real_app.app_context():

        def command(*words):
            the_db.session.commit()
            the_db.session.remove()
            result = real_app.test_cli_runner().invoke(args=list(words))
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
            return result

        yield command
        the_db.session.remove()


def refused(result, line):
    assert result.exit_code == 1
    assert result.output == f"Error: {line}\n"


def person(email) -> User:
    return the_db.session.scalar(select(User).where(User.email == email))


def number_of(model) -> int:
    return the_db.session.scalar(select(func.count()).select_from(model))


# People


def test_a_person_is_made_with_role_and_password(run):
    result = run("user", "create", "Ada@Example.com", "--name", " A\nda ", "--role", "admin", "--password", PASSWORD)
    assert (result.exit_code, result.output) == (0, "A da <ada@example.com> is here, as admin.\n")
    ada = person("ada@example.com")
    assert (ada.name, ada.role, ada.check_password(PASSWORD)) == ("A da", UserRole.admin, True)
    assert the_db.session.scalar(AuditEntry.newest()).origin == "command line"


def test_a_person_is_a_viewer_without_a_password_unless_it_is_said(run):
    assert run("user", "create", "ada@example.com", "--name", "Ada").exit_code == 0
    ada = person("ada@example.com")
    assert (ada.role, ada.password_hash) == (UserRole.viewer, "!")


def test_a_password_may_stand_in_the_environment(run, monkeypatch):
    monkeypatch.setenv("MASTHEAD_PASSWORD", PASSWORD)
    run("user", "create", "ada@example.com", "--name", "Ada")
    assert person("ada@example.com").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("TAKEN@example.com", "--name", "X"), "TAKEN@example.com has an account already."),
        (("ada", "--name", "X"), "Give a valid email address and a name of at most 120 characters."),
        (("a@b" + "x" * 320, "--name", "X"), "Give a valid email address and a name of at most 120 characters."),
        (("@", "--name", "X"), "Give a valid email address and a name of at most 120 characters."),
        (("a b <c@b.de>", "--name", "X"), "Give a valid email address and a name of at most 120 characters."),
        (("a@b.de", "--name", "\u200b"), "Give a valid email address and a name of at most 120 characters."),
        (("a@b.de", "--name", " "), "Give a valid email address and a name of at most 120 characters."),
        (("a@b.de", "--name", "x" * 121), "Give a valid email address and a name of at most 120 characters."),
        (("a@b.de", "--name", "X", "--password", "short"), "A password has from 15 to 128 characters."),
    ],
)
def test_a_person_who_cannot_be_is_refused_in_one_line(run, words, line):
    a_user(email="taken@example.com")
    refused(run("user", "create", *words), line)
    assert number_of(User) == 1


def test_a_command_that_is_wrong_is_explained(run):
    for words in (
        ("create", "a@b.de", "--name", "X", "--role", "root"),
        ("create", "a@b.de"),
        ("role", "a@b.de", "x"),
        ("x",),
    ):
        result = run("user", *words)
        assert result.exit_code == 2
        assert "Usage:" in result.output


def test_a_role_is_changed_but_never_the_last_admins(run):
    an_admin(name="Boss", email="boss@example.com")
    a_user(name="Ada", email="ada@example.com")
    refused(
        run("user", "role", "boss@example.com", "editor"),
        "Boss is the only active admin. Make somebody else an admin first.",
    )
    assert run("user", "role", "ADA@example.com", "admin").output == "Ada is now admin.\n"
    assert run("user", "role", "boss@example.com", "editor").output == "Boss is now editor.\n"
    assert person("boss@example.com").role is UserRole.editor
    refused(run("user", "role", "x@example.com", "editor"), "Nobody has the address x@example.com.")


def test_a_link_signs_its_person_in(run, real_app):
    a_user(email="ada@example.com")
    result = run("user", "link", "ada@example.com")
    address = result.output.strip()
    assert address.startswith("http://127.0.0.1:8000/auth/link/")
    browser = real_app.test_client()
    assert browser.post(address.removeprefix("http://127.0.0.1:8000")).location == "/auth/account"
    assert browser.get("/auth/account").status_code == 200


def test_a_link_is_for_somebody_who_may_sign_in(run):
    a_user(name="Gone", email="gone@example.com", is_active=False)
    refused(run("user", "link", "gone@example.com"), "Gone is deactivated.")
    refused(run("user", "link", "x@example.com"), "Nobody has the address x@example.com.")


def test_a_link_has_the_address_of_the_site(run, real_app):
    a_user(email="ada@example.com")
    real_app.config["SITE_URL"] = "https://blog.example.org"
    assert run("user", "link", "ada@example.com").output.startswith("https://blog.example.org/auth/link/")


def test_everybody_is_listed_by_name(run):
    an_editor(name="Zoe", email="zoe@example.com")
    a_user(name="Ada", email="ada@example.com", is_active=False)
    lines = run("user", "list").output.splitlines()
    assert [line.split() for line in lines] == [
        ["viewer", "ada@example.com", "Ada", "(deactivated)"],
        ["editor", "zoe@example.com", "Zoe"],
    ]


# Import


@pytest.fixture
def folder(tmp_path):
    """A small blog: two posts that know one another, a picture, a draft, and things that are no posts."""
    top = tmp_path / "old blog"
    top.mkdir()
    (top / "2020-01-02-first.md").write_text(
        "---\ntitle: First\nauthor: Ada Lovelace\ntags: [Rain, Sun]\naliases: [/old/first.html, /Old/First/]\n"
        "description: About it.\ndate: 2020-01-02T10:00:00+02:00\n---\nSee [the second](2020-02-03-second.md) "
        "![A boat](boat.png)\n"
    )
    (top / "2020-02-03-second.md").write_text(
        "+++\ntitle = 'Second'\nmembers_only = true\n+++\nBack to [one](2020-01-02-first.md).\n"
    )
    (top / "idea.md").write_text(
        "---\ntitle: Idea\ndraft: true\nauthors: [Ada Lovelace, Bob Unknown]\n---\nNot yet. ![gone](bad.png)\n"
    )
    (top / "boat.png").write_bytes(a_file())
    (top / "bad.png").write_bytes(b"\x89PNG nonsense")
    (top / "empty.md").write_text("")
    (top / "notes.txt").write_text("x")
    return top


def report(result) -> dict[str, str]:
    lines = result.output.partition("in:\n")[2].splitlines()
    return {line[2:17].strip(): line[17:].strip() for line in lines}


def test_a_folder_comes_in_with_people_tags_dates_pictures_links_and_old_addresses(run, real_app, folder):
    boss = an_admin(email="boss@example.com")
    boss_id = boss.id
    result = run("import", "markdown", str(folder))
    assert result.exit_code == 0
    told = report(result)
    assert {name: told[name] for name in told if name != "seconds"} == {
        "files": "7",
        "posts": "3",
        "of them drafts": "1",
        "here already": "0",
        "people": "2",
        "pictures": "1",
        "redirects": "2",
        "refused": "2",
        "changed": "1",
    }
    assert "refused  old blog/empty.md: It is empty." in result.output
    assert "refused  old blog/notes.txt: It is not a Markdown or HTML file." in result.output
    assert (
        "changed  old blog/idea.md: the picture bad.png was left out: This picture is damaged or incomplete."
        in result.output
    )
    first, second, idea = the_db.session.scalars(select(Post).order_by(Post.title != "First", Post.title != "Second"))
    picture = the_db.session.scalars(select(Media)).one()
    assert first.body == f"See [the second](/posts/second) ![A boat](/media/{picture.name})\n"
    assert second.body == "Back to [one](/posts/first).\n"
    assert (first.author.name, first.summary, [tag.name for tag in first.tags]) == (
        "Ada Lovelace",
        "About it.",
        ["Rain", "Sun"],
    )
    assert first.published_at == datetime(2020, 1, 2, 8, tzinfo=UTC)
    assert (second.author_id, second.visibility) == (boss_id, Visibility.members)
    assert (idea.status, [one.name for one in idea.byline]) == (PostStatus.draft, ["Ada Lovelace", "Bob Unknown"])
    ada = first.author
    assert (ada.is_active, ada.role, ada.email) == (False, UserRole.editor, "ada-lovelace@import.invalid")
    browser = real_app.test_client()
    for path in ("/old/first.html", "/OLD/FIRST.html/"):
        assert browser.get(path).location == "/posts/first"
    with browser.get(f"/media/{picture.name}") as answer:
        assert answer.status_code == 200
    assert browser.get("/posts/idea").status_code == 404
    entry = the_db.session.scalar(AuditEntry.newest())
    assert (entry.action, entry.subject, entry.detail) == ("imported", "old blog", {"posts": 3})


def test_a_second_run_changes_nothing(run, folder):
    an_admin()
    run("import", "markdown", str(folder))
    before = [number_of(model) for model in (Post, User, Media, Redirect, AuditEntry)]
    told = report(run("import", "markdown", str(folder)))
    assert (told["posts"], told["here already"], told["redirects"], told["people"]) == ("0", "3", "0", "0")
    assert [number_of(model) for model in (Post, User, Media, Redirect, AuditEntry)] == before


def test_a_dry_run_tells_the_same_and_changes_nothing(run, real_app, folder):
    an_admin()
    dry = run("import", "markdown", str(folder), "--dry-run")
    assert "Would bring in:" in dry.output
    assert [number_of(model) for model in (Post, User, Media, Redirect, AuditEntry)] == [0, 1, 0, 0, 0]
    assert not real_app.extensions["storage"].root.exists()
    wet = run("import", "markdown", str(folder))
    assert {**report(dry), "seconds": ""} == {**report(wet), "seconds": ""}


def test_posts_without_an_author_go_to_whom_one_names(run, folder):
    an_admin()
    bob = an_editor(email="bob@example.com").id
    run("import", "markdown", str(folder), "--author", "BOB@example.com")
    assert the_db.session.scalar(select(Post.author_id).where(Post.title == "Second")) == bob


def test_without_an_owner_nothing_comes_in(run, folder):
    a_user()
    refused(
        run("import", "markdown", str(folder)),
        "There is no admin yet to own the posts. Name somebody with --author EMAIL.",
    )
    refused(
        run("import", "markdown", str(folder), "--author", "x@example.com"), "Nobody has the address x@example.com."
    )
    assert number_of(Post) == 0


def test_a_folder_that_is_not_there_is_explained(run, tmp_path):
    an_admin()
    (tmp_path / "file.md").write_text("x")
    for path in (tmp_path / "nowhere", tmp_path / "file.md"):
        assert run("import", "markdown", str(path)).exit_code == 2


def test_an_empty_folder_brings_nothing_and_says_so(run, tmp_path):
    an_admin()
    (tmp_path / "empty").mkdir()
    assert report(run("import", "markdown", str(tmp_path / "empty")))["posts"] == "0"
    assert number_of(AuditEntry) == 0


def test_many_posts_come_in_by_the_batch(run, tmp_path):
    an_admin()
    a_post(slug="same")
    (tmp_path / "many").mkdir()
    for n in range(120):
        (tmp_path / "many" / f"p{n}.md").write_text(
            f"---\ntitle: Same\nslug: same\ndate: 2020-01-01\n---\nWords {n}.\n"
        )
    assert report(run("import", "markdown", str(tmp_path / "many")))["posts"] == "120"
    assert len(set(the_db.session.scalars(select(Post.slug)))) == 121


# Serving


def test_a_database_that_cannot_be_opened_stops_the_start_with_one_line(tmp_path):
    app = app_on("postgresql://me:swordfish@127.0.0.1:1/none", tmp_path)
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["serve"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: DATABASE_URL: the database cannot be opened: ")
    assert result.output.count("\n") == 1
    assert "swordfish" not in result.output


def a_free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def test_serving_prints_the_set_up_address_until_there_is_an_admin(tmp_path, monkeypatch):
    port = a_free_port()
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path, PORT=port, WEB_CONCURRENCY="3")
    started = []
    monkeypatch.setattr("blog.cli.os.execv", lambda path, words: started.append(words))
    with app.app_context():
        first = app.test_cli_runner().invoke(args=["serve"])
        assert first.exit_code == 0, first.output
        assert f"http://127.0.0.1:{port}/setup/" in first.output
        assert f"Masthead is at http://127.0.0.1:{port} (stop it with Ctrl+C)" in first.output
        assert started[0][started[0].index("--port") + 1] == port
        assert started[0][started[0].index("--workers") + 1] == "3"
        path = first.output.partition(f"http://127.0.0.1:{port}")[2].split()[0]
        setup = {"title": "T", "name": "Ada", "email": "ada@example.com", "password": PASSWORD}
        assert app.test_client().post(path, data=setup).status_code == 302
        the_db.session.remove()
        assert "/setup/" not in app.test_cli_runner().invoke(args=["serve"]).output
        the_db.engine.dispose()


@pytest.mark.parametrize(("site", "warns"), [("", True), ("https://blog.example.org", False)])
def test_serving_warns_of_letters_whose_links_nobody_else_could_open(tmp_path, monkeypatch, site, warns):
    mail = {"MAIL_URL": "smtp://127.0.0.1:9?from=blog@example.org", "SITE_URL": site, "PORT": a_free_port()}
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path, **mail)
    monkeypatch.setattr("blog.cli.os.execv", lambda *_: None)
    with app.app_context():
        said = app.test_cli_runner().invoke(args=["serve"]).output
        the_db.session.remove()
        the_db.engine.dispose()
    assert ("SITE_URL is not set: links in letters lead to http://127.0.0.1" in said) is warns


def test_lost_factors_are_named_and_taken_away(run):
    a_user(name="Ada", email="ada@example.com")
    assert run("user", "factors", "ada@example.com").output == "Ada has no second factor.\n"
    ada = person("ada@example.com")
    Passkey.add(ada, credential="one", name="Telephone", public_key=b"key")
    RecoveryCode.make_anew(ada)
    sealed = Authenticator.begin(ada)
    Authenticator.enrol(ada, sealed, TOTP(Authenticator.secret_in(sealed, ada)).at(utcnow()))
    the_db.session.commit()
    told = run("user", "factors", "ADA@example.com").output
    assert told == "Ada has an authenticator app, the passkey “Telephone”, 10 recovery codes.\n"
    assert "signed out everywhere" in run("user", "factors", "ada@example.com", "--reset").output
    assert run("user", "factors", "ada@example.com").output == "Ada has no second factor.\n"
    refused(run("user", "factors", "x@example.com"), "Nobody has the address x@example.com.")
