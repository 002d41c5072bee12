"""`flask reseal` and OLD_SECRET_KEYS: the key of the site is exchanged, and nobody is locked out."""

import json

import pyotp
import pytest
from factories import an_editor
from flask import session
from sqlalchemy import select, update

from blog import mail
from blog.auth.verifying import handle_of, is_handle_of
from blog.database import db as the_db
from blog.database import utcnow
from blog.models import Authenticator, Mail
from blog.sealing import BrokenSealError, unseal
from config import mail_place

OLD, NEW = "the key of before, of many characters", "the key of now, of as many characters"


@pytest.fixture
def site(real_app):
    """The site, whose keys may be exchanged as by a start with other settings."""

    def exchange(key, *old):
        real_app.config |= {"SECRET_KEY": key, "SECRET_KEY_FALLBACKS": list(old)}

    real_app.config["MAIL_PLACE"] = mail_place("smtp://127.0.0.1:9?from=blog@example.org")
    with real_app.app_context():
        exchange(OLD)
        real_app.exchange = exchange
        yield real_app
        the_db.session.remove()


@pytest.fixture
def app_of(site):
    def made(person):
        sealed = Authenticator.begin(person)
        app = pyotp.TOTP(Authenticator.secret_in(sealed, person))
        assert Authenticator.enrol(person, sealed, app.now())
        the_db.session.execute(update(Authenticator).values(last_step=0))
        return app

    return made


def words_of(letter: Mail) -> str:
    return json.loads(unseal(letter.sealed, what=mail.SEALED_AS))["text"]


def reseal(site):
    the_db.session.commit()
    the_db.session.remove()
    return site.test_cli_runner().invoke(args=["reseal"])


def test_what_an_old_key_sealed_is_read_and_sealed_anew_and_then_the_old_key_may_go(site, app_of):
    ada = an_editor(name="Ada")
    ada_id, app = ada.id, app_of(ada)
    mail.write("account_deleted", to="ada@example.org", name="Ada", handed="", stays=False)
    the_db.session.commit()
    site.exchange(NEW, OLD)
    answer = reseal(site)
    assert (answer.exit_code, answer.output) == (0, "2 were sealed anew.\n")
    site.exchange(NEW)
    ada = the_db.session.get(type(ada), ada_id)
    assert Authenticator.take(ada, app.at(utcnow()))
    assert "Ada" in words_of(the_db.session.scalars(select(Mail)).one())
    assert reseal(site).output == "2 were sealed anew.\n"


def test_before_it_is_sealed_anew_nothing_but_the_old_key_opens_it(site, app_of):
    ada = an_editor(name="Ada")
    code = app_of(ada).at(utcnow())
    site.exchange(NEW)
    assert not Authenticator.take(ada, code)
    answer = reseal(site)
    assert answer.exit_code == 1
    assert "1 were sealed with a key that is neither SECRET_KEY nor in OLD_SECRET_KEYS." in answer.output
    site.exchange(NEW, "another", OLD)
    ada = the_db.session.merge(ada)
    assert Authenticator.take(ada, code)


def test_new_seals_are_of_the_new_key(site):
    ada = an_editor()
    site.exchange(NEW, OLD)
    sealed = Authenticator.begin(ada)
    site.exchange(OLD)
    with pytest.raises(BrokenSealError):
        Authenticator.secret_in(sealed, ada)


def test_a_passkey_names_its_person_by_the_key_it_was_made_under(site):
    ada, bob = an_editor(), an_editor()
    handle = handle_of(ada)
    site.exchange(NEW, OLD)
    assert is_handle_of(ada, handle)
    assert is_handle_of(ada, handle_of(ada))
    assert handle != handle_of(ada)
    assert not is_handle_of(bob, handle)
    assert not is_handle_of(ada, b"")
    site.exchange(NEW)
    assert not is_handle_of(ada, handle)


def test_who_is_signed_in_stays_so_as_long_as_the_old_key_is_known(site):
    cookie = session_of(site, said="hello")
    site.exchange(NEW, OLD)
    assert read(site, cookie) == {"said": "hello"}
    site.exchange(NEW)
    assert read(site, cookie) == {}


def session_of(site, **words) -> str:
    with site.test_client() as client:
        with client.session_transaction() as kept:
            kept.update(words)
        return client.get_cookie(site.config["SESSION_COOKIE_NAME"]).value


def read(site, cookie) -> dict:
    with site.test_request_context(headers={"Cookie": f"{site.config['SESSION_COOKIE_NAME']}={cookie}"}):
        return dict(session)
