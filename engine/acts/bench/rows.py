"""What the benchmark is made of: how much effort it takes, and the rows of its table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """How often things are done: `cases` per round, `rounds`, sizes of the inbox, events of the long history."""

    cases: int = 12
    rounds: int = 3
    sizes: tuple[int, ...] = (100, 10_000, 100_000)
    history: int = 200


QUICK = Effort(cases=4, rounds=2, sizes=(100, 1_000), history=60)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `target` is what the architecture asks for, `held` whether it was reached."""

    what: str
    where: str
    ours: str
    target: str = ""
    held: bool | None = None
    floor: str = ""
    stock: str = ""
    ratio: str = ""
