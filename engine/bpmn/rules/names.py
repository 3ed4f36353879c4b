"""Which names of case data the elements of a diagram assign, and which are known where a diagram runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.expressions import ExpressionError, parse_script
from engine.bpmn.markup import bpmn, spiff
from engine.bpmn.rules.sheet import Sheet

_OWN = frozenset({"userTask", "manualTask", "callActivity", "startEvent"})


def assigned(sheet: Sheet) -> frozenset[str]:
    """The names that some element of the diagram assigns."""
    return frozenset(name for node in sheet.nodes.values() for name in _assigned_by(sheet, node))


def known_names(sheets: Mapping[str, Sheet]) -> dict[str, frozenset[str]]:
    """By process: the names assigned anywhere in a closure of diagrams that contains it, and `case`."""
    own = {process: assigned(sheet) for process, sheet in sheets.items()}
    closures = [closure(process, sheets) for process in sheets]
    return {
        process: frozenset({"case"}).union(*(own[each] for c in closures if process in c for each in c))
        for process in sheets
    }


def closure(process: str, sheets: Mapping[str, Sheet]) -> set[str]:
    """The process and whatever it calls, directly or not."""
    found: set[str] = set()
    ahead = [process]
    while ahead:
        name = ahead.pop()
        if name in sheets and name not in found:
            found.add(name)
            ahead.extend(e.called for e in sheets[name].diagram.elements.values() if e.called)
    return found


def _assigned_by(sheet: Sheet, node: etree._Element) -> Iterator[str]:
    element = sheet.diagram.elements[node.get("id", "")]
    if element.kind in _OWN or element.event == "message":
        yield element.id
    if element.decision:
        yield element.decision
    yield from _targets(node)
    for operator in markup.extensions(node, spiff("serviceTaskOperator")):
        if operator.get("resultVariable"):
            yield operator.get("resultVariable", "")
    yield from _items(node)


def _targets(node: etree._Element) -> frozenset[str]:
    try:
        script = node.findtext(bpmn("script"))
        return frozenset() if script is None else parse_script(script).targets
    except ExpressionError:
        return frozenset()  # reported as a fault of the script


def _items(node: etree._Element) -> Iterator[str]:
    """What the instances of a repeated activity read and write."""
    for loop in node.findall(bpmn("multiInstanceLoopCharacteristics")):
        for tag in ("inputDataItem", "outputDataItem"):
            yield from (item.get("id", "") for item in loop.findall(bpmn(tag)))
        yield from (markup.words_of(ref) for ref in loop.findall(bpmn("loopDataOutputRef")))
