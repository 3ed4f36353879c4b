"""Times as medians: of one series, and of rounds, so that one busy moment of the machine decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Series:
    """Times of one act in seconds, by round."""

    rounds: list[list[float]] = field(default_factory=lambda: [[]])

    @contextmanager
    def one(self) -> Iterator[None]:
        """Time what happens in the block."""
        began = time.perf_counter()
        yield
        self.rounds[-1].append(time.perf_counter() - began)

    def next_round(self) -> None:
        """What follows belongs to another round."""
        if self.rounds[-1]:
            self.rounds.append([])

    @property
    def ms(self) -> float:
        """The median of the calmest round, in milliseconds."""
        return min(self._medians(), default=float("nan")) * 1000

    @property
    def worst_ms(self) -> float:
        """The median of the noisiest round, in milliseconds."""
        return max(self._medians(), default=float("nan")) * 1000

    @property
    def per_second(self) -> float:
        """How many in a second, at the pace of the calmest round."""
        return 1000 / self.ms

    def __str__(self) -> str:
        return f"{shown(self.ms)} ms ({shown(self.ms)}-{shown(self.worst_ms)})"

    def _medians(self) -> list[float]:
        return [median(round_) for round_ in self.rounds if round_]


def timed(acts: Iterable[Callable[[], object]]) -> Series:
    """Each act once, in one round."""
    series = Series()
    for act in acts:
        with series.one():
            act()
    return series


def repeated(act: Callable[[], object], *, times: int, rounds: int) -> Series:
    """The same act `times` in each of `rounds`."""
    series = Series()
    for _ in range(rounds):
        for _ in range(times):
            with series.one():
                act()
        series.next_round()
    return series


def shown(value: float) -> str:
    """A figure with as many digits as it deserves."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
