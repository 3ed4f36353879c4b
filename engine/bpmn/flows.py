"""The running diagrams of a case: the one it started with and those that were called."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import TaskState

from engine.bpmn.determinism import Pulse
from engine.bpmn.environment import Environment
from engine.bpmn.passages import Journal
from engine.bpmn.stepwise import about_to_stop
from engine.bpmn.tokens import Data, Token
from engine.foundation.text import Text

if TYPE_CHECKING:
    from engine.bpmn.closure import Closure

NO_END = Text(
    zh="流程在没有到达结束事件的情况下停止; 请为每条路径画上结束事件",
    en="the diagram stopped without reaching an end event; draw an end event on every path",
)
DEEPEST_CALL = 50
"""Diagrams that may be open inside one another."""
TOO_DEEP = Text(
    zh=f"嵌套调用超过 {DEEPEST_CALL} 层; 流程图可能在无休止地调用自己",
    en=f"more than {DEEPEST_CALL} calls inside one another; the diagram may be calling itself without end",
)


class Flow:
    """One running diagram or embedded sub-process; mixed into the workflow classes of the library."""

    spec: Any
    tasks: dict[UUID, Token]
    task_tree: Token
    top_workflow: CaseFlow
    script_engine: Environment
    depth: int
    completed: bool
    host: Token | None
    process: str
    call: tuple[str, ...]
    outcome: str | None
    live: dict[UUID, Token]

    def plant(self, data: Data) -> None:
        """Makes the invisible first token; everything in this flow sees `data`."""
        self.live, self.outcome = {}, None
        root = self.top_workflow.pulse.root_id(None if self.host is None else self.host.id)
        self.task_tree = Token(self, self.spec.start, id=root)
        self.task_tree.data = data

    def begin(self, data: Data) -> None:
        """Puts a token on the start event."""
        self.plant(data)
        self.task_tree.complete()

    @property
    def data_here(self) -> Data:
        """The record that all tokens of this flow share."""
        return self.task_tree.data

    def waiting(self) -> Iterator[Token]:
        """The live tokens, oldest first, the same before and after reloading."""
        return (token for token in self.tasks.values() if token.live)

    def moved(self, token: Token, before: int) -> None:
        """A token of this flow has changed its state."""
        if token.live:
            self.live[token.id] = token
        else:
            self.live.pop(token.id, None)
        self.top_workflow.journal.moved(token, before)
        if token.state == TaskState.READY and not token.task_spec.manual:
            self.top_workflow.queue(token)

    def ended_at(self, end: str) -> None:
        """An end event was reached; those behind a non-interrupting boundary event do not decide the outcome."""
        if self.outcome is None or end in self.spec.main_ends or self.outcome not in self.spec.main_ends:
            self.outcome = end

    def cancel_live(self) -> None:
        """Takes every live token away."""
        for token in list(self.live.values()):
            token.cancel()

    def settle(self, last: Token) -> None:
        """Completes the flow when no token is left; `last` was the last one that moved."""
        if self.live or self.completed or about_to_stop(self.host):
            return
        if self.outcome is None:
            raise last.failure(NO_END)
        self.completed = True
        if self.host is not None:
            self.host.task_spec.returned(self.host, self)

    def _task_completed_notify(self, task: Token) -> None:
        """The library would look at every waiting task again; here nothing waits for a condition."""


class CalledFlow(Flow, BpmnSubWorkflow):  # type: ignore[misc]  # untyped library
    """A called diagram or an embedded sub-process; `host` is the token of the activity that opened it."""

    def __init__(self, spec: Any, host: Token) -> None:
        outer = host.workflow
        self.host: Token = host
        self.process = spec.process
        self.call = outer.call if spec.embedded else (*outer.call, host.task_spec.bpmn_id)
        super().__init__(spec, host.id, outer.top_workflow, deserializing=True)

    def _calculate_depth(self) -> int:
        return self.host.workflow.depth + 1


class CaseFlow(Flow, BpmnWorkflow):  # type: ignore[misc]  # untyped library
    """The diagram that a case started with, and the book-keeping of the whole case."""

    host = None
    call = ()

    def __init__(self, closure: Closure, *, pulse: Pulse, environment: Environment) -> None:
        self.closure, self.pulse, self.environment = closure, pulse, environment
        self.process = closure.process
        self.journal = Journal(self)
        self._ready: deque[Token] = deque()
        super().__init__(closure.spec, closure.specs, script_engine=environment, deserializing=True)

    def flows(self) -> list[Flow]:
        """Every running diagram of the case, callers before the called."""
        return [self, *self.subprocesses.values()]

    def open(self, host: Token, spec_name: str) -> CalledFlow:
        """A new flow below `host`, still without tokens."""
        flow = CalledFlow(self.subprocess_specs[spec_name], host)
        if flow.depth > DEEPEST_CALL:
            raise host.failure(TOO_DEEP)
        self.subprocesses[host.id] = flow
        return flow

    def close(self, host: Token) -> CalledFlow | None:
        """Forgets the flow below `host`."""
        flow: CalledFlow | None = self.subprocesses.pop(host.id, None)
        return flow

    def below(self, host: Token) -> CalledFlow | None:
        """The flow that `host` has opened."""
        flow: CalledFlow | None = self.subprocesses.get(host.id)
        return flow

    def queue(self, token: Token) -> None:
        """A token is ready to run by itself; boundary events go first, so that they interrupt before more happens."""
        if token.task_spec.attached:
            self._ready.appendleft(token)
        else:
            self._ready.append(token)

    def next_ready(self) -> Token | None:
        """The token to run next, None when only people, timers and messages can go on."""
        while self._ready:
            token = self._ready.popleft()
            if token.state == TaskState.READY:
                return token
        return None
