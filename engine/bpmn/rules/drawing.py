"""What is in the process is in the picture, at its usual size, with nothing on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.layout.graph import size_of
from engine.bpmn.layout.placing import Box
from engine.bpmn.markup import BPMNDI, DC, DI, bpmn
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text


def everything_drawn(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Each element, flow, and of several lanes each lane has its shape; no shape is left over."""
    drawn = {shape.get("bpmnElement", "") for tag in ("Shape", "Edge") for shape in _all(sheet, tag)}
    lanes = [lane.get("id", "") for lane in sheet.process.iter(bpmn("lane"))]
    expected = [*sheet.nodes, *sheet.diagram.flows, *(lanes if len(lanes) > 1 else ())]
    for name in expected:
        if name not in drawn:
            yield sheet.problem(name, "shape-missing", _MISSING)
    existing = {str(node.get("id")) for node in sheet.root.iter(f"{{{markup.BPMN}}}*") if node.get("id")}
    for name in sorted(drawn - existing):
        yield sheet.problem(name or "-", "shape-stale", _STALE, found=name or "-")


def usual_sizes(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Sizes mean nothing and so do not vary; an embedded sub-process is as large as its content."""
    for name, box in _boxes(sheet).items():
        kind = markup.kind_of(sheet.nodes[name])
        expected = size_of(kind)
        grown = kind in markup.SUB_PROCESSES and box.width >= expected.width and box.height >= expected.height
        if (box.width, box.height) != tuple(expected) and not grown:
            found, wanted = f"{box.width}x{box.height}", f"{expected.width}x{expected.height}"
            yield sheet.problem(name, "shape-size", _SIZE, expected=wanted, found=found)


def no_overlap(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Two shapes of a scope never cover each other, except a boundary event and its host."""
    boxes = _boxes(sheet)
    for scope in sheet.scopes():
        names = [n for n in boxes if sheet.nodes[n].getparent() is scope]
        for one, other in combinations(names, 2):
            attached = sheet.nodes[one].get("attachedToRef") or sheet.nodes[other].get("attachedToRef")
            if (
                boxes[one].overlaps(boxes[other])
                and attached not in {one, other}
                and not _both_attached(sheet, one, other)
            ):
                yield sheet.problem(one, "shape-overlap", _OVERLAP, other=other)


def flows_drawn(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A flow is drawn with at least two points."""
    for edge in _all(sheet, "Edge"):
        if len(edge.findall(f"{{{DI}}}waypoint")) < 2:
            yield sheet.problem(edge.get("bpmnElement", "-"), "shape-missing", _MISSING)


def _both_attached(sheet: Sheet, one: str, other: str) -> bool:
    hosts = {sheet.nodes[name].get("attachedToRef") for name in (one, other)}
    return len(hosts) == 1 and None not in hosts


def _all(sheet: Sheet, tag: str) -> Iterator[etree._Element]:
    return sheet.root.iter(f"{{{BPMNDI}}}BPMN{tag}")


def _boxes(sheet: Sheet) -> dict[str, Box]:
    shapes = ((shape.get("bpmnElement", ""), shape.find(f"{{{DC}}}Bounds")) for shape in _all(sheet, "Shape"))
    return {
        name: Box(*(round(float(bounds.get(key, "0"))) for key in ("x", "y", "width", "height")))
        for name, bounds in shapes
        if bounds is not None and name in sheet.nodes
    }


_MISSING = Text(
    zh="每个节点和连线都应画出, 但这里没有图形; 请运行 shouhou tidy。",
    en="Expected a shape for every element and flow, found none for this one; run shouhou tidy.",
)
_STALE = Text(
    zh="图形应对应流程中的元素, 但 {found} 不存在; 请运行 shouhou tidy。",
    en="Expected shapes of existing elements, found one of {found}, which is gone; run shouhou tidy.",
)
_SIZE = Text(
    zh="图形大小应为 {expected}, 实际为 {found}; 请运行 shouhou tidy。",
    en="Expected the usual size {expected}, found {found}; run shouhou tidy.",
)
_OVERLAP = Text(
    zh="图形不应重叠, 但它与 {other} 重叠; 请运行 shouhou tidy。",
    en="Expected shapes that do not overlap, found this one over {other}; run shouhou tidy.",
)
