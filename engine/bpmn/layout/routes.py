"""Ways for the flows: right angles only, around the shapes, few bends, few crossings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.bpmn import markup
from engine.bpmn.layout.graph import Graph, Link
from engine.bpmn.layout.grid import Grid
from engine.bpmn.layout.search import BEND, EAST, NEVER, NORTH, SOUTH, Port, Scale, cheapest, scale_of
from engine.bpmn.layout.traffic import Point, Traffic

_CROWDED = 200.0


class Way(NamedTuple):
    """Points on lines of the grid from shape to shape; the outer ones lie inside the shapes."""

    link: Link
    points: tuple[Point, ...]


def ways(graph: Graph, grid: Grid, *, happy: Sequence[str], backward: Iterable[str]) -> dict[str, Way]:
    """One way per link. Everything is laid once, then each is laid again seeing all the others."""
    back = set(backward)
    traffic = Traffic()
    scale = scale_of(grid)
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


def _exits(graph: Graph, grid: Grid, link: Link, *, back: bool) -> list[Port]:
    x, y = grid.at[link.boundary or link.source]
    if link.boundary is not None:
        return [Port((x, y + 1), SOUTH, 0)]
    gateway = markup.is_gateway(graph.nodes[link.source].kind)
    sideways = 0.0 if gateway else 20.0 if back else 60.0
    crowded = _CROWDED if link.source in graph.boundaries else 0.0
    branching = gateway and link != graph.leaving(link.source)[0]
    return [
        Port((grid.span[link.source][1] + 1, y), EAST, BEND + 10 if branching else 0),
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


def _way(graph: Graph, grid: Grid, link: Link, traffic: Traffic, scale: Scale, *, back: bool) -> Way:
    """The cheapest of the cheapest ways from each side; a side is given up when another is known to be cheaper."""
    start, goal = grid.at[link.boundary or link.source], grid.at[link.target]
    entries = {entry.point: entry for entry in _entries(graph, grid, link, back=back)}
    best: tuple[float, list[Point]] = (NEVER, [])
    for leaving in _exits(graph, grid, link, back=back):
        found = cheapest(
            link, leaving, entries, start=start, goal=goal, traffic=traffic, scale=scale, limit=best[0]
        )
        best = min(best, found, key=lambda each: each[0])
    assert best[1], "every shape has free tracks around it"
    return Way(link, (start, *best[1], goal))
