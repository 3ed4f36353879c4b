"""Draws small BPMN files for tests: nodes and flows in one line each, both languages included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:i18n="http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0" '
    'id="{process}_definitions" targetNamespace="urn:test" xml:lang="zh-CN">\n'
)


def extensions(en: str = "", properties: Mapping[str, str] | None = None, more: str = "") -> str:
    """The extensionElements with an English name, properties and whatever else."""
    named = f'<i18n:translation xml:lang="en">{escape(en)}</i18n:translation>' if en else ""
    entries = "".join(
        f"<spiffworkflow:property name={quoteattr(k)} value={quoteattr(v)}/>"
        for k, v in (properties or {}).items()
    )
    block = f"<spiffworkflow:properties>{entries}</spiffworkflow:properties>" if entries else ""
    inside = named + block + more
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""


def node(
    kind: str,
    id: str,
    zh: str = "",
    en: str = "",
    *,
    properties: Mapping[str, str] | None = None,
    extension: str = "",
    attributes: str = "",
    inside: str = "",
) -> str:
    """One element; `inside` follows its extensions."""
    name = f" name={quoteattr(zh)}" if zh else ""
    extended = extensions(en, properties, extension)
    return f'  <bpmn:{kind} id="{id}"{name}{attributes}>{extended}{inside}</bpmn:{kind}>'


def flow(source: str, target: str, zh: str = "", en: str = "", *, condition: str = "", id: str = "") -> str:
    """One sequence flow, by default with the id `<source>_to_<target>`."""
    name = f" name={quoteattr(zh)}" if zh else ""
    test = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
    return (
        f'  <bpmn:sequenceFlow id="{id or f"{source}_to_{target}"}" sourceRef="{source}" targetRef="{target}"'
        f"{name}>{extensions(en)}{test}</bpmn:sequenceFlow>"
    )


def lane(id: str, zh: str, en: str, group: str, refs: Sequence[str]) -> str:
    """One lane with its content."""
    inside = "".join(f"<bpmn:flowNodeRef>{ref}</bpmn:flowNodeRef>" for ref in refs)
    return f'<bpmn:lane id="{id}" name="{zh}">{extensions(en, {"group": group})}{inside}</bpmn:lane>'


def sheet(
    process: str,
    parts: Sequence[str],
    *,
    zh: str = "测试流程",
    en: str = "Test process",
    properties: Mapping[str, str] | None = None,
    lanes: Sequence[str] = (),
    definitions: str = "",
) -> bytes:
    """A whole file without a drawing."""
    sets = f'<bpmn:laneSet id="{process}_lanes">{"".join(lanes)}</bpmn:laneSet>' if lanes else ""
    lines = [
        HEAD.format(process=process) + definitions,
        f'<bpmn:process id="{process}" name="{zh}" isExecutable="true">{extensions(en, properties)}{sets}',
        *parts,
        "</bpmn:process>",
        "</bpmn:definitions>",
    ]
    return "\n".join(lines).encode()
