"""The cheapest way through the grid from one side of a shape to another shape: A*."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from engine.bpmn.layout.graph import Link
from engine.bpmn.layout.grid import TRACKS, Grid, Line
from engine.bpmn.layout.traffic import Point, Traffic

Direction = tuple[int, int]
EAST: Direction = (1, 0)
SOUTH: Direction = (0, 1)
WEST: Direction = (-1, 0)
NORTH: Direction = (0, -1)
BEND, NEVER = 50.0, float("inf")
_COLUMN, _ROW = 150.0, 120.0
_TURNS: Mapping[Direction, tuple[Direction, ...]] = {
    EAST: (EAST, SOUTH, NORTH),
    SOUTH: (SOUTH, EAST, WEST),
    WEST: (WEST, SOUTH, NORTH),
    NORTH: (NORTH, EAST, WEST),
}
_State = tuple[Point, Direction]


class Port(NamedTuple):
    """Where a way may begin or end: the first point outside the shape, the direction there, and its price."""

    point: Point
    direction: Direction
    price: float


class Scale(NamedTuple):
    """Rough pixel positions of the lines, before the final ones are known, and the points inside shapes."""

    xs: Sequence[float]
    ys: Sequence[float]
    blocked: frozenset[Point]


def scale_of(grid: Grid) -> Scale:
    """The scale of a grid."""
    blocked = {
        (x, grid.at[node][1]) for node, (first, last) in grid.span.items() for x in range(first, last + 1)
    }
    return Scale(
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


def cheapest(
    link: Link,
    leaving: Port,
    entries: Mapping[Point, Port],
    *,
    start: Point,
    goal: Point,
    traffic: Traffic,
    scale: Scale,
    limit: float,
) -> tuple[float, list[Point]]:
    """Price and points of the cheapest way; an infinite price when there is none below `limit`.

    The price adds length in rough pixels, bends, the ports and what the traffic asks.
    """
    source = link.boundary or link.source
    price = leaving.price + _length(start, leaving.point, scale)
    price += traffic.port_price(link, source, leaving.direction, leaving=True)
    best: dict[_State, float] = {}
    came: dict[_State, _State | None] = {}
    heap: list[tuple[float, float, _State, _State | None, bool]] = []
    if leaving.point not in scale.blocked:
        heappush(heap, (price, price, (leaving.point, leaving.direction), None, False))
    while heap:
        estimate, cost, state, before, done = heappop(heap)
        if estimate >= limit:
            break
        if done:
            return cost, _trace(state, came)
        if cost >= best.get(state, NEVER):
            continue
        best[state], came[state] = cost, before
        if state[0] in entries:
            end = cost + _arrival(link, entries[state[0]], state[1], goal, traffic, scale)
            heappush(heap, (end, end, state, before, True))
        for reached, step in _onward(link, leaving.direction, state, traffic, scale):
            total = cost + step
            if total < best.get(reached, NEVER):
                heappush(heap, (total + _at_least(*reached, goal, scale), total, reached, state, False))
    return NEVER, []


def _onward(
    link: Link, side: Direction, state: _State, traffic: Traffic, scale: Scale
) -> Iterator[tuple[_State, float]]:
    """The neighbouring points with the price of going there."""
    (x, y), heading = state
    for turn in _TURNS[heading]:
        there = (x + turn[0], y + turn[1])
        yield (there, turn), _step(link, side, state, turn, there, traffic, scale)


def _step(
    link: Link, side: Direction, state: _State, turn: Direction, there: Point, traffic: Traffic, scale: Scale
) -> float:
    """The price of going on to a neighbouring point, infinite when the way is not free."""
    point, heading = state
    x, y = there
    if not (0 <= x < len(scale.xs) and 0 <= y < len(scale.ys)) or there in scale.blocked:
        return NEVER
    price = traffic.passage_price(link, side, point, turn)
    if price == NEVER:
        return NEVER
    bend = BEND if heading != turn else 0.0
    length = abs(scale.xs[x] - scale.xs[point[0]]) + abs(scale.ys[y] - scale.ys[point[1]])
    return price + bend + length + traffic.crossing_price(link, point, heading, turn)


def _arrival(
    link: Link, entry: Port, heading: Direction, goal: Point, traffic: Traffic, scale: Scale
) -> float:
    bend = BEND if heading != entry.direction else 0.0
    price = entry.price + bend + _length(entry.point, goal, scale)
    price += traffic.crossing_price(link, entry.point, heading, entry.direction)
    return price + traffic.port_price(link, link.target, entry.direction, leaving=False)


def _at_least(point: Point, heading: Direction, goal: Point, scale: Scale) -> float:
    """What any way to the goal still costs: its length, and a bend unless the goal lies straight ahead."""
    dx, dy = scale.xs[goal[0]] - scale.xs[point[0]], scale.ys[goal[1]] - scale.ys[point[1]]
    ahead = dx * heading[0] + dy * heading[1]
    aside = dx * heading[1] + dy * heading[0]
    bends = 0 if aside == 0 and ahead >= 0 else 1 if ahead >= 0 else 2
    return abs(dx) + abs(dy) + BEND * (bends if heading != WEST else 1)


def _length(one: Point, other: Point, scale: Scale) -> float:
    return abs(scale.xs[one[0]] - scale.xs[other[0]]) + abs(scale.ys[one[1]] - scale.ys[other[1]])


def _trace(state: _State, came: Mapping[_State, _State | None]) -> list[Point]:
    points = []
    at: _State | None = state
    while at is not None:
        points.append(at[0])
        at = came[at]
    return points[::-1]
