"""Every setting the deployment may choose, read from the environment in one place."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).parent
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
POSTGRES = ("postgres", "postgresql", "postgresql+psycopg2")


class ConfigError(Exception):
    """A setting that cannot be used. The text names the setting and what would be right."""


@dataclass(frozen=True)
class Setting:
    """One environment variable: what holds without it, and how it is read. The README says what it does."""

    name: str
    default: str
    read: Callable[[str], Any]

    def value(self, environ: Mapping[str, str]) -> Any:
        """What this environment says, or the file it names. Raises ConfigError in one line that names the setting."""
        try:
            return self.read(self._text(environ) or self.default)
        except (ValueError, ArgumentError) as error:
            raise ConfigError(f"{self.name}: {error}") from None

    def _text(self, environ: Mapping[str, str]) -> str:
        """A vault, or the manager of the service, hands secrets over as files, which no other process can list."""
        told, place = (environ.get(name, "").strip() for name in (self.name, f"{self.name}_FILE"))
        if not place:
            return told
        if told:
            raise ValueError(f"it is set, and so is {self.name}_FILE; keep one of them")
        try:
            return Path(place).read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"{self.name}_FILE names {place}, which cannot be read") from None


def database_url(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(
            "not a database address; write sqlite:///path or postgresql://user:password@host/name"
        ) from None
    if url.drivername in POSTGRES:  # SQLAlchemy 2.1 would take the bare name for another driver
        url = url.set(drivername="postgresql+psycopg2")
    elif url.drivername != "sqlite":
        raise ValueError(f"{url.drivername} is not supported; it must begin with sqlite:// or postgresql://")
    elif not url.database or url.database == ":memory:":
        raise ValueError("a database in memory would be empty again at every start; write sqlite:///path")
    return url.render_as_string(hide_password=False)


def whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers within bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return read


def yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError(f"{text!r} is neither yes nor no")
    return text.lower() == "yes"


def site_url(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError for what is no number
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query):
        raise ValueError(f"{text!r} is not the address of a site, such as https://blog.example.org")
    return text.rstrip("/")


def words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def contact(text: str) -> str:
    if (text and not text.startswith(("mailto:", "https://"))) or any(char.isspace() for char in text):
        raise ValueError(f"{text!r} is no contact; write mailto:security@example.org or https://example.org/security")
    return text


def networks(text: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(word) for word in words(text)]


@dataclass(frozen=True)
class BucketPlace:
    """A bucket that speaks S3, and where in it."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""


def pictures_place(text: str) -> Path | BucketPlace | None:
    """Where pictures lie: a folder, or s3://bucket/within?endpoint=https://…&region=…; None for the usual folder."""
    if "://" not in text:
        return (ROOT / text).resolve() if text else None
    parts = urlsplit(text)
    asked = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    if parts.scheme != "s3" or not BUCKET_NAME.fullmatch(parts.netloc) or asked.keys() - {"endpoint", "region"}:
        raise ValueError("not a place for pictures; write a folder or s3://bucket?endpoint=https://host&region=name")
    endpoint = asked.get("endpoint", "")
    if endpoint and (urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).hostname):
        raise ValueError(
            f"{endpoint!r} is no endpoint; write the address of the server, such as https://s3.example.org"
        )
    prefix = parts.path.strip("/")
    return BucketPlace(parts.netloc, f"{prefix}/" if prefix else "", endpoint, asked.get("region", ""))


@dataclass(frozen=True)
class MailPlace:
    """The server that takes our mail, and from whom it comes."""

    host: str
    port: int
    is_tls: bool  # from the first byte; otherwise STARTTLS where the server offers it
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""


def mail_place(text: str) -> MailPlace | None:
    """smtp://user:password@host:587?from=blog@example.org, or smtps:// for TLS from the first byte; or no mail."""
    if not text:
        return None
    parts = urlsplit(text)
    asked = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    sender = asked.pop("from", "")
    if (
        parts.scheme not in ("smtp", "smtps")
        or not parts.hostname
        or parts.path.strip("/")
        or asked
        or "@" not in sender
    ):
        raise ValueError("not a mail server; write smtp://user:password@host:587?from=blog@example.org")
    is_tls = parts.scheme == "smtps"
    port = parts.port or (465 if is_tls else 587)
    return MailPlace(parts.hostname, port, is_tls, unquote(parts.username or ""), unquote(parts.password or ""), sender)


def folder(text: str) -> Path:
    if "://" in text:
        raise ValueError(f"{text!r} is not a folder")
    return (ROOT / text).resolve()


def folder_if_any(text: str) -> Path | None:
    return folder(text) if text else None


