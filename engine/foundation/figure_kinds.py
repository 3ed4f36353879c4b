"""The vocabulary of figures: their sections, units and moments, and the ways of calculation with their parameters."""

from __future__ import annotations

from engine.foundation.text import Text

UNITS = frozenset({"percent", "count", "minutes", "days", "score"})
SECTIONS: dict[str, Text] = {
    "promises": Text(zh="时限与修复", en="Limits and repair"),
    "faults": Text(zh="故障", en="Faults"),
    "customers": Text(zh="客户", en="Customers"),
    "equipment": Text(zh="设备与系统", en="Devices and systems"),
    "people": Text(zh="人员与协作", en="People and co-operation"),
}
"""The parts of a report, in their order."""

MOMENTS = frozenset(
    {
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
    }
)
"""Moments of a case between which time may be measured."""

RATINGS = frozenset({"score_solution", "score_service"})
"""What a customer scores through the link of a case."""

KINDS: dict[str, dict[str, str]] = {
    "timely_repair": {
        "kinds": "words",
        "limit": "word",
        "intercepted_links": "words",
        "manufacturer": "choices",
        "uncovered": "words",
        "cancelled": "words",
        "withdrawn": "elements",
    },
    "interval": {
        "kinds": "words",
        "from": "moment",
        "to": "moment",
        "limit": "word?",
        "overdue": "elements?",
        "target_minutes": "number?",
    },
    "first_time_fix": {"kinds": "words", "tests": "elements"},
    "repeats": {"kinds": "words", "cause": "answers", "days": "number"},
    "faults": {"kinds": "words", "type": "answers"},
    "severe": {"kinds": "words", "severities": "words"},
    "accidents": {"kinds": "words", "severities": "words", "impacts": "words"},
    "flagged": {"incident": "answers", "impact": "word"},
    "reports": {"kinds": "words"},
    "complaints": {"kinds": "words", "months": "number"},
    "score": {"answers": "answers", "scale": "number", "rated": "facts?"},
    "share": {"of": "choices", "among": "choices?", "ever": "flag?"},
    "ratings": {"field": "rating", "scale": "number"},
    "rated": {"kinds": "words", "not_served": "words"},
    "returned": {"answers": "answers", "asked": "word"},
    "intact": {"kinds": "words", "statuses": "words"},
    "availability": {"kinds": "words", "statuses": "words", "severities": "words"},
    "readings": {"answers": "answers"},
    "workload": {"minutes": "word"},
    "turnaround": {
        "sent": "answers",
        "received": "answers",
        "supplier": "word",
        "overdue": "elements",
    },
}
"""The ways of calculation and the parameters that each takes; `?` marks those that may be left out."""
