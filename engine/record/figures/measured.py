"""What a calculation gives: the value, what it is made of, a table, and the cases behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Number = float | int | None


@dataclass(frozen=True, slots=True)
class Member:
    """One thing behind a figure: a case, or with an empty `case` a device or person called `name`.

    `part` says how it counted (kept, missed, excluded ...), `amount` what was measured in the figure's unit.
    """

    part: str
    case: str
    amount: Number = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a figure's table; `key` is an id of the vocabulary `Measured.row_kind` or a name."""

    key: str
    values: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of one period; `value` is None when there is nothing to count.

    `details` are further numbers by name; `counted` are the parts that make the denominator.
    """

    value: Number
    numerator: Number = None
    denominator: Number = None
    details: Mapping[str, Number] = field(default_factory=dict)
    row_kind: str = ""
    rows: tuple[Row, ...] = ()
    members: tuple[Member, ...] = ()

    def parts(self) -> dict[str, int]:
        """How many members each part has, in the order in which they first occur."""
        counts: dict[str, int] = {}
        for member in self.members:
            counts[member.part] = counts.get(member.part, 0) + 1
        return counts

    def as_data(self) -> dict[str, Any]:
        """JSON for the table of published figures; members are written as short lists."""
        return {
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "details": dict(self.details),
            "row_kind": self.row_kind,
            "rows": [[row.key, dict(row.values)] for row in self.rows],
            "members": [[m.part, m.case, m.amount, m.name] for m in self.members],
        }


def from_data(data: Mapping[str, Any]) -> Measured:
    """The inverse of `Measured.as_data`."""
    return Measured(
        value=data["value"],
        numerator=data["numerator"],
        denominator=data["denominator"],
        details=data["details"],
        row_kind=data["row_kind"],
        rows=tuple(Row(key, values) for key, values in data["rows"]),
        members=tuple(Member(*member) for member in data["members"]),
    )


def rounded(number: Number, digits: int = 2) -> Number:
    """A number as it is kept; None stays None."""
    return None if number is None else round(number, digits)


def percent(part: int | float, whole: int | float) -> Number:
    """The share in percent; None of nothing."""
    return rounded(100 * part / whole) if whole else None


def middle(amounts: Sequence[float]) -> Number:
    """The median; None of nothing."""
    return rounded(median(amounts)) if amounts else None


def ninetieth(amounts: Sequence[float]) -> Number:
    """The smallest amount that nine of ten do not exceed (nearest rank); None of nothing."""
    return rounded(sorted(amounts)[math.ceil(0.9 * len(amounts)) - 1]) if amounts else None


def average(amounts: Sequence[float]) -> Number:
    """The mean; None of nothing."""
    return rounded(sum(amounts) / len(amounts)) if amounts else None


def in_order(members: Iterable[Member]) -> tuple[Member, ...]:
    """Members sorted, so that the same facts always give the same figure."""
    return tuple(sorted(members, key=lambda m: (m.part, m.case, m.name, m.amount or 0)))
