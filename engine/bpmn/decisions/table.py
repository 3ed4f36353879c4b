"""A decision table: what pages show of it, and how it decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.bpmn.decisions.cells import Cell
from engine.bpmn.decisions.column_types import shown, typed
from engine.bpmn.expressions import Expression
from engine.bpmn.values import Refusal
from engine.foundation.errors import DecisionMissed
from engine.foundation.text import Text

HitPolicy = Literal["UNIQUE", "FIRST", "COLLECT"]


class NoRow(DecisionMissed):
    """No row of the table matches."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input column; `allowed` lists the values that its cells may name, empty when any."""

    id: str
    label: Text
    expression: Expression
    type: str
    allowed: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """One output column; `name` is the key in the result."""

    id: str
    name: str
    label: Text
    type: str
    allowed: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row, counted from 1; `outputs` are JSON values, `output_texts` the cells as written."""

    number: int
    id: str
    cells: tuple[Cell, ...]
    outputs: tuple[object, ...]
    output_texts: tuple[str, ...]
    annotation: Text


@dataclass(frozen=True, slots=True)
class Example:
    """Case data and what the table must answer for it; `expect` None means that no row may match."""

    given: Mapping[str, object]
    expect: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table that can be run; `untranslated` are the ids of elements without English, for the check."""

    file: str
    id: str
    name: Text
    documentation: Text
    hit_policy: HitPolicy
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    untranslated: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names of case data that the inputs read."""
        return frozenset().union(*(column.expression.names for column in self.inputs))

    @property
    def calls(self) -> frozenset[str]:
        """The functions that the inputs call."""
        return frozenset().union(*(column.expression.calls for column in self.inputs))

    def decide(
        self,
        data: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]] | None = None,
        known: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """The outputs and `rule`, the number of the row that decided; COLLECT answers `rows` and `rules`.

        Raises DecisionMissed (NoRow) when no row matches, which COLLECT allows; DecisionMissed when several do
        under UNIQUE or a value is of another type than its column; ExpressionError when an input cannot be computed.
        """
        values = self._values(data, functions or {}, known)
        hits = [rule for rule in self.rules if all(map(Cell.matches, rule.cells, values))]
        if self.hit_policy == "COLLECT":
            return {"rows": [self._row(rule) for rule in hits], "rules": [rule.number for rule in hits]}
        if not hits:
            raise self._missed(values)
        if self.hit_policy == "UNIQUE" and len(hits) > 1:
            raise self._ambiguous(values, hits)
        return {**self._row(hits[0]), "rule": hits[0].number}

    def _values(
        self,
        data: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]],
        known: frozenset[str],
    ) -> list[object]:
        return [
            self._typed(column, column.expression.evaluate(data, functions, known=known))
            for column in self.inputs
        ]

    def _typed(self, column: Input, value: object) -> object:
        try:
            return typed(value, type_=column.type)
        except Refusal as refusal:
            raise DecisionMissed(
                Text(
                    zh="决策表“{table}”的输入“{label}”{reason}; 请修改数据或决策表。",
                    en="Decision table '{table}', input '{label}': {reason}; correct the data or the table.",
                ).format(table=self.name, label=column.label, reason=refusal.reason)
            ) from refusal

    def _row(self, rule: Rule) -> dict[str, object]:
        return {column.name: value for column, value in zip(self.outputs, rule.outputs, strict=True)}

    def _missed(self, values: list[object]) -> NoRow:
        return NoRow(
            Text(
                zh="决策表“{table}”没有适用于 {inputs} 的行; 请补充一行。",
                en="Expected a row of decision table '{table}' for {inputs}, found none; add a row.",
            ).format(table=self.name, inputs=self._shown(values))
        )

    def _ambiguous(self, values: list[object], hits: list[Rule]) -> DecisionMissed:
        return DecisionMissed(
            Text(
                zh="决策表“{table}”应只有一行适用于 {inputs}, 实际有第 {rows} 行; 请使各行互不重叠。",
                en="Expected one row of decision table '{table}' for {inputs}, found rows {rows}; make them exclusive.",
            ).format(table=self.name, inputs=self._shown(values), rows=", ".join(str(r.number) for r in hits))
        )

    def _shown(self, values: list[object]) -> Text:
        pairs = list(zip(self.inputs, values, strict=True))
        return Text(
            zh=", ".join(f"{column.label.zh} = {shown(value)}" for column, value in pairs),
            en=", ".join(f"{column.label.en} = {shown(value)}" for column, value in pairs),
        )
