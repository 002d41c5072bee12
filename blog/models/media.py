"""The library: pictures that the storage holds, what they show, who brought them, and which posts use them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, exists, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Model, db
from blog.models.audit import record
from blog.models.base import Id, Timestamped, upsert, user_reference
from blog.models.rights import Can
from blog.models.site import Site
from blog.models.user import User
from blog.picture_names import WHERE, name_in, names_in
from blog.pictures import Picture

ALT_LIMIT = 500
FILE_NAME_LIMIT = 200
FOCUS_STEPS = 5  # across and down
MIDDLE = FOCUS_STEPS // 2


class UsedPictureError(Exception):
    """The picture stands in posts. The text is for the person."""


class Media(Timestamped, Model):
    """One stored file, named by its content: the same picture is kept once."""

    __tablename__ = "media"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0 AND size > 0", name="has_size"),
        CheckConstraint("focus_x BETWEEN 0 AND 4 AND focus_y BETWEEN 0 AND 4", name="focus_is_within"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    owner_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"), index=True)
    file_name: Mapped[str] = mapped_column(String(FILE_NAME_LIMIT), default="", server_default="")
    alt: Mapped[str] = mapped_column(String(ALT_LIMIT), default="", server_default="")
    # What must be seen where it is cropped: a field of five by five, counted from the left and from the top.
    focus_x: Mapped[int] = mapped_column(default=MIDDLE, server_default="2")
    focus_y: Mapped[int] = mapped_column(default=MIDDLE, server_default="2")
    widths: Mapped[int] = mapped_column(default=0, server_default="0")  # which version of its smaller versions there is

    owner: Mapped[User | None] = relationship()

    # Questions

    @property
    def address(self) -> str:
        return WHERE + self.name

    @property
    def title(self) -> str:
        """By what people know it."""
        return self.file_name or self.name[3:11]

    @property
    def focus(self) -> str:
        """The classes that keep its focal point in sight."""
        return focus_classes(self.focus_x, self.focus_y)

    @property
    def markdown(self) -> str:
        return markdown_of(self.address, self.alt)

    def is_changeable_by(self, person: User) -> bool:
        """Everybody who writes may use it; what it says and whether it stays is up to whoever brought it."""
        return person.can(Can.EDIT_ANY) or (person.can(Can.WRITE) and self.owner_id == person.id)

    @classmethod
    def named(cls, name: str) -> Media | None:
        return db.session.scalar(select(cls).where(cls.name == name))

    @classmethod
    def at(cls, address: str) -> Media | None:
        """The picture at an address of ours."""
        return cls.named(address.removeprefix(WHERE)) if address.startswith(WHERE) else None

    @classmethod
    def focus_at(cls, address: str) -> str:
        """The classes that keep in sight what must be seen of the picture at this address, if it is ours."""
        here = select(cls.focus_x, cls.focus_y).where(cls.name == name_in(address))
        row = db.session.execute(here).first() if name_in(address) else None
        return focus_classes(*row) if row else ""

    @classmethod
    def shelved(cls) -> Select[Media]:
        """What there is to choose from. What shows somebody beside their name is theirs, and not for posts."""
        shown = exists().where(User.picture != "", User.picture == WHERE + cls.name)
        return select(cls).where(~shown.correlate(cls))

    @classmethod
    def matching(cls, words: str) -> Select[Media]:
        """Pictures that these words describe, or whose file was called so."""
        found = or_(*(field.icontains(words, autoescape=True) for field in (cls.alt, cls.file_name)))
        return cls.shelved().where(found) if words else cls.shelved()

    def is_portrait(self) -> bool:
        """Whether it shows somebody beside their name."""
        return bool(db.session.scalar(select(exists().where(User.picture == self.address))))

    def is_logo(self) -> bool:
        return bool(db.session.scalar(select(exists().where(Site.logo == self.address))))

    # Verbs

    @classmethod
    def keep(
        cls, picture: Picture, *, owner_id: int | None, file_name: str = "", alt: str = "", widths: int = 0
    ) -> Media:
        """Remember a picture that the storage has. Twice is once, as its first bringer's."""
        row = {
            "name": picture.name,
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "size": len(picture.content),
            "owner_id": owner_id,
            "file_name": file_name[:FILE_NAME_LIMIT],
            "alt": alt[:ALT_LIMIT],
            "widths": widths,
        }
        db.session.execute(upsert(cls.__table__).values(row).on_conflict_do_nothing(index_elements=["name"]))  # type: ignore[arg-type]
        return db.session.execute(select(cls).where(cls.name == picture.name)).scalar_one()

    def describe(self, *, alt: str, by: User) -> None:
        if alt != self.alt:
            record("described the picture", by=by, subject=self.title, before=self.alt, after=alt)
            self.alt = alt

    @classmethod
    def hold(cls, name: str) -> Media | None:
        """The picture, which stays at least until this transaction ends: see `delete`."""
        held = select(cls).where(cls.name == name).with_for_update(read=True, key_share=True)
        return db.session.scalar(held.execution_options(populate_existing=True))

    @classmethod
    def forget_portrait(cls, address: str) -> str:
        """Forget the picture that somebody showed until now, where nobody else uses it nor has said what it shows.

        Returns its name where it is forgotten, for its files to be cleared away once that is committed.
        """
        db.session.flush()
        one = cls._alone(name_in(address))
        if one is None or one.alt or one.is_portrait() or MediaUse.numbers([one.id]) or one.is_logo():
            return ""
        db.session.delete(one)
        db.session.flush()
        return one.name

    @classmethod
    def _alone(cls, name: str) -> Media | None:
        """The picture, once nobody else is about to use it, and nobody can begin to."""
        held = select(cls).where(cls.name == name).with_for_update(of=cls)
        return db.session.scalar(held.execution_options(populate_existing=True))

    def delete(self, *, by: User) -> None:
        """Forget it; the storage is the caller's to tidy. Raises UsedPictureError while any post may need it, or while
        it shows somebody, or is the logo."""
        self._alone(self.name)
        if self.is_portrait():
            raise UsedPictureError("It stands beside somebody's name. It can be deleted once they have chosen another.")
        if self.is_logo():
            raise UsedPictureError("It is the logo of the site. It can be deleted once the site has another, or none.")
        number = MediaUse.numbers([self.id]).get(self.id, 0)
        if number:
            posts = "post uses it" if number == 1 else "posts use it"
            raise UsedPictureError(f"{number} {posts}, now or in an earlier revision. It must stay.")
        record("deleted the picture", by=by, subject=self.title)
        db.session.delete(self)
        db.session.flush()


