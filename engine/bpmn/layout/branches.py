"""Cuts a process into branches: what hangs from the happy path, and in turn from such a branch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.bpmn.layout.graph import Graph, Link


@dataclass(frozen=True, slots=True)
class Branch:
    """Nodes drawn in line; `opened_by` leads to the first, `rejoins` from the last to a node placed before."""

    nodes: tuple[str, ...]
    opened_by: Link | None
    rejoins: Link | None


def branches_of(graph: Graph, forward: Sequence[Link], happy: Sequence[str]) -> Iterator[Branch]:
    """Everything beside the happy path, in the order in which it opens."""
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


def from_the_right(
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
