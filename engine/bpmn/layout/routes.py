"""Ways for the flows: right angles only, around the shapes, few bends, few crossings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from engine.bpmn import markup
from engine.bpmn.layout.graph import Graph, Link
from engine.bpmn.layout.grid import TRACKS, Grid, Line
from engine.bpmn.layout.traffic import Point, Traffic

EAST, SOUTH, WEST, NORTH = (1, 0), (0, 1), (-1, 0), (0, -1)
_BEND, _CROWDED, _NEVER = 50.0, 200.0, float("inf")
_COLUMN, _ROW = 150.0, 120.0
Direction = tuple[int, int]


class Port(NamedTuple):
    """Where a way may begin or end: the first point outside the shape, the direction there, and its price."""

    point: Point
    direction: Direction
    price: float


class Way(NamedTuple):
    """Points on lines of the grid from shape to shape; the outer ones lie inside the shapes."""

    link: Link
    points: tuple[Point, ...]


def ways(graph: Graph, grid: Grid, *, happy: Sequence[str], backward: Iterable[str]) -> dict[str, Way]:
    """One way per link. Everything is laid once, then each is laid again seeing all the others."""
    back = set(backward)
    traffic = Traffic()
    scale = _scale(grid)
    found: dict[str, Way] = {}
    order = sorted(graph.links, key=lambda link: _urgency(link, grid, happy, back))
    for _ in range(2):
        for link in order:
            traffic.remove(link)
            way = _way(graph, grid, link, traffic, scale, back=link.id in back)
            traffic.add(link, way.points)
            found[link.id] = way
    return found


def _urgency(link: Link, grid: Grid, happy: Sequence[str], back: set[str]) -> tuple[bool, bool, int]:
    """The happy path first, loops last, short ways before long ones."""
    (x, y), (to_x, to_y) = grid.at[link.source], grid.at[link.target]
    on_path = (link.source, link.target) in set(pairwise(happy))
    return link.id in back, not on_path or link.boundary is not None, abs(to_x - x) + 3 * abs(to_y - y)


class _Scale(NamedTuple):
    """Rough pixel positions of the lines, before the final ones are known."""

    xs: Sequence[float]
    ys: Sequence[float]
    blocked: frozenset[Point]


def _scale(grid: Grid) -> _Scale:
    blocked = {
        (x, grid.at[node][1]) for node, (first, last) in grid.span.items() for x in range(first, last + 1)
    }
    return _Scale(
        [_rough_x(line) for line in grid.xs], [_rough_y(line) for line in grid.ys], frozenset(blocked)
    )


def _rough_x(line: Line) -> float:
    if line.track is None:
        return line.place * _COLUMN + line.offset
    return (line.place - 0.5) * _COLUMN + _aside(line.track)


def _rough_y(line: Line) -> float:
    if line.track is None:
        return line.place * _ROW
    if line.place < 0:
        return (-1 - line.place) * _ROW + 50 + _aside(line.track)
    return line.place * _ROW - 50 + _aside(line.track)


def _aside(track: int) -> float:
    return (track - (TRACKS - 1) / 2) * 5


def _exits(graph: Graph, grid: Grid, link: Link, *, back: bool) -> list[Port]:
    x, y = grid.at[link.boundary or link.source]
    if link.boundary is not None:
        return [Port((x, y + 1), SOUTH, 0)]
    gateway = markup.is_gateway(graph.nodes[link.source].kind)
    sideways = 0.0 if gateway else 20.0 if back else 60.0
    crowded = _CROWDED if link.source in graph.boundaries else 0.0
    branching = gateway and link != graph.leaving(link.source)[0]
    return [
        Port((grid.span[link.source][1] + 1, y), EAST, _BEND + 10 if branching else 0),
        Port((x, y + 1), SOUTH, sideways + crowded),
        Port((x, y - 1), NORTH, sideways + (30 if gateway else 0)),
    ]


def _entries(graph: Graph, grid: Grid, link: Link, *, back: bool) -> list[Port]:
    x, y = grid.at[link.target]
    gateway = markup.is_gateway(graph.nodes[link.target].kind)
    sideways = 0.0 if gateway else 20.0 if back else 60.0
    crowded = _CROWDED if link.target in graph.boundaries else 0.0
    return [
        Port((grid.span[link.target][0] - 1, y), EAST, 0),
        Port((x, y - 1), SOUTH, sideways + (15 if gateway else 0)),
        Port((x, y + 1), NORTH, sideways + crowded),
    ]


def _way(graph: Graph, grid: Grid, link: Link, traffic: Traffic, scale: _Scale, *, back: bool) -> Way:
    exits, entries = _exits(graph, grid, link, back=back), _entries(graph, grid, link, back=back)
    found = [_search(port, entries, link, traffic, scale, grid) for port in exits]
    _, points = min(found, key=lambda item: item[0])
    return Way(link, (grid.at[link.boundary or link.source], *points, grid.at[link.target]))


_State = tuple[Point, Direction]


def _search(
    port: Port, entries: Sequence[Port], link: Link, traffic: Traffic, scale: _Scale, grid: Grid
) -> tuple[float, list[Point]]:
    """A*: the cheapest way from an exit to any entry; length, bends and the traffic's prices add up."""
    goal, side = grid.at[link.target], port.direction
    best: dict[_State, float] = {}
    came: dict[_State, _State | None] = {}
    price = port.price + _length(grid.at[link.source], port.point, scale)
    price += traffic.port_price(link, link.boundary or link.source, side, leaving=True)
    heap: list[tuple[float, float, _State, _State | None, bool]] = []
    if _free(port.point, scale):
        heappush(heap, (price, price, (port.point, side), None, False))
    while heap:
        _, cost, state, before, done = heappop(heap)
        if done:
            return cost, _trace(state, came)
        if cost >= best.get(state, _NEVER):
            continue
        best[state], came[state] = cost, before
        point, heading = state
        for entry in (entry for entry in entries if entry.point == point):
            end = cost + _arrival(link, entry, heading, traffic) + _length(point, goal, scale)
            heappush(heap, (end, end, state, before, True))
        for turn in _turns(heading):
            there = (point[0] + turn[0], point[1] + turn[1])
            step = traffic.passage_price(link, side, point, turn) if _free(there, scale) else _NEVER
            if step == _NEVER:
                continue
            total = cost + step + _turn(link, point, heading, turn, traffic) + _length(point, there, scale)
            if total < best.get((there, turn), _NEVER):
                estimate = total + _length(there, goal, scale) * 0.9
                heappush(heap, (estimate, total, (there, turn), state, False))
    return _NEVER, []


def _arrival(link: Link, entry: Port, heading: Direction, traffic: Traffic) -> float:
    price = entry.price + _turn(link, entry.point, heading, entry.direction, traffic)
    return price + traffic.port_price(link, link.target, entry.direction, leaving=False)


def _turns(heading: Direction) -> tuple[Direction, Direction, Direction]:
    return heading, (heading[1], heading[0]), (-heading[1], -heading[0])


def _turn(link: Link, point: Point, heading: Direction, turn: Direction, traffic: Traffic) -> float:
    return (_BEND if heading != turn else 0.0) + traffic.crossing_price(link, point, heading, turn)


def _free(point: Point, scale: _Scale) -> bool:
    x, y = point
    return 0 <= x < len(scale.xs) and 0 <= y < len(scale.ys) and point not in scale.blocked


def _length(one: Point, other: Point, scale: _Scale) -> float:
    return abs(scale.xs[one[0]] - scale.xs[other[0]]) + abs(scale.ys[one[1]] - scale.ys[other[1]])


def _trace(state: _State, came: Mapping[_State, _State | None]) -> list[Point]:
    points = []
    at: _State | None = state
    while at is not None:
        points.append(at[0])
        at = came[at]
    return points[::-1]
