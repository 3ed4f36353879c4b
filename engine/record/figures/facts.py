"""What figures are made from: the cases of a period, their promises, and what people answered, read once each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, select

from engine.foundation.figures import Source
from engine.foundation.ids import shard_key
from engine.foundation.models import Asset, Case, CaseLink, Clock, Event, Membership
from engine.record.figures.json_answer import answer
from engine.record.figures.period import Period

ANSWERED = ("task:complete", "message:send", "message:deliver")
MANY = 500  # values in one condition
T = TypeVar("T")
GroupOf = Callable[[int, str, str], str | None]


class Answered(Protocol):
    """What was answered at an element."""

    @property
    def element(self) -> str:
        """The element."""

    @property
    def answers(self) -> Mapping[str, Any]:
        """The answers."""


class Command(NamedTuple):
    """One command of a case; a timer that went off has no answers."""

    seq: int
    kind: str
    element: str
    at: datetime
    answers: Mapping[str, Any]


class Said(NamedTuple):
    """One filled-in form: by whom, when, and the answers."""

    case_id: UUID
    number: str
    element: str
    seq: int
    actor: str
    at: datetime
    answers: Mapping[str, Any]


@dataclass
class Facts:
    """The facts of one period as they stand at `at`; everything is read within the transaction `tx`.

    `group_of` tells the group of an element of a release: lanes are the diagrams' business. `kind_source` is the
    question whose answer overrules the kind that a case has from its process.
    """

    tx: Connection
    period: Period
    at: datetime
    group_of: GroupOf = lambda _release, _process, _element: None
    kind_source: Source | None = None
    _kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """The end of the period, or now while it lasts."""
        return min(self.period.end, self.at)

    def reported(self, kinds: Sequence[str]) -> Sequence[Any]:
        """The cases of these kinds that were reported (received) in the period, with the class of their device."""
        return self._once(("reported", *kinds), lambda: self._cases(self._of_period(kinds)))

    def promises(self, kinds: Sequence[str], limit: str) -> Mapping[UUID, Any]:
        """The clock of a limit for each reported case that has one."""
        query = (
            select(Clock.case_id, Clock.due_at, Clock.met_at, Clock.breached_at)
            .join(Case, and_(Case.shard_key == Clock.shard_key, Case.id == Clock.case_id))
            .where(Clock.name == limit, *self._of_period(kinds))
        )
        return self._once(
            ("promises", limit, *kinds), lambda: {row.case_id: row for row in self.tx.execute(query)}
        )

    def linked(self, kinds: Sequence[str], links: Sequence[str]) -> frozenset[UUID]:
        """The reported cases that belong to another case in one of these ways."""
        query = (
            select(CaseLink.case_id)
            .join(Case, and_(Case.shard_key == CaseLink.shard_key, Case.id == CaseLink.case_id))
            .where(CaseLink.kind.in_(links), *self._of_period(kinds))
        )
        return frozenset(self.tx.execute(query).scalars())

    def passed(self, kinds: Sequence[str], elements: Sequence[str]) -> frozenset[UUID]:
        """The reported cases with a command at one of these elements: an answer, a button, a timer that went off."""
        query = (
            select(Event.case_id)
            .join(Case, and_(Case.shard_key == Event.shard_key, Case.id == Event.case_id))
            .where(Event.element.in_(elements), *self._of_period(kinds))
            .distinct()
        )
        return frozenset(self.tx.execute(query).scalars())

    def answers(self, kinds: Sequence[str], elements: Iterable[str]) -> Mapping[UUID, list[Said]]:
        """What was answered at these elements in each reported case, in order."""
        asked = tuple(sorted(set(elements)))
        return self._once(
            ("answers", asked, *kinds), lambda: _by_case(self._said(asked, *self._of_period(kinds)))
        )

    def answers_since(self, since: datetime, elements: Iterable[str]) -> Mapping[UUID, list[Said]]:
        """What was answered at these elements in each case received between then and the end of the period."""
        received = (
            Case.opened_at >= since,
            Case.received_at >= since,
            Case.received_at < self.period.end,
        )
        return _by_case(self._said(sorted(set(elements)), *received))

    def answered(self, elements: Iterable[str]) -> list[Said]:
        """What was answered at these elements during the period, whatever the case."""
        asked = tuple(sorted(set(elements)))
        within = (Event.at >= self.period.start, Event.at < self.period.end)
        return self._once(("answered", asked), lambda: self._said(asked, *within))

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

    def commands(self, case_id: UUID, elements: Iterable[str]) -> list[Any]:
        """The commands of one case at these elements, in order: number, kind, element, moment, answers."""
        query = (
            select(Event.seq, Event.kind, Event.element, Event.at, Event.data)
            .where(Event.shard_key == shard_key(case_id), Event.case_id == case_id)
            .where(Event.element.in_(sorted(set(elements))))
            .order_by(Event.seq)
        )
        return [
            Command(seq, kind, str(element), at, _typed(data))
            for seq, kind, element, at, data in self.tx.execute(query).tuples()
        ]

    def of_kinds(self, kinds: Sequence[str]) -> ColumnElement[bool]:
        """The condition that a case is of one of these kinds."""
        return self._kind.in_(kinds)

    @property
    def _kind(self) -> ColumnElement[Any]:
        if self.kind_source is None:
            return cast(ColumnElement[Any], Case.kind)
        asked = (
            select(answer(Event.data, str(self.kind_source.field)))
            .where(Event.shard_key == Case.shard_key, Event.case_id == Case.id)
            .where(Event.element == self.kind_source.element, Event.kind.in_(ANSWERED))
            .order_by(Event.seq.desc())
            .limit(1)
            .correlate(Case)
            .scalar_subquery()
        )
        return func.coalesce(asked, Case.kind)

    def _cases(self, where: Sequence[ColumnElement[bool]]) -> list[Any]:
        query = (
            select(
                *_COLUMNS,
                self._kind.label("kind"),
                Asset.asset_class,
                Asset.name.label("device"),
                Asset.serial,
            )
            .outerjoin(Asset, Asset.id == Case.asset_id)
            .where(*where)
        )
        # Sorted here, lest the database walk over all numbers instead of the period.
        return sorted(self.tx.execute(query), key=lambda case: str(case.number))

    def _of_period(self, kinds: Sequence[str]) -> list[ColumnElement[bool]]:
        """No case is opened before it is received, so that the index over `opened_at` leads to the period."""
        return [
            self.of_kinds(kinds),
            Case.opened_at >= self.period.start,
            Case.received_at >= self.period.start,
            Case.received_at < self.period.end,
        ]

    def _said(self, elements: Sequence[str], *where: ColumnElement[bool]) -> list[Said]:
        if not elements:
            return []
        query = (
            select(Event.case_id, Case.number, Event.element, Event.seq, Event.actor, Event.at, Event.data)
            .join(Case, and_(Case.shard_key == Event.shard_key, Case.id == Event.case_id))
            .where(Event.kind.in_(ANSWERED), Event.element.in_(elements), *where)
        )
        said = [
            Said(case_id, number, str(element), seq, actor, at, _typed(data))
            for case_id, number, element, seq, actor, at, data in self.tx.execute(query).tuples()
        ]
        return sorted(said, key=lambda one: (one.number, one.seq))

    def _once(self, key: tuple[Any, ...], read: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = read()
        return self._kept[key]  # type: ignore[no-any-return]


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


def last(said: Sequence[Answered], sources: Sequence[Mapping[str, str]]) -> Any:
    """The latest answer to the first of these questions that was answered at all."""
    for source in sources:
        for one in reversed(said):
            if one.element == source["element"] and one.answers.get(source["field"]) not in (None, ""):
                return one.answers[source["field"]]
    return None


def chosen(said: Sequence[Answered], choices: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of these answers was ever given."""
    return any(
        one.element == choice["element"] and one.answers.get(choice["field"]) in choice["values"]
        for one in said
        for choice in choices
    )


def elements_of(*sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """The elements that such parameters name."""
    return [source["element"] for group in sources for source in group]


def _typed(data: str) -> Mapping[str, Any]:
    answers: Mapping[str, Any] = json.loads(data).get("input", {}).get("answers", {})
    return answers


def _by_case(said: Iterable[Said]) -> Mapping[UUID, list[Said]]:
    found: dict[UUID, list[Said]] = defaultdict(list)
    for one in said:
        found[one.case_id].append(one)
    return found


_COLUMNS = tuple(
    getattr(Case, name)
    for name in (
        "id",
        "number",
        "severity",
        "coverage",
        "channel",
        "customer_name",
        "asset_id",
        "handler",
        "outcome",
        "reopened",
        "facts",
        "received_at",
        "opened_at",
        "dispatched_at",
        "accepted_at",
        "first_contact_at",
        "arrived_at",
        "restored_at",
        "resolved_at",
        "confirmed_at",
        "closed_at",
        "followed_up_at",
        "ended_at",
        "paused_at",
    )
)
