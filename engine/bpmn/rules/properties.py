"""The properties that the product reads from a diagram: their names, their values, where they may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.markup import bpmn, spiff
from engine.bpmn.rules.references import LIMITS, limits_of
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem, ShouhouError
from engine.foundation.recurrence import read_recurrence
from engine.foundation.text import Text

_OF_PROCESS = frozenset({"group", "clauses", "kind", "starts", "schedule", "each", "after_hand_over"})
_OF_LANE = frozenset({"group"})
_OF_ELEMENT = frozenset(
    {
        "group",
        "clauses",
        "form",
        "assignee",
        "four_eyes",
        "handles",
        "takes_over",
        "milestone",
        "status",
        "stops",
        "action",
        "answered_by",
        "limit",
    }
)
MILESTONES = frozenset(
    {
        "dispatched",
        "accepted",
        "first_contact",
        "arrived",
        "restored",
        "resolved",
        "confirmed",
        "closed",
        "followed_up",
        "reopened",
    }
)
"""The moments of a case that figures are made of."""
EACH = ("contract", "maintenance", "customer", "staff")
"""For whom a scheduled process starts, one case each; the desk knows who they are."""
_WORD = "[a-z][a-z0-9_]*"
_VALUES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "clauses": (re.compile(r"R-\d{3}( R-\d{3})*"), "R-047 R-048"),
    "kind": (re.compile(_WORD), "snake_case"),
    "status": (re.compile(_WORD), "snake_case"),
    "form": (re.compile(_WORD), "snake_case"),
    "starts": (re.compile("case"), "case"),
    "each": (re.compile("|".join(EACH)), ", ".join(EACH)),
    "after_hand_over": (re.compile(f"{_WORD}( {_WORD})*"), "service_case fault_escalation"),
    "handles": (re.compile("true"), "true"),
    "takes_over": (re.compile("true"), "true"),
    "action": (re.compile("true"), "true"),
    "four_eyes": (re.compile("handlers"), "handlers"),
    "answered_by": (re.compile("customer"), "customer"),
    "stops": (re.compile(f"{_WORD}( {_WORD})*"), "restoration first_contact"),
    "milestone": (re.compile("|".join(sorted(MILESTONES))), ", ".join(sorted(MILESTONES))),
}
"""What a value must look like, and how that is shown: an example or the list of words."""
_ANYTHING = re.compile(".*", re.DOTALL)
_FOR_PEOPLE = frozenset({"form", "assignee", "four_eyes", "handles", "answered_by", "limit"})


def vocabulary(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A property that nobody reads would be a rule that is not kept."""
    for node in chain([sheet.process], sheet.process.iter(bpmn("lane")), sheet.nodes.values()):
        allowed = _allowed(markup.kind_of(node))
        for name in _names(node):
            if name not in allowed:
                shown = ", ".join(sorted(allowed))
                yield sheet.problem(node.get("id", ""), "property-unknown", _UNKNOWN, name=name, known=shown)


