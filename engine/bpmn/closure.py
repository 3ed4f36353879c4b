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

    `known` are the names that anything here, or a caller of it, may assign: such a name is null until then.
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


class Shelf:
    """The diagrams and tables of a library; each diagram is parsed on first use and shared by all closures."""

    def __init__(self, diagrams: Mapping[str, Diagram], tables: Mapping[str, DecisionTable]) -> None:
        self._diagrams = diagrams
        self._tables = tables
        self._parsed: dict[str, dict[str, ProcessSpec]] = {}

    def close(self, process: str) -> Closure:
        """The closure of a process. Raises ProblemsFound for what cannot run or is missing."""
        members = {name: self._diagrams[name] for name in self._reached(process)}
        specs = {name: spec for member in members for name, spec in self._specs(member).items()}
        return Closure(
            process=process,
            spec=specs[process],
            specs=specs,
            diagrams=members,
            tables=self._tables,
            known=self._known(process),
            _flows={
                (d.process, f.source, f.target): f.id for d in members.values() for f in d.flows.values()
            },
        )

    def _reached(self, process: str) -> list[str]:
        """The process and whatever it calls, directly or not."""
        found: dict[str, None] = {}
        ahead = [process]
        while ahead:
            name = ahead.pop()
            if name in self._diagrams and name not in found:
                found[name] = None
                ahead += [e.called for e in self._diagrams[name].elements.values() if e.called]
        return list(found)

    def _specs(self, process: str) -> dict[str, ProcessSpec]:
        if process not in self._parsed:
            diagram = self._diagrams[process]
            parsed = parse_specs(diagram.xml, process=process, file=diagram.file)
            _require_calls(parsed, diagram, self._diagrams)
            _require_tables(parsed, diagram, self._tables)
            self._parsed[process] = parsed
        return self._parsed[process]

    def _known(self, process: str) -> frozenset[str]:
        """The names assigned by the process, by what it calls, and by what may call it."""
        families = [family for name in self._diagrams if process in (family := self._reached(name))]
        names: frozenset[str] = frozenset({"case"})
        return names.union(*(self._assigned(name) for name in {n for family in families for n in family}))

    def _assigned(self, process: str) -> frozenset[str]:
        try:
            elements = [element for spec in self._specs(process).values() for element in spec.drawn()]
        except ProblemsFound:
            return frozenset()  # a caller that cannot run does not run, and is reported where it is asked for
        return frozenset(name for element in elements for name in element.sets())


def _require_calls(
    parsed: Mapping[str, ProcessSpec], diagram: Diagram, diagrams: Mapping[str, Diagram]
) -> None:
    for call in (e for spec in parsed.values() for e in spec.drawn() if isinstance(e, CallActivity)):
        if call.spec not in diagrams:
            raise _missing(diagram, call.bpmn_id, call.spec, Text(zh="流程", en="diagram"))


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
