"""What is to be drawn: the nodes and links of one process or sub-process, freed from XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.layout.labels import NO_LABEL, Size, label_size
from engine.bpmn.markup import bpmn

EVENT, GATEWAY, TASK = Size(36, 36), Size(50, 50), Size(100, 80)


@dataclass(frozen=True, slots=True)
class Node:
    """A shape with a place of its own; `lane` counts from 0 at the top, `label` is that outside the shape."""

    id: str
    kind: str
    size: Size
    lane: int = 0
    label: Size = NO_LABEL


@dataclass(frozen=True, slots=True)
class Link:
    """A flow. One that leaves a boundary event has the host as `source` and the event as `boundary`."""

    id: str
    source: str
    target: str
    label: Size = NO_LABEL
    boundary: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything in one scope; links leaving a node are in order of preference (the default flow first)."""

    nodes: Mapping[str, Node]
    links: tuple[Link, ...]
    boundaries: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    lanes: int = 1

    def leaving(self, node: str) -> list[Link]:
        """The links from a node: its own first, then those of its boundary events."""
        return [link for link in self.links if link.source == node]


def size_of(kind: str) -> Size:
    """The default size of a shape, in pixels, as the usual modellers draw it."""
    if markup.is_event(kind):
        return EVENT
    return GATEWAY if markup.is_gateway(kind) else TASK


def graph_of(scope: etree._Element, *, expanded: Mapping[str, Size]) -> Graph:
    """The graph of a process or sub-process; `expanded` holds the sizes of the sub-processes drawn inside."""
    lanes = [_refs(lane) for lane in scope.findall(f"{bpmn('laneSet')}/{bpmn('lane')}")]
    lane_of = {ref: number for number, refs in enumerate(lanes) for ref in refs} if len(lanes) > 1 else {}
    found = [_node(node, lane_of, expanded) for node in markup.flow_nodes(scope)]
    hosts = {n.get("id", ""): n.get("attachedToRef", "") for n in scope.findall(bpmn("boundaryEvent"))}
    nodes = {node.id: node for node in found if hosts.get(node.id) not in {n.id for n in found}}
    return Graph(
        nodes=nodes,
        links=_links(scope, nodes, hosts),
        boundaries=_attached(found, nodes, hosts),
        lanes=max(len(lanes), 1),
    )


def _refs(lane: etree._Element) -> list[str]:
    return [markup.words_of(ref) for ref in lane.iter(bpmn("flowNodeRef"))]


def _node(node: etree._Element, lane_of: Mapping[str, int], expanded: Mapping[str, Size]) -> Node:
    kind, name = markup.kind_of(node), node.get("id", "")
    outside = not markup.is_activity(kind)
    return Node(
        id=name,
        kind=kind,
        size=expanded.get(name, size_of(kind)),
        lane=lane_of.get(name, 0),
        label=label_size(markup.name_of(node)) if outside else NO_LABEL,
    )


def _attached(
    found: Iterable[Node], nodes: Mapping[str, Node], hosts: Mapping[str, str]
) -> dict[str, tuple[Node, ...]]:
    events = [node for node in found if node.id not in nodes]
    return {host: attached for host in nodes if (attached := tuple(e for e in events if hosts[e.id] == host))}


def _links(scope: etree._Element, nodes: Mapping[str, Node], hosts: Mapping[str, str]) -> tuple[Link, ...]:
    defaults = {node.get("default") for node in scope if node.get("default")}
    flows = sorted(scope.findall(bpmn("sequenceFlow")), key=lambda flow: flow.get("id") not in defaults)
    links = [_link(flow, nodes, hosts) for flow in flows]
    known = [link for link in links if link.source in nodes and link.target in nodes]
    return tuple(sorted(known, key=lambda link: link.boundary is not None))


def _link(flow: etree._Element, nodes: Mapping[str, Node], hosts: Mapping[str, str]) -> Link:
    source = flow.get("sourceRef", "")
    attached = source not in nodes
    return Link(
        id=flow.get("id", ""),
        source=hosts.get(source, "") if attached else source,
        target=flow.get("targetRef", ""),
        label=label_size(markup.name_of(flow)),
        boundary=source if attached else None,
    )
