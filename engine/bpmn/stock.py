"""SpiffWorkflow as it comes, in memory: the floor against which the process machine is measured."""

from __future__ import annotations

from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState


class StockRun:
    """One instance of a process under the library's own engine."""

    def __init__(self, specs: tuple[Any, Any]) -> None:
        self._workflow = BpmnWorkflow(*specs)
        self._workflow.do_engine_steps()

    @classmethod
    def parse(cls, xml: str, process: str) -> tuple[Any, Any]:
        """The specifications that instances share."""
        parser = SpiffBpmnParser()
        parser.add_bpmn_xml(etree.fromstring(xml.encode()), filename=f"{process}.bpmn")
        return parser.get_spec(process), parser.get_subprocess_specs(process)

    @property
    def waiting(self) -> bool:
        """Whether a person has something to do."""
        return bool(self._workflow.get_tasks(state=TaskState.READY, manual=True))

    def complete_next(self, answers: dict[str, object]) -> None:
        """The oldest ready task is done."""
        task = self._workflow.get_next_task(state=TaskState.READY, manual=True)
        task.set_data(**{task.task_spec.bpmn_id: answers})
        task.run()
        self._workflow.do_engine_steps()

    def complete_stored(self, answers: dict[str, object]) -> None:
        """The same between two JSON texts: restored before, serialised after, as a server without memory must."""
        serializer = _serializer()
        self._workflow = serializer.deserialize_json(serializer.serialize_json(self._workflow))
        self.complete_next(answers)


def _serializer() -> Any:
    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
