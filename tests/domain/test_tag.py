"""Tags, named by people and found by address."""

import pytest
from factories import a_post
from sqlalchemy import func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from blog.models import Post, Tag
from blog.models.tag import post_tags


def names(*wanted: str) -> list[str]:
    return [tag.name for tag in Tag.named(wanted)]


def test_new_tags_are_made_and_known_ones_are_found(db):
    first = Tag.named(["Python", "Web"])
    assert Tag.named(["Web", "Flask", "Python"])[1:] == first
    assert db.session.scalar(select(func.count()).select_from(Tag)) == 3


def test_names_that_make_one_address_are_one_tag_named_by_the_first(db):
    assert names("Café", "cafe", "CAFÉ!") == ["Café"]
    assert names("cafe") == ["Café"]


def test_tags_stand_in_order_of_their_names_whatever_order_was_typed(db):
    assert names("b", "c", "a") == names("c", "a", "b") == ["a", "b", "c"]


@pytest.mark.parametrize("nothing", [[], [""], ["❤️", "…", "   "]])
def test_what_makes_no_address_is_no_tag(db, nothing):
    assert Tag.named(nothing) == []


@pytest.mark.parametrize("name", ["हिन्दी", "日本語", "C++ 20", "'; DROP TABLE tags", "x" * 60])
def test_any_name_with_a_word_in_it_is_a_tag(db, name):
    assert names(name, "❤️") == [name]


def test_names_may_come_from_anywhere_that_can_be_walked_once(db):
    assert [tag.name for tag in Tag.named(name for name in ("b", "a"))] == ["a", "b"]


@pytest.mark.parametrize("row", [{"name": "", "slug": "a"}, {"name": "a", "slug": ""}, {"name": "x" * 61, "slug": "x"}])
def test_the_database_refuses_a_tag_without_a_name_or_with_one_too_long(db, row):
    with pytest.raises(SQLAlchemyError), db.session.begin_nested():
        db.session.execute(insert(Tag).values(row))


def test_a_tag_that_goes_leaves_the_post_and_a_post_that_goes_leaves_the_tag(db):
    stays, goes = a_post(tags=["one", "two"]).id, a_post(tags=["one"]).id
    for gone in (db.session.get(Post, goes), Tag.named(["two"])[0]):
        db.session.delete(gone)
        db.session.flush()
    db.session.expire_all()
    assert [tag.name for tag in db.session.get(Post, stays).tags] == ["one"]
    assert db.session.scalar(select(func.count()).select_from(post_tags)) == 1
