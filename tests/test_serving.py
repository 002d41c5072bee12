"""Starting the server."""

import socket

import click
import pytest
from conftest import app_on
from factories import an_admin

from blog.cli import refuse_taken_port
from blog.database import db


def test_a_port_on_which_somebody_listens_is_refused_with_a_clear_line():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(click.ClickException, match=f"PORT: {port} cannot be used"):
            refuse_taken_port(port)


def test_a_free_port_is_left_free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    refuse_taken_port(port)
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))


def test_a_link_is_printed_also_where_only_the_sites_own_name_is_trusted(tmp_path):
    app = app_on(f"sqlite:///{tmp_path}/blog.db", tmp_path, SITE_URL="https://a.example", TRUSTED_HOSTS="a.example")
    with app.app_context():
        db.create_all()
        email = an_admin().email
        db.session.commit()
    printed = app.test_cli_runner().invoke(args=["user", "link", email]).output
    assert printed.startswith("https://a.example/auth/link/")
    with app.app_context():
        db.engine.dispose()
