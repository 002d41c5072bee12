"""What was done, by whom, when and from where."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Model, database_now, db
from blog.models.base import Id, user_reference

if TYPE_CHECKING:
    from blog.models.user import User

# The web layer puts the caller's address here, so that models need not know a request.
origin: ContextVar[str] = ContextVar("origin", default="command line")


class AuditEntry(Model):
    """One act. Names are copied, so that the line still reads when the person or the post is gone."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "action", "id"),)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(server_default=database_now(), index=True)
    actor_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"), index=True)
    actor_name: Mapped[str] = mapped_column(String(120))
    origin: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(340), default="")  # room for the longest address or title
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    actor: Mapped[User | None] = relationship()

    @classmethod
    def newest(cls) -> Select[AuditEntry]:
        return select(cls).order_by(cls.id.desc())


def record(action: str, *, by: User | None, subject: str = "", **detail: Any) -> None:
    """Write one line into the log, in the same transaction as the act itself.

    `action` is a short phrase in the past tense ("changed the role of"); `detail` is anything JSON can hold.
    """
    db.session.add(
        AuditEntry(
            actor_id=by.id if by else None,
            actor_name=by.name if by else "",
            origin=origin.get()[:60],
            action=action,
            subject=subject[:340],
            detail=detail,
        )
    )
