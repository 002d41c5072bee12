"""Pictures: what the storage holds, and who brought it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, db
from blog.models.base import Id, Timestamped, upsert, user_reference
from blog.storage import Picture


class Media(Timestamped, Model):
    """One stored file, named by its content: the same picture is kept once."""

    __tablename__ = "media"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0 AND size > 0", name="has_size"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    owner_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"), index=True)

    @classmethod
    def keep(cls, picture: Picture, *, owner_id: int | None) -> None:
        """Remember a picture that the storage has. Twice is once."""
        row = {
            "name": picture.name,
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "size": len(picture.content),
            "owner_id": owner_id,
        }
        db.session.execute(upsert(cls.__table__).values(row).on_conflict_do_nothing(index_elements=["name"]))  # type: ignore[arg-type]
