"""What a cell of a decision table matches, and whether two cells can match the same value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Same:
    """Equal to a literal, which may be null."""

    literal: object

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values at which the answer may change."""
        return () if self.literal is None else (self.literal,)

    def holds(self, value: Any) -> bool:
        """Whether a typed value fits."""
        return bool(value == self.literal)


@dataclass(frozen=True, slots=True)
class Between:
    """Between two numbers or dates; a missing end is open for ever. Null is never between."""

    low: Any
    high: Any
    low_included: bool
    high_included: bool

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values at which the answer may change."""
        return tuple(end for end in (self.low, self.high) if end is not None)

    def holds(self, value: Any) -> bool:
        """Whether a typed value fits."""
        if value is None:
            return False
        above = self.low is None or value > self.low or (self.low_included and value == self.low)
        below = self.high is None or value < self.high or (self.high_included and value == self.high)
        return bool(above and below)


Test = Same | Between


@dataclass(frozen=True, slots=True)
class Cell:
    """An input cell: matches when one of its tests holds, or none when `negated`; without tests it matches all."""

    text: str
    tests: tuple[Test, ...] = ()
    negated: bool = False
    literals: tuple[object, ...] = field(default=(), compare=False)

    @property
    def anything(self) -> bool:
        """Whether the cell is empty or a dash."""
        return not self.tests

    def matches(self, value: object) -> bool:
        """Whether `value`, typed by `typed`, fits; null fits an empty cell, `null` and a `not` without it."""
        return not self.tests or self.negated != any(test.holds(value) for test in self.tests)


def common_value(first: Cell, second: Cell, *, type_: str) -> tuple[bool, object]:
    """Whether some value matches both cells, and such a value.

    It tries null, every end that the cells mention and a value before, between and after them: between two
    neighbouring ends no answer can change.
    """
    ends = {end for cell in (first, second) for test in cell.tests for end in test.ends}
    for value in (*_POINTS[type_](ends), None):
        if first.matches(value) and second.matches(value):
            return True, value
    return False, None


def _text_points(ends: Iterable[Any]) -> Iterable[object]:
    found = set(ends)
    fresh = "…"
    while fresh in found:
        fresh += "…"
    return (*sorted(found), fresh)


def _number_points(ends: Iterable[Any]) -> Iterable[object]:
    found = sorted(ends)
    middle = [(low + high) / 2 for low, high in pairwise(found)]
    return (*found, *middle, found[0] - 1, found[-1] + 1) if found else (0,)


def _date_points(ends: Iterable[Any]) -> Iterable[object]:
    around = {end.toordinal() + step for end in ends for step in (-1, 0, 1)} or {date(2000, 1, 1).toordinal()}
    return [date.fromordinal(n) for n in sorted(around) if 1 <= n <= date.max.toordinal()]


_POINTS: dict[str, Callable[[Iterable[Any]], Iterable[object]]] = {
    "string": _text_points,
    "number": _number_points,
    "boolean": lambda _: (True, False),
    "date": _date_points,
}
