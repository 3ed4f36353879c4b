"""What is wrong with a decision table that can be read: overlaps, failing examples, missing English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import PurePosixPath

from engine.bpmn.decisions.cells import common_value
from engine.bpmn.decisions.column_types import shown
from engine.bpmn.decisions.reading import read_table
from engine.bpmn.decisions.table import DecisionTable, Example, NoRow, Rule
from engine.bpmn.expressions import PURE
from engine.foundation.errors import Problem, ProblemsFound, ShouhouError
from engine.foundation.text import Text


def check_source(xml: bytes, *, file: str) -> list[Problem]:
    """Every fault of a DMN file, whether it can be read or not."""
    try:
        return check_table(read_table(xml, file=file))
    except ProblemsFound as found:
        return list(found.problems)


def check_table(table: DecisionTable) -> list[Problem]:
    """Every fault of a table that can be run; an empty list lets it be published."""
    return [
        *_names(table),
        *_impure_calls(table),
        *_overlaps(table),
        *_unreachable(table),
        *_examples(table),
        *_untranslated(table),
    ]


def _names(table: DecisionTable) -> Iterator[Problem]:
    expected = PurePosixPath(table.file).stem
    if table.id != expected:
        yield _problem(table, table.id or "-", "dmn-id", _ID.format(expected=expected, found=table.id or "-"))
    if not table.name.zh:
        yield _problem(table, table.id, "dmn-name", _NAME)
    if not table.rules:
        yield _problem(table, table.id, "dmn-empty", _EMPTY)


def _impure_calls(table: DecisionTable) -> Iterator[Problem]:
    for column in table.inputs:
        for name in sorted(column.expression.calls - set(PURE)):
            yield _problem(table, column.id, "dmn-call", _CALL.format(name=name))


def _overlaps(table: DecisionTable) -> Iterator[Problem]:
    if table.hit_policy != "UNIQUE":
        return
    for first, second in combinations(table.rules, 2):
        witness = _witness(table, first, second)
        if witness is not None:
            yield _problem(
                table,
                second.id,
                "dmn-overlap",
                _OVERLAP.format(first=first.number, second=second.number, witness=witness),
            )


def _witness(table: DecisionTable, first: Rule, second: Rule) -> Text | None:
    """Values that match both rows, None when no values do."""
    values = []
    for column, one, other in zip(table.inputs, first.cells, second.cells, strict=True):
        found, value = common_value(one, other, type_=column.type)
        if not found:
            return None
        values.append((column.label, shown(value)))
    return Text(
        zh=", ".join(f"{label.zh} = {value}" for label, value in values),
        en=", ".join(f"{label.en} = {value}" for label, value in values),
    )


def _unreachable(table: DecisionTable) -> Iterator[Problem]:
    """Rows of a FIRST table behind one that matches everything."""
    catch_all = next((rule for rule in table.rules if all(cell.anything for cell in rule.cells)), None)
    if table.hit_policy == "FIRST" and catch_all is not None:
        for rule in table.rules[catch_all.number :]:
            text = _UNREACHABLE.format(number=rule.number, catch_all=catch_all.number)
            yield _problem(table, rule.id, "dmn-unreachable", text)


def _examples(table: DecisionTable) -> Iterator[Problem]:
    if not table.examples:
        yield _problem(table, table.id, "dmn-example-missing", _NO_EXAMPLE)
    if table.calls <= set(PURE):
        for number, example in enumerate(table.examples, start=1):
            complaint = _complaint(table, example)
            if complaint is not None:
                text = _EXAMPLE.format(number=number, complaint=complaint)
                yield _problem(table, table.id, "dmn-example-failed", text)


def _complaint(table: DecisionTable, example: Example) -> Text | None:
    """Why the table does not answer as the example says, None when it does."""
    unknown = set(example.given) - table.names
    if unknown:
        return _UNKNOWN.format(names=", ".join(sorted(unknown)))
    try:
        found = table.decide(example.given, known=table.names)
    except NoRow as missed:
        return missed.text if example.expect is not None else None
    except ShouhouError as error:
        return error.text
    return _difference(example.expect, found)


def _difference(expected: Mapping[str, object] | None, found: dict[str, object]) -> Text | None:
    if expected is not None and all(key in found and found[key] == expected[key] for key in expected):
        return None
    wanted = None if expected is None else dict(expected)
    return _DIFFERENT.format(expected=shown(wanted), found=shown(found))


def _untranslated(table: DecisionTable) -> Iterator[Problem]:
    for element in table.untranslated:
        yield _problem(table, element, "dmn-english", _UNTRANSLATED)


def _problem(table: DecisionTable, element: str, rule: str, text: Text) -> Problem:
    return Problem(file=table.file, element=element, rule=rule, text=text)


_ID = Text(
    zh="决策 id 应与文件名相同({expected}), 实际为 {found}。",
    en="Expected the decision id to be the file name {expected}, found {found}; rename one of them.",
)
_NAME = Text(
    zh="决策没有名称; 请填写 name。", en="Expected a name for the decision, found none; fill in name."
)
_EMPTY = Text(zh="决策表没有任何行。", en="Expected at least one row, found none; add a row.")
_CALL = Text(
    zh="决策表的输入不得调用 {name}(); 请在流程中先把结果写入案例数据。",
    en="Expected inputs that depend on the case data alone, found {name}(); store its result in the data first.",
)
_OVERLAP = Text(
    zh="UNIQUE 表的第 {first} 行与第 {second} 行重叠(例如 {witness}); 请使两行互斥, 或改用 FIRST。",
    en="Expected exclusive rows under UNIQUE, but rows {first} and {second} both match {witness}; "
    "make them exclusive or use FIRST.",
)
_UNREACHABLE = Text(
    zh="第 {number} 行永远不会生效: 第 {catch_all} 行匹配一切; 请调整顺序。",
    en="Row {number} can never decide because row {catch_all} matches everything; change their order.",
)
_NO_EXAMPLE = Text(
    zh="决策表没有示例; 请在 shouhou:examples 中至少给出一个。",
    en="Expected at least one example row in shouhou:examples, found none; add one.",
)
_EXAMPLE = Text(zh="示例 {number}: {complaint}", en="Example {number}: {complaint}")
_UNKNOWN = Text(
    zh="表的输入没有用到 {names}; 请改正示例。",
    en="Expected only names that the inputs read, found {names}; correct the example.",
)
_DIFFERENT = Text(
    zh="应得出 {expected}, 实际得出 {found}; 请改正表或示例。",
    en="Expected {expected}, found {found}; correct the table or the example.",
)
_UNTRANSLATED = Text(
    zh="缺少英文翻译; 请添加 i18n:translation。",
    en="Expected an English translation, found none; add an i18n:translation.",
)
