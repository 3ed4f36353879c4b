"""What a step writes into the case's own row and into its history row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.bpmn.runtime import Passage
from engine.cases.row import CaseRow

if TYPE_CHECKING:
    from engine.cases.step import Step

AGAIN = (
    "restored_at",
    "resolved_at",
    "confirmed_at",
    "closed_at",
    "followed_up_at",
)  # emptied when a case re-opens


def follow_path(step: Step) -> None:
    """Milestones, status, handlers and met promises that the drawn elements ask for."""
    for passage in step.path:
        properties = step.library.diagrams[passage.process].elements[passage.element].properties
        if not properties or passage.state == "cancelled":
            continue
        if "status" in properties:
            step.row["status"] = properties["status"]
        if passage.state == "completed":
            _completed(step, passage, properties)


def event_data(step: Step) -> dict[str, Any]:
    """The content of the history row: what was asked, what it led to, and what it relied on."""
    command = step.command
    assert command is not None
    parts: dict[str, Any] = {
        "input": command.input,
        "path": written_path(step.path, at=step.at),
        "results": step.wiring.results,
        "wishes": step.wiring.wishes,
        "retimed": command.retimed,
        "case": {k: _plain(v) for k, v in step.row.changed.items() if k not in ("state", "version")},
    }
    return {k: v for k, v in parts.items() if v}


def _completed(step: Step, passage: Passage, properties: Any) -> None:
    if (milestone := properties.get("milestone")) is not None:
        _reach(step.row, milestone, passage.at)
    if "true" in (properties.get("handles"), properties.get("takes_over")) and not step.actor.is_system:
        step.row["handler"] = step.actor.id
    for promise in properties.get("stops", "").split():
        step.wiring.promises.meet(promise, at=passage.at)
        step.silence(promise)


def _reach(row: CaseRow, milestone: str, at: datetime) -> None:
    if milestone == "reopened":
        row["reopened"] = row["reopened"] + 1
        for column in AGAIN:
            row[column] = None
    elif row.has(column := f"{milestone}_at") and row[column] is None:
        row[column] = at


def written_path(path: Iterable[Passage], *, at: datetime) -> list[dict[str, Any]]:
    """Passages as the history keeps them; a moment is written only where it is not that of the event."""
    return [_written(passage, at) for passage in path]


def _written(passage: Passage, at: datetime) -> dict[str, Any]:
    written: dict[str, Any] = {"e": passage.element, "p": passage.process, "s": passage.state}
    if passage.at != at:
        written["at"] = passage.at.isoformat()
    if passage.flow is not None:
        written["f"] = passage.flow
    if passage.delta:
        written["d"] = passage.delta
    if passage.call:
        written["c"] = list(passage.call)
    return written


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value.hex() if isinstance(value, bytes) else value
