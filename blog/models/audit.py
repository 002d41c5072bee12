"""What was done, by whom, when and from where."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import DDL, JSON, Index, Select, String, event, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.database import Base, Model, database_now, db
from blog.models.base import Id, user_reference

if TYPE_CHECKING:
    from blog.models.user import User

# The web layer puts the caller's address here, so that models need not know a request.
origin: ContextVar[str] = ContextVar("origin", default="command line")


class Named(Protocol):
    """A person, or what one needs to know of a person to write about them."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...


class AuditEntry(Model):
    """One act. Names are copied, so that the line still reads when the person or the post is gone."""

    __tablename__ = "audit_entries"
    __table_args__ = (  # for every two of the filters of the log; see also the triggers below
        Index(None, "action", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "about_id", "id"),
        Index(None, "origin", "id"),
        Index(None, "actor_id", "action", "id"),
        Index(None, "origin", "action", "id"),
        Index(None, "actor_id", "origin", "id"),
        Index(None, "action", "at"),  # for how often something was done, and when
        Index(None, "about_id", "action", "id"),
        Index(None, "about_id", "origin", "id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(server_default=database_now(), index=True)
    actor_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"))
    about_id: Mapped[int | None] = mapped_column(user_reference(ondelete="SET NULL"))  # whom it was done to
    actor_name: Mapped[str] = mapped_column(String(120))
    origin: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(340), default="")  # room for the longest address or title
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])
    about: Mapped[User | None] = relationship(foreign_keys=[about_id])

    @property
    def names_a_post(self) -> bool:
        """Whether the subject is the title of a post, rather than the name of whom the line is about."""
        return "post" in self.detail and "title" not in self.detail

    @classmethod
    def newest(cls) -> Select[AuditEntry]:
        return select(cls).order_by(cls.id.desc())


def record(action: str, *, by: User | None, subject: str = "", about: Named | None = None, **detail: Any) -> None:
    """Write one line into the log, in the same transaction as the act itself.

    `action` is a short phrase in the past tense ("changed the role of"); `about` is the person it was done to, whose
    name is the subject unless another is given; `detail` is anything JSON can hold.
    """
    subject = subject or (about.name if about else "")
    db.session.add(
        AuditEntry(
            actor_id=by.id if by else None,
            about_id=about.id if about else None,
            actor_name=by.name if by else "",
            origin=origin.get()[:60],
            action=action,
            subject=subject[:340],
            detail=detail,
        )
    )


# Append-only, whoever asks: a line may lose the account of a person who is deleted, and nothing else of it may change.
KEPT = ("id", "at", "actor_name", "origin", "action", "subject", "detail")
WHOSE = ("actor_id", "about_id")
CHANGED = " OR ".join(
    [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in KEPT if name != "detail"]
    + ["NEW.detail::text IS DISTINCT FROM OLD.detail::text"]
    + [f"(NEW.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in WHOSE]
)
REFUSAL = "the log is append-only"
ON_SQLITE = (
    f"""CREATE TRIGGER audit_entries_stay_update BEFORE UPDATE ON audit_entries
WHEN {CHANGED.replace("::text", "").replace("IS DISTINCT FROM", "IS NOT")}
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    f"""CREATE TRIGGER audit_entries_stay_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
)
ON_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    f"""CREATE TRIGGER audit_entries_stay_update BEFORE UPDATE ON audit_entries
FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION audit_entries_stay()""",
    """CREATE TRIGGER audit_entries_stay_delete BEFORE DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION audit_entries_stay()""",
)
for dialect, statements in (("sqlite", ON_SQLITE), ("postgresql", ON_POSTGRESQL)):
    for statement in statements:
        event.listen(Base.metadata, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
FORGET = DDL("DROP FUNCTION IF EXISTS audit_entries_stay()")  # type: ignore[no-untyped-call]
event.listen(Base.metadata, "after_drop", FORGET.execute_if(dialect="postgresql"))
