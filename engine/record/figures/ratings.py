"""What customers say of the service by themselves: ratings through their link, and how many of those asked answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from engine.record.figures.facts import Facts
from engine.record.figures.measured import Measured, Member, average, in_order, percent, rounded
from engine.record.figures.said import Command, elements_of


def ratings(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """The mean of the scores that customers gave through their link in the period; the last one of each case counts."""
    latest = {one.number: one for one in facts.ratings() if facts.is_within(one.at)}
    scores = {number: one.answers.get(given["field"]) for number, one in latest.items()}
    valid = {n: float(score) for n, score in scores.items() if score and 1 <= float(score) <= given["scale"]}
    spread = Counter(str(round(score)) for score in valid.values())
    return Measured(
        value=average(list(valid.values())),
        numerator=rounded(sum(valid.values())) if valid else None,
        denominator=len(valid) or None,
        details={f"score_{score}": n for score, n in sorted(spread.items())},
        members=in_order(Member(str(round(score)), number, score) for number, score in valid.items()),
    )


def rated(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Cases reported in the period that were served to their end, by whether the customer rated them (R-208)."""
    said = {one.number for one in facts.ratings()}
    served = [
        case
        for case in facts.reported(given["kinds"])
        if (case.closed_at or case.ended_at) and case.status not in given["not_served"]
    ]
    members = [
        Member("yes" if c.number in said else "no", c.number, None, c.customer_name or "") for c in served
    ]
    yes = sum(m.part == "yes" for m in members)
    return Measured(
        value=percent(yes, len(members)),
        numerator=yes,
        denominator=len(members),
        members=in_order(members),
    )


def returned(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Answers that came back in the period for each hundred customers who were asked; by the survey (R-206).

    A survey that names fewer asked than answered counts with as many as answered.
    """
    members, asked = list[Member](), 0
    for said in facts.answered(elements_of(given["answers"])):
        back = _lines(said, given["answers"])
        asked += max(back, int(said.answers.get(given["asked"]) or 0))
        members.append(Member("measured", said.number, back))
    back = sum(int(m.amount or 0) for m in members)
    return Measured(
        value=percent(back, asked),
        numerator=back,
        denominator=asked,
        details={"surveys": len(members)},
        members=in_order(members),
    )


def _lines(said: Command, sources: Sequence[Mapping[str, str]]) -> int:
    return sum(len(said.answers.get(s["field"]) or ()) for s in sources if s["element"] == said.element)
