"""What the lists show of a case: open tasks, waiting timers, queue counts; kept equal to the diagrams in each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, text, update

from engine.bpmn.expressions import parse_expression
from engine.bpmn.pure import PURE
from engine.bpmn.runtime import Run, WaitingMessage, WaitingTask, WaitingTimer
from engine.cases import arming, task_limits, too_late
from engine.cases.promises import FAR
from engine.cases.row import CaseRow, of_case
from engine.foundation.errors import Rejection
from engine.foundation.models import Draft, Event, Membership, Person, Task, Timer
from engine.foundation.prepared import among, numbered
from engine.foundation.text import Text

if TYPE_CHECKING:
    from engine.cases.step import Step

BUCKETS = 16  # rows over which a group's open count is spread
COUNTED = "task"

_TASK, _TIMER = cast(Table, Task.__table__), cast(Table, Timer.__table__)
_DRAFT, _EVENT = cast(Table, Draft.__table__), cast(Table, Event.__table__)
_PERSON = cast(Table, Person.__table__)
_ONE = select(_TASK).where(*of_case(_TASK), _TASK.c.id == bindparam("task"))
_OPEN = insert(_TASK)
_ACTIVE = select(_PERSON.c.id).where(_PERSON.c.id == bindparam("person"), _PERSON.c.active)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that a run waits for, by id."""

    tasks: Mapping[UUID, WaitingTask]
    messages: Mapping[UUID, WaitingMessage]
    timers: Mapping[UUID, WaitingTimer]


NOTHING = Waiting({}, {}, {})
Limits = Mapping[UUID, WaitingTimer]


def waiting(run: Run) -> Waiting:
    """What the run waits for now."""
    return Waiting(
        {t.id: t for t in run.tasks()}, {m.id: m for m in run.messages()}, {t.id: t for t in run.timers()}
    )


def settle(step: Step, *, before: Waiting, after: Waiting) -> arming.Moved:
    """Write the difference; returns timers that must stand still because the case is paused."""
    limits = task_limits.begun(step, (t for key, t in after.tasks.items() if key not in before.tasks))
    held = arming.arm(step, before, after, limits)
    gone = (before.tasks.keys() | before.messages.keys()) - (after.tasks.keys() | after.messages.keys())
    counts = Counter(_fresh(step, before, after, limits))
    counts.subtract(_withdraw(step.tx, step.row, gone))
    counts.update(_taken_from(step))
    count_queue(step.tx, step.row, counts)
    return held


def task_of(tx: Connection, row: CaseRow, task_id: UUID, *, revision: int | None, zone: str) -> Any:
    """The open task; raises Conflict that says who completed it and when, or that the page is stale."""
    task = tx.execute(_ONE, {**row.bound, "task": task_id}).one_or_none()
    if task is None:
        raise too_late.gone(tx, row, task_id, zone=zone)
    if revision is not None and revision != task.revision:
        raise too_late.stale(tx, row, task, zone=zone)
    return task


def require_candidate(tx: Connection, task: Any, person: str, *, kept_out: Collection[str] = ()) -> None:
    """Pass when `person` may be given the task; raises Rejection naming what is missing."""
    active = tx.execute(select(Person.active).where(Person.id == person)).scalar_one_or_none()
    member = tx.execute(
        select(Membership.person).where(Membership.person == person, Membership.group_id == task.group_id)
    ).first()
    if not active or member is None or person in (task.excluded or ()) or person in kept_out:
        raise Rejection(
            Text(
                zh="应选择任务所属岗位组的在职人员, 且未因职责分离被排除。请另选一人。",
                en="Expected an active member of the task's group who is not excluded by separation of duties; choose another.",
            )
        )


def count_queue(tx: Connection, row: CaseRow, deltas: Mapping[str, int]) -> None:
    """Add to the open counts of groups, in a fixed order so that two steps never wait for each other in a ring."""
    values = [
        {"group_id": group, "bucket": row["shard_key"] % BUCKETS, "open": delta}
        for group, delta in sorted(deltas.items())
        if delta
    ]
    if not values:
        return
    tx.execute(_ADD, values)


def withdraw_all(tx: Connection, row: CaseRow) -> None:
    """The case ended from outside: nothing waits any more."""
    ids = set(tx.execute(select(_TASK.c.id).where(*of_case(_TASK)), row.bound).scalars())
    count_queue(tx, row, {group: -n for group, n in Counter(_withdraw(tx, row, ids)).items()})
    tx.execute(delete(_TIMER).where(*of_case(_TIMER)), row.bound)


def _fresh(step: Step, before: Waiting, after: Waiting, limits: Limits) -> list[str]:
    """Open the new tasks and buttons; returns the groups whose queues grew, once per task."""
    fresh = (task for key, task in after.tasks.items() if key not in before.tasks)
    rows = [_task_values(step, task, after, limits.get(task.id)) for task in fresh]
    for key, message in after.messages.items():
        if key not in before.messages and (values := _message_values(step, message)) is not None:
            rows.append(values)
    if rows:
        step.tx.execute(_OPEN, rows)
    return _counted(rows)


