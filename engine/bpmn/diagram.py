"""One BPMN file as an index: its elements and flows by id, with what the engine and the pages ask about them."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.markup import bpmn, spiff
from engine.bpmn.safe_xml import parse_xml
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.text import Text

_DUE = re.compile(
    r"""\s*due\(\s*(['"])(?P<limit>\w+)\1\s*(?:,\s*(?P<percent>\d+)\s*(?:,\s*[a-z]\w*(?:\.\w+)*\s*)?)?\)\s*"""
)


@dataclass(frozen=True, slots=True)
class Element:
    """One node of the flow. `limit` is the (name, percent) of the deadline that a timer waits for."""

    id: str
    kind: str
    name: Text
    documentation: Text
    group: str | None
    properties: Mapping[str, str]
    attached_to: str | None
    interrupting: bool
    event: str | None
    limit: tuple[str, int] | None
    called: str | None
    decision: str | None
    service: str | None
    message: str | None
    parent: str | None

    @property
    def form(self) -> str:
        """The id of the form that a person fills in here."""
        return self.properties.get("form") or self.id

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of the written procedure that the element realises."""
        return tuple(self.properties.get("clauses", "").split())


@dataclass(frozen=True, slots=True)
class Flow:
    """One sequence flow; `condition` is its expression, None when it has none."""

    id: str
    source: str
    target: str
    name: Text
    condition: str | None
    default: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """One process with its elements and flows in document order; `xml` is the file as it was read."""

    file: str
    process: str
    name: Text
    documentation: Text
    group: str | None
    properties: Mapping[str, str]
    elements: dict[str, Element]
    flows: dict[str, Flow]
    xml: bytes = field(repr=False)

    def flow_between(self, source: str, target: str) -> Flow | None:
        """The flow from one element to another; a checked diagram has at most one."""
        return next(
            (f for f in self.flows.values() if (f.source, f.target) == (source, target)),
            None,
        )

    def outgoing(self, element: str) -> tuple[Flow, ...]:
        """The flows that leave an element, in document order."""
        return tuple(flow for flow in self.flows.values() if flow.source == element)

    def incoming(self, element: str) -> tuple[Flow, ...]:
        """The flows that reach an element, in document order."""
        return tuple(flow for flow in self.flows.values() if flow.target == element)

    @property
    def start(self) -> Element | None:
        """The start event of the process itself, not of a sub-process."""
        at_top = (e for e in self.elements.values() if e.kind == "startEvent" and e.parent is None)
        return next(at_top, None)

    def localized(self, lang: str) -> bytes:
        """The file with the names and documentation of `lang` in place of the base language."""
        return _localized(self, lang) if lang.startswith("en") else self.xml

    def picture(self, lang: str) -> bytes:
        """What a viewer draws: the names of `lang`, without what only the engine and the checks read."""
        return _picture(self, lang)


def read_diagram(xml: bytes, *, file: str) -> Diagram:
    """The index of a BPMN file.

    Raises ProblemsFound when it is not hardened, well-formed BPMN with exactly one process and unique ids;
    whether the engine runs what is drawn is the matter of `engine.bpmn.rules`.
    """
    root = parse_xml(xml, file=file)
    process = _only_process(root, file)
    _refuse_shared_ids(process, file)
    own = markup.properties_of(process)
    return Diagram(
        file=file,
        process=process.get("id", ""),
        name=markup.name_of(process),
        documentation=markup.documentation_of(process),
        group=own.get("group"),
        properties=own,
        elements=_elements(root, process, own.get("group")),
        flows=_flows(process),
        xml=xml,
    )


def _only_process(root: etree._Element, file: str) -> etree._Element:
    processes = root.findall(bpmn("process"))
    if root.tag != bpmn("definitions") or len(processes) != 1 or not processes[0].get("id"):
        _refuse(
            file,
            "definitions",
            "diagram-one-process",
            Text(
                zh=f"应为恰有一个带 id 的流程的 BPMN 文件, 实有 {len(processes)} 个流程; 请一个文件只画一个流程。",
                en=f"Expected a BPMN file with exactly one process that has an id, found {len(processes)} "
                "process(es); draw one process per file.",
            ),
        )
    return processes[0]


def _refuse_shared_ids(process: etree._Element, file: str) -> None:
    seen: set[str] = set()
    for node in process.iter():
        if not (markup.is_flow_node(node) or markup.kind_of(node) == "sequenceFlow"):
            continue
        name = node.get("id")
        if not name:
            _refuse(file, markup.kind_of(node), "id-missing", _no_id(markup.kind_of(node)))
        if name in seen:
            _refuse(file, name, "id-unique", _shared_id(name))
        seen.add(name)


def _no_id(kind: str) -> Text:
    return Text(
        zh=f"每个节点和连线都应有 id, 但有一个 {kind} 没有; 请给它起一个 snake_case 的 id。",
        en=f"Expected an id on every element and flow, found a {kind} without one; give it a snake_case id.",
    )


def _shared_id(name: str) -> Text:
    return Text(
        zh=f"id 应唯一, 但 {name} 出现了不止一次; 请改名。",
        en=f"Expected unique ids, found {name} more than once; rename one of them.",
    )


def _refuse(file: str, element: str, rule: str, text: Text) -> NoReturn:
    raise ProblemsFound([Problem(file=file, element=element, rule=rule, text=text)])


def _elements(root: etree._Element, process: etree._Element, group: str | None) -> dict[str, Element]:
    messages = {m.get("id", ""): m.get("name", m.get("id", "")) for m in root.findall(bpmn("message"))}
    lanes = _groups_by_lane(process)
    nodes = (node for node in process.iter() if markup.is_flow_node(node))
    return {node.get("id", ""): _element(node, _group(node, lanes, group), messages) for node in nodes}


def _groups_by_lane(process: etree._Element) -> dict[str, str]:
    """Inner lanes come later in the document and so win over the lane around them."""
    return {
        markup.words_of(ref): group
        for lane in process.iter(bpmn("lane"))
        if (group := markup.properties_of(lane).get("group", ""))
        for ref in lane.findall(bpmn("flowNodeRef"))
    }


def _group(node: etree._Element, lanes: Mapping[str, str], default: str | None) -> str | None:
    """The lane of the element, of the activity it is attached to, or of the sub-process around it."""
    scopes = [scope.get("id", "") for scope in node.iterancestors()]
    candidates = (node.get("id", ""), node.get("attachedToRef", ""), *scopes)
    return next((lanes[name] for name in candidates if name in lanes), default)


def _scope(node: etree._Element) -> str | None:
    parent = node.getparent()
    return None if parent is None or markup.kind_of(parent) == "process" else parent.get("id")


def _element(node: etree._Element, group: str | None, messages: Mapping[str, str]) -> Element:
    properties = markup.properties_of(node)
    definition = markup.event_definition(node)
    operator = next(markup.extensions(node, spiff("serviceTaskOperator")), None)
    decision = next(markup.extensions(node, spiff("calledDecisionId")), None)
    return Element(
        id=node.get("id", ""),
        kind=markup.kind_of(node),
        name=markup.name_of(node),
        documentation=markup.documentation_of(node),
        group=properties.get("group", group),
        properties=properties,
        attached_to=node.get("attachedToRef"),
        interrupting=node.get("cancelActivity", "true") != "false",
        event=None if definition is None else markup.kind_of(definition).removesuffix("EventDefinition"),
        limit=_limit(definition),
        called=node.get("calledElement"),
        decision=None if decision is None else markup.words_of(decision),
        service=None if operator is None else operator.get("id"),
        message=_message(node, definition, messages),
        parent=_scope(node),
    )


def _limit(definition: etree._Element | None) -> tuple[str, int] | None:
    text = "" if definition is None else definition.findtext(bpmn("timeDate")) or ""
    match = _DUE.fullmatch(text)
    return (match["limit"], int(match["percent"] or 100)) if match else None


def _message(
    node: etree._Element, definition: etree._Element | None, messages: Mapping[str, str]
) -> str | None:
    ref = node.get("messageRef") or (None if definition is None else definition.get("messageRef"))
    return None if ref is None else messages.get(ref, ref)


def _flows(process: etree._Element) -> dict[str, Flow]:
    defaults = {node.get("default") for node in process.iter() if node.get("default")}
    flows = (_flow(node, defaults) for node in process.iter(bpmn("sequenceFlow")))
    return {flow.id: flow for flow in flows}


def _flow(node: etree._Element, defaults: Container[str | None]) -> Flow:
    condition = node.findtext(bpmn("conditionExpression"))
    return Flow(
        id=node.get("id", ""),
        source=node.get("sourceRef", ""),
        target=node.get("targetRef", ""),
        name=markup.name_of(node),
        condition=None if condition is None else condition.strip(),
        default=node.get("id") in defaults,
    )


def _localized(diagram: Diagram, language: str) -> bytes:
    root = parse_xml(diagram.xml, file=diagram.file)
    for entry in root.iter(f"{{{markup.I18N}}}translation"):
        container = entry.getparent()
        owner = None if container is None else container.getparent()
        if owner is not None and entry.get(markup.XML_LANG) == language[:2]:
            _translate(owner, entry.get("target", "@name"), markup.words_of(entry))
    root.set(markup.XML_LANG, language)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _picture(diagram: Diagram, language: str) -> bytes:
    root = parse_xml(diagram.localized(language), file=diagram.file)
    unseen = [node for tag in _UNSEEN for node in root.iter(tag)]
    for node in unseen:
        parent = node.getparent()
        if parent is not None:
            parent.remove(node)
    for node in root.iter():
        node.tail = None
        if len(node) and not (node.text or "").strip():
            node.text = None
    return etree.tostring(root, encoding="UTF-8")


_UNSEEN = tuple(bpmn(tag) for tag in ("documentation", "extensionElements", "incoming", "outgoing", "script"))


def _translate(owner: etree._Element, target: str, words: str) -> None:
    documentation = owner.find(bpmn("documentation"))
    if target == "@name":
        owner.set("name", words)
    elif target == "documentation" and documentation is not None:
        documentation.text = words
