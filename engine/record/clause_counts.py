"""How often the clauses of the procedure were executed, kept, breached and waived, counted in the histories."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.foundation.models import Event

Place = tuple[str, str]
"""A process and one of its elements."""
READ_AT_ONCE = 1000
LATE_TASK = "task:overdue"


class Tally(NamedTuple):
    """What happened at one place of one case; `seq` is the last event of it.

    `kept` are executions of an element with a deadline that was not used up, `breached` deadlines that were.
    """

    executed: int = 0
    kept: int = 0
    breached: int = 0
    waived: int = 0
    seq: int = 0

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.executed + other.executed,
            self.kept + other.kept,
            self.breached + other.breached,
            self.waived + other.waived,
            max(self.seq, other.seq),
        )


Passed = Mapping[Place, Mapping[UUID, Tally]]
"""What happened in a period, by place and case."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a clause looks at: its elements, and the elements that are passed only when it is waived."""

    elements: Collection[Place]
    waivers: Collection[Place] = ()


@dataclass
class _Walk:
    """The histories of a period while they are read, one case after the other."""

    start: datetime
    deadlines: Mapping[Place, Place]
    found: dict[Place, dict[UUID, Tally]] = field(default_factory=lambda: defaultdict(dict))
    late: set[tuple[Any, ...]] = field(default_factory=set)
    overdue: set[tuple[UUID, Place]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.limited = frozenset(self.deadlines.values())

    def event(self, case_id: UUID, seq: int, at: datetime, path: Iterable[Mapping[str, Any]]) -> None:
        for passage in path:
            if passage["s"] == "entered":
                continue
            place = (passage["p"], passage["e"])
            for told, tally in self._told(place, (case_id, *passage.get("c", ())), passage["s"]):
                self._count(case_id, told, tally._replace(seq=seq), at)

    def late_task(self, case_id: UUID, seq: int, at: datetime, place: Place) -> None:
        """A task went past the limit that it names, without a timer in the drawing."""
        self.overdue.add((case_id, place))
        self._count(case_id, place, Tally(breached=1, seq=seq), at)

    def _count(self, case_id: UUID, place: Place, tally: Tally, at: datetime) -> None:
        if at >= self.start:
            self.found[place][case_id] = self.found[place].get(case_id, Tally()).plus(tally)

    def _told(self, place: Place, where: tuple[Any, ...], state: str) -> Iterator[tuple[Place, Tally]]:
        """What a passage means: a deadline that goes off marks the element that it watches until that is left."""
        host = self.deadlines.get(place)
        if host is not None and host != place:
            if state == "completed":
                self.late.add((*where, *host))
                yield place, Tally(breached=1)
            return
        was_late = (*where, *place) in self.late or (where[0], place) in self.overdue
        self.late.discard((*where, *place))
        self.overdue.discard((where[0], place))
        if state == "completed":
            yield place, Tally(executed=1, kept=int(place in self.limited and not was_late))


def passed(tx: Connection, *, start: datetime, end: datetime, deadlines: Mapping[Place, Place]) -> Passed:
    """What happened from `start` (aware) until before `end`; `deadlines` lead from a timer to the element it watches,
    and from a task that names its own limit to itself.

    Whole histories are read of the cases that did anything in the period: a deadline may have gone off before it.
    """
    active = select(Event.case_id).where(Event.at >= start, Event.at < end).distinct()
    query = (
        select(Event.case_id, Event.seq, Event.at, Event.kind, Event.process, Event.element, Event.data)
        .where(Event.case_id.in_(active), Event.at < end)
        .order_by(Event.shard_key, Event.case_id, Event.seq)
        .execution_options(yield_per=READ_AT_ONCE)
    )
    walk = _Walk(start, deadlines)
    for case_id, seq, at, kind, process, element, data in tx.execute(query).tuples():
        if kind == LATE_TASK:
            walk.late_task(case_id, seq, at, (str(process), str(element)))
        walk.event(case_id, seq, at, json.loads(data).get("path") or ())
    return walk.found


def events_between(tx: Connection, *, start: datetime, end: datetime) -> int:
    """How many events a period has so far: histories only grow, so the same number means the same counts."""
    query = select(func.count()).select_from(Event).where(Event.at >= start, Event.at < end)
    return int(tx.execute(query).scalar_one())


def by_case(watched: Watched, happened: Passed, *, deadlines: Mapping[Place, Place]) -> Mapping[UUID, Tally]:
    """What happened to one clause, by case.

    Its elements count as executed, their deadlines as breached; what waives it is counted as waived and not executed.
    """
    waivers = set(watched.waivers)
    places = set(watched.elements) - waivers
    places |= {timer for timer, host in deadlines.items() if host in places}
    found: dict[UUID, Tally] = {}
    for place in sorted(places):
        for case_id, tally in happened.get(place, {}).items():
            found[case_id] = found.get(case_id, Tally()).plus(tally)
    for place in sorted(waivers):
        for case_id, tally in happened.get(place, {}).items():
            found[case_id] = found.get(case_id, Tally()).plus(Tally(waived=tally.executed, seq=tally.seq))
    return found


def total(tallies: Iterable[Tally]) -> Tally:
    """All cases together."""
    whole = Tally()
    for tally in tallies:
        whole = whole.plus(tally)
    return whole
