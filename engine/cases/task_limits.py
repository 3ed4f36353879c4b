"""The time limit of a task that has no timer drawn on its edge: the row of the table of limits that its property names.

Such a limit waits among the timers under the id of its task. When it is over, the group that answers for the task's
group hears of it, and nothing else happens (R-224).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, delete, select

from engine.bpmn.library import Library
from engine.bpmn.runtime import WaitingTask, WaitingTimer
from engine.cases.row import CaseRow, of_case
from engine.foundation.errors import DecisionMissed, DiagramFailed
from engine.foundation.models import Timer

if TYPE_CHECKING:
    from engine.cases.step import Step

LIMIT = "limit"
"""The property of a task that names its limit."""
OVERDUE = "task:overdue"
"""The kind of the event that such a limit leads to."""

_TIMER = cast(Table, Timer.__table__)
_ONE = (*of_case(_TIMER), _TIMER.c.id == bindparam("timer"), _TIMER.c.host == _TIMER.c.id)
_FIND = select(_TIMER).where(*_ONE)
_END = delete(_TIMER).where(*_ONE)


def begun(step: Step, tasks: Iterable[WaitingTask]) -> dict[UUID, WaitingTimer]:
    """The limits of tasks that begin to wait in this step, by task. Raises DiagramFailed where the tables know none."""
    named = ((task, _limit_of(step.library, task)) for task in tasks)
    return {
        task.id: WaitingTimer(
            id=task.id,
            element=task.element,
            process=task.process,
            due_at=_due(step, task, limit),
            limit=limit,
            percent=100,
            host=task.id,
        )
        for task, limit in named
        if limit is not None
    }


@contextmanager
def known_for(task: Any) -> Iterator[None]:
    """Around a question to the tables: without an answer the diagram has failed at this task. Raises DiagramFailed."""
    try:
        yield
    except DecisionMissed as missed:
        raise DiagramFailed(missed.text, process=task.process, element=task.element) from missed


def ended(library: Library, tasks: Mapping[UUID, WaitingTask], gone: Collection[UUID]) -> set[UUID]:
    """Those of the tasks `gone` that had a limit."""
    return {id for id in gone if _limit_of(library, tasks[id]) is not None}


def is_of_task(timer: Any) -> bool:
    """Whether a row among the timers is the limit of a task, of which the diagrams know nothing."""
    return bool(timer.id == timer.host)


def waiting(tx: Connection, row: CaseRow, timer_id: UUID) -> Any:
    """The limit of a task that waits under this id, if one does."""
    return tx.execute(_FIND, {**row.bound, "timer": timer_id}).one_or_none()


def end(tx: Connection, row: CaseRow, timer_id: UUID) -> None:
    """It is over, and does not wait any more."""
    tx.execute(_END, {**row.bound, "timer": timer_id})


def _due(step: Step, task: WaitingTask, limit: str) -> datetime:
    with known_for(task):
        return step.wiring.due(limit, 100)


def _limit_of(library: Library, task: WaitingTask) -> str | None:
    return library.diagrams[task.process].elements[task.element].properties.get(LIMIT)
