"""Top to bottom: the happy path keeps the first row of each lane, every branch hangs in a row below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.bpmn.layout.graph import Graph, Link

_BLOCKED, _CROSSED, _FAR = 1000.0, 8.0, 1.0


class Row(NamedTuple):
    """A row of a lane, both counted from 0 at the top."""

    lane: int
    number: int


@dataclass(frozen=True, slots=True)
class Branch:
    """Nodes drawn in line; `opened_by` leads to the first, `rejoins` leads from the last to a node placed before."""

    nodes: tuple[str, ...]
    opened_by: Link | None
    rejoins: Link | None


@dataclass(slots=True)
class _Plan:
    """What is occupied so far: cells by nodes, cells by flows that pass."""

    graph: Graph
    columns: Mapping[str, int]
    rows: dict[str, Row] = field(default_factory=dict)
    cells: set[tuple[int, Row]] = field(default_factory=set)
    passages: set[tuple[int, Row]] = field(default_factory=set)


def rows_of(
    graph: Graph, forward: Sequence[Link], happy: Sequence[str], columns: Mapping[str, int]
) -> dict[str, Row]:
    """The row of each node, such that no two nodes share a cell and few flows must cross one another."""
    plan = _Plan(graph, columns)
    for node in happy:
        _settle(plan, [node], Row(graph.nodes[node].lane, 0))
    branches = list(_branches(graph, forward, happy))
    for branch in _from_the_right(branches, happy, columns):
        _place(plan, branch)
    return plan.rows


def _branches(graph: Graph, forward: Sequence[Link], happy: Sequence[str]) -> Iterator[Branch]:
    """Cuts what is not on the happy path into branches, in the order in which they open."""
    taken = set(happy)
    waiting = list(happy)
    for node in waiting:
        for link in (link for link in forward if link.source == node and link.target not in taken):
            if link.target not in taken:
                branch = _branch(link.target, link, forward, taken)
                waiting.extend(branch.nodes)
                yield branch
    for node in graph.nodes:
        if node not in taken:
            yield _branch(node, None, forward, taken)


def _branch(first: str, opened_by: Link | None, forward: Sequence[Link], taken: set[str]) -> Branch:
    nodes = [first]
    taken.add(first)
    rejoins = None
    while True:
        ahead = [link for link in forward if link.source == nodes[-1] and link.boundary is None]
        step = next((link for link in ahead if link.target not in taken), None)
        if step is None:
            rejoins = next(iter(ahead), None)
            return Branch(tuple(nodes), opened_by, rejoins)
        taken.add(step.target)
        nodes.append(step.target)


def _from_the_right(
    branches: Sequence[Branch], happy: Sequence[str], columns: Mapping[str, int]
) -> Iterator[Branch]:
    """Branches of one stem in the order that nests them: the last to open lies closest to the stem."""

    def of(stem: Iterable[str]) -> Iterator[Branch]:
        inside = set(stem)
        opening = [b for b in branches if b.opened_by is not None and b.opened_by.source in inside]
        for branch in sorted(opening, key=lambda b: -columns[b.opened_by.source] if b.opened_by else 0):
            yield branch
            yield from of(branch.nodes)

    yield from of(happy)
    for branch in (b for b in branches if b.opened_by is None):
        yield branch
        yield from of(branch.nodes)


def _place(plan: _Plan, branch: Branch) -> None:
    """A branch that changes lanes continues in each lane in a row of its own."""
    before = branch.opened_by.source if branch.opened_by else None
    for stretch in _stretches(plan.graph, branch.nodes):
        row = min(_choices(plan, stretch, before), key=lambda r: (_cost(plan, stretch, r, before, branch), r))
        _settle(plan, stretch, row)
        _pass(plan, stretch, row, before)
        before = stretch[-1]
    _pass_back(plan, branch)


def _stretches(graph: Graph, nodes: Sequence[str]) -> list[list[str]]:
    stretches: list[list[str]] = []
    for node in nodes:
        same = bool(stretches) and graph.nodes[stretches[-1][-1]].lane == graph.nodes[node].lane
        stretches[-1:] = [[*stretches[-1], node]] if same else [*stretches[-1:], [node]]
    return stretches


def _choices(plan: _Plan, stretch: Sequence[str], before: str | None) -> list[Row]:
    lane = plan.graph.nodes[stretch[0]].lane
    used = [row.number for _, row in plan.cells if row.lane == lane]
    above = before is not None and plan.rows[before].lane == lane
    first = plan.rows[before].number + 1 if above and before is not None else 0
    return [Row(lane, number) for number in range(first, max([first, *(n + 2 for n in used)]) + 1)]


def _cost(plan: _Plan, stretch: Sequence[str], row: Row, before: str | None, branch: Branch) -> float:
    own = [(column, row) for column in _span(plan, stretch)]
    cost = _BLOCKED * sum(cell in plan.cells for cell in own)
    cost += _CROSSED * sum(cell in plan.passages for cell in own)
    cost += _FAR * row.number
    if before is not None:
        cost += _corridor_cost(plan, _way_in(plan, stretch, row, before))
        cost += _FAR * abs(row.lane - plan.rows[before].lane)
    if branch.rejoins is not None and stretch[-1] == branch.nodes[-1]:
        cost += _corridor_cost(plan, _way_out(plan, stretch[-1], row, branch.rejoins.target))
    return cost


def _corridor_cost(plan: _Plan, cells: Iterable[tuple[int, Row]]) -> float:
    passed = list(cells)
    blocked = sum(cell in plan.cells for cell in passed)
    return _CROSSED * blocked + _CROSSED / 2 * sum(cell in plan.passages for cell in passed)


def _span(plan: _Plan, nodes: Sequence[str]) -> range:
    return range(plan.columns[nodes[0]], plan.columns[nodes[-1]] + 1)


def _way_in(plan: _Plan, stretch: Sequence[str], row: Row, before: str) -> Iterator[tuple[int, Row]]:
    """Down (or up) in the column of the node before, then along the row."""
    column = plan.columns[before]
    yield from ((column, between) for between in _rows_between(plan, plan.rows[before], row))
    yield from ((passed, row) for passed in range(column, plan.columns[stretch[0]]))


def _way_out(plan: _Plan, last: str, row: Row, target: str) -> Iterator[tuple[int, Row]]:
    """Along the row to the column of the target, then to the target's row."""
    if target not in plan.rows:
        return
    column = plan.columns[target]
    yield from ((passed, row) for passed in range(plan.columns[last] + 1, column + 1))
    yield from ((column, between) for between in _rows_between(plan, plan.rows[target], row))


def _rows_between(plan: _Plan, one: Row, other: Row) -> list[Row]:
    top, bottom = sorted([one, other])
    return sorted({row for _, row in plan.cells if top < row < bottom})


def _settle(plan: _Plan, nodes: Sequence[str], row: Row) -> None:
    for node in nodes:
        plan.rows[node] = row
        plan.cells.add((plan.columns[node], row))


def _pass(plan: _Plan, stretch: Sequence[str], row: Row, before: str | None) -> None:
    plan.passages.update((column, row) for column in _span(plan, stretch))
    if before is not None:
        plan.passages.update(_way_in(plan, stretch, row, before))


def _pass_back(plan: _Plan, branch: Branch) -> None:
    if branch.rejoins is not None:
        last = branch.nodes[-1]
        plan.passages.update(_way_out(plan, last, plan.rows[last], branch.rejoins.target))
