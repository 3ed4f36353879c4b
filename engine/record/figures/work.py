"""Who did how much, and how long suppliers took."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from engine.foundation.models import Case, Event
from engine.foundation.security import SYSTEM_ID
from engine.record.figures.facts import ANSWERED, Command, Facts, elements_of, minutes
from engine.record.figures.measured import (
    Measured,
    Member,
    Number,
    Row,
    in_order,
    middle,
    ninetieth,
    percent,
    rounded,
)

DAY = 1440


def workload(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Tasks that people completed in the period, by person, with the cases and the minutes that they noted (R-222).

    Rows whose key begins with "group:" are sums by the group of the task. A member is one person's part in a case.
    """
    members = [Member(actor, number, n) for actor, number, n in _by_person_and_case(facts)]
    noted = _noted(facts, given["minutes"])
    people: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        people[member.part].append(member)
    rows = [Row(person, _load(mine, noted.get(person))) for person, mine in sorted(people.items())]
    total = sum(int(m.amount or 0) for m in members)
    return Measured(
        value=total,
        details={"people": len(people), "per_person": rounded(total / len(people), 1) if people else None},
        row_kind="person",
        rows=(*rows, *_by_group(facts)),
        members=in_order(members),
    )


def turnaround(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Days from sending a part to a supplier until it came back, for what came back in the period, by supplier."""
    members = [
        member
        for case_id, number in _came_back(facts, given)
        for member in _trips(facts, facts.commands(case_id, _stations(given)), number, given)
    ]
    taken = [float(m.amount) for m in members if m.amount is not None]
    kept = sum(m.part == "kept" for m in members)
    return Measured(
        value=middle(taken),
        numerator=kept,
        denominator=len(members),
        details={
            "parts": len(taken),
            "ninetieth": ninetieth(taken),
            "kept_share": percent(kept, len(members)),
        },
        row_kind="supplier",
        rows=_by_supplier(members),
        members=in_order(members),
    )


def _within(facts: Facts) -> Any:
    return and_(
        Event.at >= facts.period.start,
        Event.at < facts.period.end,
        Event.kind.in_(ANSWERED),
        Event.actor != SYSTEM_ID,
    )


def _by_person_and_case(facts: Facts) -> Iterable[tuple[str, str, int]]:
    query = (
        select(Event.actor, Case.number, func.count())
        .join(Case, and_(Case.shard_key == Event.shard_key, Case.id == Event.case_id))
        .where(_within(facts))
        .group_by(Event.actor, Case.number)
        .order_by(Event.actor, Case.number)
    )
    return facts.tx.execute(query).tuples()


def _by_group(facts: Facts) -> list[Row]:
    query = (
        select(Event.release, Event.process, Event.element, Event.actor, func.count())
        .where(_within(facts))
        .group_by(Event.release, Event.process, Event.element, Event.actor)
    )
    tasks: dict[str, int] = defaultdict(int)
    people: dict[str, set[str]] = defaultdict(set)
    for release, process, element, actor, n in facts.tx.execute(query).tuples():
        group = facts.group_of(release, process or "", element or "")
        if group is not None:
            tasks[group] += n
            people[group].add(actor)
    return [
        Row(f"group:{group}", {"tasks": n, "people": len(people[group])})
        for group, n in sorted(tasks.items())
    ]


def _noted(facts: Facts, field: str) -> Mapping[str, float]:
    """The minutes that people wrote down; only answers that mention the field are read."""
    query = select(Event.actor, Event.data).where(
        _within(facts), Event.data.contains(f'"{field}":', autoescape=True)
    )
    noted: dict[str, float] = defaultdict(float)
    for actor, data in facts.tx.execute(query).tuples():
        value = json.loads(data).get("input", {}).get("answers", {}).get(field)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            noted[actor] += value
    return noted


def _load(mine: Sequence[Member], noted: float | None) -> dict[str, Number]:
    return {"tasks": sum(int(m.amount or 0) for m in mine), "cases": len(mine), "noted_minutes": noted}


def _stations(given: Mapping[str, Any]) -> list[str]:
    return [*elements_of(given["sent"], given["received"]), *given["overdue"]]


def _came_back(facts: Facts, given: Mapping[str, Any]) -> list[tuple[UUID, str]]:
    back = facts.answered(elements_of(given["received"]))
    return sorted({(said.case_id, said.number) for said in back}, key=lambda one: one[1])


def _trips(
    facts: Facts, commands: Sequence[Command], number: str, given: Mapping[str, Any]
) -> Iterable[Member]:
    """Each journey of a part of one case that ended in the period."""
    sent: Command | None = None
    late = False
    for command in commands:
        if command.element in elements_of(given["sent"]):
            sent, late = command, False
        elif command.element in given["overdue"]:
            late = late or command.kind == "timer:fire"
        elif sent is not None:
            if facts.period.start <= command.at < facts.period.end:
                supplier = str(sent.answers.get(given["supplier"]) or "")
                yield Member("missed" if late else "kept", number, _days(sent, command, given), supplier)
            sent = None


def _days(sent: Command, back: Command, given: Mapping[str, Any]) -> float:
    """By the dates that people wrote down, else by the moments at which they did."""
    left, came = (_date(c, given[name]) for c, name in ((sent, "sent"), (back, "received")))
    if left is not None and came is not None:
        return float(max(0, (came - left).days))
    return round(minutes(sent.at, back.at) / DAY, 1)


def _date(command: Command, sources: Sequence[Mapping[str, str]]) -> date | None:
    for source in sources:
        value = command.answers.get(source["field"])
        if source["element"] == command.element and isinstance(value, str):
            return date.fromisoformat(value[:10])
    return None


def _by_supplier(members: Sequence[Member]) -> tuple[Row, ...]:
    found: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        found[member.name].append(member)
    return tuple(
        Row(
            supplier,
            {
                "parts": len(theirs),
                "median_days": middle([float(m.amount or 0) for m in theirs]),
                "kept_share": percent(sum(m.part == "kept" for m in theirs), len(theirs)),
            },
        )
        for supplier, theirs in sorted(found.items())
    )
