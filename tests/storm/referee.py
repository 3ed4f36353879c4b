"""After the storm: what the clients were told and what the database holds must be one story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.acts import outbox
from engine.cases import Cases
from engine.foundation.models import Case, Event, Incident, Outbox, QueueCount, Task, Timer
from engine.foundation.security import SYSTEM_ID
from tests.storm.log import Log
from tests.storm.proofs import prove
from tests.storm.reach import FIRED
from tests.storm.witness import Witness

LEASE = outbox.LEASE + timedelta(seconds=1)
_OPENED = ("case:start", "portal:report")


def judge(cases: Cases, log: Log, witness: Witness, *, left: Collection[UUID]) -> list[str]:
    """Every broken promise, by the number of the invariant; empty when all held. `left` are the cases of earlier days."""
    found = [*log.failures, *_carried_out(cases)]
    with cases.database.read() as tx:
        events = tx.execute(
            select(Event.kind, Event.task_id, Event.key, Event.case_id, Event.seq, Event.actor)
        ).all()
        found += [
            *_acknowledged(log, events),
            *_once(log, events),
            *_origins(tx, log, left),
            *_refused(log, events),
            *_early(events, witness),
            *_queues(tx),
            *_incidents(tx),
        ]
    return found + _locks(cases) + list(prove(cases))


def overdue(tx: Connection, *, at: datetime) -> int:
    """How many timers that were due at that moment have not fired."""
    return tx.execute(select(func.count()).select_from(Timer).where(Timer.due_at <= at)).scalar_one()


def _acknowledged(log: Log, events: Any) -> Iterator[str]:
    """I1: what a client was told has happened; I2: under the key that it sent."""
    opened = {e.case_id for e in events if e.seq == 1}
    kept: dict[tuple[Any, ...], list[str | None]] = {}
    for e in events:
        for task in {e.task_id, None}:
            kept.setdefault((e.kind, e.case_id, task, e.actor), []).append(e.key)
    # Two browsers of one person may send one key: the list of tasks offers each person one key to claim with.
    told = Counter((ack.kind, ack.case_id, ack.task, ack.actor) for ack in set(log.done))
    for act, n in told.items():
        if act[0] in _OPENED:
            if act[1] not in opened:
                yield f"I1: an acknowledged case was never opened: {act}"
        elif len(kept.get(act, ())) < n:
            yield f"I1: {act} was acknowledged {n} times, but happened {len(kept.get(act, ()))} times"
    for ack in log.done:
        keys = kept.get((ack.kind, ack.case_id, ack.task, ack.actor), [ack.key])
        if ack.kind not in _OPENED and ack.key not in keys:
            yield f"I2: {ack} stands under the keys {keys}"


def _once(log: Log, events: Any) -> Iterator[str]:
    """I2: nothing was done twice; I3: no timer fired twice."""
    for kind in ("task:complete", "message:send", *FIRED):
        counted = Counter(e.task_id for e in events if e.kind == kind)
        number = "I3" if kind in FIRED else "I2"
        yield from (f"{number}: {kind} {task} happened {n} times" for task, n in counted.items() if n > 1)
    theirs = {ack.key for ack in log.done if ack.kind not in _OPENED}
    keys = Counter(e.key for e in events if e.key in theirs)
    yield from (f"I2: key {key} was applied {n} times" for key, n in keys.items() if n > 1)


def _origins(tx: Connection, log: Log, left: Collection[UUID]) -> Iterator[str]:
    """I2: every case was asked for, once: by a client, by another case or by the calendar."""
    posted = set(tx.execute(select(Outbox.id).where(Outbox.message == "open_case")).scalars())
    asked = {*log.sent, *left, *posted}
    rounds: Counter[tuple[Any, ...]] = Counter()
    for row in tx.execute(select(Case.id, Case.number, Case.process, Case.opened_by, Case.facts)):
        if row.id in asked:
            continue
        if row.opened_by != SYSTEM_ID or "scheduled_for" not in row.facts:
            yield f"I2: nobody asked for {row.number} ({row.process})"
        rounds[row.process, *sorted(map(str, row.facts.items()))] += 1
    yield from (f"I2: one round of the calendar opened {n} cases: {of}" for of, n in rounds.items() if n > 1)


def _refused(log: Log, events: Any) -> Iterator[str]:
    kept = {e.key for e in events if e.key}
    done = {ack.key for ack in log.done}
    yield from (f"I10: {key} was refused, yet it was applied" for key in log.refused if key in kept - done)


def _early(events: Any, witness: Witness) -> Iterator[str]:
    fired = {e.task_id for e in events if e.kind in FIRED}
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


def _incidents(tx: Connection) -> Iterator[str]:
    """I11: no diagram failed."""
    for row in tx.execute(select(Incident.process, Incident.element, Incident.sentence_en, Incident.command)):
        yield f"I11: an incident at {row.process}/{row.element}: {row.sentence_en} ({row.command})"


def _carried_out(cases: Cases) -> Iterator[str]:
    """I7: what a case asked of others is done when the lease of a server that died on it is over."""
    with cases.database.read() as tx:
        now = cases.database.now(tx)
    outbox.carry_out(cases, now=now + LEASE)
    query = select(Outbox.id, Outbox.message, Outbox.done_at, Outbox.failure).where(Outbox.channel == "case")
    with cases.database.read() as tx:
        opened = set(tx.execute(select(Case.id)).scalars())
        for row in tx.execute(query):
            if row.done_at is None or row.failure:
                yield f"I7: {row.message} was not carried out: {row.failure}"
            elif row.message == "open_case" and row.id not in opened:
                yield f"I7: the case that {row.id} asked for was never opened"


def _locks(cases: Cases) -> list[str]:
    """I8: no row is locked by anybody who is gone."""
    try:
        with cases.database.write() as tx:
            if cases.database.dialect == "postgresql":
                for table in (Case, Task, Timer, Outbox):
                    tx.execute(select(table.shard_key).with_for_update(nowait=True)).all()
    except Exception as error:
        return [f"I8: a lock is stuck: {error}"]
    return []
