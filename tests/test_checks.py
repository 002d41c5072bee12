"""What `flask check` finds wrong with a deployment."""

import os
import shutil
from collections import namedtuple
from uuid import uuid4

import flask_migrate
import pytest
import sqlalchemy as sa
from conftest import app_on
from factories import an_admin
from post_offices import PostOffice

import config
from blog import postman
from blog.checks import problems
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Mail, Registration, Site

SOUND = {
    "SITE_URL": "https://blog.example.org",
    "TRUSTED_HOSTS": "blog.example.org",
    "TRUSTED_PROXIES": "127.0.0.1",
    "SECURITY_CONTACT": "mailto:security@example.org",
    "SECRET_KEY": "k" * 48,
}


@pytest.fixture
def deploy(tmp_path):
    """A deployment with nothing wrong but what is asked for."""
    (tmp_path / "instance").mkdir()
    apps = []

    def deployed(*, migrated=True, admin=True, url="", **settings):
        app = app_on(url or f"sqlite:///{tmp_path}/blog.db", tmp_path, **SOUND | settings)
        context = app.app_context()
        context.push()
        apps.append(context)
        if migrated:
            the_db.create_all()
            flask_migrate.stamp(str(config.ROOT / "migrations"))
        if admin:
            an_admin()
            the_db.session.commit()
        return app

    yield deployed
    for context in apps:
        the_db.session.remove()
        the_db.engine.dispose()
        context.pop()


def found(app) -> list[tuple[bool, str]]:
    the_db.session.rollback()  # what was asked before holds no lock
    return [(problem.is_grave, problem.text) for problem in problems(app)]


def check(app):
    return app.test_cli_runner().invoke(args=["check"])


def test_a_sound_deployment_has_no_problem(deploy):
    result = check(deploy())
    assert (result.exit_code, result.output) == (0, "Nothing is wrong.\n")


def test_a_grave_problem_makes_the_check_fail(deploy):
    result = check(deploy(admin=False))
    assert result.exit_code == 1
    assert result.output.startswith("PROBLEM  there is no active admin")
    assert "Nothing" not in result.output


def test_advice_does_not(deploy):
    result = check(deploy(SITE_URL=""))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "advice   SITE_URL is not set: feeds and links take whatever name the reader used",
        "Nothing is gravely wrong.",
    ]


@pytest.mark.parametrize(
    ("settings", "grave", "says"),
    [
        ({"SECRET_KEY": "short"}, True, "SECRET_KEY is shorter than 32 characters"),
        ({"SITE_URL": "http://blog.example.org"}, True, "SITE_URL is not https"),
        ({"SECURITY_CONTACT": ""}, False, "SECURITY_CONTACT is not set"),
        ({"TRUSTED_HOSTS": ""}, False, "TRUSTED_HOSTS is not set"),
        ({"TRUSTED_PROXIES": ""}, False, "TRUSTED_PROXIES is not set"),
        ({"SITE_URL": ""}, False, "SITE_URL is not set"),
    ],
)
def test_a_setting_that_is_unsafe_is_named(deploy, settings, grave, says):
    ((is_grave, text),) = found(deploy(**settings))
    assert is_grave is grave
    assert text.startswith(says)


@pytest.mark.parametrize("home", ["http://localhost:8000", "http://127.0.0.1:8000"])
def test_a_blog_at_home_needs_no_https(deploy, home):
    assert found(deploy(SITE_URL=home)) == []


def test_a_key_that_others_can_read_is_named(deploy, tmp_path):
    app = deploy()
    kept = tmp_path / "instance" / "secret_key"
    kept.write_text("k" * 48)
    kept.chmod(0o644)
    assert found(app) == [(True, f"{kept} can be read by others: chmod 600 {kept}")]
    kept.chmod(0o600)
    the_db.session.remove()  # as each run of the command begins
    assert found(app) == []


def test_a_database_without_tables_is_named(deploy):
    ((grave, text),) = found(deploy(migrated=False, admin=False))
    assert grave
    assert text.startswith("the database is at migration None, the code at ")


def test_an_older_database_is_named(deploy):
    app = deploy()
    the_db.session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    the_db.session.commit()
    ((_, text),) = found(app)
    assert "at migration 0000" in text


def test_a_database_that_does_not_answer_is_named_in_one_line(deploy):
    ((grave, text),) = found(deploy(migrated=False, admin=False, url="postgresql://me:swordfish@127.0.0.1:1/none"))
    assert grave
    assert text.startswith("the database does not answer: ")
    assert "\n" not in text
    assert "swordfish" not in text


def test_a_full_disk_is_named(deploy, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 10**6))
    texts = [text for _, text in found(deploy())]
    assert len(texts) == 2
    assert all(text.startswith("less than 500 MB are free in ") for text in texts)


def test_a_folder_that_cannot_be_written_to_is_named(deploy, tmp_path, monkeypatch):
    app = deploy()
    there = os.access  # root may write anywhere, and so is not asked
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and there(path, mode))
    assert found(app) == [(True, f"{tmp_path}/instance cannot be written to")] * 2


def test_mail_must_be_able_to_go_out_in_private_with_true_addresses(deploy, monkeypatch):
    app = deploy()
    app.config["MAIL_PLACE"] = PostOffice().place()
    assert found(app) == [(True, "MAIL_URL: the server cannot be reached: Connection refused")]
    with PostOffice().open() as office:
        app.config["MAIL_PLACE"] = office.place()
        assert found(app) == []
        app.config["SITE_URL"] = ""
        assert any("letters need it" in text for grave, text in found(app) if grave)
        app.config["SITE_URL"] = SOUND["SITE_URL"]
        monkeypatch.setattr(postman, "is_here", lambda host: False)
        assert found(app) == [(True, "MAIL_URL: the server offers no TLS, and letters hold links that open accounts")]
        assert office.taken == []


def test_letters_that_are_stuck_are_told(deploy):
    app = deploy()
    letter = {"uid": uuid4(), "kind": "hello", "subject": "", "sealed": "", "due_at": utcnow()}
    the_db.session.add(Mail(to="ada@example.org", gave_up_at=utcnow(), **letter))
    the_db.session.commit()
    told = "1 letter was given up or waits for over an hour: see /admin/mail or flask mail list"
    assert found(app) == [(False, told)]


def test_registration_that_waits_for_an_admin_is_told(deploy):
    app = deploy()
    the_db.session.add(Site(registration=Registration.open))
    the_db.session.commit()
    ((is_grave, text),) = found(app)
    assert not is_grave
    assert "whoever registers waits for an admin" in text
