"""Repaired in time, repaired at once, repaired again: what became of the faults that were reported in a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.foundation.models import Case
from engine.record.figures.facts import Facts
from engine.record.figures.measured import Measured, Member, in_order, percent
from engine.record.figures.said import Command, chosen, elements_of, last
from engine.record.figures.spans import ended, minutes, overdue

KEPT, MISSED, NOT_DUE = "kept", "missed", "not_due"
EXCLUSIONS = ("intercepted", "cancelled", "out_of_contract", "manufacturer", "no_limit")


def timely_repair(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Faults restored within their limit among all faults of the period whose limit has decided (R-111).

    Open and overdue is a miss, and so is a fault that ended without being restored. Open and not yet due is left out
    and shown. Left out and listed: intercepted, cancelled, out of contract, served by the manufacturer.
    """
    judge = _Judge(facts, given)
    members = [
        Member(judge.part(case), case.number, _took(case), case.customer_name or "")
        for case in facts.reported(given["kinds"])
    ]
    kept = sum(m.part == KEPT for m in members)
    judged = kept + sum(m.part == MISSED for m in members)
    counts = {part: sum(m.part == part for m in members) for part in (NOT_DUE, *EXCLUSIONS)}
    return Measured(
        value=percent(kept, judged),
        numerator=kept,
        denominator=judged,
        details={"reported": len(members), **counts},
        members=in_order(members),
    )


class _Judge:
    """Says how one fault counts."""

    def __init__(self, facts: Facts, given: Mapping[str, Any]) -> None:
        kinds = given["kinds"]
        self._at = facts.at
        self._given = given
        self._promises = facts.promises(kinds, given["limit"])
        self._intercepted = facts.linked(kinds, given["intercepted_links"])
        self._withdrawn = facts.passed(kinds, given["withdrawn"])
        self._said = facts.answers(kinds, elements_of(given["manufacturer"]))

    def part(self, case: Any) -> str:
        """Kept, missed, not yet due, or why it is left out."""
        return self._excluded(case) or self._judged(case, self._promises.get(case.number))

    def _excluded(self, case: Any) -> str | None:
        reasons = {
            "intercepted": case.number in self._intercepted and case.dispatched_at is None,
            "cancelled": case.outcome in self._given["cancelled"] or case.number in self._withdrawn,
            "out_of_contract": case.coverage in self._given["uncovered"],
            "manufacturer": chosen(self._said.get(case.number, ()), self._given["manufacturer"]),
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def _judged(self, case: Any, promise: Any) -> str:
        if case.restored_at is not None:
            if promise is None or promise.met_at is None:
                return "no_limit"
            return MISSED if overdue(promise, promise.met_at) else KEPT
        if case.ended_at is not None:
            return MISSED
        if (
            promise is None or promise.met_at is not None
        ):  # not begun, or the clock of the round before it re-opened
            return NOT_DUE
        return MISSED if overdue(promise, self._at) else NOT_DUE


def first_time_fix(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Resolved faults of the period that needed one test only and were not re-opened."""
    tests = facts.answers(given["kinds"], given["tests"])
    members = [
        Member(_times(case, tests.get(case.number, ())), case.number, len(tests.get(case.number, ())))
        for case in facts.reported(given["kinds"])
        if case.resolved_at is not None or case.reopened
    ]
    first = sum(m.part == "first_time" for m in members)
    return Measured(
        value=percent(first, len(members)),
        numerator=first,
        denominator=len(members),
        members=in_order(members),
    )


def repeats(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Faults of the period whose device had a fault of the same cause not more than N days before (R-209)."""
    cases = [case for case in facts.reported(given["kinds"]) if case.asset_id is not None]
    since = facts.period.start - timedelta(days=given["days"])
    said = facts.answers_since(since, elements_of(given["cause"]))
    before = _before(_faults_of(facts, given["kinds"], since=since), said, given["cause"])
    members = [_repeat(case, before.get(case.number), given["days"]) for case in cases]
    again = sum(m.part == "repeated" for m in members)
    return Measured(
        value=percent(again, len(members)),
        numerator=again,
        denominator=len(members),
        members=in_order(members),
    )


def _faults_of(facts: Facts, kinds: Sequence[str], *, since: datetime) -> Iterable[Any]:
    """The faults of devices that were reported since then, oldest first."""
    query = select(Case.number, Case.asset_id, Case.received_at).where(
        Case.asset_id.is_not(None),
        facts.of_kinds(kinds),
        Case.opened_at >= since,
        Case.received_at >= since,
        Case.received_at < facts.period.start,
    )
    of_period = (case for case in facts.reported(kinds) if case.asset_id is not None)
    return sorted([*facts.tx.execute(query), *of_period], key=lambda c: (c.received_at, c.number))


def _before(
    faults: Iterable[Any], said: Mapping[str, Sequence[Command]], cause: Sequence[Mapping[str, str]]
) -> Mapping[str, Any]:
    """For each fault the one before it on the same device and of the same cause; none while nobody has named a cause."""
    latest, found = dict[tuple[UUID, Any], Any](), dict[str, Any]()
    for fault in faults:
        named = last(said.get(fault.number, ()), cause)
        if named is not None:
            if (fault.asset_id, named) in latest:
                found[fault.number] = latest[fault.asset_id, named]
            latest[fault.asset_id, named] = fault
    return found


def _repeat(case: Any, before: Any, days: float) -> Member:
    if before is None or case.received_at - before.received_at > timedelta(days=days):
        return Member("single", case.number)
    gap = round(minutes(before.received_at, case.received_at) / 1440, 1)
    return Member("repeated", case.number, gap, before.number)


def _times(case: Any, tests: Sequence[Command]) -> str:
    return "first_time" if len(tests) <= 1 and not case.reopened else "several_times"


def _took(case: Any) -> float | None:
    return None if case.restored_at is None else minutes(case.received_at, ended(case, at=case.restored_at))
