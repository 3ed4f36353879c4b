"""A history as pictures: after each event, what was done, active and taken in every diagram of the case."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.bpmn.diagram import Diagram

Marks = dict[str, dict[str, list[str]]]
"""Per process what an event changed: elements newly `done`, flows newly `taken`, and all that is `active` since."""


class Recorded(Protocol):
    """What a frame needs of a history row."""

    @property
    def seq(self) -> int:
        """The number of the event in its case."""

    @property
    def at(self) -> datetime:
        """When it happened, UTC."""

    @property
    def data(self) -> str | Mapping[str, Any]:
        """The event's JSON, parsed or not."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one event changed in the diagrams; how they stood then is the sum of all frames up to it."""

    seq: int
    at: datetime
    marks: Marks


@dataclass(slots=True)
class _Standing:
    """One diagram while the history is walked through; dicts keep the order in which things happened."""

    done: dict[str, None] = field(default_factory=dict)
    active: Counter[str] = field(default_factory=Counter)
    taken: dict[str, None] = field(default_factory=dict)
    told: tuple[int, list[str], int] = (0, [], 0)  # how much of the three earlier frames have told

    def take(self, passage: Mapping[str, Any], *, waits: bool) -> None:
        element, state = passage["e"], passage["s"]
        if passage.get("f"):
            self.taken[passage["f"]] = None
        if state == "entered" and waits:
            self.active[element] += 1
        elif state == "completed":
            self.done[element] = None
        if state != "entered" and self.active[element] > 0:
            self.active[element] -= 1

    def changes(self) -> dict[str, list[str]]:
        """What earlier frames have not told yet."""
        done, active, taken = self.told
        now = [element for element, number in self.active.items() if number > 0]
        self.told = (len(self.done), now, len(self.taken))
        changed = {"done": list(self.done)[done:], "taken": list(self.taken)[taken:]}
        changed = {kind: ids for kind, ids in changed.items() if ids}
        return changed if now == active else {**changed, "active": now}


def frames_of(events: Iterable[Recorded], diagrams: Mapping[str, Diagram]) -> list[Frame]:
    """One frame per event, each with its changes alone: a long history stays short."""
    standings: dict[str, _Standing] = {}
    return [Frame(event.seq, event.at, _walk(path_of(event), standings, diagrams)) for event in events]


def path_of(event: Recorded) -> Sequence[Mapping[str, Any]]:
    """The passages of an event, in order."""
    data = json.loads(event.data) if isinstance(event.data, str) else event.data
    path: Sequence[Mapping[str, Any]] = data.get("path") or ()
    return path


def _walk(
    path: Sequence[Mapping[str, Any]], standings: dict[str, _Standing], diagrams: Mapping[str, Diagram]
) -> Marks:
    for passage in path:
        process = passage["p"]
        standings.setdefault(process, _Standing()).take(
            passage, waits=_waits(diagrams.get(process), passage["e"])
        )
    touched = dict.fromkeys(passage["p"] for passage in path)
    return {process: changed for process in touched if (changed := standings[process].changes())}


def _waits(diagram: Diagram | None, element: str) -> bool:
    """A boundary event lies in wait the whole time its activity does: it is drawn when it happens, not before."""
    known = None if diagram is None else diagram.elements.get(element)
    return known is None or known.kind != "boundaryEvent"
