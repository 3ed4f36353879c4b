"""What figures are made from: the facts of a period, read from the database once whatever number of figures asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, func, select

from engine.foundation.figures import Source
from engine.foundation.models import Case, Membership
from engine.record.figures import reading
from engine.record.figures.period import Period
from engine.record.figures.said import RATED, Command, by_case

MANY = 500  # values in one condition
T = TypeVar("T")
GroupOf = Callable[[int, str, str], str | None]


class Agreed(Protocol):
    """Service hours that a contract may name."""

    def working_minutes(self, start: datetime, end: datetime) -> float:
        """How many minutes of service lie between two moments."""


@dataclass
class Facts:
    """The facts of one period as they stand at `at`; everything is read within the transaction `tx`.

    `group_of` tells the group of an element of a release: lanes are the diagrams' business. `kind_source` is the
    question whose answer overrules the kind that a case has from its process. `elements` are all that will be asked
    about: what happened there is read in one pass, and what was not foretold when somebody asks. `calendars` are the
    service hours that contracts name.
    """

    tx: Connection
    period: Period
    at: datetime
    group_of: GroupOf = lambda _release, _process, _element: None
    kind_source: Source | None = None
    elements: frozenset[str] = frozenset()
    calendars: Mapping[str, Agreed] = field(default_factory=dict)
    _kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _happened: dict[str, list[Command]] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """The end of the period, or now while it lasts."""
        return min(self.period.end, self.at)

    def reported(self, kinds: Sequence[str]) -> Sequence[Any]:
        """The cases of these kinds that were reported (received) in the period, with the class of their device."""
        return self._once(
            ("reported", *kinds), lambda: [case for case in self._cases() if case.kind in kinds]
        )

    def promises(self, kinds: Sequence[str], limit: str) -> Mapping[str, Any]:
        """The clock of a limit by the number of each reported case that has one."""
        clocks = self._once(("promises",), self._clocks)[limit]
        mine = self._numbers(kinds)
        return {number: clock for number, clock in clocks.items() if number in mine}

    def linked(self, kinds: Sequence[str], links: Sequence[str]) -> frozenset[str]:
        """The reported cases that belong to another case in one of these ways."""
        return self._numbers(kinds) & reading.linked(self.tx, links, reading.reported(self.period))

    def passed(self, kinds: Sequence[str], elements: Sequence[str]) -> frozenset[str]:
        """The reported cases with a command at one of these elements: an answer, a button, a timer that went off."""
        mine = self._numbers(kinds)
        return frozenset(c.number for c in self._commands(elements) if c.number in mine)

    def answers(self, kinds: Sequence[str], elements: Iterable[str]) -> Mapping[str, list[Command]]:
        """What was answered at these elements in each reported case, in order."""
        mine, asked = self._numbers(kinds), tuple(sorted(set(elements)))
        return self._once(
            ("answers", asked, *kinds),
            lambda: by_case(c for c in self._commands(asked) if c.number in mine),
        )

    def answers_since(self, since: datetime, elements: Iterable[str]) -> Mapping[str, list[Command]]:
        """What was answered at these elements in each case received between then and the end of the period."""
        asked = set(elements)
        earlier = (Case.opened_at >= since, Case.received_at >= since, Case.received_at < self.period.start)
        mine = {case.number for case in self._cases()}
        of_period = (c for c in self._commands(asked) if c.number in mine)
        return by_case([*reading.commands(self.tx, asked, earlier), *of_period])

    def answered(self, elements: Iterable[str]) -> list[Command]:
        """What was answered at these elements during the period, whatever the case, by number and in order."""
        asked = set(elements)
        return sorted(
            (c for c in self._commands(asked) if c.is_answer and self.is_within(c.at)),
            key=lambda c: (c.number, c.seq),
        )

    def ratings(self) -> list[Command]:
        """What customers rated in the reported cases, and in earlier ones during the period, in order."""
        return sorted(self._commands([RATED]), key=lambda c: (c.number, c.seq))

    def courses(self, elements: Collection[str], *, beside: Collection[str]) -> list[list[Command]]:
        """All that ever happened at `elements` in each case that answered at one of `beside` during the period."""
        back = {c.number for c in self.answered(beside)} & {case.number for case in self._cases()}
        found: dict[str, list[Command]] = defaultdict(list)
        for command in self._commands(elements):
            if command.number in back:
                found[command.number].append(command)
        for command in reading.commands_beside(self.tx, elements, beside, self.period):
            found[command.number].append(command)
        return [sorted(found[number], key=lambda c: c.seq) for number in sorted(found)]

    def start_answers(self, numbers: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """What was answered when each of these cases was opened."""
        asked, found = sorted(set(numbers)), dict[str, Mapping[str, Any]]()
        for start in range(0, len(asked), MANY):
            query = select(Case.number, Case.facts).where(Case.number.in_(asked[start : start + MANY]))
            found |= {number: facts or {} for number, facts in self.tx.execute(query).tuples()}
        return found

    def groups(self) -> Mapping[str, str]:
        """A group of each person: the first by its id when they are in several."""
        query = select(Membership.person, func.min(Membership.group_id)).group_by(Membership.person)
        return dict(self.tx.execute(query).tuples().all())

    def of_kinds(self, kinds: Sequence[str]) -> ColumnElement[bool]:
        """The condition that a case is of one of these kinds."""
        return reading.kind_of(self.kind_source).in_(kinds)

    def _cases(self) -> list[Any]:
        return self._once(
            ("cases",), lambda: reading.cases(self.tx, self.kind_source, reading.reported(self.period))
        )

    def _numbers(self, kinds: Sequence[str]) -> frozenset[str]:
        return self._once(
            ("numbers", *kinds), lambda: frozenset(case.number for case in self.reported(kinds))
        )

    def _clocks(self) -> Mapping[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for clock in reading.promises(self.tx, reading.reported(self.period)):
            found[clock.name][clock.number] = clock
        return found

    def _commands(self, elements: Iterable[str]) -> list[Command]:
        """What happened at these elements in the reported cases, and in earlier ones during the period."""
        asked = set(elements)
        if unread := asked - self._happened.keys():
            unread |= self.elements - self._happened.keys()
            self._happened |= {element: [] for element in unread}
            of_earlier = (*reading.within(self.period), Case.received_at < self.period.start)
            for where in (reading.reported(self.period), of_earlier):
                for command in reading.commands(self.tx, unread, where):
                    self._happened[command.element].append(command)
        return [command for element in sorted(asked) for command in self._happened[element]]

    def is_within(self, at: datetime) -> bool:
        """Whether a moment lies in the period."""
        return self.period.start <= at < self.period.end

    def _once(self, key: tuple[Any, ...], read: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = read()
        return self._kept[key]  # type: ignore[no-any-return]
