"""Letters: how they are worded, and that they belong to the act they tell of."""

import smtplib

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from looking import outbox

from blog import mail
from config import mail_place

HELLO = """A word from {{ name }}

Hello {{ name }},

open this address:

{{ link }}
"""


@pytest.fixture
def worded(app: Flask, monkeypatch: pytest.MonkeyPatch):
    """The application knows a letter of the kind `hello`."""
    own = DictLoader({"mail/hello.txt": HELLO})
    loader = app.jinja_env.loader
    monkeypatch.setattr(app.jinja_env, "loader", ChoiceLoader([own, loader]))


@pytest.mark.usefixtures("worded")
def test_a_letter_belongs_to_the_transaction_of_its_act(app, db, post_box):
    with app.test_request_context():
        mail.write("hello", to="ada@example.org", name="Grace", link="http://localhost/x?a=1&b=2")
        db.session.rollback()
        assert post_box() == []
        mail.write("hello", to="ada@example.org", name="Grace", link="http://localhost/x?a=1&b=2")
        db.session.commit()
    (letter,) = post_box(to="ada@example.org", kind="hello")
    assert (letter.subject, letter.link) == ("A word from Grace", "http://localhost/x?a=1&b=2")
    assert 'href="http://localhost/x?a=1&amp;b=2"' in letter.html
    assert post_box(to="somebody@example.org") == post_box(kind="other") == []


@pytest.mark.usefixtures("worded", "db")
def test_a_site_without_a_mail_server_writes_no_letters(app):
    with app.test_request_context():
        mail.write("hello", to="ada@example.org", name="Grace", link="http://localhost/")
        assert outbox() == []


def test_no_test_can_send_mail_to_a_host_of_the_world():
    assert mail_place("smtp://mail.example.org?from=a@example.org").host == "mail.example.org"
    with pytest.raises(AssertionError, match="would have sent mail"):
        smtplib.SMTP("mail.example.org", 25, timeout=1)
