"""Pictures that the storage has, as the database remembers them."""

import pytest
from factories import an_editor
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from blog.models import Media, User
from blog.pictures import Picture

NAME = "ab/ab" + "0" * 30 + "-4x3.png"
PICTURE = Picture(name=NAME, content=b"12345", media_type="image/png", width=4, height=3)


def kept(db) -> list[Media]:
    return list(db.session.scalars(select(Media)))


def test_a_picture_is_remembered_with_its_size_and_who_brought_it(db):
    me = an_editor()
    Media.keep(PICTURE, owner_id=me.id)
    [row] = kept(db)
    assert (row.name, row.media_type, row.width, row.height, row.size) == (NAME, "image/png", 4, 3, 5)
    assert row.owner_id == me.id
    assert row.created_at is not None


def test_the_same_picture_brought_twice_is_remembered_once_as_its_first_bringers(db):
    me, other = an_editor(), an_editor()
    Media.keep(PICTURE, owner_id=me.id)
    Media.keep(PICTURE, owner_id=other.id)
    assert [row.owner_id for row in kept(db)] == [me.id]


def test_a_picture_outlives_the_account_of_who_brought_it(db):
    me = an_editor()
    Media.keep(PICTURE, owner_id=me.id)
    db.session.execute(delete(User).where(User.id == me.id))
    assert [row.owner_id for row in kept(db)] == [None]


def test_a_picture_may_be_nobodys(db):
    Media.keep(PICTURE, owner_id=None)
    assert [row.owner_id for row in kept(db)] == [None]


@pytest.mark.parametrize("bad", [{"width": 0}, {"height": -1}, {"size": 0}, {"name": None}, {"owner_id": 999_999}])
def test_the_database_refuses_what_is_no_picture(db, bad):
    row = {"name": NAME, "media_type": "image/png", "width": 4, "height": 3, "size": 5} | bad
    with pytest.raises(SQLAlchemyError), db.session.begin_nested():
        db.session.execute(insert(Media).values(row))
