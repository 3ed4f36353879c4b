"""The finished drawing of a scope: boxes of shapes and labels, points of flows, sub-processes inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.layout import placing
from engine.bpmn.layout.columns import columns_of, forward_links, happy_path
from engine.bpmn.layout.graph import EVENT, Graph, Link, graph_of
from engine.bpmn.layout.grid import Grid, grid_of
from engine.bpmn.layout.labels import Size
from engine.bpmn.layout.placing import Box, Pixel, Surroundings
from engine.bpmn.layout.routes import Way, ways
from engine.bpmn.layout.rows import rows_of
from engine.bpmn.layout.spacing import Spacing, spacing_of

_HEADER, _MARGIN = 34, 24


@dataclass(frozen=True, slots=True)
class Picture:
    """Where everything is, in pixels from the upper left corner. `lanes` are (top, bottom)."""

    width: int
    height: int
    shapes: dict[str, Box] = field(default_factory=dict)
    flows: dict[str, tuple[Pixel, ...]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    lanes: tuple[tuple[int, int], ...] = ()

    def moved(self, x: int, y: int) -> Picture:
        """The same picture elsewhere."""
        return Picture(
            width=self.width,
            height=self.height,
            shapes={name: box.moved(x, y) for name, box in self.shapes.items()},
            flows={name: tuple((px + x, py + y) for px, py in ps) for name, ps in self.flows.items()},
            labels={name: box.moved(x, y) for name, box in self.labels.items()},
            lanes=tuple((top + y, bottom + y) for top, bottom in self.lanes),
        )


def draw(scope: etree._Element) -> Picture:
    """Lays out a process or sub-process; what lies in its sub-processes is laid out first."""
    inside = {
        node.get("id", ""): draw(node)
        for node in markup.flow_nodes(scope)
        if markup.kind_of(node) in markup.SUB_PROCESSES
    }
    graph = graph_of(scope, expanded={name: _around(picture) for name, picture in inside.items()})
    picture = _draw(graph)
    for name, inner in inside.items():
        _insert(picture, inner, picture.shapes[name])
    return picture


def _around(inner: Picture) -> Size:
    """Room for the content, the name above it and a margin; even, so that the middle is a whole pixel."""
    width, height = inner.width + 2 * _MARGIN, inner.height + _HEADER + _MARGIN
    return Size(max(140, width + width % 2), max(80, height + height % 2))


def _insert(picture: Picture, inner: Picture, box: Box) -> None:
    placed = inner.moved(box.x + _MARGIN, box.y + _HEADER)
    picture.shapes.update(placed.shapes)
    picture.flows.update(placed.flows)
    picture.labels.update(placed.labels)


def _draw(graph: Graph) -> Picture:
    if not graph.nodes:
        return Picture(100, 80, lanes=((0, 80),) * graph.lanes)
    happy = happy_path(graph)
    forward = forward_links(graph, happy)
    columns = columns_of(graph, forward)
    grid = grid_of(graph, columns, rows_of(graph, forward, happy, columns))
    backward = {link.id for link in graph.links} - {link.id for link in forward}
    found = ways(graph, grid, happy=happy, backward=backward)
    spacing = spacing_of(graph, grid, found.values())
    return _picture(graph, grid, found, spacing)


def _picture(graph: Graph, grid: Grid, found: Mapping[str, Way], spacing: Spacing) -> Picture:
    shapes = dict(_shapes(graph, grid, spacing))
    flows = {link.id: _points(found[link.id], shapes, spacing) for link in graph.links}
    bottom = spacing.lanes[-1][1]
    around = Box(-30, -30, spacing.width + 60, bottom + 60)
    surroundings = Surroundings(shapes.values(), flows.values(), around)
    labels = dict(_labels(graph, shapes, flows, surroundings))
    return Picture(spacing.width, bottom, shapes, flows, labels, spacing.lanes)


def _shapes(graph: Graph, grid: Grid, spacing: Spacing) -> Iterator[tuple[str, Box]]:
    for node in graph.nodes.values():
        x, y = grid.at[node.id]
        box = _centred(spacing.xs[x], spacing.ys[y], node.size)
        yield node.id, box
        for event in graph.boundaries.get(node.id, ()):
            yield event.id, _centred(spacing.xs[grid.at[event.id][0]], box.y + box.height, EVENT)


def _centred(x: int, y: int, size: Size) -> Box:
    return Box(x - size.width // 2, y - size.height // 2, *size)


def _points(way: Way, shapes: Mapping[str, Box], spacing: Spacing) -> tuple[Pixel, ...]:
    """The bends of a way in pixels, from border to border."""
    corners = _corners(way.points)
    pixels = [(_at(spacing.xs, x), _at(spacing.ys, y)) for x, y in corners]
    source, target = shapes[way.link.boundary or way.link.source], shapes[way.link.target]
    pixels[0] = _border(source, corners[0], corners[1])
    pixels[-1] = _border(target, corners[-1], corners[-2])
    return tuple(pixels)


def _at(places: Mapping[int, int], line: int) -> int:
    return places.get(line, 0)


def _corners(points: Sequence[Pixel]) -> list[Pixel]:
    kept = [points[0]]
    for (before, here), (_, after) in pairwise(pairwise(points)):
        straight = before[0] == here[0] == after[0] or before[1] == here[1] == after[1]
        if not straight:
            kept.append(here)
    return [*kept, points[-1]]


def _border(box: Box, inside: Pixel, outside: Pixel) -> Pixel:
    """The middle of the side of a shape that faces the next point of a way."""
    middle = box.x + box.width // 2, box.y + box.height // 2
    if inside[1] == outside[1]:
        return (box.x + box.width if outside[0] > inside[0] else box.x), middle[1]
    return middle[0], (box.y + box.height if outside[1] > inside[1] else box.y)


def _labels(
    graph: Graph, shapes: Mapping[str, Box], flows: Mapping[str, Sequence[Pixel]], around: Surroundings
) -> Iterator[tuple[str, Box]]:
    for node in graph.nodes.values():
        if node.label.width:
            above = markup.is_gateway(node.kind)
            spots = placing.below_or_above(shapes[node.id], node.label, above_first=above)
            yield node.id, around.put(spots)
    for event in (event for events in graph.boundaries.values() for event in events):
        if event.label.width:
            yield event.id, around.put(placing.beside_attached(shapes[event.id], event.label))
    for link in graph.links:
        if link.label.width:
            own = _own_part(link, graph, flows)
            alone = placing.along(own, link.label, level_first=own is not flows[link.id])
            spots = chain(alone, placing.along(flows[link.id], link.label))
            yield link.id, around.put(spots)


def _own_part(link: Link, graph: Graph, flows: Mapping[str, Sequence[Pixel]]) -> Sequence[Pixel]:
    """The points of a flow from where it parts from the others that leave the same shape."""
    others = (o for o in graph.links if (o.boundary or o.source) == (link.boundary or link.source))
    parts = [placing.parted(flows[link.id], flows[other.id]) for other in others if other != link]
    return min(parts, key=placing.length, default=flows[link.id])