def values(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Each property has one of the values that mean something."""
    for node in chain([sheet.process], sheet.nodes.values()):
        for name, value in markup.properties_of(node).items():
            pattern, shown = _VALUES.get(name, (_ANYTHING, ""))
            if not pattern.fullmatch(value):
                rule = "clauses-syntax" if name == "clauses" else "property-value"
                yield sheet.problem(
                    node.get("id", ""), rule, _VALUE, name=name, expected=shown, found=value or "-"
                )


def stopped_clocks(sheet: Sheet, world: World) -> Iterator[Problem]:
    """The clocks that an element stops are limits of the table."""
    known = limits_of(world.tables.get(LIMITS))
    for element in sheet.diagram.elements.values():
        for clock in element.properties.get("stops", "").split():
            if clock not in known:
                yield sheet.problem(element.id, "limit-unknown", _CLOCK, found=clock)


def buttons(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Only a message that the diagram waits for can be a button."""
    for element in sheet.diagram.elements.values():
        if element.properties.get("action") and element.event != "message":
            yield sheet.problem(element.id, "action-message", _BUTTON)


def realised_clauses(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Every activity names the clauses of the written procedure that it realises."""
    for element in sheet.diagram.elements.values():
        if markup.is_activity(element.kind) and not element.clauses:
            yield sheet.problem(element.id, "clauses-missing", _NO_CLAUSES)


def scheduled(sheet: Sheet, _: World) -> Iterator[Problem]:
    """When a process starts by itself can be read; for whom is said only then, and people may start it, too."""
    own = sheet.diagram.properties
    if "schedule" in own:
        try:
            read_recurrence(own["schedule"])
        except ShouhouError as error:
            yield sheet.problem(sheet.diagram.process, "schedule-syntax", error.text)
    if ("schedule" in own and "starts" not in own) or ("each" in own and "schedule" not in own):
        yield sheet.problem(sheet.diagram.process, "schedule-alone", _ALONE)


def after_hand_overs(sheet: Sheet, world: World) -> Iterator[Problem]:
    """The processes whose hand-overs a process follows exist, and it is not one of them."""
    own = sheet.diagram
    for name in own.properties.get("after_hand_over", "").split():
        if name not in world.processes or name == own.process:
            yield sheet.problem(own.process, "hand-over-process", _HAND_OVER, found=name)


def startable(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A process that people start says what kind of case it opens."""
    if sheet.diagram.properties.get("starts") and not sheet.diagram.properties.get("kind"):
        yield sheet.problem(sheet.diagram.process, "kind-missing", _KIND)


def _names(node: etree._Element) -> list[str]:
    """Every name as written, also one that is given twice."""
    blocks = markup.extensions(node, spiff("properties"))
    return [entry.get("name", "") for block in blocks for entry in block]


def _allowed(kind: str) -> frozenset[str]:
    if kind in {"process", "lane"}:
        return _OF_PROCESS if kind == "process" else _OF_LANE
    shown = kind in {"userTask", "manualTask"} or markup.is_event(kind)
    return _OF_ELEMENT if shown else _OF_ELEMENT - _FOR_PEOPLE - {"action"}


_UNKNOWN = Text(
    zh="这里可用的属性有 {known}, 但写了 {name}, 没有人会读它; 请改正或删除。",
    en="Expected one of the properties {known}, found {name}, which nothing reads here; correct or remove it.",
)
_VALUE = Text(
    zh="属性 {name} 的值应如 {expected}, 实际为 {found}; 请改正。",
    en="Expected a value of {name} such as {expected}, found {found}; correct it.",
)
_CLOCK = Text(
    zh="停止的时钟应在决策表 limits 的第一列, 但没有 {found}; 请改正。",
    en="Expected stops to name a limit of the table limits, found {found}; correct it.",
)
_BUTTON = Text(
    zh="action 只能用于等待消息的事件; 请改到消息事件上或删除。",
    en="Expected action on an event that waits for a message, found it elsewhere; move or remove it.",
)
_ALONE = Text(
    zh="schedule 需与 starts 同用, each 需与 schedule 同用; 请补上。",
    en="Expected 'schedule' together with 'starts', and 'each' together with 'schedule'; add what is missing.",
)
_NO_CLAUSES = Text(
    zh="每个活动应写明它落实的条款(属性 clauses, 如 R-047 R-048), 但没有; 请补上。",
    en="Expected the clauses that the activity realises (property clauses, such as R-047 R-048), found none; add them.",
)
_KIND = Text(
    zh="可由人发起的流程应有属性 kind(案例类型), 但没有; 请补上。",
    en="Expected the property kind on a process that people start, found none; add it.",
)
_HAND_OVER = Text(
    zh="after_hand_over 应列出其他已有的流程, 但 {found} 不是; 请改正。",
    en="Expected after_hand_over to name other existing processes, found {found}; correct it.",
)
