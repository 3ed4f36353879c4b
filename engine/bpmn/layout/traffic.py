"""Which flows already use a line of the grid, and what it costs another flow to meet them there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.bpmn.layout.graph import Link

Point = tuple[int, int]
_FORBIDDEN = float("inf")
_CROSSING, _TOUCHING, _OPPOSED, _SHARED = 250.0, 400.0, 600.0, 120.0


class Traffic:
    """Flows from one shape may share a trunk and flows into one shape a mouth; all others keep apart."""

    def __init__(self) -> None:
        self._segments: dict[tuple[Point, Point], list[tuple[Link, Point]]] = {}
        self._points: dict[Point, list[tuple[Link, Point, Point]]] = {}
        self._ports: dict[tuple[str, Point], list[tuple[Link, bool]]] = {}
        self._points_of: dict[str, Sequence[Point]] = {}
        self._sides: dict[str, Point] = {}

    def add(self, link: Link, points: Sequence[Point]) -> None:
        """Occupies a way; its first and last point lie inside the shapes."""
        self._points_of[link.id] = points
        self._sides[link.id] = _heading(points[0], points[1])
        inner = points[1:-1]
        headings = [_heading(a, b) for a, b in pairwise(points)]
        for index, (here, there) in enumerate(pairwise(inner)):
            self._segments.setdefault(_between(here, there), []).append((link, headings[index + 1]))
        for index, point in enumerate(inner):
            self._points.setdefault(point, []).append((link, headings[index], headings[index + 1]))
        self._ports.setdefault((link.boundary or link.source, headings[0]), []).append((link, True))
        self._ports.setdefault((link.target, _opposite(headings[-1])), []).append((link, False))

    def remove(self, link: Link) -> None:
        """Frees the way that a link had, if it had one."""
        if self._points_of.pop(link.id, None) is None:
            return
        for segment in self._segments.values():
            segment[:] = [user for user in segment if user[0].id != link.id]
        for meeting in self._points.values():
            meeting[:] = [user for user in meeting if user[0].id != link.id]
        for port in self._ports.values():
            port[:] = [user for user in port if user[0].id != link.id]

    def passage_price(self, link: Link, side: Point, point: Point, turn: Point) -> float:
        """Infinite where another flow runs on the line, unless both belong together and run the same way.

        `side` is the direction in which the link left its shape: a trunk is shared from its root on.
        """
        there = (point[0] + turn[0], point[1] + turn[1])
        for other, heading in self._segments.get(_between(point, there), ()):
            rooted = _same_source(link, other) and self._sides[other.id] == side
            if heading != turn or not (rooted or link.target == other.target):
                return _FORBIDDEN
        return 0.0

    def crossing_price(self, link: Link, point: Point, heading: Point, turn: Point) -> float:
        """The price of meeting others at a point: crossing squarely is bad, touching at a bend is worse."""
        price = 0.0
        for other, other_heading, other_turn in self._points.get(point, ()):
            straight = heading == turn and other_heading == other_turn
            square = straight and heading[0] != other_heading[0] and heading[1] != other_heading[1]
            if square:
                price += _CROSSING
            elif not _related(link, other):
                price += _TOUCHING
        return price

    def port_price(self, link: Link, shape: str, direction: Point, *, leaving: bool) -> float:
        """One side of a shape should not both receive and send flows, nor send several if another is free."""
        price = 0.0
        side = direction if leaving else _opposite(direction)
        for other, leaves in self._ports.get((shape, side), ()):
            if other.id != link.id:
                price = max(price, _OPPOSED if leaves != leaving else _SHARED * leaving)
        return price


def _heading(here: Point, there: Point) -> Point:
    return (there[0] > here[0]) - (there[0] < here[0]), (there[1] > here[1]) - (there[1] < here[1])


def _opposite(heading: Point) -> Point:
    return -heading[0], -heading[1]


def _between(one: Point, other: Point) -> tuple[Point, Point]:
    return (one, other) if one <= other else (other, one)


def _related(link: Link, other: Link) -> bool:
    return link.target == other.target or _same_source(link, other)


def _same_source(link: Link, other: Link) -> bool:
    return (link.boundary or link.source) == (other.boundary or other.source)
