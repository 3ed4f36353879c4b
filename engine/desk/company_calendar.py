"""The company's own calendar: opening hours, corrections of the public holidays, and what a year looks like with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.desk.calendar import CHINA, Calendar, read_hours, standard_calendars
from engine.desk.holidays_cn import ChinaDays
from engine.foundation.models import CalendarDay, Setting
from engine.foundation.security import Actor, Target, require

SETTING = "calendar"
DEFAULT_HOURS = "09:00-12:00, 13:00-18:00"  # to be confirmed by the company
_SATURDAY = 5

Kind = Literal["working", "weekend", "holiday", "make_up"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How the company counts working time: open hours, corrected dates, and years announced by hand."""

    hours: str
    days: dict[date, bool]
    notes: dict[date, str | None]
    confirmed: frozenset[int]

    def calendars(self, zone: str = CHINA) -> dict[str, Calendar]:
        """The calendars that the table of limits may name."""
        return standard_calendars(
            overrides=self.days, confirmed=self.confirmed, hours=read_hours(self.hours), zone=zone
        )

    def year(self, number: int) -> Iterator[Day]:
        """Every date of a year with what it is."""
        public = ChinaDays(self.days, confirmed=self.confirmed)
        day = date(number, 1, 1)
        while day.year == number:
            yield Day(day, _kind(day, public.is_working(day)), day in self.days, self.notes.get(day))
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One date: what kind it is, whether the company corrected it, and why."""

    day: date
    kind: Kind
    corrected: bool
    note: str | None


def rules(tx: Connection) -> Rules:
    """The rules in force."""
    kept = tx.execute(select(Setting.value).where(Setting.name == SETTING)).scalar_one_or_none() or {}
    rows = tx.execute(select(CalendarDay.day, CalendarDay.working, CalendarDay.note)).all()
    return Rules(
        hours=kept.get("hours", DEFAULT_HOURS),
        days={row.day: row.working for row in rows},
        notes={row.day: row.note for row in rows},
        confirmed=frozenset(kept.get("confirmed", ())),
    )


def set_hours(tx: Connection, words: str, *, actor: Actor) -> None:
    """Change the opening hours, such as 09:00-12:00, 13:00-18:00; running deadlines stay as they were promised."""
    require(actor, "manage_calendar", Target(label="hours"))
    read_hours(words)
    _keep(tx, {**_kept(tx), "hours": words.strip()})


def confirm_year(tx: Connection, year: int, *, confirmed: bool, actor: Actor) -> None:
    """Say that the corrections of a year hold its whole announcement, or take that back."""
    require(actor, "manage_calendar", Target(label=str(year)))
    years = set(_kept(tx).get("confirmed", ()))
    years = years | {year} if confirmed else years - {year}
    _keep(tx, {**_kept(tx), "confirmed": sorted(years)})


def set_day(tx: Connection, day: date, *, working: bool, note: str | None, actor: Actor) -> None:
    """Correct one date of the public calendar: it is worked, or it is not."""
    require(actor, "manage_calendar", Target(label=day.isoformat()))
    _upsert(tx, CalendarDay, {"day": day}, {"working": working, "note": note})


def clear_day(tx: Connection, day: date, *, actor: Actor) -> None:
    """Follow the public calendar again on this date."""
    require(actor, "manage_calendar", Target(label=day.isoformat()))
    tx.execute(delete(CalendarDay).where(CalendarDay.day == day))


def _kind(day: date, working: bool) -> Kind:
    weekend = day.weekday() >= _SATURDAY
    if working:
        return "make_up" if weekend else "working"
    return "weekend" if weekend else "holiday"


def _kept(tx: Connection) -> dict[str, Any]:
    return dict(tx.execute(select(Setting.value).where(Setting.name == SETTING)).scalar_one_or_none() or {})


def _keep(tx: Connection, value: dict[str, Any]) -> None:
    _upsert(tx, Setting, {"name": SETTING}, {"value": value})


def _upsert(tx: Connection, model: Any, key: dict[str, Any], values: dict[str, Any]) -> None:
    insert = postgresql.insert(model) if tx.dialect.name == "postgresql" else sqlite.insert(model)
    tx.execute(insert.values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values))
