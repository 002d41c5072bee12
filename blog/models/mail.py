"""Mail on its way: written in the same transaction as the act it tells of, and sent later."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.database import Model, database_now
from blog.models.base import Id, only

WAITING = "sent_at IS NULL AND gave_up_at IS NULL"


class Mail(Model):
    """One letter to one person. Its words hold links that open accounts: they are sealed, and gone once it is sent."""

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR gave_up_at IS NULL", name="ends_once"),
        CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name="has_whole_lease"),
        Index("ix_mails_waiting", "due_at", "id", **only(WAITING)),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    to: Mapped[str] = mapped_column("recipient", String(320))
    subject: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[str] = mapped_column(Text)  # the words, as text and as HTML; see blog.sealing
    created_at: Mapped[datetime] = mapped_column(server_default=database_now())
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    lease: Mapped[UUID | None]  # of whoever is sending it just now
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(300), default="")
