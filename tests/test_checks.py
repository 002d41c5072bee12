"""What `flask check` finds wrong with a deployment."""

import os
import shutil
from collections import namedtuple
from datetime import timedelta
from uuid import uuid4

import flask_migrate
import pytest
import sqlalchemy as sa
import time_machine
from conftest import app_on
from factories import an_admin
from post_offices import PostOffice

import config
from blog import postman
from blog.checks import at_a_glance, problems
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import AuditEntry, Authenticator, Mail, Registration, Site

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
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "today.dump").write_text("All of it.")
    apps = []

    def deployed(*, migrated=True, admin=True, url="", **settings):
        sound = SOUND | {"BACKUP_FOLDER": f"{tmp_path}/backups"}
        app = app_on(url or f"sqlite:///{tmp_path}/blog.db", tmp_path, **sound | settings)
        context = app.app_context()
        context.push()
        apps.append(context)
        if migrated:
            the_db.create_all()
            flask_migrate.stamp(str(config.ROOT / "migrations"))
        if admin:
            boss = an_admin()
            the_db.session.add(Authenticator(user_id=boss.id, sealed="x", confirmed_at=utcnow()))
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
        ({"TRUSTED_PROXIES": "127.0.0.1 0.0.0.0/0"}, True, "TRUSTED_PROXIES holds every address"),
        ({"TRUSTED_PROXIES": "::/0"}, True, "TRUSTED_PROXIES holds every address"),
        ({"BACKUP_FOLDER": ""}, False, "BACKUP_FOLDER is not set"),
        ({"BACKUP_FOLDER": "/nowhere"}, True, "BACKUP_FOLDER: /nowhere cannot be read: No such file or directory"),
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
    assert (
        found(app) == [(True, f"{tmp_path}/instance cannot be written to: give it to the user that runs the site")] * 2
    )


def test_mail_must_be_able_to_go_out_in_private_with_true_addresses(deploy, monkeypatch):
    app = deploy()
    app.config["MAIL_PLACE"] = PostOffice().place()
    assert found(app) == [(True, "MAIL_URL: the server cannot be reached: Connection refused")]
    with PostOffice().open() as office:
        app.config["MAIL_PLACE"] = office.place()
        assert found(app) == []
        app.config["SITE_URL"] = ""
        assert any("letters need it" in text for grave, text in found(app) if grave)
        assert any("letters need it" in problem.text for problem in at_a_glance(app))
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


def test_debug_mode_is_named(deploy):
    app = deploy()
    app.debug = True
    ((grave, text),) = found(app)
    assert grave
    assert text.startswith("debug mode is on")


def test_an_admin_without_a_second_factor_is_advised_of_one(deploy):
    app = deploy()
    the_db.session.execute(sa.delete(Authenticator))
    the_db.session.commit()
    assert found(app) == [(False, "1 admin has no second factor: a password alone opens everything")]
    an_admin()
    the_db.session.commit()
    assert found(app)[0][1].startswith("2 admins have no second factor")


def test_backups_that_are_old_empty_or_hidden_are_no_backups(deploy, tmp_path):
    app, backup = deploy(), tmp_path / "backups" / "today.dump"
    old = utcnow().timestamp() - timedelta(days=8).total_seconds()
    os.utime(backup, (old, old))
    ((grave, text),) = found(app)
    assert grave
    assert "is 8 days old" in text
    backup.write_text("")
    (tmp_path / "backups" / ".part").write_text("half")
    assert found(app) == [(True, f"BACKUP_FOLDER: there is no backup in {tmp_path}/backups: make one")]


def test_a_clock_that_is_off_is_named(deploy):
    app = deploy()
    the_db.session.add(AuditEntry(actor_name="", origin="x", action="did", at=utcnow() + timedelta(hours=1)))
    the_db.session.commit()
    ((grave, text),) = found(app)
    assert not grave
    assert "which is yet to come: set the clock" in text
    with time_machine.travel("2001-01-01"):
        assert (
            True,
            "the clock of this machine says 2001-01-01: set it, or posts come out at the wrong time",
        ) in found(app)


def test_a_database_that_everybody_here_can_read_is_advised_against(deploy, tmp_path):
    app = deploy()
    file = tmp_path / "blog.db"
    file.chmod(0o644)
    assert found(app) == []  # the folder keeps others out
    open_folders = [folder for folder in file.parents if not folder.stat().st_mode & 0o001]
    modes = {folder: folder.stat().st_mode for folder in open_folders}
    try:
        for folder in open_folders:
            folder.chmod(0o755)
        assert found(app) == [(False, f"{file} can be read by everybody on this machine: chmod 640 {file}")]
        file.chmod(0o640)
        assert found(app) == []
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)


def test_a_damaged_database_is_named(deploy, tmp_path):
    app = deploy()
    the_db.session.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    the_db.session.remove()
    the_db.engine.dispose()
    file = tmp_path / "blog.db"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
    file.write_bytes(content)
    assert any(text.startswith("the database is damaged") for _, text in found(app))


def test_a_database_of_postgresql_is_asked_what_it_is(real_app):
    with real_app.app_context():
        texts = [text for _, text in found(real_app)]
        the_db.session.remove()
    assert texts[0].startswith("SITE_URL is not set")
    assert any(text.startswith("the database is at migration None") for text in texts)
    assert not any("clock" in text or "keeps text" in text or "damaged" in text for text in texts)


def test_the_check_keeps_nobody_from_writing(deploy):
    app = deploy()
    said = []
    sa.event.listen(the_db.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    check(app)
    assert "BEGIN" in said
    assert "BEGIN IMMEDIATE" not in said


def test_registration_that_waits_for_an_admin_is_told(deploy):
    app = deploy()
    the_db.session.add(Site(registration=Registration.open))
    the_db.session.commit()
    ((is_grave, text),) = found(app)
    assert not is_grave
    assert "whoever registers waits for an admin" in text
