"""How diagrams compute: conditions, scripts, decision tables and services over the data of a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.bpmn.expressions import parse_expression, parse_script
from engine.bpmn.tokens import Data, Token

if TYPE_CHECKING:
    from engine.bpmn.closure import Closure

Functions = Mapping[str, Callable[..., object]]
"""Names callable from diagrams; the caller decides what they do (live or recorded)."""
Services = Callable[[str, dict[str, object]], object]
"""Runs a service task: (operator, parameters) -> JSON result."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a diagram is computing at this moment; `data` is what the token sees, to be read only."""

    process: str
    element: str | None
    call: tuple[str, ...]
    data: Data


class Environment:
    """The script engine that SpiffWorkflow calls; it never evaluates Python."""

    def __init__(self, closure: Closure, *, functions: Functions, services: Services) -> None:
        self._closure = closure
        self.functions = functions
        self.services = services
        self.at: Token | None = None

    @property
    def place(self) -> Place | None:
        """Where the run is computing, for functions that need to know; None between commands."""
        if self.at is None:
            return None
        flow = self.at.workflow
        return Place(flow.process, self.at.task_spec.bpmn_id, flow.call, self.at.data)

    def evaluate(self, task: Token, expression: str) -> object:
        """The value of an expression over the data of `task`."""
        self.at = task
        return parse_expression(expression).evaluate(task.data, self.functions, known=self._closure.known)

    def execute(self, task: Token, script: str) -> bool:
        """Runs the assignments of a script task."""
        self.at = task
        parsed = parse_script(script)
        seen = {name: task.data[name] for name in parsed.names | parsed.targets if name in task.data}
        result = parsed.execute(seen, self.functions, known=self._closure.known)
        for name in sorted(parsed.targets):
            task.store(name, result[name])
        return True

    def decide(self, task: Token, decision: str) -> dict[str, object]:
        """The outputs of a decision table and the number of the rule that gave them."""
        self.at = task
        return self._closure.table(decision).decide(task.data, self.functions, known=self._closure.known)

    def call(self, task: Token, operator: str, parameters: Mapping[str, str]) -> object:
        """The result of a service; every parameter is an expression."""
        values = {name: self.evaluate(task, source) for name, source in parameters.items()}
        self.at = task
        return self.services(operator, values)
