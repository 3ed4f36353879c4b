"""What a figure is: an entry of `processes/figures.json`, a source file that is published with each release.

An entry names its way of calculation (`kind`) and gives it parameters; a change of either needs a new `version`, so
that a published figure always says by which definition it was made. Whatever the company has not fixed is a
parameter, and the definition in words says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.figure_faults import faults_of, is_answers
from engine.foundation.figure_kinds import KINDS
from engine.foundation.text import Text

FIGURES = "processes/figures.json"


@dataclass(frozen=True, slots=True)
class FigureDefinition:
    """One figure as a release defines it; `clauses` are ids of the written procedure, such as R-111."""

    id: str
    version: int
    section: str
    kind: str
    unit: str
    title: Text
    definition: Text
    parameters: Mapping[str, Any]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a parameter looks: an element of a diagram and, unless any passage counts, a field of its form."""

    element: str
    field: str | None = None
    values: tuple[object, ...] = ()
    column: str | None = None


def read_figures(content: bytes, *, file: str = FIGURES) -> dict[str, FigureDefinition]:
    """The definitions by id, in the order of the file; raises ProblemsFound naming every fault of form."""
    problems: list[Problem] = []
    found: dict[str, FigureDefinition] = {}
    for number, entry in enumerate(_entries(content, file), start=1):
        name = entry.get("id") if isinstance(entry, dict) else None
        faults = list(faults_of(entry, known=found))
        problems += (Problem(file, str(name or f"#{number}"), rule, text) for rule, text in faults)
        if not faults:
            found[entry["id"]] = _definition(entry)
    if problems:
        raise ProblemsFound(problems)
    return found


def sources_of(definition: FigureDefinition) -> Iterator[Source]:
    """Every element and field that a definition reads, for the check against the diagrams and forms."""
    for name, kind in KINDS[definition.kind].items():
        value = definition.parameters.get(name)
        if value is None:
            continue
        if kind.startswith("elements"):
            yield from (Source(element) for element in value)
        elif kind.startswith(("answers", "choices")):
            yield from (_source(v) for v in value)
        elif kind.startswith("facts"):
            yield from (Source(v["element"]) for v in value)


def kind_of_case(content: bytes) -> Source | None:
    """Where a case says of which kind it is, when not by its process: the file's own key of that name."""
    named = json.loads(content).get("kind_of_case")
    return None if named is None else _source(named)


def _source(named: Mapping[str, Any]) -> Source:
    return Source(named["element"], named["field"], tuple(named.get("values", ())), named.get("column"))


def _entries(content: bytes, file: str) -> list[Any]:
    try:
        written = json.loads(content)
        entries, kind = written["figures"], written.get("kind_of_case")
    except (ValueError, KeyError, TypeError) as error:
        raise ProblemsFound(
            [Problem(file, "-", "figures-unreadable", _UNREADABLE.format(found=repr(error)))]
        ) from error
    if not isinstance(entries, list) or not (kind is None or is_answers([kind])):
        raise ProblemsFound(
            [Problem(file, "-", "figures-unreadable", _UNREADABLE.format(found=type(entries).__name__))]
        )
    return entries


def _definition(entry: Mapping[str, Any]) -> FigureDefinition:
    return FigureDefinition(
        id=entry["id"],
        version=entry["version"],
        section=entry["section"],
        kind=entry["kind"],
        unit=entry["unit"],
        title=Text(**entry["title"]),
        definition=Text(**entry["definition"]),
        parameters=entry["parameters"],
        clauses=tuple(entry["clauses"]),
    )


_UNREADABLE = Text(
    zh='文件应为 {{"figures": [...]}} 形式的 JSON, 但读到 {found}; 请更正。',
    en='Expected JSON of the form {{"figures": [...]}}, found {found}; correct the file.',
)
