"""From the XML of one diagram to the task specs that run."""

from __future__ import annotations

from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser, event_parsers, task_parsers
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.spiff.parser import event_parsers as spiff_events
from SpiffWorkflow.spiff.parser import process as spiff_process
from SpiffWorkflow.spiff.parser import task_spec as spiff_tasks

from engine.bpmn import event_definitions, events, instances, join, specs
from engine.bpmn.expressions import ExpressionError, parse_script
from engine.bpmn.safe_xml import parse_xml
from engine.bpmn.stepwise import BoundarySplit
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.text import Text

EVENTS_ALLOWED: dict[str, frozenset[str]] = {
    "startEvent": frozenset({""}),
    "endEvent": frozenset({"", "terminate", "error", "escalation"}),
    "boundaryEvent": frozenset({"timer", "message", "error", "escalation"}),
    "intermediateCatchEvent": frozenset({"timer", "message"}),
    "intermediateThrowEvent": frozenset({"", "escalation"}),
}
"""The event definitions that run at each position; the library reads many others as no event at all."""


def parse_specs(xml: bytes, *, process: str, file: str) -> dict[str, specs.ProcessSpec]:
    """The specs of a diagram by name: the process itself and `process/sub-process` for each embedded one.

    Raises ProblemsFound with the rule `not-executable` for whatever the engine does not run.
    """
    parser = _DiagramParser()
    try:
        parser.add_bpmn_xml(parse_xml(xml, file=file), file)
        parser.get_spec(process)
        return _all_specs(parser)
    except ValidationException as error:
        raise _refusal(file, error.id or process, error.args[0]) from error
    except RecursionError as error:
        raise _refusal(file, process, "too many elements in a row") from error


def _all_specs(parser: _DiagramParser) -> dict[str, specs.ProcessSpec]:
    """Reading an embedded sub-process may register further ones inside it."""
    found: dict[str, specs.ProcessSpec] = {}
    while len(found) < len(parser.process_parsers):
        for each in list(parser.process_parsers.values()):
            spec = each.get_spec()
            found[spec.name] = spec
    for spec in found.values():
        spec.find_main_ends()
    return found


def _refusal(file: str, element: str, reason: str) -> ProblemsFound:
    text = Text(
        zh=f"流程图应只包含引擎能够执行的元素, 但 {element} 无法执行({reason}); 请修改该元素。",
        en=f"Expected only what the engine runs, found {element}, which it cannot run ({reason}); redraw it.",
    )
    return ProblemsFound([Problem(file=file, element=element, rule="not-executable", text=text)])


class _Activity:
    """Mixed into the library's parsers: our repeated activities, and boundary events without the library's join."""

    STANDARD_LOOP_CLASS = instances.Loop
    PARALLEL_MI_CLASS = instances.ForEachParallel
    SEQUENTIAL_MI_CLASS = instances.ForEachSequential
    spec: Any
    task: Any
    node: Any
    bpmn_id: str
    process_parser: Any
    filename: str
    bpmn_attributes: dict[str, Any]
    spec_class: Any

    def _add_boundary_event(self, children: list[Any]) -> BoundarySplit:
        split = BoundarySplit(self.spec, f"{self.bpmn_id}.BoundaryEventSplit", lane=self.task.lane)
        split.connect(self.task)
        for event in children:
            split.connect(self.process_parser.parse_node(event))
        return split

    def refuse(self, reason: str) -> ValidationException:
        """The error that names this element."""
        return ValidationException(reason, node=self.node, file_name=self.filename)


class _Task(_Activity, spiff_tasks.SpiffTaskParser):  # type: ignore[misc]  # untyped library
    pass


class _ScriptTask(_Activity, spiff_tasks.ScriptTaskParser):  # type: ignore[misc]  # untyped library
    def create_task(self) -> Any:
        task = super().create_task()
        try:
            task.targets = parse_script(task.script or "").targets
        except ExpressionError as error:
            raise self.refuse(error.text.en) from error
        return task


class _DecisionTask(_Task):
    def create_task(self) -> Any:
        decision = (self.parse_extensions().get("calledDecisionId") or "").strip()
        if not decision:
            raise self.refuse("no decision table is named")
        task = specs.DecisionTask(self.spec, self.bpmn_id, None, **self.bpmn_attributes)
        task.decision = decision
        return task


class _ServiceTask(_Task):
    def create_task(self) -> Any:
        operator = self.parse_extensions().get("serviceTaskOperator")
        if operator is None:
            raise self.refuse("no service is named")
        task = specs.ServiceTask(self.spec, self.bpmn_id, None, **self.bpmn_attributes)
        task.operator, task.result = operator["name"], operator["resultVariable"] or None
        task.parameters = {name: given["value"] for name, given in operator["parameters"].items()}
        return task


class _Call(_Activity, spiff_tasks.CallActivityParser):  # type: ignore[misc]  # untyped library
    pass


class _SubProcess(_Activity, spiff_tasks.SubWorkflowParser):  # type: ignore[misc]  # untyped library
    def create_task(self) -> Any:
        if self.node.get("triggeredByEvent") == "true":
            raise self.refuse("event sub-process")
        task = super().create_task()
        task.spec = f"{self.spec.name}/{self.bpmn_id}"
        return task


class _Exclusive(_Activity, task_parsers.ConditionalGatewayParser):  # type: ignore[misc]  # untyped library
    pass


