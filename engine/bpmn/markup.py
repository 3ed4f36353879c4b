"""The vocabulary of BPMN files: namespaces, which tags are drawn, and how names and properties are written."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.foundation.text import Text

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
I18N = "http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


def bpmn(tag: str) -> str:
    """The qualified name of a BPMN tag."""
    return f"{{{BPMN}}}{tag}"


def spiff(tag: str) -> str:
    """The qualified name of a tag of the execution extension."""
    return f"{{{SPIFF}}}{tag}"


def kind_of(node: etree._Element) -> str:
    """The tag without its namespace; empty for comments and for tags that are not BPMN."""
    if not isinstance(node.tag, str) or not node.tag.startswith(f"{{{BPMN}}}"):
        return ""
    return node.tag.rpartition("}")[2]


def is_flow_node(node: etree._Element) -> bool:
    """Whether the element is a node of the flow: an activity, an event or a gateway."""
    kind = kind_of(node)
    return is_activity(kind) or is_event(kind) or is_gateway(kind)


def is_activity(kind: str) -> bool:
    """Whether a tag is a task, a called diagram or a sub-process."""
    return kind == "callActivity" or kind.lower().endswith("task") or kind in SUB_PROCESSES


def is_event(kind: str) -> bool:
    """Whether a tag is a start, end, intermediate or boundary event."""
    return kind.endswith("Event")


def is_gateway(kind: str) -> bool:
    """Whether a tag is a gateway of any sort."""
    return kind.endswith("Gateway")


def flow_nodes(scope: etree._Element) -> Iterator[etree._Element]:
    """The flow nodes that lie directly in a process or sub-process, in document order."""
    return (node for node in scope if is_flow_node(node))


def extensions(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    """The entries with the qualified name `tag` in the element's own extensionElements."""
    for container in node.findall(bpmn("extensionElements")):
        yield from container.findall(tag)


def properties_of(node: etree._Element) -> dict[str, str]:
    """The execution properties of an element, by name."""
    pairs = (p for block in extensions(node, spiff("properties")) for p in block.findall(spiff("property")))
    return {p.get("name", ""): p.get("value", "") for p in pairs}


def translation(node: etree._Element, *, language: str, target: str = "@name") -> str | None:
    """The translated name or documentation of an element, None when there is none."""
    for entry in extensions(node, f"{{{I18N}}}translation"):
        if entry.get(XML_LANG) == language and entry.get("target", "@name") == target:
            return words_of(entry)
    return None


def words_of(node: etree._Element) -> str:
    """The text inside an element, without surrounding white space."""
    return "".join(str(part) for part in node.itertext()).strip()


def name_of(node: etree._Element) -> Text:
    """The element's label; English falls back to the base language."""
    base = node.get("name", "")
    return Text(zh=base, en=translation(node, language="en") or base)


def documentation_of(node: etree._Element) -> Text:
    """What the element's documentation says; English falls back to the base language."""
    base = (node.findtext(bpmn("documentation")) or "").strip()
    return Text(zh=base, en=translation(node, language="en", target="documentation") or base)


def event_definition(node: etree._Element) -> etree._Element | None:
    """What kind of event an event is (timer, message, error ...); None for a plain one and for other elements."""
    return next((child for child in node if kind_of(child).endswith("EventDefinition")), None)
