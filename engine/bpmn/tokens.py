"""A token: where a case stands in a diagram, with the data that it sees."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.task import Task, TaskState

from engine.bpmn.values import Refusal, copied
from engine.foundation.errors import DiagramFailed
from engine.foundation.text import Text

if TYPE_CHECKING:
    from engine.bpmn.flows import Flow

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
"""A token in one of these states holds its place; every other token is past or not yet real."""

Data = MutableMapping[str, object]


class Scope(ChainMap[str, object]):
    """The data of a called diagram or of one instance of a repeated activity.

    It sees everything outside, also what changes there meanwhile; what it writes stays inside until it is handed out.
    """

    def __init__(self, local: dict[str, object], outer: Data) -> None:
        super().__init__(local, outer)

    @property
    def local(self) -> dict[str, object]:
        """What was written inside."""
        return self.maps[0]  # type: ignore[return-value]  # the first map is always the dict given above


class Token(Task):  # type: ignore[misc]  # untyped library
    """A task of SpiffWorkflow that shares the data of its flow instead of copying it.

    The library gives every task its own shallow copy and merges them at joins, where stale values of one branch
    overwrite newer ones of another. Here all tokens of a flow see one record, as BPMN describes it.
    """

    workflow: Flow
    task_spec: Any
    data: Data
    _state: int

    def __init__(self, flow: Flow, spec: Any, parent: Token | None = None, *, id: UUID | None = None) -> None:
        pulse = flow.top_workflow.pulse
        super().__init__(flow, spec, parent, TaskState.FUTURE, id or pulse.next_id())
        self.last_state_change = pulse.now
        self.confined = False  # it has a scope of its own
        self.via: str | None = None  # the sequence flow it came by, until that was told
        self.entered = False
        self.consumed = False  # a join has used it up
        self.pending: dict[str, object] = {}  # written, but not yet told in a passage

    @property
    def live(self) -> bool:
        """Whether the token holds its place."""
        return bool(self._state & LIVE)

    @property
    def own(self) -> dict[str, object]:
        """What was written in the scope of its own, which it must have."""
        assert isinstance(self.data, Scope)
        return self.data.local

    def confine(self, local: dict[str, object]) -> None:
        """Gives the token a scope of its own, which its descendants share."""
        self.data = Scope(local, self.parent.data)
        self.confined = True

    def store(self, key: str, value: object) -> None:
        """Writes a copy of one top-level value into the data that this token sees."""
        try:
            kept = copied(value)
        except Refusal as refusal:
            raise self.failure(refusal.reason) from refusal
        self.data[key] = kept
        self.workflow.top_workflow.journal.wrote(self, key, kept)

    def failure(self, reason: Text) -> DiagramFailed:
        """The error to raise when the diagram cannot go on at this token."""
        flow = self.workflow
        return flow.top_workflow.closure.failure(reason, process=flow.process, element=self.task_spec.bpmn_id)

    def complete(self) -> None:
        """Passes the token on: one child for each output, unless a gateway has chosen already."""
        self._set_state(TaskState.COMPLETED)
        if all(child.triggered for child in self.children):
            for output in self.task_spec.outputs:
                self._add_child(output)
        self.task_spec._on_complete(self)

    def cancel(self) -> None:
        """Takes a live token away, with its instances and whatever it has called."""
        if not self.live:
            return
        for child in self.children:
            child.cancel()
        self._set_state(TaskState.CANCELLED)
        self.task_spec._on_cancel(self)

    def _add_child(self, task_spec: Any, *_state: int) -> Token:
        return Token(self.workflow, task_spec, self)

    def _inherit_data(self) -> None:
        if not self.confined:
            self.data = self.parent.data

    def _set_state(self, value: int) -> None:
        if value != self._state:
            before, self._state = self._state, value
            self.last_state_change = self.workflow.top_workflow.pulse.now
            self.workflow.moved(self, before)
