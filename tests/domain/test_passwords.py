"""Which passwords are refused, and why."""

import pytest

from blog.passwords import commonest, fault

NAMES = ("The Jaratina Record", "Ada Lovelace", "ada-lovelace", "countess@example.com", "countess")


@pytest.mark.parametrize(
    "password",
    [
        "seven swans a-swimming", "correct horse battery staple", "the wall used to be warm", "ÄÖÜäöüß ist schön!",
        "密码密码是一个很长很好的句子啊朋友", "🦢🦢🦢 seven swans, no less", "8!kQz-4vWm+2xLp",
        " leading and trailing ",
        "my password is a herring", "Ada, who counted the swifts", "we were here yesterday", "x" + "abcdefgh ijk" * 2,
        "a" * 100 + " then bcd efg hij", "lovelace and twelve herrings", "the reserved sweetest wertherian",
    ],
)  # fmt: skip
def test_a_long_one_of_any_characters_is_good(password):
    assert fault(password, names=NAMES) == ""


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "this has 0"), ("fourteen chars", "this has 14"), ("x" * 129, "this has 129"),
        ("aaaaaaaaaaaaaaaaaaa", "repeats a few"), ("abababababababab", "repeats a few"),
        (" " * 16, "repeats a few"),
        ("passwordpassword", "“password”"), ("Password12345678"[:15], "“password”"), ("!!!!!PASSWORD!!", "“password”"),
        ("dragondragondragon", "“dragon”"), ("dragondragon123", "“dragon”"), ("xq7!wxq7!wxq7!wx", "repeats “xq7!w”"),
        ("qwertyuiopasdfg", "run of keys"), ("zxcvbnm,;asdfgh", "run of keys"), ("abcdefghijklmnop", "run of keys"),
        ("zyxwvutsrqponml", "run of keys"), ("1q2w3e4r5t6y7u8i9o", "run of keys"), ("3edc4rfv5tgb6yhn", "run of keys"),
        ("aaaabbbbccccddddeeee", "run of keys"), ("QWERTZUIOPYXCVBNM", "run of keys"),
        ("thejaratinarecord", "“thejaratinarecord”"), ("The Jaratina Record", "“the jaratina record”"),
        ("adalovelace1815!", "“adalovelace”"), ("LovelaceJaratina", "“jaratina”"),
        ("ada-lovelace-2026", "“ada-lovelace”"),
        ("countess@example.com", "“countess@example.com”"), ("!countess!1234!", "“countess”"),
    ],
)  # fmt: skip
def test_what_guessers_try_first_is_refused_with_the_reason(password, reason):
    assert reason in fault(password, names=NAMES)


def test_a_second_factor_allows_a_shorter_one_but_no_easier_one():
    assert fault("8!kQz-4v", shortest=8) == ""
    for easy in ("password", "Password1!", "iloveyou", "12345678", "football7", "qwertyuiop", "trustno1", "Jaratina99"):
        assert fault(easy, shortest=8, names=NAMES), easy
    assert "from 8 to 128" in fault("seven77", shortest=8)


def test_every_one_of_the_commonest_is_refused_whatever_its_case():
    assert len(commonest()) > 29_000
    long = [word for word in commonest() if len(word) >= 8]
    assert len(long) > 10_000
    assert not [word for word in long if not fault(word.upper(), shortest=8)]
