"""Whatever a diagram names exists: called diagrams, tables, forms, groups, messages, services, limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.decisions import DecisionTable
from engine.bpmn.diagram import Element
from engine.bpmn.expressions import ExpressionError, parse_expression
from engine.bpmn.markup import bpmn, spiff
from engine.bpmn.rules.names import closure
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text

SERVICES: Mapping[str, frozenset[str]] = {
    "notify": frozenset({"to", "message"}),
    "update_case": frozenset({"field", "value"}),
    "open_case": frozenset({"process", "reason"}),
    "announce": frozenset({"kind", "title"}),
    "settle_bulletin": frozenset({"status"}),
    "link_case": frozenset({"to", "kind"}),
    "tell_linked": frozenset({"element"}),
    "keep_out": frozenset({"person"}),
    "record_repair": frozenset({"serial"}),
    "open_cases": frozenset({"process", "reason", "each"}),
    "schedule_case": frozenset({"process", "subject", "months", "first_on"}),
}
"""The operations of service tasks with the parameters that each needs."""
FIELDS = frozenset({"priority", "severity", "status", "handler", "coverage", "owner_group", "kind"})
"""What `update_case` may change."""
LIMITS = "limits"


def called_diagrams(sheet: Sheet, world: World) -> Iterator[Problem]:
    """A call activity names a diagram that exists and does not lead back to this one."""
    for element in _of_kind(sheet, "callActivity"):
        if not element.called or element.called not in world.processes:
            yield sheet.problem(element.id, "called-missing", _CALLED, found=element.called or "-")
        elif sheet.diagram.process in closure(element.called, world.sheets):
            yield sheet.problem(element.id, "called-recursion", _RECURSION, found=element.called)


def decision_tables(sheet: Sheet, world: World) -> Iterator[Problem]:
    """A business rule task names a decision table that exists and asks only for names that are known here."""
    for element in _of_kind(sheet, "businessRuleTask"):
        if not element.decision or element.decision not in world.decisions:
            yield sheet.problem(element.id, "decision-missing", _DECISION, found=element.decision or "-")
        elif element.decision in world.tables:
            asked = world.tables[element.decision].names - set(world.known[sheet.diagram.process])
            for name in sorted(asked):
                yield sheet.problem(element.id, "decision-input", _INPUT, table=element.decision, name=name)


def forms(sheet: Sheet, world: World) -> Iterator[Problem]:
    """People have a form for each task, for each button, and for starting a case."""
    for element in sheet.diagram.elements.values():
        if _shown_to_people(sheet, element) and element.form not in world.forms:
            yield sheet.problem(element.id, "form-missing", _FORM, found=element.form)


def _shown_to_people(sheet: Sheet, element: Element) -> bool:
    if element.kind == "startEvent" and element.parent is None:
        return sheet.diagram.properties.get("starts") == "case"
    return element.kind == "userTask" or element.properties.get("action") == "true"


def groups(sheet: Sheet, world: World) -> Iterator[Problem]:
    """Work is routed by groups of the company; every task and button has one."""
    named = chain([sheet.process], sheet.process.iter(bpmn("lane")), sheet.nodes.values())
    for node in named:
        group = markup.properties_of(node).get("group")
        if group is not None and group not in world.groups:
            yield sheet.problem(node.get("id", ""), "group-unknown", _GROUP, found=group)
        if markup.kind_of(node) == "lane" and group is None:
            yield sheet.problem(node.get("id", ""), "group-missing", _NO_GROUP)
    for element in sheet.diagram.elements.values():
        asked = element.kind in {"userTask", "manualTask"} or element.properties.get("action") == "true"
        if asked and not element.group:
            yield sheet.problem(element.id, "group-missing", _NO_GROUP)


def lanes(sheet: Sheet, _: World) -> Iterator[Problem]:
    """In a diagram with lanes each element lies in exactly one."""
    refs = [markup.words_of(ref) for ref in sheet.process.iter(bpmn("flowNodeRef"))]
    for ref in sorted(set(refs) - set(sheet.nodes)):
        yield sheet.problem(ref or "-", "lane-content", _LANE_STRANGER, found=ref or "-")
    for name, node in sheet.nodes.items():
        if node.getparent() is sheet.process and refs and refs.count(name) != 1:
            yield sheet.problem(name, "lane-content", _LANE, found=refs.count(name))


def event_references(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A message, error or escalation that an event names is defined in the file; a message event names one."""
    for name, node in sheet.nodes.items():
        definition = markup.event_definition(node)
        kind = "" if definition is None else markup.kind_of(definition).removesuffix("EventDefinition")
        if definition is None or kind not in {"message", "error", "escalation"}:
            continue
        defined = {each.get("id") for each in sheet.root.findall(bpmn(kind))}
        ref = definition.get(f"{kind}Ref")
        if (ref is None and kind == "message") or (ref is not None and ref not in defined):
            yield sheet.problem(name, "event-reference", _EVENT, kind=kind, found=ref or "-")


