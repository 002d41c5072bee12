"""Mail servers of our own: one that takes mail as it should, and one that does as it is told."""

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jinja2 import ChoiceLoader, DictLoader

from blog import mail
from blog.database import db, utcnow
from config import MailPlace, mail_place

HELLO = """A word from {{ name }}

Hello,

open this address:
{{ link }}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostOffice:
    """A server that keeps what it takes. `answers` holds what it says instead of yes, by command, or does then."""

    def __init__(self, **how):
        self.port, self.how = free_port(), how
        self.taken: list = []
        self.answers: dict = {}
        self.calls = 0

    def place(self, *, scheme="smtp", user="") -> MailPlace:
        return mail_place(f"{scheme}://{user}127.0.0.1:{self.port}?from=blog@example.org")

    @contextmanager
    def open(self):
        server = Controller(self, hostname="127.0.0.1", port=self.port, **self.how)
        server.start()
        try:
            yield self
        finally:
            server.stop()

    @property
    def letters(self):
        return [message_from_bytes(content, policy=default) for _, content in self.taken]

    @property
    def reached(self) -> list[str]:
        return sorted(to for to, _ in self.taken)

    def says(self, command, to=""):
        answer = self.answers.get((command, to)) or self.answers.get(command)
        return answer() if callable(answer) else answer

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.calls += 1
        envelope.mail_from = address
        return self.says("MAIL") or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = self.says("RCPT", address)
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = self.says("DATA", envelope.rcpt_tos[0])
        if not refusal:
            self.taken.append((envelope.rcpt_tos[0], envelope.original_content))
        return refusal or "250 OK"


class RudeOffice:
    """A server that speaks from a list: a line is said, None is silence until it is closed, "" hangs up.

    It says the first line when it is called, and each of the others when it has heard something.
    """

    def __init__(self, *lines, drips=False):
        self.lines, self.drips = lines, drips
        self.calls = 0
        self.closed = threading.Event()

    @contextmanager
    def open(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
            served = threading.Thread(target=self._serve, args=(listening,), daemon=True)
            served.start()
            try:
                yield self
            finally:
                self.closed.set()
                with suppress(OSError):
                    listening.shutdown(socket.SHUT_RDWR)
                served.join(5)

    place = PostOffice.place

    def _serve(self, listening):
        with suppress(OSError):
            while True:
                line, _ = listening.accept()
                self.calls += 1
                with line, suppress(OSError):
                    self._speak(line)

    def _speak(self, line):
        for number, words in enumerate(self.lines):
            if number and not line.recv(65536):
                return
            if words is None:
                while self.drips and not self.closed.wait(0.05):
                    line.sendall(b"250-and so on\r\n")
                self.closed.wait(30)
                return
            if words == "":
                return
            line.sendall(f"{words}\r\n".encode())


def told(office, *, user="ada", password="sesame"):
    """How a server is made that takes mail only from this user."""

    def known(server, session, envelope, mechanism, given):
        return AuthResult(success=(given.login, given.password) == (user.encode(), password.encode()), handled=False)

    return {"authenticator": known, "auth_required": True} | office


def certificate(folder) -> ssl.SSLContext:
    """A context with a certificate for localhost that nobody has signed but ourselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(utcnow() - timedelta(days=1))
    signed = made.not_valid_after(utcnow() + timedelta(days=1)).sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + signed.public_bytes(serialization.Encoding.PEM)
    (folder / "tls.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


def write(app, *to: str, place=None, **how):
    """Letters to these addresses, committed; mail is on from now on."""
    app.config["MAIL_PLACE"] = place or app.config["MAIL_PLACE"]
    app.config["SITE_URL"] = "https://blog.example.org"
    usual = app.jinja_env.loader
    app.extensions.pop("letters", None)
    app.jinja_env.loader = ChoiceLoader([DictLoader({"mail/hello.txt": HELLO}), usual])
    try:
        with app.app_context():
            for address in to:
                mail.write("hello", to=address, name="Grace", link=f"/x?to={address}", **how)
            db.session.commit()
    finally:
        app.jinja_env.loader = usual
        app.extensions.pop("letters", None)  # which know the letter of this test


__all__ = ["SMTP", "PostOffice", "RudeOffice", "certificate", "free_port", "told", "write"]
