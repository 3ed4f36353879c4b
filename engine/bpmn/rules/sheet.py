"""What a rule looks at: one diagram with its XML, and the files around it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.decisions import DecisionTable
from engine.bpmn.diagram import Diagram, read_diagram
from engine.bpmn.markup import bpmn
from engine.bpmn.safe_xml import parse_xml
from engine.foundation.errors import Problem
from engine.foundation.text import Text

ROUTED = frozenset({"exclusiveGateway", "parallelGateway", "eventBasedGateway"})
"""The gateways that the engine runs."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A diagram that can be read. `nodes` are its flow nodes by id, those of sub-processes included."""

    diagram: Diagram
    root: etree._Element
    process: etree._Element
    nodes: Mapping[str, etree._Element]

    def problem(self, element: str, rule: str, text: Text, **values: object) -> Problem:
        """A fault of this file; `values` fill the placeholders of `text`."""
        return Problem(file=self.diagram.file, element=element, rule=rule, text=text.format(**values))

    def scopes(self) -> Iterator[etree._Element]:
        """The process and every sub-process inside."""
        yield self.process
        yield from (node for node in self.nodes.values() if markup.kind_of(node) in markup.SUB_PROCESSES)


@dataclass(frozen=True, slots=True)
class World:
    """The files of a release beside the diagram at hand.

    `processes` and `decisions` are all that exist by file name, readable or not; `known` are the names that
    anything in the same closure assigns, by process; `messages` are the placeholders of each text.
    """

    sheets: Mapping[str, Sheet]
    tables: Mapping[str, DecisionTable]
    processes: Collection[str]
    decisions: Collection[str]
    forms: Collection[str]
    messages: Mapping[str, Collection[str]]
    groups: Collection[str]
    known: Mapping[str, Collection[str]]


Rule = Callable[[Sheet, World], Iterator[Problem]]


def read_sheet(xml: bytes, *, file: str) -> Sheet:
    """A diagram with its XML. Raises ProblemsFound when it cannot be read."""
    diagram = read_diagram(xml, file=file)
    root = parse_xml(xml, file=file)
    process = root.find(bpmn("process"))
    assert process is not None, "read_diagram refuses a file without a process"
    nodes = {node.get("id", ""): node for node in process.iter() if markup.is_flow_node(node)}
    return Sheet(diagram, root, process, nodes)
