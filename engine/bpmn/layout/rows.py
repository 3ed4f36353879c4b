"""Top to bottom: the happy path keeps the first row of each lane, every branch hangs in a row below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.bpmn.layout.branches import Branch, branches_of, from_the_right
from engine.bpmn.layout.graph import Graph, Link

_BLOCKED, _CROSSED, _FAR = 1000.0, 8.0, 1.0


class Row(NamedTuple):
    """A row of a lane, both counted from 0 at the top."""

    lane: int
    number: int


class _Corridor(NamedTuple):
    """The room that a flow is likely to take: down or up a column between two rows, and along one of them."""

    column: int
    rows: tuple[Row, Row]
    level: range
    row: Row


@dataclass(slots=True)
class _Plan:
    """What is settled so far: the rows of nodes, the cells they fill, the corridors of flows."""

    graph: Graph
    columns: Mapping[str, int]
    rows: dict[str, Row] = field(default_factory=dict)
    cells: set[tuple[int, Row]] = field(default_factory=set)
    passages: set[tuple[int, Row]] = field(default_factory=set)
    drops: list[tuple[int, Row, Row]] = field(default_factory=list)

    def settle(self, nodes: Sequence[str], row: Row) -> None:
        """Puts nodes into a row; the cells between the first and the last belong to their flows."""
        self.rows.update(dict.fromkeys(nodes, row))
        self.cells.update((self.columns[node], row) for node in nodes)
        self.passages.update((column, row) for column in self.span(nodes))

    def reserve(self, corridor: _Corridor) -> None:
        """Remembers where a flow will pass."""
        self.passages.update((column, corridor.row) for column in corridor.level)
        top, bottom = sorted(corridor.rows)
        self.drops.append((corridor.column, top, bottom))

    def span(self, nodes: Sequence[str]) -> range:
        """The columns from the first to the last node."""
        return range(self.columns[nodes[0]], self.columns[nodes[-1]] + 1)

    def price(self, corridor: _Corridor) -> float:
        """What stands in the way of a flow: shapes, and with half the weight other flows."""
        top, bottom = sorted(corridor.rows)
        level = {(column, corridor.row) for column in corridor.level}
        upright = {cell for cell in self.cells if cell[0] == corridor.column and top < cell[1] < bottom}
        crossed = sum(cell in self.passages for cell in level) + self.drops_through(level)
        crossed += sum(column == corridor.column and top < row < bottom for column, row in self.passages)
        return _CROSSED * (len(level & self.cells) + len(upright)) + _CROSSED / 2 * crossed

    def drops_through(self, cells: set[tuple[int, Row]]) -> int:
        """How many flows pass the cells from above to below."""
        return sum(c == column and top < row < end for c, top, end in self.drops for column, row in cells)


def rows_of(
    graph: Graph, forward: Sequence[Link], happy: Sequence[str], columns: Mapping[str, int]
) -> dict[str, Row]:
    """The row of each node, such that no two nodes share a cell and few flows must cross one another."""
    plan = _Plan(graph, columns)
    for stretch in _stretches(graph, happy):
        plan.settle(stretch, Row(graph.nodes[stretch[0]].lane, 0))
    branches = list(branches_of(graph, forward, happy))
    for branch in from_the_right(branches, happy, columns):
        _place(plan, branch)
    return plan.rows


def _place(plan: _Plan, branch: Branch) -> None:
    """A branch that changes lanes continues in each lane in a row of its own."""
    before = branch.opened_by.source if branch.opened_by else None
    for stretch in _stretches(plan.graph, branch.nodes):
        row = min(_choices(plan, stretch, before), key=lambda r: (_cost(plan, branch, stretch, r, before), r))
        plan.settle(stretch, row)
        for corridor in _corridors(plan, branch, stretch, row, before):
            plan.reserve(corridor)
        before = stretch[-1]


def _stretches(graph: Graph, nodes: Sequence[str]) -> list[list[str]]:
    """The nodes cut where the lane changes."""
    stretches: list[list[str]] = []
    for node in nodes:
        if stretches and graph.nodes[stretches[-1][-1]].lane == graph.nodes[node].lane:
            stretches[-1].append(node)
        else:
            stretches.append([node])
    return stretches


def _choices(plan: _Plan, stretch: Sequence[str], before: str | None) -> list[Row]:
    """Rows of the lane from that of the node before on, with a new one at the end."""
    lane = plan.graph.nodes[stretch[0]].lane
    beside = before is not None and plan.rows[before].lane == lane
    first = plan.rows[before].number if beside and before is not None else 0
    used = [row.number for _, row in plan.cells if row.lane == lane]
    return [Row(lane, number) for number in range(first, max([first, *used]) + 2)]


def _cost(plan: _Plan, branch: Branch, stretch: Sequence[str], row: Row, before: str | None) -> float:
    own = {(column, row) for column in plan.span(stretch)}
    cost = _BLOCKED * len(own & plan.cells) + _CROSSED * len(own & plan.passages)
    cost += _CROSSED / 2 * plan.drops_through(own) + _FAR * row.number
    cost += sum(plan.price(corridor) for corridor in _corridors(plan, branch, stretch, row, before))
    return cost + _BLOCKED * _not_straight_on(plan, branch, stretch, row, before)


def _not_straight_on(
    plan: _Plan, branch: Branch, stretch: Sequence[str], row: Row, before: str | None
) -> bool:
    """The row of the node before is free for a branch only if nothing else goes on there."""
    if before is None or plan.rows[before] != row:
        return False
    attached = branch.opened_by is not None and branch.opened_by.boundary is not None
    between = range(plan.columns[before] + 1, plan.columns[stretch[0]])
    return (attached and stretch[0] == branch.nodes[0]) or any((c, row) in plan.passages for c in between)


def _corridors(
    plan: _Plan, branch: Branch, stretch: Sequence[str], row: Row, before: str | None
) -> Iterator[_Corridor]:
    """The way in from the node before, and for the last stretch the way back to where the branch rejoins."""
    if before is not None:
        column = plan.columns[before]
        level = range(column + (plan.rows[before] == row), plan.columns[stretch[0]])
        yield _Corridor(column, (plan.rows[before], row), level, row)
    if branch.rejoins is not None and stretch[-1] == branch.nodes[-1] and branch.rejoins.target in plan.rows:
        target = branch.rejoins.target
        level = range(plan.columns[stretch[-1]] + 1, plan.columns[target] + (plan.rows[target] != row))
        yield _Corridor(plan.columns[target], (plan.rows[target], row), level, row)
