"""The figures: a definition of a release, calculated from the facts of a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.foundation.figures import FigureDefinition
from engine.record.figures import equipment, faults, ratings, repair, times, voices, work
from engine.record.figures.facts import Facts
from engine.record.figures.measured import Measured, Member, Row, from_data
from engine.record.figures.period import Period, month_of, read_period

__all__ = [
    "CALCULATIONS",
    "Facts",
    "Measured",
    "Member",
    "Period",
    "Row",
    "from_data",
    "measure",
    "month_of",
    "read_period",
]

CALCULATIONS: Mapping[str, Callable[[Facts, Mapping[str, Any]], Measured]] = {
    "timely_repair": repair.timely_repair,
    "first_time_fix": repair.first_time_fix,
    "repeats": repair.repeats,
    "interval": times.interval,
    "faults": faults.faults,
    "severe": faults.severe,
    "accidents": faults.accidents,
    "flagged": faults.flagged,
    "reports": voices.reports,
    "complaints": voices.complaints,
    "score": voices.score,
    "share": voices.share,
    "ratings": ratings.ratings,
    "rated": ratings.rated,
    "returned": ratings.returned,
    "intact": equipment.intact,
    "availability": equipment.availability,
    "readings": equipment.readings,
    "workload": work.workload,
    "turnaround": work.turnaround,
}
"""Every way of calculation that a definition may name."""


def measure(definition: FigureDefinition, facts: Facts) -> Measured:
    """The figure of the facts' period as it stands now."""
    return CALCULATIONS[definition.kind](facts, definition.parameters)
