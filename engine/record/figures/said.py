"""What people answered: the commands of cases that figures read, and how a definition finds its answer in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

ANSWERED = frozenset({"task:complete", "message:send", "message:deliver"})
"""The commands by which somebody answers a form."""
RATED = "customer:rate"
"""A customer rated the case without being asked; such a command has no element, so that it stands for one."""


class Answered(Protocol):
    """What was answered at an element."""

    @property
    def element(self) -> str:
        """The element."""

    @property
    def answers(self) -> Mapping[str, Any]:
        """The answers."""


class Command(NamedTuple):
    """One command of the case `number`: at which element, by whom, when; a timer that went off has no answers."""

    number: str
    element: str
    seq: int
    kind: str
    actor: str
    at: datetime
    answers: Mapping[str, Any]

    @property
    def is_answer(self) -> bool:
        """Whether somebody answered a form."""
        return self.kind in ANSWERED


def by_case(commands: Iterable[Command]) -> Mapping[str, list[Command]]:
    """The answers among these commands by the number of their case, in their order."""
    found: dict[str, list[Command]] = defaultdict(list)
    for command in sorted((c for c in commands if c.is_answer), key=lambda c: c.seq):
        found[command.number].append(command)
    return found


def last(said: Sequence[Answered], sources: Sequence[Mapping[str, str]]) -> Any:
    """The latest answer to the first of these questions that was answered at all."""
    for source in sources:
        for one in reversed(said):
            if one.element == source["element"] and one.answers.get(source["field"]) not in (None, ""):
                return one.answers[source["field"]]
    return None


def chosen(said: Sequence[Answered], choices: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of these answers was ever given."""
    return any(
        one.element == choice["element"] and one.answers.get(choice["field"]) in choice["values"]
        for one in said
        for choice in choices
    )


def elements_of(*sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """The elements that such parameters name."""
    return [source["element"] for group in sources for source in group]
