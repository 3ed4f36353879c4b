"""The calendar's own cases: what the procedures start by themselves, each round exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.bpmn.diagram import Diagram
from engine.cases import AlreadyApplied, Cases, IncidentRaised, Opening
from engine.desk import schedules
from engine.desk.people import GROUPS, everybody, members
from engine.desk.registers.maintenance import visit_planned
from engine.foundation.models import Contract, Customer
from engine.foundation.models.registers import Schedule
from engine.foundation.recurrence import EPOCH, Recurrence, read_recurrence
from engine.foundation.security import SYSTEM
from engine.foundation.text import Text, same

WORKING = "working"
ASSESSED = ("call_center", "service_engineer", "technical_specialist", "maintenance_staff")


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom a process starts by itself; nobody in particular when `name` is None."""

    name: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of what will start by itself; `subject` is for whom, as people say it, empty for nobody in particular."""

    process: str
    name: Text
    subject: Text
    rule: str
    next_at: datetime
    last_at: datetime | None
    missed: int
    origin: str


def start_due(cases: Cases, *, now: datetime) -> int:
    """Open the cases of every round that is due, each at its own moment; answers how many were opened.

    Whatever was missed while nothing ran is opened once, for the latest round, which notes how many it stands for.
    Any number of processes may call it: a round's case has an id that follows from the round.
    """
    opened = 0
    while (row := _next(cases, until=now)) is not None:
        opened += _start(cases, row, now=now)
    return opened


def next_moment(cases: Cases, *, until: datetime) -> datetime | None:
    """When the next round is due, up to `until`."""
    row = _next(cases, until=until)
    return None if row is None else row.next_at


def keep(cases: Cases, *, now: datetime) -> int:
    """Bring the plan in line with the current procedures, contracts, customers and people; answers how many rows it has.

    Rows that a case asked for stay as they are; those of a process or subject that is gone wait for nothing any more.
    """
    library = cases.current_library()
    with cases.database.write() as tx:
        calendar = cases.calendars(tx)[WORKING]
        kept = set()
        for diagram, subject, rule in _wanted(tx, library.diagrams, at=now):
            kept.add(schedules.schedule_id(diagram.process, subject.name))
            schedules.keep(
                tx,
                process=diagram.process,
                subject=subject.name,
                answers=dict(subject.answers),
                rule=rule,
                calendar=calendar,
                zone=cases.settings.time_zone,
                at=now,
                first=subject.since or EPOCH,
            )
        own = select(Schedule.id).where(
            Schedule.origin == schedules.OF_PROCESS, Schedule.next_at.is_not(None)
        )
        schedules.withdraw(tx, set(tx.scalars(own)) - kept)
    return len(kept)


def planned(cases: Cases, *, limit: int = 200) -> list[Planned]:
    """What will start by itself, the next first."""
    diagrams = cases.current_library().diagrams
    with cases.database.read() as tx:
        waiting = select(Schedule.__table__).where(Schedule.next_at.is_not(None))
        rows = tx.execute(waiting.order_by(Schedule.next_at, Schedule.id).limit(limit)).all()
        names = {one.id: same(one.name) for one in everybody(tx)} | dict(GROUPS)
    return [_line(row, diagrams.get(row.process), names) for row in rows]


def _next(cases: Cases, *, until: datetime) -> Any:
    with cases.database.read() as tx:
        return schedules.next_due(tx, until=until)


def _start(cases: Cases, row: Any, *, now: datetime) -> int:
    with cases.database.read() as tx:
        calendar = cases.calendars(tx)[WORKING]
    number = schedules.latest_round(row, calendar=calendar, now=now)
    at = schedules.moment_of(row, number, calendar=calendar)
    known = row.process in cases.current_library().diagrams
    if known:
        answers = _answers(row, number, at)
        key = str(schedules.case_id(row.id, schedules.nominal_of(row, number)))
        with suppress(AlreadyApplied, IncidentRaised):  # in both cases the round has its case
            cases.start(Opening(process=row.process, answers=answers), actor=SYSTEM, now=at, key=key)
    with cases.database.write() as tx:
        moved = schedules.move_on(tx, row, done=number, calendar=calendar, at=at)
        if moved and row.origin != schedules.OF_PROCESS:
            _note_visit(tx, row.subject, schedules.nominal_of(row, number), at=at)
    return int(moved and known)


def _note_visit(tx: Connection, contract: str | None, due_on: date, *, at: datetime) -> None:
    """The contract's own next visit moves on with the plan that was made of it."""
    found = select(Contract.id).where(Contract.number == contract, Contract.retired_at.is_(None))
    identity = tx.scalar(found)
    if identity is not None:
        visit_planned(tx, identity, due_on, actor=SYSTEM, at=at)


