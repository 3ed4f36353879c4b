"""The parallel gateway: a join that uses up one token from every incoming flow."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults as library
from SpiffWorkflow.task import TaskState

from engine.bpmn.stepwise import Stepwise
from engine.bpmn.tokens import Token


class ParallelGateway(Stepwise, library.ParallelGateway):  # type: ignore[misc]  # untyped library
    """Splits, or joins by using up tokens.

    The library's join looks back through the tree and fires early from the second round of a loop on. Here every
    arrival waits, with the element it came from, until one has come from each; surplus arrivals keep waiting.
    """

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        token.internal_data.setdefault("from", token.parent.task_spec.name)
        earliest = self._arrived(token)
        if not all(name in earliest for name in self._inputs):
            token._set_state(TaskState.WAITING)
            return False
        for other in earliest.values():
            if other is not token:
                other.consumed = True
                other.cancel()
        return True

    def _arrived(self, newest: Token) -> dict[str, Token]:
        """The oldest waiting token of each incoming flow; the newest one counts last."""
        tokens = [
            t for t in newest.workflow.waiting() if t.task_spec is self and t.state == TaskState.WAITING
        ]
        earliest: dict[str, Token] = {}
        for token in [*(t for t in tokens if t is not newest), newest]:
            earliest.setdefault(token.internal_data["from"], token)
        return earliest

    def _run_hook(self, _token: Token) -> bool:
        return True
