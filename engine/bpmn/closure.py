"""A process with everything that it calls: what one run needs, parsed once and shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.decisions import DecisionTable
from engine.bpmn.diagram import Diagram
from engine.bpmn.parsing import parse_specs
from engine.bpmn.specs import CallActivity, DecisionTask, ProcessSpec
from engine.foundation.errors import DiagramFailed, Problem, ProblemsFound
from engine.foundation.text import Text, same


@dataclass(frozen=True, slots=True)
class Closure:
    """One process, the diagrams that it calls directly or indirectly, and the tables they use.

    `known` are the names that anything here may assign: such a name is null until it is assigned.
    """

    process: str
    spec: ProcessSpec
    specs: Mapping[str, ProcessSpec]
    diagrams: Mapping[str, Diagram]
    tables: Mapping[str, DecisionTable]
    known: frozenset[str]
    _flows: Mapping[tuple[str, str, str], str]

    def flow_into(self, process: str, source: str | None, target: str) -> str | None:
        """The id of the sequence flow between two elements of a diagram."""
        return None if source is None else self._flows.get((process, source, target))

    def table(self, decision: str) -> DecisionTable:
        """A decision table by its id."""
        return self.tables[decision]

    def failure(self, reason: Text, *, process: str, element: str | None) -> DiagramFailed:
        """The error to raise when a diagram cannot go on; says where in the words of the diagram."""
        diagram = self.diagrams[process]
        drawn = None if element is None else diagram.elements.get(element)
        where = (drawn.name if drawn is not None and str(drawn.name) else None) or same(element or process)
        text = Text(
            zh="流程“{process}”在“{where}”处无法继续: {reason}",
            en="the process '{process}' cannot go on at '{where}': {reason}",
        )
        name = diagram.name if str(diagram.name) else same(process)
        filled = text.format(process=name, where=where, reason=reason)
        return DiagramFailed(filled, process=process, element=element)


def close(process: str, *, diagrams: Mapping[str, Diagram], tables: Mapping[str, DecisionTable]) -> Closure:
    """The closure of a process. Raises ProblemsFound for what cannot run or is missing."""
    specs: dict[str, ProcessSpec] = {}
    ahead, members = [process], {process: diagrams[process]}
    while ahead:
        diagram = members[ahead.pop()]
        parsed = parse_specs(diagram.xml, process=diagram.process, file=diagram.file)
        specs.update(parsed)
        for name in _called(parsed, diagram, diagrams):
            if name not in members:
                members[name] = diagrams[name]
                ahead.append(name)
        _require_tables(parsed, diagram, tables)
    return Closure(
        process=process,
        spec=specs[process],
        specs=specs,
        diagrams=members,
        tables=tables,
        known=_known(specs),
        _flows={(d.process, f.source, f.target): f.id for d in members.values() for f in d.flows.values()},
    )


def _known(specs: Mapping[str, ProcessSpec]) -> frozenset[str]:
    names: frozenset[str] = frozenset({"case"})
    return names.union(*(element.sets() for spec in specs.values() for element in spec.drawn()))


def _called(
    parsed: Mapping[str, ProcessSpec], diagram: Diagram, diagrams: Mapping[str, Diagram]
) -> list[str]:
    calls = [e for spec in parsed.values() for e in spec.drawn() if isinstance(e, CallActivity)]
    for call in calls:
        if call.spec not in diagrams:
            raise _missing(diagram, call.bpmn_id, call.spec, Text(zh="流程", en="diagram"))
    return [call.spec for call in calls]


def _require_tables(
    parsed: Mapping[str, ProcessSpec], diagram: Diagram, tables: Mapping[str, DecisionTable]
) -> None:
    for element in (e for spec in parsed.values() for e in spec.drawn() if isinstance(e, DecisionTask)):
        if element.decision not in tables:
            raise _missing(diagram, element.bpmn_id, element.decision, Text(zh="决策表", en="decision table"))


def _missing(diagram: Diagram, element: str, name: str, kind: Text) -> ProblemsFound:
    text = Text(
        zh=f"应有{kind.zh}“{name}”, 但没有找到; 请添加它或修改引用。",
        en=f"Expected the {kind.en} '{name}', found none; add it or correct the reference.",
    )
    return ProblemsFound([Problem(file=diagram.file, element=element, rule="missing-reference", text=text)])
