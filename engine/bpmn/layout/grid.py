"""The lines on which shapes stand and flows run: a centre line per column and row, tracks between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.bpmn.layout.graph import Graph, Node
from engine.bpmn.layout.rows import Row

TRACKS = 4
_SPREAD = {1: (-25,), 2: (-25, 25), 3: (-40, 0, 40)}


@dataclass(frozen=True, slots=True)
class Line:
    """A vertical line of a column or a horizontal line of a row; `track` is None for lines through shapes.

    `offset` is the distance in pixels from the centre line, for lines through boundary events.
    """

    place: int
    track: int | None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """All lines in order, and where each node and boundary event stands on them (as indexes of lines)."""

    xs: tuple[Line, ...]
    ys: tuple[Line, ...]
    rows: tuple[Row, ...]
    at: Mapping[str, tuple[int, int]]
    span: Mapping[str, tuple[int, int]]


def grid_of(graph: Graph, columns: Mapping[str, int], rows: Mapping[str, Row]) -> Grid:
    """The lines for nodes in the given columns and rows; tracks that stay empty cost nothing later."""
    ordered = tuple(sorted({*rows.values(), *(Row(lane, 0) for lane in range(graph.lanes))}))
    offsets = attachment_offsets(graph, rows)
    xs = _vertical(graph, columns, offsets)
    ys = _horizontal(ordered)
    at: dict[str, tuple[int, int]] = {}
    for node, column in columns.items():
        y = ys.index(Line(ordered.index(rows[node]), None))
        at[node] = (xs.index(Line(column, None)), y)
        for event in graph.boundaries.get(node, ()):
            at[event.id] = (xs.index(Line(column, None, offsets[event.id])), y)
    return Grid(xs, ys, ordered, at, {node: _extent(xs, column) for node, column in columns.items()})


def attachment_offsets(graph: Graph, rows: Mapping[str, Row]) -> dict[str, int]:
    """How far each boundary event stands from the middle of its host; the deepest target on the left."""
    offsets: dict[str, int] = {}
    for host, events in graph.boundaries.items():
        ordered = sorted(events, key=lambda event: _depth(graph, event, rows), reverse=True)
        offsets.update(zip((e.id for e in ordered), _spread(graph.nodes[host], len(ordered)), strict=True))
    return offsets


def _depth(graph: Graph, event: Node, rows: Mapping[str, Row]) -> Row:
    return max((rows[link.target] for link in graph.links if link.boundary == event.id), default=Row(-1, 0))


def _spread(host: Node, count: int) -> Sequence[int]:
    """Up to three fit under a task; more, or a wide sub-process, are spread evenly."""
    if count in _SPREAD and host.size.width <= 100:
        return _SPREAD[count]
    step = max(40, min(120, host.size.width // (count + 1)))
    return tuple(round(step * (number - (count - 1) / 2)) for number in range(count))


def _vertical(graph: Graph, columns: Mapping[str, int], offsets: Mapping[str, int]) -> tuple[Line, ...]:
    lines: list[Line] = []
    last = max(columns.values(), default=0)
    for column in range(last + 1):
        hosts = [node for node in graph.boundaries if columns[node] == column]
        through = {0} | {offsets[event.id] for host in hosts for event in graph.boundaries[host]}
        lines += [Line(column, track) for track in range(TRACKS)]
        lines += [Line(column, None, offset) for offset in sorted(through)]
    return (*lines, *(Line(last + 1, track) for track in range(TRACKS)))


def _horizontal(rows: Sequence[Row]) -> tuple[Line, ...]:
    """Tracks above each row and, at the end of a lane, below its last row (the place `-1 - row`)."""
    lines: list[Line] = []
    for number, row in enumerate(rows):
        lines += [Line(number, track) for track in range(TRACKS)]
        lines.append(Line(number, None))
        if number + 1 == len(rows) or rows[number + 1].lane != row.lane:
            lines += [Line(-1 - number, track) for track in range(TRACKS)]
    return tuple(lines)


def _extent(xs: Sequence[Line], column: int) -> tuple[int, int]:
    """The first and last line of a column's shapes."""
    places = [index for index, line in enumerate(xs) if line.place == column and line.track is None]
    return places[0], places[-1]
