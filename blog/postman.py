"""A line to the mail server: opened late, kept open from one letter to the next, and never waited at for long."""

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from ipaddress import ip_address

from blog.text import one_line, storable
from config import MailPlace

PATIENCE = 10  # seconds for each answer
LONGEST = 60  # seconds for one letter, the way there included; much less than a lease lasts
SECRETS = re.compile(r"https?://\S+")  # a server may quote the letter it refuses, and the link in it


class NotSentError(Exception):
    """The server did not take a letter. The text says why, in one line and without secrets."""

    def __init__(self, why: str, *, for_good: bool = False, is_of_server: bool = False) -> None:
        super().__init__(one_line(storable(SECRETS.sub("(an address)", why)))[:300])
        self.for_good = for_good  # this letter will never be taken
        self.is_of_server = is_of_server  # no other letter would be taken now


class Postman:
    def __init__(self, place: MailPlace) -> None:
        self.place = place
        self.server: smtplib.SMTP | None = None

    def deliver(self, letter: EmailMessage, *, to: str) -> None:
        """Returns once the server has taken the letter. Raises NotSentError."""
        with self._within(LONGEST):
            self._call()
            assert self.server is not None  # noqa: S101 - it has just been called
            try:
                self.server.send_message(letter, self.place.sender, [to])
            except smtplib.SMTPNotSupportedError:
                raise NotSentError("the server takes no address with such letters", for_good=True) from None
            except smtplib.SMTPRecipientsRefused as error:
                raise refusal("the recipient", *error.recipients[to]) from None
            except smtplib.SMTPDataError as error:
                raise refusal("the letter", error.smtp_code, error.smtp_error) from None

    def greet(self, *, within: float = LONGEST) -> None:
        """Connect and log in, and no more. Raises NotSentError."""
        with self._within(within):
            self._call()

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read along, once there is a line."""
        return is_here(self.place.host) or isinstance(self.server and self.server.sock, ssl.SSLSocket)

    def close(self) -> None:
        """Say goodbye. What was taken stays taken, whatever the server answers."""
        server, self.server = self.server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError, ValueError), at_most(server, PATIENCE):
                server.quit()
            server.close()

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Say what went wrong in our own words, and give up the line unless it is sound."""
        try:
            if self.server is None or not self._answers(seconds):
                self.server = self._fresh()
            with at_most(self.server, seconds):
                yield
        except NotSentError as error:
            if error.is_of_server:
                self.close()
            raise
        except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: the line was cut while TLS read
            self.close()
            raise NotSentError(self._without_password(said(error)), is_of_server=True) from None

    def _answers(self, seconds: float) -> bool:
        """Whether the line is still there; many servers hang up after so many letters, or a while."""
        assert self.server is not None  # noqa: S101 - asked of a line only
        try:
            with at_most(self.server, seconds):
                return self.server.noop()[0] == 250
        except (smtplib.SMTPException, OSError, ValueError):
            self.server.close()
            return False

    def _fresh(self) -> smtplib.SMTP:
        own_name = self.place.sender.rpartition("@")[2]  # or smtplib would ask the network for one
        if self.place.is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=PATIENCE, local_hostname=own_name, context=self._context())
        else:
            server = smtplib.SMTP(timeout=PATIENCE, local_hostname=own_name)
        server._host = self.place.host  # type: ignore[attr-defined]  # the name a certificate must bear
        return server

    def _call(self) -> None:
        server = self.server
        if server is None or server.sock is not None:
            return
        code, words = server.connect(self.place.host, self.place.port)
        if code != 220:
            raise refusal("any mail", code, words, is_of_server=True)
        server.ehlo_or_helo_if_needed()
        if not self.place.is_tls and server.has_extn("starttls"):
            server.starttls(context=self._context())
            server.ehlo_or_helo_if_needed()
        if self.place.user:
            if not self.is_private:
                raise NotSentError(
                    "the server offers no TLS, and the password is not for all to read", is_of_server=True
                )
            server.login(self.place.user, self.place.password)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if is_here(self.place.host):  # nobody stands between, and a certificate for localhost is rare
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _without_password(self, words: str) -> str:
        return words.replace(self.place.password, "…") if self.place.password else words


def refusal(what: str, code: int, words: bytes | str, *, is_of_server: bool = False) -> NotSentError:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    is_of_server = is_of_server or code == 421  # it hangs up
    return NotSentError(
        f"the server refuses {what}: {code} {text}",
        for_good=code >= 500 and not is_of_server,
        is_of_server=is_of_server,
    )


def said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the server refuses the name or the password: {error.smtp_code}"  # its words may hold either
    if isinstance(error, smtplib.SMTPResponseException):
        return str(refusal("us", error.smtp_code, error.smtp_error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of the server is not to be trusted: {error.verify_message}"
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return f"the server does not answer within {PATIENCE} seconds"
    if isinstance(error, smtplib.SMTPServerDisconnected | ValueError):
        return "the server hangs up"
    return f"the server cannot be reached: {getattr(error, 'strerror', None) or error}"


def is_here(host: str) -> bool:
    """Whether this is our own machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def at_most(server: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut the line after so long: each answer may be in time, and all of them together still take for ever."""
    over = threading.Event()
    threading.Thread(target=_watch, args=(server, seconds, over), daemon=True, name="mail watch").start()
    try:
        yield
    finally:
        over.set()


def _watch(server: smtplib.SMTP, seconds: float, over: threading.Event) -> None:
    wait = seconds
    while not over.wait(wait):
        wait = 1  # it may not have been connected yet
        line = server.sock
        if line is not None:
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # not that of TLS, which belongs to the other thread
