"""Every expression and script can be read, and uses only names and functions that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from engine.bpmn import markup
from engine.bpmn.expressions import PURE, ExpressionError, parse_expression, parse_script
from engine.bpmn.markup import bpmn, spiff
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text

FUNCTIONS = frozenset(
    {
        "due",
        "now",
        "best_person",
        "handlers",
        "handled_by",
        "entitlement",
        "person_group",
        "known_fault",
        "repairs_of",
        "rising_months",
        "commitment",
        "part_fits",
        "site_matches",
        "contract_terms",
        "owners_of",
        "figures_of",
        "known_error",
    }
)
"""What the desk answers, besides the pure functions."""
_MOST_ASSIGNMENTS = 2
_REPEATED = ("loopCardinality", "loopDataInputRef", "completionCondition", "loopCondition")


class _Source(NamedTuple):
    element: str
    text: str


def readable(sheet: Sheet, world: World) -> Iterator[Problem]:
    """Conditions, parameters, assignees, timers and counts are expressions over known names and functions."""
    known = world.known[sheet.diagram.process]
    for source in _expressions(sheet):
        try:
            parsed = parse_expression(source.text)
        except ExpressionError as error:
            yield sheet.problem(source.element, "expression-syntax", _SYNTAX, reason=error.text)
        else:
            yield from _strangers(sheet, source.element, parsed.names - set(known), parsed.calls)


def scripts(sheet: Sheet, world: World) -> Iterator[Problem]:
    """A script is one or two assignments; anything more is a decision table or a function."""
    known = world.known[sheet.diagram.process]
    for name, node in sheet.nodes.items():
        if markup.kind_of(node) != "scriptTask":
            continue
        try:
            script = parse_script(node.findtext(bpmn("script")) or "")
        except ExpressionError as error:
            yield sheet.problem(name, "script-syntax", _SYNTAX, reason=error.text)
            continue
        if len(script.assignments) > _MOST_ASSIGNMENTS:
            yield sheet.problem(
                name, "script-long", _LONG, most=_MOST_ASSIGNMENTS, found=len(script.assignments)
            )
        yield from _strangers(sheet, name, script.names - set(known), script.calls)


def _strangers(
    sheet: Sheet, element: str, names: Collection[str], calls: Collection[str]
) -> Iterator[Problem]:
    for name in sorted(names):
        yield sheet.problem(element, "expression-name", _NAME, name=name)
    for name in sorted(set(calls) - FUNCTIONS - set(PURE)):
        functions = ", ".join(sorted(FUNCTIONS))
        yield sheet.problem(element, "expression-function", _FUNCTION, name=name, known=functions)


def _expressions(sheet: Sheet) -> Iterator[_Source]:
    for flow in sheet.diagram.flows.values():
        if flow.condition is not None:
            yield _Source(flow.id, flow.condition)
    for name, node in sheet.nodes.items():
        texts = [
            e.text or "" for tag in ("timeDate", "timeDuration") for e in node.iterfind(f"*/{bpmn(tag)}")
        ]
        texts += [e.text or "" for tag in _REPEATED for e in node.iterfind(f"*/{bpmn(tag)}")]
        texts += [
            p.get("value", "")
            for o in markup.extensions(node, spiff("serviceTaskOperator"))
            for p in o.iter(_PARAMETER)
        ]
        assignee = sheet.diagram.elements[name].properties.get("assignee")
        yield from (_Source(name, text) for text in (*texts, *(() if assignee is None else (assignee,))))


_PARAMETER = spiff("parameter")
_SYNTAX = Text(
    zh="应为可以执行的表达式: {reason}",
    en="Expected an expression that can be read, found a fault in the {reason}",
)
_LONG = Text(
    zh="脚本最多 {most} 个赋值, 实际 {found} 个; 请改用决策表或函数。",
    en="Expected at most {most} assignments, found {found}; use a decision table or a named function.",
)
_NAME = Text(
    zh="名称应由某个节点赋值, 但没有任何节点给 {name} 赋值; 请检查拼写。",
    en="Expected a name that some element assigns, found {name}, which none does; check the spelling.",
)
_FUNCTION = Text(
    zh="没有函数 {name}(); 可用的函数有 {known} 以及纯计算函数, 请改正。",
    en="Expected a known function, found {name}(); use one of {known} or of the pure functions.",
)
