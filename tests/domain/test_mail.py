"""Letters: how they are worded, and that they belong to the act they tell of."""

import json
import smtplib
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader, Environment, UndefinedError
from looking import outbox

from blog import mail
from blog.database import utcnow
from blog.models.mail import Taken
from blog.posting import message_of
from blog.sealing import seal
from blog.text import one_line
from config import mail_place

HELLO = """A word from {{ name }}

Hello {{ name }},

open this address:

{{ link }}
"""


@pytest.fixture
def worded(app: Flask, monkeypatch: pytest.MonkeyPatch):
    """The application knows a letter of the kind `hello`."""
    greeting = "A word from {{ person.name }}\n\nHello {{ person.name }},\n\nBye."
    knows(app, monkeypatch, {"mail/hello.txt": HELLO, "mail/greeting.txt": greeting})


def knows(app: Flask, monkeypatch: pytest.MonkeyPatch, templates: dict[str, str]) -> None:
    """The application has these templates as well, and has read no letters yet."""
    monkeypatch.setattr(app.jinja_env, "loader", ChoiceLoader([DictLoader(templates), app.jinja_env.loader]))
    monkeypatch.setattr(app, "extensions", {name: kept for name, kept in app.extensions.items() if name != "letters"})


@pytest.mark.usefixtures("worded")
def test_of_many_letters_of_one_kind_the_template_is_compiled_once(app, db, post_box, monkeypatch):
    """A thousand invitations are written in one transaction, and on SQLite everybody else waits for it."""
    compiled = []
    compile_one = Environment.compile
    monkeypatch.setattr(
        Environment, "compile", lambda self, *how, **more: compiled.append(how[1]) or compile_one(self, *how, **more)
    )
    with app.test_request_context():
        for name in ("Grace", "Ida", "Joan"):
            mail.write("hello", to="ada@example.org", name=name)
    assert [letter.subject.split()[-1] for letter in post_box()] == ["Grace", "Ida", "Joan"]
    assert compiled.count("mail/hello.txt") == 1


@pytest.mark.usefixtures("worded")
def test_a_letter_belongs_to_the_transaction_of_its_act(app, db, post_box):
    with app.test_request_context():
        mail.write("hello", to="ada@example.org", name="Grace", link="/x?a=1&b=2")
        db.session.rollback()
        assert post_box() == []
        mail.write("hello", to="ada@example.org", name="Grace", link="/x?a=1&b=2")
        db.session.commit()
    (letter,) = post_box(to="ada@example.org", kind="hello")
    assert (letter.subject, letter.link) == ("A word from Grace", "http://localhost/x?a=1&b=2")
    assert 'href="http://localhost/x?a=1&amp;b=2"' in letter.html
    assert post_box(to="somebody@example.org") == post_box(kind="other") == []


@pytest.mark.usefixtures("worded", "db")
def test_a_site_without_a_mail_server_writes_no_letters(app):
    with app.test_request_context():
        mail.write("hello", to="ada@example.org", name="Grace", link="/")
        assert outbox() == []


@pytest.mark.usefixtures("worded", "db", "post_box")
@pytest.mark.parametrize(
    ("site", "home"), [("https://blog.example.org", "https://blog.example.org"), ("", "http://127.0.0.1:8000")]
)
def test_no_request_says_where_a_link_in_a_letter_leads(app, monkeypatch, site, home):
    """Else a stranger could ask for somebody's letter, and have the link in it brought to themselves."""
    monkeypatch.setitem(app.config, "SITE_URL", site)
    with app.test_request_context(base_url="http://evil.example", headers={"X-Forwarded-Host": "evil.example"}):
        mail.write("hello", to="ada@example.org", name="Grace", link="/x")
        (letter,) = outbox()
    assert letter.link == f"{home}/x"
    assert "evil.example" not in letter.text + letter.html