SETTINGS = (
    Setting("INSTANCE_PATH", "instance", folder),
    Setting("DATABASE_URL", "sqlite:///blog.db", database_url),
    Setting("DATABASE_POOL_SIZE", "10", whole(1, 1000)),
    Setting("DATABASE_MAX_OVERFLOW", "20", whole(0, 1000)),
    Setting("DATABASE_POOL_TIMEOUT", "30", whole(1, 600)),
    Setting("DATABASE_PRE_PING", "yes", yes_or_no),
    Setting("SECRET_KEY", "", str),
    Setting("OLD_SECRET_KEYS", "", words),
    Setting("SITE_URL", "", site_url),
    Setting("SECURITY_CONTACT", "", contact),
    Setting("TRUSTED_HOSTS", "", words),
    Setting("TRUSTED_PROXIES", "", networks),
    Setting("MEDIA_URL", "", pictures_place),
    Setting("MAIL_URL", "", mail_place),
    Setting("BACKUP_FOLDER", "", folder_if_any),
    Setting("PAGE_CACHE", "32", whole(0, 4096)),
    Setting("PORT", "8000", whole(1, 65535)),
    Setting("WEB_CONCURRENCY", "2", whole(1, 256)),
)


class Config:
    """The settings of one process, and what follows from them."""

    SQLITE_BUSY_SECONDS = 20
    MAX_CONTENT_LENGTH = 32_000_000
    MAX_FORM_MEMORY_SIZE = 24_000_000  # a five-megabyte body comes back with its error, percent-encoding and all
    MAX_FORM_PARTS = 1_000
    WTF_CSRF_TIME_LIMIT = None  # an hour would eat what was typed; the token lives as long as the session
    WTF_CSRF_SSL_STRICT = False  # the token says it; some browsers and all scripts send no Referer
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_PATH = "/"
    REMEMBER_COOKIE_NAME = "masthead-unused"  # ours are sessions; a cookie of the usual name would be obeyed
    SESSION_REFRESH_EACH_REQUEST = False
    PERMANENT_SESSION_LIFETIME = 91 * 24 * 3600  # of the cookie: longer than any session, whose end the database knows
    ARGON2_MEMORY_KIB = 19_456  # OWASP's first choice for Argon2id, with two passes and one lane
    ARGON2_PASSES = 2

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        values = {setting.name: setting.value(environ) for setting in SETTINGS}
        self.INSTANCE_PATH: Path = values["INSTANCE_PATH"]
        self.SQLALCHEMY_DATABASE_URI: str = values["DATABASE_URL"]
        self.SQLALCHEMY_ENGINE_OPTIONS = self.engine_options(values)
        self.SECRET_KEY: str = values["SECRET_KEY"] or kept_secret(self.INSTANCE_PATH / "secret_key")
        self.SECRET_KEY_FALLBACKS: list[str] = values["OLD_SECRET_KEYS"]  # what they signed or sealed is still read
        self.SITE_URL: str = values["SITE_URL"]
        self.SECURITY_CONTACT: str = values["SECURITY_CONTACT"]
        self.TRUSTED_HOSTS: list[str] | None = values["TRUSTED_HOSTS"] or None
        self.TRUSTED_PROXIES: list[IPv4Network | IPv6Network] = values["TRUSTED_PROXIES"]
        self.MEDIA_PLACE: Path | BucketPlace = values["MEDIA_URL"] or self.INSTANCE_PATH / "media"
        self.MAIL_PLACE: MailPlace | None = values["MAIL_URL"]
        self.BACKUP_FOLDER: Path | None = values["BACKUP_FOLDER"]
        self.PAGE_CACHE: int = values["PAGE_CACHE"]
        self.PORT: int = values["PORT"]
        self.WEB_CONCURRENCY: int = values["WEB_CONCURRENCY"]
        self.SESSION_COOKIE_SECURE = self.SITE_URL.startswith("https://")
        # With it a browser takes the cookie from this very host alone, over HTTPS alone, and for all of its paths.
        self.COOKIE_PREFIX = "__Host-" if self.SESSION_COOKIE_SECURE else ""
        self.SESSION_COOKIE_NAME = f"{self.COOKIE_PREFIX}session"

    def engine_options(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """How connections are pooled. SQLite's pool is the library's; there, only the wait for a lock is ours."""
        if make_url(self.SQLALCHEMY_DATABASE_URI).drivername == "sqlite":
            return {"connect_args": {"timeout": self.SQLITE_BUSY_SECONDS}}
        return {
            "pool_size": values["DATABASE_POOL_SIZE"],
            "max_overflow": values["DATABASE_MAX_OVERFLOW"],
            "pool_timeout": values["DATABASE_POOL_TIMEOUT"],
            "pool_pre_ping": values["DATABASE_PRE_PING"],
            "connect_args": {"connect_timeout": 10},
        }


class TestConfig(Config):
    """The settings of the tests: quick hashes, and forms that need no token unless a test asks for it."""

    TESTING = True
    WTF_CSRF_ENABLED = False
    ARGON2_MEMORY_KIB = 8
    ARGON2_PASSES = 1


def kept_secret(path: Path) -> str:
    """The key kept in this file, made on the first start. Several processes may start at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            try:
                os.link(draft, path)  # whoever links first wins, and nobody ever reads half a key
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ConfigError(f"SECRET_KEY: none is set, and {path} cannot be used: {error.strerror}") from None
