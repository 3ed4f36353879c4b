"""The end of a step: what the lists show, the promises, the wishes, the history row and the case's own row."""

from __future__ import annotations

from engine.cases import columns
from engine.cases.row import save
from engine.cases.step import Step
from engine.record import history


def close(step: Step, *, key: str | None) -> None:
    """Bring everything in line with the diagrams, append the history row, save the case; the caller commits."""
    command, row = step.command, step.row
    assert command is not None, "a step needs one verb"
    step.settle()
    columns.follow_path(step)
    if step.moved is not None and row["outcome"] != "cancelled":
        row["version"] = row["version"] + 1
        row["outcome"] = step.moved.outcome
        if step.moved.outcome is not None:
            row["ended_at"] = step.at
        row.changed["state"] = None if step.moved.outcome is not None else step.moved.dump()
    step.wiring.promises.save()
    step.wiring.queue_wishes()
    _append(step, key=key)
    save(step.tx, row)


def _append(step: Step, *, key: str | None) -> None:
    command, row = step.command, step.row
    assert command is not None
    event = history.append(
        step.tx,
        case_id=row.id,
        release=row["release"],
        head_seq=row["head_seq"],
        head_hash=row["head_hash"],
        kind=command.kind,
        process=command.process or row["process"],
        element=command.element,
        task_id=command.task_id,
        actor=step.actor.id,
        at=step.at,
        data=columns.event_data(step),
        key=key,
    )
    row["head_seq"], row["head_hash"], row["changed_at"] = event.seq, event.hash, step.at
