"""How many faults there were, of which sort, and how long they lasted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from engine.record.figures.facts import Facts
from engine.record.figures.measured import Measured, Member, Row, in_order, middle, rounded
from engine.record.figures.said import elements_of, last
from engine.record.figures.spans import began, ended, minutes

UNKNOWN = "unknown"


def faults(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """The faults of the period by their nature, with durations (R-106)."""
    said = facts.answers(given["kinds"], elements_of(given["type"]))
    cases = facts.reported(given["kinds"])
    return _counted(
        facts, cases, lambda case: last(said.get(case.number, ()), given["type"]) or UNKNOWN, "nature"
    )


def severe(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """The faults of one or more grades of severity, with durations (R-107, R-112)."""
    cases = [c for c in facts.reported(given["kinds"]) if c.severity in given["severities"]]
    return _counted(facts, cases, lambda case: str(case.severity), "severity")


def accidents(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Faults that stopped the customer's business or were graded so, by class of device (R-110)."""
    cases = [c for c in facts.reported(given["kinds"]) if _is_accident(c, given)]
    return _counted(facts, cases, lambda case: case.asset_class or UNKNOWN, "asset_class")


def flagged(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Cases in which an incident was named during the period, by its type, with the impact told at the report (R-109)."""
    types: dict[str, str] = {}
    for said in facts.answered(elements_of(given["incident"])):
        if (named := last([said], given["incident"])) is not None:
            types[said.number] = str(named)
    told = facts.start_answers(types)
    impacts = Counter(str(told[number].get(given["impact"]) or UNKNOWN) for number in types)
    members = [Member(kind, number) for number, kind in types.items()]
    counts = Counter(types.values())
    return Measured(
        value=len(members),
        details={f"impact_{impact}": n for impact, n in sorted(impacts.items())},
        row_kind="type",
        rows=tuple(Row(kind, {"count": n}) for kind, n in sorted(counts.items())),
        members=in_order(members),
    )


def _counted(facts: Facts, cases: Iterable[Any], part: Callable[[Any], str], row_kind: str) -> Measured:
    """Count cases; the amount is how many minutes the fault lasted, up to now while it does."""
    members = [Member(str(part(c)), c.number, _lasted(facts, c), c.customer_name or "") for c in cases]
    lasted: dict[str, list[float]] = defaultdict(list)
    for member in members:
        lasted[member.part].append(float(member.amount or 0))
    every = [amount for amounts in lasted.values() for amount in amounts]
    return Measured(
        value=len(members),
        details={"total_minutes": rounded(sum(every)), "median_minutes": middle(every)},
        row_kind=row_kind,
        rows=tuple(Row(key, _summed(amounts)) for key, amounts in sorted(lasted.items())),
        members=in_order(members),
    )


def _summed(amounts: Sequence[float]) -> dict[str, float | int | None]:
    return {"count": len(amounts), "total_minutes": rounded(sum(amounts)), "median_minutes": middle(amounts)}


def _lasted(facts: Facts, case: Any) -> float:
    return minutes(began(case), ended(case, at=facts.at))


def _is_accident(case: Any, given: Mapping[str, Any]) -> bool:
    return case.severity in given["severities"] or (case.facts or {}).get("impact") in given["impacts"]
