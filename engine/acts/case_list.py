"""Finding cases: the list of all cases by state, words, group and deadline, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, String, and_, case, exists, func, or_, select, type_coerce

from engine.acts.paging import Key, Page, before, cut, read_key
from engine.acts.status_names import status_name
from engine.acts.visibility import visible_to
from engine.bpmn.library import Library
from engine.cases import Cases
from engine.foundation.models import Asset, Case, Clock, Person, Task
from engine.foundation.security import Actor, require
from engine.foundation.text import Text

STATES = ("open", "late", "paused", "incident", "ended")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list; `due_at` is the nearest promise or task deadline still open, `late` says one was missed.

    `stage` is the status in words, `waits_for` the group whose turn it is.
    """

    id: UUID
    number: str
    title: str
    process: str
    kind: str
    status: str
    stage: Text
    priority: str | None
    severity: str | None
    customer: str | None
    device: str | None
    owner_group: str | None
    handler: str | None
    release: int
    opened_at: datetime
    ended_at: datetime | None
    paused: bool
    outcome: str | None
    due_at: datetime | None
    late: bool
    incidents: int
    waits_for: str | None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows; `due` is "late" or "today" and looks at the open tasks of `group` or `person`."""

    status: str | None = None
    search: str | None = None
    group: str | None = None
    person: str | None = None
    due: str | None = None
    process: str | None = None


def case_list(
    cases: Cases,
    *,
    actor: Actor,
    now: datetime,
    chosen: CaseFilter = CaseFilter(),
    after: str | None = None,
    limit: int = 50,
) -> Page[CaseLine]:
    """Cases newest first. Raises NotFound when `after` is not a word that an earlier page gave, Forbidden."""
    require(actor, "see_case")
    midnight = next_midnight(now, cases.settings.time_zone)
    conditions = [visible_to(actor), *_conditions(chosen, now=now, midnight=midnight)]
    with cases.database.read() as tx:
        rows = _rows(tx, conditions, after, limit + 1)
        total = None if chosen.search else _count(tx, conditions)
    rows, following = cut(rows, [Key(at=row.opened_at, id=row.id) for row in rows], limit)
    return Page(
        rows=tuple(_line(row, cases.releases.library(row.release), now) for row in rows),
        after=following,
        total=total,
    )


def tally(tx: Connection, *, actor: Actor, now: datetime, zone: str, chosen: CaseFilter) -> tuple[int, int]:
    """How many cases a filter shows to the actor, and how many of those that run are late."""
    late = func.count(case((and_(Case.ended_at.is_(None), _is_late(now)), 1)))
    conditions = [visible_to(actor), *_conditions(chosen, now=now, midnight=next_midnight(now, zone))]
    found = tx.execute(select(func.count(), late).select_from(Case).where(*conditions)).one()
    return int(found[0]), int(found[1])


def next_midnight(now: datetime, zone: str) -> datetime:
    """When the local day of `now` ends."""
    local = now.astimezone(ZoneInfo(zone))
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _rows(tx: Connection, conditions: list[ColumnElement[bool]], after: str | None, limit: int) -> list[Any]:
    key = [before(read_key(after), Case.opened_at, Case.id)] if after else []
    statement = (
        _columns().where(*conditions, *key).order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit)
    )
    return list(tx.execute(statement))


def _columns() -> Any:
    return (
        select(
            *(getattr(Case, name) for name in _PLAIN),
            Person.name.label("handler_name"),
            Asset.name.label("asset"),
            Asset.model,
            Asset.serial,
            _nearest_task().label("task_due"),
            _nearest_promise().label("promise_due"),
            _missed().label("missed"),
            _waits_for().label("waits_for"),
        )
        .outerjoin(Person, Person.id == Case.handler)
        .outerjoin(Asset, Asset.id == Case.asset_id)
    )


_PLAIN = [
    "id",
    "number",
    "title",
    "process",
    "kind",
    "status",
    "priority",
    "severity",
    "outcome",
    "release",
    "customer_name",
    "owner_group",
    "handler",
    "opened_at",
    "ended_at",
    "paused_at",
    "facts",
    "open_incidents",
]


def _of_case(table: Any) -> ColumnElement[bool]:
    return and_(table.shard_key == Case.shard_key, table.case_id == Case.id)


def _nearest_task() -> Any:
    return (
        select(func.min(Task.due_at))
        .where(_of_case(Task), Task.kind == "task", Task.paused.is_(False))
        .correlate(Case)
        .scalar_subquery()
    )


def _waits_for() -> Any:
    """The group whose turn it is: that of the most pressing task."""
    return (
        select(Task.group_id)
        .where(_of_case(Task), Task.kind == "task")
        .order_by(Task.sort_at)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )


def _nearest_promise() -> Any:
    return (
        select(func.min(Clock.due_at)).where(_of_case(Clock), *_running()).correlate(Case).scalar_subquery()
    )


def _missed() -> Any:
    return exists().where(_of_case(Clock), Clock.breached_at.is_not(None)).correlate(Case)


def _running() -> tuple[ColumnElement[bool], ...]:
    return (Clock.met_at.is_(None), Clock.paused_at.is_(None))


def _line(row: Any, library: Library, now: datetime) -> CaseLine:
    due = min((at for at in (row.task_due, row.promise_due) if at), default=None)
    return CaseLine(
        id=row.id,
        number=row.number,
        title=row.title,
        process=row.process,
        kind=row.kind,
        status=row.status,
        stage=status_name(library, row.status),
        priority=row.priority,
        severity=row.severity,
        customer=row.customer_name,
        device=device_of(row),
        owner_group=row.owner_group,
        handler=row.handler_name or row.handler,
        release=row.release,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        paused=row.paused_at is not None,
        outcome=row.outcome,
        due_at=None if row.ended_at else due,
        late=bool(row.missed) or (row.ended_at is None and due is not None and due < now),
        incidents=row.open_incidents,
        waits_for=row.waits_for,
    )


def device_of(row: Any) -> str | None:
    """The device in words: the registered one, else what was written at intake."""
    if row.model:
        return f"{row.asset or row.model} · {row.serial}"
    written = [row.facts.get(name) for name in ("device", "device_model", "model", "serial")]
    return " · ".join(str(word) for word in written if word) or None


def _conditions(chosen: CaseFilter, *, now: datetime, midnight: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.status:
        conditions.append(_in_state(chosen.status, now))
    if chosen.process:
        conditions.append(Case.process == chosen.process)
    if chosen.group or chosen.person or chosen.due:
        conditions.append(_with_task(chosen, now, midnight))
    if chosen.search and chosen.search.strip():
        conditions.append(_says(chosen.search.strip()))
    return conditions


def _in_state(state: str, now: datetime) -> ColumnElement[bool]:
    if state == "open":
        return Case.ended_at.is_(None)
    if state == "ended":
        return Case.ended_at.is_not(None)
    if state == "paused":
        return and_(Case.ended_at.is_(None), Case.paused_at.is_not(None))
    if state == "incident":
        return Case.open_incidents > 0
    if state == "late":
        return and_(Case.ended_at.is_(None), _is_late(now))
    return Case.status == state


def _is_late(now: datetime) -> ColumnElement[bool]:
    task = exists().where(_of_case(Task), Task.kind == "task", Task.paused.is_(False), Task.due_at < now)
    return or_(task, exists().where(_of_case(Clock), *_running(), Clock.due_at < now))


def _with_task(chosen: CaseFilter, now: datetime, midnight: datetime) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [_of_case(Task), Task.kind == "task"]
    if chosen.group:
        wanted.append(Task.group_id == chosen.group)
    if chosen.person:
        wanted.append(Task.assignee == chosen.person)
    if chosen.due:
        wanted.append(Task.paused.is_(False))
    if chosen.due == "late":
        wanted.append(Task.due_at < now)
    elif chosen.due == "today":
        wanted.extend((Task.due_at >= now, Task.due_at < midnight))
    return exists().where(*wanted)


def _says(words: str) -> ColumnElement[bool]:
    pattern = f"%{_literal(words)}%"
    devices = select(Asset.id).where(or_(_like(Asset.serial, pattern), _like(Asset.model, pattern)))
    return or_(
        _like(Case.number, pattern),
        _like(Case.title, pattern),
        _like(Case.customer_name, pattern),
        Case.asset_id.in_(devices),
        _like(type_coerce(Case.facts, String), pattern),
    )


def _literal(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _like(column: Any, pattern: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.ilike(pattern, escape="\\")
    return found


def _count(tx: Connection, conditions: list[ColumnElement[bool]]) -> int:
    return int(tx.execute(select(func.count()).select_from(Case).where(*conditions)).scalar_one())