def timers(sheet: Sheet, world: World) -> Iterator[Problem]:
    """A timer waits for a limit of the table of limits, never for a figure in the diagram."""
    known = limits_of(world.tables.get(LIMITS))
    for element in sheet.diagram.elements.values():
        if element.event != "timer":
            continue
        if sheet.nodes[element.id].find(f".//{bpmn('timeCycle')}") is not None:
            yield sheet.problem(element.id, "timer-cycle", _CYCLE)
        elif element.limit is None:
            yield sheet.problem(element.id, "timer-limit", _TIMER)
        elif element.limit[0] not in known:
            yield sheet.problem(element.id, "limit-unknown", _LIMIT, found=element.limit[0])
        elif not 0 < element.limit[1] <= 1000:
            yield sheet.problem(element.id, "timer-limit", _PERCENT, found=element.limit[1])


def limits_of(table: DecisionTable | None) -> frozenset[str]:
    """The limits that the table of limits knows: the values in its first column."""
    if table is None:
        return frozenset()
    return frozenset(str(value) for rule in table.rules for value in rule.cells[0].literals)


def services(sheet: Sheet, world: World) -> Iterator[Problem]:
    """A service task names a known operation with its parameters, and what these name exists."""
    for element in _of_kind(sheet, "serviceTask"):
        service = element.service or "-"
        if service not in SERVICES:
            known = ", ".join(SERVICES)
            yield sheet.problem(element.id, "service-unknown", _SERVICE, found=service, known=known)
            continue
        given = _parameters(sheet.nodes[element.id])
        for name in sorted(SERVICES[service] - set(given)):
            yield sheet.problem(element.id, "service-parameter", _PARAMETER, service=service, name=name)
        if (rule := _SERVICE_RULES.get(service)) is not None:
            yield from rule(sheet, world, element.id, given)


def _notify(sheet: Sheet, world: World, element: str, given: Mapping[str, str]) -> Iterator[Problem]:
    message, to = _literal(given.get("message", "")), _literal(given.get("to", ""))
    if message is None or message not in world.messages:
        yield sheet.problem(element, "message-missing", _MESSAGE, found=message or given.get("message", "-"))
    else:
        for name in sorted(set(world.messages[message]) - set(given) - ALWAYS_FILLED):
            yield sheet.problem(element, "message-placeholder", _PLACEHOLDER, message=message, name=name)
    if to is not None and to.startswith("group:") and to.removeprefix("group:") not in world.groups:
        yield sheet.problem(element, "group-unknown", _GROUP, found=to.removeprefix("group:"))


def _update_case(sheet: Sheet, _: World, element: str, given: Mapping[str, str]) -> Iterator[Problem]:
    field = _literal(given.get("field", ""))
    if field not in FIELDS:
        yield sheet.problem(
            element, "service-field", _FIELD, found=field or "-", known=", ".join(sorted(FIELDS))
        )


def _open_case(sheet: Sheet, world: World, element: str, given: Mapping[str, str]) -> Iterator[Problem]:
    process = _literal(given.get("process", ""))
    if process not in world.processes:
        yield sheet.problem(element, "called-missing", _CALLED, found=process or "-")
    yield from _told(sheet, world, element, given)


def _told(sheet: Sheet, world: World, element: str, given: Mapping[str, str]) -> Iterator[Problem]:
    """What a case is told later is an event that some diagram waits for."""
    for source in (given[name] for name in ("tell", "element") if name in given):
        name = _literal(source)
        if not any(_waits_for_message(each, name) for each in world.sheets.values()):
            yield sheet.problem(element, "told-missing", _TOLD, found=name or "-")


def _waits_for_message(sheet: Sheet, name: str | None) -> bool:
    element = sheet.diagram.elements.get(name or "")
    return element is not None and element.event == "message"


_SERVICE_RULES = {
    "notify": _notify,
    "update_case": _update_case,
    "open_case": _open_case,
    "open_cases": _open_case,
    "schedule_case": _open_case,
    "link_case": _told,
    "tell_linked": _told,
}
ALWAYS_FILLED = frozenset({"number", "customer", "title", "link"})
"""The placeholders of a message text that every case fills."""


def _parameters(node: etree._Element) -> dict[str, str]:
    operators = markup.extensions(node, spiff("serviceTaskOperator"))
    return {p.get("id", ""): p.get("value", "") for o in operators for p in o.iter(spiff("parameter"))}


def _literal(source: str) -> str | None:
    """The text that an expression is, None when it depends on data."""
    try:
        parsed = parse_expression(source)
        constant = not parsed.names and not parsed.calls
        value = parsed.evaluate({}, {}, known=frozenset()) if constant else None
    except ExpressionError:
        return None
    return value if isinstance(value, str) else None


