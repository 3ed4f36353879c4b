"""The duty roster: who is on duty, and when nobody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine.desk.absences import away_at
from engine.foundation.models import Absence, Person
from engine.foundation.models.registers import Duty


@dataclass(frozen=True, slots=True)
class Shift:
    """A person's duty; `away` says that they are absent during some of it and nobody stands in."""

    id: UUID
    revision: int
    person: str
    name: str
    starts_at: datetime
    ends_at: datetime
    away: bool


@dataclass(frozen=True, slots=True)
class PersonalShift:
    """A duty of somebody whose roster is looked at."""

    group: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody of the group is on duty."""

    starts_at: datetime
    ends_at: datetime


Span = tuple[datetime, datetime]


def on_duty(tx: Connection, group: str, *, at: datetime) -> list[str]:
    """The people on duty for a group at `at` who are not away, by login name."""
    chosen = (
        select(Duty.person)
        .join(Person, Person.id == Duty.person)
        .where(Duty.group_id == group, Duty.starts_at <= at, Duty.ends_at > at)
        .where(Duty.retired_at.is_(None), Person.active, Duty.person.not_in(away_at(at)))
        .order_by(Duty.person)
    )
    return list(dict.fromkeys(tx.scalars(chosen)))


def shifts(tx: Connection, group: str, *, start: datetime, end: datetime) -> list[Shift]:
    """The duties of a group that touch the time from `start` to `end`, in order."""
    absences = _absences(tx, start, end)
    rows = tx.execute(
        select(Duty.id, Duty.revision, Duty.person, Person.name, Duty.starts_at, Duty.ends_at)
        .join(Person, Person.id == Duty.person)
        .where(Duty.group_id == group, Duty.starts_at < end, Duty.ends_at > start)
        .where(Duty.retired_at.is_(None), Person.active)
        .order_by(Duty.starts_at, Duty.id)
    )
    return [
        Shift(
            *row._tuple(),
            away=_present(row.starts_at, row.ends_at, absences.get(row.person, [])) != [row[4:6]],
        )
        for row in rows
    ]


def of_person(tx: Connection, person: str, *, start: datetime, end: datetime) -> list[PersonalShift]:
    """The duties of one person that touch the time from `start` to `end`, in order."""
    rows = tx.execute(
        select(Duty.group_id, Duty.starts_at, Duty.ends_at)
        .where(Duty.person == person, Duty.starts_at < end, Duty.ends_at > start, Duty.retired_at.is_(None))
        .order_by(Duty.starts_at, Duty.id)
    )
    return [PersonalShift(*row._tuple()) for row in rows]


def gaps(tx: Connection, group: str, *, start: datetime, end: datetime) -> list[Gap]:
    """When nobody of the group is on duty between `start` and `end`; an absence without a substitute opens a gap."""
    absences = _absences(tx, start, end)
    staffed: list[Span] = []
    for shift in shifts(tx, group, start=start, end=end):
        staffed += _present(shift.starts_at, shift.ends_at, absences.get(shift.person, []))
    open_since, found = start, []
    for begins, ends in sorted(staffed):
        if begins > open_since:
            found.append(Gap(open_since, min(begins, end)))
        open_since = max(open_since, ends)
        if open_since >= end:
            return found
    return [*found, Gap(open_since, end)]


def _absences(tx: Connection, start: datetime, end: datetime) -> dict[str, list[Span]]:
    """Absences in which nobody stands in, by person, in order."""
    found: dict[str, list[Span]] = {}
    rows = tx.execute(
        select(Absence.person, Absence.starts_at, Absence.ends_at)
        .where(Absence.starts_at < end, Absence.ends_at > start, Absence.substitute.is_(None))
        .order_by(Absence.starts_at)
    )
    for person, starts_at, ends_at in rows.tuples():
        found.setdefault(person, []).append((starts_at, ends_at))
    return found


def _present(starts_at: datetime, ends_at: datetime, absences: list[Span]) -> list[Span]:
    """What is left of a duty when absences, in order, are taken out."""
    left: list[Span] = []
    for begins, ends in absences:
        if begins >= ends_at or ends <= starts_at:
            continue
        if begins > starts_at:
            left.append((starts_at, begins))
        starts_at = ends
    return [*left, (starts_at, ends_at)] if starts_at < ends_at else left
