"""Who did how much, and how long suppliers took."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from engine.record.figures import reading
from engine.record.figures.facts import Facts
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
from engine.record.figures.period import Period
from engine.record.figures.said import Command, elements_of
from engine.record.figures.spans import minutes

DAY = 1440


def workload(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Tasks that people completed in the period, by person, with the cases and the minutes that they noted (R-222).

    Rows whose key begins with "group:" are sums by the group of the task. A member is one person's part in a case.
    """
    members = [Member(*part) for part in reading.parts_of_people(facts.tx, facts.period)]
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
        for course in facts.courses(_stations(given), beside=elements_of(given["received"]))
        for member in _trips(course, facts.period, given)
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


def _by_group(facts: Facts) -> list[Row]:
    tasks: dict[str, int] = defaultdict(int)
    people: dict[str, set[str]] = defaultdict(set)
    for release, process, element, actor, n in reading.places_of_people(facts.tx, facts.period):
        group = facts.group_of(release, process or "", element or "")
        if group is not None:
            tasks[group] += n
            people[group].add(actor)
    return [
        Row(f"group:{group}", {"tasks": n, "people": len(people[group])})
        for group, n in sorted(tasks.items())
    ]


def _noted(facts: Facts, field: str) -> Mapping[str, float]:
    """The minutes that people wrote down."""
    noted: dict[str, float] = defaultdict(float)
    for actor, answers in reading.noted_by_people(facts.tx, facts.period, field):
        value = json.loads(answers or "{}").get(field)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            noted[actor] += value
    return noted


def _load(mine: Sequence[Member], noted: float | None) -> dict[str, Number]:
    return {"tasks": sum(int(m.amount or 0) for m in mine), "cases": len(mine), "noted_minutes": noted}


def _stations(given: Mapping[str, Any]) -> list[str]:
    return [*elements_of(given["sent"], given["received"]), *given["overdue"]]


def _trips(commands: Sequence[Command], period: Period, given: Mapping[str, Any]) -> Iterable[Member]:
    """Each journey of a part of one case that ended in the period."""
    sent: Command | None = None
    late = False
    for command in commands:
        if command.element in elements_of(given["sent"]):
            sent, late = command, False
        elif command.element in given["overdue"]:
            late = late or command.kind == "timer:fire"
        elif sent is not None:
            if period.start <= command.at < period.end:
                supplier = str(sent.answers.get(given["supplier"]) or "")
                yield Member(
                    "missed" if late else "kept", command.number, _days(sent, command, given), supplier
                )
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
