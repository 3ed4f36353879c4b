"""What waits for time or for help: the timers that will fire next, and the incidents that a person must settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from engine.acts.facts import Fact, facts_of, form_of
from engine.acts.limit_names import limit_name
from engine.acts.overview import count
from engine.acts.paging import Key, Page, before, behind, cut, read_key
from engine.acts.visibility import of_visible_cases, visible_to
from engine.bpmn.library import Library
from engine.cases import Cases
from engine.cases.row import of_case
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Incident, Person, Timer
from engine.foundation.security import Actor, require
from engine.foundation.text import Text, same


@dataclass(frozen=True, slots=True)
class TimerLine:
    """A timer that will fire; `name` is its event in the diagram."""

    id: UUID
    number: str
    title: str
    process: str
    element: str
    name: Text
    due_at: datetime
    limit: Text
    percent: int
    blocked: bool


def upcoming_timers(
    cases: Cases, *, actor: Actor, after: str | None = None, limit: int = 50
) -> Page[TimerLine]:
    """Waiting timers in due order; paused ones have no due moment and are left out. Raises Forbidden."""
    require(actor, "see_case")
    key = [behind(read_key(after), Timer.due_at, Timer.id)] if after else []
    with cases.database.read() as tx:
        rows: list[Any] = list(
            tx.execute(
                select(*_TIMER, Case.number, Case.title, Case.release)
                .join(Case, _its_case(Timer))
                .where(Timer.due_at.is_not(None), visible_to(actor), *key)
                .order_by(Timer.due_at, Timer.id)
                .limit(limit + 1)
            )
        )
        total = count(tx, Timer, Timer.due_at.is_not(None), of_visible_cases(Timer, actor))
    rows, following = cut(rows, [Key(at=row.due_at, id=row.id) for row in rows], limit)
    lines = tuple(_timer(row, cases.releases.library(row.release)) for row in rows)
    return Page(rows=lines, after=following, total=total)


def timers_of(tx: Connection, case_id: UUID, library: Library) -> tuple[TimerLine, ...]:
    """The running timers of one case in due order."""
    bound = {"of_shard": shard_key(case_id), "of_case": case_id}
    return tuple(_timer(row, library) for row in tx.execute(_OF_CASE, bound))


_TIMER = (
    Timer.id,
    Timer.process,
    Timer.element,
    Timer.due_at,
    Timer.limit_name,
    Timer.percent,
    Timer.blocked,
)


_RUNS, _CASE = cast(Table, Timer.__table__), cast(Table, Case.__table__)
_OF_CASE = (
    select(_RUNS, _CASE.c.number, _CASE.c.title)
    .join(_CASE, (_CASE.c.shard_key == _RUNS.c.shard_key) & (_CASE.c.id == _RUNS.c.case_id))
    .where(*of_case(_RUNS), _RUNS.c.due_at.is_not(None))
    .order_by(_RUNS.c.due_at, _RUNS.c.id)
)


def _its_case(table: Any) -> ColumnElement[bool]:
    return and_(table.shard_key == Case.shard_key, table.case_id == Case.id)


def _timer(row: Any, library: Library) -> TimerLine:
    return TimerLine(
        id=row.id,
        number=row.number,
        title=row.title,
        process=row.process,
        element=row.element,
        name=name_of(library, row.process, row.element),
        due_at=row.due_at,
        limit=limit_name(library, row.limit_name),
        percent=row.percent,
        blocked=row.blocked,
    )


def name_of(library: Library, process: str, element: str | None) -> Text:
    """What a diagram calls an element; the process's name when the element is not known, the id as a last resort."""
    diagram = library.diagrams.get(process)
    if diagram is None:
        return same(element or process)
    known = diagram.elements.get(element or "")
    return known.name if known is not None and known.name.zh else diagram.name


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """A command that a diagram could not carry out; `kept` is what the person had typed."""

    id: UUID
    number: str
    title: str
    process: str
    name: Text
    sentence: Text
    at: datetime
    actor: str
    attempts: int
    kept: tuple[Fact, ...]
    resolved_at: datetime | None
    resolved_by: str | None


def incidents(
    cases: Cases,
    *,
    actor: Actor,
    resolved: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page[IncidentLine]:
    """Open incidents (or resolved ones), newest first. Raises Forbidden."""
    require(actor, "see_incidents")
    wanted = Incident.resolved_at.is_not(None) if resolved else Incident.resolved_at.is_(None)
    key = [before(read_key(after), Incident.at, Incident.id)] if after else []
    with cases.database.read() as tx:
        rows: list[Any] = list(
            tx.execute(
                _incident_columns()
                .where(wanted, visible_to(actor), *key)
                .order_by(Incident.at.desc(), Incident.id.desc())
                .limit(limit + 1)
            )
        )
        total = count(tx, Incident, wanted, of_visible_cases(Incident, actor))
    rows, following = cut(rows, [Key(at=row.at, id=row.id) for row in rows], limit)
    lines = tuple(_incident(row, cases.releases.library(row.release)) for row in rows)
    return Page(rows=lines, after=following, total=total)


def incidents_of(tx: Connection, case_id: UUID, library: Library) -> tuple[IncidentLine, ...]:
    """The open incidents of one case, newest first."""
    mine = (Incident.shard_key == shard_key(case_id), Incident.case_id == case_id)
    query = _incident_columns().where(*mine, Incident.resolved_at.is_(None)).order_by(Incident.at.desc())
    return tuple(_incident(row, library) for row in tx.execute(query))


def _incident_columns() -> Any:
    columns = (getattr(Incident, name) for name in _INCIDENT)
    return (
        select(*columns, Case.number, Case.title, Case.release, Person.name.label("actor_name"))
        .join(Case, _its_case(Incident))
        .outerjoin(Person, Person.id == Incident.actor)
    )


_INCIDENT = (
    "id",
    "at",
    "actor",
    "command",
    "process",
    "element",
    "sentence_zh",
    "sentence_en",
    "attempts",
    "resolved_at",
    "resolved_by",
)


def _incident(row: Any, library: Library) -> IncidentLine:
    return IncidentLine(
        id=row.id,
        number=row.number,
        title=row.title,
        process=row.process,
        name=name_of(library, row.process, row.element),
        sentence=Text(zh=row.sentence_zh, en=row.sentence_en),
        at=row.at,
        actor=row.actor_name or row.actor,
        attempts=row.attempts,
        kept=_kept(row, library),
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )


def _kept(row: Any, library: Library) -> tuple[Fact, ...]:
    command = row.command
    answers = (command.get("input") or {}).get("answers") or {}
    return facts_of(answers, form_of(library, command.get("process") or row.process, command.get("element")))
