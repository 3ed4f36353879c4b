"""What customers and colleagues say: reports, complaints and their trend, scores, shares of answers."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from engine.foundation.models import Case
from engine.record.figures.facts import Facts
from engine.record.figures.measured import Measured, Member, Row, average, in_order, percent
from engine.record.figures.period import Period
from engine.record.figures.said import Command, elements_of

YEAR = 12


def reports(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Every report of a customer in the period, by channel (R-108)."""
    members = [
        Member(case.channel or "unknown", case.number, None, case.customer_name or "")
        for case in facts.reported(given["kinds"])
    ]
    counts = Counter(m.part for m in members)
    kinds = Counter(case.kind for case in facts.reported(given["kinds"]))
    return Measured(
        value=len(members),
        details={f"kind_{kind}": n for kind, n in sorted(kinds.items())},
        row_kind="channel",
        rows=tuple(Row(channel, {"count": n}) for channel, n in sorted(counts.items())),
        members=in_order(members),
    )


def complaints(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """The complaints of the period and how their number went: a year back, or through the year itself (R-022).

    `rising` is how many times running, up to the last month shown, a month had more than the one before; `alarm` is 1
    when that is as often as the company has agreed.
    """
    members = [
        Member("major" if case.severity == "major" else "other", case.number, None, case.customer_name or "")
        for case in facts.reported(given["kinds"])
    ]
    months = _months(facts.period)
    counts = _counts(facts, given["kinds"], months)
    rising = _rises([n for n, month in zip(counts, months, strict=True) if month.start < facts.at])
    return Measured(
        value=len(members),
        details={
            "major": sum(m.part == "major" for m in members),
            "rising": rising,
            "alarm": int(rising >= given["months"]),
        },
        row_kind="month",
        rows=tuple(Row(m.name, {"count": n}) for m, n in zip(months, counts, strict=True)),
        members=in_order(members),
    )


def score(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """The mean of the scores given in the period (R-204); with `rated`, also by the group of who was rated (R-086)."""
    rated = [
        (said, value)
        for said in facts.answered(elements_of(given["answers"]))
        for value in _scores(said, given)
    ]
    names = _Rated(facts, given.get("rated", ()), [said for said, _value in rated])
    members = [Member(str(round(value)), said.number, value, names.of(said)) for said, value in rated]
    values = [float(m.amount or 0) for m in members]
    spread = Counter(m.part for m in members)
    return Measured(
        value=average(values),
        numerator=sum(values) if values else None,
        denominator=len(values) or None,
        details={f"score_{n}": spread[str(n)] for n in range(1, int(given["scale"]) + 1)},
        row_kind="group" if "rated" in given else "",
        rows=_by_rated(members) if "rated" in given else (),
        members=in_order(members),
    )


class _Rated:
    """Whose group a rating is about: a person whom the case named when it was opened."""

    def __init__(self, facts: Facts, sources: Sequence[Mapping[str, str]], said: Sequence[Command]) -> None:
        self._fields = {source["element"]: source["field"] for source in sources}
        self._told = facts.start_answers(one.number for one in said) if sources else {}
        self._groups = facts.groups() if sources else {}

    def of(self, said: Command) -> str:
        """The group as "group:" and its id; empty when nobody in particular is rated."""
        if said.element not in self._fields:
            return ""
        person = str(self._told[said.number].get(self._fields[said.element]) or "")
        return f"group:{self._groups[person]}" if person in self._groups else person


def share(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Cases that answered as chosen in the period, among all that answered at all (or answered `among`).

    The last answer of a case counts; with `ever`, it is enough to have answered so once.
    """
    counted: dict[str, bool] = {}
    for said in facts.answered(elements_of(given["of"])):
        if _asked(said, given):
            before = counted.get(said.number, False) and given.get("ever", False)
            counted[said.number] = before or _meets(said, given["of"])
    members = [Member("yes" if chosen else "no", number) for number, chosen in counted.items()]
    yes = sum(counted.values())
    return Measured(
        value=percent(yes, len(members)),
        numerator=yes,
        denominator=len(members),
        members=in_order(members),
    )


def _months(period: Period) -> list[Period]:
    if not period.is_month:
        return list(period.months())
    return [period.back(steps) for steps in range(YEAR - 1, -1, -1)]


def _counts(facts: Facts, kinds: Sequence[str], months: Sequence[Period]) -> list[int]:
    """How many were received in each of these months, which follow each other."""
    query = select(Case.received_at).where(
        facts.of_kinds(kinds),
        Case.opened_at >= months[0].start,
        Case.received_at >= months[0].start,
        Case.received_at < months[-1].end,
    )
    counts = [0] * len(months)
    for moment in facts.tx.execute(query).scalars():
        counts[bisect_right(months, moment, key=lambda month: month.start) - 1] += 1
    return counts


def _rises(counts: Sequence[int]) -> int:
    running = 0
    for before, after in pairwise(counts):
        running = running + 1 if after > before else 0
    return running


def _scores(said: Command, given: Mapping[str, Any]) -> list[float]:
    """The scores that an answer holds: a field each, or a column of a table."""
    found: list[Any] = []
    for source in given["answers"]:
        if source["element"] == said.element:
            value = said.answers.get(source["field"])
            found += [line.get(source["column"]) for line in value or ()] if "column" in source else [value]
    return [float(value) for value in found if value is not None and 1 <= float(value) <= given["scale"]]


def _by_rated(members: Sequence[Member]) -> tuple[Row, ...]:
    values: dict[str, list[float]] = defaultdict(list)
    for member in members:
        values[member.name].append(float(member.amount or 0))
    return tuple(Row(name, {"count": len(v), "average": average(v)}) for name, v in sorted(values.items()))


def _asked(said: Command, given: Mapping[str, Any]) -> bool:
    fields = {choice["field"] for choice in given["of"] if choice["element"] == said.element}
    if "among" in given:
        return _meets(said, given["among"])
    return any(said.answers.get(field) not in (None, "") for field in fields)


def _meets(said: Command, choices: Sequence[Mapping[str, Any]]) -> bool:
    return any(c["element"] == said.element and said.answers.get(c["field"]) in c["values"] for c in choices)
