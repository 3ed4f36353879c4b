"""One case as people read it: who and what, how its promises stand, what waits, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select

from engine.acts.case_head import CaseHead, head_of
from engine.acts.facts import Fact, facts_of, form_of
from engine.acts.frames import Frame, frames_of
from engine.acts.limit_names import limit_name
from engine.acts.message_names import message_names
from engine.acts.visibility import require_visible
from engine.acts.waiting import IncidentLine, TimerLine, incidents_of, name_of, timers_of
from engine.bpmn.diagram import Diagram
from engine.bpmn.library import Library
from engine.cases import Cases
from engine.cases.pausing import pause_reasons
from engine.cases.row import no_such_case, of_case
from engine.desk import deadlines
from engine.desk.people import GROUPS
from engine.foundation.models import Asset, Case, Clock, Person, Task
from engine.foundation.security import Actor, Target, may, require
from engine.foundation.text import Text
from engine.record import history
from engine.record.names import Names
from engine.record.sentences import Entry, history_in_words

OF_THE_HEAD = frozenset({"customer", "channel", "received_at"})  # start answers that are columns of the case


@dataclass(frozen=True, slots=True)
class ClockCard:
    """A promise in working minutes: `left` is negative when late; `reason` says why it is paused."""

    name: Text
    state: deadlines.State
    target: float
    used: float
    left: float
    due_at: datetime | None
    met_at: datetime | None
    reason: Text | None
    clock: str
    calendar: str


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A task of the case that waits for somebody; `holder` is a name."""

    task_id: UUID
    name: Text
    group: str
    assignee: str | None
    holder: str | None
    due_at: datetime | None
    paused: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """What stands above a task: the case's own columns and what was reported."""

    case: CaseHead
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of a case shows; `diagrams` are those that it has been in, top first."""

    case: CaseHead
    facts: tuple[Fact, ...]
    clocks: tuple[ClockCard, ...]
    tasks: tuple[WaitingLine, ...]
    timers: tuple[TimerLine, ...]
    incidents: tuple[IncidentLine, ...]
    history: tuple[Entry, ...]
    frames: tuple[Frame, ...]
    diagrams: Mapping[str, Diagram]
    may_pause: bool
    may_verify: bool


def case_brief(cases: Cases, number: str, *, actor: Actor) -> CaseBrief:
    """The head of a case and what was reported. Raises NotFound, Forbidden."""
    with cases.database.read() as tx:
        row = _row(tx, number)
        require(actor, "see_case", _target(row))
        require_visible(row, actor)
        library = cases.releases.library(row.release, tx)
        names = _names(tx)
    words = _words(library, names, cases.settings.time_zone)
    return CaseBrief(head_of(row, library, names), _reported(row, library, words))


def case_page(
    cases: Cases, number: str, *, actor: Actor, now: datetime, with_history: bool = True
) -> CasePage:
    """The whole page of a case, or all but its history and its frames. Raises NotFound, Forbidden."""
    with cases.database.read() as tx:
        row = _row(tx, number)
        require(actor, "see_case", _target(row))
        require_visible(row, actor)
        library = cases.releases.library(row.release, tx)
        events = history.of_case(tx, row.id) if with_history else []
        clocks = _clocks(tx, row)
        tasks = _tasks(tx, row, library)
        timers = timers_of(tx, row.id, library)
        incidents = incidents_of(tx, row.id, library) if row.open_incidents else ()
        names = _names(tx)
        calendars = cases.calendars(tx)
    frames, words = (
        tuple(frames_of(events, library.diagrams)),
        _words(library, names, cases.settings.time_zone),
    )
    return CasePage(
        case=head_of(row, library, names),
        facts=_reported(row, library, words),
        clocks=tuple(_card(clock, row, library, calendars, now) for clock in clocks),
        tasks=tasks,
        timers=timers,
        incidents=incidents,
        history=tuple(history_in_words(events, library, words)),
        frames=frames,
        diagrams=_visited(library, row.process, frames),
        may_pause=row.ended_at is None and may(actor, "pause_case", _target(row)),
        may_verify=may(actor, "verify", _target(row)),
    )


def _row(tx: Connection, number: str) -> Any:
    row = tx.execute(_ROW, {"number": number}).one_or_none()
    if row is None:
        raise no_such_case(number)
    return row


def _reported(row: Any, library: Library, words: Names) -> tuple[Fact, ...]:
    answers = {name: value for name, value in row.facts.items() if name not in OF_THE_HEAD}
    return facts_of(answers, form_of(library, row.process), words)


def _target(row: Any) -> Target:
    return Target(label=row.number, group=row.owner_group, handler=row.handler)


def _names(tx: Connection) -> dict[str, str]:
    return dict(tx.execute(_NAMES).tuples().all())


def _words(library: Library, people: Mapping[str, str], zone: str) -> Names:
    return Names(
        people=people,
        groups=GROUPS,
        messages=message_names(library),
        reasons=pause_reasons(library),
        zone=zone,
    )


def _clocks(tx: Connection, row: Any) -> list[deadlines.Clock]:
    return [deadlines.Clock(**clock) for clock in tx.execute(_CLOCKS, _bound(row)).mappings()]


def _card(
    clock: deadlines.Clock, row: Any, library: Library, calendars: deadlines.Calendars, now: datetime
) -> ClockCard:
    until = clock.met_at or now
    left = clock.left(at=until, calendars=calendars)
    return ClockCard(
        name=limit_name(library, clock.name),
        state=clock.state(at=now, calendars=calendars),
        target=clock.minutes,
        used=clock.minutes - left,
        left=left,
        due_at=clock.due_at,
        met_at=clock.met_at,
        reason=pause_reasons(library).get(row.pause_reason or "") if clock.paused_at else None,
        clock=clock.clock,
        calendar=clock.calendar,
    )


def _tasks(tx: Connection, row: Any, library: Library) -> tuple[WaitingLine, ...]:
    return tuple(_waiting(task, library) for task in tx.execute(_WAITING, _bound(row)))


_CASE, _ASSET, _PERSON = (cast(Table, model.__table__) for model in (Case, Asset, Person))
_TASK, _CLOCK = cast(Table, Task.__table__), cast(Table, Clock.__table__)
_ROW = (
    select(*[c for c in _CASE.c if c.name != "state"])
    .add_columns(_ASSET.c.name.label("asset_name"), _ASSET.c.model, _ASSET.c.serial)
    .outerjoin(_ASSET, _ASSET.c.id == _CASE.c.asset_id)
    .where(_CASE.c.number == bindparam("number"))
)
_NAMES = select(_PERSON.c.id, _PERSON.c.name)
_CLOCKS = (
    select(*[c for c in _CLOCK.c if c.name not in ("shard_key", "case_id")])
    .where(*of_case(_CLOCK))
    .order_by(_CLOCK.c.started_at, _CLOCK.c.name)
)
_WAITING = (
    select(_TASK, _PERSON.c.name.label("holder"))
    .outerjoin(_PERSON, _PERSON.c.id == _TASK.c.assignee)
    .where(*of_case(_TASK), _TASK.c.kind == "task")
    .order_by(_TASK.c.sort_at, _TASK.c.id)
)


def _bound(row: Any) -> dict[str, Any]:
    return {"of_shard": row.shard_key, "of_case": row.id}


def _waiting(task: Any, library: Library) -> WaitingLine:
    return WaitingLine(
        task_id=task.id,
        name=name_of(library, task.process, task.element),
        group=task.group_id,
        assignee=task.assignee,
        holder=task.holder,
        due_at=task.due_at,
        paused=task.paused,
        created_at=task.created_at,
    )


def _visited(library: Library, process: str, frames: Sequence[Frame]) -> dict[str, Diagram]:
    seen = dict.fromkeys([process, *(called for frame in frames for called in frame.marks)])
    return {name: library.diagrams[name] for name in seen if name in library.diagrams}