@pytest.mark.usefixtures("db", "post_box")
def test_a_letter_cannot_even_ask_what_the_request_calls_the_site(app, monkeypatch):
    knows(app, monkeypatch, {"mail/rash.txt": "Hello\n\n{{ absolute('/x') }}"})
    with app.test_request_context(base_url="http://evil.example"), pytest.raises(UndefinedError, match="absolute"):
        mail.write("rash", to="ada@example.org")


def test_no_test_can_send_mail_to_a_host_of_the_world():
    assert mail_place("smtp://mail.example.org?from=a@example.org").host == "mail.example.org"
    with pytest.raises(AssertionError, match="would have sent mail"):
        smtplib.SMTP("mail.example.org", 25, timeout=1)


@pytest.mark.usefixtures("worded")
def test_a_name_can_be_no_second_subject_and_no_button(app, db, post_box):
    name = "Eve\nSubject: Evil\n\nhttps://evil.example/\n\n<b>\u2028\x00"
    with app.app_context():  # of a command, where no request is
        mail.write("hello", to="ada@example.org", name=name, link="/")
        mail.write("greeting", to="ada@example.org", person=SimpleNamespace(name=name))
        db.session.commit()
    for letter in post_box():
        assert letter.subject == "A word from Eve Subject: Evil https://evil.example/ <b> �"
        assert letter.text.startswith("Hello Eve Subject: Evil https://evil.example/ <b> �,\n\n")
        assert 'href="https://evil.example' not in letter.html
        assert "&lt;b&gt;" in letter.html
        assert "<b>" not in letter.html


def test_lines_are_wrapped_and_addresses_never_broken():
    long = "https://blog.example.org/auth/reset/" + "x-y" * 60
    body = (
        "Hello Ada,\nyou asked for this.\n\n"
        f"{'A sentence that is long enough to run on, as one does. ' * 2}\nIt goes on."
        f"\n\nOpen:\n{long}\nor not.\n\nFrom: here\nWith: that"
    )
    blocks = mail.blocks_of(body)
    assert blocks[0] == ["Hello Ada,", "you asked for this."]
    assert blocks[1][0].endswith("as one does. It goes on.")
    assert blocks[2:] == [["Open:"], [long], ["or not."], ["From: here", "With: that"]]
    lines = mail.plain(blocks).splitlines()
    assert long in lines
    assert all(len(line) <= mail.WIDTH for line in lines if line != long)


@pytest.mark.parametrize(
    "title", ["Täg, “Blatt”; <x@y>", 'A "quoted" \\ name', "日本" * 20, "x" * 80, "A\r\nBcc: e@x.org"]
)
def test_a_letter_travels_unharmed_whatever_the_site_is_called(app, title):
    words = json.dumps({"text": "Ünïcode = ünïcode\n.\n" + "x" * 2000, "html": "<p>ü", "until": None})
    with app.app_context():
        letter = Taken(1, uuid4(), uuid4(), 'o"d@d,@exämple.org', title, seal(words, what="mail"), utcnow(), 1)
        message = message_of(letter, title, "blog@mail.example.org")
    raw = message.as_bytes()
    assert raw == message.as_bytes()
    assert max(map(len, raw.splitlines())) < 998
    raw.decode("ascii")
    back = message_from_bytes(raw, policy=default)
    head = str(make_header(decode_header(message_from_bytes(raw)["Subject"])))
    assert head.replace("\n", "") == one_line(title)
    assert back["Bcc"] is None
    assert [(one.username, one.domain) for one in back["From"].addresses] == [("blog", "mail.example.org")]
    assert [(one.username, one.domain) for one in back["To"].addresses] == [('o"d@d,', "xn--exmple-cua.org")]
    text, page = (part.get_content().replace("\r\n", "\n") for part in back.iter_parts())
    assert text == "Ünïcode = ünïcode\n.\n" + "x" * 2000 + "\n"
    assert page == "<p>ü\n"
