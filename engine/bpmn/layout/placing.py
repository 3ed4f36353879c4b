"""Where the labels outside shapes go: the usual place if it is free, else the best of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.bpmn.layout.labels import Size

Pixel = tuple[int, int]


class Box(NamedTuple):
    """A rectangle in pixels, y downwards."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: Box) -> bool:
        """Whether the two share any area."""
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (beside or self.y + self.height <= other.y or other.y + other.height <= self.y)

    def moved(self, x: int, y: int) -> Box:
        """The same box elsewhere."""
        return Box(self.x + x, self.y + y, self.width, self.height)


class Surroundings:
    """What labels must keep clear of: shapes, other labels, and, if it can be had, flows."""

    def __init__(self, shapes: Iterable[Box], flows: Iterable[Sequence[Pixel]], within: Box) -> None:
        self._shapes = list(shapes)
        self._flows = [segment for points in flows for segment in map(_thin, *_pairs(points))]
        self._within = within

    def put(self, candidates: Iterable[Box]) -> Box:
        """Takes the candidate that disturbs least, the earlier one when two are alike."""
        chosen = min(enumerate(candidates), key=lambda item: (self._price(item[1]) + item[0], item[0]))[1]
        self._shapes.append(chosen)
        return chosen

    def _price(self, box: Box) -> int:
        outside = not _inside(box, self._within)
        hidden = sum(box.overlaps(shape) for shape in self._shapes)
        return 1000 * outside + 1000 * hidden + 200 * sum(box.overlaps(flow) for flow in self._flows)


def _pairs(points: Sequence[Pixel]) -> tuple[list[Pixel], list[Pixel]]:
    ends = list(pairwise(points))
    return [one for one, _ in ends], [other for _, other in ends]


def _thin(one: Pixel, other: Pixel) -> Box:
    x, y = min(one[0], other[0]), min(one[1], other[1])
    return Box(x - 2, y - 2, abs(one[0] - other[0]) + 4, abs(one[1] - other[1]) + 4)


def _inside(box: Box, around: Box) -> bool:
    right, bottom = around.x + around.width, around.y + around.height
    return (
        box.x >= around.x
        and box.y >= around.y
        and box.x + box.width <= right
        and box.y + box.height <= bottom
    )


def below_or_above(shape: Box, label: Size, *, above_first: bool) -> Iterator[Box]:
    """Places around an event (below first) or a gateway (above first), the near ones first."""
    centre = shape.x + shape.width // 2
    middle, left, right = centre - label.width // 2, centre - label.width - 6, centre + 6
    for farther in (0, 14, 28):
        above, below = shape.y - 4 - label.height - farther, shape.y + shape.height + 4 + farther
        for y in (above, below) if above_first else (below, above):
            yield from (Box(x, y, *label) for x in (middle, right, left))
    beside = (shape.x + shape.width + 4, shape.x - 4 - label.width)
    yield from (Box(x, shape.y + down, *label) for x in beside for down in (-label.height, shape.height))


def beside_attached(event: Box, label: Size) -> Iterator[Box]:
    """Places beside a boundary event, under the border of its host, else further down along its flow."""
    border = event.y + event.height // 2
    right, left = event.x + event.width + 2, event.x - 2 - label.width
    for y in (border + 4, event.y + event.height + 2):
        yield from (Box(x, y, *label) for x in (right, left))
    middle = event.x + event.width // 2
    for down in range(2, 90, 8):
        yield from (
            Box(x, event.y + event.height + down, *label) for x in (middle + 6, middle - 6 - label.width)
        )


def along(points: Sequence[Pixel], label: Size, *, level_first: bool = False) -> Iterator[Box]:
    """Places along a flow, those near its source first: above a level piece, right of an upright one."""
    pieces = sorted(pairwise(points), key=lambda ends: level_first and ends[0][1] != ends[1][1])
    for (x, y), (to_x, to_y) in pieces:
        if y == to_y:
            yield from _beside_level(x, to_x, y, label)
        else:
            yield from _beside_upright(x, y, to_y, label)


def _beside_level(x: int, to_x: int, y: int, label: Size) -> Iterator[Box]:
    step = 1 if to_x > x else -1
    start = x + 12 if step > 0 else x - 12 - label.width
    for top in (y - 3 - label.height, y + 3):
        for distance in (0, 20, 40, 80):
            if distance + label.width + 12 <= abs(to_x - x):
                yield Box(start + step * distance, top, *label)


def _beside_upright(x: int, y: int, to_y: int, label: Size) -> Iterator[Box]:
    step = 1 if to_y > y else -1
    start = y + 5 if step > 0 else y - 5 - label.height
    for distance in (0, 12, 24, 40):
        if distance == 0 or distance + label.height <= abs(to_y - y):
            yield Box(x + 5, start + step * distance, *label)
            yield Box(x - 5 - label.width, start + step * distance, *label)


def parted(points: Sequence[Pixel], other: Sequence[Pixel]) -> Sequence[Pixel]:
    """The rest of a flow after the trunk that it shares with another."""
    if points[0] != other[0]:
        return points
    together = next((i for i, (a, b) in enumerate(zip(points, other, strict=False)) if a != b), None)
    if together is None:
        return points
    root, here, there = points[together - 1], points[together], other[together]
    if _heading(root, here) != _heading(root, there):
        return points[together - 1 :]
    return points[together:] if length([root, here]) < length([root, there]) else [there, *points[together:]]


def length(points: Sequence[Pixel]) -> int:
    """Of a flow, in pixels."""
    return sum(abs(x - to_x) + abs(y - to_y) for (x, y), (to_x, to_y) in pairwise(points))


def _heading(one: Pixel, other: Pixel) -> Pixel:
    return (other[0] > one[0]) - (other[0] < one[0]), (other[1] > one[1]) - (other[1] < one[1])
