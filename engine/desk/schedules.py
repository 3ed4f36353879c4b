"""Cases that open by themselves: the rows of the plan, from their first round to their last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, delete, insert, select, update

from engine.desk.calendar import Calendar
from engine.foundation.models.registers import Schedule
from engine.foundation.recurrence import EPOCH, Recurrence, read_recurrence

NAMESPACE = UUID("6f1d2c5e-58b5-5b3c-9c0a-3b1f6a5f9b11")
OF_PROCESS = "process"
OFFICE_OPENS = "09:00"  # visits promised for a day begin their case when the office opens


def schedule_id(process: str, subject: str | None) -> UUID:
    """The same process for the same subject is one row, whoever asks for it."""
    return uuid5(NAMESPACE, f"{process}:{subject or ''}")


def case_id(schedule: UUID, nominal: date) -> UUID:
    """The id of the case of one round: opened twice, it is still one case."""
    return uuid5(schedule, nominal.isoformat())


def keep(
    tx: Connection,
    *,
    process: str,
    subject: str | None,
    answers: Mapping[str, Any],
    rule: Recurrence,
    calendar: Calendar,
    zone: str,
    at: datetime,
    origin: str = OF_PROCESS,
    first: date = EPOCH,
    until: date | None = None,
) -> None:
    """Keep a row as described; a new one, or one with another rule, begins with its first round after `at`."""
    identity = schedule_id(process, subject)
    known = tx.execute(
        select(Schedule.rule, Schedule.first_on, Schedule.until).where(Schedule.id == identity)
    )
    values = {"answers": dict(answers), "origin": origin, "zone": zone}
    if known.one_or_none() == (str(rule), first, until):
        tx.execute(update(Schedule).where(Schedule.id == identity).values(**values))
        return
    number = rule.next_round(at, zone=zone, working=calendar.is_working_day, first=first)
    tx.execute(delete(Schedule).where(Schedule.id == identity))
    tx.execute(
        insert(Schedule).values(
            **values,
            id=identity,
            process=process,
            subject=subject,
            rule=str(rule),
            first_on=first,
            until=until,
            round=number,
            next_at=_begin(rule, number, calendar, zone, first, until),
        )
    )


def plan_rounds(
    tx: Connection, *, wish: Mapping[str, Any], origin: str, calendar: Calendar, zone: str, at: datetime
) -> None:
    """What a diagram asked for with `schedule_case`: from a date on, every so many months, until another date."""
    first = date.fromisoformat(str(wish["first_on"]))
    rule = read_recurrence(f"every {int(wish['months'])} months day={first.day} time={OFFICE_OPENS}")
    until = date.fromisoformat(str(wish["until"])) if wish.get("until") else None
    keep(
        tx,
        process=str(wish["process"]),
        subject=str(wish["subject"]),
        answers=wish["data"],
        rule=rule,
        calendar=calendar,
        zone=zone,
        at=at,
        origin=origin,
        first=first,
        until=until,
    )


def next_due(tx: Connection, *, until: datetime) -> Any:
    """The row that is due first, up to `until`; None when nothing is."""
    due = select(Schedule.__table__).where(Schedule.next_at <= until)
    return tx.execute(due.order_by(Schedule.next_at, Schedule.id).limit(1)).one_or_none()


def latest_round(row: Any, *, calendar: Calendar, now: datetime) -> int:
    """The last round of a due row that has begun by `now`; the ones before it fell into downtime."""
    rule = read_recurrence(row.rule)
    following = rule.next_round(now, zone=row.zone, working=calendar.is_working_day, first=row.first_on)
    latest: int = max(row.round, following - 1)
    while latest > row.round and _begin(rule, latest, calendar, row.zone, row.first_on, row.until) is None:
        latest -= 1
    return latest


def move_on(tx: Connection, row: Any, *, done: int, calendar: Calendar, at: datetime) -> bool:
    """Wait for the round after `done`; False when somebody else has moved the row on already."""
    rule = read_recurrence(row.rule)
    once = not (rule.months or rule.weeks)
    following = None if once else _begin(rule, done + 1, calendar, row.zone, row.first_on, row.until)
    moved = (
        update(Schedule)
        .where(Schedule.id == row.id, Schedule.round == row.round, Schedule.next_at == row.next_at)
        .values(
            round=done + 1,
            next_at=following,
            started=Schedule.started + 1,
            missed=Schedule.missed + done - row.round,
            last_at=at,
        )
    )
    return tx.execute(moved).rowcount == 1


def withdraw(tx: Connection, ids: set[UUID]) -> None:
    """Rows whose process or subject is gone wait for nothing any more."""
    tx.execute(update(Schedule).where(Schedule.id.in_(ids)).values(next_at=None, rule="once time=00:00"))


def nominal_of(row: Any, number: int) -> date:
    """The date of a round as the rule has it."""
    return read_recurrence(row.rule).nominal(number, first=row.first_on)


def moment_of(row: Any, number: int, *, calendar: Calendar) -> datetime:
    """When a round begins, in UTC."""
    rule = read_recurrence(row.rule)
    return rule.moment(number, zone=row.zone, working=calendar.is_working_day, first=row.first_on)


def _begin(
    rule: Recurrence, number: int, calendar: Calendar, zone: str, first: date, until: date | None
) -> datetime | None:
    if until is not None and rule.nominal(number, first=first) > until:
        return None
    return rule.moment(number, zone=zone, working=calendar.is_working_day, first=first)
