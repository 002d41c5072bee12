"""What the name of a picture tells, to whoever asks nobody else."""

import pytest

from blog.picture_names import for_previews, names_in, original_of, size_in_name, smallest, version_names, versions

STEM = "ab/ab" + "0" * 30
SHELVED = f"{STEM}-1200x800.png"


@pytest.mark.parametrize("before", ["", "/media/", "https://blog.example/media/"])
def test_the_size_is_read_from_a_name(before):
    assert size_in_name(before + SHELVED) == (1200, 800)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "holiday-1200x800.png",
        SHELVED + "?v=1",
        SHELVED + "\n",
        SHELVED + "-640.webp",
        SHELVED.replace("ab/", "cd/"),
        SHELVED.replace("1200", "12001"),
        SHELVED.replace("1200", "0"),
        SHELVED.replace("1200", "\u0661"),
        SHELVED.replace("png", "svg"),
        SHELVED.upper(),
    ],
)
def test_no_size_is_read_from_other_names(name):
    assert size_in_name(name) is None


def test_a_picture_comes_in_smaller_widths_and_as_webp_and_never_larger():
    assert {kind: list(widths) for kind, widths in versions(SHELVED).items()} == {
        "webp": [320, 640, 960, 1200],
        "png": [320, 640, 960, 1200],
    }
    assert versions(SHELVED)["png"][1200] == SHELVED
    assert versions(SHELVED)["webp"][1200] == f"{SHELVED}-1200.webp"


def test_nothing_wider_than_any_screen_is_made_of_a_huge_picture():
    assert list(versions(f"{STEM}-9000x100.jpg")["jpg"]) == [320, 640, 960, 1280, 1920, 2560]


@pytest.mark.parametrize(("kind", "kinds"), [("webp", ["webp"]), ("avif", ["avif", "webp"]), ("gif", ["webp", "gif"])])
def test_the_most_frugal_kind_comes_first(kind, kinds):
    assert list(versions(f"{STEM}-700x2.{kind}")) == kinds


def test_what_moves_has_no_versions():
    moving = f"{STEM}-1200x800-moving.gif"
    assert size_in_name(moving) == (1200, 800)
    assert versions(moving) == {}
    assert smallest(moving) == moving


def test_a_version_knows_its_original_and_nothing_else_is_one():
    assert len(version_names(SHELVED)) == 7
    assert {original_of(name) for name in version_names(SHELVED)} == {SHELVED}
    for other in (SHELVED, "", f"{SHELVED}-641.webp", f"{SHELVED}-1280.webp", f"{SHELVED}-640.jpg", "x-640.webp"):
        assert original_of(other) is None


def test_a_text_names_the_pictures_it_mentions_in_whatever_form():
    other = f"cd/cd{'1' * 30}-5x5-moving.gif"
    text = f'![a](/media/{SHELVED}) <img src="https://blog.example/media/{other}"> /media/{SHELVED}-640.webp'
    assert names_in(text) == {SHELVED, other}
    assert names_in(f"Only its name: {SHELVED}") == set()


@pytest.mark.parametrize(
    ("picture", "shown"),
    [
        ("6000x4000.jpg", ("6000x4000.jpg-1280.jpg", 1280, 853)),
        ("1280x720.png", ("1280x720.png", 1280, 720)),
        ("64x40.webp", ("64x40.webp", 64, 40)),
        ("2000x1.avif", ("2000x1.avif-1280.webp", 1280, 1)),
        ("2000x1000-moving.gif", ("2000x1000-moving.gif", 2000, 1000)),
        ("2000x1000-moving.avif", ("2000x1000-moving.avif", 2000, 1000)),
    ],
)
def test_previews_elsewhere_get_a_picture_of_a_size_and_kind_they_take(picture, shown):
    name, width, height = for_previews(f"{STEM}-{picture}")
    assert (name.removeprefix(f"{STEM}-"), width, height) == shown


def test_the_smallest_version_is_for_long_lists():
    assert smallest(SHELVED) == f"{SHELVED}-320.webp"
    assert smallest(f"{STEM}-64x40.webp") == f"{STEM}-64x40.webp"
