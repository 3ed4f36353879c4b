"""From lines to pixels: unused tracks vanish, columns and rows get the room that shapes and labels need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.bpmn import markup
from engine.bpmn.layout.graph import Graph, Node
from engine.bpmn.layout.grid import Grid, Line
from engine.bpmn.layout.routes import Way

_GAP_X, _GAP_Y = 50, 30
_BESIDE, _TRACK = 22, 18
LANE_PADDING = 22


@dataclass(frozen=True, slots=True)
class Spacing:
    """The pixel of every line (of those in use), and top and bottom of each lane; all starts at 0."""

    xs: Mapping[int, int]
    ys: Mapping[int, int]
    width: int
    lanes: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Need:
    """What the shapes of a column or row need before and after the centre line."""

    before: int = 0
    after: int = 0

    def cover(self, before: int, after: int) -> None:
        self.before, self.after = max(self.before, before), max(self.after, after)


def spacing_of(graph: Graph, grid: Grid, ways: Iterable[Way]) -> Spacing:
    """Positions such that nothing overlaps; whole pixels, the same for the same graph."""
    found = list(ways)
    used_x, used_y = _used(found)
    xs, width = _columns(graph, grid, found, used_x)
    ys, lanes = _rows(graph, grid, used_y)
    return Spacing(xs, ys, width, lanes)


def _used(ways: Iterable[Way]) -> tuple[set[int], set[int]]:
    """Vertical lines along which a flow runs, and horizontal ones."""
    upright: set[int] = set()
    level: set[int] = set()
    for way in ways:
        for (x, y), (to_x, to_y) in pairwise(way.points):
            if x == to_x and y != to_y:
                upright.add(x)
            if y == to_y and x != to_x:
                level.add(y)
    return upright, level


def _columns(graph: Graph, grid: Grid, ways: Sequence[Way], used: set[int]) -> tuple[dict[int, int], int]:
    needs = _column_needs(graph, grid)
    widened = _room_for_answers(graph, grid, ways, needs)
    xs: dict[int, int] = {}
    edge = 0
    for column in range(max(line.place for line in grid.xs) + 1):
        tracks = [i for i, line in enumerate(grid.xs) if line.place == column and line.track is not None]
        inner = 0 < column < len(needs)
        edge = _channel(
            xs, [i for i in tracks if i in used], edge, max(_GAP_X, widened.get(column, 0)) * inner
        )
        if column < len(needs):
            centre = edge + needs[column].before
            for index, line in enumerate(grid.xs):
                if line.place == column and line.track is None:
                    xs[index] = centre + line.offset
            edge = centre + needs[column].after
    return xs, edge


def _column_needs(graph: Graph, grid: Grid) -> list[_Need]:
    needs = [_Need() for _ in range(max((line.place for line in grid.xs), default=0))]
    for node in graph.nodes.values():
        column = grid.xs[grid.at[node.id][0]].place
        half = node.size.width // 2
        beside = max(half, node.label.width // 2 - 8)
        needs[column].cover(beside, beside)
        events = graph.boundaries.get(node.id, ())
        for event in events:
            needs[column].cover(*_beside(event, grid.xs[grid.at[event.id][0]].offset, len(events)))
    return needs


def _beside(event: Node, offset: int, count: int) -> tuple[int, int]:
    """The label of a single attached event stands on its right, those of several on the outer sides."""
    label = max(0, event.label.width - 12)
    before, after = 20 - offset, 20 + offset
    return (before + label, after) if count > 1 and offset < 0 else (before, after + label)


def _room_for_answers(
    graph: Graph, grid: Grid, ways: Sequence[Way], needs: Sequence[_Need]
) -> dict[int, int]:
    """A labelled flow that goes right needs its label's width before the next column."""
    room: dict[int, int] = {}
    for way in (way for way in ways if way.link.label.width):
        x, y = way.points[0]
        straight = way.points[1][1] == y
        column = grid.xs[x].place
        inside = needs[column].after - graph.nodes[way.link.source].size.width // 2 * straight
        room[column + 1] = max(room.get(column + 1, 0), way.link.label.width + 24 - inside)
    return room


def _channel(places: dict[int, int], tracks: Sequence[int], start: int, least: int) -> int:
    """Spreads the tracks evenly between `start` and the end of the channel, which is returned."""
    if not tracks:
        return start + least
    extent = max(least, 2 * _BESIDE + _TRACK * (len(tracks) - 1))
    first = start + (extent - _TRACK * (len(tracks) - 1)) // 2
    places.update((index, first + _TRACK * number) for number, index in enumerate(tracks))
    return start + extent


def _rows(graph: Graph, grid: Grid, used: set[int]) -> tuple[dict[int, int], tuple[tuple[int, int], ...]]:
    needs = _row_needs(graph, grid)
    ys: dict[int, int] = {}
    lanes: list[tuple[int, int]] = []
    edge = top = 0
    for number, row in enumerate(grid.rows):
        opens = number == 0 or grid.rows[number - 1].lane != row.lane
        closes = number + 1 == len(grid.rows) or grid.rows[number + 1].lane != row.lane
        least = (LANE_PADDING if graph.lanes > 1 else 0) if opens else _GAP_Y
        edge = _channel(ys, _tracks(grid, number, used), edge, least)
        ys[grid.ys.index(Line(number, None))] = edge + needs[number].before
        edge += needs[number].before + needs[number].after
        if closes:
            edge = _channel(
                ys, _tracks(grid, -1 - number, used), edge, LANE_PADDING if graph.lanes > 1 else 0
            )
            lanes.append((top, edge))
            top = edge
    return ys, tuple(lanes)


def _tracks(grid: Grid, place: int, used: set[int]) -> list[int]:
    return [
        i for i, line in enumerate(grid.ys) if line.place == place and line.track is not None and i in used
    ]


def _row_needs(graph: Graph, grid: Grid) -> list[_Need]:
    needs = [_Need(30, 30) for _ in grid.rows]
    for node in graph.nodes.values():
        need = needs[grid.ys[grid.at[node.id][1]].place]
        above, below = _outside(node)
        need.cover(above, below)
        for event in graph.boundaries.get(node.id, ()):
            need.cover(0, node.size.height // 2 + max(18, event.label.height + 6))
    return needs


def _outside(node: Node) -> tuple[int, int]:
    """What a shape takes above and below its middle: events are labelled below, gateways above."""
    half = node.size.height // 2
    labelled = half + node.label.height + 6 if node.label.height else half
    return (labelled, half) if markup.is_gateway(node.kind) else (half, labelled)