def _task_values(step: Step, task: WaitingTask, after: Waiting, limit: WaitingTimer | None) -> dict[str, Any]:
    element = step.library.diagrams[task.process].elements[task.element]
    due = _due_of(task.id, after, limit)
    assignee = _assignee(step, task, element.properties.get("assignee"))
    excluded = step.wiring.handlers() if element.properties.get("four_eyes") == "handlers" else None
    barred = {*(excluded or ()), *(step.row["kept_out"] or ())}
    return _row(step, task, "task", element.group, assignee=None if assignee in barred else assignee) | {
        "excluded": excluded,
        "due_at": due.due_at if due else None,
        "due_limit": due.limit if due else None,
        "sort_at": due.due_at if due else FAR,
        "paused": due is not None and arming.stands_still(step, due),
    }


def _message_values(step: Step, message: WaitingMessage) -> dict[str, Any] | None:
    element = step.library.diagrams[message.process].elements[message.element]
    if element.properties.get("action") != "true":
        return None
    group = element.properties.get("group") or element.group
    return _row(step, message, "message", group, assignee=None)


def _row(
    step: Step, waits: WaitingTask | WaitingMessage, kind: str, group: str | None, *, assignee: str | None
) -> dict[str, Any]:
    return {
        **step.row.keys,
        "id": waits.id,
        "kind": kind,
        "process": waits.process,
        "element": waits.element,
        "group_id": group or "administrator",
        "assignee": assignee,
        "excluded": None,
        "created_at": step.at,
        "due_at": None,
        "due_limit": None,
        "sort_at": FAR,
        "paused": False,
        "revision": 1,
    }


def _due_of(task_id: UUID, after: Waiting, limit: WaitingTimer | None) -> WaitingTimer | None:
    """The deadline that a task is shown with: of its own timer, else the nearest of its limit and those of the case."""
    running = [t for t in after.timers.values() if t.percent == 100 and t.due_at < FAR]
    own = [t for t in running if t.host == task_id]
    running += [limit] if limit is not None else []
    return min(own or running, key=lambda t: t.due_at, default=None)


def _assignee(step: Step, task: WaitingTask, expression: str | None) -> str | None:
    if expression is None:
        return None
    closure = step.library.closure(step.row["process"])
    named = parse_expression(expression).evaluate(step.run.data_of(task.id), PURE, known=closure.known)
    if not isinstance(named, str):
        return None
    return step.tx.execute(_ACTIVE, {"person": named}).scalar_one_or_none()


def _taken_from(step: Step) -> list[str]:
    """Tasks of people who are now kept out go back to their groups; returns the groups, once per task."""
    if "kept_out" not in step.row.changed:
        return []
    theirs = (*of_case(_TASK), _TASK.c.assignee.in_(step.row["kept_out"]))
    given_back = (
        update(_TASK).where(*theirs).values(assignee=None, claimed_at=None, revision=_TASK.c.revision + 1)
    )
    freed = step.tx.execute(
        given_back.returning(_TASK.c.kind, _TASK.c.group_id, _TASK.c.assignee), step.row.bound
    )
    return _counted(freed.mappings())


def _withdraw(tx: Connection, row: CaseRow, ids: Set[UUID]) -> list[str]:
    """Close tasks with their drafts; returns the groups whose queues shrank, once per task."""
    if not ids:
        return []
    bound = {**row.bound, **numbered(ids)}
    removed = tx.execute(_removing(len(ids)), bound).mappings().all()
    if row.may_have_drafts:
        tx.execute(_forgetting(len(ids)), bound)
    return _counted(removed)


@lru_cache(maxsize=32)
def _removing(many: int) -> Any:
    chosen = delete(_TASK).where(*of_case(_TASK), among(_TASK.c.id, many))
    return chosen.returning(_TASK.c.kind, _TASK.c.group_id, _TASK.c.assignee)


@lru_cache(maxsize=32)
def _forgetting(many: int) -> Any:
    return delete(_DRAFT).where(*of_case(_DRAFT), among(_DRAFT.c.task_id, many))


def _counted(rows: Iterable[Mapping[Any, Any]]) -> list[str]:
    return [r["group_id"] for r in rows if r["kind"] == COUNTED and r["assignee"] is None]


# Written out: SQLAlchemy builds an upsert anew each time, which takes longer than sending it. Both databases speak it.
_ADD = text(
    "INSERT INTO queue_count (group_id, bucket, open) VALUES (:group_id, :bucket, :open) "
    "ON CONFLICT (group_id, bucket) DO UPDATE SET open = queue_count.open + excluded.open"
)
