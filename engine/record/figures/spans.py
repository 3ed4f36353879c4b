"""How long things last: when a fault began and was over, whether a promise was broken, time counted once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Span = tuple[datetime, datetime]


def began(case: Any) -> datetime:
    """When a fault began: as the customer said at the report, else when it was received."""
    said = (case.facts or {}).get("occurred_at")
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        moment = None
    known = moment is not None and moment.tzinfo is not None and moment.astimezone(UTC) <= case.received_at
    return moment.astimezone(UTC) if known and moment is not None else case.received_at


def ended(case: Any, *, at: datetime) -> datetime:
    """When a fault was over: restored, or the case ended without; `at` while it lasts."""
    return case.restored_at or case.ended_at or at


def overdue(promise: Any, at: datetime) -> bool:
    """Whether a promise (a row of the clocks) was broken by `at`."""
    return promise.breached_at is not None or (promise.due_at is not None and bool(promise.due_at < at))


def minutes(since: datetime, until: datetime) -> float:
    """Minutes of the wall clock between two moments, never less than none."""
    return max(0.0, round((until - since).total_seconds() / 60, 2))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time without counting any of it twice."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found
