"""How long it took from one moment of a case to another: median, nine of ten, and the share that was in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.record.figures.facts import Facts
from engine.record.figures.measured import Measured, Member, in_order, middle, ninetieth, percent
from engine.record.figures.spans import minutes, overdue


def interval(facts: Facts, given: Mapping[str, Any]) -> Measured:
    """Minutes of the wall clock between two moments, for the cases reported in the period.

    What counts as in time is the promise `limit`, or that no timer at `overdue` went off, or `target_minutes`. A case
    that has not come so far is shown as open, or as missed when its limit is over; one that ended before is left out.
    """
    judge = _Judge(facts, given)
    cases = facts.reported(given["kinds"])
    members = [m for m in (_member(case, given, judge) for case in cases) if m is not None]
    taken = [m.amount for m in members if m.amount is not None]
    kept, missed = (sum(m.part == part for m in members) for part in ("kept", "missed"))
    return Measured(
        value=middle(taken),
        numerator=kept if kept + missed else None,
        denominator=kept + missed or None,
        details={
            "cases": len(taken),
            "ninetieth": ninetieth(taken),
            "kept_share": percent(kept, kept + missed),
            "open": sum(m.part == "open" for m in members),
        },
        members=in_order(members),
    )


class _Judge:
    """Says whether a case was in time; None when nothing is promised."""

    def __init__(self, facts: Facts, given: Mapping[str, Any]) -> None:
        kinds = given["kinds"]
        self._at = facts.at
        self._target = given.get("target_minutes")
        self._promises = facts.promises(kinds, given["limit"]) if "limit" in given else None
        self._fired = facts.passed(kinds, given["overdue"]) if "overdue" in given else None

    def late(self, case: Any, took: float) -> bool | None:
        """Whether it was late, or is."""
        if self._target is not None:
            return bool(took > self._target)
        if self._fired is not None:
            return case.number in self._fired
        promise = self._promises.get(case.number) if self._promises is not None else None
        if promise is None:
            return None
        return overdue(promise, promise.met_at or self._at)


def _member(case: Any, given: Mapping[str, Any], judge: _Judge) -> Member | None:
    since, until = getattr(case, given["from"]), getattr(case, given["to"])
    if since is None or (until is None and case.ended_at is not None):
        return None
    name = case.customer_name or ""
    if until is None:
        late = judge.late(case, minutes(since, judge._at))
        return Member("missed" if late else "open", case.number, None, name)
    took = minutes(since, until)
    return Member(_PARTS[judge.late(case, took)], case.number, took, name)


_PARTS = {None: "measured", False: "kept", True: "missed"}
