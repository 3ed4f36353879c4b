"""Ids explain themselves: they appear in histories, addresses and logs, and some of them break the engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

from engine.bpmn import markup
from engine.bpmn.markup import bpmn
from engine.bpmn.rules.sheet import Sheet, World
from engine.foundation.errors import Problem
from engine.foundation.text import Text

_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_RESERVED = frozenset({"Start", "End", "Root", "case"})
_RESERVED_PARTS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", "[child]")


def readable(sheet: Sheet, _: World) -> Iterator[Problem]:
    """Ids of elements, flows and lanes are snake_case and none of those that the engine keeps for itself."""
    kinds = {"sequenceFlow", "lane", "participant", "message", "error", "escalation", "process"}
    for node in _ours(sheet):
        name = node.get("id")
        if name is None or not (markup.is_flow_node(node) or markup.kind_of(node) in kinds):
            continue
        if name in _RESERVED or any(part in name for part in _RESERVED_PARTS):
            yield sheet.problem(name, "id-reserved", _RESERVED_ID, name=name)
        elif not _SNAKE.fullmatch(name):
            yield sheet.problem(name, "id-snake-case", _NOT_SNAKE, name=name)


def unique(sheet: Sheet, _: World) -> Iterator[Problem]:
    """No two things in a file share an id, whatever they are."""
    ids = Counter(str(node.get("id")) for node in _ours(sheet) if node.get("id"))
    for name in (name for name, count in ids.items() if count > 1):
        yield sheet.problem(name, "id-unique", _TWICE, name=name, count=ids[name])


def _ours(sheet: Sheet) -> Iterator[etree._Element]:
    """BPMN elements; what extensions and drawings call an id is their own affair."""
    return sheet.root.iter(f"{{{markup.BPMN}}}*")


def file_name(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A diagram is found by its process id."""
    stem, process = PurePosixPath(sheet.diagram.file).stem, sheet.diagram.process
    if stem != process:
        yield sheet.problem(process, "file-name", _FILE, stem=stem, process=process)


def messages(sheet: Sheet, _: World) -> Iterator[Problem]:
    """A message is known by its id; the name must not say something else."""
    for node in sheet.root.findall(bpmn("message")):
        name = node.get("id", "")
        if node.get("name", name) != name:
            yield sheet.problem(name, "message-name", _MESSAGE, found=node.get("name"))


_RESERVED_ID = Text(
    zh="id {name} 由引擎保留, 使用它会使流程实例损坏; 请换一个能说明含义的 snake_case 名称。",
    en="Expected an id of your own, found {name}, which the engine keeps for itself; choose a telling snake_case name.",
)
_NOT_SNAKE = Text(
    zh="id 应为小写英文加下划线(snake_case), 例如 inspect_part, 实际为 {name}; 请改名。",
    en="Expected a snake_case id such as inspect_part, found {name}; rename it.",
)
_TWICE = Text(
    zh="id 应唯一, 但 {name} 出现了 {count} 次; 请改名。",
    en="Expected unique ids, found {name} {count} times; rename all but one.",
)
_FILE = Text(
    zh="文件名应与流程 id 相同({process}), 实际为 {stem}; 请改名其一。",
    en="Expected the file name to be the process id {process}, found {stem}; rename one of them.",
)
_MESSAGE = Text(
    zh="消息的 name 应与其 id 相同, 实际为 {found}; 请改名。",
    en="Expected the name of a message to be its id, found {found}; rename it.",
)
