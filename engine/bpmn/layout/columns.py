"""Left to right: the happy path, which links run backwards, and the column of every node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.bpmn.layout.graph import Graph, Link


def happy_path(graph: Graph) -> list[str]:
    """The way from the start to the first end that follows the preferred links and visits nothing twice."""
    start = _starts(graph)[:1]
    found = _way_to_an_end(graph, start, set(start)) if start else []
    return found or start


def _starts(graph: Graph) -> list[str]:
    """Start events, then nodes that no link reaches, then whatever else there is, so that all are drawn."""
    reached = {link.target for link in graph.links}

    def rank(node: str) -> int:
        return 0 if graph.nodes[node].kind == "startEvent" else 1 if node not in reached else 2

    return sorted(graph.nodes, key=rank)


def _way_to_an_end(graph: Graph, path: Sequence[str], seen: set[str]) -> list[str]:
    """Depth first on a stack of its own; `seen` also holds the dead ends, which need no second visit."""
    stack = [(path[0], iter(graph.leaving(path[0])))]
    while stack:
        node, links = stack[-1]
        if graph.nodes[node].kind == "endEvent":
            return [name for name, _ in stack]
        step = next((link.target for link in links if link.target not in seen), None)
        if step is None:
            stack.pop()
        else:
            seen.add(step)
            stack.append((step, iter(graph.leaving(step))))
    return []


def forward_links(graph: Graph, happy: Iterable[str]) -> list[Link]:
    """All links but those that close a cycle, seen from the happy path."""
    backward = _closing(graph, list(happy))
    return [link for link in graph.links if link.id not in backward]


def _closing(graph: Graph, happy: list[str]) -> set[str]:
    """Depth first: a link to a node that is still being visited closes a cycle."""
    following = dict(pairwise(happy))
    state: dict[str, str] = {}
    closing: set[str] = set()
    for root in _starts(graph):
        stack = [] if root in state else [(root, iter(_ordered(graph, root, following)))]
        state.setdefault(root, "open")
        while stack:
            node, links = stack[-1]
            link = next(links, None)
            if link is None:
                state[node] = "done"
                stack.pop()
            elif state.get(link.target) == "open":
                closing.add(link.id)
            elif link.target not in state:
                state[link.target] = "open"
                stack.append((link.target, iter(_ordered(graph, link.target, following))))
    return closing


def _ordered(graph: Graph, node: str, following: dict[str, str]) -> list[Link]:
    """The happy path first, so that what leads back to it is what counts as backward."""
    return sorted(graph.leaving(node), key=lambda link: link.target != following.get(node))


def columns_of(graph: Graph, forward: Iterable[Link]) -> dict[str, int]:
    """The column of each node: one right of the last node that leads to it."""
    links = list(forward)
    columns = dict.fromkeys(graph.nodes, 0)
    for _ in graph.nodes:
        moved = False
        for link in links:
            if columns[link.target] <= columns[link.source]:
                columns[link.target] = columns[link.source] + 1
                moved = True
        if not moved:
            break
    return columns