class MediaUse(Model):
    """That a post uses a picture, or did in one of its revisions: the picture stays as long as the post."""

    __tablename__ = "media_uses"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    # The database itself keeps a picture from being deleted between somebody's choosing it and saving.
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="RESTRICT"), primary_key=True, index=True)

    @classmethod
    def note(cls, post_id: int, *texts: str) -> None:
        """The post uses what these texts mention. Writes nothing where they mention nothing new."""
        names = set().union(*(names_in(text) for text in texts))
        if not names:
            return
        noted = exists().where(cls.post_id == post_id, cls.media_id == Media.id)
        fresh = db.session.scalars(select(Media.id).where(Media.name.in_(names), ~noted)).all()
        if fresh:
            rows = upsert(cls.__table__).values([{"post_id": post_id, "media_id": one} for one in fresh])  # type: ignore[arg-type]
            db.session.execute(rows.on_conflict_do_nothing())

    @classmethod
    def numbers(cls, media_ids: Iterable[int]) -> dict[int, int]:
        """How many posts use each of these pictures; none for those that no post does."""
        counted = select(cls.media_id, func.count()).where(cls.media_id.in_(list(media_ids))).group_by(cls.media_id)
        return {row[0]: row[1] for row in db.session.execute(counted)}


def focus_classes(x: int, y: int) -> str:
    return "" if (x, y) == (MIDDLE, MIDDLE) else f"focus focus--x{x} focus--y{y}"


def markdown_of(address: str, alt: str) -> str:
    """The picture as one writes it in a text."""
    words = alt.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"![{words}]({address})"