def _of_kind(sheet: Sheet, kind: str) -> Iterator[Element]:
    return (element for element in sheet.diagram.elements.values() if element.kind == kind)


_CALLED = Text(
    zh="应调用已有的流程, 但没有流程 {found}; 请添加该流程或改正名称。",
    en="Expected an existing process, found {found}, which there is not; add the diagram or correct the name.",
)
_RECURSION = Text(
    zh="流程不得直接或间接调用自己, 但 {found} 会回到这里; 请改用循环。",
    en="Expected calls that do not lead back, found {found}, which calls this process again; draw a loop instead.",
)
_DECISION = Text(
    zh="应使用已有的决策表, 但没有 {found}; 请添加该表或改正名称。",
    en="Expected an existing decision table, found {found}, which there is not; add the table or correct the name.",
)
_INPUT = Text(
    zh="决策表 {table} 的输入 {name} 没有任何节点给它赋值; 请检查拼写, 或先写入案例数据。",
    en="Expected the inputs of the table {table} to be assigned by some element, found {name}, which none assigns; "
    "check the spelling.",
)
_FORM = Text(
    zh="应有表单 forms/{found}.json, 但没有找到; 请添加。",
    en="Expected the form forms/{found}.json, found none; add it.",
)
_GROUP = Text(
    zh="应为公司的岗位组, 但没有岗位组 {found}; 请改正。",
    en="Expected a group of the company, found {found}, which there is not; correct it.",
)
_NO_GROUP = Text(
    zh="应有负责的岗位组(属性 group, 写在流程、泳道或节点上), 但没有; 请补上。",
    en="Expected a group that is responsible (property group on process, lane or element), found none; add it.",
)
_LANE = Text(
    zh="有泳道的流程中每个节点应恰在一个泳道, 实际在 {found} 个; 请改正 flowNodeRef。",
    en="Expected the element in exactly one lane, found it in {found}; correct the flowNodeRef entries.",
)
_LANE_STRANGER = Text(
    zh="泳道只能包含流程中的节点, 但 {found} 不是; 请删除该 flowNodeRef。",
    en="Expected lanes to hold elements of the process, found {found}, which is none; remove the flowNodeRef.",
)
_EVENT = Text(
    zh="事件应引用文件中定义的 {kind}, 实际引用 {found}; 请定义它或改正引用。",
    en="Expected a {kind} defined in this file, found {found}; define it or correct the reference.",
)
_CYCLE = Text(
    zh="不允许周期定时器(宿主完成时会丢失分支); 请画成循环或不中断的定时器。",
    en="Expected a date, found a cycle timer, which loses its branches when the activity completes; draw a loop instead.",
)
_TIMER = Text(
    zh="定时器应写作 timeDate: due('时限') 或 due('时限', 百分比); 请改用时限表中的时限。",
    en="Expected a timeDate of the form due('limit') or due('limit', percent), found something else; name a limit of the table.",
)
_PERCENT = Text(
    zh="时限的百分比应为 1 到 1000, 实际为 {found}; 请改正。",
    en="Expected 1 to 1000 percent of a limit, found {found}; correct it.",
)
_LIMIT = Text(
    zh="时限应在决策表 limits 的第一列, 但没有 {found}; 请添加该时限或改正名称。",
    en="Expected a limit from the first column of the table limits, found {found}; add the limit or correct the name.",
)
_SERVICE = Text(
    zh="服务应为 {known} 之一, 实际为 {found}; 请改正。",
    en="Expected one of the services {known}, found {found}; correct it.",
)
_PARAMETER = Text(
    zh="服务 {service} 需要参数 {name}, 但没有给出; 请补上。",
    en="Expected the parameter {name} for the service {service}, found none; add it.",
)
_FIELD = Text(
    zh="update_case 的字段应为 {known} 之一, 实际为 {found}; 请改正。",
    en="Expected update_case to name one of {known}, found {found}; correct it.",
)
_TOLD = Text(
    zh="应告知一个等待消息的事件, 但没有 {found}; 请改正 tell 或 element。",
    en="Expected an event that waits for a message, found {found}, which there is not; correct tell or element.",
)
_MESSAGE = Text(
    zh="notify 的消息应是 processes/messages.json 中的一条(写作文字), 实际为 {found}; 请添加或改正。",
    en="Expected notify to name a text of processes/messages.json, found {found}; add the text or correct the name.",
)
_PLACEHOLDER = Text(
    zh="消息 {message} 用到 {name}, 但 notify 没有给出这个值; 请补上参数。",
    en="Expected a value for {name}, which the text {message} mentions, found none; add the parameter.",
)
