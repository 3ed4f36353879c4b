"""Only what the engine runs: the library reads many other elements and silently does something else with them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.markup import bpmn, spiff
from engine.bpmn.parsing import EVENTS_ALLOWED
from engine.bpmn.rules.sheet import ROUTED, Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text

ACTIVITIES = frozenset(
    {
        "userTask",
        "manualTask",
        "scriptTask",
        "businessRuleTask",
        "serviceTask",
        "callActivity",
        "subProcess",
    }
)
_ANYWHERE = frozenset({"documentation", "extensionElements"})
_PARTS = {
    "definitions": frozenset({"process", "collaboration", "message", "error", "escalation"}),
    "collaboration": frozenset({"participant"}),
    "process": frozenset({"laneSet", "sequenceFlow"}) | ACTIVITIES | ROUTED | frozenset(EVENTS_ALLOWED),
    "laneSet": frozenset({"lane"}),
    "lane": frozenset({"flowNodeRef"}),
    "sequenceFlow": frozenset({"conditionExpression"}),
    "scriptTask": frozenset({"script"}),
    "multiInstanceLoopCharacteristics": frozenset(
        {
            "loopCardinality",
            "loopDataInputRef",
            "loopDataOutputRef",
            "inputDataItem",
            "outputDataItem",
            "completionCondition",
        }
    ),
    "standardLoopCharacteristics": frozenset({"loopCondition"}),
    "timerEventDefinition": frozenset({"timeDate", "timeDuration", "timeCycle"}),
}
_LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
_EXTENSIONS = {
    f"{{{markup.I18N}}}translation",
    spiff("properties"),
    spiff("serviceTaskOperator"),
    spiff("calledDecisionId"),
}


def elements(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Every BPMN element stands where the engine expects it and is of a sort that it runs."""
    for node in sheet.root.iter(f"{{{markup.BPMN}}}*"):
        parent = node.getparent()
        if parent is not None and not _belongs(node, parent):
            yield _refused(sheet, node)


def _belongs(node: etree._Element, parent: etree._Element) -> bool:
    kind, around = markup.kind_of(node), markup.kind_of(parent)
    if kind in _ANYWHERE or kind.endswith("EventDefinition"):
        return True  # event definitions have rules of their own
    if around == "subProcess" and kind != "laneSet":
        around, allowed = "process", _PARTS["process"] | _LOOPS
        return kind in allowed or kind in {"incoming", "outgoing"}
    if markup.is_activity(around) and kind in _LOOPS:
        return around != "scriptTask"
    if kind in {"incoming", "outgoing"}:
        return markup.is_flow_node(parent)
    return kind in _PARTS.get(around, ())


def _refused(sheet: Sheet, node: etree._Element) -> Problem:
    kind = markup.kind_of(node)
    name = node.get("id") or _owner(node)
    if kind in {"laneSet", "childLaneSet"}:
        return sheet.problem(name, "lane-nested", _LANES_INSIDE)
    if markup.is_flow_node(node):
        return sheet.problem(name, "construct-refused", _REFUSED.get(kind, _UNKNOWN), kind=kind)
    return sheet.problem(name, "construct-refused", _UNKNOWN, kind=kind)


def _owner(node: etree._Element) -> str:
    return next((scope.get("id", "") for scope in node.iterancestors() if scope.get("id")), "definitions")


def events(sheet: Sheet, _: World) -> Iterator[Problem]:
    """An event waits for, or throws, only what the engine supports at its position, and one thing only."""
    for name, node in sheet.nodes.items():
        kind = markup.kind_of(node)
        found = [markup.kind_of(c).removesuffix("EventDefinition") for c in node if _is_definition(c)]
        if kind in EVENTS_ALLOWED and (len(found) > 1 or (found or [""])[0] not in EVENTS_ALLOWED[kind]):
            expected = ", ".join(sorted(each or "none" for each in EVENTS_ALLOWED[kind]))
            shown = ", ".join(found) or "none"
            yield sheet.problem(name, "event-refused", _EVENT, kind=kind, expected=expected, found=shown)


def _is_definition(node: etree._Element) -> bool:
    return markup.kind_of(node).endswith("EventDefinition")


