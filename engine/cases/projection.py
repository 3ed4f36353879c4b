"""What the lists show of a case: open tasks, waiting timers, queue counts; kept equal to the diagrams in each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.bpmn.expressions import parse_expression
from engine.bpmn.pure import PURE
from engine.bpmn.runtime import Run, WaitingMessage, WaitingTask, WaitingTimer
from engine.cases.permission import name_of
from engine.cases.promises import FAR
from engine.cases.row import CaseRow, local
from engine.desk.deadlines import Armed
from engine.foundation.errors import Conflict, Rejection
from engine.foundation.models import Draft, Event, Membership, Person, QueueCount, Task, Timer
from engine.foundation.text import Text

if TYPE_CHECKING:
    from engine.cases.step import Step
    from engine.cases.wiring import Wiring

BUCKETS = 16  # rows over which a group's open count is spread
COUNTED = "task"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that a run waits for, by id."""

    tasks: Mapping[UUID, WaitingTask]
    messages: Mapping[UUID, WaitingMessage]
    timers: Mapping[UUID, WaitingTimer]


NOTHING = Waiting({}, {}, {})


def waiting(run: Run) -> Waiting:
    """What the run waits for now."""
    return Waiting(
        {t.id: t for t in run.tasks()}, {m.id: m for m in run.messages()}, {t.id: t for t in run.timers()}
    )


def settle(step: Step, *, before: Waiting, after: Waiting) -> list[tuple[UUID, datetime]]:
    """Write the difference; returns timers that must wait because the case is paused."""
    retimed = _arm(step, before, after)
    gone = (before.tasks.keys() | before.messages.keys()) - (after.tasks.keys() | after.messages.keys())
    _withdraw(step.tx, step.row, gone)
    fresh = [_task_values(step, task, after) for key, task in after.tasks.items() if key not in before.tasks]
    for key, message in after.messages.items():
        if key not in before.messages and (values := _message_values(step, message)) is not None:
            fresh.append(values)
    if fresh:
        step.tx.execute(insert(Task), fresh)
        count_queue(step.tx, step.row, Counter(_counted(fresh)))
    return retimed


def task_of(tx: Connection, row: CaseRow, task_id: UUID, *, revision: int | None, zone: str) -> Any:
    """The open task; raises Conflict that says who completed it and when, or that the page is stale."""
    query = select(Task.__table__).where(*_keys(Task, row), Task.id == task_id)
    task = tx.execute(query).one_or_none()
    if task is None:
        raise _gone(tx, row, task_id, zone)
    if revision is not None and revision != task.revision:
        who = name_of(tx, task.assignee) if task.assignee else None
        raise Conflict(
            Text(
                zh=f"任务在您打开之后已有变化({'现由' + who + '办理' if who else '已退回岗位组'})。您填写的内容仍然保留, 请刷新后继续。",
                en=f"The task changed since you opened it ({'held by ' + who if who else 'back in its group'}). "
                "What you typed is kept; reload and go on.",
            )
        )
    return task


def require_candidate(tx: Connection, task: Any, person: str) -> None:
    """Pass when `person` may be given the task; raises Rejection naming what is missing."""
    active = tx.execute(select(Person.active).where(Person.id == person)).scalar_one_or_none()
    member = tx.execute(
        select(Membership.person).where(Membership.person == person, Membership.group_id == task.group_id)
    ).first()
    if not active or member is None or person in (task.excluded or ()):
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
    upsert = postgresql.insert(QueueCount) if tx.dialect.name == "postgresql" else sqlite.insert(QueueCount)
    added = upsert.on_conflict_do_update(
        index_elements=["group_id", "bucket"], set_={"open": QueueCount.open + upsert.excluded.open}
    )
    tx.execute(added, values)


def pause_timers(
    tx: Connection, row: CaseRow, wiring: Wiring, *, at: datetime
) -> list[tuple[UUID, datetime]]:
    """Stop the timers that count the customer's time; returns them with the moment where they now wait."""
    moved = []
    for timer in tx.execute(
        select(Timer.__table__).where(*_keys(Timer, row), Timer.due_at.is_not(None))
    ).all():
        armed = Armed(timer.clock, timer.calendar, timer.due_at)
        held = armed.pause(at=at, calendars=wiring.calendars)
        if held is not armed:
            _write_timer(tx, row, timer.id, due_at=None, remaining=held.remaining)
            moved.append((timer.id, FAR))
            _retime_host(tx, row, timer, None)
    return moved


def resume_timers(
    tx: Connection, row: CaseRow, wiring: Wiring, *, at: datetime
) -> list[tuple[UUID, datetime]]:
    """Let the stopped timers run on; returns them with their new due moments."""
    moved = []
    for timer in tx.execute(
        select(Timer.__table__).where(*_keys(Timer, row), Timer.remaining.is_not(None))
    ).all():
        armed = Armed(timer.clock, timer.calendar, None, timer.remaining).resume(
            at=at, calendars=wiring.calendars
        )
        assert armed.due_at is not None
        _write_timer(tx, row, timer.id, due_at=armed.due_at, remaining=None)
        moved.append((timer.id, armed.due_at))
        _retime_host(tx, row, timer, armed.due_at)
    return moved


def silence_timers(tx: Connection, row: CaseRow, limit: str) -> list[tuple[UUID, datetime]]:
    """Let the timers of a promise that was met never go off; returns them with the moment where they now wait."""
    watching = (*_keys(Timer, row), Timer.limit_name == limit, Timer.due_at.is_not(None))
    silenced = tx.execute(update(Timer).where(*watching).values(due_at=None).returning(Timer.id)).scalars()
    return [(timer_id, FAR) for timer_id in silenced]


