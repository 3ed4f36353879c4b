"""After the storm: what the clients were told and what the database holds must be one story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.acts.replay import Reexecution, verify_case
from engine.cases import Cases
from engine.foundation.models import Case, Event, Outbox, QueueCount, Task, Timer
from engine.record.history import of_case
from tests.storm.clients import Log
from tests.storm.witness import Witness


def judge(cases: Cases, log: Log, witness: Witness) -> list[str]:
    """Every broken promise, by the number of the invariant; empty when all held."""
    with cases.database.read() as tx:
        events = tx.execute(
            select(Event.kind, Event.task_id, Event.key, Event.case_id, Event.seq, Event.actor)
        ).all()
        found = [
            *log.failures,
            *_acknowledged(log, events),
            *_once(events),
            *_refused(log, events),
            *_timers(cases, tx, events, witness),
            *_queues(tx),
        ]
        rows = tx.execute(select(Case.id, Case.number, Case.ended_at, Case.release)).all()
        outbox = Counter(tx.execute(select(Outbox.case_id)).scalars())
    for row in rows:
        found += _case(cases, row, outbox[row.id])
    return found


def _acknowledged(log: Log, events: Any) -> Iterator[str]:
    opened = {e.case_id.hex for e in events if e.seq == 1}
    kept = {(e.kind, e.task_id.hex, e.actor): e.key for e in events if e.task_id is not None}
    for ack in log.done:
        act = (f"task:{ack.act}", ack.task, ack.actor)
        if ack.task is None and UUID(ack.key).hex not in opened:
            yield f"I1: an acknowledged case was never opened: {ack.key}"
        elif ack.task is not None and act not in kept:
            yield f"I1: an acknowledged act is lost: {act}"
        elif ack.task is not None and kept[act] != ack.key:
            yield f"I2: {act} stands under key {kept[act]} instead of {ack.key}"


def _once(events: Any) -> Iterator[str]:
    for kind in ("task:complete", "timer:fire"):
        counted = Counter(e.task_id for e in events if e.kind == kind)
        number = "I2" if kind == "task:complete" else "I3"
        yield from (f"{number}: {kind} {task} happened {n} times" for task, n in counted.items() if n > 1)
    keys = Counter(e.key for e in events if e.key)
    yield from (f"I2: key {key} was applied {n} times" for key, n in keys.items() if n > 1)


def _refused(log: Log, events: Any) -> Iterator[str]:
    kept = {e.key for e in events if e.key}
    done = {ack.key for ack in log.done}
    yield from (f"I10: {key} was refused, yet it was applied" for key in log.refused if key in kept - done)


def _timers(cases: Cases, tx: Connection, events: Any, witness: Witness) -> Iterator[str]:
    now = cases.database.now(tx)
    late = tx.execute(select(func.count()).select_from(Timer).where(Timer.due_at <= now)).scalar_one()
    if late:
        yield f"I3: {late} due timers did not fire"
    fired = {e.task_id for e in events if e.kind == "timer:fire"}
    for timer in witness.gone_early.keys() & fired:
        yield f"I3: timer {timer} fired {witness.gone_early[timer].total_seconds():.3f} s early"


def _queues(tx: Connection) -> Iterator[str]:
    counted = select(QueueCount.group_id, func.sum(QueueCount.open)).group_by(QueueCount.group_id)
    open_tasks = (
        select(Task.group_id, func.count())
        .where(Task.kind == "task", Task.assignee.is_(None))
        .group_by(Task.group_id)
    )
    told = {group: int(n) for group, n in tx.execute(counted) if n}
    held = {group: int(n) for group, n in tx.execute(open_tasks)}
    if told != held:
        yield f"I7: the inbox counts {told}, but {held} tasks are open"


def _case(cases: Cases, row: Any, sent: int) -> Iterator[str]:
    verification = verify_case(cases, row.id)
    if not verification.chain_whole:
        yield f"I4: {verification.text.en}"
    if not verification.reexecuted:
        yield f"I5: {verification.text.en}"
    with cases.database.read() as tx:
        tasks = set(tx.execute(select(Task.id).where(Task.case_id == row.id)).scalars())
        timers = set(tx.execute(select(Timer.id).where(Timer.case_id == row.id)).scalars())
        events = of_case(tx, row.id)
    if row.ended_at is None and not tasks and not timers:
        yield f"I6: {row.number} has not ended, but nothing waits"
    if verification.whole:
        yield from _projections(cases, row, events, tasks, timers, sent)


def _projections(
    cases: Cases, row: Any, events: Any, tasks: set[UUID], timers: set[UUID], sent: int
) -> Iterator[str]:
    """The rows beside the state are those that the re-executed diagrams ask for: no step was written by half."""
    again = Reexecution(cases.library(row.release))
    for event in events:
        again.repeat(event)
    run = again.run
    waiting = (
        set() if run is None or row.ended_at else {t.id for t in run.tasks()} | {m.id for m in run.messages()}
    )
    armed = set() if run is None or row.ended_at else {t.id for t in run.timers()}
    if tasks != waiting:
        yield f"I7: {row.number} shows tasks {tasks}, but {waiting} wait"
    if timers != armed:
        yield f"I7: {row.number} keeps timers {timers}, but {armed} wait"
    wished = sum(wish["do"] == "notify" for event in events for wish in event.content.get("wishes", ()))
    if bool(wished) != bool(sent):
        yield f"I7: {row.number} asked for {wished} notifications, {sent} lie in the outbox"
