"""Questions and answers: how exclusive gateways decide, and that nothing else does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.diagram import Element, Flow
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text

_LONGEST = 120
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"(?<![\w.])\d+(\.\d+)?")


def one_default(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Exactly one answer needs no condition: the one taken when no other applies."""
    for gateway, flows in _questions(sheet):
        defaults = [flow.id for flow in flows if flow.default]
        if len(defaults) != 1:
            yield sheet.problem(gateway.id, "gateway-default", _DEFAULT)
        yield from (
            sheet.problem(flow.id, "default-condition", _DEFAULT_CONDITION)
            for flow in flows
            if flow.default and flow.condition
        )


def others_conditioned(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Every other answer says when it applies."""
    for _gateway, flows in _questions(sheet):
        for flow in flows:
            if not flow.default and not flow.condition:
                yield sheet.problem(flow.id, "flow-condition", _CONDITION)


def only_questions_decide(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Conditions and defaults stand behind a splitting exclusive gateway and nowhere else: they would be ignored."""
    asked = {gateway.id for gateway, _flows in _questions(sheet)}
    for flow in sheet.diagram.flows.values():
        if flow.source not in asked and (flow.condition or flow.default):
            yield sheet.problem(flow.id, "condition-misplaced", _MISPLACED, source=flow.source)
    for name, node in sheet.nodes.items():
        default = node.get("default")
        if default and default not in {flow.id for flow in sheet.diagram.outgoing(name)}:
            yield sheet.problem(name, "gateway-default", _FOREIGN_DEFAULT, found=default)


def short_conditions(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A condition can be read as the flow's label; thresholds live in decision tables."""
    for flow in sheet.diagram.flows.values():
        condition = flow.condition or ""
        if len(condition) > _LONGEST:
            yield sheet.problem(flow.id, "condition-long", _LONG, found=len(condition), longest=_LONGEST)
        numbers = {match[0] for match in _NUMBER.finditer(_QUOTED.sub("", condition))} - {"0", "1"}
        if numbers:
            yield sheet.problem(flow.id, "condition-threshold", _THRESHOLD, found=", ".join(sorted(numbers)))


def _questions(sheet: Sheet) -> Iterator[tuple[Element, tuple[Flow, ...]]]:
    for element in sheet.diagram.elements.values():
        flows = sheet.diagram.outgoing(element.id)
        if element.kind == "exclusiveGateway" and len(flows) > 1:
            yield element, flows


_DEFAULT = Text(
    zh="分支的排他网关应恰有一条默认连线; 请标记在其他条件都不成立时走的那条。",
    en="Expected exactly one default flow at a splitting exclusive gateway; mark the one to take when no other applies.",
)
_DEFAULT_CONDITION = Text(
    zh="默认连线不应有条件(会被忽略); 请删除条件。",
    en="Expected no condition on the default flow, found one, which is ignored; remove it.",
)
_FOREIGN_DEFAULT = Text(
    zh="默认连线应从该节点出发, 但 {found} 不是; 请改正。",
    en="Expected the default flow to leave this element, found {found}, which does not; correct it.",
)
_CONDITION = Text(
    zh="排他网关的每条非默认连线都应有条件, 但这条没有; 请写上条件。",
    en="Expected a condition on every flow but the default one, found none here; write when it applies.",
)
_MISPLACED = Text(
    zh="条件和默认标记只能用于分支的排他网关之后, 但 {source} 不是; 引擎会忽略它, 请改用排他网关。",
    en="Expected conditions only behind a splitting exclusive gateway, but {source} is none and ignores it; add a gateway.",
)
_LONG = Text(
    zh="条件最长 {longest} 个字符, 实际 {found} 个; 请改用决策表。",
    en="Expected a condition of at most {longest} characters, found {found}; decide it in a table.",
)
_THRESHOLD = Text(
    zh="条件中不应写死数值, 但有 {found}; 请把阈值放进决策表。",
    en="Expected no figure in a condition, found {found}; put the threshold into a decision table.",
)