class _Parallel(_Activity, task_parsers.GatewayParser):  # type: ignore[misc]  # untyped library
    pass


class _Event(_Activity):
    """Mixed into the library's event parsers: our event definitions, and a refusal of all others."""

    def get_event_definition(self, _xpaths: list[str]) -> Any:
        """The one event definition of this element."""
        kind = etree.QName(self.node).localname
        found = [child for child in self.node if etree.QName(child).localname.endswith("EventDefinition")]
        names = [etree.QName(child).localname.removesuffix("EventDefinition") for child in found] or [""]
        if len(names) > 1 or names[0] not in EVENTS_ALLOWED[kind]:
            raise self.refuse(f"{kind} with {' and '.join(names) or 'no'} event")
        return self._definition(names[0], found[0]) if found else NoneEventDefinition()

    def _definition(self, name: str, node: Any) -> Any:
        if name == "timer":
            return self._timer(node)
        if name == "message":
            return event_definitions.Message(self._referred(node, "message") or self.bpmn_id)
        if name == "terminate":
            return self.parse_terminate_event(node)  # type: ignore[attr-defined]  # of the library's parser
        return event_definitions.Fault(kind=name, code=self._referred(node, name))  # type: ignore[arg-type]  # checked above

    def _timer(self, node: Any) -> event_definitions.Timer:
        for tag, duration in (("timeDate", False), ("timeDuration", True)):
            expression = (node.findtext(full_tag(tag)) or "").strip()
            if expression:
                return event_definitions.Timer(expression, duration)
        raise self.refuse("timer without a date or duration")

    def _referred(self, node: Any, kind: str) -> str | None:
        """The name of a message, or the code of an error or escalation, that an event refers to."""
        reference = node.get(f"{kind}Ref")
        if reference is None:
            return None
        for each in node.getroottree().getroot().findall(full_tag(kind)):
            if each.get("id") == reference:
                return str(each.get(f"{kind}Code") or each.get("name") or reference)
        raise self.refuse(f"{kind} {reference} is not defined")


class _Start(_Event, spiff_events.SpiffStartEventParser):  # type: ignore[misc]  # untyped library
    pass


class _End(_Event, spiff_events.SpiffEndEventParser):  # type: ignore[misc]  # untyped library
    def create_task(self) -> Any:
        return self._create_task(self.get_event_definition([]))


class _Catch(_Event, spiff_events.SpiffIntermediateCatchEventParser):  # type: ignore[misc]  # untyped library
    pass


class _Throw(_Event, spiff_events.SpiffIntermediateThrowEventParser):  # type: ignore[misc]  # untyped library
    pass


class _Boundary(_Event, spiff_events.SpiffBoundaryEventParser):  # type: ignore[misc]  # untyped library
    pass


class _EventGateway(_Activity, event_parsers.EventBasedGatewayParser):  # type: ignore[misc]  # untyped library
    def create_task(self) -> Any:
        return self._create_task(None)


class _ProcessParser(spiff_process.SpiffProcessParser):  # type: ignore[misc]  # untyped library
    def create_spec(self) -> specs.ProcessSpec:
        if not self.process_executable:
            raise ValidationException("not executable", node=self.node, file_name=self.filename)
        embedded = self.parent is not None
        return specs.ProcessSpec(
            name=f"{self.parent.get_spec().name}/{self.bpmn_id}" if embedded else self.bpmn_id,
            process=self.parent.get_spec().process if embedded else self.bpmn_id,
            embedded=embedded,
            description=self.get_name(),
            file=self.filename,
        )

    def add_tasks(self) -> None:
        starts = self.xpath("./bpmn:startEvent")
        if len(starts) != 1:
            raise ValidationException(f"{len(starts)} start events", node=self.node, file_name=self.filename)
        self.parse_node(starts[0])


class _DiagramParser(BpmnParser):  # type: ignore[misc]  # untyped library
    """Reads only what is listed here; the order of branches is that of the file, not of the drawing."""

    PROCESS_PARSER_CLASS = _ProcessParser
    PARSER_CLASSES = {
        full_tag("startEvent"): (_Start, events.StartEvent),
        full_tag("endEvent"): (_End, events.EndEvent),
        full_tag("userTask"): (_Task, specs.UserTask),
        full_tag("manualTask"): (_Task, specs.ManualTask),
        full_tag("scriptTask"): (_ScriptTask, specs.ScriptTask),
        full_tag("businessRuleTask"): (_DecisionTask, specs.DecisionTask),
        full_tag("serviceTask"): (_ServiceTask, specs.ServiceTask),
        full_tag("callActivity"): (_Call, specs.CallActivity),
        full_tag("subProcess"): (_SubProcess, specs.SubProcess),
        full_tag("exclusiveGateway"): (_Exclusive, specs.ExclusiveGateway),
        full_tag("parallelGateway"): (_Parallel, join.ParallelGateway),
        full_tag("eventBasedGateway"): (_EventGateway, events.EventGateway),
        full_tag("intermediateCatchEvent"): (_Catch, events.CatchEvent),
        full_tag("intermediateThrowEvent"): (_Throw, events.ThrowEvent),
        full_tag("boundaryEvent"): (_Boundary, events.BoundaryEvent),
    }
    OVERRIDE_PARSER_CLASSES: dict[str, Any] = {}

    def get_document_positions(self, _root: Any) -> dict[str, Any]:
        """None: the library would try the branches of a gateway from the topmost shape down."""
        return {}
