"""The waiting timers of a case as rows: armed, stopped while the customer is waited for, silenced, moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, or_, select, update

from engine.bpmn.runtime import WaitingTimer
from engine.cases import task_limits
from engine.cases.promises import FAR
from engine.cases.row import CaseRow, of_case
from engine.desk.deadlines import Armed
from engine.foundation.models import Task, Timer
from engine.foundation.prepared import among, numbered

if TYPE_CHECKING:
    from engine.cases.projection import Waiting
    from engine.cases.step import Step
    from engine.cases.wiring import Wiring

Moved = list[tuple[UUID, datetime]]
"""Timers with the moment for which they now wait; the runtime is told, and the history keeps it."""

_TIMER, _TASK = cast(Table, Timer.__table__), cast(Table, Task.__table__)
_ARM = insert(_TIMER)
_RUNNING = select(_TIMER).where(*of_case(_TIMER), _TIMER.c.due_at.is_not(None))
_STOPPED = select(_TIMER).where(*of_case(_TIMER), _TIMER.c.remaining.is_not(None))
_ONE = select(_TIMER).where(*of_case(_TIMER), _TIMER.c.id == bindparam("timer"))
_SILENCE = (
    update(_TIMER)
    .where(*of_case(_TIMER), _TIMER.c.limit_name == bindparam("limit"))
    .where(or_(_TIMER.c.host.is_(None), _TIMER.c.host != _TIMER.c.id))  # the limit of a task stays
    .where(or_(_TIMER.c.due_at.is_not(None), _TIMER.c.remaining.is_not(None)))
    .values(due_at=None, remaining=None)
    .returning(_TIMER.c.id)
)
_WRITE = (
    update(_TIMER)
    .where(*of_case(_TIMER), _TIMER.c.id == bindparam("timer"))
    .values(due_at=bindparam("to"), remaining=bindparam("left"))
)


def pause(tx: Connection, row: CaseRow, wiring: Wiring, *, at: datetime) -> Moved:
    """Stop the timers that count the customer's time; returns them with the moment where they now wait."""
    moved: Moved = []
    for timer in tx.execute(_RUNNING, row.bound).all():
        armed = Armed(timer.clock, timer.calendar, timer.due_at)
        held = armed.pause(at=at, calendars=wiring.calendars)
        if held is not armed:
            _write(tx, row, timer.id, due_at=None, remaining=held.remaining)
            moved += _moved(timer, FAR)
            _retime_host(tx, row, timer, None)
    return moved


def resume(tx: Connection, row: CaseRow, wiring: Wiring, *, at: datetime) -> Moved:
    """Let the stopped timers run on; returns them with their new due moments."""
    moved: Moved = []
    for timer in tx.execute(_STOPPED, row.bound).all():
        armed = Armed(timer.clock, timer.calendar, None, timer.remaining).resume(
            at=at, calendars=wiring.calendars
        )
        assert armed.due_at is not None
        _write(tx, row, timer.id, due_at=armed.due_at, remaining=None)
        moved += _moved(timer, armed.due_at)
        _retime_host(tx, row, timer, armed.due_at)
    return moved


def silence(tx: Connection, row: CaseRow, limit: str) -> Moved:
    """Let the timers of a promise that was met never go off; returns them with the moment where they now wait."""
    silenced = tx.execute(_SILENCE, {**row.bound, "limit": limit}).scalars()
    return [(timer_id, FAR) for timer_id in silenced]


def move(tx: Connection, row: CaseRow, timer_id: UUID, *, due_at: datetime) -> Moved:
    """Give one timer another due moment, and the task that it watches with it; answers as `pause`."""
    timer = tx.execute(_ONE, {**row.bound, "timer": timer_id}).one()
    _write(tx, row, timer_id, due_at=due_at, remaining=None)
    _retime_host(tx, row, timer, due_at)
    return _moved(timer, due_at)


def arm(step: Step, before: Waiting, after: Waiting, limits: Mapping[UUID, WaitingTimer]) -> Moved:
    """Write which timers began and ended to wait, and the `limits` of tasks that did.

    Returns those that must stand still because the case is paused.
    """
    gone = before.timers.keys() - after.timers.keys()
    gone |= task_limits.ended(step.library, before.tasks, before.tasks.keys() - after.tasks.keys())
    if gone:
        step.tx.execute(_disarming(len(gone)), {**step.row.bound, **numbered(gone)})
    held: Moved = []
    values = []
    fresh = (timer for key, timer in after.timers.items() if key not in before.timers)
    for timer in (*fresh, *limits.values()):
        written = _timer_values(step, timer)
        if written["due_at"] is None:
            held += _moved(timer, FAR)
        values.append(written)
    if values:
        step.tx.execute(_ARM, values)
    return held


@lru_cache(maxsize=32)
def _disarming(many: int) -> Any:
    return delete(_TIMER).where(*of_case(_TIMER), among(_TIMER.c.id, many))


def stands_still(step: Step, timer: WaitingTimer) -> bool:
    """Whether a timer that begins to wait in this step is stopped at once, because the customer is waited for."""
    return step.row["paused_at"] is not None and _armed(step, timer).due_at is None


def _armed(step: Step, timer: WaitingTimer) -> Armed:
    assert timer.limit is not None, "a checked diagram names the limit of every timer"
    limit = step.wiring.limit_of(timer.limit)
    armed = Armed(limit.clock, limit.calendar, timer.due_at)
    if step.row["paused_at"] is not None:
        armed = armed.pause(at=step.at, calendars=step.wiring.calendars)
    return armed


def _timer_values(step: Step, timer: WaitingTimer) -> dict[str, Any]:
    armed = _armed(step, timer)
    return {
        **step.row.keys,
        "id": timer.id,
        "process": timer.process,
        "element": timer.element,
        "host": timer.host,
        "armed_at": step.at,
        "due_at": armed.due_at,
        "limit_name": timer.limit,
        "percent": timer.percent,
        "clock": armed.clock,
        "calendar": armed.calendar,
        "remaining": armed.remaining,
        "blocked": False,
    }


def _moved(timer: Any, due_at: datetime) -> Moved:
    """What the diagrams are told: nothing of the limit of a task, which they do not know."""
    return [] if task_limits.is_of_task(timer) else [(timer.id, due_at)]


def _write(
    tx: Connection, row: CaseRow, timer_id: UUID, *, due_at: datetime | None, remaining: float | None
) -> None:
    tx.execute(_WRITE, {**row.bound, "timer": timer_id, "to": due_at, "left": remaining})


def _retime_host(tx: Connection, row: CaseRow, timer: Any, due_at: datetime | None) -> None:
    """Tasks that showed this timer's moment show its new one; None says paused."""
    if timer.percent != 100:
        return
    shown: dict[str, Any] = {"paused": True}
    if due_at is not None:
        shown = {"paused": False, "due_at": due_at, "sort_at": due_at}
    same_limit = _TASK.c.due_limit == timer.limit_name
    both = and_ if task_limits.is_of_task(timer) else or_
    watched = both(_TASK.c.id == timer.host, same_limit)
    tx.execute(update(_TASK).where(*of_case(_TASK), watched).values(**shown), row.bound)
