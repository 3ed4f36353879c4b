"""A case passes from one person to another: the processes that say so (`after_hand_over`) open at that moment.

They are cases of their own, so that the work does not wait for them: both sides rate each other while it goes on (R-086).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.bpmn.diagram import Diagram
from engine.cases.row import CaseRow

AFTER_HAND_OVER = "after_hand_over"
"""The property of a process that names whose hand-overs it follows: processes, separated by spaces."""


def following(row: CaseRow, diagrams: Iterable[Diagram]) -> Iterator[dict[str, Any]]:
    """A wish for each process that follows when the case passed from one person to another in this step.

    A case that goes back and forth leads to it once for each direction.
    """
    sender, receiver = row.before("handler"), row["handler"]
    if not sender or not receiver or sender == receiver:
        return
    item = {"sender": sender, "receiver": receiver, "source_case": row["number"]}
    for diagram in diagrams:
        if row["process"] in diagram.properties.get(AFTER_HAND_OVER, "").split():
            yield {"do": "open_cases", "process": diagram.process, "reason": "hand_over", "each": [item]}
