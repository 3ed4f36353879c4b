"""Ids and time of a run: counted and given, never drawn from the machine."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5


class Pulse:
    """The id counter and the clock of one run; both belong to the run, so runs in other threads cannot disturb it.

    The library would draw random ids and read the machine's clock. Every token asks here instead: the same
    commands at the same times make the same state, byte for byte.
    """

    __slots__ = ("case_id", "drawn", "now")

    def __init__(self, case_id: UUID, *, drawn: int = 0) -> None:
        self.case_id = case_id
        self.drawn = drawn
        self.now = 0.0

    def set(self, at: datetime) -> None:
        """Moves the clock; `at` is aware."""
        self.now = at.timestamp()

    def next_id(self) -> UUID:
        """The next id of this case; the counter is part of the state."""
        self.drawn += 1
        return uuid5(self.case_id, str(self.drawn))

    def root_id(self, host: UUID | None) -> UUID:
        """The id of the invisible first token of a flow; recreated on loading, so it is not counted."""
        return uuid5(self.case_id, f"root:{host}")


def moment(timestamp: float) -> datetime:
    """A stored moment as an aware UTC datetime, exact to the microsecond."""
    return datetime.fromtimestamp(timestamp, UTC)
