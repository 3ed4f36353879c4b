"""The desk at a glance: open, late and due-today work per group and per person, and how the last days went."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from engine.acts.case_list import next_midnight
from engine.acts.visibility import of_visible_cases as _of
from engine.acts.visibility import visible_to
from engine.cases import Cases
from engine.foundation.models import Case, Incident, Person, Task, Timer
from engine.foundation.security import Actor, require

CHART_DAYS = 14


@dataclass(frozen=True, slots=True)
class Load:
    """Open tasks of one group or person; paused ones are open but neither late nor due today."""

    id: str
    open: int
    late: int
    today: int
    unclaimed: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class DayFlow:
    """How many cases came in and ended on one local day (ISO date)."""

    day: str
    opened: int
    ended: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures of the first page of a manager, as of one moment."""

    open_cases: int
    paused_cases: int
    open_incidents: int
    timers_next_hour: int
    groups: tuple[Load, ...]
    people: tuple[Load, ...]
    days: tuple[DayFlow, ...]

    @property
    def open_tasks(self) -> int:
        """All tasks that wait for people."""
        return sum(load.open for load in self.groups)

    @property
    def late_tasks(self) -> int:
        """Tasks past their deadline."""
        return sum(load.late for load in self.groups)

    @property
    def tasks_due_today(self) -> int:
        """Tasks whose deadline lies ahead on the local day."""
        return sum(load.today for load in self.groups)


def dashboard(cases: Cases, *, actor: Actor, now: datetime) -> Dashboard:
    """Counts of the open work that `actor` may see; days are local days of the installation. Raises Forbidden."""
    require(actor, "see_figures")
    zone, seen = cases.settings.time_zone, visible_to(actor)
    with cases.database.read() as tx:
        return Dashboard(
            open_cases=count(tx, Case, Case.ended_at.is_(None), seen),
            paused_cases=count(tx, Case, Case.ended_at.is_(None), Case.paused_at.is_not(None), seen),
            open_incidents=count(tx, Incident, Incident.resolved_at.is_(None), _of(Incident, actor)),
            timers_next_hour=count(tx, Timer, Timer.due_at <= now + timedelta(hours=1), _of(Timer, actor)),
            groups=_loads(tx, Task.group_id, now, zone, actor),
            people=_loads(tx, Task.assignee, now, zone, actor),
            days=_days(tx, now, zone, seen),
        )


def count(tx: Connection, table: Any, *conditions: ColumnElement[bool]) -> int:
    """How many rows of a table meet all conditions."""
    return int(tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def _loads(tx: Connection, key: Any, now: datetime, zone: str, actor: Actor) -> tuple[Load, ...]:
    running = Task.paused.is_(False)
    late = and_(running, Task.due_at < now)
    today = and_(running, Task.due_at >= now, Task.due_at < next_midnight(now, zone))
    rows = tx.execute(
        select(
            key, func.count(), _sum(late), _sum(today), _sum(Task.assignee.is_(None)), func.min(Person.name)
        )
        .outerjoin(Person, Person.id == key)
        .where(Task.kind == "task", key.is_not(None), _of(Task, actor))
        .group_by(key)
    )
    loads = (
        Load(id=k, open=n, late=late_, today=today_, unclaimed=free, name=name or k)
        for k, n, late_, today_, free, name in rows
    )
    return tuple(sorted(loads, key=lambda load: (-load.late, -load.open, load.id)))


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _days(tx: Connection, now: datetime, zone: str, seen: ColumnElement[bool]) -> tuple[DayFlow, ...]:
    midnight = next_midnight(now, zone)
    first = midnight - timedelta(days=CHART_DAYS)
    opened = _per_day(tx, Case.opened_at, first, zone, seen)
    ended = _per_day(tx, Case.ended_at, first, zone, seen)
    days = [(first + timedelta(days=n)).date().isoformat() for n in range(CHART_DAYS)]
    return tuple(DayFlow(day=day, opened=opened[day], ended=ended[day]) for day in days)


def _per_day(
    tx: Connection, moment: Any, first: datetime, zone: str, seen: ColumnElement[bool]
) -> Counter[str]:
    local = ZoneInfo(zone)
    moments = tx.execute(select(moment).where(moment >= first, seen)).scalars()
    return Counter(at.astimezone(local).date().isoformat() for at in moments)
