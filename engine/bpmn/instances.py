"""Activities that are done several times: once for every item of a list, or until a condition holds."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.spiff.specs import defaults as spiff
from SpiffWorkflow.task import TaskState

from engine.bpmn.stepwise import Stepwise
from engine.bpmn.tokens import Token
from engine.foundation.text import Text


class Repeated(Stepwise):
    """What the repeated activities share: the drawn token waits while its instances come and go below it."""

    name: str
    task_spec: str
    condition: str | None
    _wf_spec: Any

    def instance_done(self, token: Token, instance: Token) -> None:
        """One instance has ended."""
        raise NotImplementedError

    def finish(self, token: Token) -> None:
        """The repetition is over; instances that still run are taken away."""
        for child in token.children:
            child.cancel()
        token._set_state(TaskState.READY)

    def go_on(self, token: Token, *, item: dict[str, object]) -> None:
        """Starts one more instance, with a scope of its own."""
        child = token._add_child(self._wf_spec.task_specs[self.task_spec])
        child.triggered = True
        child.confine(item)
        child.internal_data["instance"] = token.internal_data["begun"]
        token.internal_data["begun"] += 1
        child.task_spec._update(child)

    def holds(self, token: Token) -> bool:
        """Whether there is a condition and it holds for the data that `token` sees."""
        engine = token.workflow.script_engine
        return self.condition is not None and bool(engine.evaluate(token, self.condition))

    def _on_cancel(self, token: Token) -> None:
        """The instances were cancelled with the token."""


class ForEach(Repeated):
    """Once for every item of a list, or a number of times; the results are listed in the order of the items.

    Without an output item, what an instance wrote comes out when the instance ends.
    """

    sequential: bool
    cardinality: str | None
    data_input: Any
    data_output: Any
    input_item: Any
    output_item: Any

    def sets(self) -> frozenset[str]:
        """The names of the item, of its result and of the list of results."""
        items = (self.data_output, self.input_item, self.output_item)
        return frozenset(item.bpmn_id for item in items if item is not None)

    def instance_done(self, token: Token, instance: Token) -> None:
        """Collects the result and goes on with the next item."""
        self._collect(token, instance)
        state = token.internal_data
        left = len(state["items"]) - state["done"]
        if left == 0 or self.holds(instance):
            self.finish(token)
            return
        if self.sequential:
            self._next(token)
        token.workflow.top_workflow.journal.tell(token, "entered")

    def _update_hook(self, token: Token) -> bool:
        if token.state == TaskState.STARTED:
            return False
        token._inherit_data()
        items = self._items(token)
        token.internal_data.update(items=items, begun=0, done=0, results={})
        if self.data_output is not None:
            token.store(self.data_output.bpmn_id, [])
        if not items:
            return True
        token._set_state(TaskState.STARTED)
        for _ in items[:1] if self.sequential else items:
            self._next(token)
        return False

    def _items(self, token: Token) -> list[object]:
        found = token.data.get(self.data_input.bpmn_id) if self.data_input is not None else self._count(token)
        if not isinstance(found, list):
            raise token.failure(_no_list(found))
        return found

    def _count(self, token: Token) -> object:
        assert self.cardinality is not None
        number = token.workflow.script_engine.evaluate(token, self.cardinality)
        return list(range(number)) if type(number) is int and 0 <= number <= MOST_INSTANCES else number

    def _next(self, token: Token) -> None:
        item = token.internal_data["items"][token.internal_data["begun"]]
        self.go_on(token, item={} if self.input_item is None else {self.input_item.bpmn_id: item})

    def _collect(self, token: Token, instance: Token) -> None:
        token.internal_data["done"] += 1
        if self.data_output is None:
            given = None if self.input_item is None else self.input_item.bpmn_id
            for key, value in instance.own.items():
                if key != given:
                    token.store(key, value)
            return
        results = token.internal_data["results"]
        results[str(instance.internal_data["instance"])] = instance.data.get(self._result_name(instance))
        token.store(self.data_output.bpmn_id, [results[key] for key in sorted(results, key=int)])

    def _result_name(self, instance: Token) -> str:
        return str(instance.task_spec.bpmn_id if self.output_item is None else self.output_item.bpmn_id)


class ForEachParallel(ForEach, spiff.ParallelMultiInstanceTask):  # type: ignore[misc]  # untyped library
    """All items at the same time."""

    sequential = False


class ForEachSequential(ForEach, spiff.SequentialMultiInstanceTask):  # type: ignore[misc]  # untyped library
    """One item after the other."""

    sequential = True


class Loop(Repeated, spiff.StandardLoopTask):  # type: ignore[misc]  # untyped library
    """Again while a condition holds; every round sees what the rounds before wrote."""

    maximum: int | None
    test_before: bool

    def instance_done(self, token: Token, instance: Token) -> None:
        """Hands out what the round wrote and begins the next one."""
        for key, value in instance.own.items():
            token.store(key, value)
        if self._over(token):
            self.finish(token)
        else:
            self.go_on(token, item={})
            token.workflow.top_workflow.journal.tell(token, "entered")

    def _update_hook(self, token: Token) -> bool:
        if token.state == TaskState.STARTED:
            return False
        token._inherit_data()
        token.internal_data["begun"] = 0
        if self.test_before and self._over(token):
            return True
        token._set_state(TaskState.STARTED)
        self.go_on(token, item={})
        return False

    def _over(self, token: Token) -> bool:
        if self.maximum is not None and token.internal_data["begun"] >= self.maximum:
            return True
        return self.condition is not None and not self.holds(token)


MOST_INSTANCES = 1000
"""Instances of one activity; a larger number is a mistake in the data."""


def _no_list(found: object) -> Text:
    return Text(
        zh=f"多实例活动应有一个列表或 0 到 {MOST_INSTANCES} 的数字, 实际为 {found!r}",
        en=f"expected a list, or a number from 0 to {MOST_INSTANCES}, for the repeated activity, found {found!r}",
    )
