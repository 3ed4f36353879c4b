"""The head of a case: its own columns, in the words of its release and with names in place of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.acts.status_names import status_name
from engine.acts.waiting import name_of
from engine.bpmn.library import Library
from engine.cases.pausing import pause_reasons
from engine.foundation.security import OWN_ACTORS
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The case's own columns, with names in place of ids of people."""

    id: UUID
    number: str
    title: str
    process: str
    process_name: Text
    kind: str
    status: str
    stage: Text
    priority: str | None
    severity: str | None
    coverage: str | None
    channel: str | None
    customer: str | None
    asset: str | None
    owner_group: str | None
    handler: str | None
    first_receiver: str | None
    opened_by: str | None
    release: int
    received_at: datetime
    opened_at: datetime
    ended_at: datetime | None
    outcome: Text | None
    paused_at: datetime | None
    pause_reason: Text | None
    reopened: int
    events: int


def head_of(row: Any, library: Library, names: Mapping[str, str]) -> CaseHead:
    """The head of a case, from its row with its device and the names of people by their ids."""

    def called(person: str | None) -> str | None:
        if person in OWN_ACTORS:
            return OWN_ACTORS[person].name
        return names.get(person, person) if person else None

    return CaseHead(
        id=row.id,
        number=row.number,
        title=row.title,
        process=row.process,
        process_name=library.diagrams[row.process].name,
        kind=row.kind,
        status=row.status,
        stage=status_name(library, row.status),
        priority=row.priority,
        severity=row.severity,
        coverage=row.coverage,
        channel=row.channel,
        customer=row.customer_name,
        asset=f"{row.asset_name} {row.model} · {row.serial}" if row.serial else None,
        owner_group=row.owner_group,
        handler=called(row.handler),
        first_receiver=called(row.first_receiver),
        opened_by=called(row.opened_by),
        release=row.release,
        received_at=row.received_at,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        outcome=_outcome(row, library),
        paused_at=row.paused_at,
        pause_reason=pause_reasons(library).get(row.pause_reason or ""),
        reopened=row.reopened,
        events=row.head_seq,
    )


_CANCELLED = Text(zh="已取消", en="Cancelled")


def _outcome(row: Any, library: Library) -> Text | None:
    if row.outcome is None:
        return None
    return _CANCELLED if row.outcome == "cancelled" else name_of(library, row.process, row.outcome)
