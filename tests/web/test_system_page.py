"""The page about the system: what runs here, and whether it is safe and sound."""

import sys

import pytest
from factories import a_user, an_admin, an_editor
from looking import page, words

from blog import facts, version
from blog.storage import Folder
from config import BucketPlace, MailPlace


@pytest.fixture
def office(db, sign_in):
    return sign_in(an_admin())


def told(answer) -> dict[str, str]:
    return {term.get_text(): term.find_next("dd").get_text(strip=True) for term in page(answer).select(".facts dt")}


def test_only_admins_see_it(client, sign_in):
    for method in ("GET", "POST"):
        assert client.open("/admin/system", method=method).status_code in (302, 401)
        assert sign_in(a_user()).open("/admin/system", method=method).status_code == 403
        assert sign_in(an_editor()).open("/admin/system", method=method).status_code == 403


def test_it_says_what_runs_here(sign_in, app, monkeypatch):
    monkeypatch.setitem(
        app.config, "MAIL_PLACE", MailPlace("mail.example.org", 587, False, "me", "swordfish", "b@example.org")
    )
    monkeypatch.setitem(app.config, "SECRET_KEY", "a key that nobody may ever see, whoever looks")
    answer = sign_in(an_admin()).get("/admin/system")
    facts = told(answer)
    assert facts["Masthead"].startswith(version.VERSION)
    assert facts["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["Kind"].startswith(("SQLite 3", "PostgreSQL 1"))
    assert facts["Size"].endswith("B")
    assert facts["Server"] == "mail.example.org:587"
    assert facts["Free there"].endswith("B")
    assert facts["Secret key"] == "set by the environment"
    assert "UTC" in facts["Clock"]
    for secret in ("swordfish", "whoever looks"):
        assert secret not in answer.text


def test_it_says_what_is_wrong_and_what_to_do(office, app, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "http://blog.example.org")
    said = words(office.get("/admin/system"))
    assert "Problem SITE_URL is not https: passwords and sessions travel in the clear." in said
    assert "Advice BACKUP_FOLDER is not set" in said
    assert "The database is at migration None" in said  # as the tests make it


def test_other_machines_are_asked_only_when_somebody_wants_it(office, app, monkeypatch):
    class Broken(Folder):
        def fault(self) -> str:
            return "the bucket does not answer"

    monkeypatch.setitem(app.config, "MEDIA_PLACE", BucketPlace("pictures", endpoint="https://s3.example.org"))
    monkeypatch.setitem(app.extensions, "storage", Broken(app.config["INSTANCE_PATH"]))
    quick = office.get("/admin/system")
    assert "the bucket does not answer" not in words(quick)
    assert told(quick)["Bucket"] == "pictures"
    whole = office.post("/admin/system")
    assert "Problem MEDIA_URL: the bucket does not answer." in words(whole)
    assert "All checks, run just now." in words(whole)


def test_sizes_are_said_in_their_unit():
    assert [facts.in_bytes(number) for number in (0, 999, 1000, 12_345_678, 5 * 10**9, 10**12)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "12.3 MB",
        "5.0 GB",
        "1.0 TB",
    ]


def test_the_commit_is_read_from_the_files_of_git(tmp_path):
    git = tmp_path / ".git"
    git.mkdir()
    (git / "HEAD").write_text("abc123\n")
    assert version.commit_in(git) == "abc123"
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text("# pack-refs\n0def99 refs/heads/main\n")
    assert version.commit_in(git) == "0def99"
    (git / "refs/heads").mkdir(parents=True)
    (git / "refs/heads/main").write_text("fff111\n")
    assert version.commit_in(git) == "fff111"
    tree = tmp_path / "tree"
    (git / "worktrees/tree").mkdir(parents=True)
    (git / "worktrees/tree/HEAD").write_text("ref: refs/heads/main\n")
    (git / "worktrees/tree/commondir").write_text("../..\n")
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {git}/worktrees/tree\n")
    assert version.commit_in(tree / ".git") == "fff111"
