"""Whom most tests of the pages are about: Ada, who writes, and the browser in which she is signed in."""

import pytest
from factories import an_editor


@pytest.fixture
def ada(db):
    return an_editor(name="Ada")


@pytest.fixture
def desk(ada, sign_in):
    return sign_in(ada)