def move_timer(tx: Connection, row: CaseRow, timer_id: UUID, *, due_at: datetime) -> None:
    """Give one timer another due moment, and the task that it watches with it."""
    timer = tx.execute(select(Timer.__table__).where(*_keys(Timer, row), Timer.id == timer_id)).one()
    _write_timer(tx, row, timer_id, due_at=due_at, remaining=None)
    _retime_host(tx, row, timer, due_at)


def withdraw_all(tx: Connection, row: CaseRow) -> None:
    """The case ended from outside: nothing waits any more."""
    ids = set(tx.execute(select(Task.id).where(*_keys(Task, row))).scalars())
    _withdraw(tx, row, ids)
    tx.execute(delete(Timer).where(*_keys(Timer, row)))


def _arm(step: Step, before: Waiting, after: Waiting) -> list[tuple[UUID, datetime]]:
    gone = before.timers.keys() - after.timers.keys()
    if gone:
        step.tx.execute(delete(Timer).where(*_keys(Timer, step.row), Timer.id.in_(gone)))
    held, values = [], []
    for timer in (t for key, t in after.timers.items() if key not in before.timers):
        written = _timer_values(step, timer)
        if written["due_at"] is None:
            held.append((timer.id, FAR))
        values.append(written)
    if values:
        step.tx.execute(insert(Timer), values)
    return held


def _timer_values(step: Step, timer: WaitingTimer) -> dict[str, Any]:
    limit = step.wiring.limit_of(timer.limit)
    armed = Armed(limit.clock, limit.calendar, timer.due_at)
    if step.row["paused_at"] is not None:
        armed = armed.pause(at=step.at, calendars=step.wiring.calendars)
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
        "clock": limit.clock,
        "calendar": limit.calendar,
        "remaining": armed.remaining,
    }


def _task_values(step: Step, task: WaitingTask, after: Waiting) -> dict[str, Any]:
    element = step.library.diagrams[task.process].elements[task.element]
    due = _due_of(task.id, after)
    assignee = _assignee(step, task, element.properties.get("assignee"))
    excluded = step.wiring.handlers() if element.properties.get("four_eyes") == "handlers" else None
    return _row(
        step, task, "task", element.group, assignee=None if excluded and assignee in excluded else assignee
    ) | {
        "excluded": excluded,
        "due_at": due.due_at if due else None,
        "due_limit": due.limit if due else None,
        "sort_at": due.due_at if due else FAR,
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
    }


def _due_of(task_id: UUID, after: Waiting) -> WaitingTimer | None:
    own = [t for t in after.timers.values() if t.host == task_id and t.percent == 100]
    whole = own or [t for t in after.timers.values() if t.percent == 100]
    return min(whole, key=lambda t: t.due_at, default=None)


def _assignee(step: Step, task: WaitingTask, expression: str | None) -> str | None:
    if expression is None:
        return None
    closure = step.library.closure(step.row["process"])
    named = parse_expression(expression).evaluate(step.run.data_of(task.id), PURE, known=closure.known)
    if not isinstance(named, str):
        return None
    return step.tx.execute(select(Person.id).where(Person.id == named, Person.active)).scalar_one_or_none()


def _withdraw(tx: Connection, row: CaseRow, ids: set[UUID]) -> None:
    if not ids:
        return
    removed = tx.execute(
        delete(Task)
        .where(*_keys(Task, row), Task.id.in_(ids))
        .returning(Task.kind, Task.group_id, Task.assignee)
    ).mappings()
    count_queue(tx, row, Counter({group: -n for group, n in Counter(_counted(removed)).items()}))
    tx.execute(delete(Draft).where(*_keys(Draft, row), Draft.task_id.in_(ids)))


def _counted(rows: Any) -> list[str]:
    return [r["group_id"] for r in rows if r["kind"] == COUNTED and r["assignee"] is None]


def _write_timer(
    tx: Connection, row: CaseRow, timer_id: UUID, *, due_at: datetime | None, remaining: float | None
) -> None:
    values = {"due_at": due_at, "remaining": remaining}
    tx.execute(update(Timer).where(*_keys(Timer, row), Timer.id == timer_id).values(**values))


def _retime_host(tx: Connection, row: CaseRow, timer: Any, due_at: datetime | None) -> None:
    """Tasks that showed this timer's moment show its new one; None says paused."""
    values = (
        {"paused": due_at is None}
        if due_at is None
        else {"paused": False, "due_at": due_at, "sort_at": due_at}
    )
    if timer.percent == 100:
        watched = Task.id == timer.host if timer.host else Task.due_limit == timer.limit_name
        same_limit = Task.due_limit == timer.limit_name
        tx.execute(update(Task).where(*_keys(Task, row), watched | same_limit).values(**values))


def _gone(tx: Connection, row: CaseRow, task_id: UUID, zone: str) -> Conflict:
    done = tx.execute(
        select(Event.actor, Event.at)
        .where(
            *_keys(Event, row), Event.task_id == task_id, Event.kind.in_(("task:complete", "message:send"))
        )
        .limit(1)
    ).one_or_none()
    if done is None:
        return Conflict(
            Text(
                zh="这个任务已不再等待处理(流程已经往前走了)。您填写的内容仍然保留。",
                en="This task does not wait any more (the case has moved on). What you typed is kept.",
            )
        )
    who, at = name_of(tx, done.actor), local(done.at, zone)
    return Conflict(
        Text(
            zh=f"{who}已于 {at} 完成这个任务。您填写的内容仍然保留。",
            en=f"{who} completed this task at {at}; nothing of yours was lost.",
        )
    )


def _keys(model: Any, row: CaseRow) -> tuple[Any, ...]:
    return (model.shard_key == row["shard_key"], model.case_id == row.id)
