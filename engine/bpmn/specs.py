"""The task specs that run: SpiffWorkflow's classes with the behaviour of this product."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as library
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.spiff.specs import defaults as spiff
from SpiffWorkflow.task import TaskState

from engine.bpmn.flows import CalledFlow
from engine.bpmn.stepwise import Stepwise
from engine.bpmn.tokens import Data, Scope, Token
from engine.foundation.text import Text


class Root(Stepwise, BpmnStartTask):  # type: ignore[misc]  # untyped library
    """Invisible: the first token of every flow."""


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]  # untyped library
    """One diagram or embedded sub-process; `process` is the diagram, `main_ends` decide its outcome."""

    def __init__(self, *, name: str, process: str, embedded: bool, description: str, file: str) -> None:
        WorkflowSpec.__init__(self, name=name, filename=file)
        self.start = Root(self, "Start")
        self.end = SimpleBpmnTask(self, "End")
        self.description, self.svg, self.io_specification = description, None, None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.process, self.embedded = process, embedded
        self.main_ends: frozenset[str] = frozenset()

    def drawn(self) -> list[Any]:
        """The specs of drawn elements."""
        return [spec for spec in self.task_specs.values() if getattr(spec, "bpmn_id", None) is not None]

    def find_main_ends(self) -> None:
        """The end events that a token reaches without a non-interrupting boundary event on its way."""
        reached, ahead = {self.start.name}, [self.start]
        while ahead:
            for spec in ahead.pop().outputs:
                if spec.name not in reached and not (spec.attached and not spec.cancel_activity):
                    reached.add(spec.name)
                    ahead.append(spec)
        self.main_ends = frozenset(s.name for s in self.drawn() if s.name in reached and not s.outputs)


class UserTask(Stepwise, spiff.UserTask):  # type: ignore[misc]  # untyped library
    """A person's work; its answers are stored under its id."""

    def sets(self) -> frozenset[str]:
        """Its own id."""
        return frozenset({self.bpmn_id})


class ManualTask(Stepwise, spiff.ManualTask):  # type: ignore[misc]  # untyped library
    """Work without a form; it is reported as done."""

    def sets(self) -> frozenset[str]:
        """Its own id."""
        return frozenset({self.bpmn_id})


class ScriptTask(Stepwise, spiff.ScriptTask):  # type: ignore[misc]  # untyped library
    """One or two assignments."""

    targets: frozenset[str] = frozenset()

    def sets(self) -> frozenset[str]:
        """What it assigns."""
        return self.targets


class DecisionTask(Stepwise, library.ScriptTask):  # type: ignore[misc]  # untyped library
    """A decision table; its outputs are stored under the id of the table."""

    decision: str

    def sets(self) -> frozenset[str]:
        """The id of the table."""
        return frozenset({self.decision})

    def _run_hook(self, token: Token) -> bool:
        token.store(self.decision, token.workflow.script_engine.decide(token, self.decision))
        return True


class ServiceTask(Stepwise, library.ScriptTask):  # type: ignore[misc]  # untyped library
    """A service of the engine; its result is stored under the name that the diagram gives, if it gives one."""

    operator: str
    parameters: dict[str, str]
    result: str | None

    def sets(self) -> frozenset[str]:
        """The name of its result."""
        return frozenset({self.result} if self.result else ())

    def _run_hook(self, token: Token) -> bool:
        value = token.workflow.script_engine.call(token, self.operator, self.parameters)
        if self.result:
            token.store(self.result, value)
        return True


class ExclusiveGateway(Stepwise, library.ExclusiveGateway):  # type: ignore[misc]  # untyped library
    """Takes the first flow, in the order of the file, whose condition holds; else the default flow."""

    def _run_hook(self, token: Token) -> bool:
        engine = token.workflow.script_engine
        conditional = ((each.args[0], output) for each, output in self.cond_task_specs if each is not None)
        chosen = next((output for each, output in conditional if engine.evaluate(token, each)), None)
        if chosen is None and self.default_task_spec is None:
            raise token.failure(NO_WAY)
        token._add_child(self._wf_spec.task_specs[chosen or self.default_task_spec])
        return True


class Nested(Stepwise):
    """Activities that open a flow of their own and wait until it has ended."""

    spec: str

    def scope(self, token: Token) -> Data:
        """The data that the flow below sees: the same as around an embedded sub-process."""
        data: Data = token.data
        return data

    def returned(self, token: Token, flow: CalledFlow) -> None:
        """The flow below has ended."""
        flow.top_workflow.close(token)
        token._set_state(TaskState.READY)

    def _update_hook(self, token: Token) -> bool:
        if token.state != TaskState.STARTED:
            token._inherit_data()
            token._set_state(TaskState.STARTED)
            token.workflow.top_workflow.open(token, self.spec).begin(self.scope(token))
        return False

    def _on_cancel(self, token: Token) -> None:
        flow = token.workflow.top_workflow.below(token)
        if flow is not None:
            flow.cancel_live()
            token.workflow.top_workflow.close(token)


class SubProcess(Nested, spiff.SubWorkflowTask):  # type: ignore[misc]  # untyped library
    """An embedded sub-process; it shares the data around it."""


class CallActivity(Nested, spiff.CallActivity):  # type: ignore[misc]  # untyped library
    """A called diagram; what it writes comes out when it ends, with the end event as outcome."""

    def sets(self) -> frozenset[str]:
        """Its own id."""
        return frozenset({self.bpmn_id})

    def scope(self, token: Token) -> Data:
        """A scope of its own over the data of the caller."""
        return Scope({}, token.data)

    def returned(self, token: Token, flow: CalledFlow) -> None:
        """Hands out what was written inside, and the outcome."""
        for key, value in flow.task_tree.own.items():
            token.store(key, value)
        token.store(self.bpmn_id, {"outcome": flow.outcome})
        super().returned(token, flow)


NO_WAY = Text(
    zh="没有一个条件成立, 也没有默认连线; 请补充条件或默认连线",
    en="no condition holds and there is no default flow; add a condition or a default",
)
