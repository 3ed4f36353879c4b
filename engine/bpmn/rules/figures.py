"""What can be wrong with the definitions of figures: their form, and what they read from diagrams and forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.bpmn.forms import Field, read_form
from engine.bpmn.library import SourceFile
from engine.bpmn.rules.references import LIMITS, limits_of
from engine.bpmn.rules.sheet import World
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.figures import (
    FIGURES,
    FigureDefinition,
    Source,
    kind_of_case,
    read_figures,
    sources_of,
)
from engine.foundation.text import Text


def defined(files: Sequence[SourceFile], world: World) -> Iterator[Problem]:
    """Every fault of the definitions: what cannot be read, and elements, fields, choices, limits that do not exist."""
    for file in files:
        if file.path != FIGURES:
            continue
        try:
            definitions = read_figures(file.content, file=file.path)
        except ProblemsFound as found:
            yield from found.problems
            continue
        if len(world.sheets) == len(
            world.processes
        ):  # with an unreadable diagram nothing can be said of elements
            yield from (problem for d in definitions.values() for problem in _of(d, file.path, files, world))
            kind = kind_of_case(file.content)
            if kind is not None and (text := _fault(kind, _forms(files), world)) is not None:
                yield Problem(file.path, "kind_of_case", "figure-source", text)


def _of(
    definition: FigureDefinition, file: str, files: Sequence[SourceFile], world: World
) -> Iterator[Problem]:
    forms = _forms(files)
    limits = limits_of(world.tables.get(LIMITS))
    for source in sources_of(definition):
        if (text := _fault(source, forms, world)) is not None:
            yield Problem(file, definition.id, "figure-source", text)
    limit = definition.parameters.get("limit")
    if limit is not None and limit not in limits:
        yield Problem(file, definition.id, "figure-limit", _NO_LIMIT.format(limit=limit))
    if sum(name in definition.parameters for name in ("limit", "overdue", "target_minutes")) > 1:
        yield Problem(file, definition.id, "figure-limit", _ONE_LIMIT)


def _forms(files: Sequence[SourceFile]) -> Mapping[str, bytes]:
    return {file.path: file.content for file in files if file.path.startswith("forms/")}


def _fault(source: Source, forms: Mapping[str, bytes], world: World) -> Text | None:
    element = next(
        (
            s.diagram.elements[source.element]
            for s in world.sheets.values()
            if source.element in s.diagram.elements
        ),
        None,
    )
    if element is None:
        return _NO_ELEMENT.format(element=source.element)
    if source.field is None:
        return None
    field = _field(forms, element.form, source.field)
    if field is None:
        return _NO_FIELD.format(element=source.element, field=source.field)
    if source.column is not None and source.column not in {column.name for column in field.columns}:
        return _NO_FIELD.format(element=source.element, field=f"{source.field}.{source.column}")
    strange = [v for v in source.values if field.choices and v not in dict(field.choices)]
    return _NO_CHOICE.format(field=source.field, found=strange[0]) if strange else None


def _field(forms: Mapping[str, bytes], form: str, field: str) -> Field | None:
    path = f"forms/{form}.json"
    try:
        return read_form(forms[path], file=path).field(field) if path in forms else None
    except ProblemsFound:  # told of the form itself
        return None


_NO_ELEMENT = Text(
    zh="节点 {element} 不在任何流程图中; 请更正或先画出它。",
    en="Expected an element of a diagram, found no {element}; correct the name or draw it.",
)
_NO_FIELD = Text(
    zh="节点 {element} 的表单没有字段 {field}; 请更正。",
    en="Expected the form of {element} to have the field {field}; correct the name.",
)
_NO_CHOICE = Text(
    zh="字段 {field} 没有选项 {found}; 请更正。",
    en="Expected a choice of the field {field}, found {found}; correct it.",
)
_NO_LIMIT = Text(
    zh="时限表中没有 {limit}; 请更正。",
    en="Expected a limit of the table of limits, found {limit}; correct it.",
)
_ONE_LIMIT = Text(
    zh="limit、overdue、target_minutes 只能写其一; 请删除多余的。",
    en="Expected one of limit, overdue and target_minutes; remove the others.",
)
