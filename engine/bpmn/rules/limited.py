"""That no task waits for ever unnoticed: each has a time limit, and for each group somebody answers."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.decisions import DecisionTable
from engine.bpmn.rules.references import LIMITS, limits_of
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem, ShouhouError
from engine.foundation.text import Text

ANSWERS_FOR = "answers_for"
"""The table that says which group hears of a late task of which."""
_TASKS = frozenset({"userTask", "manualTask"})


def each_task(sheet: Sheet, world: World) -> Iterator[Problem]:
    """Each task has a time limit: a timer on its edge, or a row of the table that it names (R-224).

    Asked for where a table says who hears of a late task.
    """
    known = limits_of(world.tables.get(LIMITS))
    timed = {e.attached_to for e in sheet.diagram.elements.values() if e.limit and e.limit[1] >= 100}
    asked = _TASKS if ANSWERS_FOR in world.tables else frozenset()
    for element in sheet.diagram.elements.values():
        named = element.properties.get("limit")
        if named is not None and ANSWERS_FOR not in world.tables:
            yield sheet.problem(element.id, "task-limit", _NOBODY_HEARS)
        elif named is not None and (named not in known or element.id in timed):
            yield sheet.problem(element.id, "task-limit", _TASK_LIMIT, found=named)
        elif named is None and element.kind in asked and element.id not in timed:
            yield sheet.problem(element.id, "task-limit", _NO_TASK_LIMIT)


def each_group(world: World) -> Iterator[Problem]:
    """The table answers for every group, and with a group: when a task is late it is too late to find a gap in it."""
    table = world.tables.get(ANSWERS_FOR)
    if table is None:
        return
    for group in sorted(world.groups):
        if (text := _gap(table, group, world)) is not None:
            yield Problem(table.file, table.id, "task-limit-answer", text)


def _gap(table: DecisionTable, group: str, world: World) -> Text | None:
    """Why nobody hears of the late tasks of a group."""
    try:
        found = table.decide({"group": group}).get("answerable")
    except ShouhouError as none:
        return none.text
    return None if found in world.groups else _NO_ANSWER.format(group=group, found=found)


_TASK_LIMIT = Text(
    zh="limit 应是时限表 limits 中的一行, 且任务边上没有满时限的定时器, 但写了 {found}; 请改正或删除。",
    en="Expected limit to name a row of the table limits, on a task without a timer of 100 percent, found {found}; "
    "correct or remove it.",
)
_NO_TASK_LIMIT = Text(
    zh="每项任务都应有时限: 边上的定时器, 或属性 limit(时限表 limits 中的一行), 但没有; 请补上。",
    en="Expected a time limit on each task, a timer on its edge or the property limit, found neither; add one.",
)
_NOBODY_HEARS = Text(
    zh="limit 需要决策表 answers_for 说明超时后告知哪个组, 但没有这张表; 请补上。",
    en="Expected the table answers_for, which says who hears of a late task, beside a limit, found none; add it.",
)
_NO_ANSWER = Text(
    zh="每个岗位组的任务超时后应告知一个已有的组, 但对 {group} 得到 {found}; 请改正这一行。",
    en="Expected an existing group that hears of the late tasks of {group}, found {found}; correct the row.",
)
