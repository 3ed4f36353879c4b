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
"""Per process: the ids of elements `done` and `active` and of flows `taken`."""


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
    """How the diagrams stood after one event; `text` names it by its number in the history."""

    seq: int
    at: datetime
    marks: Marks


@dataclass(slots=True)
class _Standing:
    """One diagram while the history is walked through; dicts keep the order in which things happened."""

    done: dict[str, None] = field(default_factory=dict)
    active: Counter[str] = field(default_factory=Counter)
    taken: dict[str, None] = field(default_factory=dict)

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

    def marks(self) -> dict[str, list[str]]:
        return {
            "done": list(self.done),
            "active": [element for element, number in self.active.items() if number > 0],
            "taken": list(self.taken),
        }


def frames_of(events: Iterable[Recorded], diagrams: Mapping[str, Diagram]) -> list[Frame]:
    """One frame per event, cumulative; a diagram that an event did not touch shares the marks of the frame before."""
    standings: dict[str, _Standing] = {}
    marks: Marks = {}
    frames = []
    for event in events:
        touched = _walk(path_of(event), standings, diagrams)
        marks = marks | {process: standings[process].marks() for process in touched}
        frames.append(Frame(seq=event.seq, at=event.at, marks=marks))
    return frames


def path_of(event: Recorded) -> Sequence[Mapping[str, Any]]:
    """The passages of an event, in order."""
    data = json.loads(event.data) if isinstance(event.data, str) else event.data
    path: Sequence[Mapping[str, Any]] = data.get("path") or ()
    return path


def _walk(
    path: Sequence[Mapping[str, Any]], standings: dict[str, _Standing], diagrams: Mapping[str, Diagram]
) -> set[str]:
    for passage in path:
        process = passage["p"]
        standings.setdefault(process, _Standing()).take(
            passage, waits=_waits(diagrams.get(process), passage["e"])
        )
    return {passage["p"] for passage in path}


def _waits(diagram: Diagram | None, element: str) -> bool:
    """A boundary event lies in wait the whole time its activity does: it is drawn when it happens, not before."""
    known = None if diagram is None else diagram.elements.get(element)
    return known is None or known.kind != "boundaryEvent"
