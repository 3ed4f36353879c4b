"""Incidents: a diagram failed, the step was rolled back, and the command waits whole for a retry."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, insert, select, update

from engine.cases import task_limits
from engine.cases.step import Step
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, DiagramFailed
from engine.foundation.ids import new_id
from engine.foundation.models import Case, Incident, Timer
from engine.foundation.text import Text

FIRED = ("timer:fire", task_limits.OVERDUE)
"""What timers lead to: they wait until the incident is settled, and then go off at their own moment."""


def record(database: Database, step: Step, failure: DiagramFailed, *, key: str | None) -> UUID:
    """Keep the failed command in a transaction of its own (the step's was rolled back)."""
    with database.write() as tx:
        return write(tx, step, failure, key=key)


def write(tx: Connection, step: Step, failure: DiagramFailed, *, key: str | None) -> UUID:
    """Write the incident, or count another attempt of the same command; a failed timer is blocked until it is retried."""
    kept = _kept(step, key)
    if kept["kind"] in FIRED:
        _block(tx, step)
    known = _open_one(tx, step, kept)
    if known is not None:
        _again(tx, step, known, failure)
        return known
    incident_id = new_id(step.at)
    tx.execute(
        insert(Incident).values(
            **step.row.keys,
            id=incident_id,
            at=step.at,
            actor=step.actor.id,
            command=kept,
            process=failure.process,
            element=failure.element,
            sentence_zh=failure.text.zh,
            sentence_en=failure.text.en,
            attempts=1,
        )
    )
    _count(tx, step, 1)
    return incident_id


def _kept(step: Step, key: str | None) -> dict[str, object]:
    """The command as it is kept for a retry."""
    command = step.command
    assert command is not None
    return {
        "kind": command.kind,
        "input": command.input,
        "process": command.process,
        "element": command.element,
        "task_id": str(command.task_id) if command.task_id else None,
        "at": step.at.isoformat(),
        "key": key,
    }


def _again(tx: Connection, step: Step, incident_id: UUID, failure: DiagramFailed) -> None:
    """The same command failed once more, perhaps for another reason."""
    tx.execute(
        update(Incident)
        .where(*_this(step, incident_id))
        .values(attempts=Incident.attempts + 1, sentence_zh=failure.text.zh, sentence_en=failure.text.en)
    )


def resolve(step: Step, incident_id: UUID, *, by: str) -> None:
    """Mark an incident as settled, in the step that settled it; `by` is who asked for the retry.

    Raises Conflict when somebody settled it meanwhile: two who retry at the same moment are one.
    """
    open_still = (*_this(step, incident_id), Incident.resolved_at.is_(None))
    settled = update(Incident).where(*open_still).values(resolved_at=step.at, resolved_by=by)
    if step.tx.execute(settled).rowcount != 1:
        raise Conflict(SETTLED)
    _count(step.tx, step, -1)


def _this(step: Step, incident_id: UUID) -> tuple[ColumnElement[bool], ...]:
    row = step.row
    return (
        Incident.shard_key == row["shard_key"],
        Incident.case_id == row.id,
        Incident.id == incident_id,
    )


def _open_one(tx: Connection, step: Step, kept: Mapping[str, object]) -> UUID | None:
    rows = tx.execute(
        select(Incident.id, Incident.command).where(
            Incident.shard_key == step.row["shard_key"],
            Incident.case_id == step.row.id,
            Incident.resolved_at.is_(None),
        )
    )
    same = (row.id for row in rows if all(row.command[k] == kept[k] for k in ("kind", "task_id", "element")))
    return next(same, None)


def _block(tx: Connection, step: Step) -> None:
    where = (Timer.shard_key == step.row["shard_key"], Timer.case_id == step.row.id)
    assert step.command is not None
    tx.execute(
        update(Timer).where(*where, Timer.id == step.command.task_id).values(due_at=None, blocked=True)
    )


def _count(tx: Connection, step: Step, delta: int) -> None:
    where = (Case.shard_key == step.row["shard_key"], Case.id == step.row.id)
    tx.execute(update(Case).where(*where).values(open_incidents=Case.open_incidents + delta))


SETTLED = Text(zh="这条异常已经解决。", en="This incident is settled already.")
