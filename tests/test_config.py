"""Every setting the environment may hold: what it becomes, and the one line that says what is wrong with it."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network

import pytest
from sqlalchemy.engine import make_url

import config
from config import ROOT, BucketPlace, Config, ConfigError, kept_secret

KEY = "k" * 48


def configured(tmp_path, **environ) -> Config:
    return Config({"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": KEY} | environ)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "nonsense", "not a database address"),
        ("DATABASE_URL", "mysql://root@localhost/blog", "mysql is not supported"),
        ("DATABASE_URL", "postgresql+asyncpg://localhost/blog", "postgresql+asyncpg is not supported"),
        ("DATABASE_URL", "postgresql://localhost:port/blog", "not a database address"),
        ("DATABASE_POOL_SIZE", "0", "not a whole number from 1 to 1000"),
        ("DATABASE_POOL_SIZE", "ten", "'ten' is not a whole number"),
        ("DATABASE_POOL_SIZE", "²", "not a whole number"),
        ("DATABASE_POOL_SIZE", "-1", "not a whole number"),
        ("DATABASE_MAX_OVERFLOW", "1001", "not a whole number from 0 to 1000"),
        ("DATABASE_POOL_TIMEOUT", "1.5", "not a whole number from 1 to 600"),
        ("DATABASE_PRE_PING", "maybe", "'maybe' is neither yes nor no"),
        ("SITE_URL", "blog.example.org", "is not the address of a site"),
        ("SITE_URL", "ftp://blog.example.org", "is not the address of a site"),
        ("SITE_URL", "https://", "is not the address of a site"),
        ("SITE_URL", "https://example.org/blog", "is not the address of a site"),
        ("SITE_URL", "https://example.org/?a=b", "is not the address of a site"),
        ("SITE_URL", "https://[::1", "Invalid IPv6 URL"),
        ("SECURITY_CONTACT", "security@example.org", "is no contact; write mailto:"),
        ("SECURITY_CONTACT", "mailto:a@example.org\nExpires: never", "is no contact"),
        ("TRUSTED_PROXIES", "nginx", "'nginx' does not appear to be an IPv4 or IPv6 network"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "has host bits set"),
        ("MEDIA_URL", "ftp://bucket", "not a place for pictures; write a folder or s3://bucket?endpoint="),
        ("MEDIA_URL", "s3://", "not a place for pictures"),
        ("MEDIA_URL", "s3://Bucket_1", "not a place for pictures"),
        ("MEDIA_URL", "s3://bucket?secret=swordfish", "not a place for pictures"),
        ("MEDIA_URL", "s3://bucket?endpoint", "bad query field: 'endpoint'"),
        ("MEDIA_URL", "s3://bucket?endpoint=minio:9000", "'minio:9000' is no endpoint"),
        ("INSTANCE_PATH", "s3://bucket", "is not a folder"),
        ("PORT", "0", "from 1 to 65535"),
        ("PORT", "65536", "from 1 to 65535"),
        ("WEB_CONCURRENCY", "257", "from 1 to 256"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start_with_one_clear_line(tmp_path, name, value, says):
    with pytest.raises(ConfigError) as refusal:
        configured(tmp_path, **{name: value})
    line = str(refusal.value)
    assert line.startswith(f"{name}: ")
    assert says in line
    assert "\n" not in line


def test_a_password_in_an_address_that_cannot_be_used_is_not_told(tmp_path):
    with pytest.raises(ConfigError) as refusal:
        configured(tmp_path, DATABASE_URL="mysql://root:swordfish@localhost/blog")
    assert "swordfish" not in str(refusal.value)


def test_without_any_setting_there_is_a_blog(tmp_path):
    found = configured(tmp_path)
    assert found.SQLALCHEMY_DATABASE_URI == "sqlite:///blog.db"
    assert (found.PORT, found.WEB_CONCURRENCY, found.SITE_URL) == (8000, 2, "")
    assert (found.TRUSTED_HOSTS, found.TRUSTED_PROXIES) == (None, [])
    assert tmp_path / "media" == found.MEDIA_PLACE
    assert not found.SESSION_COOKIE_SECURE
    assert found.SQLALCHEMY_ENGINE_OPTIONS == {"connect_args": {"timeout": 20}}


def test_an_empty_setting_is_none_at_all(tmp_path):
    found = configured(tmp_path, PORT=" ", SITE_URL="", DATABASE_URL="", TRUSTED_HOSTS="  ", MEDIA_URL="")
    assert (found.PORT, found.SITE_URL, found.TRUSTED_HOSTS) == (8000, "", None)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_name_of_postgresql_leads_to_one_driver(tmp_path, scheme):
    found = configured(tmp_path, DATABASE_URL=f"{scheme}://me:p%40ss@db.example.org:6543/blog?sslmode=require")
    url = make_url(found.SQLALCHEMY_DATABASE_URI)
    assert (url.drivername, url.username, url.password) == ("postgresql+psycopg2", "me", "p@ss")
    assert (url.host, url.port, url.database, url.query) == ("db.example.org", 6543, "blog", {"sslmode": "require"})


def test_the_pool_is_ten_and_twenty_more_unless_it_is_set(tmp_path):
    url = "postgresql://localhost/blog"
    options = configured(tmp_path, DATABASE_URL=url).SQLALCHEMY_ENGINE_OPTIONS
    assert (options["pool_size"], options["max_overflow"], options["pool_timeout"]) == (10, 20, 30)
    assert options["pool_pre_ping"] is True
    options = configured(
        tmp_path,
        DATABASE_URL=url,
        DATABASE_POOL_SIZE="3",
        DATABASE_MAX_OVERFLOW="0",
        DATABASE_POOL_TIMEOUT="5",
        DATABASE_PRE_PING="No",
    ).SQLALCHEMY_ENGINE_OPTIONS
    assert (options["pool_size"], options["max_overflow"], options["pool_timeout"]) == (3, 0, 5)
    assert options["pool_pre_ping"] is False


def test_lists_are_parted_by_commas_or_spaces(tmp_path):
    found = configured(tmp_path, TRUSTED_HOSTS="a.example, b.example c.example", TRUSTED_PROXIES="10.0.0.0/8,::1")
    assert found.TRUSTED_HOSTS == ["a.example", "b.example", "c.example"]
    assert [ip_network("10.0.0.0/8"), ip_network("::1/128")] == found.TRUSTED_PROXIES


def test_a_site_on_https_has_secure_cookies(tmp_path):
    found = configured(tmp_path, SITE_URL="https://blog.example.org/")
    assert found.SITE_URL == "https://blog.example.org"
    assert found.SESSION_COOKIE_SECURE


def test_folders_are_counted_from_the_folder_of_the_blog(tmp_path):
    found = Config({"INSTANCE_PATH": "some/where", "SECRET_KEY": KEY, "MEDIA_URL": "else/where"})
    assert found.INSTANCE_PATH == ROOT / "some/where"
    assert found.MEDIA_PLACE == ROOT / "else/where"
    assert configured(tmp_path, MEDIA_URL="/srv/pictures").MEDIA_PLACE.as_posix() == "/srv/pictures"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://bucket", BucketPlace("bucket")),
        ("s3://bucket/blog/pictures/", BucketPlace("bucket", prefix="blog/pictures/")),
        (
            "s3://bucket?endpoint=https://s3.example.org:9000&region=garage",
            BucketPlace("bucket", endpoint="https://s3.example.org:9000", region="garage"),
        ),
    ],
)
def test_pictures_may_lie_in_a_bucket(tmp_path, url, place):
    assert place == configured(tmp_path, MEDIA_URL=url).MEDIA_PLACE


# The secret key


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path):
    instance = tmp_path / "new" / "instance"
    first = Config({"INSTANCE_PATH": str(instance)}).SECRET_KEY
    second = Config({"INSTANCE_PATH": str(instance)}).SECRET_KEY
    assert first == second
    assert len(first) >= 48
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in instance.iterdir()] == ["secret_key"]
    assert first != Config({"INSTANCE_PATH": str(tmp_path / "another")}).SECRET_KEY


def test_a_key_that_is_set_is_used_and_none_is_kept(tmp_path):
    assert configured(tmp_path).SECRET_KEY == KEY
    assert list(tmp_path.iterdir()) == []


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "url").write_text("postgresql://ada:secret@db/blog\n")
    made = configured(tmp_path, DATABASE_URL_FILE=str(tmp_path / "url"))
    assert made.SQLALCHEMY_DATABASE_URI == "postgresql+psycopg2://ada:secret@db/blog"


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"MAIL_URL_FILE": "/nowhere/mail"}, "MAIL_URL_FILE names /nowhere/mail, which cannot be read"),
        ({"MAIL_URL_FILE": "/"}, "which cannot be read"),
        ({"MAIL_URL_FILE": "mail", "MAIL_URL": "smtp://x"}, "keep one of them"),
    ],
)
def test_a_file_that_cannot_be_read_or_says_what_is_said_already_stops_the_start(tmp_path, environ, says):
    with pytest.raises(ConfigError, match=f"^MAIL_URL: .*{re.escape(says)}"):
        configured(tmp_path, **environ)


def test_what_stands_in_a_file_is_not_told_when_it_is_wrong(tmp_path):
    (tmp_path / "url").write_text("mysql://ada:very-secret@db/blog")
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, DATABASE_URL_FILE=str(tmp_path / "url"))
    assert "very-secret" not in str(caught.value)


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: kept_secret(tmp_path / "secret_key"), range(40)))
    assert len(keys) == 1


def test_whoever_comes_second_takes_the_key_of_the_first(tmp_path, monkeypatch):
    path = tmp_path / "secret_key"
    monkeypatch.setattr(
        config.secrets, "token_urlsafe", lambda _: path.write_text("the first one") and "the second one"
    )
    assert kept_secret(path) == "the first one"
    assert [found.name for found in tmp_path.iterdir()] == ["secret_key"]


def test_a_key_that_can_be_kept_nowhere_stops_the_start_with_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"SECRET_KEY: none is set, and .*secret_key cannot be used: Not a directory"):
        Config({"INSTANCE_PATH": str(tmp_path / "file" / "instance")})
