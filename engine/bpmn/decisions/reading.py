"""From DMN 1.3 XML to a decision table that can be run; every fault that prevents it is listed at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar, cast, get_args

from lxml import etree

from engine.bpmn.decisions.cell_grammar import CellRefused, parse_cell, parse_literals, parse_output
from engine.bpmn.decisions.cells import Cell
from engine.bpmn.decisions.column_types import TYPES, plain
from engine.bpmn.decisions.table import DecisionTable, Example, HitPolicy, Input, Output, Rule
from engine.bpmn.expressions import Expression, ExpressionError, parse_expression
from engine.bpmn.safe_xml import parse_xml
from engine.bpmn.values import Refusal, copied
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.text import Text

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMNDI = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
I18N = "http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0"
SHOUHOU = "urn:shouhou:dmn"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_IN_DECISION = {"description", "extensionElements", "variable", "decisionTable"}
_RESERVED = {"rule", "rows", "rules"}
T = TypeVar("T")


def read_table(xml: bytes, *, file: str) -> DecisionTable:
    """The only decision table of a DMN 1.3 file.

    Raises ProblemsFound with every fault that prevents running it: structure, hit policy, column types,
    expressions, cells, literals, examples that are no JSON. What else is wrong, `check_table` tells.
    """
    reader = _Reader(file)
    table = reader.read(parse_xml(xml, file=file))
    if reader.problems or table is None:
        raise ProblemsFound(reader.problems)
    return table


class _Reader:
    """Reads on after a fault, so that the owner sees all of them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.untranslated: list[str] = []

    def read(self, root: etree._Element) -> DecisionTable | None:
        decision = self._decision(root)
        table = None if decision is None else decision.find(_dmn("decisionTable"))
        if decision is None or table is None:
            self._problem("-", "dmn-structure", _ONE_TABLE)
            return None
        self._refuse_strangers(decision)
        return self._table(decision, table)

    def _decision(self, root: etree._Element) -> etree._Element | None:
        if root.tag != _dmn("definitions"):
            self._problem("-", "dmn-structure", _NO_DMN.format(tag=root.tag))
            return None
        own = [node for node in root if not str(node.tag).startswith(f"{{{DMNDI}}}")]
        found = [node for node in own if node.tag == _dmn("decision")]
        return found[0] if len(found) == 1 and len(own) == 1 else None

    def _refuse_strangers(self, decision: etree._Element) -> None:
        for node in decision:
            if etree.QName(node).localname not in _IN_DECISION:
                self._problem(
                    decision.get("id", "-"),
                    "dmn-structure",
                    _STRANGER.format(tag=etree.QName(node).localname),
                )

    def _table(self, decision: etree._Element, table: etree._Element) -> DecisionTable:
        inputs = [self._input(node) for node in table.findall(_dmn("input"))]
        outputs = [self._output(node) for node in table.findall(_dmn("output"))]
        self._check_columns(decision.get("id", "-"), outputs)
        return DecisionTable(
            file=self.file,
            id=decision.get("id", ""),
            name=self._words(decision, decision.get("name", ""), "name"),
            documentation=self._words(decision, _text(decision, "description"), "documentation"),
            hit_policy=self._hit_policy(table),
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            rules=tuple(
                self._rule(node, number, inputs, outputs)
                for number, node in enumerate(table.findall(_dmn("rule")), start=1)
            ),
            examples=self._examples(decision),
            untranslated=tuple(self.untranslated),
        )

    def _check_columns(self, decision: str, outputs: list[Output]) -> None:
        names = [output.name for output in outputs]
        if not names or len(set(names)) != len(names):
            self._problem(decision, "dmn-output", _OUTPUTS)

    def _hit_policy(self, table: etree._Element) -> HitPolicy:
        policy = table.get("hitPolicy", "UNIQUE")
        if policy not in get_args(HitPolicy) or table.get("aggregation"):
            found = f"{policy} {table.get('aggregation', '')}".strip()
            self._problem(_id(table), "dmn-hit-policy", _HIT_POLICY.format(found=found))
        return cast(HitPolicy, policy)

    def _input(self, node: etree._Element) -> Input:
        inner = node.find(_dmn("inputExpression"))
        source = "" if inner is None else _text(inner, "text")
        type_ = self._type(node, None if inner is None else inner.get("typeRef"))
        return Input(
            id=_id(node),
            label=self._words(node, node.get("label") or source, "label"),
            expression=self._expression(node, source),
            type=type_,
            allowed=self._allowed(node, "inputValues", type_),
        )

    def _expression(self, node: etree._Element, source: str) -> Expression:
        try:
            return parse_expression(source)
        except ExpressionError as error:
            self._problem(_id(node), "dmn-expression", error.text)
            return parse_expression("null")

    def _output(self, node: etree._Element) -> Output:
        name = node.get("name", "")
        if not name.isidentifier() or not name.isascii() or name.startswith("_") or name in _RESERVED:
            self._problem(_id(node), "dmn-output", _OUTPUT_NAME.format(name=name))
        type_ = self._type(node, node.get("typeRef"))
        label = self._words(node, node.get("label") or name, "label")
        return Output(_id(node), name, label, type_, self._allowed(node, "outputValues", type_))

    def _type(self, node: etree._Element, found: str | None) -> str:
        if found in TYPES:
            return found
        self._problem(_id(node), "dmn-type", _TYPE.format(found=found or "-"))
        return "string"

    def _allowed(self, node: etree._Element, tag: str, type_: str) -> tuple[object, ...]:
        inner = node.find(_dmn(tag))
        text = "" if inner is None else _text(inner, "text")
        return self._cell(_id(node), _HERE, lambda: parse_literals(text, type_=type_), ()) if text else ()

    def _rule(self, node: etree._Element, number: int, inputs: list[Input], outputs: list[Output]) -> Rule:
        entries = [_text(entry, "text") for entry in node.findall(_dmn("inputEntry"))]
        results = [_text(entry, "text") for entry in node.findall(_dmn("outputEntry"))]
        if (len(entries), len(results)) != (len(inputs), len(outputs)):
            self._problem(_id(node), "dmn-structure", _WIDTH.format(number=number))
            entries, results = [], []
        columns = zip(inputs, entries, strict=False)
        values = zip(outputs, results, strict=False)
        return Rule(
            number=number,
            id=_id(node),
            cells=tuple(self._input_cell(node, number, column, text) for column, text in columns),
            outputs=tuple(self._output_cell(node, number, column, text) for column, text in values),
            output_texts=tuple(results),
            annotation=self._words(node, _text(node, "description"), "documentation"),
        )

    def _input_cell(self, node: etree._Element, number: int, column: Input, text: str) -> Cell:
        place = _PLACE.format(number=number, label=column.label)
        cell = self._cell(_id(node), place, lambda: parse_cell(text, type_=column.type), Cell(text=text))
        for literal in cell.literals:
            self._check_allowed(node, place, column.allowed, literal)
        return cell

    def _output_cell(self, node: etree._Element, number: int, column: Output, text: str) -> object:
        place = _PLACE.format(number=number, label=column.label)
        value: object = self._cell(_id(node), place, lambda: parse_output(text, type_=column.type), None)
        self._check_allowed(node, place, column.allowed, value)
        return plain(value)

    def _check_allowed(
        self, node: etree._Element, place: Text, allowed: tuple[object, ...], value: object
    ) -> None:
        if allowed and value is not None and value not in allowed:
            self._problem(_id(node), "dmn-value", _NOT_ALLOWED.format(place=place, value=plain(value)))

    def _cell(self, element: str, place: Text, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except CellRefused as refusal:
            self._problem(element, refusal.rule, _CELL.format(place=place, reason=refusal.reason))
            return otherwise

    def _examples(self, decision: etree._Element) -> tuple[Example, ...]:
        found: list[Example] = []
        for node in decision.findall(f"{_dmn('extensionElements')}/{{{SHOUHOU}}}examples"):
            try:
                found.extend(_example(entry) for entry in json.loads(node.text or ""))
            except (ValueError, TypeError, KeyError, AttributeError, Refusal, RecursionError) as error:
                self._problem(decision.get("id", "-"), "dmn-example", _EXAMPLE.format(reason=error))
        return tuple(found)

    def _words(self, node: etree._Element, base: str, target: str) -> Text:
        """A text with its English; without one the base stands in and the element is noted."""
        english = _translation(node, target)
        if base and not english:
            self.untranslated.append(_id(node))
        return Text(zh=base, en=english or base)

    def _problem(self, element: str, rule: str, text: Text) -> None:
        self.problems.append(Problem(file=self.file, element=element, rule=rule, text=text))


def _translation(node: etree._Element, target: str) -> str:
    targets = {target} if target == "documentation" else {None, "@name", "name", "label", "@label"}
    for entry in node.findall(f"{_dmn('extensionElements')}/{{{I18N}}}translation"):
        if entry.get(_LANG) == "en" and entry.get("target") in targets:
            return (entry.text or "").strip()
    return ""


def _example(entry: object) -> Example:
    """One example; anything but `given` and `expect` is refused by KeyError or TypeError."""
    fields = cast(dict[str, object], copied(entry))
    if set(fields) != {"given", "expect"}:
        raise KeyError("given, expect")
    given, expect = fields["given"], fields["expect"]
    if not isinstance(given, dict) or not (expect is None or isinstance(expect, dict)):
        raise TypeError("given: {...}, expect: {...} | null")
    return Example(given=given, expect=cast(Mapping[str, object] | None, expect))


def _id(node: etree._Element) -> str:
    return node.get("id") or etree.QName(node).localname


def _text(node: etree._Element, tag: str) -> str:
    return (node.findtext(_dmn(tag)) or "").strip()


def _dmn(tag: str) -> str:
    return f"{{{DMN}}}{tag}"


_HERE = Text(zh="允许值", en="allowed values")
_PLACE = Text(zh="第 {number} 行“{label}”列", en="row {number}, column '{label}'")
_CELL = Text(zh="{place}: {reason}。", en="{place}: {reason}.")
_ONE_TABLE = Text(
    zh="每个文件应恰好有一个决策, 且其内容为一张决策表; 请拆分文件, 或删去输入数据、知识模型和字面表达式。",
    en="Expected exactly one decision that holds a decision table; split the file, or remove input data, "
    "knowledge models and literal expressions.",
)
_NO_DMN = Text(
    zh="应为 DMN 1.3 的 definitions, 实际为 {tag}; 请以 DMN 1.3 保存。",
    en="Expected the definitions of DMN 1.3, found {tag}; save the table as DMN 1.3.",
)
_STRANGER = Text(
    zh="决策表中不支持 {tag}; 请删除。", en="Expected a decision table alone, found {tag}; remove it."
)
_OUTPUTS = Text(
    zh="至少应有一个输出列, 且名称各不相同。",
    en="Expected at least one output column, each with a name of its own.",
)
_OUTPUT_NAME = Text(
    zh="输出名称“{name}”不可用; 请使用英文字母、数字和下划线, 且不为 rule、rows、rules。",
    en="Expected an output name of letters, digits and _ other than rule, rows, rules; found '{name}'.",
)
_HIT_POLICY = Text(
    zh="命中策略应为 UNIQUE、FIRST 或 COLLECT(不带聚合), 实际为 {found}。",
    en="Expected the hit policy UNIQUE, FIRST or COLLECT without aggregation, found {found}.",
)
_TYPE = Text(
    zh="列类型 typeRef 应为 string、number、boolean 或 date, 实际为 {found}。",
    en="Expected the typeRef string, number, boolean or date, found {found}.",
)
_WIDTH = Text(
    zh="第 {number} 行的单元格数与列数不符; 请补齐。",
    en="Expected as many cells in row {number} as there are columns; add or remove cells.",
)
_NOT_ALLOWED = Text(
    zh="{place}: “{value}”不在该列的允许值之中; 请改正拼写或补充允许值。",
    en="{place}: '{value}' is not among the allowed values; correct it or add it to them.",
)
_EXAMPLE = Text(
    zh='示例应为 JSON 列表 [{{"given": …, "expect": …}}], 实际有误({reason})。',
    en='Expected examples as a JSON list [{{"given": ..., "expect": ...}}], found a fault ({reason}).',
)