def sub_processes(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Embedded sub-processes are entered by a flow; those triggered by events never run as drawn."""
    for name, node in sheet.nodes.items():
        if node.get("triggeredByEvent") == "true":
            yield sheet.problem(name, "event-sub-process", _EVENT_SUB_PROCESS)
        if node.get("isForCompensation") == "true":
            yield sheet.problem(name, "compensation", _COMPENSATION)


def repetitions(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A repeated activity says how often: a number of instances, a list, a condition or a maximum."""
    for node in sheet.process.iter(bpmn("multiInstanceLoopCharacteristics")):
        if not any(node.findtext(bpmn(tag)) for tag in ("loopCardinality", "loopDataInputRef")):
            yield sheet.problem(_owner(node), "repetition-count", _CARDINALITY)
    for node in sheet.process.iter(bpmn("standardLoopCharacteristics")):
        if not node.get("loopMaximum") and not node.findtext(bpmn("loopCondition")):
            yield sheet.problem(_owner(node), "repetition-count", _LOOP)


def extensions(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Only extensions that the engine or the viewer reads; others would be ignored without a word."""
    for container in sheet.root.iter(bpmn("extensionElements")):
        for entry in container:
            if entry.tag not in _EXTENSIONS:
                tag = str(entry.tag).rpartition("}")[2]
                yield sheet.problem(_owner(container), "extension-unknown", _EXTENSION, tag=tag)


def executable(sheet: Sheet, _: World) -> Iterator[Problem]:
    """The process is marked as one that runs."""
    if sheet.process.get("isExecutable") != "true":
        yield sheet.problem(sheet.diagram.process, "process-executable", _EXECUTABLE)


_UNKNOWN = Text(
    zh="流程图只能使用引擎执行的元素, 但这里有 {kind}; 请删除或改用允许的元素。",
    en="Expected only elements that the engine runs, found {kind}; remove it or draw it with one of those.",
)
_REFUSED = {
    "inclusiveGateway": Text(
        zh="只允许排他、并行和事件网关, 但这里是包容网关; 请改用排他网关逐一判断, 或用并行网关。",
        en="Expected an exclusive, parallel or event-based gateway, found an inclusive one; ask the questions one by one.",
    ),
    "complexGateway": Text(
        zh="只允许排他、并行和事件网关, 但这里是复杂网关; 请用排他和并行网关表达。",
        en="Expected an exclusive, parallel or event-based gateway, found a complex one; draw it with those.",
    ),
    "adHocSubProcess": Text(
        zh="引擎不执行临时(ad hoc)子流程; 请按顺序画出其中的活动。",
        en="Expected a called diagram or an embedded sub-process, found an ad hoc one; draw the order of its activities.",
    ),
    "transaction": Text(
        zh="引擎不执行事务子流程; 请改用普通子流程和错误边界事件。",
        en="Expected a called diagram or an embedded sub-process, found a transaction; use error boundary events instead.",
    ),
    "sendTask": Text(
        zh="发送任务会被直接跳过; 请改用服务任务 notify。",
        en="Expected a service task that sends, found a send task, which the engine passes through; use notify.",
    ),
    "receiveTask": Text(
        zh="接收任务请改用消息中间事件。",
        en="Expected a message event that waits, found a receive task; use an intermediate message event.",
    ),
    "task": Text(
        zh="活动必须有类型, 但这里是未指定类型的任务; 请改为人工任务、服务任务等。",
        en="Expected a task of a certain type, found one without; make it a user task, a service task or another type.",
    ),
}
_LANES_INSIDE = Text(
    zh="泳道不得嵌套; 请把泳道放在流程的同一层。",
    en="Expected lanes on one level, found lanes within a lane; draw them side by side.",
)
_EVENT = Text(
    zh="{kind} 只能是 {expected} 之一, 实际为 {found}; 引擎会把别的事件当作普通事件, 请改用允许的类型。",
    en="Expected a {kind} with one of: {expected}; found: {found}; the engine would pass through it, so use one of those.",
)
_EVENT_SUB_PROCESS = Text(
    zh="引擎不能正确执行事件子流程; 请改用活动上的边界事件。",
    en="Expected boundary events on activities, found an event sub-process, which does not run as drawn; use the former.",
)
_COMPENSATION = Text(
    zh="引擎不执行补偿; 请画出撤销的活动。",
    en="Expected ordinary activities, found compensation, which never runs; draw what undoes the work.",
)
_CARDINALITY = Text(
    zh="多实例活动必须给出实例个数(loopCardinality)或列表(loopDataInputRef), 但两者都没有; 请补上其一。",
    en="Expected a number of instances (loopCardinality) or a list (loopDataInputRef), found neither; give one of them.",
)
_LOOP = Text(
    zh="循环活动必须有条件或最大次数, 但两者都没有; 请补上其一。",
    en="Expected a condition or a maximum for the loop, found neither; give one of them.",
)
_EXTENSION = Text(
    zh="扩展元素 {tag} 引擎不会读取; 请删除它。",
    en="Expected only extensions that the engine reads, found {tag}; remove it.",
)
_EXECUTABLE = Text(
    zh='流程必须标记为可执行(isExecutable="true"); 请加上。',
    en='Expected isExecutable="true" on the process, found none; add it.',
)
