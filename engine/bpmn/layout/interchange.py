"""Writes a picture as BPMN diagram interchange (the BPMNDI part of a file)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import quoteattr

from engine.bpmn.layout.picture import Picture
from engine.bpmn.layout.placing import Box

_LABEL_BAND, _EDGE, _LEFT = 30, 80, 60
_BEYOND_LAST = 50


def interchange(
    picture: Picture,
    *,
    process: str,
    plane: str,
    kinds: Mapping[str, str],
    pool: str | None,
    lanes: tuple[str, ...],
    others: tuple[str, ...] = (),
    declarations: str = "",
) -> str:
    """The BPMNDiagram element. `plane` is the collaboration or process, `others` the empty pools below."""
    left = _EDGE + (2 * _LABEL_BAND + _LEFT - 30 if pool and lanes else _LABEL_BAND + _LEFT if pool else 40)
    placed = picture.moved(left + 30, _EDGE)
    lines = [
        f'  <bpmndi:BPMNDiagram{declarations} id="{process}_diagram">',
        f'    <bpmndi:BPMNPlane id="{process}_plane" bpmnElement="{plane}">',
        *_frame(placed, pool, lanes, others),
        *(line for name, box in placed.shapes.items() for line in _shape(name, box, placed, kinds[name])),
        *(line for name in placed.flows for line in _flow(name, placed)),
        "    </bpmndi:BPMNPlane>",
        "  </bpmndi:BPMNDiagram>",
    ]
    return "\n".join(lines)


def _frame(
    picture: Picture, pool: str | None, lanes: tuple[str, ...], others: tuple[str, ...]
) -> Iterator[str]:
    if pool is None:
        return
    top, bottom = picture.lanes[0][0], picture.lanes[-1][1]
    margin = 0 if lanes else 30
    left = _EDGE
    bands = 2 * _LABEL_BAND if lanes else _LABEL_BAND
    width = bands + _LEFT + picture.width + _BEYOND_LAST
    yield from _box(pool, Box(left, top - margin, width, bottom - top + 2 * margin), ' isHorizontal="true"')
    for name, (lane_top, lane_bottom) in zip(lanes, picture.lanes, strict=False):
        inside = Box(left + _LABEL_BAND, lane_top, width - _LABEL_BAND, lane_bottom - lane_top)
        yield from _box(name, inside, ' isHorizontal="true"')
    for number, name in enumerate(others):
        below = Box(left, bottom + margin + 30 + 90 * number, width, 60)
        yield from _box(name, below, ' isHorizontal="true"')


def _shape(name: str, box: Box, picture: Picture, kind: str) -> Iterator[str]:
    extra = {"exclusiveGateway": ' isMarkerVisible="true"', "subProcess": ' isExpanded="true"'}.get(kind, "")
    yield from _box(name, box, extra, picture.labels.get(name))


def _box(name: str, box: Box, extra: str = "", label: Box | None = None) -> Iterator[str]:
    yield f"      <bpmndi:BPMNShape id={quoteattr(name + '_di')} bpmnElement={quoteattr(name)}{extra}>"
    yield f"        {_bounds(box)}"
    yield from _label(label)
    yield "      </bpmndi:BPMNShape>"


def _flow(name: str, picture: Picture) -> Iterator[str]:
    yield f"      <bpmndi:BPMNEdge id={quoteattr(name + '_di')} bpmnElement={quoteattr(name)}>"
    yield from (f'        <di:waypoint x="{x}" y="{y}" />' for x, y in picture.flows[name])
    yield from _label(picture.labels.get(name))
    yield "      </bpmndi:BPMNEdge>"


def _label(box: Box | None) -> Iterator[str]:
    if box is not None:
        yield "        <bpmndi:BPMNLabel>"
        yield f"          {_bounds(box)}"
        yield "        </bpmndi:BPMNLabel>"


def _bounds(box: Box) -> str:
    return f'<dc:Bounds x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" />'
