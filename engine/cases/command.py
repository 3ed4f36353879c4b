"""What was asked of a case, as its history will tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(slots=True)
class Command:
    """What was asked of the case; becomes the history row, or the incident that keeps the input."""

    kind: str
    input: dict[str, Any]
    process: str | None = None
    element: str | None = None
    task_id: UUID | None = None
    retimed: list[tuple[str, str]] = field(default_factory=list)
