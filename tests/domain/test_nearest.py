"""Which of many names was most likely meant."""

import pytest

from blog.nearest import Names

NAMES = Names(["iron-ships", "the-frost-comes-in", "counting-swifts", "a-note-on-oil", "über-uns"])


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("iron-ships", "iron-ships"),
        ("iron-ship", "iron-ships"),
        ("irn-ships", "iron-ships"),
        ("frost-comes-in", "the-frost-comes-in"),
        ("counting-the-swifts-out", "counting-swifts"),
        ("uber-uns", "über-uns"),
        ("wp-login", None),
        ("x", None),
        ("", None),
    ],
)
def test_a_name_half_remembered_finds_the_one_it_is_like(asked, meant):
    assert NAMES.nearest(asked) == meant


def test_among_no_names_none_is_near():
    assert Names([]).nearest("anything") is None