def _answers(row: Any, number: int, at: datetime) -> dict[str, Any]:
    told = {"period": schedules.nominal_of(row, number).strftime("%Y-%m"), "scheduled_for": at.isoformat()}
    missed = {"missed": number - row.round} if number > row.round else {}
    return {**row.answers, **told, **missed}


def _wanted(
    tx: Connection, diagrams: Mapping[str, Diagram], *, at: datetime
) -> Iterator[tuple[Diagram, Subject, Recurrence]]:
    for diagram in diagrams.values():
        written = diagram.properties.get("schedule")
        if written is not None:
            each = _EACH[diagram.properties.get("each", "")]
            for subject in each(tx, at):
                yield diagram, subject, read_recurrence(written)


def _nobody(_tx: Connection, _at: datetime) -> Iterator[Subject]:
    yield Subject()


def _contracts(tx: Connection, at: datetime) -> Iterator[Subject]:
    for number, customer, _ in _running(tx, at):
        yield Subject(number, (("contract", number), ("customer", customer)))


def _maintenance(tx: Connection, at: datetime) -> Iterator[Subject]:
    for number, customer, starts_on in _running(tx, at, Contract.maintenance_months.is_not(None)):
        yield Subject(number, (("contract", number), ("customer", customer)), since=starts_on)


def _running(tx: Connection, at: datetime, *more: Any) -> list[tuple[str, str, date]]:
    chosen = (
        select(Contract.number, Customer.name, Contract.starts_on)
        .join(Customer, Customer.id == Contract.customer_id)
        .where(Contract.ends_on >= at.date(), Contract.retired_at.is_(None), *more)
        .order_by(Contract.number)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(chosen).tuples()]


def _customers(tx: Connection, _at: datetime) -> Iterator[Subject]:
    managed = select(Customer.name, Customer.manager).where(
        Customer.manager.is_not(None), Customer.retired_at.is_(None)
    )
    for name, manager in tx.execute(managed.order_by(Customer.name)).tuples():
        yield Subject(name, (("customer", name), ("manager", str(manager))))


def _staff(tx: Connection, _at: datetime) -> Iterator[Subject]:
    people = []
    for group in ASSESSED:
        yield Subject(group, (("scope", "group"), ("subject", group)))
        people += [one for one in members(tx, group) if one not in people]
    for person in people:
        yield Subject(person, (("scope", "person"), ("subject", person)))


_EACH: Mapping[str, Callable[[Connection, datetime], Iterator[Subject]]] = {
    "": _nobody,
    "contract": _contracts,
    "maintenance": _maintenance,
    "customer": _customers,
    "staff": _staff,
}


def _line(row: Any, diagram: Diagram | None, names: Mapping[str, Text]) -> Planned:
    name = diagram.name if diagram is not None else same(row.process)
    subject = _called(row, names)
    return Planned(row.process, name, subject, row.rule, row.next_at, row.last_at, row.missed, row.origin)


def _called(row: Any, names: Mapping[str, Text]) -> Text:
    """A person or group by name, a customer as registered, a contract with its customer beside the number."""
    if row.answers.get("scope") in ("group", "person"):
        return names.get(row.subject, same(row.subject))
    said = (row.answers.get("customer"), row.subject)
    return same(" · ".join(dict.fromkeys(word for word in said if word)))
