"""The site itself: its settings."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from blog import links, text
from blog.database import Model, db
from blog.models.audit import record
from blog.models.base import Id, Timestamped
from blog.models.factors import has_factor
from blog.models.rights import UserRole
from blog.models.user import User
from blog.picture_names import name_in


class Registration(StrEnum):
    open = "open"
    invitation = "invitation"
    closed = "closed"


class FactorNeededError(Exception):
    """A second factor may be asked of a role by an admin who has one. The text is for the person."""


class ClockGapError(ValueError):
    """A time of day that the clocks skip."""


def moment_on(on_the_clock: datetime, zone: str, turn: int = 0) -> datetime:
    """The moment (UTC) at which clocks of this zone show this naive time, for the second time if `turn` is 1.

    Raises ClockGapError, which says what to choose instead, where the clocks go forward over it.
    """
    there = ZoneInfo(zone)
    early, late = (on_the_clock.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(there).replace(tzinfo=None, fold=0) != on_the_clock:
        around = [moment.astimezone(there) for moment in (late, early)]
        # Where a zone changed sides of the date line, a whole day is missing, and times alone would not say which.
        form = "%H:%M" if all(one.date() == on_the_clock.date() for one in around) else "%Y-%m-%d %H:%M"
        times = " and ".join(one.strftime(form) for one in around)
        raise ClockGapError(f"The clocks in {zone} go forward over that time; it does not exist that day. {times} do.")
    return late if turn else early


class Site(Timestamped, Model):
    """One row, always the same one: what an admin may set."""

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("posts_per_page BETWEEN 1 AND 100", name="posts_per_page"),
        CheckConstraint("title <> ''", name="has_title"),
        CheckConstraint("hue BETWEEN 0 AND 360 AND chroma BETWEEN 0 AND 100", name="accent"),
    )

    id: Mapped[Id] = mapped_column(default=1, autoincrement=False)
    title: Mapped[str] = mapped_column(String(80), default="Masthead")
    tagline: Mapped[str] = mapped_column(String(200), default="")
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    description: Mapped[str] = mapped_column(String(300), default="")  # for search engines and previews
    language: Mapped[str] = mapped_column(String(35), default="en")  # BCP 47
    hue: Mapped[int] = mapped_column(default=205)  # of the accent, in degrees
    chroma: Mapped[int] = mapped_column(default=85)  # of the accent, in thousandths
    navigation: Mapped[list[list[str]]] = mapped_column(JSON, default=list)  # words and address of each link
    posts_per_page: Mapped[int] = mapped_column(default=10)
    registration: Mapped[Registration] = mapped_column(default=Registration.invitation)
    logo: Mapped[str] = mapped_column(String(200), default="", server_default="")  # the address of a picture of ours
    footer: Mapped[str] = mapped_column(String(500), default="", server_default="")
    factor_for: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")  # roles that must have one

    @classmethod
    def current(cls) -> Site:
        """The settings; those of a site nobody has set up yet are the defaults, and not stored."""
        return db.session.get(cls, 1) or cls(
            id=1,
            title="Masthead",
            tagline="",
            time_zone="UTC",
            description="",
            language="en",
            hue=205,
            chroma=85,
            navigation=[],
            posts_per_page=10,
            registration=Registration.invitation,
            logo="",
            footer="",
            factor_for=[],
        )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def links(self) -> list[list[str]]:
        """The words and the address of each link in the head of the site."""
        return self.navigation or links.DEFAULT

    @property
    def footer_lines(self) -> list[list[tuple[str, str]]]:
        """The lines at the foot of every page, each in parts: words, and the address they lead to, if any."""
        return links.parts(self.footer)

    @property
    def direction(self) -> str:
        return "rtl" if text.direction(self.language) == "rtl" else "ltr"

    @property
    def is_english(self) -> bool:
        return self.language.partition("-")[0].lower() == "en"

    def moment(self, on_the_clock: datetime) -> datetime:
        """The moment (UTC) at which the site's clock shows this naive time; the earlier one if it does so twice.

        Raises ClockGapError where the clocks go forward over it.
        """
        return moment_on(on_the_clock, self.time_zone)

    def change(self, *, by: User, **settings: Any) -> None:
        """Take new settings and record each one that differs, with before and after.

        Raises FactorNeededError where a factor is asked of one more role by somebody who has none.
        """
        if set(settings.get("factor_for", [])) - set(self.factor_for) and not has_factor(by):
            raise FactorNeededError("Set up a second factor of your own first; then you can ask it of others.")
        changed = {name: value for name, value in settings.items() if getattr(self, name) != value}
        detail = {name: {"before": getattr(self, name), "after": value} for name, value in changed.items()}
        for name, value in changed.items():
            setattr(self, name, value)
        db.session.add(self)
        if changed:
            record("changed the settings", by=by, subject="", about=None, **detail)

    @validates("navigation")
    def _fit_links(self, _key: str, navigation: list[list[str]]) -> list[list[str]]:
        """Raises UnfitLinkError: a page's head is no place for javascript:, whoever put it there."""
        for words, address in navigation:
            links.check(words, address)
        return navigation

    @validates("factor_for")
    def _known_roles(self, _key: str, roles: list[str]) -> list[str]:
        """Each once, in the order of the roles. Raises ValueError for what is none."""
        asked = {UserRole(role) for role in roles}
        return [role.value for role in UserRole if role in asked]

    @validates("footer")
    def _fit_footer(self, _key: str, footer: str) -> str:
        """Raises UnfitLinkError as the navigation does."""
        links.parts(footer)
        return footer

    @validates("logo")
    def _picture_of_ours(self, _key: str, address: str) -> str:
        if address and not name_in(address):
            raise ValueError("a logo is a picture of the library")
        return address

    @validates("time_zone")
    def _known_zone(self, _key: str, name: str) -> str:
        return ZoneInfo(name).key
