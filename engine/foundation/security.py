"""Who acts, and what they may do: the one policy of the engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system itself) on whose behalf a command runs; `groups` are group ids, `language` zh or en."""

    id: str
    name: str
    groups: frozenset[str] = frozenset()
    language: str = "zh"

    @property
    def is_system(self) -> bool:
        """True for timers, replays and the operator's command line."""
        return self.id == SYSTEM_ID


SYSTEM_ID = "system"
SYSTEM = Actor(id=SYSTEM_ID, name="系统 / System")
