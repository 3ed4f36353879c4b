"""What changed in a file from one release to the next, in the words of those who own the procedures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from engine.bpmn.decisions import DecisionTable, read_table
from engine.bpmn.decisions.table import Rule
from engine.bpmn.diagram import Diagram, read_diagram
from engine.bpmn.forms import Form, read_form
from engine.bpmn.safe_xml import parse_xml
from engine.foundation.errors import ProblemsFound
from engine.foundation.text import Text, same

Source = Diagram | DecisionTable | Form
NOTHING = same("")


def called(path: str, content: bytes) -> Text:
    """What people call a file: the kind and name of what it holds, empty when it is known by its path alone."""
    source = _read(path, content)
    if source is None:
        return _OTHERS.get(path, NOTHING)
    kind, _ = _KINDS[PurePosixPath(path).suffix]
    return kind.format(name=source.title if isinstance(source, Form) else source.name)


def changes(path: str, old: bytes, new: bytes) -> tuple[Text, ...]:
    """A sentence per step, row or field that differs; none for files that are not read in such pieces."""
    before, after = _read(path, old), _read(path, new)
    if isinstance(before, Diagram) and isinstance(after, Diagram):
        return tuple(_of_diagram(before, after)) or (_DRAWING if _inside(old) == _inside(new) else _HEAD,)
    if isinstance(before, DecisionTable) and isinstance(after, DecisionTable):
        return tuple(_of_table(before, after)) or (_HEAD,)
    if isinstance(before, Form) and isinstance(after, Form):
        found = _of_named(_fields(before), _fields(after), lambda field: replace(field, title=NOTHING))
        return tuple(found) or (_HEAD,)
    return ()


def _read(path: str, content: bytes) -> Source | None:
    known = _KINDS.get(PurePosixPath(path).suffix) if path not in _OTHERS else None
    if known is None:
        return None
    try:
        return known[1](content, file=path)
    except ProblemsFound:
        return None  # a former release may hold what would be refused today


def _of_diagram(before: Diagram, after: Diagram) -> Iterator[Text]:
    if (before.name, before.documentation, before.properties) != (
        after.name,
        after.documentation,
        after.properties,
    ):
        yield _HEAD
    yield from _of_named(
        _steps(before), _steps(after), lambda step: (replace(step[0], name=NOTHING), step[1])
    )
    ways = sum(before.flows.get(id) != after.flows.get(id) for id in before.flows.keys() | after.flows.keys())
    if ways:
        yield _WAYS.format(n=ways)


def _fields(form: Form) -> dict[str, tuple[Text, Any]]:
    return {field.name: (field.title, field) for field in form.fields}


def _steps(diagram: Diagram) -> dict[str, tuple[Text, Any]]:
    """Each step with its script, which the index of a diagram leaves out."""
    root = parse_xml(diagram.xml, file=diagram.file)
    scripts = {step.get("id"): step.findtext("{*}script") for step in root.iter("{*}scriptTask")}
    return {
        one.id: (one.name, (one, scripts.get(one.id))) for one in diagram.elements.values() if one.name.zh
    }


def _inside(xml: bytes) -> bytes:
    """A diagram without its drawing."""
    root = parse_xml(xml, file="")
    for drawing in root.findall("{*}BPMNDiagram"):
        root.remove(drawing)
    return etree.tostring(root, method="c14n", with_comments=False)


def _of_named(
    before: Mapping[str, tuple[Text, Any]],
    after: Mapping[str, tuple[Text, Any]],
    nameless: Callable[[Any], Any],
) -> Iterator[Text]:
    """What came, went, was renamed and was changed, in the order of the newer file."""
    for id, (name, one) in after.items():
        if id not in before:
            yield _ADDED.format(name=name)
            continue
        former, other = before[id]
        if former != name:
            yield _renamed(former, name)
        if nameless(one) != nameless(other):
            yield _CHANGED.format(name=name)
    yield from (_REMOVED.format(name=name) for id, (name, _) in before.items() if id not in after)


def _renamed(former: Text, name: Text) -> Text:
    """The one language whose word changed is named, or else a reader of the other would see no difference."""
    if former.en == name.en:
        return Text(zh=_RENAMED.zh, en=_IN_CHINESE).format(former=former, name=name, now=name.zh)
    if former.zh == name.zh:
        return Text(zh=_IN_ENGLISH, en=_RENAMED.en).format(former=former, name=name, now=name.en)
    return _RENAMED.format(former=former, name=name)


def _of_table(before: DecisionTable, after: DecisionTable) -> Iterator[Text]:
    former = {rule.id: rule for rule in before.rules}
    for rule in after.rules:
        if rule.id not in former:
            yield _ROW_ADDED.format(row=_row(rule))
        else:
            yield from _of_rule(former[rule.id], rule, after)
    kept = {rule.id for rule in after.rules}
    yield from (_ROW_REMOVED.format(row=_row(rule)) for rule in before.rules if rule.id not in kept)


def _of_rule(before: Rule, after: Rule, table: DecisionTable) -> Iterator[Text]:
    columns = [*(c.label for c in table.inputs), *(c.label for c in table.outputs)]
    values = [[*(cell.text for cell in rule.cells), *rule.output_texts] for rule in (before, after)]
    for label, was, now in zip(columns, *values, strict=False):
        if was != now:
            yield _CELL.format(row=_row(after), column=label, was=_plain(was), now=_plain(now))


def _row(rule: Rule) -> Text:
    note = (
        Text(zh=f" ({rule.annotation.zh})", en=f" ({rule.annotation.en})") if rule.annotation.zh else NOTHING
    )
    return _ROW.format(n=rule.number, note=note)


def _plain(cell: str) -> str:
    return cell.replace('"', "")


_KINDS: Mapping[str, tuple[Text, Callable[..., Source]]] = {
    ".bpmn": (Text(zh="流程图“{name}”", en="Diagram “{name}”"), read_diagram),
    ".dmn": (Text(zh="决策表“{name}”", en="Decision table “{name}”"), read_table),
    ".json": (Text(zh="表单“{name}”", en="Form “{name}”"), read_form),
}
_OTHERS = {
    "processes/messages.json": Text(zh="通知文字", en="Texts of messages"),
    "processes/figures.json": Text(zh="统计指标", en="Figures"),
    "processes/clauses.csv": Text(zh="制度条款", en="Clauses of the procedure"),
}
_ADDED = Text(zh="新增“{name}”", en="“{name}” is new")
_REMOVED = Text(zh="删除“{name}”", en="“{name}” is gone")
_RENAMED = Text(zh="“{former}”改称“{name}”", en="“{former}” is now called “{name}”")
_IN_CHINESE = "“{name}” is now called “{now}” in Chinese"
_IN_ENGLISH = "“{name}”的英文名改为“{now}”"
_CHANGED = Text(zh="“{name}”有改动", en="“{name}” is changed")
_WAYS = Text(zh="{n} 条连线有改动", en="connections changed: {n}")
_DRAWING = Text(zh="只改动了图形", en="only the drawing changed")
_HEAD = Text(zh="名称、说明或设置有改动", en="name, description or settings changed")
_ROW = Text(zh="第 {n} 行{note}", en="Row {n}{note}")
_ROW_ADDED = Text(zh="新增{row}", en="{row} is new")
_ROW_REMOVED = Text(zh="删除原{row}", en="former {row} is gone")
_CELL = Text(zh="{row}: {column} {was} → {now}", en="{row}: {column} {was} → {now}")
