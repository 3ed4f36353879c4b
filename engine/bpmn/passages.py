"""What happened on the diagram: every element entered, completed or cancelled, with the flow taken and the data set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast

from SpiffWorkflow.task import TaskState

from engine.bpmn.determinism import moment
from engine.bpmn.tokens import LIVE, Token
from engine.bpmn.values import copied

if TYPE_CHECKING:
    from engine.bpmn.flows import CaseFlow

Step = Literal["entered", "completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One element passed.

    `flow` is the sequence flow that led here, told once per visit; `delta` the top-level values that the element
    set, in the scope of its diagram; `call` the call activities from the top, outermost first. Elements that wait
    are told when entered and again when completed or cancelled, all others only when completed.
    """

    element: str
    process: str
    flow: str | None
    state: Step
    at: datetime
    delta: dict[str, object] | None
    call: tuple[str, ...]


@dataclass(slots=True)
class _Line:
    token: Token
    state: Step
    flow: str | None
    at: float
    delta: dict[str, object]


class Journal:
    """Listens to the state changes of all tokens of a case."""

    def __init__(self, top: CaseFlow) -> None:
        self._top = top
        self._lines: list[_Line] = []
        self._completed: dict[Token, _Line] = {}

    def moved(self, token: Token, before: int) -> None:
        """A token has changed its state; `before` is the state it had."""
        if token.task_spec.bpmn_id is None or token.triggered:
            return
        if not before & LIVE:
            self._arrived(token)
        elif token.state == TaskState.COMPLETED:
            self._completed[token] = self.tell(token, "completed")
        elif token.state == TaskState.CANCELLED and token.entered and not token.consumed:
            self.tell(token, "cancelled")

    def wrote(self, token: Token, key: str, value: object) -> None:
        """A token has set a value; it is told with the next passage of its element, or with the last if that was its end."""
        line = self._completed.get(token)
        (token.pending if line is None else line.delta)[key] = value

    def tell(self, token: Token, state: Step) -> _Line:
        """Adds a passage."""
        line = _Line(token, state, token.via, self._top.pulse.now, token.pending)
        token.via, token.pending = None, {}
        self._lines.append(line)
        return line

    def take(self) -> list[Passage]:
        """All passages since the last call, oldest first."""
        lines, self._lines, self._completed = self._lines, [], {}
        return [_passage(line) for line in lines]

    def _arrived(self, token: Token) -> None:
        if token.task_spec.attached:
            return
        token.via = self._top.closure.flow_into(
            token.workflow.process, _source(token), token.task_spec.bpmn_id
        )
        if token.state != TaskState.READY or token.task_spec.manual:
            token.entered = True
            self.tell(token, "entered")


def _source(token: Token) -> str | None:
    """The nearest drawn element behind the token."""
    origin = token.parent
    while origin is not None and origin.task_spec.bpmn_id is None:
        origin = origin.parent
    return None if origin is None else origin.task_spec.bpmn_id


def _passage(line: _Line) -> Passage:
    flow = line.token.workflow
    return Passage(
        element=line.token.task_spec.bpmn_id,
        process=flow.process,
        flow=line.flow,
        state=line.state,
        at=moment(line.at),
        delta=cast(dict[str, object], copied(line.delta)) if line.delta else None,
        call=flow.call,
    )
